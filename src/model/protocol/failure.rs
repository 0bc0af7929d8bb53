//! Why a worker could not serve a request.

use crate::model::protocol::phase::Phase;
use serde::{Deserialize, Serialize};
use text_matrix::TextProblem;

/// Why a worker could not serve a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// What the worker was doing.
    pub phase: Phase,
    pub message: String,
    /// The next step, where the worker knows one.
    #[serde(default)]
    pub help: Option<String>,
    /// The places of a text that cannot be read.
    #[serde(default)]
    pub places: Vec<TextProblem>,
}

impl Failure {
    /// A file of the request could not be opened.
    pub fn unopened(kind: FailureKind, error: &std::io::Error) -> Self {
        Failure {
            kind,
            phase: Phase::Opening,
            message: error.to_string(),
            help: None,
            places: Vec::new(),
        }
    }
}

/// The cause of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The library cannot read the source.
    Source,
    /// The operating system refused to open the source.
    Open,
    /// The new file could not be written.
    Output,
    /// The file holds something that cannot be carried over.
    Unsupported,
    /// One chunk needs more memory than a worker has.
    Memory,
    /// A limit of the process, on open files for instance.
    Resources,
    /// Old and new differ, or a file differs from its digest.
    Mismatch,
    /// The text is not a readable matrix.
    Text,
    /// Chunks of the source are lost, and its type has no value that could mark them.
    Unsalvageable,
    /// A defect of h5lift.
    Internal,
}
