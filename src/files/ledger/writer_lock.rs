//! One writer a ledger.
//!
//! An exclusive `flock`, which the kernel releases when its process ends, and a [`LockFile`] beside the ledger, which other
//! machines see where `flock` does not reach them.

use crate::files::folder::Place;
use crate::files::ledger::error::LedgerError;
use crate::files::locks::lock_file::{LockFile, Refused};
use crate::files::locks::source::{LockGuard, Taken};
use crate::files::path_error::AtPath;
use std::fs::File;
use std::io;
use std::path::Path;

const LOCK_SUFFIX: &str = ".lock";

/// Held for as long as this is.
#[derive(Debug)]
#[expect(dead_code, reason = "held, and never read")]
pub(crate) struct WriterLock {
    ledger: Option<LockGuard>,
    beside: Option<LockFile>,
}

impl WriterLock {
    /// `taken` is the result of trying to `flock` the ledger, which is open as `file`.
    pub(crate) fn new(path: &Path, file: &File, taken: &Taken) -> Result<WriterLock, LedgerError> {
        let ledger = match taken {
            Taken::Yes => {
                let file = file.try_clone().at(path, "lock it")?;
                Some(LockGuard::of(file))
            }
            Taken::Held => {
                return Err(LedgerError::InUse {
                    path: path.to_path_buf(),
                });
            }
            Taken::Unavailable(_) => None,
        };
        let beside = match beside(path) {
            Ok(lock) => Some(lock),
            // A ledger in a folder where no file can be made.
            Err(LedgerError::Path(error))
                if ledger.is_some() && error.source.kind() == io::ErrorKind::PermissionDenied =>
            {
                None
            }
            Err(error) => return Err(error),
        };
        Ok(WriterLock { ledger, beside })
    }
}

fn beside(path: &Path) -> Result<LockFile, LedgerError> {
    let mut lock = path.as_os_str().to_os_string();
    lock.push(LOCK_SUFFIX);
    let lock = Place::of(Path::new(&lock))?;
    LockFile::take(&lock).map_err(|refused| match refused {
        Refused::Held { by } => LedgerError::LockFile {
            path: path.to_path_buf(),
            lock: lock.path().to_path_buf(),
            by,
        },
        Refused::Path(error) => error.into(),
    })
}
