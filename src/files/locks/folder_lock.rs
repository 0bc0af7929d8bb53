//! The lock of a folder while files in it are replaced: runs exclude each other, the commits of one run share it.
//!
//! A commit syncs the folder before its rename. If each had the lock for itself, files of one folder would wait for the disk
//! one after the other.

use crate::files::locks::source::LockGuard;
use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// After this time no further commit of this run shares a lock: another run may wait for it.
const TURN: Duration = Duration::from_millis(100);
/// How long the lock is free then: longer than the interval at which others try.
const REST: Duration = Duration::from_millis(15);

type FolderId = (u64, u64);

/// The folder locks of one run.
#[derive(Debug, Default)]
pub(crate) struct FolderLocks {
    folders: Mutex<HashMap<FolderId, State>>,
    changed: Condvar,
}

#[derive(Debug)]
enum State {
    /// A thread is taking it.
    Taking,
    Held {
        commits: usize,
        since: Instant,
        #[expect(dead_code, reason = "held, and never read")]
        guard: LockGuard,
    },
    /// It was held for long and is left to other runs for a moment.
    Resting { since: Instant },
}

/// Held by a commit, until it is dropped.
#[derive(Debug)]
pub(crate) struct FolderLock<'a>(Option<(&'a FolderLocks, FolderId)>);

impl FolderLock<'_> {
    /// Where nothing has to be locked, or nothing can be.
    pub(crate) fn none() -> Self {
        FolderLock(None)
    }
}

impl FolderLocks {
    /// Shares the lock of a folder with other commits of this run, or gets it by `take`, which may wait. `None` of that: there
    /// are no locks.
    pub(crate) fn share<E>(
        &self,
        folder: FolderId,
        take: impl FnOnce() -> Result<Option<LockGuard>, E>,
    ) -> Result<FolderLock<'_>, E> {
        if let Some(shared) = self.join(folder) {
            return Ok(shared);
        }
        let taken = take();
        let mut folders = self.lock();
        let lock = match taken {
            Ok(Some(guard)) => {
                let held = State::Held {
                    commits: 1,
                    since: Instant::now(),
                    guard,
                };
                folders.insert(folder, held);
                Ok(FolderLock(Some((self, folder))))
            }
            Ok(None) => {
                folders.remove(&folder);
                Ok(FolderLock::none())
            }
            Err(error) => {
                folders.remove(&folder);
                Err(error)
            }
        };
        drop(folders);
        self.changed.notify_all();
        lock
    }

    /// The lock, if this run has it; if not, this thread is the one that has to take it.
    fn join(&self, folder: FolderId) -> Option<FolderLock<'_>> {
        let mut folders = self.lock();
        loop {
            let rest = match folders.get_mut(&folder) {
                Some(State::Held { commits, since, .. }) if since.elapsed() < TURN => {
                    *commits += 1;
                    return Some(FolderLock(Some((self, folder))));
                }
                Some(State::Held { .. } | State::Taking) => None,
                Some(State::Resting { since }) => Some(REST.saturating_sub(since.elapsed())),
                None => Some(Duration::ZERO),
            };
            match rest {
                Some(Duration::ZERO) => {
                    folders.insert(folder, State::Taking);
                    return None;
                }
                Some(rest) => {
                    drop(folders);
                    thread::sleep(rest);
                    folders = self.lock();
                }
                None => {
                    let waited = self.changed.wait(folders);
                    folders = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    fn leave(&self, folder: FolderId) {
        let mut folders = self.lock();
        let Some(State::Held { commits, since, .. }) = folders.get_mut(&folder) else {
            return;
        };
        *commits -= 1;
        if *commits > 0 {
            return;
        }
        let released = match since.elapsed() < TURN {
            true => folders.remove(&folder),
            false => {
                let since = Instant::now();
                folders.insert(folder, State::Resting { since })
            }
        };
        drop(released);
        drop(folders);
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FolderId, State>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FolderLock<'_> {
    fn drop(&mut self) {
        if let Some((locks, folder)) = self.0.take() {
            locks.leave(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::fs::File;

    fn guard() -> Result<Option<LockGuard>, Infallible> {
        Ok(Some(LockGuard::of(tempfile::tempfile().unwrap())))
    }

    fn is_held(locks: &FolderLocks) -> bool {
        matches!(locks.lock().get(&(1, 2)), Some(State::Held { .. }))
    }

    #[test]
    fn commits_of_a_run_share_a_lock_and_the_last_one_releases_it() {
        let locks = FolderLocks::default();
        let never = || -> Result<Option<LockGuard>, Infallible> { panic!("it was taken twice") };
        let first = locks.share((1, 2), guard).unwrap();
        let second = locks.share((1, 2), never).unwrap();
        let other = locks.share((1, 3), guard).unwrap();
        drop(first);
        assert!(is_held(&locks));
        drop(second);
        assert!(!is_held(&locks));
        drop(other);
        assert!(locks.lock().is_empty());
    }

    #[test]
    fn a_lock_that_was_not_granted_is_tried_by_the_next_one() {
        let locks = FolderLocks::default();
        locks.share((1, 2), || Err(())).unwrap_err();
        let none: Result<FolderLock<'_>, ()> = locks.share((1, 2), || Ok(None));
        drop(none.unwrap());
        assert!(locks.lock().is_empty());
        locks.share((1, 2), guard).unwrap();
    }

    #[test]
    fn a_lock_that_is_held_for_long_is_left_to_others_for_a_moment() {
        let locks = FolderLocks::default();
        let long_ago = Instant::now() - 2 * TURN;
        let held = State::Held {
            commits: 1,
            since: long_ago,
            guard: LockGuard::of(File::open(".").unwrap()),
        };
        locks.lock().insert((1, 2), held);
        let old = FolderLock(Some((&locks, (1, 2))));
        thread::scope(|scope| {
            let next = scope.spawn(|| {
                let shared = locks.share((1, 2), guard).unwrap();
                drop(shared);
                Instant::now()
            });
            // It does not join the old one, which is released first.
            thread::sleep(REST);
            assert!(!next.is_finished());
            let released = Instant::now();
            drop(old);
            assert!(next.join().unwrap() >= released + REST);
        });
    }
}
