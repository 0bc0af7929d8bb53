//! The pipes between this process and a worker: requests one way, replies and signs of life the other.
//!
//! Signs of life have a pipe of their own (the worker's stderr), which nobody waits for: a small file
//! has four of them and one reply, and each would wake a thread here that has nothing to do.

use crate::model::protocol::{Core, Progress, Reply, Request};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use std::io;
use std::io::{Read, Write};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::time::Duration;

/// This process' ends of a worker's pipes.
#[derive(Debug)]
pub(crate) struct Wires {
    stdin: ChildStdin,
    stdout: ChildStdout,
    stderr: ChildStderr,
    reply: Vec<u8>,
    signs: Vec<u8>,
}

/// What a moment of waiting brought.
#[derive(Debug)]
pub(crate) enum Heard {
    /// The answer.
    Reply(Box<Reply>),
    /// The worker closed its end.
    End,
    /// Nothing yet.
    Nothing,
}

impl Wires {
    /// Of a worker that was started with three pipes.
    pub(crate) fn of(child: &mut Child) -> io::Result<Self> {
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("a worker without pipes"));
        };
        ioctl_fionbio(&stdout, true)?;
        ioctl_fionbio(&stderr, true)?;
        Ok(Wires {
            stdin,
            stdout,
            stderr,
            reply: Vec::new(),
            signs: Vec::new(),
        })
    }

    /// Sends a request, and the core that it may have.
    pub(crate) fn send(&mut self, core: Core, request: &Request) -> io::Result<()> {
        let mut line = serde_json::to_vec(&(core, request))?;
        line.push(b'\n');
        self.stdin.write_all(&line)
    }

    /// Waits for the reply, so long at the most.
    pub(crate) fn wait(&mut self, most: Duration) -> io::Result<Heard> {
        let timeout = Timespec::try_from(most).map_err(io::Error::other)?;
        match poll(
            &mut [PollFd::new(&self.stdout, PollFlags::IN)],
            Some(&timeout),
        ) {
            Ok(0) | Err(Errno::INTR) => return Ok(Heard::Nothing),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let is_open = drain(&mut self.stdout, &mut self.reply)?;
        if let Some(end) = memchr::memchr(b'\n', &self.reply) {
            let reply = serde_json::from_slice(&self.reply[..end])?;
            self.reply.drain(..=end);
            return Ok(Heard::Reply(Box::new(reply)));
        }
        Ok(match is_open {
            true => Heard::Nothing,
            false => Heard::End,
        })
    }

    /// Passes on all signs of life that came, without waiting; whether there was any.
    pub(crate) fn signs(&mut self, progress: &mut dyn FnMut(Progress)) -> io::Result<bool> {
        drain(&mut self.stderr, &mut self.signs)?;
        let mut any = false;
        while let Some(end) = memchr::memchr(b'\n', &self.signs) {
            // A last cry of the C library is no sign of life.
            if let Ok(told) = serde_json::from_slice(&self.signs[..end]) {
                progress(told);
                any = true;
            }
            self.signs.drain(..=end);
        }
        Ok(any)
    }
}

/// Takes what is there, up to what a pipe holds; `false` at the end.
fn drain(pipe: &mut impl Read, into: &mut Vec<u8>) -> io::Result<bool> {
    let mut block = [0; 16 << 10];
    for _ in 0..8 {
        match pipe.read(&mut block) {
            Ok(0) => return Ok(false),
            Ok(read) => into.extend_from_slice(&block[..read]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if into.ends_with(b"\n") {
            break;
        }
    }
    Ok(true)
}
