//! The protocol between parent and workers: JSON, one message per line.
//!
//! The parent sends one [`Request`] at a time, after the [`Core`] that it may use. A worker answers with
//! exactly one [`Reply`], and sends any number of [`Progress`] before it, on a pipe of its own.

pub mod failure;
pub(crate) mod path_text;
pub mod phase;

use crate::model::digest::{ContentDigest, ROWS_PER_NODE, Sum, sums};
use crate::model::facts::Facts;
use crate::model::facts::text_matrix::{Conversion, TextFacts};
use crate::model::names::rules::Rules;
use crate::model::names::source::SourceNames;
use crate::model::plan::policy::{Charset, Verification};
use crate::model::plan::recipe::Recipe;
use crate::model::protocol::failure::Failure;
use crate::model::protocol::phase::Phase;
use crate::model::record::WrittenAs;
use crate::model::salvage::{Salvaged, Witness};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A file of up to this many bytes is read and inspected as one piece.
pub const SMALL_FILE: u64 = 128 << 10;

/// A core of a batch: which one, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Core {
    /// From 0.
    pub index: usize,
    /// All cores of the batch.
    pub of: usize,
}

/// A request to a worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Are you there? [`Reply::Pong`].
    Ping,
    /// Inspect a file: [`Reply::Inspected`].
    Inspect {
        /// The file, opened read-only.
        #[serde(with = "path_text")]
        path: PathBuf,
        /// Where matrix and names are searched for.
        rules: Rules,
        /// How names are decoded.
        charset: Charset,
        /// Report everything suspicious about names and values, and read the values for it like this.
        lint: Option<Reading>,
    },
    /// Read the names in a file of `--names-from`: [`Reply::NamesRead`].
    ReadNames {
        /// The file, opened read-only.
        #[serde(with = "path_text")]
        path: PathBuf,
        /// Whether it is HDF5; else it is text.
        hdf5: bool,
        /// Where matrix and names are looked for, in HDF5.
        rules: Rules,
        /// How names are decoded, in HDF5.
        charset: Charset,
        /// Threads that parse.
        threads: usize,
    },
    /// Compare the values of a file with those of the matrix from which names are taken:
    /// [`Reply::ValuesAgree`].
    CompareValues {
        /// The file without names.
        #[serde(with = "path_text")]
        path: PathBuf,
        /// Path of its matrix.
        matrix: String,
        /// The matrix with names.
        #[serde(with = "path_text")]
        other: PathBuf,
        /// Whether that is HDF5; else it is text.
        hdf5: bool,
        /// Path of the matrix in it, in HDF5.
        other_matrix: String,
        /// Threads that decode or parse.
        threads: usize,
        /// Maximum bytes of one chunk or window.
        limit: u64,
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
        /// Maximum bytes of one chunk or window.
        limit: u64,
    },
    /// Read a text matrix and write nothing: [`Reply::TextRead`].
    ReadText {
        /// The text, opened read-only; may be a pipe.
        #[serde(with = "path_text")]
        input: PathBuf,
        /// How it is to be read.
        conversion: Conversion,
        /// Threads that parse.
        threads: usize,
    },
    /// Convert a text matrix to HDF5: [`Reply::Converted`].
    Convert {
        /// The text, opened read-only; may be a pipe.
        #[serde(with = "path_text")]
        input: PathBuf,
        /// An empty file of the parent's that is overwritten.
        #[serde(with = "path_text")]
        temporary: PathBuf,
        /// Another one, for chunks that wait until the number of rows is known.
        #[serde(with = "path_text")]
        spool: PathBuf,
        /// How it is to be converted.
        conversion: Conversion,
        /// Threads that parse and encode.
        threads: usize,
        /// Maximum bytes of one chunk or window.
        limit: u64,
    },
    /// Verify that a new file holds everything in an old one: [`Reply::Verified`].
    Compare {
        /// The old file.
        #[serde(with = "path_text")]
        old: PathBuf,
        /// The new file.
        #[serde(with = "path_text")]
        new: PathBuf,
        /// Through the library's filters, or by raw chunks.
        level: Verification,
        /// The recipe of the new file; `None`: any recipe that keeps everything of the old one.
        recipe: Option<Box<Recipe>>,
        /// Where matrix and names are looked for, without a recipe.
        rules: Rules,
        /// How the old names are decoded, without a recipe.
        charset: Charset,
        /// CRC-32 of the new file's bytes, as its writer left them.
        crc32: Option<u32>,
        /// Which part of the verification.
        part: Part,
        /// Threads that decode.
        threads: usize,
        /// Maximum bytes of one chunk or window.
        limit: u64,
    },
    /// Verify that a file still matches its own digest: [`Reply::Verified`].
    CheckDigest {
        /// The file.
        #[serde(with = "path_text")]
        path: PathBuf,
        /// Through the library's filters, or by raw chunks.
        level: Verification,
        /// CRC-32 of its bytes, as its writer left them.
        crc32: Option<u32>,
        /// Which part of the verification.
        part: Part,
        /// Threads that decode.
        threads: usize,
        /// Maximum bytes of one chunk or window.
        limit: u64,
    },
}

impl Request {
    /// How many threads it keeps busy.
    pub fn threads(&self) -> usize {
        match self {
            Request::Ping | Request::Inspect { lint: None, .. } => 1,
            Request::Inspect {
                lint: Some(reading),
                ..
            } => reading.threads,
            Request::ReadNames { threads, .. }
            | Request::CompareValues { threads, .. }
            | Request::Migrate { threads, .. }
            | Request::ReadText { threads, .. }
            | Request::Convert { threads, .. }
            | Request::Compare { threads, .. }
            | Request::CheckDigest { threads, .. } => *threads,
        }
    }
}

/// How all values of a file are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Threads that decode.
    pub threads: usize,
    /// Maximum bytes of one chunk or window.
    pub limit: u64,
}

/// A part of the verification that a new file holds everything in an old one: several workers can share it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which of the parts, from 0. The first also compares everything but the values.
    pub index: u64,
    /// How many parts there are.
    pub of: u64,
}

impl Part {
    /// All of it.
    pub const WHOLE: Part = Part { index: 0, of: 1 };

    /// Whether names, attributes and other objects belong to this part.
    pub fn has_objects(&self) -> bool {
        self.index == 0
    }

    /// The rows of this part: whole nodes of the values' digest.
    pub fn rows(&self, rows: u64) -> std::ops::Range<u64> {
        let nodes = rows.div_ceil(ROWS_PER_NODE);
        let edge = |index: u64| (nodes * index / self.of * ROWS_PER_NODE).min(rows);
        edge(self.index)..edge(self.index + 1)
    }
}

/// What a worker answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// I am.
    Pong,
    /// Facts of a file.
    Inspected(Box<Facts>),
    /// The names in a source.
    NamesRead(SourceNames),
    /// Every value is the same.
    ValuesAgree,
    /// The temporary file is complete and closed.
    Migrated {
        /// How `/expr` was stored.
        written_as: WrittenAs,
        /// Digest of what was read from the old file.
        digest: ContentDigest,
        /// What could not be read, if that was allowed.
        salvaged: Option<Salvaged>,
        /// CRC-32 of all bytes of the temporary file.
        crc32: u32,
    },
    /// The text is a matrix.
    TextRead {
        /// What was read.
        facts: Box<TextFacts>,
        /// Digest of it; `rest` is that of nothing.
        digest: ContentDigest,
    },
    /// The temporary file is complete and closed.
    Converted {
        /// What was read.
        facts: Box<TextFacts>,
        /// How `/expr` was stored.
        written_as: WrittenAs,
        /// Digest of what was read.
        digest: ContentDigest,
        /// CRC-32 of all bytes of the temporary file.
        crc32: u32,
    },
    /// Everything that was to be compared is equal.
    Verified {
        /// The digest in the new file, which agrees with what was read.
        digest: Option<ContentDigest>,
        /// Nodes of the values that this part hashed.
        #[serde(with = "sums")]
        nodes: Vec<Sum>,
        /// Whether it hashed them; a fast verification of a migration compares new values or chunks with the
        /// old ones instead.
        hashed: bool,
        /// What is lost, and what the files record about it.
        witness: Box<Witness>,
    },
    /// It could not be done.
    Failed(Failure),
}

/// A heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What the worker is doing.
    pub phase: Phase,
    /// Bytes of raw values done in this phase.
    pub done: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_all_rows_at_the_edges_of_nodes() {
        for rows in [0, 1, 1023, 1024, 1025, 20_000] {
            for of in 1..5 {
                let mut next = 0;
                for index in 0..of {
                    let part = Part { index, of }.rows(rows);
                    assert_eq!(part.start, next);
                    assert!(part.start.is_multiple_of(ROWS_PER_NODE) || part.start == rows);
                    next = part.end;
                }
                assert_eq!(next, rows);
            }
        }
    }
}
