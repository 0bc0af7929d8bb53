//! Why the work on a file ended early, and what its row says of it.

use crate::files::{CommitError, PathError, is_lack_of_resources};
use crate::jobs::pool::crash::WorkerCrash;
use crate::model::hint::Hint;
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::record::outcome::Outcome;
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use crate::model::state::State;
use std::path::Path;

/// The next step after a new file that is not equal to its source.
const REPORT_MISMATCH: &str =
    "the new file was deleted and the old one is unchanged; please report this";

/// The next step when the system gives no further descriptor or thread.
const RAISE_LIMITS: &str =
    "raise the limits on open files and processes (ulimit -n, ulimit -u), or use fewer --jobs";
/// The next step when a file may not be as long as it has to be.
const FILE_SIZE: &str = "raise the limit on the size of a file (ulimit -f)";

/// Why the work on a file ended early.
#[derive(Debug)]
pub(crate) enum JobError {
    Crashed(WorkerCrash),
    /// A worker, the verification or the file system refused or failed.
    Failed {
        /// Refused or failed.
        outcome: Outcome,
        /// What the file turned out to be.
        state: Option<State>,
        /// The cause and the next step.
        error: ErrorRecord,
    },
}

impl JobError {
    /// A failure that says nothing about the file.
    pub(crate) fn failed(error: ErrorRecord) -> Self {
        JobError::Failed {
            outcome: Outcome::Failed,
            state: None,
            error,
        }
    }

    /// The new file is not what it should be.
    pub(crate) fn mismatch(message: &str) -> Self {
        let hint = Some(REPORT_MISMATCH.to_string());
        JobError::failed(ErrorRecord::new(ErrorKind::Mismatch, message, hint))
    }

    /// The row of a file whose work ended so. A crash changes nothing in it.
    pub(crate) fn into_row(self, mut record: Record) -> Record {
        let JobError::Failed {
            outcome,
            state,
            error,
        } = self
        else {
            return record;
        };
        if let Some(state) = state {
            record.state = state;
            record.reason.clone_from(&error.message);
        }
        record.fail(outcome, Some(error));
        record
    }
}

/// A file that this process could not open for a worker.
pub(crate) fn unopened(error: &PathError) -> Failure {
    let kind = match is_lack_of_resources(&error.source) {
        true => FailureKind::Resources,
        false => FailureKind::Open,
    };
    Failure::unopened(kind, &error.source)
}

/// Makes failures of operations on files: `result.failed_as(ErrorKind::Output)?`.
pub(crate) trait FailedAs<T> {
    fn failed_as(self, kind: ErrorKind) -> Result<T, JobError>;
}

impl<T, E: Hint> FailedAs<T> for Result<T, E> {
    fn failed_as(self, kind: ErrorKind) -> Result<T, JobError> {
        self.map_err(|error| JobError::failed(ErrorRecord::of(kind, &error)))
    }
}

impl From<WorkerCrash> for JobError {
    fn from(crash: WorkerCrash) -> Self {
        JobError::Crashed(crash)
    }
}

impl From<Failure> for JobError {
    fn from(failure: Failure) -> Self {
        let (outcome, state, kind, mut hint) = row_of(failure.kind);
        // The library tells errors as text only; this is the C library's of `EFBIG`.
        if failure.kind == FailureKind::Output && failure.message.contains("File too large") {
            hint = FILE_SIZE;
        }
        let message = match failure.kind {
            // The place in a text says more than what the worker was doing.
            FailureKind::Text => failure.message,
            _ => format!("{} (while {})", failure.message, failure.phase),
        };
        // Each place has a next step of its own; the message is that of the first one.
        let hint = match failure.places.first() {
            Some(place) => (!place.help.is_empty()).then(|| place.help.clone()),
            None => Some(failure.help.unwrap_or_else(|| hint.to_string())),
        };
        JobError::Failed {
            outcome,
            state,
            error: ErrorRecord {
                places: failure.places,
                ..ErrorRecord::new(kind, message, hint)
            },
        }
    }
}

/// Kind and next step of a failure that says nothing about the file that was read.
pub(crate) fn of_run(kind: FailureKind) -> Option<(ErrorKind, &'static str)> {
    match kind {
        FailureKind::Open | FailureKind::Resources | FailureKind::Internal => {
            let (_, _, kind, hint) = row_of(kind);
            Some((kind, hint))
        }
        _ => None,
    }
}

/// The next step after a worker ran out of memory.
pub(crate) const MORE_MEMORY: &str = "give workers more memory, for example --memory 8G";

/// What a worker's failure means for the row of a file: outcome, state, kind and next step.
fn row_of(kind: FailureKind) -> (Outcome, Option<State>, ErrorKind, &'static str) {
    use FailureKind as From;
    const RESTORE: &str = "restore it from a backup; h5lift has not changed it";
    let damaged = ErrorKind::State(State::Damaged);
    let unsupported = ErrorKind::State(State::Unsupported);
    match kind {
        From::Source => (Outcome::Failed, Some(State::Damaged), damaged, RESTORE),
        From::Unsalvageable => (Outcome::Refused, Some(State::Damaged), damaged, RESTORE),
        From::Open => (
            Outcome::Failed,
            None,
            ErrorKind::Open,
            "check that it is still there and readable",
        ),
        From::Output => (
            Outcome::Failed,
            None,
            ErrorKind::Output,
            "check the destination: is the disk full, or failing?",
        ),
        From::Unsupported => (
            Outcome::Refused,
            Some(State::Unsupported),
            unsupported,
            "nothing was changed; rewrite that object with the program that wrote it",
        ),
        From::Memory => (
            Outcome::Refused,
            Some(State::Unsupported),
            ErrorKind::Memory,
            MORE_MEMORY,
        ),
        From::Resources => (Outcome::Failed, None, ErrorKind::Resources, RAISE_LIMITS),
        From::Mismatch => (Outcome::Failed, None, ErrorKind::Mismatch, REPORT_MISMATCH),
        From::Text => (
            Outcome::Failed,
            None,
            ErrorKind::Text,
            "correct the text, or choose options that describe it: h5lift help convert",
        ),
        From::Internal => (
            Outcome::Failed,
            None,
            ErrorKind::Internal,
            "this is a defect of h5lift; please report it",
        ),
    }
}

impl JobError {
    /// Two inputs would become one file, and none of them is chosen in silence.
    pub(crate) fn collision(input: &Path, rival: &Path, output: &Path) -> JobError {
        let message = format!(
            "{} and {} would both become {}",
            input.display(),
            rival.display(),
            output.display()
        );
        let advice = match rival.file_name() {
            Some(name) if Some(name) != input.file_name() => {
                let quoted = name.to_string_lossy().replace('\'', "'\\''");
                format!("leave one of them out (--exclude '{quoted}')")
            }
            _ => "give the folder that holds both, so that their tree is kept".to_string(),
        };
        let hint = format!("{advice}, or give each a name of its own with -o");
        JobError::Failed {
            outcome: Outcome::Refused,
            state: None,
            error: ErrorRecord::new(ErrorKind::Collision, message, Some(hint)),
        }
    }
}

/// What the commit does not do by rule is a refusal; what it could not do is a failure.
impl From<&CommitError> for JobError {
    fn from(error: &CommitError) -> Self {
        let (outcome, kind) = match error {
            CommitError::Exists { .. } | CommitError::BackupExists { .. } => {
                (Outcome::Refused, ErrorKind::Exists)
            }
            CommitError::SymbolicLink { .. } | CommitError::HardLinks { .. } => {
                (Outcome::Refused, ErrorKind::Linked)
            }
            CommitError::Owner { .. } => (Outcome::Refused, ErrorKind::Owner),
            CommitError::Flagged { .. } => (Outcome::Refused, ErrorKind::Flagged),
            CommitError::NotAFile { .. } => (Outcome::Refused, ErrorKind::NotAFile),
            CommitError::SourceChanged { .. } => (Outcome::Failed, ErrorKind::SourceChanged),
            _ => (Outcome::Failed, ErrorKind::Commit),
        };
        JobError::Failed {
            outcome,
            state: None,
            error: ErrorRecord::of(kind, error),
        }
    }
}
