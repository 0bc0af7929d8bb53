//! Why a file failed or was refused, as its row says it.

use crate::model::hint::Hint;
use crate::model::state::State;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use text_matrix::TextProblem;

/// Why a file failed or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorRecord {
    /// A stable word: [`ErrorKind::word`]. Text, because ledgers of other versions may have other words.
    #[schemars(
        schema_with = "kinds",
        description = "A stable word for the kind of the error."
    )]
    pub kind: String,
    /// One sentence that says what was wrong.
    pub message: String,
    /// One sentence that says what the user can do next.
    pub hint: Option<String>,
    /// The places in a text matrix that cannot be read, in order of lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<TextProblem>,
}

/// The kinds of errors in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The state of the file does not allow it.
    State(State),
    /// The input could not be opened or read.
    Open,
    /// The new file could not be written.
    Output,
    /// The disk is too full.
    NoSpace,
    /// The ledger could not be written.
    Ledger,
    /// The output or the backup exists.
    Exists,
    /// Another input would become the same file.
    Collision,
    /// A link is not replaced.
    Linked,
    /// The owner could not be kept.
    Owner,
    /// A flag of `chattr` forbids it.
    Flagged,
    /// The output is not a regular file.
    NotAFile,
    /// The original changed during the work.
    SourceChanged,
    /// Another error of the commit.
    Commit,
    /// A chunk needs more memory than a worker has.
    Memory,
    /// A limit of the process, on open files for instance; it says nothing about the file.
    Resources,
    /// Old and new differ.
    Mismatch,
    /// The text is not a readable matrix.
    Text,
    /// A worker ended without a reply.
    WorkerDied,
    /// A worker made no progress within the time limit, and no damage was found.
    Timeout,
    /// The run ended during the commit.
    Interrupted,
    /// A defect of h5lift.
    Internal,
}

/// All kinds but the states, in the order of their definition.
const OTHER_KINDS: [ErrorKind; 19] = [
    ErrorKind::Open,
    ErrorKind::Output,
    ErrorKind::NoSpace,
    ErrorKind::Ledger,
    ErrorKind::Exists,
    ErrorKind::Collision,
    ErrorKind::Linked,
    ErrorKind::Owner,
    ErrorKind::Flagged,
    ErrorKind::NotAFile,
    ErrorKind::SourceChanged,
    ErrorKind::Commit,
    ErrorKind::Memory,
    ErrorKind::Resources,
    ErrorKind::Mismatch,
    ErrorKind::Text,
    ErrorKind::WorkerDied,
    ErrorKind::Timeout,
    ErrorKind::Interrupted,
];

/// The schema of a kind.
fn kinds(_: &mut SchemaGenerator) -> Schema {
    let states = State::ALL.into_iter().map(ErrorKind::State);
    let kinds = states.chain(OTHER_KINDS).chain([ErrorKind::Internal]);
    let words: Vec<&str> = kinds.map(ErrorKind::word).collect();
    json_schema!({ "type": "string", "enum": words })
}

impl ErrorKind {
    /// The word of the report.
    pub fn word(self) -> &'static str {
        match self {
            ErrorKind::State(state) => state.word(),
            ErrorKind::Open => "open",
            ErrorKind::Output => "output",
            ErrorKind::NoSpace => "no-space",
            ErrorKind::Ledger => "ledger",
            ErrorKind::Exists => "exists",
            ErrorKind::Collision => "collision",
            ErrorKind::Linked => "linked",
            ErrorKind::Owner => "owner",
            ErrorKind::Flagged => "flagged",
            ErrorKind::NotAFile => "not-a-file",
            ErrorKind::SourceChanged => "source-changed",
            ErrorKind::Commit => "commit",
            ErrorKind::Memory => "memory",
            ErrorKind::Resources => "resources",
            ErrorKind::Mismatch => "mismatch",
            ErrorKind::Text => "text",
            ErrorKind::WorkerDied => "worker-died",
            ErrorKind::Timeout => "timeout",
            ErrorKind::Interrupted => "interrupted",
            ErrorKind::Internal => "internal",
        }
    }
}

impl ErrorRecord {
    /// An error that is about no place in a text.
    pub fn new(kind: ErrorKind, message: impl Into<String>, hint: Option<String>) -> Self {
        ErrorRecord {
            kind: kind.word().to_string(),
            message: message.into(),
            hint,
            places: Vec::new(),
        }
    }

    pub(crate) fn is(&self, kind: ErrorKind) -> bool {
        self.kind == kind.word()
    }

    /// Whether it is about the run and not about the file.
    pub(crate) fn is_of_run(&self) -> bool {
        self.is(ErrorKind::Resources)
    }

    /// An error with its own hint.
    pub(crate) fn of(kind: ErrorKind, error: &impl Hint) -> Self {
        ErrorRecord::new(kind, error.to_string(), Some(error.hint()))
    }
}
