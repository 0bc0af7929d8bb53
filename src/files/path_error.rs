//! The error about one path: which path, what was tried, and the system's error.
//!
//! It is not for decisions of h5lift ("there is a backup already"); those have their own types beside the
//! code that decides.

use crate::model::hint::Hint;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The system refused an operation on a path.
#[derive(Debug, Error)]
#[error("{}: cannot {action}: {source}", path.display())]
pub struct PathError {
    pub path: PathBuf,
    /// What was tried; reads after "cannot".
    pub action: &'static str,
    /// What the system said.
    pub source: io::Error,
}

impl Hint for PathError {
    fn hint(&self) -> String {
        next_step(&self.source).to_string()
    }
}

/// Adds the path and the action to an I/O error.
pub(crate) trait AtPath<T> {
    /// `action` reads after "cannot".
    fn at(self, path: &Path, action: &'static str) -> Result<T, PathError>;
}

impl<T, E: Into<io::Error>> AtPath<T> for Result<T, E> {
    fn at(self, path: &Path, action: &'static str) -> Result<T, PathError> {
        self.map_err(|error| PathError {
            path: path.to_path_buf(),
            action,
            source: error.into(),
        })
    }
}

/// What a user can do about a system's error.
pub(crate) fn next_step(error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound => "check the spelling; if it was there before, something else removed it",
        Kind::PermissionDenied => "check the rights of it and of its folder, or run as its owner",
        Kind::StorageFull => "free some space, or choose a destination on another disk",
        Kind::QuotaExceeded => "your quota is used up: free some space, or choose another disk",
        Kind::ReadOnlyFilesystem => "the disk is mounted read-only: choose another destination",
        Kind::StaleNetworkFileHandle => "the file server lost it: run again",
        Kind::InvalidFilename => "the path is too long or not allowed there: use a shorter one",
        Kind::ResourceBusy => "wait until that process has finished, or end it, then run again",
        Kind::NotADirectory => "a part of the path is a file, not a folder: check the spelling",
        _ => "if this repeats, check the disk or the file server",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_path_action_cause_and_next_step() {
        let path = Path::new("no/such/file.h5");
        let error = std::fs::File::open(path).at(path, "open it").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no/such/file.h5: cannot open it: No such file or directory (os error 2)"
        );
        assert!(error.hint().contains("spelling"));
    }
}
