//! Invalid destinations.

use crate::files::path_error::PathError;
use crate::model::hint::Hint;
use std::ffi::OsString;
use std::path::PathBuf;
use thiserror::Error;

#[derive(Debug, Error)]
pub(crate) enum DestinationError {
    /// Two originals would be kept under one name.
    #[error("{} and {} would both become {}", first.display(), second.display(), output.display())]
    Collision {
        /// The input that comes first.
        first: PathBuf,
        second: PathBuf,
        output: PathBuf,
    },
    /// New files would be met by the next walk.
    #[error("{} is inside of {}, which is searched for old files", folder.display(), root.display())]
    InsideRoot {
        /// `--out-dir` or `--backup-dir`.
        folder: PathBuf,
        /// A folder that was given as input.
        root: PathBuf,
    },
    /// A new file would replace an input.
    #[error("{} would be written over {}, which is an input", output.display(), input.display())]
    OverInput { output: PathBuf, input: PathBuf },
    /// `-o` with no file or with many.
    #[error("-o {} takes exactly one input file, and there are {count}", output.display())]
    NotOne {
        output: PathBuf,
        /// Inputs.
        count: usize,
    },
    /// `-o` with a folder.
    #[error("-o {} is a folder, not a file", output.display())]
    Folder { output: PathBuf },
    /// `-o` with a symbolic link, which would be lost.
    #[error("-o {} is a symbolic link, which is not replaced", output.display())]
    Link { output: PathBuf },
    /// A backup suffix that makes no good names.
    #[error("--backup-suffix {suffix:?} {reason}")]
    Suffix {
        suffix: OsString,
        /// What is wrong; reads after it.
        reason: &'static str,
    },
    /// The system would not show a path.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Hint for DestinationError {
    fn hint(&self) -> String {
        match self {
            DestinationError::Collision { .. } => {
                "give the folder that holds both, so that their tree is kept, or run them one by one"
            }
            DestinationError::InsideRoot { .. } => {
                "choose a folder outside of it, or name the files instead of the folder"
            }
            DestinationError::OverInput { .. } => {
                "choose another destination, or use --in-place, which keeps the original"
            }
            DestinationError::NotOne { .. } => "use --out-dir for any number of files",
            DestinationError::Folder { .. } => "use --out-dir, or add a file name",
            DestinationError::Link { .. } => "name the file that it leads to, or remove the link",
            DestinationError::Suffix { .. } => "use something like .orig",
            DestinationError::Path(error) => return error.hint(),
        }
        .to_string()
    }
}
