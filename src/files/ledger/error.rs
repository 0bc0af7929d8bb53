//! Why a ledger cannot be read or written, and what to do about it.

use crate::files::path_error::PathError;
use crate::model::hint::Hint;
use std::path::PathBuf;
use thiserror::Error;

/// The errors of a ledger.
#[derive(Debug, Error)]
pub enum LedgerError {
    /// It has another writer.
    #[error("{}: another h5lift is writing to this ledger", path.display())]
    InUse { path: PathBuf },
    /// The lock file of another process is there, and that process may still run.
    #[error("{}: another h5lift is writing to this ledger, or was killed while it did: {} is there ({by})", path.display(), lock.display())]
    LockFile {
        path: PathBuf,
        lock: PathBuf,
        by: String,
    },
    /// It is another kind of file.
    #[error("{}: it is not a ledger of h5lift", path.display())]
    NotALedger { path: PathBuf },
    /// Somebody else could have written it.
    #[error("{}: this ledger is not used, because {cause}", path.display())]
    Untrusted {
        /// The ledger, or a file beside it.
        path: PathBuf,
        /// Why; reads after "because".
        cause: String,
    },
    /// It was written by another version of h5lift.
    #[error("{}: its layout is {found}, and this h5lift knows {}", path.display(), crate::files::ledger::entry::SCHEMA)]
    Version {
        path: PathBuf,
        /// What its header says.
        found: String,
    },
    #[error("{}:{line}: {cause}", path.display())]
    Damaged {
        path: PathBuf,
        /// Its line, from 1.
        line: u64,
        cause: String,
    },
    /// Of a line that has the right checksum, the content is wrong, or it was changed while it was read.
    #[error("{}: {cause}", path.display())]
    Unreadable { path: PathBuf, cause: String },
    /// It belongs to another shard or run.
    #[error("{}: this ledger is of another run: {why}", path.display())]
    OtherRun { path: PathBuf, why: String },
    /// It is of another run than the ledgers that were given with it.
    #[error("{}: this ledger is not of the same run as the others: {why}", path.display())]
    NotSameRun { path: PathBuf, why: String },
    /// After an earlier failure, the content of the file is unknown.
    #[error("{}: nothing more is written to this ledger, because an earlier write failed", path.display())]
    Broken { path: PathBuf },
    /// Some entry could not be written.
    #[error("{}: this ledger is incomplete, because a write failed", path.display())]
    Incomplete { path: PathBuf },
    /// The system refused an operation.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Hint for LedgerError {
    fn hint(&self) -> String {
        match self {
            LedgerError::InUse { .. } => {
                "wait for it, or give each run its own --ledger; h5lift report merges them"
                    .to_string()
            }
            LedgerError::LockFile { lock, .. } => format!(
                "wait until it has finished; if it does not run any more on any machine, remove {}",
                lock.display()
            ),
            LedgerError::NotALedger { .. } => {
                "name a ledger that migrate --ledger wrote; to begin one, name a file that is not there".to_string()
            }
            LedgerError::Untrusted { .. } => {
                "undo and purge replace and delete what a ledger names: use one that only you can \
                 write to (chmod go-w, in a folder of yours), or add --trust-ledger if you know who wrote it"
                    .to_string()
            }
            LedgerError::Version { .. } => "use the h5lift that wrote it".to_string(),
            LedgerError::Damaged { .. } | LedgerError::Unreadable { .. } => {
                "restore it from a copy, or keep it and begin a new one: files that are finished \
                 are known without it, but only it can undo them"
                    .to_string()
            }
            LedgerError::OtherRun { .. } => {
                "give this run another --ledger, or the inputs and options of the first one"
                    .to_string()
            }
            LedgerError::NotSameRun { .. } => {
                "name the ledgers of one run: shards of the same inputs and options".to_string()
            }
            LedgerError::Broken { .. } => {
                "free some space or check its disk, then run again".to_string()
            }
            LedgerError::Incomplete { .. } => {
                "run again with it: h5lift then checks the disk and records how each commit ended"
                    .to_string()
            }
            LedgerError::Path(error) => error.hint(),
        }
    }
}
