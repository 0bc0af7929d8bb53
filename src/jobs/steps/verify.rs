//! `verify`: existing files, compared with each other or with their own digest.

use crate::files::{Candidate, open_source};
use crate::jobs::context::JobContext;
use crate::jobs::error::{MORE_MEMORY, OPEN_FILES, unopened};
use crate::jobs::pool::crash::WorkerCrash;
use crate::jobs::steps::inspect::crashed_record;
use crate::model::names::rules::Rules;
use crate::model::plan::policy::{Charset, Verification};
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::{CheckDigestRequest, CompareRequest, Part, Verified};
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use crate::model::state::State;
use std::fs::File;
use std::path::Path;

const MISMATCH: &str = "the new file does not hold what the old one holds: keep the old one";

/// Verifies `new` against `old`, or against its own digest if there is no `old`.
pub(crate) fn verify(
    context: &JobContext<'_>,
    old: Option<&Candidate>,
    new: &Candidate,
) -> Result<Record, WorkerCrash> {
    let policy = old.map(|old| context.settings.of_file(old).policy);
    let old = old.map(|old| old.path.as_path());
    let reply = match open(old, new) {
        Ok((Some(old), new)) => {
            let request = CompareRequest {
                level: context.settings.verification,
                recipe: None,
                rules: Rules {
                    transpose: policy.is_some_and(|policy| policy.transpose),
                    ..policy
                        .map(|policy| policy.rules.clone())
                        .unwrap_or_default()
                },
                charset: policy.map_or_else(Charset::default, |policy| policy.charset),
                crc32: None,
                part: Part::WHOLE,
                budget: context.budget(),
            };
            context.ask(request, &[&old, &new])
        }
        Ok((None, new)) => {
            let request = CheckDigestRequest {
                level: Verification::Fast,
                crc32: None,
                part: Part::WHOLE,
                budget: context.budget(),
            };
            context.ask(request, &[&new])
        }
        Err(failure) => Ok(Err(failure)),
    };
    let level = match old {
        Some(_) => context.settings.verification,
        None => Verification::Fast,
    };
    Ok(match reply? {
        Ok(Verified {
            digest, witness, ..
        }) => {
            if let Some(contradiction) = witness.contradiction() {
                return Ok(not_proved(
                    new,
                    ErrorKind::Mismatch,
                    contradiction,
                    State::Damaged,
                    MISMATCH,
                ));
            }
            let lost = !witness.losses.is_empty();
            let reason = match old {
                Some(old) if lost => {
                    format!("it holds all of {} that can be decoded", old.display())
                }
                Some(old) => format!("it holds all of {}", old.display()),
                None => "it matches its digest".to_string(),
            };
            let mut record = row(new, State::Current, reason);
            record.outcome = Some(Outcome::Verified);
            if lost {
                record.outcome = Some(Outcome::Salvaged);
                record.lost_chunks = Some(witness.losses.count());
            }
            if let Some(mark) = &witness.new_mark {
                record.tell_salvage(mark);
            }
            record.verified = Some(level);
            record.digest = digest;
            record
        }
        Err(failure) => {
            let (state, kind, hint) = match failure.kind {
                FailureKind::Mismatch => (
                    State::Damaged,
                    ErrorKind::Mismatch,
                    match old {
                        Some(_) => MISMATCH,
                        None => {
                            "do not use this file; its original, or a backup, is the one to keep"
                        }
                    },
                ),
                FailureKind::Resources => (State::Unsupported, ErrorKind::Resources, OPEN_FILES),
                FailureKind::Memory => (State::Unsupported, ErrorKind::Memory, MORE_MEMORY),
                FailureKind::Unsupported => (
                    State::Unsupported,
                    ErrorKind::State(State::Unsupported),
                    "compare it with its original instead: h5lift verify OLD NEW",
                ),
                _ => (
                    State::Damaged,
                    ErrorKind::State(State::Damaged),
                    "restore it from its original or a backup",
                ),
            };
            not_proved(new, kind, failure.message, state, hint)
        }
    })
}

/// The row of a file on which a worker crashed.
pub(crate) fn unverified_row(new: &Candidate, crash: &WorkerCrash, memory: u64) -> Record {
    let mut record = crashed_record(new, crash, memory);
    record.outcome = Some(Outcome::Failed);
    record
}

/// Opens the files of a request, the old one first.
fn open(old: Option<&Path>, new: &Candidate) -> Result<(Option<File>, File), Failure> {
    let open = |path| open_source(path).map_err(|error| unopened(&error));
    Ok((old.map(open).transpose()?, open(&new.path)?))
}

fn not_proved(
    new: &Candidate,
    kind: ErrorKind,
    message: String,
    state: State,
    hint: &str,
) -> Record {
    let mut record = row(new, state, message.clone());
    record.outcome = Some(Outcome::Failed);
    record.error = Some(ErrorRecord::new(kind, message, Some(hint.to_string())));
    record
}

fn row(candidate: &Candidate, state: State, reason: String) -> Record {
    let mut record = Record::new(&candidate.path, candidate.bytes, state, reason);
    record.modified = candidate.modified_text();
    record.plan.action = Action::Skip;
    record
}
