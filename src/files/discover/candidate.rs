//! A file that a walk met. How they are met is in [`crate::files::discover::walk`].

use crate::files::rooted_path::RootedPath;
use crate::model::record::report::Problem;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The root as given, and what was walked below it.
    pub path: PathBuf,
    /// Path below its root; the file name when the file itself was given.
    pub relative: PathBuf,
    /// Index of its root among those given.
    pub root: usize,
    /// Whether the file itself was given.
    pub named: bool,
    /// Whether `path` is a symbolic link; all that follows is of its target.
    pub symlink: bool,
    pub bytes: u64,
    pub modified: SystemTime,
    /// Hard links, this name included.
    pub links: u64,
    pub device: u64,
    pub inode: u64,
    /// Whether links below the root are followed (`--follow-symlinks`).
    pub follow_links: bool,
}

impl Candidate {
    /// A file that is open.
    pub(crate) fn of_open(path: &Path, file: &File) -> io::Result<Candidate> {
        let metadata = file.metadata()?;
        Ok(Candidate {
            path: path.to_path_buf(),
            relative: path.file_name().unwrap_or_default().into(),
            root: 0,
            named: true,
            symlink: false,
            bytes: metadata.len(),
            modified: metadata.modified()?,
            links: metadata.nlink(),
            device: metadata.dev(),
            inode: metadata.ino(),
            follow_links: false,
        })
    }

    /// Where it is: what the user named, and what was walked below it.
    pub(crate) fn rooted(&self) -> RootedPath {
        let below = self.relative.components().count();
        RootedPath::new(&self.path, below, self.follow_links)
    }

    /// What decides to which shard it belongs: the path below its root, or that of a file that was given itself.
    pub fn shard_path(&self) -> &Path {
        match self.named {
            true => &self.path,
            false => &self.relative,
        }
    }

    /// The modification time as RFC 3339 in UTC; `None` for years that it has
    /// no spelling for.
    pub fn modified_text(&self) -> Option<String> {
        jiff::Timestamp::try_from(self.modified)
            .ok()
            .map(|timestamp| timestamp.to_string())
    }
}

/// What a walk met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalkItem {
    Candidate(Candidate),
    /// Something that could not be inspected; the walk continues.
    Problem(Problem),
}
