//! The loop of a worker: one request at a time, one answer each.

use super::compare::{self, Comparison};
use super::fault::Fault;
use super::inspect::inspect;
use super::migrate::{self, Job};
use super::progress::{Report, Reporter};
use crate::model::message::{Failure, FailureKind, Phase, Reply, Request};
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

/// Serves requests from `input` until it ends. A thread of its own reads, so that a parent that
/// is gone ends this process even while the library hangs.
pub fn serve(input: impl BufRead + Send + 'static, output: impl Write) -> io::Result<()> {
    let (sender, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for line in input.lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
        // Whoever asked is gone; nobody is left to read an answer.
        std::process::exit(0);
    });
    let mut reporter = Reporter::new(output);
    for line in requests {
        let reply = answer(&line, &mut reporter);
        reporter.answer(&reply)?;
    }
    Ok(())
}

fn answer<W: Write>(line: &str, reporter: &mut Reporter<W>) -> Reply {
    let request: Request = match serde_json::from_str(line) {
        Ok(request) => request,
        Err(error) => return failed(Phase::Starting, internal(format!("bad request: {error}"))),
    };
    // Handles that a panic leaves open belong to files that this process will not write again.
    let outcome = catch_unwind(AssertUnwindSafe(|| perform(&request, reporter)));
    match outcome {
        Ok(Ok(reply)) => reply,
        Ok(Err(fault)) => failed(reporter.phase(), fault),
        Err(panic) => failed(reporter.phase(), internal(panic_text(panic.as_ref()))),
    }
}

fn perform(request: &Request, report: &mut dyn Report) -> super::fault::Result<Reply> {
    match request {
        Request::Ping => Ok(Reply::Pong),
        Request::Inspect { path, charset } => {
            let facts = inspect(path, *charset, report)?;
            Ok(Reply::Inspected(Box::new(facts)))
        }
        Request::Migrate {
            source,
            temporary,
            recipe,
            threads,
            limit,
        } => {
            let job = Job {
                source,
                temporary,
                recipe,
                threads: *threads,
                limit: *limit,
            };
            let (written_as, digest) = migrate::migrate(&job, report)?;
            Ok(Reply::Migrated { written_as, digest })
        }
        Request::Compare {
            old,
            new,
            level,
            names,
            charset,
            part,
            threads,
            limit,
        } => {
            let job = Comparison {
                old,
                new,
                level: *level,
                names: *names,
                charset: *charset,
                part: part.clone(),
                threads: *threads,
                limit: *limit,
            };
            let (digest, nodes) = compare::compare(&job, report)?;
            Ok(Reply::Verified { digest, nodes })
        }
        Request::CheckDigest {
            path,
            threads,
            limit,
        } => {
            let (digest, nodes) = compare::check_digest(path, *threads, *limit, report)?;
            Ok(Reply::Verified { digest, nodes })
        }
    }
}

fn failed(phase: Phase, fault: Fault) -> Reply {
    Reply::Failed(Failure {
        kind: fault.kind,
        phase,
        message: fault.message,
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
