//! Undoes migrations that a ledger records: plans for one file, then acts on it.
//!
//! In place, the kept original is renamed over the new file, with its own mode, owner, attributes and times.
//! Elsewhere, the new file is removed if its source still exists. Both happen only below the [`roots`] of the run, if the bytes of
//! all files involved are those that the ledger recorded, and if the new file carries h5lift's mark. Only the last migration to a name is undone. Folders that it
//! created stay, and files that `--overwrite` replaced cannot be restored.
//!
//! What a crash leaves behind:
//!
//! | after | under the name | beside it |
//! |---|---|---|
//! | rename of the kept original | the original | nothing |
//! | original on another disk: rename of its copy | the original | the kept original |
//! | removal of a new file elsewhere | nothing | |
//!
//! After a crash at any of these lines, the next undo finds that the original is in place and only updates
//! the ledger.

pub(crate) mod decision;
pub(crate) mod file_check;
pub(crate) mod purge;
pub(crate) mod refusal;
pub(crate) mod restore;
pub(crate) mod roots;

use crate::files::commit::sync_folder_of;
use crate::files::folder::Place;
use crate::files::ledger::{CommitEntry, CommitId, History, Ledger, LedgerError};
use crate::files::locks::source::FileLocking;
use crate::files::path_error::AtPath;
use crate::files::stat_snapshot::StatSnapshot;
use crate::files::undo::decision::{UndoAction, decide_elsewhere, decide_in_place};
use crate::files::undo::file_check::{HeldFile, check_place_unmoved, check_unmoved, hold_unmoved};
use crate::files::undo::refusal::{Refusal, StepError};
use crate::files::undo::restore::restore;
use crate::files::undo::roots::Roots;
use std::fmt;
use std::fs::File;
use std::path::PathBuf;

/// What is to be done about one new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UndoStep {
    pub id: CommitId,
    pub path: PathBuf,
    /// What to do with it.
    pub decision: UndoAction,
}

/// The result of a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    /// The original is in place again.
    Restore {
        /// What could not be done completely; one sentence each.
        notes: Vec<String>,
    },
    /// The new file has been removed.
    Removed {
        /// What could not be done completely; one sentence each.
        notes: Vec<String>,
    },
    /// Nothing to do.
    Nothing,
}

/// What to do about every new file of a ledger, one after the other, each after a check of the disk that reads the file and its
/// original. Open commits should be settled before.
pub(crate) fn plan_undo(
    history: &History,
    roots: &Roots,
) -> impl Iterator<Item = Result<UndoStep, LedgerError>> {
    let commits = history.latest_commits();
    commits.map(|commit| Ok(UndoStep::plan(&commit?, roots)))
}

/// Whether an open file is one that h5lift made, with its mark or (`true`) as a copy of its source; the error says why it is not.
/// The caller asks a worker.
pub(crate) type IsOurs<'a> = dyn Fn(&File, bool) -> Result<(), String> + 'a;

impl UndoStep {
    /// What to do about one commit.
    pub(crate) fn plan(commit: &CommitEntry, roots: &Roots) -> UndoStep {
        let decision = if commit.is_in_place() {
            decide_in_place(commit, roots)
        } else {
            decide_elsewhere(commit, roots)
        };
        UndoStep {
            id: commit.id(),
            path: commit.begun.destination().to_path_buf(),
            decision: decision.unwrap_or_else(UndoAction::Refuse),
        }
    }

    /// Acts, if nothing has changed since the check.
    pub(crate) fn execute(
        &self,
        ledger: &Ledger,
        roots: &Roots,
        locking: FileLocking,
        is_ours: &IsOurs<'_>,
    ) -> Result<Undone, StepError> {
        let undone = match &self.decision {
            UndoAction::Restore {
                backup,
                new,
                original,
            } => {
                let backup = roots.existing(backup)?;
                check_place_unmoved(&backup, original)?;
                let (place, _held) =
                    self.hold(roots, new, locking, &|file| is_ours(file, false))?;
                let notes = restore(&backup, original, &place)?;
                Undone::Restore { notes }
            }
            UndoAction::Remove {
                source,
                new,
                original,
                is_copy,
            } => {
                check_unmoved(source, original)?;
                let (place, _held) =
                    self.hold(roots, new, locking, &|file| is_ours(file, *is_copy))?;
                place.remove().at(&self.path, "remove it")?;
                let mut notes = Vec::new();
                sync_folder_of(&place, &mut notes)?;
                Undone::Removed { notes }
            }
            UndoAction::Nothing { untold: false, .. } => return Ok(Undone::Nothing),
            UndoAction::Nothing { untold: true, .. } => Undone::Nothing,
            UndoAction::Refuse(refusal) => return Err(refusal.clone().into()),
        };
        ledger.undone(self.id)?;
        Ok(undone)
    }

    /// The new file, unchanged since the plan and made by h5lift.
    fn hold(
        &self,
        roots: &Roots,
        new: &StatSnapshot,
        locking: FileLocking,
        is_ours: &dyn Fn(&File) -> Result<(), String>,
    ) -> Result<(Place, HeldFile), StepError> {
        let place = roots.existing(&self.path)?;
        let held = hold_unmoved(&place, new, locking)?;
        is_ours(&held.file).map_err(|why| Refusal {
            path: self.path.clone(),
            cause: format!("it does not look like a file that h5lift made: {why}"),
            hint: "undo replaces and removes only such files: check where the ledger comes from"
                .to_string(),
        })?;
        // A worker has read it meanwhile.
        check_place_unmoved(&place, new)?;
        Ok((place, held))
    }
}

/// One line for people; the caller escapes names.
impl fmt::Display for UndoStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.decision {
            UndoAction::Restore { backup, .. } => {
                write!(f, "{path}: put the original back from {}", backup.display())
            }
            UndoAction::Remove { source, .. } => {
                write!(
                    f,
                    "{path}: remove it; its source {} is unchanged",
                    source.display()
                )
            }
            UndoAction::Nothing { reason, .. } => write!(f, "{path}: nothing to do: {reason}"),
            UndoAction::Refuse(refusal) => refusal.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
