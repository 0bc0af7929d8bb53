//! What connects this process with a worker: a socket for requests, which also carries descriptors, and pipes for
//! replies and heartbeats.
//!
//! Heartbeats have a pipe of their own (the worker's stderr), which no thread waits for: a small file has four
//! heartbeats and one reply, and each heartbeat would wake a thread here for nothing.

use crate::jobs::pool::process::NOT_STARTED;
use crate::model::protocol::failure::Failure;
use crate::model::protocol::{Core, MOST_FILES, Progress, ReplyMessage, RequestMessage};
use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio, read};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use std::fs::File;
use std::io;
use std::io::{IoSlice, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStderr, ChildStdout};
use std::time::Duration;

/// This process's ends of a worker's pipes.
#[derive(Debug)]
pub(crate) struct WorkerPipes {
    requests: UnixStream,
    stdout: ChildStdout,
    stderr: ChildStderr,
    reply: Vec<u8>,
    heartbeats: Vec<u8>,
    /// Why the worker ended before it served.
    start_error: Option<String>,
}

/// Bytes read at a time: an eighth of what a pipe may hold is more than most replies have.
const BLOCK: usize = 8 << 10;

/// What one poll returned.
#[derive(Debug)]
pub(crate) enum PollResult {
    Reply(Box<Result<ReplyMessage, Failure>>),
    /// The worker closed its end.
    End,
    /// No reply yet.
    Pending,
}

impl WorkerPipes {
    /// Of a worker that was started with the other end of this socket and two pipes.
    pub(crate) fn of(requests: UnixStream, child: &mut Child) -> io::Result<Self> {
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(io::Error::other("a worker without pipes"));
        };
        ioctl_fionbio(&stdout, true)?;
        ioctl_fionbio(&stderr, true)?;
        Ok(WorkerPipes {
            requests,
            stdout,
            stderr,
            reply: Vec::new(),
            heartbeats: Vec::new(),
            start_error: None,
        })
    }

    /// Sends a request, the core that it may use, and its files.
    pub(crate) fn send(
        &mut self,
        core: Core,
        request: &RequestMessage,
        files: &[&File],
    ) -> io::Result<()> {
        let mut line = serde_json::to_vec(&(core, request))?;
        line.push(b'\n');
        // Descriptors travel with the first byte.
        let sent = send_with(&self.requests, &line, files)?;
        self.requests.write_all(&line[sent..])
    }

    /// Waits for the reply, at most this long.
    pub(crate) fn poll_reply(&mut self, most: Duration) -> io::Result<PollResult> {
        let timeout = Timespec::try_from(most).map_err(io::Error::other)?;
        match poll(
            &mut [PollFd::new(&self.stdout, PollFlags::IN)],
            Some(&timeout),
        ) {
            Ok(0) | Err(Errno::INTR) => return Ok(PollResult::Pending),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let is_open = drain(&self.stdout, &mut self.reply)?;
        if let Some(end) = memchr::memchr(b'\n', &self.reply) {
            let reply = serde_json::from_slice(&self.reply[..end])?;
            self.reply.drain(..=end);
            return Ok(PollResult::Reply(Box::new(reply)));
        }
        Ok(match is_open {
            true => PollResult::Pending,
            false => PollResult::End,
        })
    }

    /// Passes on all heartbeats that came, without waiting; whether there was any.
    pub(crate) fn heartbeats(&mut self, progress: &mut dyn FnMut(Progress)) -> io::Result<bool> {
        drain(&self.stderr, &mut self.heartbeats)?;
        let mut any = false;
        while let Some(end) = memchr::memchr(b'\n', &self.heartbeats) {
            let line = &self.heartbeats[..end];
            // Text that libhdf5 prints on a crash is not a heartbeat.
            if let Ok(heartbeat) = serde_json::from_slice(line) {
                progress(heartbeat);
                any = true;
            } else if let Some(why) = start_error(line) {
                self.start_error = Some(why);
            }
            self.heartbeats.drain(..=end);
        }
        Ok(any)
    }

    /// What the worker said before it ended without serving.
    pub(crate) fn take_start_error(&mut self) -> Option<String> {
        self.start_error.take()
    }
}

/// Before a worker serves, it prints an error as any other command does.
fn start_error(line: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?;
    let why = line.strip_prefix("error: ")?.strip_prefix(NOT_STARTED)?;
    Some(why.to_string())
}

/// Sends the beginning of a message and all files; how many bytes were sent.
fn send_with(socket: &UnixStream, message: &[u8], files: &[&File]) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let files: Vec<BorrowedFd<'_>> = files.iter().map(|file| file.as_fd()).collect();
    if !files.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(io::Error::other("too many files for one request"));
    }
    loop {
        match sendmsg(
            socket,
            &[IoSlice::new(message)],
            &mut ancillary,
            SendFlags::empty(),
        ) {
            Err(Errno::INTR) => {}
            sent => return Ok(sent?),
        }
    }
}

/// Reads what is there, up to the capacity of a pipe; `false` at the end.
fn drain(pipe: impl AsFd, into: &mut Vec<u8>) -> io::Result<bool> {
    for _ in 0..8 {
        into.reserve(BLOCK);
        match read(&pipe, spare_capacity(into)) {
            Ok(0) => return Ok(false),
            Ok(_) if into.ends_with(b"\n") => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}
