//! The error about one path: which path, what was tried, and the system's error.
//!
//! It is not for decisions of h5lift ("there is a backup already"); those have their own types beside the
//! code that decides.

use crate::model::hint::Hint;
use rustix::io::Errno;
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

/// Whether the process lacks something that is limited, which says nothing about a file.
pub(crate) fn is_lack_of_resources(error: &io::Error) -> bool {
    let lacking = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::AGAIN];
    Errno::from_io_error(error).is_some_and(|error| lacking.contains(&error))
}

/// A path that was to lead down from a folder leads elsewhere.
#[derive(Debug, Error)]
#[error("a folder on its path is a symbolic link, or leads out of the folder that was named")]
pub(crate) struct LinkOnTheWay;

/// What a user can do about a system's error.
pub(crate) fn next_step(error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::FileTooLarge => "raise the limit on the size of a file (ulimit -f)",
        Kind::OutOfMemory => "free some memory, or use fewer --jobs",
        _ if is_lack_of_resources(error) => {
            "raise the limit on open files (ulimit -n), or use fewer --jobs"
        }
        Kind::NotFound => "check the spelling; if it was there before, something else removed it",
        Kind::PermissionDenied => "check the rights of it and of its folder, or run as its owner",
        Kind::StorageFull => "free some space, or choose a destination on another disk",
        Kind::QuotaExceeded => "your quota is used up: free some space, or choose another disk",
        Kind::ReadOnlyFilesystem => "the disk is mounted read-only: choose another destination",
        Kind::StaleNetworkFileHandle => "the file server lost it: run again",
        Kind::InvalidFilename => "the path is too long or not allowed there: use a shorter one",
        Kind::ResourceBusy => "wait until that process has finished, or end it, then run again",
        Kind::NotADirectory => "a part of the path is a file, not a folder: check the spelling",
        _ if matches!(error.get_ref(), Some(cause) if cause.is::<LinkOnTheWay>()) => {
            "use a path without symbolic links to folders"
        }
        _ => "if this repeats, check the disk or the file server",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_named() {
        for (error, told) in [(Errno::MFILE, "ulimit -n"), (Errno::FBIG, "ulimit -f")] {
            let step = next_step(&error.into());
            assert!(step.contains(told), "{step}");
        }
        assert!(is_lack_of_resources(&Errno::MFILE.into()));
        assert!(!is_lack_of_resources(&Errno::ACCESS.into()));
    }

    #[test]
    fn only_a_link_on_the_way_is_about_links() {
        let found = |cause: Box<dyn std::error::Error + Send + Sync>| {
            next_step(&io::Error::new(io::ErrorKind::InvalidInput, cause))
        };
        assert!(found(Box::new(LinkOnTheWay)).contains("symbolic links"));
        assert!(!found("it is not a regular file".into()).contains("symbolic links"));
        assert!(!next_step(&Errno::INVAL.into()).contains("symbolic links"));
    }

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
