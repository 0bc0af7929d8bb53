//! What a batch tells while it runs: the only thing between engine and display.

use crate::model::protocol::phase::Phase;
use crate::model::record::Record;
use std::path::PathBuf;

/// Something that happened in a batch. A *lane* is one of the files in work at a time.
#[derive(Debug)]
pub enum Event<'a> {
    /// All candidates are known.
    Started {
        /// How many files.
        files: u64,
        /// Their bytes together.
        bytes: u64,
    },
    /// A lane took a file.
    FileStarted {
        /// Number of the lane, from 0.
        lane: usize,
        /// The file.
        path: &'a PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// A worker gave a sign of life.
    FileProgress {
        /// Number of the lane.
        lane: usize,
        /// What its worker is doing.
        phase: Phase,
        /// Bytes of raw values done in this phase.
        done: u64,
    },
    /// A file has its row.
    FileDone {
        /// Number of the lane.
        lane: usize,
        /// The row.
        record: &'a Record,
    },
    /// Something to tell that belongs to no row.
    Warning(&'a str),
}

/// Watches a batch.
pub trait Observer: Sync {
    /// Called from any lane's thread.
    fn observe(&self, event: Event<'_>);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&self, _: Event<'_>) {}
}
