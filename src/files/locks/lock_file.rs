//! A lock for file systems that have none: a file that only one process can create.
//!
//! A crash leaves it behind, and then a user has to decide whether it is still valid: a process number has no
//! meaning on another machine.

use crate::files::path_error::{AtPath, PathError};
use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) struct LockFile {
    path: PathBuf,
}

/// Why there is no lock.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The file exists; its text about its owner.
    Held { by: String },
    /// The system refused to create it.
    Path(PathError),
}

impl LockFile {
    pub(crate) fn create(path: &Path) -> Result<LockFile, Refused> {
        let mut file = match File::create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // If it cannot be read, it still counts as held.
                let by = fs::read_to_string(path).unwrap_or_default();
                let by = by.trim().to_string();
                return Err(Refused::Held { by });
            }
            created => created
                .at(path, "create this lock file")
                .map_err(Refused::Path)?,
        };
        let held = LockFile {
            path: path.to_path_buf(),
        };
        let system = rustix::system::uname();
        let machine = system.nodename().to_string_lossy();
        // For the user who finds it.
        writeln!(file, "h5lift, process {} on {machine}", std::process::id())
            .at(path, "write this lock file")
            .map_err(Refused::Path)?;
        Ok(held)
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // The next run reports one that stays, with the next step.
        let _ = fs::remove_file(&self.path);
    }
}
