//! Why a migration did not come to its end, and what its row says of it.

use crate::files::CommitError;
use crate::jobs::pool::crash::WorkerCrash;
use crate::jobs::steps::inspect::judge_failure;
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::record::outcome::Outcome;
use crate::model::record::{ErrorRecord, Record};
use crate::model::state::State;

/// Why a migration did not come to its end.
#[derive(Debug)]
pub(crate) enum JobError {
    /// A worker died.
    Crashed(WorkerCrash),
    /// A worker, the proof or the file system said no.
    Failed {
        /// Refused or failed.
        outcome: Outcome,
        /// What the file turned out to be.
        state: Option<State>,
        /// The cause and the next step.
        error: ErrorRecord,
    },
}

impl From<WorkerCrash> for JobError {
    fn from(crash: WorkerCrash) -> Self {
        JobError::Crashed(crash)
    }
}

/// What a migration that stopped says in its row.
pub(crate) fn apply(error: &JobError, record: &mut Record) {
    let JobError::Failed {
        outcome,
        state,
        error,
    } = error
    else {
        return;
    };
    if let Some(state) = state {
        record.state = *state;
        record.reason.clone_from(&error.message);
    }
    fail(record, *outcome, Some(error.clone()));
}

/// The row of a file of which nothing came.
pub(crate) fn fail(record: &mut Record, outcome: Outcome, error: Option<ErrorRecord>) {
    record.outcome = Some(outcome);
    record.error = error;
    record.output = None;
    record.written_as = None;
    record.verified = None;
    record.digest = None;
    record.forget_losses();
}

impl From<Failure> for JobError {
    fn from(failure: Failure) -> Self {
        from_failure(&failure)
    }
}

fn from_failure(failure: &Failure) -> JobError {
    let (kind, hint) = match failure.kind {
        FailureKind::Source | FailureKind::Unsalvageable => (
            "damaged",
            "restore it from a backup; h5lift has not changed it",
        ),
        FailureKind::Open => ("open", "check that it is still there and readable"),
        FailureKind::Output => (
            "output",
            "check the destination: is the disk full, or failing?",
        ),
        FailureKind::Unsupported => (
            "unsupported",
            "nothing was changed; rewrite that object with the program that wrote it",
        ),
        FailureKind::Memory => (
            "memory",
            "give workers more memory, for example --memory 8G",
        ),
        FailureKind::Mismatch => (
            "mismatch",
            "the new file was deleted and the old one is unchanged; please report this",
        ),
        FailureKind::Text => (
            "text",
            "correct the text, or choose options that describe it: h5lift help convert",
        ),
        FailureKind::Internal => ("internal", "this is a defect of h5lift; please report it"),
    };
    let state = match failure.kind {
        FailureKind::Source
        | FailureKind::Unsalvageable
        | FailureKind::Unsupported
        | FailureKind::Memory => Some(judge_failure(failure).state),
        _ => None,
    };
    JobError::Failed {
        outcome: match failure.kind {
            FailureKind::Unsupported | FailureKind::Memory | FailureKind::Unsalvageable => {
                Outcome::Refused
            }
            _ => Outcome::Failed,
        },
        state,
        error: ErrorRecord {
            kind: kind.to_string(),
            message: match failure.kind {
                // Where a text is wrong says it better than what was being done.
                FailureKind::Text => failure.message.clone(),
                _ => format!("{} (while {})", failure.message, failure.phase),
            },
            // Each place has a next step of its own.
            hint: failure
                .places
                .is_empty()
                .then(|| failure.help.clone().unwrap_or_else(|| hint.to_string())),
            places: failure.places.clone(),
        },
    }
}

/// The new file is not what it should be.
pub(crate) fn mismatch(message: &str) -> JobError {
    failed(
        "mismatch",
        message.to_string(),
        Some(
            "the new file was deleted and the old one is unchanged; please report this".to_string(),
        ),
    )
}

pub(crate) fn failed(kind: &str, message: String, hint: Option<String>) -> JobError {
    JobError::Failed {
        outcome: Outcome::Failed,
        state: None,
        error: ErrorRecord {
            kind: kind.to_string(),
            message,
            hint,
            places: Vec::new(),
        },
    }
}

/// What the commit will not do is a refusal; what it could not do is a failure.
pub(crate) fn refused(error: &CommitError) -> JobError {
    let (outcome, kind) = match error {
        CommitError::Exists { .. } | CommitError::BackupExists { .. } => {
            (Outcome::Refused, "exists")
        }
        CommitError::SymbolicLink { .. } | CommitError::HardLinks { .. } => {
            (Outcome::Refused, "linked")
        }
        CommitError::Owner { .. } => (Outcome::Refused, "owner"),
        CommitError::Flagged { .. } => (Outcome::Refused, "flagged"),
        CommitError::NotAFile { .. } => (Outcome::Refused, "not-a-file"),
        CommitError::SourceChanged { .. } => (Outcome::Failed, "source-changed"),
        _ => (Outcome::Failed, "commit"),
    };
    JobError::Failed {
        outcome,
        state: None,
        error: ErrorRecord {
            kind: kind.to_string(),
            message: error.to_string(),
            hint: Some(error.hint()),
            places: Vec::new(),
        },
    }
}
