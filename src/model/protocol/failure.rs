//! Why a worker could not do what it was asked.

use crate::model::protocol::phase::Phase;
use serde::{Deserialize, Serialize};
use text_matrix::Problem;

/// Why a worker could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whose fault it is.
    pub kind: FailureKind,
    /// What the worker was doing.
    pub phase: Phase,
    /// The cause.
    pub message: String,
    /// The next step, where the worker knows one.
    #[serde(default)]
    pub help: Option<String>,
    /// The places of a text that cannot be read.
    #[serde(default)]
    pub places: Vec<Problem>,
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The library cannot read the source.
    Source,
    /// The operating system would not open the source.
    Open,
    /// The new file could not be written.
    Output,
    /// The file holds something that cannot be carried over.
    Unsupported,
    /// One chunk needs more memory than a worker has.
    Memory,
    /// Old and new differ, or a file differs from its digest.
    Mismatch,
    /// The text is no matrix that can be read.
    Text,
    /// Chunks of the source are lost, and its type has no value that says so.
    Unsalvageable,
    /// A defect of h5lift.
    Internal,
}
