//! The protocol between the parent process and its workers: JSON, one message per line.
//!
//! Each request is a struct that implements [`Request`], with its reply as the associated type. The parent sends one
//! at a time, after the [`Core`] that it may use, and with it the descriptors of its files, which are open: no message
//! has a path, and a worker opens nothing. The doc of a request says which files it takes, in which order. The worker
//! answers with the reply or with a [`Failure`], and sends any number of [`Progress`] heartbeats before it, on a pipe of
//! its own.

pub mod failure;
pub(crate) mod path_text;
pub mod phase;

use crate::model::digest::{ContentDigest, ROWS_PER_NODE, Sum, sums};
use crate::model::facts::Facts;
use crate::model::facts::text_matrix::{Conversion, TextFacts};
use crate::model::names::form::NamesForm;
use crate::model::names::rules::Rules;
use crate::model::names::source::SourceNames;
use crate::model::plan::policy::{Charset, Verification};
use crate::model::plan::recipe::{GivenNames, Recipe};
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::phase::Phase;
use crate::model::record::WrittenAs;
use crate::model::salvage::{Salvaged, VerifyReport};
use serde::{Deserialize, Serialize};

/// A file of up to this many bytes is read and inspected as one piece.
pub const SMALL_FILE: u64 = 128 << 10;

/// More files than any request has.
pub const MOST_FILES: usize = 4;

/// A core of a batch: which one, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Core {
    /// From 0.
    pub index: usize,
    /// All cores of the batch.
    pub of: usize,
}

/// What a request may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Threads that compute.
    pub threads: usize,
    /// Bytes that one chunk or window of values may take; a few are in memory at once.
    pub bytes: u64,
}

/// A request to a worker.
pub trait Request: Sized {
    /// What the worker answers, unless it fails.
    type Reply;
    /// How many files are sent with it.
    const FILES: usize;

    /// How many threads it keeps busy.
    fn threads(&self) -> usize;
    /// The request as a message.
    fn into_message(self) -> RequestMessage;
    /// Its reply as a message.
    fn reply_message(reply: Self::Reply) -> ReplyMessage;
    /// The reply in a message. A reply to another request is an internal failure.
    fn read_reply(message: ReplyMessage) -> Result<Self::Reply, Failure>;
}

/// Declares the messages of the protocol: `name: request, files => reply, threads`.
macro_rules! messages {
    ($($name:ident: $request:ident, $files:literal => $reply:ty, $threads:expr;)*) => {
        /// Any request, as it is sent.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(tag = "request", rename_all = "kebab-case")]
        pub enum RequestMessage {
            $(#[doc = concat!("[`", stringify!($request), "`].")] $name($request),)*
        }

        /// Any reply, as it is sent.
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum ReplyMessage {
            $(#[doc = concat!("To [`", stringify!($request), "`].")] $name($reply),)*
        }

        $(impl Request for $request {
            type Reply = $reply;
            const FILES: usize = $files;

            fn threads(&self) -> usize {
                let threads: fn(&$request) -> usize = $threads;
                threads(self)
            }

            fn into_message(self) -> RequestMessage {
                RequestMessage::$name(self)
            }

            fn reply_message(reply: $reply) -> ReplyMessage {
                ReplyMessage::$name(reply)
            }

            fn read_reply(message: ReplyMessage) -> Result<$reply, Failure> {
                match message {
                    ReplyMessage::$name(reply) => Ok(reply),
                    other => Err(unexpected(&other)),
                }
            }
        })*
    };
}

messages! {
    Ping: PingRequest, 0 => Build, |_| 1;
    Inspect: InspectRequest, 1 => Box<Facts>, |it| it.lint.map_or(1, |budget| budget.threads);
    ReadNames: ReadNamesRequest, 1 => NamesRead, |it| it.budget.threads;
    CompareValues: CompareValuesRequest, 2 => (), |it| it.budget.threads;
    Migrate: MigrateRequest, 2 => Migrated, |it| it.budget.threads;
    Sample: SampleRequest, 1 => Sampled, |it| it.budget.threads;
    ReadText: ReadTextRequest, 1 => TextRead, |it| it.budget.threads;
    Convert: ConvertRequest, 3 => Converted, |it| it.budget.threads;
    Compare: CompareRequest, 2 => Verified, |it| it.budget.threads;
    CheckDigest: CheckDigestRequest, 1 => Verified, |it| it.budget.threads;
}

fn unexpected(reply: &ReplyMessage) -> Failure {
    Failure {
        kind: FailureKind::Internal,
        phase: Phase::Starting,
        message: format!("unexpected answer {reply:?}"),
        help: None,
        places: Vec::new(),
    }
}

/// Asks whether the worker works at all.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PingRequest;

/// Asks for the facts of a file. File: it, open read-only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InspectRequest {
    /// Where matrix and names are looked for.
    pub rules: Rules,
    /// How names are decoded.
    pub charset: Charset,
    /// Also report findings about names and values; reading all values may use this.
    pub lint: Option<Budget>,
}

/// Which program a worker is. One that was started by its path may be another than the parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Version of h5lift.
    pub version: String,
    /// Version of the HDF5 library in it.
    pub hdf5: String,
}

impl Build {
    pub fn own() -> Self {
        Build {
            version: env!("CARGO_PKG_VERSION").to_string(),
            hdf5: crate::hdf5_version(),
        }
    }
}

/// The names that a worker has read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NamesRead {
    pub names: SourceNames,
    /// How they were read, where that is not plain.
    pub notes: Vec<String>,
}

/// Asks for the names in a file that was given as a source of names. File: it, open read-only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadNamesRequest {
    /// Whether it is HDF5; otherwise it is text.
    pub hdf5: bool,
    /// Where matrix and names are looked for, in HDF5.
    pub rules: Rules,
    /// How names are decoded, in HDF5.
    pub charset: Charset,
    pub budget: Budget,
}

/// Compares the values of a file with those of the matrix that names are taken from. Files: the one without names,
/// and the matrix with names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CompareValuesRequest {
    /// Path of its matrix.
    pub matrix: String,
    /// Whether the matrix with names is HDF5; otherwise it is text.
    pub hdf5: bool,
    /// Path of the matrix in it, in HDF5.
    pub other_matrix: String,
    /// Whether rows of the file without names are columns of the other matrix.
    pub transpose: bool,
    pub budget: Budget,
}

/// Writes the new layout of a file. Files: the old one, open read-only, and an empty one, which is overwritten.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MigrateRequest {
    pub recipe: Recipe,
    pub budget: Budget,
}

/// Encodes a few chunks of the new layout of a file and writes nothing. File: the old one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SampleRequest {
    pub recipe: Recipe,
    pub budget: Budget,
}

/// Reads a text matrix and writes nothing. File: the text, or a pipe.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadTextRequest {
    pub conversion: Conversion,
    pub budget: Budget,
}

/// Makes an HDF5 file of a text matrix. Files: the text, or a pipe; an empty one, which is overwritten; and another
/// one, for chunks that wait until all rows are known.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConvertRequest {
    /// How it is read and written.
    pub conversion: Conversion,
    pub budget: Budget,
}

/// Verifies that a new file holds all of an old one. Files: the old one and the new one, open read-only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CompareRequest {
    /// Through the library's filters, or by raw chunks.
    pub level: Verification,
    /// The recipe that the new file was made by; `None`: any that keeps all of the old one.
    pub recipe: Option<Box<Recipe>>,
    /// Where matrix and names are looked for, without a recipe.
    pub rules: Rules,
    /// Names that the old file has lost, without a recipe.
    pub given: GivenNames,
    /// How the old names are decoded, without a recipe.
    pub charset: Charset,
    /// CRC-32 of the bytes of the new file, as its writer computed it.
    pub crc32: Option<u32>,
    /// Which part of the verification.
    pub part: Part,
    pub budget: Budget,
}

impl CompareRequest {
    /// How the new file must have its names; `None`: in any form of the current layout.
    pub(crate) fn form(&self) -> Option<NamesForm> {
        self.recipe.as_ref().map(|recipe| recipe.form)
    }

    /// Whether chunks of the old file that cannot be decoded may be NaN, where the new file records it.
    pub(crate) fn salvages(&self) -> bool {
        self.recipe.as_ref().is_none_or(|recipe| recipe.salvage)
    }
}

/// Verifies that a file still matches its own digest. File: it, open read-only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckDigestRequest {
    /// Through the library's filters, or by raw chunks.
    pub level: Verification,
    /// CRC-32 of its bytes, as its writer computed it.
    pub crc32: Option<u32>,
    /// Which part of the verification.
    pub part: Part,
    pub budget: Budget,
}

/// A part of the verification of a new file: several workers can share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which of the parts, from 0. The first also compares everything but the values.
    pub index: u64,
    /// How many parts there are.
    pub of: u64,
}

impl Part {
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

/// The temporary file of a migration is complete and closed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Migrated {
    pub written_as: WrittenAs,
    /// Digest of what was read from the old file.
    pub digest: ContentDigest,
    /// What of it could not be read, where that was asked for.
    pub salvaged: Option<Salvaged>,
    /// CRC-32 of all bytes of the temporary file.
    pub crc32: u32,
}

/// Some values were read, encoded and decoded as in a migration with its verification.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// Bytes of these values.
    pub raw_bytes: u64,
    /// Bytes of the new chunks that hold them; 0 if chunks are copied.
    pub stored_bytes: u64,
    /// Time of one thread.
    pub nanoseconds: u64,
}

/// The text is a matrix.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TextRead {
    pub facts: Box<TextFacts>,
    /// Digest of it; `rest` is that of nothing.
    pub digest: ContentDigest,
}

/// The temporary file of a conversion is complete and closed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Converted {
    pub facts: Box<TextFacts>,
    pub written_as: WrittenAs,
    /// Digest of what was read.
    pub digest: ContentDigest,
    /// CRC-32 of all bytes of the temporary file.
    pub crc32: u32,
}

/// Everything that was to be compared is equal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verified {
    /// The digest that the new file carries, which agrees with what was read.
    pub digest: Option<ContentDigest>,
    /// Nodes of the values that this part hashed; `None` where a fast verification compared values or chunks with
    /// the old ones instead.
    #[serde(with = "sums")]
    pub nodes: Option<Vec<Sum>>,
    /// What is lost, and what the files record of it.
    pub verify_report: VerifyReport,
}

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

    #[test]
    fn a_reply_to_another_request_is_an_internal_failure() {
        let failure =
            InspectRequest::read_reply(PingRequest::reply_message(Build::own())).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Internal);
        assert!(
            failure.message.contains("unexpected answer Ping"),
            "{failure:?}"
        );
        assert_eq!(
            PingRequest::read_reply(PingRequest::reply_message(Build::own())),
            Ok(Build::own())
        );
    }
}
