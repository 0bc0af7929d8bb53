//! One writer a ledger.
//!
//! An exclusive `flock`, which the kernel drops when its process ends. Where the
//! file system has none, a file beside the ledger that only one process can
//! create stands for it; a crash leaves that behind, and a person has to look
//! whether it still means something.

use super::error::LedgerError;
use crate::archive::lock::Taken;
use crate::archive::path_error::AtPath;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const LOCK_SUFFIX: &str = ".lock";

/// Held for as long as this is; the `flock` itself lives in the open ledger.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: Option<PathBuf>,
}

impl WriterLock {
    /// `taken` is what became of the wish for a `flock` on the ledger.
    pub(super) fn new(path: &Path, taken: &Taken) -> Result<WriterLock, LedgerError> {
        match taken {
            Taken::Yes => Ok(WriterLock { file: None }),
            Taken::Held => Err(LedgerError::InUse {
                path: path.to_path_buf(),
            }),
            Taken::Unavailable(_) => WriterLock::by_file(path),
        }
    }

    fn by_file(path: &Path) -> Result<WriterLock, LedgerError> {
        let mut lock = path.as_os_str().to_os_string();
        lock.push(LOCK_SUFFIX);
        let lock = PathBuf::from(lock);
        let mut file = match File::create_new(&lock) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(LedgerError::LockFile {
                    path: path.to_path_buf(),
                    lock,
                });
            }
            created => created.at(&lock, "create this lock file")?,
        };
        let held = WriterLock {
            file: Some(lock.clone()),
        };
        // For the person who finds it.
        writeln!(file, "h5lift, process {}", std::process::id())
            .at(&lock, "write this lock file")?;
        Ok(held)
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // One that stays is told by the next writer, with what to do.
            let _ = fs::remove_file(file);
        }
    }
}
