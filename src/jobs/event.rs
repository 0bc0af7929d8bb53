//! Events of a running batch: the only connection between the engine and the display.

use crate::model::protocol::phase::Phase;
use crate::model::record::Record;
use std::path::PathBuf;

/// Something that happened in a batch. A *slot* is one of the `--jobs` files in work at a time.
#[derive(Debug)]
pub enum Event<'a> {
    /// All candidates are known.
    Started {
        files: u64,
        /// Their bytes together.
        bytes: u64,
    },
    /// A file is in work.
    FileStarted {
        /// Number of the slot, from 0.
        slot: usize,
        path: &'a PathBuf,
        bytes: u64,
    },
    /// A worker sent a heartbeat.
    FileProgress {
        slot: usize,
        /// What its worker is doing.
        phase: Phase,
        /// Bytes of raw values done in this phase.
        done: u64,
    },
    /// All that is left for a file is to wait for the disk: its slot is free for another one.
    FileWaits { slot: usize },
    /// A file has its row.
    FileDone {
        /// `None`: it had given up its slot.
        slot: Option<usize>,
        /// The row.
        record: &'a Record,
    },
    /// A warning that belongs to no row.
    Warning(&'a str),
}

/// Receives events.
pub trait Observer: Sync {
    /// Called from the thread of any slot.
    fn observe(&self, event: Event<'_>);
}

/// Ignores all events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn observe(&self, _: Event<'_>) {}
}
