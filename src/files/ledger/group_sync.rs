//! One sync for all lines that wait for one (group commit): while it runs, other threads append, and the next sync
//! is for all that they appended.
//!
//! On a fast disk a sync is over before the next line comes, and each costs processor time, here and in the file system. So the
//! thread that is to sync waits a moment for the lines of others first, as PostgreSQL does with its `commit_delay`.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long it waits, less the time that the last sync took: on a slow disk enough lines come during a sync.
const GATHERING: Duration = Duration::from_millis(20);

/// How far a file is on the disk.
#[derive(Debug, Default)]
pub(crate) struct GroupSync {
    state: Mutex<SyncState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct SyncState {
    /// Bytes from its start that are on the disk.
    synced: u64,
    /// A thread is syncing.
    running: bool,
    /// A sync has failed.
    failed: bool,
    /// How long the last one took.
    took: Duration,
}

/// Why bytes are not known to be on the disk.
#[derive(Debug)]
pub(crate) enum SyncFailure {
    /// The sync of this thread failed.
    Now(io::Error),
    /// That of another thread failed.
    Before,
}

impl GroupSync {
    /// Returns once the first `length` bytes are on the disk. `sync` brings all bytes there that are in the file when it is
    /// called, and returns how many these were. With `others_follow` it is called only after a moment, for the sake of their lines.
    ///
    /// After a failure the kernel has dropped what it could not write, and a second try would succeed: so there is none.
    pub(crate) fn reach(
        &self,
        length: u64,
        others_follow: bool,
        sync: impl FnOnce() -> io::Result<u64>,
    ) -> Result<(), SyncFailure> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let must_wait = |state: &mut SyncState| state.running && state.synced < length;
        let state = self.changed.wait_while(state, must_wait);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if state.synced >= length {
            return Ok(());
        }
        if state.failed {
            return Err(SyncFailure::Before);
        }
        state.running = true;
        let gathering = GATHERING.saturating_sub(state.took);
        drop(state);
        if others_follow {
            thread::sleep(gathering);
        }
        let began = Instant::now();
        let done = sync();
        let took = began.elapsed();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running = false;
        state.took = took;
        match &done {
            Ok(synced) => state.synced = state.synced.max(*synced),
            Err(_) => state.failed = true,
        }
        drop(state);
        self.changed.notify_all();
        done.map(drop).map_err(SyncFailure::Now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};

    #[test]
    fn those_that_wait_while_a_sync_runs_share_the_next_one() {
        let (group, syncs, length) = (GroupSync::default(), AtomicUsize::new(0), AtomicU64::new(1));
        let began = AtomicUsize::new(0);
        let sync = || {
            let first = syncs.fetch_add(1, SeqCst) == 0;
            let synced = length.load(SeqCst);
            while first && began.load(SeqCst) < 20 {
                std::thread::yield_now();
            }
            Ok(synced)
        };
        std::thread::scope(|scope| {
            scope.spawn(|| group.reach(1, false, sync).unwrap());
            while syncs.load(SeqCst) == 0 {
                std::thread::yield_now();
            }
            length.store(21, SeqCst);
            for own in 2..=21 {
                let (group, began) = (&group, &began);
                scope.spawn(move || {
                    began.fetch_add(1, SeqCst);
                    group.reach(own, false, sync).unwrap();
                });
            }
        });
        assert_eq!(syncs.into_inner(), 2);
    }

    #[test]
    fn lines_that_come_soon_after_the_first_share_its_sync() {
        let (group, length) = (GroupSync::default(), AtomicU64::new(0));
        let syncs = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let own = length.fetch_add(1, SeqCst) + 1;
                    let sync = || {
                        syncs.fetch_add(1, SeqCst);
                        Ok(length.load(SeqCst))
                    };
                    group.reach(own, true, sync).unwrap();
                });
                thread::sleep(GATHERING / 10);
            }
        });
        let syncs = syncs.into_inner();
        assert!(syncs < 8, "{syncs} syncs of 8 lines");
    }

    #[test]
    fn after_a_failure_nothing_more_is_durable_and_nothing_is_synced_again() {
        let group = GroupSync::default();
        group.reach(5, false, || Ok(5)).unwrap();
        let failed = group.reach(6, false, || Err(io::ErrorKind::StorageFull.into()));
        assert!(matches!(failed, Err(SyncFailure::Now(_))));
        let never = || panic!("it was synced again");
        assert!(matches!(
            group.reach(6, true, never),
            Err(SyncFailure::Before)
        ));
        group
            .reach(5, true, || panic!("it is on the disk"))
            .unwrap();
    }
}
