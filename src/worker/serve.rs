//! The loop of a worker: one request at a time, one answer each.

use super::checksum;
use super::compare::{self, Comparison, DigestCheck, Proof};
use super::confine::{confine, output, source};
use super::convert::{self, Files};
use super::fault::Fault;
use super::inspect::{Looking, inspect};
use super::migrate::{self, Job, Migrated};
use super::name_source::{self, Nameless};
use super::progress::{Report, Reporter};
use crate::model::message::{Failure, FailureKind, Phase, Reply, Request};
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;

/// As much as a main thread has: the library recurses on nested types and groups.
const STACK: usize = 8 << 20;

/// Serves requests from `input` until it ends. A thread of its own reads, so that a parent that
/// is gone ends this process even while the library hangs.
pub fn serve<W: Write + Send>(
    input: impl BufRead + Send + 'static,
    replies: W,
    signs: W,
) -> io::Result<()> {
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
    let mut reporter = Reporter::new(replies, signs);
    for line in requests {
        let reply = in_a_thread(|| answer(&line, &mut reporter))?;
        reporter.answer(&reply)?;
    }
    Ok(())
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

/// Opens what the request names, gives up the right to open anything else, and does it.
fn perform(request: &Request, report: &mut dyn Report) -> super::fault::Result<Reply> {
    match request {
        Request::Ping => Ok(Reply::Pong),
        Request::Inspect {
            path,
            rules,
            charset,
            lint,
        } => {
            let file = source(path)?;
            confine(&[&file], &[])?;
            let looking = Looking {
                rules,
                charset: *charset,
                lint: *lint,
            };
            let facts = inspect(file, &looking, report)?;
            Ok(Reply::Inspected(Box::new(facts)))
        }
        Request::Migrate {
            source: old,
            temporary,
            recipe,
            threads,
            limit,
        } => {
            let (old, new) = (source(old)?, output(temporary)?);
            confine(&[&old], &[&new])?;
            let job = Job {
                recipe,
                threads: *threads,
                limit: *limit,
            };
            let Migrated {
                written_as,
                digest,
                salvaged,
                crc32,
            } = migrate::migrate(old, new, &job, report)?;
            Ok(Reply::Migrated {
                written_as,
                digest,
                salvaged,
                crc32,
            })
        }
        Request::ReadNames {
            path,
            hdf5,
            rules,
            charset,
            threads,
        } => {
            let file = source(path)?;
            confine(&[&file], &[])?;
            let names = match hdf5 {
                true => name_source::read_hdf5(file, rules, *charset, report)?,
                false => name_source::read_text(file, *threads, report)?,
            };
            Ok(Reply::NamesRead(names))
        }
        Request::CompareValues {
            path,
            matrix,
            other,
            hdf5,
            other_matrix,
            threads,
            limit,
        } => {
            let (file, other) = (source(path)?, source(other)?);
            confine(&[&file, &other], &[])?;
            let nameless = Nameless::open(file, matrix, *threads, *limit)?;
            match hdf5 {
                true => nameless.agrees_with(other, other_matrix, report)?,
                false => nameless.agrees_with_text(other, report)?,
            }
            Ok(Reply::ValuesAgree)
        }
        Request::ReadText {
            input,
            conversion,
            threads,
        } => {
            let input = source(input)?;
            confine(&[&input], &[])?;
            let (facts, digest) = convert::read_text(input, conversion, *threads, report)?;
            Ok(Reply::TextRead {
                facts: Box::new(facts),
                digest,
            })
        }
        Request::Convert {
            input,
            temporary,
            spool,
            conversion,
            threads,
            limit,
        } => {
            let files = Files {
                input: source(input)?,
                output: output(temporary)?,
                spool: output(spool)?,
            };
            confine(&[&files.input], &[&files.output, &files.spool])?;
            let converted = convert::convert(files, conversion, *threads, *limit, report)?;
            Ok(Reply::Converted {
                facts: Box::new(converted.facts),
                written_as: converted.written_as,
                digest: converted.digest,
                crc32: converted.crc32,
            })
        }
        Request::Compare {
            old,
            new,
            level,
            recipe,
            rules,
            charset,
            crc32,
            part,
            threads,
            limit,
        } => {
            let (old, new) = (source(old)?, source(new)?);
            confine(&[&old, &new], &[])?;
            if let Some(crc32) = crc32 {
                checksum::check(&new, *crc32)?;
            }
            let job = Comparison {
                level: *level,
                recipe: recipe.as_deref().cloned(),
                rules: rules.clone(),
                charset: *charset,
                part: part.clone(),
                threads: *threads,
                limit: *limit,
            };
            Ok(verified(compare::compare(old, new, &job, report)?))
        }
        Request::CheckDigest {
            path,
            level,
            crc32,
            part,
            threads,
            limit,
        } => {
            let file = source(path)?;
            confine(&[&file], &[])?;
            if let Some(crc32) = crc32 {
                checksum::check(&file, *crc32)?;
            }
            let job = DigestCheck {
                level: *level,
                part: part.clone(),
                threads: *threads,
                limit: *limit,
            };
            Ok(verified(compare::check_digest(file, &job, report)?))
        }
    }
}

fn verified(proof: Proof) -> Reply {
    Reply::Verified {
        digest: proof.digest,
        nodes: proof.nodes,
        witness: Box::new(proof.witness),
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
