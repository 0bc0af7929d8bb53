//! `verify`: existing files, compared with each other or with their own digest.

use crate::files::{Candidate, open_source};
use crate::jobs::context::JobContext;
use crate::jobs::error::{MORE_MEMORY, of_run, unopened};
use crate::jobs::pool::crash::WorkerCrash;
use crate::jobs::steps::inspect::{Inspection, crashed_record, inspect, row_of};
use crate::model::hint::Hint;
use crate::model::names::rules::Rules;
use crate::model::plan::Plan;
use crate::model::plan::policy::Verification;
use crate::model::plan::recipe::GivenNames;
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::{CheckDigestRequest, CompareRequest, Part, Verified};
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use crate::model::state::State;
use crate::model::state::detect::Judgement;
use std::fs::File;
use std::path::Path;

const MISMATCH: &str = "the new file does not hold what the old one holds: keep the old one";

/// Verifies `new` against `old`, or against its own digest if there is no `old`.
pub(crate) fn verify(
    context: &JobContext<'_>,
    old: Option<&Candidate>,
    new: &Candidate,
) -> Result<Record, WorkerCrash> {
    match open(old, new) {
        Ok((old_file, new_file)) => {
            verify_open(context, old.zip(old_file.as_ref()), (new, &new_file))
        }
        Err(failure) => Ok(refuted(old, new, failure)),
    }
}

/// The same for files that are open.
pub(crate) fn verify_open(
    context: &JobContext<'_>,
    old: Option<(&Candidate, &File)>,
    (new, new_file): (&Candidate, &File),
) -> Result<Record, WorkerCrash> {
    let reply = match old {
        Some((old, old_file)) => {
            let policy = context.settings.of_file(old).policy;
            let given = given_names(context, old)?;
            let request = CompareRequest {
                level: context.settings.verification,
                recipe: None,
                rules: Rules {
                    transpose: policy.transpose,
                    ..policy.rules.clone()
                },
                given,
                charset: policy.charset,
                crc32: None,
                part: Part::WHOLE,
                budget: context.budget(),
            };
            context.ask(request, &[old_file, new_file])
        }
        None => {
            let request = CheckDigestRequest {
                level: Verification::Fast,
                crc32: None,
                part: Part::WHOLE,
                budget: context.budget(),
            };
            context.ask(request, &[new_file])
        }
    };
    let old = old.map(|(old, _)| old);
    let level = match old {
        Some(_) => context.settings.verification,
        None => Verification::Fast,
    };
    Ok(match reply? {
        Ok(verified) => holds(old, new, level, verified),
        Err(failure) => refuted(old, new, failure),
    })
}

/// The names that the old file has lost, from the files that were given for them.
fn given_names(context: &JobContext<'_>, old: &Candidate) -> Result<GivenNames, WorkerCrash> {
    if context.settings.of_file(old).sources.is_empty() {
        return Ok(GivenNames::default());
    }
    Ok(match inspect(context, old)?.plan {
        Plan::Migrate { recipe, .. } => recipe.given,
        _ => GivenNames::default(),
    })
}

fn holds(
    old: Option<&Candidate>,
    new: &Candidate,
    level: Verification,
    verified: Verified,
) -> Record {
    let Verified {
        digest,
        verify_report,
        ..
    } = verified;
    if let Some(contradiction) = verify_report.contradiction() {
        let (kind, state) = (ErrorKind::Mismatch, State::Damaged);
        return not_proved(new, kind, contradiction, state, MISMATCH);
    }
    let lost = !verify_report.losses.is_empty();
    let reason = match old.map(|old| old.path.display()) {
        Some(old) if lost => format!("it holds all of {old} that can be decoded"),
        Some(old) => format!("it holds all of {old}"),
        None => "it matches its digest".to_string(),
    };
    let mut record = row(new, State::Current, reason);
    record.outcome = Some(Outcome::Verified);
    if lost {
        record.outcome = Some(Outcome::Salvaged);
        record.lost_chunks = Some(verify_report.losses.count());
    }
    if let Some(mark) = &verify_report.new_mark {
        record.tell_salvage(mark);
    }
    record.verified = Some(level);
    record.digest = digest;
    record
}

fn refuted(old: Option<&Candidate>, new: &Candidate, failure: Failure) -> Record {
    let (state, kind, hint) = match failure.kind {
        FailureKind::Mismatch => (
            State::Damaged,
            ErrorKind::Mismatch,
            match old {
                Some(_) => MISMATCH,
                None => "do not use this file; its original, or a backup, is the one to keep",
            },
        ),
        FailureKind::Memory => (State::Unsupported, ErrorKind::Memory, MORE_MEMORY),
        FailureKind::Unsupported => (
            State::Unsupported,
            ErrorKind::State(State::Unsupported),
            "compare it with its original instead: h5lift verify OLD NEW",
        ),
        kind => match of_run(kind) {
            Some((kind, hint)) => (State::Unsupported, kind, hint),
            None => (
                State::Damaged,
                ErrorKind::State(State::Damaged),
                "restore it from its original or a backup",
            ),
        },
    };
    let hint = failure.help.as_deref().unwrap_or(hint);
    not_proved(new, kind, failure.message, state, hint)
}

/// The row of an old file without a new one. A migration into a new tree leaves out what needs none.
pub(crate) fn missing_row(
    context: &JobContext<'_>,
    old: &Candidate,
    new: &Path,
) -> Result<Record, WorkerCrash> {
    let Inspection {
        mut record, plan, ..
    } = inspect(context, old)?;
    let message = format!("{} is not there", new.display());
    if matches!(plan, Plan::Skip) {
        record.outcome = Some(Outcome::Skipped);
        record.reason = format!("{}; {message}", record.reason);
        return Ok(record);
    }
    let hint = "migrate it, or keep the old file".to_string();
    record.plan.action = Action::Skip;
    record.plan.steps.clear();
    record.outcome = Some(Outcome::Failed);
    record.error = Some(ErrorRecord::new(ErrorKind::Mismatch, message, Some(hint)));
    Ok(record)
}

/// The row of a file on which a worker crashed.
pub(crate) fn unverified_row(new: &Candidate, crash: &WorkerCrash, memory: u64) -> Record {
    let mut record = crashed_record(new, crash, memory);
    record.outcome = Some(Outcome::Failed);
    record
}

/// Opens the files of a request, the old one first.
fn open(old: Option<&Candidate>, new: &Candidate) -> Result<(Option<File>, File), Failure> {
    let open = |file: &Candidate| {
        open_source(&file.path).map_err(|error| Failure {
            message: error.to_string(),
            help: Some(error.hint()),
            ..unopened(&error)
        })
    };
    Ok((old.map(open).transpose()?, open(new)?))
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
    let mut record = row_of(candidate, &Judgement::new(state, reason));
    record.plan.action = Action::Skip;
    record
}
