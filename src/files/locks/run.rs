//! One run per tree: two runs that replace files in the same folders exclude each other.
//!
//! [`RunLock`] holds each given folder for a whole run, by an exclusive `flock` on the folder itself,
//! which leaves nothing behind, or by a [`LockFile`] where folders cannot be locked. Runs
//! can still meet where one is given a folder inside of the other's, or a single file. So each
//! commit takes its [`FolderLock`] in the folder of its file, from the last look at the original to
//! the rename: whoever comes second finds another file than he knows, and leaves it alone.

use crate::files::locks::lock_file::{LockFile, Refused};
use crate::files::locks::source::{LockGuard, Taken, take};
use crate::files::path_error::{AtPath, PathError};
use crate::model::hint::Hint;
use rustix::fs::FlockOperation;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Replaces a lock in a folder that has none.
pub(crate) const LOCK_NAME: &str = ".h5lift-lock";
/// A commit of another run takes at most as long as a copy of its original.
const PATIENCE: Duration = Duration::from_secs(60);
const NAP: Duration = Duration::from_millis(5);

/// The folders that a run has locked, until it is dropped.
#[derive(Debug, Default)]
pub struct RunLock {
    held: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    device: u64,
    inode: u64,
    _by: Lock,
}

#[derive(Debug)]
#[expect(dead_code, reason = "held, and never read")]
enum Lock {
    Folder(LockGuard),
    File(LockFile),
}

/// Why a folder cannot be locked.
#[derive(Debug, Error)]
pub enum RunLockError {
    /// Another process has it.
    #[error("{}: another h5lift is replacing files in this folder", folder.display())]
    Held { folder: PathBuf },
    /// Folders cannot be locked there, and the lock file that replaces the lock exists.
    #[error("{}: another h5lift is replacing files in this folder, or was killed while it did: {} is there ({by})", folder.display(), lock.display())]
    LockFile {
        folder: PathBuf,
        lock: PathBuf,
        /// What it says.
        by: String,
    },
    /// The system refused an operation.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Hint for RunLockError {
    fn hint(&self) -> String {
        match self {
            RunLockError::Held { .. } => "wait until it has finished; no file was touched".into(),
            RunLockError::LockFile { lock, .. } => format!(
                "wait until it has finished, or, when it does not run any more, remove {}",
                lock.display()
            ),
            RunLockError::Path(error) => error.hint(),
        }
    }
}

/// The lock of a folder during a commit; released on drop.
#[derive(Debug)]
pub(crate) struct FolderLock(
    #[expect(dead_code, reason = "held, and never read")] Option<LockGuard>,
);

impl RunLock {
    /// Takes folders, each once, or none of them.
    pub fn take<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Result<Self, RunLockError> {
        RunLock::take_by(folders, take)
    }

    fn take_by<'a>(
        folders: impl IntoIterator<Item = &'a Path>,
        lock: fn(&File, FlockOperation) -> Taken,
    ) -> Result<Self, RunLockError> {
        let mut held: Vec<Held> = Vec::new();
        for folder in folders {
            let file = File::open(folder).at(folder, "open this folder")?;
            let metadata = file.metadata().at(folder, "inspect it")?;
            let (device, inode) = (metadata.dev(), metadata.ino());
            if held
                .iter()
                .any(|it| (it.device, it.inode) == (device, inode))
            {
                continue;
            }
            let by = match lock(&file, FlockOperation::NonBlockingLockExclusive) {
                Taken::Yes => Lock::Folder(LockGuard::of(file)),
                Taken::Held => {
                    return Err(RunLockError::Held {
                        folder: folder.to_path_buf(),
                    });
                }
                Taken::Unavailable(_) => Lock::File(lock_file(folder)?),
            };
            held.push(Held {
                device,
                inode,
                _by: by,
            });
        }
        Ok(RunLock { held })
    }

    /// Waits for the lock of a folder. Where there are no locks, this is none, and what
    /// protects a file is the look at it right before the rename.
    pub(crate) fn lock_folder(&self, folder: &Path) -> Result<FolderLock, PathError> {
        let Ok(file) = File::open(folder) else {
            // One that may be written but not listed cannot be opened.
            return Ok(FolderLock(None));
        };
        let metadata = file.metadata().at(folder, "inspect it")?;
        let here = (metadata.dev(), metadata.ino());
        if self.held.iter().any(|it| (it.device, it.inode) == here) {
            return Ok(FolderLock(None));
        }
        let begun = Instant::now();
        loop {
            match take(&file, FlockOperation::NonBlockingLockExclusive) {
                Taken::Yes => return Ok(FolderLock(Some(LockGuard::of(file)))),
                Taken::Unavailable(_) => return Ok(FolderLock(None)),
                Taken::Held if begun.elapsed() < PATIENCE => std::thread::sleep(NAP),
                Taken::Held => {
                    let held = io::Error::new(
                        io::ErrorKind::ResourceBusy,
                        "another h5lift is at work there",
                    );
                    return Err(held).at(folder, "lock this folder for a commit");
                }
            }
        }
    }
}

fn lock_file(folder: &Path) -> Result<LockFile, RunLockError> {
    let lock = folder.join(LOCK_NAME);
    LockFile::create(&lock).map_err(|refused| match refused {
        Refused::Held { by } => RunLockError::LockFile {
            folder: folder.to_path_buf(),
            lock,
            by,
        },
        Refused::Path(error) => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_locks(_: &File, _: FlockOperation) -> Taken {
        Taken::Unavailable("no locks here".into())
    }

    #[test]
    fn a_folder_is_held_by_one_run_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let other_name = folder
            .path()
            .join("../")
            .join(folder.path().file_name().unwrap());
        let first = RunLock::take([folder.path(), other_name.as_path()]).unwrap();
        assert_eq!(first.held.len(), 1);
        let error = RunLock::take([other_name.as_path()]).unwrap_err();
        assert!(matches!(error, RunLockError::Held { .. }), "{error}");
        // The commits of one run exclude each other all the same.
        first.lock_folder(folder.path()).unwrap();
        drop(first);
        RunLock::take([folder.path()]).unwrap();
    }

    #[test]
    fn a_file_stands_for_a_lock_where_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join(LOCK_NAME);
        let first = RunLock::take_by([folder.path()], no_locks).unwrap();
        let error = RunLock::take_by([folder.path()], no_locks).unwrap_err();
        assert!(error.to_string().contains("process"), "{error}");
        assert!(error.hint().contains(LOCK_NAME), "{}", error.hint());
        drop(first);
        assert!(!lock.exists());
        RunLock::take_by([folder.path()], no_locks).unwrap();
    }

    #[test]
    fn turns_come_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let nobody = RunLock::default();
        let inside = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let folder_lock = nobody.lock_folder(folder.path()).unwrap();
                        let before = inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        assert_eq!(before, 0, "two at once");
                        inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                        drop(folder_lock);
                    }
                });
            }
        });
    }
}
