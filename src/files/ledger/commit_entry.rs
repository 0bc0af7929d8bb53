//! One commit, as recorded in the ledger.

use crate::files::ledger::entry::{Begun, CommitId};
use crate::model::record::finding::Finding;
use crate::model::record::outcome::Outcome;
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use std::path::{Path, PathBuf};

/// How a commit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitStatus {
    /// Not recorded: a crash, or a run that has not ended.
    Open,
    /// The new file is in place.
    Done,
    /// The new file is not in place.
    Failed,
    /// The new file was in place, until `undo`.
    Undone,
    /// The new file is in place, the original was deleted by `purge`.
    Purged,
}

/// What comes after the end of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Later {
    Undone,
    Purged,
}

/// A commit.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitEntry {
    /// What was written before it.
    pub begun: Begun,
    /// What was written after it.
    pub status: CommitStatus,
    /// Where the original is kept.
    pub backup: Option<PathBuf>,
    /// The row, which is that of its status, once there is one.
    pub record: Record,
}

impl CommitEntry {
    /// One that has not ended.
    pub(crate) fn open(begun: Begun) -> CommitEntry {
        let mut record = (*begun.record).clone();
        record.outcome = Some(Outcome::Failed);
        record.error = Some(ErrorRecord::new(
            ErrorKind::Interrupted,
            "the run ended while it put the new file in place",
            Some("run the same command again: h5lift checks which file is in place".to_string()),
        ));
        CommitEntry {
            status: CommitStatus::Open,
            backup: begun.backup().map(Path::to_path_buf),
            record,
            begun,
        }
    }

    /// The same after `undo` or `purge`.
    pub(crate) fn take_later(&mut self, what: Later) {
        let (code, detail) = match what {
            Later::Undone => {
                self.status = CommitStatus::Undone;
                self.record.outcome = None;
                self.record.forget_new_file();
                self.record.error = None;
                ("undone", "the migration was undone")
            }
            Later::Purged => {
                self.status = CommitStatus::Purged;
                self.record.backup = None;
                ("purged", "the kept original was deleted")
            }
        };
        self.record.findings.push(Finding::new(code, detail));
    }

    /// Its number.
    pub fn id(&self) -> CommitId {
        self.begun.id
    }

    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Whether the new file went over its original.
    pub fn is_in_place(&self) -> bool {
        self.begun.destination() == self.begun.source
    }
}
