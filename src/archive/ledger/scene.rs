//! For tests: migrations on a real disk, cut off where a crash would.

use super::{Begun, Commit, CommitId, Ending, History, Ledger, LedgerError, NewFile};
use crate::archive::checksum::Fingerprint;
use crate::archive::commit::commit;
use crate::archive::order::{Order, Original};
use crate::archive::source::open_source;
use crate::archive::stamp::Stamp;
use crate::archive::{Backup, Counterpart, RunLock, Temporary};
use crate::model::outcome::Outcome;
use crate::model::record::Record;
use crate::model::state::State;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(in crate::archive) const OLD: &[u8] = b"the old file";
pub(in crate::archive) const NEW: &[u8] = b"the new file, which is longer";

/// The last thing that a migration does before it is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::archive) enum Until {
    Begun,
    Kept,
    Swapped,
    Done,
}

/// A folder with files `a.h5` and `b.h5`, and a ledger.
pub(in crate::archive) struct Scene {
    pub(in crate::archive) folder: TempDir,
    backup: Backup,
    /// What each migration gives up.
    pub(in crate::archive) lost_chunks: Option<u64>,
}

impl Scene {
    pub(in crate::archive) fn new() -> Scene {
        Scene::keeping(Backup::default())
    }

    pub(in crate::archive) fn keeping(backup: Backup) -> Scene {
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

    pub(in crate::archive) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(in crate::archive) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.at(name)).unwrap_or_default()
    }

    pub(in crate::archive) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.at(name), bytes).unwrap();
    }

    pub(in crate::archive) fn ledger_path(&self) -> PathBuf {
        self.at("run.jsonl")
    }

    pub(in crate::archive) fn open(&self) -> (Ledger, History) {
        Ledger::open(&self.ledger_path()).unwrap()
    }

    pub(in crate::archive) fn history(&self) -> History {
        History::read(&self.ledger_path()).unwrap()
    }

    /// Every file but the ledger.
    pub(in crate::archive) fn files(&self) -> Vec<String> {
        let mut files: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with("run.jsonl"))
            .collect();
        files.sort();
        files
    }

    /// Migrates in place.
    pub(in crate::archive) fn in_place(&self, name: &str, until: Until) {
        let path = self.at(name);
        let stamp = stamp_of(&path);
        let order = Order::InPlace {
            original: Original {
                path: &path,
                stamp: &stamp,
            },
            relative: Path::new(name),
            backup: &self.backup,
        };
        self.migrate(&order, &path, &stamp, until);
    }

    /// Migrates to another name.
    pub(in crate::archive) fn elsewhere(&self, name: &str, destination: &str, until: Until) {
        let path = self.at(name);
        let stamp = stamp_of(&path);
        let order = Order::Elsewhere {
            original: Some(Original {
                path: &path,
                stamp: &stamp,
            }),
            destination: &self.at(destination),
            overwrite: false,
        };
        self.migrate(&order, &path, &stamp, until);
    }

    fn migrate(&self, order: &Order, path: &Path, stamp: &Stamp, until: Until) {
        let (ledger, _) = self.open();
        let original = Original { path, stamp };
        let source = Fingerprint::of(&open_source(path).unwrap()).unwrap();
        let temporary =
            Temporary::create_beside(order.destination(), Counterpart::default()).unwrap();
        fs::write(temporary.path(), NEW).unwrap();
        let new = NewFile::of(temporary.file()).unwrap();
        let mut record = record(path);
        record.lost_chunks = self.lost_chunks;
        let begun = Begun::new(order, &original, source.sha256, new, &record).unwrap();
        let backup = begun.backup().map(Path::to_path_buf);
        let id = ledger.begin(begun).unwrap();
        match until {
            Until::Begun => {}
            Until::Kept => fs::hard_link(path, backup.unwrap()).unwrap(),
            Until::Swapped | Until::Done => {
                let committed = commit(order, temporary, &RunLock::default()).unwrap();
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

pub(in crate::archive) fn stamp_of(path: &Path) -> Stamp {
    Stamp::of(&open_source(path).unwrap()).unwrap()
}

pub(in crate::archive) fn record(path: &Path) -> Record {
    let bytes = fs::metadata(path).map_or(0, |it| it.len());
    Record::new(path, bytes, State::Legacy, "names are attributes".into())
}

pub(in crate::archive) fn endings(history: &History) -> Vec<(CommitId, Ending)> {
    history
        .commits()
        .map(|commit: &Commit| (commit.id(), commit.ending))
        .collect()
}

pub(in crate::archive) fn open_error(path: &Path) -> LedgerError {
    match Ledger::open(path) {
        Ok(_) => panic!("{} could be opened", path.display()),
        Err(error) => error,
    }
}
