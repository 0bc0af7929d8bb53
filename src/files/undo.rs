//! Taking migrations back, as a ledger tells them: planned first, then done.
//!
//! In place, the kept original is renamed over the new file, and with it come its
//! own mode, owner, attributes and times. Elsewhere, the new file is removed, when
//! its source is still there. Both only when the bytes of all concerned are those
//! that the ledger recorded. Only the last migration to a name is taken back, and
//! folders that it made stay, as does what `--overwrite` replaced: gone.
//!
//! What a crash leaves behind:
//!
//! | after | under the name | beside it |
//! |---|---|---|
//! | rename of the kept original | the original | nothing |
//! | original on another disk: rename of its copy | the original | the kept original |
//! | removal of a new file elsewhere | nothing | |
//!
//! From each line the next undo sees that the original is there, and only tells
//! the ledger.

pub(crate) mod decision;
pub(crate) mod file_check;
pub(crate) mod purge;
pub(crate) mod refusal;
pub(crate) mod restore;

use crate::files::commit::sync_folders;
use crate::files::ledger::{CommitEntry, CommitId, History, Ledger};
use crate::files::locks::source::FileLocking;
use crate::files::path_error::AtPath;
use crate::files::undo::decision::{UndoAction, decide_elsewhere, decide_in_place};
use crate::files::undo::file_check::{check_unmoved, hold_unmoved};
use crate::files::undo::refusal::StepError;
use crate::files::undo::restore::restore;
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// What is to be done about one new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UndoStep {
    /// Of which commit.
    pub id: CommitId,
    /// The new file.
    pub path: PathBuf,
    /// What to do with it.
    pub decision: UndoAction,
}

/// What a step came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    /// The original is in place again.
    Restore {
        /// What could not be done as well as it should; a sentence each.
        notes: Vec<String>,
    },
    /// The new file is gone.
    Removed {
        /// What could not be done as well as it should; a sentence each.
        notes: Vec<String>,
    },
    /// There was nothing to do.
    Nothing,
}

/// What to do about every new file of a ledger, after a look at the disk that
/// reads each file and each original. Open commits should be settled before.
pub(crate) fn plan_undo(history: &History) -> Vec<UndoStep> {
    history.latest_commits().map(UndoStep::plan).collect()
}

impl UndoStep {
    /// What to do about one commit.
    pub(crate) fn plan(commit: &CommitEntry) -> UndoStep {
        let decision = if commit.is_in_place() {
            decide_in_place(commit)
        } else {
            decide_elsewhere(commit)
        };
        UndoStep {
            id: commit.id(),
            path: commit.begun.destination().to_path_buf(),
            decision: decision.unwrap_or_else(|error| UndoAction::Refuse(error.into())),
        }
    }

    /// Does it, when nothing moved since the look.
    pub(crate) fn execute(
        &self,
        ledger: &Ledger,
        locking: FileLocking,
    ) -> Result<Undone, StepError> {
        let undone = match &self.decision {
            UndoAction::Restore {
                backup,
                new,
                original,
            } => {
                check_unmoved(backup, original)?;
                let _lock = hold_unmoved(&self.path, new, locking)?;
                let notes = restore(backup, original, &self.path)?;
                Undone::Restore { notes }
            }
            UndoAction::Remove {
                source,
                new,
                original,
            } => {
                check_unmoved(source, original)?;
                let _lock = hold_unmoved(&self.path, new, locking)?;
                fs::remove_file(&self.path).at(&self.path, "remove it")?;
                let mut notes = Vec::new();
                sync_folders(&self.path, &[], &mut notes)?;
                Undone::Removed { notes }
            }
            UndoAction::Nothing { untold: false, .. } => return Ok(Undone::Nothing),
            UndoAction::Nothing { untold: true, .. } => Undone::Nothing,
            UndoAction::Refuse(refusal) => return Err(refusal.clone().into()),
        };
        ledger.undone(self.id)?;
        Ok(undone)
    }
}

/// One line for people; names are to be escaped by whoever shows it.
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
