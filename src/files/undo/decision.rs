//! What `undo` does with one commit, and why: first a look at the disk, then a
//! judgement that looks at nothing else.

use crate::files::ledger::{Commit, Ending};
use crate::files::path_error::{AtPath, PathError};
use crate::files::source::folder_of;
use crate::files::stamp::Stamp;
use crate::files::undo::file_check::{Evidence, Seen, look};
use crate::files::undo::refusal::Refusal;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What to do with a new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Undo {
    /// Rename the kept original over it.
    PutBack {
        /// The kept original.
        backup: PathBuf,
        /// The new file, when it was looked at.
        new: Stamp,
        /// The kept original, when it was looked at.
        original: Stamp,
    },
    /// Remove it: the source is there.
    Remove {
        /// The source.
        source: PathBuf,
        /// The new file, when it was looked at.
        new: Stamp,
        /// The source, when it was looked at.
        original: Stamp,
    },
    /// It is undone already.
    Nothing {
        /// How one sees that.
        reason: &'static str,
        /// Whether the ledger has yet to be told.
        untold: bool,
    },
    /// Leave it alone.
    Refuse(Refusal),
}

pub(crate) fn decide_in_place(commit: &Commit) -> Result<Undo, PathError> {
    let (new, original) = (commit.begun.new.content, commit.begun.original());
    let there = look(commit.begun.destination(), &[original, new])?;
    // What is done already needs no reading of a second file.
    if there.holds(&original) {
        return Ok(nothing(commit, "the original is in place"));
    }
    if commit.ending == Ending::Undone && !there.holds(&new) {
        return Ok(nothing(commit, "it was undone before"));
    }
    let kept = match &commit.backup {
        Some(backup) if there.holds(&new) => Some((backup, look(backup, &[original])?)),
        _ => None,
    };
    let kept = kept.as_ref().map(|(backup, kept)| (*backup, kept));
    Ok(judge_in_place(commit, &there, kept))
}

/// `kept` is looked at only when the new file is there.
fn judge_in_place(commit: &Commit, there: &Evidence, kept: Option<(&PathBuf, &Evidence)>) -> Undo {
    let path = commit.begun.destination();
    let new = match there {
        Evidence::File(Seen {
            stamp,
            content: Some(_),
        }) => *stamp,
        other => return refuse(path, other.in_words(), by_hand(commit)),
    };
    match kept {
        Some((backup, Evidence::File(seen))) if seen.content.is_some() => Undo::PutBack {
            backup: backup.clone(),
            new,
            original: seen.stamp,
        },
        _ if matches!(commit.ending, Ending::Purged { .. }) => refuse(
            path,
            "its original was deleted by h5lift purge",
            "only a backup of your own can bring it back".to_string(),
        ),
        None => refuse(
            path,
            "its original was not kept (--no-backup)",
            "only a backup of your own can bring it back".to_string(),
        ),
        Some((backup, Evidence::Missing)) => refuse(
            path,
            &format!("its kept original {} is not there", backup.display()),
            "move it back to that name, then run undo again".to_string(),
        ),
        Some((backup, _)) => refuse(
            path,
            &format!(
                "its kept original {} is not what it was: its SHA-256 should be {}",
                backup.display(),
                commit.begun.source_sha256
            ),
            "restore it from a backup of your own, then run undo again".to_string(),
        ),
    }
}

pub(crate) fn decide_elsewhere(commit: &Commit) -> Result<Undo, PathError> {
    let (new, original) = (commit.begun.new.content, commit.begun.original());
    let there = look(commit.begun.destination(), &[new])?;
    if commit.ending == Ending::Undone && !there.holds(&new) {
        return Ok(nothing(commit, "it was undone before"));
    }
    if there == Evidence::Missing && !folder_of(commit.begun.destination()).is_dir() {
        let hint = "mount it, or make it when it is gone for good".to_string();
        return Ok(refuse(
            commit.begun.destination(),
            "its folder is not there",
            hint,
        ));
    }
    let source = match &there {
        Evidence::File(seen) if seen.content.is_some() => {
            let source = target_of(&commit.begun.source)?;
            let evidence = look(&source, &[original])?;
            Some((source, evidence))
        }
        _ => None,
    };
    let source = source.as_ref().map(|(path, it)| (path.as_path(), it));
    Ok(judge_elsewhere(commit, &there, source))
}

/// `source` is looked at only when the new file is there.
fn judge_elsewhere(commit: &Commit, there: &Evidence, source: Option<(&Path, &Evidence)>) -> Undo {
    let path = commit.begun.destination();
    match (there, source) {
        (Evidence::Missing, _) => nothing(commit, "the new file is not there"),
        (Evidence::File(new), Some((source, Evidence::File(seen)))) if seen.content.is_some() => {
            Undo::Remove {
                source: source.to_path_buf(),
                new: new.stamp,
                original: seen.stamp,
            }
        }
        (_, Some((source, evidence))) => refuse(
            path,
            &format!(
                "it may be all that is left of its source {}: {}",
                source.display(),
                evidence.in_words()
            ),
            "remove it by hand if you need it no more".to_string(),
        ),
        (other, None) => refuse(
            path,
            other.in_words(),
            "remove it by hand if you need it no more".to_string(),
        ),
    }
}

/// A source may have been a link, which was followed. One that is gone stays as it is.
fn target_of(source: &Path) -> Result<PathBuf, PathError> {
    match fs::canonicalize(source) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(source.to_path_buf()),
        target => target.at(source, "follow it"),
    }
}

fn nothing(commit: &Commit, reason: &'static str) -> Undo {
    Undo::Nothing {
        reason,
        untold: commit.ending != Ending::Undone,
    }
}

fn refuse(path: &Path, cause: &str, hint: String) -> Undo {
    Undo::Refuse(Refusal {
        path: path.to_path_buf(),
        cause: cause.to_string(),
        hint,
    })
}

/// What only a person may decide: to lose what is there now.
fn by_hand(commit: &Commit) -> String {
    match &commit.backup {
        Some(backup) => format!(
            "if the old one is wanted all the same, rename {} to it by hand",
            backup.display()
        ),
        None => {
            "its original was not kept: only a backup of your own can bring it back".to_string()
        }
    }
}
