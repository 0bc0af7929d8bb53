//! Folders that are created for a file, and removed if the file is not committed.

use crate::files::path_error::{AtPath, PathError};
use rustix::fs::{Gid, Uid};
use std::fs;
use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// How often names and folders may be lost to other processes.
const ATTEMPTS: usize = 64;

/// The folders to which new ones correspond, so that private folders stay private in the new tree.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PermissionSource<'a> {
    /// The folder to which the innermost new folder corresponds.
    folder: Option<&'a Path>,
    /// How many folders, from there up, have a counterpart.
    depth: usize,
}

impl<'a> PermissionSource<'a> {
    /// Of a file met in a walk: the folders between its root and it.
    pub(crate) fn of(original: &'a Path, relative: &Path) -> Self {
        PermissionSource {
            folder: original.parent(),
            depth: relative.components().count().saturating_sub(1),
        }
    }

    /// The folder to which the one this many levels above the innermost corresponds.
    fn above(&self, levels: usize) -> Option<&'a Path> {
        let folder = self.folder.filter(|_| levels < self.depth)?;
        folder.ancestors().nth(levels)
    }
}

/// Makes something in a folder, and the folder when it is missing.
///
/// A failing process removes the folders that it created, perhaps just before this one uses them: so "not
/// found" is tried again, as is what gives `None`.
pub(crate) fn in_folder<T>(
    folder: &Path,
    like: PermissionSource<'_>,
    make: impl Fn() -> Result<Option<T>, PathError>,
) -> Result<(T, NewFolders), PathError> {
    let mut folders = NewFolders::default();
    let mut last = None;
    for _ in 0..ATTEMPTS {
        match folders.create(folder, like).and_then(|()| make()) {
            Ok(Some(made)) => return Ok((made, folders)),
            Ok(None) => {}
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| PathError {
        path: folder.to_path_buf(),
        action: "create a file in it",
        source: io::Error::other("another process was quicker each time"),
    }))
}

/// Folders that were created, outermost first; removed on drop while empty.
#[derive(Debug, Default)]
pub(crate) struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// Makes a folder and those above it, and remembers the new ones.
    fn create(&mut self, folder: &Path, like: PermissionSource<'_>) -> Result<(), PathError> {
        let missing: Vec<_> = folder
            .ancestors()
            .take_while(|it| !it.as_os_str().is_empty() && !it.is_dir())
            .collect();
        for (levels, path) in missing.into_iter().enumerate().rev() {
            match make_one(path, like.above(levels)) {
                Ok(()) => self.0.push(path.to_path_buf()),
                Err(_) if path.is_dir() => {}
                // It was there a moment ago: not found, like any other that vanished.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    fs::symlink_metadata(path).at(path, "create this folder")?;
                    return Err(error).at(path, "create this folder");
                }
                Err(error) => return Err(error).at(path, "create this folder"),
            }
        }
        Ok(())
    }

    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.0
    }

    /// Makes them stay.
    pub(crate) fn keep(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.0)
    }

    /// Removes those that no other process uses by now.
    pub(crate) fn remove(mut self) -> Result<(), PathError> {
        for folder in self.keep().into_iter().rev() {
            match fs::remove_dir(&folder) {
                Err(error)
                    if !matches!(
                        error.kind(),
                        io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound
                    ) =>
                {
                    return Err(error).at(&folder, "remove this empty folder");
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Creates a folder with the mode of another, or that of any new one. Its owner may create files in it in any
/// case.
fn make_one(path: &Path, like: Option<&Path>) -> io::Result<()> {
    let Some(like) = like else {
        return fs::create_dir(path);
    };
    let like = fs::metadata(like)?;
    DirBuilder::new().mode(0o700).create(path)?;
    // Root gives it to the same users; others may not, and need not.
    let (user, group) = (Uid::from_raw(like.uid()), Gid::from_raw(like.gid()));
    let given = rustix::fs::chown(path, None, Some(group))
        .and_then(|()| rustix::fs::chown(path, Some(user), None));
    let mode = match given {
        Ok(()) => like.mode() & 0o7777,
        // Another group has no more rights in it than all users.
        Err(_) if fs::metadata(path)?.gid() != like.gid() => {
            let mode = like.mode() & 0o777;
            mode & (!0o070 | ((mode & 0o007) << 3))
        }
        Err(_) => like.mode() & 0o7777,
    };
    fs::set_permissions(path, Permissions::from_mode(mode | 0o700))
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // Another process may use it by now; an empty folder does no harm.
            let _ = fs::remove_dir(folder);
        }
    }
}
