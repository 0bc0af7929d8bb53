//! Deletes kept originals that a ledger records: plans for one file, then acts on it.
//!
//! An original is deleted if the new file is in place with the very bytes that the ledger recorded, the kept
//! file is the recorded original, and the caller has just had a worker verify the one against the other.
//! Everything else is left alone. Only the last migration to a name is considered.
//!
//! A crash leaves the kept original or nothing under its name; the next purge finds out which, and updates
//! the ledger.

use crate::files::commit::sync_folder_of;
use crate::files::ledger::{CommitEntry, CommitId, CommitStatus, History, Ledger, LedgerError};
use crate::files::locks::source::FileLocking;
use crate::files::path_error::AtPath;
use crate::files::source::folder_of;
use crate::files::stat_snapshot::StatSnapshot;
use crate::files::undo::file_check::{FileCheck, HeldFile, check_place_unmoved, hold_unmoved};
use crate::files::undo::refusal::{Refusal, StepError};
use crate::files::undo::roots::Roots;
use crate::model::shell::for_shell;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What is to be done about one kept original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PurgeStep {
    pub id: CommitId,
    pub path: PathBuf,
    /// Its kept original.
    pub backup: PathBuf,
    /// What to do with that.
    pub decision: PurgeAction,
}

/// What to do with a kept original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PurgeAction {
    /// Delete it, once the new file is verified against it.
    Delete {
        /// The new file, if it was inspected.
        new: StatSnapshot,
        /// The kept original, if it was inspected; its length is the space that is gained.
        original: StatSnapshot,
    },
    /// It is deleted, or back in place.
    Nothing {
        /// How one sees that.
        reason: &'static str,
        /// Whether the ledger still has to be updated.
        untold: bool,
    },
    /// Leave it alone.
    Refuse(Refusal),
}

/// The result of a worker's comparison of the new file with the kept original, after the plan was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PurgeProof {
    /// The new file holds all of the original.
    Verified,
    /// It does not, or it could not be checked; why.
    Missing(String),
}

/// The result of a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Purged {
    /// The kept original has been deleted.
    Deleted {
        bytes: u64,
        /// What could not be done completely; one sentence each.
        notes: Vec<String>,
    },
    /// Nothing to do.
    Nothing,
}

/// What to do about every kept original of a ledger, one after the other, each after a check of the disk that reads it and
/// the new file. Open commits should be settled before.
pub(crate) fn plan_purge(
    history: &History,
    roots: &Roots,
) -> impl Iterator<Item = Result<PurgeStep, LedgerError>> {
    history.latest_commits().filter_map(|commit| match commit {
        Ok(commit) => PurgeStep::plan(&commit, roots).map(Ok),
        Err(error) => Some(Err(error)),
    })
}

impl PurgeStep {
    /// What to do about one commit; `None` when it kept no original.
    pub(crate) fn plan(commit: &CommitEntry, roots: &Roots) -> Option<PurgeStep> {
        let backup = commit.backup.as_ref()?;
        let decision = decide(commit, backup, roots);
        Some(PurgeStep {
            id: commit.id(),
            path: commit.begun.destination().to_path_buf(),
            backup: backup.clone(),
            decision: decision.unwrap_or_else(PurgeAction::Refuse),
        })
    }

    /// Opens the kept original and the new file, if they still are what was inspected, to be compared with each other.
    pub(crate) fn open(
        &self,
        roots: &Roots,
        locking: FileLocking,
    ) -> Result<Option<[HeldFile; 2]>, StepError> {
        let PurgeAction::Delete { new, original } = &self.decision else {
            return Ok(None);
        };
        Ok(Some([
            hold_unmoved(&roots.existing(&self.backup)?, original, locking)?,
            hold_unmoved(&roots.existing(&self.path)?, new, locking)?,
        ]))
    }

    /// Deletes it, if it is verified and nothing has changed since the inspection.
    pub(crate) fn execute(
        &self,
        ledger: &Ledger,
        roots: &Roots,
        proof: &PurgeProof,
        locking: FileLocking,
    ) -> Result<Purged, StepError> {
        let purged = match &self.decision {
            PurgeAction::Delete { new, original } => {
                if let PurgeProof::Missing(why) = proof {
                    return Err(self.unproved(why).into());
                }
                let _held = hold_unmoved(&roots.existing(&self.path)?, new, locking)?;
                let backup = roots.existing(&self.backup)?;
                check_place_unmoved(&backup, original)?;
                backup.remove().at(&self.backup, "delete it")?;
                let mut notes = Vec::new();
                sync_folder_of(&backup, &mut notes)?;
                Purged::Deleted {
                    bytes: original.bytes,
                    notes,
                }
            }
            PurgeAction::Nothing { untold: false, .. } => return Ok(Purged::Nothing),
            PurgeAction::Nothing { untold: true, .. } => Purged::Nothing,
            PurgeAction::Refuse(refusal) => return Err(refusal.clone().into()),
        };
        ledger.purged(self.id)?;
        Ok(purged)
    }

    fn unproved(&self, why: &str) -> Refusal {
        Refusal {
            path: self.backup.clone(),
            cause: format!(
                "{} could not be verified to hold everything in it: {why}",
                self.path.display()
            ),
            hint: "keep it, or give the options that the migration had for names, places and orientation \
                   (--names-from, --genes-from, --matrix, --encoding, --transpose); h5lift undo puts it back"
                .to_string(),
        }
    }
}

/// One line for people; the caller escapes names.
impl fmt::Display for PurgeStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backup = self.backup.display();
        match &self.decision {
            PurgeAction::Delete { .. } => write!(f, "{backup}: delete it, after a verification"),
            PurgeAction::Nothing { reason, .. } => write!(f, "{backup}: nothing to do: {reason}"),
            PurgeAction::Refuse(refusal) => refusal.fmt(f),
        }
    }
}

/// Whether a name is one that h5lift gives to a kept original: that of the file with a suffix beside it, or the same name in
/// another folder.
fn is_backup_of(backup: &Path, path: &Path) -> bool {
    let names = backup.file_name().zip(path.file_name());
    names.is_some_and(|(kept, name)| match backup.parent() == path.parent() {
        true => kept != name && kept.as_bytes().starts_with(name.as_bytes()),
        false => kept == name,
    })
}

fn decide(commit: &CommitEntry, backup: &Path, roots: &Roots) -> Result<PurgeAction, Refusal> {
    let (new, original) = (commit.begun.new.content, commit.begun.old);
    let nothing = |reason, untold| Ok(PurgeAction::Nothing { reason, untold });
    let refuse = |path: &Path, cause: &str, hint: &str| {
        Ok(PurgeAction::Refuse(Refusal {
            path: path.to_path_buf(),
            cause: cause.to_string(),
            hint: hint.to_string(),
        }))
    };
    if commit.status == CommitStatus::Undone {
        return nothing("the migration was undone", false);
    }
    if !commit.is_in_place()
        || commit.begun.backup() != Some(backup)
        || !is_backup_of(backup, commit.begun.destination())
    {
        let hint = "h5lift deletes only originals that it kept: check where the ledger comes from";
        return refuse(
            backup,
            "the ledger does not say that it was kept for this file",
            hint,
        );
    }
    let kept = match roots.check(backup, &[original])? {
        FileCheck::Missing if !folder_of(backup).is_dir() => {
            let hint = "mount it, or create it if it is gone for good";
            return refuse(backup, "its folder is not there", hint);
        }
        FileCheck::Missing => {
            let told = matches!(commit.status, CommitStatus::Purged);
            return nothing("it is not there", !told);
        }
        FileCheck::File(seen) if seen.content.is_some() => seen.snapshot,
        other => {
            let hint = "inspect it: h5lift did not put it there, or it has changed since";
            return refuse(backup, other.describe(), hint);
        }
    };
    let path = commit.begun.destination();
    match roots.check(path, &[new, original])? {
        FileCheck::File(seen) if seen.content == Some(new) => Ok(PurgeAction::Delete {
            new: seen.snapshot,
            original: kept,
        }),
        FileCheck::File(seen) if seen.content == Some(original) => {
            let cause = format!("{} is the original itself", path.display());
            refuse(
                backup,
                &cause,
                "remove this second copy by hand if you do not need it",
            )
        }
        other => {
            let cause = format!(
                "it may be all that is left of {}: {}",
                path.display(),
                other.describe()
            );
            let hint = match other {
                FileCheck::File(_) => format!(
                    "if `h5lift verify {} {}` finds no difference, remove this original by hand",
                    for_shell(&backup.to_string_lossy()),
                    for_shell(&path.to_string_lossy())
                ),
                FileCheck::Missing | FileCheck::NotAFile => format!(
                    "keep it; to put it back, rename it to {} by hand",
                    path.display()
                ),
            };
            refuse(backup, &cause, &hint)
        }
    }
}

#[cfg(test)]
mod tests;
