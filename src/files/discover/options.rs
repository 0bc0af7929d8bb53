//! The options of a walk, and their errors.

use crate::model::hint::Hint;
use thiserror::Error;

/// What a walk is looking for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sought {
    /// HDF5 files.
    #[default]
    Hdf5,
    /// Tables of text.
    Text,
}

/// What a walk takes beyond the files that end in `.h5`, `.hdf5`, `.hdf` or `.he5`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WalkOptions {
    /// Globs of more files. Compared with the file name, or with the path below the root if they have a `/`.
    pub include: Vec<String>,
    /// Globs of files that are left out and folders that are not entered.
    pub exclude: Vec<String>,
    /// Take links to files and enter links to folders.
    pub follow_symlinks: bool,
    /// What names are taken by themselves.
    pub sought: Sought,
}

/// A walk that cannot begin.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum UsageProblem {
    /// Not a glob.
    #[error("glob {glob:?}: {cause}")]
    Glob {
        glob: String,
        /// What is wrong with it.
        cause: String,
    },
    /// An include that can match no file.
    #[error("glob {glob:?}: it ends in `/`, so it matches folders, and only files can be included")]
    FolderIncluded { glob: String },
    /// An empty argument, such as an unset shell variable leaves behind.
    #[error("a path is empty")]
    EmptyPath,
}

impl Hint for UsageProblem {
    fn hint(&self) -> String {
        match self {
            UsageProblem::Glob { .. } => {
                "globs support *, ?, [a-z], {a,b} and **; put a backslash before a literal one"
            }
            UsageProblem::FolderIncluded { .. } => "write `folder/**` to include its files",
            UsageProblem::EmptyPath => {
                "check the variables in the command; `.` is the current folder"
            }
        }
        .to_string()
    }
}
