//! Where the new file of a candidate goes, and what is refused before the work begins.

use crate::files::commit::backup;
use crate::files::commit::backup::BackupState;
use crate::files::commit::error::CommitError;
use crate::files::commit::new_folders::{PermissionSource, UnsettledFolders};
use crate::files::folder::{Entry, Folder, Place};
use crate::files::path_error::AtPath;
use crate::files::platform::forbidden_by_flag;
use crate::files::recent_folders::RecentFolders;
use crate::files::rooted_path::RootedPath;
use crate::files::source::folder_of;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Where the new file of a candidate goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Over its original.
    InPlace {
        path: PathBuf,
        /// Its path below its root: folders made for a backup get the rights of those below the root.
        relative: PathBuf,
        /// Where the original is kept; `None`: not at all.
        backup: Option<PathBuf>,
        /// Whether links below the root are followed.
        follow_links: bool,
    },
    /// Under another name.
    Elsewhere {
        path: PathBuf,
        /// Whether a file that is there may be replaced.
        overwrite: bool,
        /// Components of the path below the folder that the user named.
        below: usize,
        /// Whether links below that folder are followed.
        follow_links: bool,
    },
}

impl Output {
    /// A file that the user named.
    pub fn named(path: PathBuf, overwrite: bool) -> Output {
        Output::Elsewhere {
            path,
            overwrite,
            below: 1,
            follow_links: false,
        }
    }

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

    /// Where the new file goes.
    pub(crate) fn rooted(&self) -> RootedPath {
        match self {
            Output::InPlace {
                path,
                relative,
                follow_links,
                ..
            } => RootedPath::new(path, relative.components().count(), *follow_links),
            Output::Elsewhere {
                path,
                below,
                follow_links,
                ..
            } => RootedPath::new(path, *below, *follow_links),
        }
    }

    /// The name of the new file in its folder, which is open.
    pub(crate) fn place_in(&self, folder: &Folder) -> Place {
        let name = self.path().file_name().unwrap_or_default();
        folder.at(name).with_path(self.path())
    }

    /// Where the original is kept.
    fn rooted_backup(&self) -> Option<RootedPath> {
        // Beside the file, or under the same path below another folder.
        self.backup().map(|backup| self.rooted().sibling(backup))
    }

    /// What can be refused before the work begins; a commit checks again.
    pub(crate) fn check(&self) -> Result<(), CommitError> {
        self.check_in(&RecentFolders::default()).map(drop)
    }

    /// The same in a folder that was perhaps opened a moment ago, which is returned, if it is there.
    pub(crate) fn check_in(&self, recent: &RecentFolders) -> Result<Option<Folder>, CommitError> {
        match recent.folder_of(&self.rooted()) {
            Ok(folder) => {
                self.check_at(&self.place_in(&folder))?;
                Ok(Some(folder))
            }
            // The folder comes with the file.
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => match self {
                Output::Elsewhere { .. } => Ok(None),
                Output::InPlace { path, .. } => {
                    Err(io::Error::from(io::ErrorKind::NotFound)).at(path, "inspect it")?
                }
            },
            Err(error) => Err(error.into()),
        }
    }

    /// The same in a folder that is open.
    pub(crate) fn check_at(&self, place: &Place) -> Result<(), CommitError> {
        let check_folder = || match place.folder().flag() {
            Some(flag) => {
                let path = folder_of(self.path()).to_path_buf();
                Err(CommitError::Flagged { path, flag })
            }
            None => Ok(()),
        };
        match self {
            Output::InPlace { path, .. } => {
                let Some(there) = place.stat().at(path, "inspect it")? else {
                    return Err(io::Error::from(io::ErrorKind::NotFound)).at(path, "inspect it")?;
                };
                if there.kind().is_symlink() {
                    return Err(CommitError::SymbolicLink {
                        path: path.clone(),
                        target: place.link_target().at(path, "read this link")?,
                    });
                }
                // The backup of an interrupted run is one of the names.
                let ours = match self.backup_state(place, there)? {
                    Some((_, BackupState::Linked)) => 1,
                    _ => 0,
                };
                if there.links() > 1 + ours {
                    return Err(CommitError::HardLinks {
                        path: path.clone(),
                        links: there.links(),
                    });
                }
                check_flags(place, place.name(), path)?;
                check_folder()
            }
            Output::Elsewhere { overwrite, .. } => {
                // A file that is made in an append-only folder can be neither renamed nor removed.
                check_folder()?;
                check_free(place, *overwrite)
            }
        }
    }

    /// Where the original is to be kept and what is there; `Taken` is an error.
    pub(crate) fn backup_state(
        &self,
        original: &Place,
        metadata: Entry,
    ) -> Result<Option<(RootedPath, BackupState)>, CommitError> {
        let Some(backup) = self.rooted_backup() else {
            return Ok(None);
        };
        match backup::backup_state(original, metadata, &backup)? {
            BackupState::Taken => Err(CommitError::BackupExists {
                original: self.path().to_path_buf(),
                backup: backup.path().to_path_buf(),
            }),
            state => Ok(Some((backup, state))),
        }
    }

    /// The folders whose rights new folders on the way to the new file get. In place there are none.
    pub(crate) fn permission_source<'a>(
        &self,
        original: &'a RootedPath,
        relative: &Path,
        later: &'a UnsettledFolders,
    ) -> PermissionSource<'a> {
        match self {
            Output::InPlace { .. } => PermissionSource::default(),
            Output::Elsewhere { .. } => PermissionSource::of(original, relative, Some(later)),
        }
    }
}

fn check_free(destination: &Place, overwrite: bool) -> Result<(), CommitError> {
    let path = || destination.path().to_path_buf();
    let there = destination.stat().at(destination.path(), "inspect it")?;
    let kind = match there.map(|there| there.kind()) {
        None => return Ok(()),
        Some(kind) if kind.is_dir() => "a folder",
        Some(kind) if kind.is_symlink() => "a symbolic link",
        Some(kind) if !kind.is_file() => "a socket, pipe or device",
        Some(_) if overwrite => {
            return check_flags(destination, destination.name(), destination.path());
        }
        Some(_) => return Err(CommitError::Exists { path: path() }),
    };
    Err(CommitError::NotAFile { path: path(), kind })
}

/// Whether a file may be replaced, or names in a folder.
fn check_flags(place: &Place, name: &OsStr, path: &Path) -> Result<(), CommitError> {
    match forbidden_by_flag(place.folder(), name) {
        Some(flag) => {
            let path = path.to_path_buf();
            Err(CommitError::Flagged { path, flag })
        }
        None => Ok(()),
    }
}
