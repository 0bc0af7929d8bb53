//! The hidden subcommand: limits first, then requests.

use super::exit::{Exit, Failure};
use crate::worker::serve::serve;
use clap::Args;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::io::{self, BufReader};

/// Options of a worker.
#[derive(Debug, Args)]
pub struct Worker {
    /// Address space in bytes
    memory: u64,
}

impl Worker {
    /// Serves until stdin ends.
    pub fn run(self) -> Result<Exit, Failure> {
        let failed =
            |error: io::Error| Failure::usage(format!("a worker cannot start: {error}"), "");
        limit(Resource::As, self.memory).map_err(failed)?;
        // A core dump of each of a thousand hostile files would fill the disk.
        limit(Resource::Core, 0).map_err(failed)?;
        // Replies and signs of life go to descriptors of their own: whatever the library prints must
        // not mix with them.
        let [replies, signs] = [rustix::stdio::stdout(), rustix::stdio::stderr()]
            .map(|stream| rustix::io::fcntl_dupfd_cloexec(stream, 3).map(std::fs::File::from));
        let (replies, signs) = (
            replies.map_err(|e| failed(e.into()))?,
            signs.map_err(|e| failed(e.into()))?,
        );
        let nowhere = std::fs::File::options()
            .write(true)
            .open("/dev/null")
            .map_err(failed)?;
        rustix::stdio::dup2_stdout(&nowhere).map_err(|e| failed(e.into()))?;
        rustix::stdio::dup2_stderr(&nowhere).map_err(|e| failed(e.into()))?;
        serve(BufReader::new(io::stdin()), replies, signs).map_err(failed)?;
        Ok(Exit::Done)
    }
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}
