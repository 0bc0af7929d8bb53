//! One commit, as recorded in the ledger.

use crate::files::ledger::entry::{Begun, CommitId};
use crate::files::path_error::{AtPath, PathError};
use crate::files::source::open_source;
use crate::files::stat_snapshot::StatSnapshot;
use crate::model::record::Record;
use std::io;
use std::path::PathBuf;

/// How a commit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitStatus {
    /// Not recorded: a crash, or a run that has not ended.
    Open,
    /// The new file is in place.
    Done {
        /// As it was then.
        made: StatSnapshot,
    },
    /// The new file is not in place.
    Failed,
    /// The new file was in place, until `undo`.
    Undone,
    /// The new file is in place, the original was deleted by `purge`.
    Purged {
        /// As it was when it came there, when that is known.
        made: Option<StatSnapshot>,
    },
}

/// A commit. Its row is that of its status, once there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitEntry {
    /// What was written before it.
    pub begun: Begun,
    /// What was written after it.
    pub status: CommitStatus,
    /// Where the original is kept.
    pub backup: Option<PathBuf>,
}

impl CommitEntry {
    pub fn id(&self) -> CommitId {
        self.begun.id
    }

    pub fn record(&self) -> &Record {
        &self.begun.record
    }

    /// Whether the new file went over its original.
    pub fn is_in_place(&self) -> bool {
        self.begun.destination() == self.begun.source
    }

    /// The new file as it was when it came in place; `None` when it is not.
    pub fn made(&self) -> Option<StatSnapshot> {
        match self.status {
            CommitStatus::Done { made } => Some(made),
            CommitStatus::Purged { made } => made,
            CommitStatus::Open | CommitStatus::Failed | CommitStatus::Undone => None,
        }
    }

    /// Whether the new file is in place and unchanged since.
    pub fn output_stands(&self) -> Result<bool, PathError> {
        let path = self.begun.destination();
        let Some(made) = self.made() else {
            return Ok(false);
        };
        match open_source(path) {
            Ok(file) => Ok(alike(
                &made,
                &StatSnapshot::of(&file).at(path, "inspect it")?,
            )),
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// The device is left out: network mounts get a new number with each boot.
pub(crate) fn alike(one: &StatSnapshot, other: &StatSnapshot) -> bool {
    let device = one.device;
    *one == StatSnapshot { device, ..*other }
}
