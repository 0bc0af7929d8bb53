//! The hidden subcommand: limits first, then confinement, then requests.

use crate::cli::exit::{Exit, Failure};
use crate::cli::signals;
use crate::worker::serve::confine::confine;
use crate::worker::serve::serve;
use clap::Args;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io;

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Address space in bytes
    memory: u64,
}

impl Worker {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let failed =
            |error: io::Error| Failure::usage(format!("a worker cannot start: {error}"), "");
        signals::ignore().map_err(failed)?;
        limit(Resource::As, self.memory).map_err(failed)?;
        // A core dump of each of a thousand hostile files would fill the disk.
        limit(Resource::Core, 0).map_err(failed)?;
        // Replies and heartbeats use descriptors of their own, so that text printed by the library does not
        // mix with them.
        let [replies, heartbeats] = [rustix::stdio::stdout(), rustix::stdio::stderr()]
            .map(|stream| rustix::io::fcntl_dupfd_cloexec(stream, 3).map(std::fs::File::from));
        let (replies, heartbeats) = (
            replies.map_err(|e| failed(e.into()))?,
            heartbeats.map_err(|e| failed(e.into()))?,
        );
        let nowhere = std::fs::File::options()
            .write(true)
            .open("/dev/null")
            .map_err(failed)?;
        rustix::stdio::dup2_stdout(&nowhere).map_err(|e| failed(e.into()))?;
        rustix::stdio::dup2_stderr(&nowhere).map_err(|e| failed(e.into()))?;
        let requests = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)
            .map_err(|e| failed(e.into()))?;
        // Before there is a second thread: all threads inherit it.
        confine().map_err(failed)?;
        end_with_the_parent().map_err(failed)?;
        serve(requests, replies, heartbeats).map_err(failed)?;
        Ok(Exit::Done)
    }
}

/// If the parent is gone, no process reads the answer, and the library may be hanging.
fn end_with_the_parent() -> io::Result<()> {
    let watch = || {
        // No event is requested: only the end of the socket, which poll always reports, wakes this thread.
        let mut pipe = [PollFd::from_borrowed_fd(
            rustix::stdio::stdin(),
            PollFlags::empty(),
        )];
        loop {
            match poll(&mut pipe, None) {
                Ok(_) => std::process::exit(0),
                Err(Errno::INTR) => {}
                // Then the end is seen between requests.
                Err(_) => return,
            }
        }
    };
    std::thread::Builder::new().spawn(watch).map(drop)
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}
