//! One writer a ledger.
//!
//! An exclusive `flock`, which the kernel releases when its process ends; where the file system has none, a
//! [`LockFile`] beside the ledger.

use crate::files::ledger::error::LedgerError;
use crate::files::locks::lock_file::{LockFile, Refused};
use crate::files::locks::source::{LockGuard, Taken};
use crate::files::path_error::AtPath;
use std::fs::File;
use std::path::{Path, PathBuf};

const LOCK_SUFFIX: &str = ".lock";

/// Held for as long as this is.
#[derive(Debug)]
#[expect(dead_code, reason = "held, and never read")]
pub(crate) enum WriterLock {
    Ledger(LockGuard),
    Beside(LockFile),
}

impl WriterLock {
    /// `taken` is the result of trying to `flock` the ledger, which is open as `file`.
    pub(crate) fn new(path: &Path, file: &File, taken: &Taken) -> Result<WriterLock, LedgerError> {
        match taken {
            Taken::Yes => {
                let file = file.try_clone().at(path, "lock it")?;
                Ok(WriterLock::Ledger(LockGuard::of(file)))
            }
            Taken::Held => Err(LedgerError::InUse {
                path: path.to_path_buf(),
            }),
            Taken::Unavailable(_) => Ok(WriterLock::Beside(beside(path)?)),
        }
    }
}

fn beside(path: &Path) -> Result<LockFile, LedgerError> {
    let mut lock = path.as_os_str().to_os_string();
    lock.push(LOCK_SUFFIX);
    let lock = PathBuf::from(lock);
    LockFile::create(&lock).map_err(|refused| match refused {
        Refused::Held { .. } => LedgerError::LockFile {
            path: path.to_path_buf(),
            lock,
        },
        Refused::Path(error) => error.into(),
    })
}
