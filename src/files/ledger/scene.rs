//! For tests: migrations on a real disk, cut off where a crash would.

use crate::files::checksum::Fingerprint;
use crate::files::commit::commit;
use crate::files::commit::output::Output;
use crate::files::commit::{Commit, Original};
use crate::files::ledger::{
    Begun, CommitEntry, CommitId, CommitStatus, History, Ledger, LedgerError, LedgerTrust, NewFile,
};
use crate::files::rooted_path::RootedPath;
use crate::files::source::open_source;
use crate::files::stat_snapshot::StatSnapshot;
use crate::files::{Backup, PermissionSource, Roots, RunLock, Temporary};
use crate::model::record::Record;
use crate::model::record::outcome::Outcome;
use crate::model::state::State;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const OLD: &[u8] = b"the old file";
pub(crate) const NEW: &[u8] = b"the new file, which is longer";

/// The last thing that a migration does before it is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    Begun,
    Failed,
    Kept,
    Swapped,
    Done,
}

/// A folder with files `a.h5` and `b.h5`, and a ledger.
pub(crate) struct Scene {
    pub(crate) folder: TempDir,
    backup: Backup,
    /// What each migration gives up.
    pub(crate) lost_chunks: Option<u64>,
}

impl Scene {
    pub(crate) fn new() -> Scene {
        Scene::keeping(Backup::default())
    }

    pub(crate) fn keeping(backup: Backup) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.h5", "b.h5"] {
            fs::write(folder.path().join(name), OLD).unwrap();
        }
        Scene {
            folder,
            backup,
            lost_chunks: None,
        }
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.at(name)).unwrap_or_default()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.at(name), bytes).unwrap();
    }

    pub(crate) fn ledger_path(&self) -> PathBuf {
        self.at("run.jsonl")
    }

    pub(crate) fn open(&self) -> (Ledger, History) {
        Ledger::open(&self.ledger_path(), LedgerTrust::Checked).unwrap()
    }

    pub(crate) fn history(&self) -> History {
        History::read(&self.ledger_path()).unwrap()
    }

    /// The folder, and that of the kept originals.
    pub(crate) fn roots(&self) -> Roots {
        let mut roots = vec![self.folder.path().to_path_buf()];
        if let Backup::Folder(folder) = &self.backup {
            roots.extend(folder.parent().map(Path::to_path_buf));
        }
        Roots::named(&roots).unwrap()
    }

    /// Every file but the ledger.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with("run.jsonl"))
            .collect();
        files.sort();
        files
    }

    pub(crate) fn in_place(&self, name: &str, until: Until) {
        let path = self.at(name);
        let snapshot = stamp_of(&path);
        let relative = PathBuf::from(name);
        let output = Output::InPlace {
            path: path.clone(),
            backup: self.backup.path_of(&path, &relative),
            relative,
            follow_links: false,
        };
        self.migrate(output, &path, &snapshot, until);
    }

    pub(crate) fn elsewhere(&self, name: &str, destination: &str, until: Until) {
        let path = self.at(name);
        let snapshot = stamp_of(&path);
        let output = Output::named(self.at(destination), false);
        self.migrate(output, &path, &snapshot, until);
    }

    fn migrate(&self, output: Output, path: &Path, snapshot: &StatSnapshot, until: Until) {
        let (ledger, _) = self.open();
        let file = open_source(path).unwrap();
        let original = Original {
            path: &RootedPath::named(path),
            symlink: path.is_symlink(),
            file: &file,
            snapshot,
        };
        let source = Fingerprint::of(&file).unwrap();
        let temporary =
            Temporary::create_beside(output.path(), PermissionSource::default()).unwrap();
        fs::write(temporary.path(), NEW).unwrap();
        let new = NewFile::of(temporary.file()).unwrap();
        let mut record = record(path);
        record.lost_chunks = self.lost_chunks;
        let begun = Begun::new(&output, &original, source.sha256, new, &record).unwrap();
        let backup = begun.backup().map(Path::to_path_buf);
        let id = ledger.begin(begun).unwrap();
        match until {
            Until::Begun => {}
            Until::Failed => {
                record.outcome = Some(Outcome::Failed);
                ledger.failed(id, &record).unwrap();
            }
            Until::Kept => fs::hard_link(path, backup.unwrap()).unwrap(),
            Until::Swapped | Until::Done => {
                let request = Commit {
                    output,
                    original: Some(original),
                };
                let committed = commit(&request, temporary, &RunLock::default()).unwrap();
                if until == Until::Done {
                    record.outcome = Some(Outcome::Migrated);
                    record.output = Some(committed.output.display().to_string());
                    record.bytes_after = Some(committed.bytes);
                    ledger.done(id, &committed, &record).unwrap();
                }
            }
        }
    }
}

pub(crate) fn stamp_of(path: &Path) -> StatSnapshot {
    StatSnapshot::of(&open_source(path).unwrap()).unwrap()
}

pub(crate) fn record(path: &Path) -> Record {
    let bytes = fs::metadata(path).map_or(0, |it| it.len());
    Record::new(path, bytes, State::Legacy, "names are attributes".into())
}

pub(crate) fn endings(history: &History) -> Vec<(CommitId, CommitStatus)> {
    history
        .commits()
        .map(|commit: CommitEntry| (commit.id(), commit.status))
        .collect()
}

pub(crate) fn open_error(path: &Path) -> LedgerError {
    match Ledger::open(path, LedgerTrust::Checked) {
        Ok(_) => panic!("{} could be opened", path.display()),
        Err(error) => error,
    }
}
