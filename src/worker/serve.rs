//! The loop of a worker: one request at a time, one answer each.

pub(crate) mod confine;
pub(crate) mod cpu_affinity;
pub(crate) mod perform;
pub mod progress;

use crate::model::names::rules::Rules;
use crate::model::plan::policy::Charset;
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{Core, Reply, Request, SMALL_FILE};
use crate::worker::error::Fault;
use crate::worker::inspect::{Looking, inspect_small};
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
    signs: W,
) -> io::Result<()> {
    let reporter = Mutex::new(Reporter::new(replies, signs));
    std::thread::scope(|scope| {
        let mut looker = None;
        while in_a_thread(|| turn(&mut input, &reporter, scope, &mut looker))?? {}
        Ok(())
    })
}

/// Waits for a request and serves it; `false` when there will be no more. Whoever waits is the one who
/// works: a request that was handed on to another thread would wait for a core once more.
fn turn<'scope, W: Write + Send>(
    input: &mut impl BufRead,
    reporter: &'scope Mutex<Reporter<W>>,
    scope: &'scope Scope<'scope, '_>,
    looker: &mut Option<Sender<Small>>,
) -> io::Result<bool> {
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let (core, request): (Core, Request) = match serde_json::from_str(&line) {
            Ok(told) => told,
            Err(error) => {
                let fault = internal(format!("bad request: {error}"));
                lock(reporter).answer(&failed(Phase::Starting, fault))?;
                continue;
            }
        };
        match small(request) {
            Ok(small) => {
                let looker = match looker {
                    Some(looker) => looker,
                    None => looker.insert(start_looker(scope, reporter)?),
                };
                let gone = |_| io::Error::other("a request ended its thread");
                looker.send(small).map_err(gone)?;
            }
            Err(request) => {
                begin_at(core);
                let mut reporter = lock(reporter);
                let reply = answer(&mut reporter, |report| perform(&request, report));
                reporter.answer(&reply)?;
                return Ok(true);
            }
        }
    }
}

fn lock<W: Write>(reporter: &Mutex<Reporter<W>>) -> MutexGuard<'_, Reporter<W>> {
    reporter.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A small file to be looked at.
struct Small {
    file: File,
    rules: Rules,
    charset: Charset,
}

/// A request to look at a small file, opened; or the request as it was.
fn small(request: Request) -> Result<Small, Box<Request>> {
    let Request::Inspect {
        path,
        rules,
        charset,
        lint: None,
    } = &request
    else {
        return Err(Box::new(request));
    };
    // Whatever is odd is told by who opens it once more.
    let opened = source(path).ok().filter(|file| {
        let is_small = |it: std::fs::Metadata| it.is_file() && it.len() <= SMALL_FILE;
        file.metadata().is_ok_and(is_small)
    });
    match opened {
        Some(file) => Ok(Small {
            file,
            rules: rules.clone(),
            charset: *charset,
        }),
        None => Err(Box::new(request)),
    }
}

/// A thread that can open nothing at all looks at all small files: one for each would cost as much as
/// the look. What it needs of a file it has in memory.
fn start_looker<'scope, W: Write + Send>(
    scope: &'scope Scope<'scope, '_>,
    reporter: &'scope Mutex<Reporter<W>>,
) -> io::Result<Sender<Small>> {
    let (sender, files) = mpsc::channel::<Small>();
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn_scoped(scope, move || {
            let confined = confine(&[], &[]);
            for Small {
                file,
                rules,
                charset,
            } in files
            {
                let mut reporter = lock(reporter);
                let reply = answer(&mut reporter, |report| {
                    confined.clone()?;
                    let looking = Looking {
                        rules: &rules,
                        charset,
                        lint: None,
                    };
                    let facts = inspect_small(file, &looking, report)?;
                    Ok(Reply::Inspected(Box::new(facts)))
                });
                // Whoever asked waits for an answer or for the end of this process.
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

fn answer<W: Write>(
    reporter: &mut Reporter<W>,
    task: impl FnOnce(&mut Reporter<W>) -> crate::worker::error::Result<Reply>,
) -> Reply {
    // Handles that a panic leaves open belong to files that this process will not write again.
    let outcome = catch_unwind(AssertUnwindSafe(|| task(reporter)));
    match outcome {
        Ok(Ok(reply)) => reply,
        Ok(Err(fault)) => failed(reporter.phase(), fault),
        Err(panic) => failed(reporter.phase(), internal(panic_text(panic.as_ref()))),
    }
}

fn failed(phase: Phase, fault: Fault) -> Reply {
    Reply::Failed(Failure {
        kind: fault.kind,
        phase,
        message: fault.message,
        help: fault.help,
        places: fault.places,
    })
}

fn internal(message: String) -> Fault {
    Fault::new(FailureKind::Internal, message)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_string())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_string())
}
