//! Where the new file of a candidate goes, and what is refused before the work begins.

use crate::files::commit::backup;
use crate::files::commit::backup::BackupState;
use crate::files::commit::error::CommitError;
use crate::files::commit::new_folders::PermissionSource;
use crate::files::path_error::AtPath;
use crate::files::platform::forbidden_by_flag;
use crate::files::source::folder_of;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Where the new file of a candidate goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Over its original.
    InPlace {
        /// The original.
        path: PathBuf,
        /// Its path below its root: folders made for a backup get the rights of those below the root.
        relative: PathBuf,
        /// Where the original is kept; `None`: not at all.
        backup: Option<PathBuf>,
    },
    /// Under another name.
    Elsewhere {
        path: PathBuf,
        /// Whether a file that is there may be replaced.
        overwrite: bool,
    },
}

impl Output {
    /// The name that the new file gets.
    pub fn path(&self) -> &Path {
        match self {
            Output::InPlace { path, .. } | Output::Elsewhere { path, .. } => path,
        }
    }

    /// The name under which the original is kept.
    pub(crate) fn backup(&self) -> Option<&Path> {
        match self {
            Output::InPlace { backup, .. } => backup.as_deref(),
            Output::Elsewhere { .. } => None,
        }
    }

    /// What can be refused before the work begins; a commit checks again.
    pub(crate) fn check(&self) -> Result<(), CommitError> {
        match self {
            Output::InPlace { path, .. } => {
                let metadata = fs::symlink_metadata(path).at(path, "inspect it")?;
                if metadata.is_symlink() {
                    return Err(CommitError::SymbolicLink {
                        path: path.clone(),
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
                        path: path.clone(),
                        links: metadata.nlink(),
                    });
                }
                check_flags(path)?;
                check_flags(folder_of(path))
            }
            Output::Elsewhere { path, overwrite } => {
                // A file that is made in an append-only folder can be neither renamed nor removed.
                check_flags(folder_of(path))?;
                check_free(path, *overwrite)
            }
        }
    }

    /// Where the original is to be kept and what is there; `Taken` is an error.
    pub(crate) fn backup_state(
        &self,
        metadata: &fs::Metadata,
    ) -> Result<Option<(&Path, BackupState)>, CommitError> {
        let Output::InPlace {
            path,
            backup: Some(backup),
            ..
        } = self
        else {
            return Ok(None);
        };
        match backup::backup_state(path, metadata, backup)? {
            BackupState::Taken => Err(CommitError::BackupExists {
                original: path.clone(),
                backup: backup.clone(),
            }),
            state => Ok(Some((backup, state))),
        }
    }

    /// The folders whose rights new folders on the way to the new file get. In place there are none.
    pub(crate) fn permission_source<'a>(
        &self,
        original: &'a Path,
        relative: &Path,
    ) -> PermissionSource<'a> {
        match self {
            Output::InPlace { .. } => PermissionSource::default(),
            Output::Elsewhere { .. } => PermissionSource::of(original, relative),
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
