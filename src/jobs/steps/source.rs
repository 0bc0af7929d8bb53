//! An original: opened, its signature read, locked; or why not.

use crate::files::{
    Candidate, PathError, Signature, SourceLock, StatSnapshot, fetch_ends, lock_source,
    open_with_snapshot, sniff,
};
use crate::jobs::context::JobContext;
use crate::model::state::State;
use crate::model::state::detect::Judgement;
use crate::plain::pieces::{Piece, piece};
use std::fs::File;
use std::time::{Duration, SystemTime};

/// An original, open read-only and locked where that works.
#[derive(Debug)]
pub struct OpenSource {
    /// What it was when it was opened.
    pub snapshot: StatSnapshot,
    /// Open as long as the file is in work.
    pub file: File,
    _lock: SourceLock,
}

/// Why an original is not open.
pub(crate) enum Unopened {
    /// Its first bytes, its age or a lock decide.
    Judged(Judgement),
    /// It is one file of several that belong together.
    Piece(Piece),
    /// The system would not.
    Failed(PathError),
}

/// Opens, reads the signature and locks. If the signature decides, no worker is asked.
pub(crate) fn open(
    context: &JobContext<'_>,
    candidate: &Candidate,
) -> Result<OpenSource, Unopened> {
    let path = &candidate.path;
    let system = |action| {
        move |source| {
            Unopened::Failed(PathError {
                path: path.clone(),
                action,
                source,
            })
        }
    };
    let (file, snapshot) =
        open_with_snapshot(candidate, &context.run.recent_folders).map_err(Unopened::Failed)?;
    fetch_ends(&file, snapshot.bytes);
    let signature = sniff(&file).map_err(system("read it"))?;
    let judged = |state, reason: &str| Err(Unopened::Judged(Judgement::new(state, reason)));
    match &signature {
        Signature::Other(reason) => return judged(State::NotHdf5, reason),
        Signature::Hdf5 {
            open_for_writing: true,
            ..
        } => {
            return judged(
                State::Busy,
                "its header marks it as open for writing: a writer is running, or died",
            );
        }
        Signature::Hdf5 { .. } => {}
    }
    if let Some(reason) = too_young(&snapshot, context.settings.min_age, SystemTime::now()) {
        return judged(State::Busy, &reason);
    }
    let lock = lock_source(&file, context.settings.locking).map_err(system("lock it"))?;
    match &lock {
        SourceLock::Held => return judged(State::Busy, "another process holds a lock on it"),
        SourceLock::Unavailable(why) => context.warn_of_missing_locks(path, why),
        SourceLock::Locked(_) | SourceLock::SwitchedOff => {}
    }
    if let Some(piece) = piece(&file, snapshot.bytes).map_err(system("read it"))? {
        return Err(Unopened::Piece(piece));
    }
    if let Some(truncation) = signature.truncation(snapshot.bytes) {
        return judged(State::Damaged, &truncation);
    }
    Ok(OpenSource {
        snapshot,
        file,
        _lock: lock,
    })
}

/// Why a file that changed a moment ago is skipped: its writer may not be done.
fn too_young(snapshot: &StatSnapshot, least: Duration, now: SystemTime) -> Option<String> {
    if least.is_zero() {
        return None;
    }
    let changed = snapshot.modified.time()?;
    match now.duration_since(changed) {
        Ok(age) if age >= least => None,
        Ok(age) => Some(format!(
            "it was changed {} s ago, and --min-age is {} s",
            age.as_secs(),
            least.as_secs()
        )),
        Err(_) => Some("its modification time lies in the future, so its age is unknown".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::stat_snapshot::Timestamp;

    #[test]
    fn only_what_was_changed_a_moment_ago_is_too_young() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let young = |seconds, least| {
            let modified = Timestamp {
                seconds,
                nanoseconds: 0,
            };
            let snapshot = StatSnapshot {
                device: 0,
                inode: 0,
                bytes: 0,
                modified,
                changed: modified,
            };
            too_young(&snapshot, Duration::from_secs(least), now)
        };
        assert_eq!(young(999, 0), None);
        assert_eq!(young(940, 60), None);
        assert_eq!(
            young(941, 60).unwrap(),
            "it was changed 59 s ago, and --min-age is 60 s"
        );
        assert!(young(1001, 60).unwrap().contains("future"));
        assert_eq!(young(-5, 60), None);
    }
}
