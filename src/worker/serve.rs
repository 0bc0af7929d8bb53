//! The loop of a worker: one request at a time, one answer each.

pub(crate) mod confine;
pub(crate) mod cpu_affinity;
pub(crate) mod perform;
pub mod progress;
pub(crate) mod requests;

use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{ReplyMessage, RequestMessage};
use crate::worker::error::WorkerError;
use crate::worker::serve::cpu_affinity::begin_at;
use crate::worker::serve::perform::perform;
use crate::worker::serve::progress::Reporter;
use crate::worker::serve::requests::{Received, Requests};
use std::fs::File;
use std::io;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// As much as a main thread usually has: the library recurses on nested types and groups.
const STACK: usize = 8 << 20;

/// Serves requests from a socket until it ends. The process must be confined before.
pub fn serve<W: Write + Send>(socket: OwnedFd, replies: W, heartbeats: W) -> io::Result<()> {
    let mut reporter = Reporter::new(replies, heartbeats);
    let mut requests = Requests::new(socket);
    std::thread::scope(|scope| {
        let serving = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || serve_all(&mut requests, &mut reporter))?;
        serving
            .join()
            .map_err(|_| io::Error::other("a request ended its thread"))?
    })
}

fn serve_all<W: Write>(requests: &mut Requests, reporter: &mut Reporter<W>) -> io::Result<()> {
    while let Some(received) = requests.next()? {
        let reply = match received {
            Received::Request {
                core,
                request,
                files,
            } => {
                begin_at(core);
                reply(reporter, &request, files)
            }
            Received::Lost => Err(failure(
                Phase::Starting,
                WorkerError::new(FailureKind::Resources, "the worker may open no more files"),
            )),
            Received::Nonsense(error) => Err(failure(
                Phase::Starting,
                internal(format!("bad request: {error}")),
            )),
        };
        reporter.answer(&reply)?;
    }
    Ok(())
}

fn reply<W: Write>(
    reporter: &mut Reporter<W>,
    request: &RequestMessage,
    files: Vec<File>,
) -> Result<ReplyMessage, Failure> {
    // Handles that a panic leaves open belong to files that this process will not write again.
    let outcome = catch_unwind(AssertUnwindSafe(|| perform(request, files, reporter)));
    match outcome {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(fault)) => Err(failure(reporter.phase(), fault)),
        Err(panic) => Err(failure(
            reporter.phase(),
            internal(panic_text(panic.as_ref())),
        )),
    }
}

fn failure(phase: Phase, fault: WorkerError) -> Failure {
    Failure {
        kind: fault.kind,
        phase,
        message: fault.message,
        help: fault.help,
        places: fault.places,
    }
}

fn internal(message: String) -> WorkerError {
    WorkerError::new(FailureKind::Internal, message)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_string())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_string())
}
