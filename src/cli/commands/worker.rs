//! The hidden subcommand: limits first, then confinement, then requests.

use crate::cli::exit::{Exit, Failure};
use crate::cli::signals;
use crate::jobs::pool::process::NOT_STARTED;
use crate::worker::serve::confine::{close_others, confine};
use crate::worker::serve::serve;
use clap::Args;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Address space in bytes
    memory: u64,
}

impl Worker {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let failed = |error: io::Error| not_started(&error);
        signals::ignore().map_err(failed)?;
        limit(Resource::As, self.memory).map_err(failed)?;
        // A core dump of each of a thousand hostile files would fill the disk.
        limit(Resource::Core, 0).map_err(failed)?;
        // Replies and heartbeats use descriptors of their own, so that text printed by the library does not
        // mix with them.
        let [requests, replies, heartbeats] = [
            rustix::stdio::stdin(),
            rustix::stdio::stdout(),
            rustix::stdio::stderr(),
        ]
        .map(|stream| rustix::io::fcntl_dupfd_cloexec(stream, 3).map_err(io::Error::from));
        let (requests, replies, heartbeats) = (
            requests.map_err(failed)?,
            replies.map_err(failed)?,
            heartbeats.map_err(failed)?,
        );
        let nowhere = File::options()
            .write(true)
            .open("/dev/null")
            .map_err(failed)?;
        rustix::stdio::dup2_stdout(&nowhere).map_err(|e| failed(e.into()))?;
        rustix::stdio::dup2_stderr(&nowhere).map_err(|e| failed(e.into()))?;
        drop(nowhere);
        close_others(&[&requests, &replies, &heartbeats].map(AsRawFd::as_raw_fd));
        // Before there is a second thread: all threads inherit it.
        confine().map_err(failed)?;
        end_with_the_parent().map_err(failed)?;
        serve(requests, File::from(replies), File::from(heartbeats)).map_err(failed)?;
        Ok(Exit::Done)
    }
}

pub(crate) fn not_started(error: &io::Error) -> Failure {
    Failure::usage(
        format!("{NOT_STARTED}{error}"),
        "check the limits (ulimit -a), and what the sandbox or container forbids",
    )
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

/// A limit that is lower already stays: only root may raise one.
fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let allowed = getrlimit(resource).maximum;
    let most = allowed.map_or(most, |allowed| allowed.min(most));
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}
