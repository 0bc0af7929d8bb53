//! One run per tree: two runs that replace files in the same folders exclude each other, unless they are different shards of
//! the same number of them.
//!
//! [`RunLock`] holds each given folder for a whole run, twice: by a `flock` on the folder itself (exclusive, or shared
//! among shards), which needs no right to write there, and by a [`LockFile`] in it, which other machines see where
//! `flock` does not reach them. A run makes its own file first and looks for the others then, so of two that begin at the same
//! time at least one sees the other. Where neither is possible, no run begins.
//!
//! Runs can still meet where one is given a folder inside of the other's, or a single file. So each
//! commit takes the [`FolderLock`] of the folder of its file, from the last inspection of the original to
//! the rename: the second run finds another file than the one that it has inspected, and leaves it alone.

use crate::files::commit::new_folders::UnsettledFolders;
use crate::files::folder::{Folder, Place};
use crate::files::locks::folder_lock::{FolderLock, FolderLocks};
use crate::files::locks::holder::holder_of;
use crate::files::locks::lock_file::{LockFile, Refused};
use crate::files::locks::source::{LockGuard, Taken, take};
use crate::files::path_error::{AtPath, PathError};
use crate::files::recent_folders::RecentFolders;
use crate::model::hint::Hint;
use crate::model::shard::{Shard, Split};
use rustix::fs::{Dir, FlockOperation};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use thiserror::Error;

/// The lock of a run over a whole folder; those of shards have more after it.
pub(crate) const LOCK_NAME: &str = ".h5lift-lock";
/// A commit of another run takes at most as long as a copy of its original.
const PATIENCE: Duration = Duration::from_secs(60);
/// For the other folders of a run that has waited in vain.
const LESS_PATIENCE: Duration = Duration::from_secs(2);
const NAP: Duration = Duration::from_millis(5);

/// The folders that a run has locked, until it is dropped.
#[derive(Debug, Default)]
pub struct RunLock {
    held: Vec<Held>,
    /// Folders of the run that get their owner and mode at its end.
    pub(crate) new_folders: UnsettledFolders,
    /// Folders for whose lock a commit has waited in vain.
    given_up: Mutex<HashSet<(u64, u64)>>,
    /// Those in which a commit is being made.
    committing: FolderLocks,
    /// Those that its files use at this moment.
    pub(crate) recent_folders: RecentFolders,
}

#[derive(Debug)]
struct Held {
    device: u64,
    inode: u64,
    folder: Folder,
    #[expect(dead_code, reason = "held, and never read")]
    guard: Option<LockGuard>,
    file: Option<LockFile>,
    /// The modification time of the folder before the lock file was made.
    before: SystemTime,
    /// The same right after that.
    since: Option<SystemTime>,
}

/// A run that changes nothing in the folder leaves its modification time as it was.
impl Drop for Held {
    fn drop(&mut self) {
        let is_unchanged = self.since.is_some() && modified(&self.folder) == self.since;
        if self.file.take().is_some() && is_unchanged {
            // Only its owner may, and nothing depends on it.
            let _ = self
                .folder
                .readable()
                .and_then(|folder| folder.set_modified(self.before));
        }
    }
}

fn modified(folder: &Folder) -> Option<SystemTime> {
    folder.metadata().and_then(|it| it.modified()).ok()
}

/// Why a folder cannot be locked.
#[derive(Debug, Error)]
pub(crate) enum RunLockError {
    /// Another process has it.
    #[error("{}: another h5lift is replacing files in this folder", folder.display())]
    Held { folder: PathBuf },
    /// The lock file of another process is there, and that process may still run.
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
                "wait until it has finished; if it does not run any more on any machine, remove {}",
                lock.display()
            ),
            RunLockError::Path(error) => error.hint(),
        }
    }
}

impl RunLock {
    /// Takes folders, each once, or none of them; for a shard together with the other shards.
    pub(crate) fn take<'a>(
        folders: impl IntoIterator<Item = &'a Path>,
        shard: Option<Shard>,
    ) -> Result<Self, RunLockError> {
        RunLock::take_by(folders, shard, take)
    }

    fn take_by<'a>(
        folders: impl IntoIterator<Item = &'a Path>,
        shard: Option<Shard>,
        lock: fn(&File, FlockOperation) -> Taken,
    ) -> Result<Self, RunLockError> {
        let mut held: Vec<Held> = Vec::new();
        let operation = match shard {
            None => FlockOperation::NonBlockingLockExclusive,
            Some(_) => FlockOperation::NonBlockingLockShared,
        };
        for path in folders {
            let folder = Folder::open(path)?;
            let file = folder.readable().at(path, "open this folder")?;
            let metadata = file.metadata().at(path, "inspect it")?;
            let (device, inode) = (metadata.dev(), metadata.ino());
            if held
                .iter()
                .any(|it| (it.device, it.inode) == (device, inode))
            {
                continue;
            }
            let guard = match lock(&file, operation) {
                Taken::Yes => Some(LockGuard::of(file)),
                Taken::Held => {
                    return Err(RunLockError::Held {
                        folder: path.to_path_buf(),
                    });
                }
                Taken::Unavailable(_) => None,
            };
            let lock_file = match take_file(&folder, shard) {
                Ok(lock_file) => Some(lock_file),
                // The files of the run are in folders below.
                Err(RunLockError::Path(error)) if guard.is_some() && is_read_only(&error) => None,
                Err(error) => return Err(error),
            };
            held.push(Held {
                device,
                inode,
                guard,
                file: lock_file,
                before: metadata.modified().at(path, "inspect it")?,
                since: modified(&folder),
                folder,
            });
        }
        Ok(RunLock {
            held,
            ..RunLock::default()
        })
    }

    /// How long a commit waits. A run that has waited in vain once does not wait so long for each of its files: anyone who may
    /// read a folder can lock it.
    fn patience(&self, folder: (u64, u64)) -> Duration {
        let given_up = self.given_up();
        match given_up.is_empty() {
            true => PATIENCE,
            false if given_up.contains(&folder) => Duration::ZERO,
            false => LESS_PATIENCE,
        }
    }

    fn given_up(&self) -> MutexGuard<'_, HashSet<(u64, u64)>> {
        let given_up = self.given_up.lock();
        given_up.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the lock of a folder, which other commits of this run may have, too. Where there are no locks, this is none,
    /// and what protects a file is the look at it right before the rename.
    pub(crate) fn lock_folder(&self, folder: &Folder) -> Result<FolderLock<'_>, PathError> {
        let here = folder.identity()?;
        if self.held.iter().any(|it| (it.device, it.inode) == here) {
            return Ok(FolderLock::none());
        }
        self.committing.share(here, || self.take_folder(folder))
    }

    fn take_folder(&self, folder: &Folder) -> Result<Option<LockGuard>, PathError> {
        // One lock of each folder at a time, so clones of the descriptor do not share it with another one.
        let Ok(file) = folder.shared_readable().and_then(File::try_clone) else {
            // One that may be written but not listed cannot be opened.
            return Ok(None);
        };
        let here = folder.identity()?;
        let folder = folder.path();
        let begun = Instant::now();
        let patience = self.patience(here);
        loop {
            match take(&file, FlockOperation::NonBlockingLockExclusive) {
                Taken::Yes => return Ok(Some(LockGuard::of(file))),
                Taken::Unavailable(_) => return Ok(None),
                Taken::Held if begun.elapsed() < patience => std::thread::sleep(NAP),
                Taken::Held => {
                    self.given_up().insert(here);
                    let holder = file.metadata().ok().and_then(|it| holder_of(&it));
                    let holder = holder.unwrap_or_else(|| "another process".to_string());
                    let held = format!("{holder} holds a lock on it");
                    let held = io::Error::new(io::ErrorKind::ResourceBusy, held);
                    return Err(held).at(folder, "lock this folder for a commit");
                }
            }
        }
    }
}

fn is_read_only(error: &PathError) -> bool {
    matches!(
        error.source.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

/// Takes the lock file of a run, and looks for those of runs that exclude it.
fn take_file(folder: &Folder, shard: Option<Shard>) -> Result<LockFile, RunLockError> {
    let refused = |lock: &Place, by| RunLockError::LockFile {
        folder: folder.path().to_path_buf(),
        lock: lock.path().to_path_buf(),
        by,
    };
    let ours = folder.at(OsStr::new(&lock_name(shard)));
    let lock = LockFile::take(&ours).map_err(|problem| match problem {
        Refused::Held { by } => refused(&ours, by),
        Refused::Path(error) => error.into(),
    })?;
    let listed = folder.readable().and_then(|open| Ok(Dir::new(open)?));
    for entry in listed.at(folder.path(), "list it")? {
        let entry = entry.at(folder.path(), "list it")?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let is_rival = RunName::parse(name).is_some_and(|other| other.excludes(shard));
        if is_rival && name != ours.name() {
            let rival = folder.at(name);
            if let Some(by) = LockFile::holder(&rival) {
                return Err(refused(&rival, by));
            }
        }
    }
    Ok(lock)
}

fn lock_name(shard: Option<Shard>) -> String {
    match shard {
        None => LOCK_NAME.to_string(),
        Some(shard) => {
            let split = split_word(shard.split());
            let (number, count) = (shard.number(), shard.count());
            format!("{LOCK_NAME}.{split}{number}-of-{count}")
        }
    }
}

fn split_word(split: Split) -> &'static str {
    match split {
        Split::Hash => "",
        Split::Slice => "slice-",
    }
}

/// What the name of a lock file says of its run.
struct RunName {
    shard: Option<Shard>,
}

impl RunName {
    fn parse(name: &OsStr) -> Option<RunName> {
        let rest = name.to_str()?.strip_prefix(LOCK_NAME)?;
        if rest.is_empty() {
            return Some(RunName { shard: None });
        }
        let rest = rest.strip_prefix('.')?;
        let (split, numbers) = match rest.strip_prefix(split_word(Split::Slice)) {
            Some(numbers) => (Split::Slice, numbers),
            None => (Split::Hash, rest),
        };
        let (number, count) = numbers.split_once("-of-")?;
        let shard = Shard::new(split, number.parse().ok()?, count.parse().ok()?).ok()?;
        Some(RunName { shard: Some(shard) })
    }

    /// Whether the two may not run at the same time. The same shard has the same lock file.
    fn excludes(&self, shard: Option<Shard>) -> bool {
        match (self.shard, shard) {
            (Some(one), Some(other)) => {
                (one.split(), one.count()) != (other.split(), other.count())
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

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
        let first = RunLock::take([folder.path(), other_name.as_path()], None).unwrap();
        assert_eq!(first.held.len(), 1);
        let error = RunLock::take([other_name.as_path()], None).unwrap_err();
        assert!(matches!(error, RunLockError::Held { .. }), "{error}");
        // Its commits need no further lock.
        first
            .lock_folder(&Folder::open(folder.path()).unwrap())
            .unwrap();
        drop(first);
        RunLock::take([folder.path()], None).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_stands_for_a_lock_where_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join(LOCK_NAME);
        let first = RunLock::take_by([folder.path()], None, no_locks).unwrap();
        let error = RunLock::take_by([folder.path()], None, no_locks).unwrap_err();
        assert!(error.to_string().contains("process"), "{error}");
        assert!(error.hint().contains(LOCK_NAME), "{}", error.hint());
        drop(first);
        assert!(!lock.exists());
        RunLock::take_by([folder.path()], None, no_locks).unwrap();
    }

    #[test]
    fn different_shards_run_together_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let shard = |number, count| Shard::new(Split::Hash, number, count).ok();
        for lock in [take, no_locks] {
            let held = |shard| RunLock::take_by([folder.path()], shard, lock);
            let first = held(shard(1, 3)).unwrap();
            let second = held(shard(2, 3)).unwrap();
            let slice = Shard::new(Split::Slice, 3, 3).ok();
            for other in [None, shard(1, 3), shard(3, 4), slice] {
                let error = held(other).unwrap_err();
                assert!(error.to_string().contains("another h5lift"), "{error}");
            }
            drop((first, second));
            let whole = held(None).unwrap();
            held(shard(1, 3)).unwrap_err();
            drop(whole);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn who_holds_a_folder_is_named_and_waited_for_once_in_a_run() {
        let folder = tempfile::tempdir().unwrap();
        let open = Folder::open(folder.path()).unwrap();
        let stranger = File::open(folder.path()).unwrap();
        assert_eq!(
            take(&stranger, FlockOperation::NonBlockingLockShared),
            Taken::Yes
        );
        let run = RunLock::default();
        let here = open.identity().unwrap();
        assert_eq!(run.patience(here), PATIENCE);
        // As after the first commit that has waited.
        run.given_up().insert(here);
        assert_eq!(run.patience(here), Duration::ZERO);
        assert_eq!(run.patience((0, 0)), LESS_PATIENCE);
        let error = run.lock_folder(&open).unwrap_err();
        assert!(error.to_string().contains("holds a lock on it"), "{error}");
        assert!(error.hint().contains("that process"), "{}", error.hint());
        if std::fs::read_to_string("/proc/locks").is_ok_and(|it| it.contains(&here.1.to_string())) {
            let named = format!("process {} (", std::process::id());
            assert!(error.to_string().contains(&named), "{error}");
        }
        drop(stranger);
        run.lock_folder(&open).unwrap();
    }

    #[test]
    fn commits_of_different_runs_come_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let inside = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let run = RunLock::default();
                    for _ in 0..20 {
                        let folder_lock = run
                            .lock_folder(&Folder::open(folder.path()).unwrap())
                            .unwrap();
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
