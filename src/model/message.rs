//! What parent and workers say to each other: one JSON object on a line.
//!
//! The parent sends one [`Request`] at a time. A worker answers with any number
//! of [`Reply::Progress`] and then exactly one other reply.

use super::digest::ContentDigest;
use super::facts::Facts;
use super::path_text;
use super::plan::Recipe;
use super::policy::{Charset, NamesSources, Verification};
use super::record::WrittenAs;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// What a worker is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Look at a file: [`Reply::Inspected`].
    Inspect {
        /// The file, opened read-only.
        #[serde(with = "path_text")]
        path: PathBuf,
        /// How names are decoded.
        charset: Charset,
    },
    /// Write the new layout of a file: [`Reply::Migrated`].
    Migrate {
        /// The old file, opened read-only.
        #[serde(with = "path_text")]
        source: PathBuf,
        /// An empty file of the parent's that is overwritten.
        #[serde(with = "path_text")]
        temporary: PathBuf,
        /// What to write.
        recipe: Recipe,
        /// Threads that decode and encode.
        threads: usize,
    },
    /// Prove that a new file holds all of an old one: [`Reply::Verified`].
    Compare {
        /// The old file.
        #[serde(with = "path_text")]
        old: PathBuf,
        /// The new file.
        #[serde(with = "path_text")]
        new: PathBuf,
        /// Through the library's filters, or by raw chunks.
        level: Verification,
        /// Which copy of the names the new file must hold; `None`: either, if the old ones agree.
        names: Option<NamesSources>,
        /// How the old names are decoded.
        charset: Charset,
        /// Threads that decode.
        threads: usize,
    },
    /// Prove that a file still matches its own digest: [`Reply::Verified`].
    CheckDigest {
        /// The file.
        #[serde(with = "path_text")]
        path: PathBuf,
        /// Threads that decode.
        threads: usize,
    },
}

/// What a worker answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// Still alive, and this far.
    Progress(Progress),
    /// Facts of a file.
    Inspected(Box<Facts>),
    /// The temporary file is complete and closed.
    Migrated {
        /// How `/expr` was stored.
        written_as: WrittenAs,
        /// Digest of what was read from the old file.
        digest: ContentDigest,
    },
    /// Everything is equal.
    Verified {
        /// Digest of what was read from the new file.
        digest: ContentDigest,
    },
    /// It could not be done.
    Failed(Failure),
}

/// A sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What the worker is doing.
    pub phase: Phase,
    /// Bytes of raw values done in this phase.
    pub done: u64,
}

/// What a worker is doing; part of the verdict when it dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Before the first sign of life.
    Starting,
    /// Opening the file.
    Opening,
    /// Listing objects, attributes and storage.
    Listing,
    /// Reading gene and sample names.
    ReadingNames,
    /// Reading, encoding and writing values.
    WritingValues,
    /// Carrying over everything else.
    CarryingOver,
    /// Closing the new file.
    Closing,
    /// Comparing everything but the values.
    ComparingObjects,
    /// Comparing values.
    ComparingValues,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Starting => "starting",
            Phase::Opening => "opening it",
            Phase::Listing => "listing its objects",
            Phase::ReadingNames => "reading names",
            Phase::WritingValues => "writing values",
            Phase::CarryingOver => "carrying over other objects",
            Phase::Closing => "closing the new file",
            Phase::ComparingObjects => "comparing objects",
            Phase::ComparingValues => "comparing values",
        })
    }
}

/// Why a worker could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whose fault it is.
    pub kind: FailureKind,
    /// What the worker was doing.
    pub phase: Phase,
    /// The cause.
    pub message: String,
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
    /// Old and new differ, or a file differs from its digest.
    Mismatch,
    /// A defect of h5lift.
    Internal,
}
