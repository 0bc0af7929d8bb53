//! What `undo` does with one commit, and why: first a check of the disk, then a decision that checks nothing
//! else.

use crate::files::ledger::{CommitEntry, CommitStatus};
use crate::files::path_error::{AtPath, PathError};
use crate::files::source::folder_of;
use crate::files::stat_snapshot::StatSnapshot;
use crate::files::undo::file_check::{CheckedFile, FileCheck, check_file};
use crate::files::undo::refusal::Refusal;
use crate::files::undo::roots::Roots;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What to do with a new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UndoAction {
    /// Rename the kept original over it.
    Restore {
        backup: PathBuf,
        /// The new file, if it was inspected.
        new: StatSnapshot,
        /// The kept original, if it was inspected.
        original: StatSnapshot,
    },
    /// Remove it: the source is there.
    Remove {
        source: PathBuf,
        /// The new file, if it was inspected.
        new: StatSnapshot,
        /// The source, if it was inspected.
        original: StatSnapshot,
        /// Whether both have the same bytes.
        is_copy: bool,
    },
    /// It is undone already.
    Nothing {
        /// How one sees that.
        reason: &'static str,
        /// Whether the ledger still has to be updated.
        untold: bool,
    },
    /// Leave it alone.
    Refuse(Refusal),
}

pub(crate) fn decide_in_place(commit: &CommitEntry, roots: &Roots) -> Result<UndoAction, Refusal> {
    let (new, original) = (commit.begun.new.content, commit.begun.old);
    let there = roots.check(commit.begun.destination(), &[original, new])?;
    // A finished commit needs no reading of a second file.
    if there.holds(&original) {
        return Ok(nothing(commit, "the original is in place"));
    }
    if commit.status == CommitStatus::Undone && !there.holds(&new) {
        return Ok(nothing(commit, "it was undone before"));
    }
    let kept = match &commit.backup {
        Some(backup) if there.holds(&new) => Some((backup, roots.check(backup, &[original])?)),
        _ => None,
    };
    let kept = kept.as_ref().map(|(backup, kept)| (*backup, kept));
    Ok(judge_in_place(commit, &there, kept))
}

/// `kept` is inspected only if the new file exists.
fn judge_in_place(
    commit: &CommitEntry,
    there: &FileCheck,
    kept: Option<(&PathBuf, &FileCheck)>,
) -> UndoAction {
    let path = commit.begun.destination();
    let new = match there {
        FileCheck::File(CheckedFile {
            snapshot,
            content: Some(_),
        }) => *snapshot,
        other => return refuse(path, other.describe(), by_hand(commit)),
    };
    match kept {
        Some((backup, FileCheck::File(seen))) if seen.content.is_some() => UndoAction::Restore {
            backup: backup.clone(),
            new,
            original: seen.snapshot,
        },
        _ if matches!(commit.status, CommitStatus::Purged) => refuse(
            path,
            "its original was deleted by h5lift purge",
            "only a backup of your own can bring it back".to_string(),
        ),
        None => refuse(
            path,
            "its original was not kept (--no-backup)",
            "only a backup of your own can bring it back".to_string(),
        ),
        Some((backup, FileCheck::Missing)) => refuse(
            path,
            &format!("its kept original {} is not there", backup.display()),
            "move it back to that name, or mount its folder, then run undo again".to_string(),
        ),
        Some((backup, _)) => refuse(
            path,
            &format!(
                "its kept original {} is not what it was: its SHA-256 should be {}",
                backup.display(),
                commit.begun.old.sha256
            ),
            "restore it from a backup of your own, then run undo again".to_string(),
        ),
    }
}

pub(crate) fn decide_elsewhere(commit: &CommitEntry, roots: &Roots) -> Result<UndoAction, Refusal> {
    let (new, original) = (commit.begun.new.content, commit.begun.old);
    let there = roots.check(commit.begun.destination(), &[new])?;
    if commit.status == CommitStatus::Undone && !there.holds(&new) {
        return Ok(nothing(commit, "it was undone before"));
    }
    if there == FileCheck::Missing && !folder_of(commit.begun.destination()).is_dir() {
        let hint = "mount it, or create it if it is gone for good".to_string();
        return Ok(refuse(
            commit.begun.destination(),
            "its folder is not there",
            hint,
        ));
    }
    let source = match &there {
        FileCheck::File(seen) if seen.content.is_some() => {
            let source = target_of(&commit.begun.source)?;
            let check = check_file(&source, &[original])?;
            Some((source, check))
        }
        _ => None,
    };
    let source = source.as_ref().map(|(path, it)| (path.as_path(), it));
    Ok(judge_elsewhere(commit, &there, source))
}

/// `source` is inspected only if the new file exists.
fn judge_elsewhere(
    commit: &CommitEntry,
    there: &FileCheck,
    source: Option<(&Path, &FileCheck)>,
) -> UndoAction {
    let path = commit.begun.destination();
    match (there, source) {
        (FileCheck::Missing, _) => nothing(commit, "the new file is not there"),
        (FileCheck::File(new), Some((source, FileCheck::File(seen)))) if seen.content.is_some() => {
            UndoAction::Remove {
                source: source.to_path_buf(),
                new: new.snapshot,
                original: seen.snapshot,
                is_copy: seen.content == new.content,
            }
        }
        (_, Some((source, check))) => refuse(
            path,
            &format!(
                "it may be all that is left of its source {}: {}",
                source.display(),
                check.describe()
            ),
            "remove it by hand if you do not need it".to_string(),
        ),
        (other, None) => refuse(
            path,
            other.describe(),
            "remove it by hand if you do not need it".to_string(),
        ),
    }
}

/// A source may have been a link, which was followed. A missing one stays as it is.
fn target_of(source: &Path) -> Result<PathBuf, PathError> {
    match fs::canonicalize(source) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(source.to_path_buf()),
        target => target.at(source, "follow it"),
    }
}

fn nothing(commit: &CommitEntry, reason: &'static str) -> UndoAction {
    UndoAction::Nothing {
        reason,
        untold: commit.status != CommitStatus::Undone,
    }
}

fn refuse(path: &Path, cause: &str, hint: String) -> UndoAction {
    UndoAction::Refuse(Refusal {
        path: path.to_path_buf(),
        cause: cause.to_string(),
        hint,
    })
}

/// What only a user may decide: to lose the current content.
fn by_hand(commit: &CommitEntry) -> String {
    match &commit.backup {
        _ if commit.status == CommitStatus::Purged => {
            "its original was deleted by h5lift purge: only a backup of your own can bring it back"
                .to_string()
        }
        Some(backup) => format!(
            "to put the original back all the same, rename {} to {} by hand",
            backup.display(),
            commit.begun.destination().display()
        ),
        None => {
            "its original was not kept: only a backup of your own can bring it back".to_string()
        }
    }
}
