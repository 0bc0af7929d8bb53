//! Folders that are made on the way to a file, and go again when nothing comes of it.

use super::path_error::{AtPath, PathError};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How often names and folders may be lost to other processes.
const ATTEMPTS: usize = 64;

/// Makes something in a folder, and the folder when it is missing.
///
/// A process that fails removes the folders that it made, perhaps just before
/// this one wants to use them: so what is not found is tried again, as is what
/// gives `None`.
pub(super) fn in_folder<T>(
    folder: &Path,
    make: impl Fn() -> Result<Option<T>, PathError>,
) -> Result<(T, NewFolders), PathError> {
    let mut folders = NewFolders::default();
    let mut last = None;
    for _ in 0..ATTEMPTS {
        match folders.create(folder).and_then(|()| make()) {
            Ok(Some(made)) => return Ok((made, folders)),
            Ok(None) => {}
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| PathError {
        path: folder.to_path_buf(),
        action: "make a file in it",
        source: io::Error::other("another process was quicker each time"),
    }))
}

/// Folders made on the way, outermost first; removed on drop while empty.
#[derive(Debug, Default)]
pub(super) struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// Makes a folder and those above it, and remembers the new ones.
    fn create(&mut self, folder: &Path) -> Result<(), PathError> {
        let missing: Vec<_> = folder
            .ancestors()
            .take_while(|it| !it.as_os_str().is_empty() && !it.is_dir())
            .collect();
        for path in missing.into_iter().rev() {
            match fs::create_dir(path) {
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

    /// Those that are new.
    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.0
    }

    /// Forgets them, so that they stay.
    pub(super) fn keep(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.0)
    }

    /// Removes those that nobody else uses by now.
    pub(super) fn remove(mut self) -> Result<(), PathError> {
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

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // Somebody else may use it by now; an empty folder harms nobody.
            let _ = fs::remove_dir(folder);
        }
    }
}
