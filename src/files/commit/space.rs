//! Checks the free space before a worker fills a disk.
//!
//! It knows the disk, not the user's quota, and other processes write meanwhile: the check avoids most doomed
//! work, and the fsync in [`mod@crate::files::commit`] decides.

use crate::files::folder::Folder;
use crate::files::path_error::{AtPath, PathError};
use crate::model::hint::Hint;
use rustix::fs::StatVfs;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Not enough free space, or no answer.
#[derive(Debug, Error)]
pub(crate) enum NoSpace {
    /// The disk is too full.
    #[error("{}: {needed} bytes are needed and {free} are free", folder.display())]
    TooLittle {
        folder: PathBuf,
        needed: u64,
        /// Bytes that this user may write.
        free: u64,
    },
    /// The system did not say.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Hint for NoSpace {
    fn hint(&self) -> String {
        match self {
            NoSpace::TooLittle { .. } => {
                "free some space, or choose a destination on another disk".to_string()
            }
            NoSpace::Path(error) => error.hint(),
        }
    }
}

/// Bytes that an unprivileged writer may add in a folder, which need not be
/// there yet. `None`: the file system counts none (some network mounts).
pub(crate) fn free_bytes(folder: &Path) -> Result<Option<u64>, PathError> {
    let existing = folder
        .ancestors()
        .find(|ancestor| ancestor.exists())
        .unwrap_or(Path::new("."));
    let disk = rustix::fs::statvfs(existing).at(existing, "read its free space")?;
    Ok(free_of(&disk))
}

/// Whether `needed` bytes fit on the file system of a folder, as far as the system reports.
pub(crate) fn check(folder: &Path, needed: u64) -> Result<(), NoSpace> {
    enough(folder, free_bytes(folder)?, needed)
}

/// The same in a folder that is open.
pub(crate) fn check_in(folder: &Folder, needed: u64) -> Result<(), NoSpace> {
    let disk = rustix::fs::fstatvfs(folder).at(folder.path(), "read its free space")?;
    enough(folder.path(), free_of(&disk), needed)
}

fn free_of(disk: &StatVfs) -> Option<u64> {
    (disk.f_blocks > 0).then(|| disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn enough(folder: &Path, free: Option<u64>, needed: u64) -> Result<(), NoSpace> {
    match free {
        Some(free) if free < needed => Err(NoSpace::TooLittle {
            folder: folder.to_path_buf(),
            needed,
            free,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_fits_and_a_disk_of_disks_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let future = folder.path().join("not/yet");
        check(&future, 1).unwrap();
        check(Path::new("not-yet"), 1).unwrap();
        let error = check(&future, u64::MAX).unwrap_err();
        assert!(error.to_string().contains("are needed and"), "{error}");
        assert!(error.hint().contains("free some space"));
    }
}
