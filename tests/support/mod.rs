//! Copies of fixtures in a folder of their own, and h5lift run on them.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/legacy");

/// A folder that goes away with the test.
#[derive(Debug)]
pub(crate) struct Archive(TempDir);

impl Archive {
    /// Copies fixtures: `(path in the folder, name of the fixture)`.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let archive = Archive(tempfile::tempdir().expect("a temporary folder can be made"));
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

    /// SHA-256 of every file below a folder of the archive, by its path.
    pub(crate) fn contents(&self, folder: &str) -> BTreeMap<PathBuf, String> {
        contents(&self.path().join(folder))
    }
}

/// SHA-256 of every file below a folder, by its path.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.expect("the folder can be listed");
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).expect("the file can be read");
            let digest = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            found.insert(entry.into_path(), digest);
        }
    }
    found
}

/// What a run of h5lift left behind.
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
