//! Copies of fixtures in a folder of their own, and h5lift run on them.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Fixtures are read where they are and never written.
pub(crate) const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/legacy");

/// A folder that is removed with the test.
#[derive(Debug)]
pub(crate) struct Archive(TempDir);

impl Archive {
    /// Copies fixtures: `(path in the folder, name of the fixture)`.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        // Beside the binary and not in the system's temporary folder, so that a hard link to it can be
        // created here.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        let archive = Archive(folder.expect("a temporary folder can be made"));
        for (path, fixture) in files {
            let path = archive.path().join(path);
            let folder = path.parent().expect("it is below the folder");
            std::fs::create_dir_all(folder).expect("it is a folder of ours");
            std::fs::copy(Path::new(FIXTURES).join(fixture), path).expect("the fixture is there");
        }
        archive
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Everything about a file that a run which does nothing must leave unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) sha256: String,
    pub(crate) modified: (i64, i64),
    pub(crate) mode: u32,
    pub(crate) inode: u64,
}

/// Every entry below a folder, by its path from there. Folders have no digest.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Seen> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder).min_depth(1) {
        let entry = entry.expect("the folder can be listed");
        let metadata = entry.metadata().expect("it was just listed");
        let bytes = if metadata.is_file() {
            std::fs::read(entry.path()).expect("the file can be read")
        } else {
            Vec::new()
        };
        let path = entry.path().strip_prefix(folder).expect("it is below");
        let seen = Seen {
            sha256: Sha256::digest(bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            mode: metadata.mode(),
            inode: metadata.ino(),
        };
        found.insert(path.to_path_buf(), seen);
    }
    found
}

/// The result of a run of h5lift.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The document of `--format json`.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs h5lift in a folder.
pub(crate) fn h5lift<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_h5lift"));
    command.args(arguments).current_dir(folder);
    command.output().expect("h5lift can be started").into()
}
