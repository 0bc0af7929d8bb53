//! The loop of a worker: one request at a time, one answer each.

pub(crate) mod confine;
pub(crate) mod cpu_affinity;
pub(crate) mod perform;
pub mod progress;

use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{
    Core, InspectRequest, ReplyMessage, Request, RequestMessage, SMALL_FILE,
};
use crate::worker::error::WorkerError;
use crate::worker::inspect::inspect_small;
use crate::worker::serve::confine::{confine, source};
use crate::worker::serve::cpu_affinity::begin_at;
use crate::worker::serve::perform::perform;
use crate::worker::serve::progress::Reporter;
use std::fs::File;
use std::io;
use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

/// As much as a main thread has: the library recurses on nested types and groups.
const STACK: usize = 8 << 20;

/// Serves requests from `input` until it ends. This thread never calls the library; others do, and give up
/// their rights before that.
pub fn serve<W: Write + Send>(
    mut input: impl BufRead + Send,
    replies: W,
    heartbeats: W,
) -> io::Result<()> {
    let reporter = Mutex::new(Reporter::new(replies, heartbeats));
    std::thread::scope(|scope| {
        let mut inspector = None;
        while in_a_thread(|| serve_next(&mut input, &reporter, scope, &mut inspector))?? {}
        Ok(())
    })
}

/// Waits for a request and serves it; `false` when there will be no more. Whoever waits is the one who
/// works: a request that was handed on to another thread would wait for a core once more.
fn serve_next<'scope, W: Write + Send>(
    input: &mut impl BufRead,
    reporter: &'scope Mutex<Reporter<W>>,
    scope: &'scope Scope<'scope, '_>,
    inspector: &mut Option<Sender<SmallFile>>,
) -> io::Result<bool> {
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let (core, request): (Core, RequestMessage) = match serde_json::from_str(&line) {
            Ok(told) => told,
            Err(error) => {
                let fault = internal(format!("bad request: {error}"));
                lock(reporter).answer(&Err(failure(Phase::Starting, fault)))?;
                continue;
            }
        };
        match small(request) {
            Ok(small) => {
                let inspector = match inspector {
                    Some(inspector) => inspector,
                    None => inspector.insert(start_inspector(scope, reporter)?),
                };
                let gone = |_| io::Error::other("a request ended its thread");
                inspector.send(small).map_err(gone)?;
            }
            Err(request) => {
                begin_at(core);
                let mut reporter = lock(reporter);
                let reply = reply(&mut reporter, |report| perform(&request, report));
                reporter.answer(&reply)?;
                return Ok(true);
            }
        }
    }
}

fn lock<W: Write>(reporter: &Mutex<Reporter<W>>) -> MutexGuard<'_, Reporter<W>> {
    reporter.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A small file to be inspected.
struct SmallFile {
    file: File,
    request: InspectRequest,
}

/// A request to inspect a small file, opened; or the request as it was.
fn small(request: RequestMessage) -> Result<SmallFile, Box<RequestMessage>> {
    let RequestMessage::Inspect(request @ InspectRequest { lint: None, .. }) = request else {
        return Err(Box::new(request));
    };
    // An error is reported by the code that opens it again.
    let opened = source(&request.path).ok().filter(|file| {
        let is_small = |it: std::fs::Metadata| it.is_file() && it.len() <= SMALL_FILE;
        file.metadata().is_ok_and(is_small)
    });
    match opened {
        Some(file) => Ok(SmallFile { file, request }),
        None => Err(Box::new(RequestMessage::Inspect(request))),
    }
}

/// One thread that can open no file inspects all small files: a thread for each file would cost as much as its
/// inspection. The library gets each file as one block of memory.
fn start_inspector<'scope, W: Write + Send>(
    scope: &'scope Scope<'scope, '_>,
    reporter: &'scope Mutex<Reporter<W>>,
) -> io::Result<Sender<SmallFile>> {
    let (sender, files) = mpsc::channel::<SmallFile>();
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn_scoped(scope, move || {
            let confined = confine(&[], &[]);
            for SmallFile { file, request } in files {
                let mut reporter = lock(reporter);
                let reply = reply(&mut reporter, |report| {
                    confined.clone()?;
                    let facts = inspect_small(file, &request, report)?;
                    Ok(InspectRequest::reply_message(Box::new(facts)))
                });
                // The parent waits for a reply or for the end of this process.
                if reporter.answer(&reply).is_err() {
                    std::process::exit(1);
                }
            }
        })?;
    Ok(sender)
}

/// A thread for each request: what it gives up ([`confine`]) it never gets back.
fn in_a_thread<T: Send>(task: impl FnOnce() -> T + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, task)?;
        thread
            .join()
            .map_err(|_| io::Error::other("a request ended its thread"))
    })
}

fn reply<W: Write>(
    reporter: &mut Reporter<W>,
    task: impl FnOnce(&mut Reporter<W>) -> crate::worker::error::Result<ReplyMessage>,
) -> Result<ReplyMessage, Failure> {
    // Handles that a panic leaves open belong to files that this process will not write again.
    let outcome = catch_unwind(AssertUnwindSafe(|| task(reporter)));
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
