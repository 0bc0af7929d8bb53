//! Which file goes where, and what can be refused before the work begins.

use crate::files::commit::backup;
use crate::files::commit::backup::{Backup, BackupState};
use crate::files::commit::error::CommitError;
use crate::files::path_error::AtPath;
use crate::files::platform::forbidden_by_flag;
use crate::files::source::folder_of;
use crate::files::stat_snapshot::StatSnapshot;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file that a new one was made from.
#[derive(Debug, Clone, Copy)]
pub struct Original<'a> {
    /// As it was opened.
    pub path: &'a Path,
    /// What it was when the work began.
    pub snapshot: &'a StatSnapshot,
}

/// Which file goes where.
#[derive(Debug, Clone, Copy)]
pub enum Order<'a> {
    /// Over its original.
    InPlace {
        /// Replaced, if it is unchanged.
        original: Original<'a>,
        /// Its path below its root, for [`Backup::Folder`].
        relative: &'a Path,
        /// How it is kept.
        backup: &'a Backup,
    },
    /// Under another name.
    Elsewhere {
        /// Gives its metadata, if it is unchanged. `None` for a file that was not made from an HDF5 file: it
        /// becomes an ordinary new one.
        original: Option<Original<'a>>,
        /// The name.
        destination: &'a Path,
        /// Whether a file that is there may be replaced.
        overwrite: bool,
    },
}

impl Order<'_> {
    /// The name that the new file gets.
    pub fn destination(&self) -> &Path {
        match self {
            Order::InPlace { original, .. } => original.path,
            Order::Elsewhere { destination, .. } => destination,
        }
    }

    /// What the new file was made from.
    pub(crate) fn original(&self) -> Option<&Original<'_>> {
        match self {
            Order::InPlace { original, .. } => Some(original),
            Order::Elsewhere { original, .. } => original.as_ref(),
        }
    }

    /// What can be refused before the work begins; a commit checks again.
    pub fn check(&self) -> Result<(), CommitError> {
        match self {
            Order::InPlace { original, .. } => {
                let path = original.path;
                let metadata = fs::symlink_metadata(path).at(path, "inspect it")?;
                if metadata.is_symlink() {
                    return Err(CommitError::SymbolicLink {
                        path: path.to_path_buf(),
                        target: fs::read_link(path).at(path, "read this link")?,
                    });
                }
                // The backup of an interrupted run is one of the names.
                let ours = match self.backup_state(&metadata)? {
                    Some((_, BackupState::Linked)) => 1,
                    _ => 0,
                };
                if metadata.nlink() > 1 + ours {
                    return Err(CommitError::HardLinks {
                        path: path.to_path_buf(),
                        links: metadata.nlink(),
                    });
                }
                check_flags(path)?;
                check_flags(folder_of(path))
            }
            Order::Elsewhere {
                destination,
                overwrite,
                ..
            } => {
                // What is made in an append-only folder can be neither renamed nor removed.
                check_flags(folder_of(destination))?;
                check_free(destination, *overwrite)
            }
        }
    }

    /// Where the original is to be kept and what is there; `Taken` is an error.
    pub(crate) fn backup_state(
        &self,
        metadata: &fs::Metadata,
    ) -> Result<Option<(PathBuf, BackupState)>, CommitError> {
        let Order::InPlace {
            original,
            relative,
            backup,
        } = self
        else {
            return Ok(None);
        };
        let Some(path) = backup.path_of(original.path, relative) else {
            return Ok(None);
        };
        match backup::backup_state(original.path, metadata, &path)? {
            BackupState::Taken => Err(CommitError::BackupExists {
                original: original.path.to_path_buf(),
                backup: path,
            }),
            backup_state => Ok(Some((path, backup_state))),
        }
    }
}

fn check_free(destination: &Path, overwrite: bool) -> Result<(), CommitError> {
    let path = || destination.to_path_buf();
    let kind = match fs::symlink_metadata(destination) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).at(destination, "inspect it")?,
        Ok(there) if there.is_dir() => "a folder",
        Ok(there) if there.is_symlink() => "a symbolic link",
        Ok(there) if !there.is_file() => "a socket, pipe or device",
        Ok(_) if overwrite => return check_flags(destination),
        Ok(_) => return Err(CommitError::Exists { path: path() }),
    };
    Err(CommitError::NotAFile { path: path(), kind })
}

/// Whether a file may be replaced, or names in a folder.
fn check_flags(path: &Path) -> Result<(), CommitError> {
    match forbidden_by_flag(path) {
        Some(flag) => {
            let path = path.to_path_buf();
            Err(CommitError::Flagged { path, flag })
        }
        None => Ok(()),
    }
}
