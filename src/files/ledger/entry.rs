//! What a ledger says: its header, and an entry a line.
//!
//! Paths are absolute, because `undo` is rarely run in the folder of the migration, and lossless (see
//! [`crate::model::protocol::path_text`]); those inside of the records are for people, as they were given.
//! Unknown keys are ignored.

use crate::files::checksum::{Fingerprint, Sha256Sum};
use crate::files::commit::Original;
use crate::files::commit::output::Output;
use crate::files::ledger::commit_line::{BegunLine, DoneLine, RowChanges};
use crate::files::ledger::run_identity::RunIdentity;
use crate::files::ledger::stored_row::StoredRow;
use crate::files::path_error::{AtPath, PathError};
use crate::files::stat_snapshot::StatSnapshot;
use crate::model::protocol::path_text;
use crate::model::protocol::path_text::PathText;
use crate::model::record::Record;
use crate::model::record::report::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Name and version of the ledger's layout.
pub(crate) const SCHEMA: &str = "h5lift.ledger/2";

/// A line as it is written: one of these, and a checksum.
#[derive(JsonSchema)]
#[expect(
    dead_code,
    reason = "only its schema is wanted: a line is summed as it is written"
)]
pub(crate) struct Line {
    #[serde(flatten)]
    content: Content,
    /// The first 16 hexadecimal digits of the SHA-256 of the line without this key.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    sum: String,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "see above")]
enum Content {
    /// The first line.
    Header(Header),
    /// Any other line.
    Entry(Entry),
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// [`SCHEMA`].
    pub ledger: String,
    /// Version of the h5lift that began it.
    pub h5lift: String,
    /// When, RFC 3339 in UTC.
    pub started: String,
    /// The file that it was written to: a copy has another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileId>,
    /// What it was begun for; ledgers of older versions do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<RunIdentity>,
}

/// Which file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileId {
    /// Device number.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
}

impl FileId {
    /// That of an open file.
    pub(crate) fn of(file: &File) -> io::Result<FileId> {
        let metadata = file.metadata()?;
        Ok(FileId {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}

/// A folder below which a migration replaced or created files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordedRoot {
    /// Which, as the user named it.
    #[serde(with = "path_text")]
    #[schemars(with = "PathText")]
    pub path: PathBuf,
    /// Device number.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub(crate) enum Entry {
    /// What rows have in common, before the first of them.
    Form {
        /// The running number of the form, from 0.
        form: u32,
        /// The JSON of a row, in which control characters stand for what each row has of its own: U+0001 for its next number;
        /// U+0002 and a letter for its next number with zeros in front, `b` for two digits, `c` for three; U+0003, an offset and
        /// U+0003 for its path from that byte on.
        text: String,
    },
    /// A commit is about to begin.
    Begun(BegunLine),
    /// Its new file is in place.
    Done(DoneLine),
    /// Its new file is not in place.
    Failed {
        /// Of which commit.
        id: CommitId,
        #[serde(flatten)]
        row: RowChanges,
    },
    /// `undo` has reverted it.
    Undone {
        /// Which commit.
        id: CommitId,
    },
    /// `purge` has deleted the kept original.
    Purged {
        /// Of which commit.
        id: CommitId,
    },
    /// The folders of a run, before its first commit.
    Roots {
        /// Below these, `undo` and `purge` may act.
        roots: Vec<RecordedRoot>,
    },
    /// A file without a commit: skipped, refused, or failed before.
    Row {
        /// When it was written, in milliseconds since 1970.
        at: i64,
        #[serde(flatten)]
        row: StoredRow,
    },
    /// Another run goes on with the ledger.
    Started {
        /// When, in milliseconds since 1970.
        at: i64,
    },
    /// A run has come to its end: each of its files has a row.
    Finished {
        /// How many.
        files: u64,
    },
    /// Something that could not be inspected.
    Problem {
        /// What.
        problem: Problem,
    },
}

/// The running number of a commit in its ledger, from 1.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct CommitId(pub u64);

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Everything needed to find out later whether old or new file is in place, and to put the old one back. Its line is a
/// [`BegunLine`].
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// Set by the ledger.
    pub id: CommitId,
    /// When it began, in milliseconds since 1970; set by the ledger.
    pub at: i64,
    /// The original.
    pub source: PathBuf,
    /// Its bytes when the work began.
    pub old: Fingerprint,
    /// The destination of the new file.
    pub placement: Placement,
    /// The new file.
    pub new: NewFile,
    /// The row as it will be, except for its outcome.
    pub record: Box<Record>,
}

/// Where a new file goes; in JSON `"placement":"in-place"` or `"elsewhere"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "placement", rename_all = "kebab-case")]
pub enum Placement {
    /// Over its original.
    InPlace {
        /// The name under which that is to be kept; `None`: not at all. In a line, a bare file name is in the folder of `source`.
        backup: Option<LedgerPath>,
    },
    /// Under another name.
    Elsewhere {
        /// Which.
        destination: LedgerPath,
    },
}

/// An absolute path, lossless in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LedgerPath(
    #[serde(with = "path_text")]
    #[schemars(with = "PathText")]
    pub PathBuf,
);

/// A new file before it has its name. A rename keeps all of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewFile {
    /// Device number.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// Its bytes.
    #[serde(flatten)]
    pub content: Fingerprint,
}

impl NewFile {
    /// Reads a finished file through; that of a [`crate::files::Temporary`].
    pub fn of(file: &File) -> io::Result<NewFile> {
        let content = Fingerprint::of(file)?;
        let snapshot = StatSnapshot::of(file)?;
        Ok(NewFile {
            device: snapshot.device,
            inode: snapshot.inode,
            content,
        })
    }
}

impl LedgerPath {
    /// Makes it absolute; links stay what they are.
    pub fn of(path: &Path) -> Result<LedgerPath, PathError> {
        let absolute = std::path::absolute(path).at(path, "make its path absolute")?;
        Ok(LedgerPath(absolute))
    }
}

impl Placement {
    /// Of an output.
    pub fn of(output: &Output) -> Result<Placement, PathError> {
        Ok(match output {
            Output::InPlace { backup, .. } => Placement::InPlace {
                backup: backup.as_deref().map(LedgerPath::of).transpose()?,
            },
            Output::Elsewhere { path, .. } => Placement::Elsewhere {
                destination: LedgerPath::of(path)?,
            },
        })
    }
}

impl Begun {
    /// The entry of a commit, which gets its number from the ledger.
    pub(crate) fn new(
        output: &Output,
        original: &Original<'_>,
        source_sha256: Sha256Sum,
        new: NewFile,
        record: &Record,
    ) -> Result<Begun, PathError> {
        Ok(Begun {
            id: CommitId(0),
            at: 0,
            source: LedgerPath::of(original.path.path())?.0,
            old: Fingerprint {
                bytes: original.snapshot.bytes,
                sha256: source_sha256,
            },
            placement: Placement::of(output)?,
            new,
            // Nothing is done yet, so nothing says so.
            record: Box::new(Record {
                outcome: None,
                ..record.clone()
            }),
        })
    }

    /// The name that the new file gets.
    pub fn destination(&self) -> &Path {
        match &self.placement {
            Placement::InPlace { .. } => &self.source,
            Placement::Elsewhere { destination } => &destination.0,
        }
    }

    /// The name under which the original is to be kept.
    pub fn backup(&self) -> Option<&Path> {
        match &self.placement {
            Placement::InPlace { backup } => backup.as_ref().map(|path| path.0.as_path()),
            Placement::Elsewhere { .. } => None,
        }
    }
}
