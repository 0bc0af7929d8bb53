//! A file in work, and how much of it is done.

use crate::model::protocol::phase::Phase;
use crate::report::escape;
use std::path::Path;
use std::time::Instant;

#[derive(Debug)]
pub(crate) struct Work {
    /// The file, harmless to a terminal.
    pub path: String,
    /// What its worker is doing.
    pub phase: Phase,
    /// Bytes of raw values done in this phase.
    pub done: u64,
    /// The time of its worker's last heartbeat.
    pub heard: Instant,
    /// When it was begun.
    pub begun: Instant,
    /// Its length in bytes; 0 of a pipe.
    pub length: u64,
}

impl Work {
    /// A file of so many bytes that a slot has begun.
    pub(crate) fn begun(path: &Path, length: u64, now: Instant) -> Self {
        Work {
            path: escape::path_text(path).into_owned(),
            phase: Phase::Starting,
            done: 0,
            heard: now,
            begun: now,
            length,
        }
    }

    /// Whether `done` counts rows: a pipe has no length to compare its bytes with.
    pub(crate) fn counts_rows(&self) -> bool {
        self.phase == Phase::ReadingText && self.length == 0
    }

    /// The part of the file's length that is done: half for writing, half for verification; all of it for
    /// inspecting values, after which nothing follows.
    ///
    /// Raw values are more than the file where it is compressed, so this runs ahead of the work
    /// and then waits, but it never exceeds the file and never goes back.
    pub(crate) fn share(&self) -> u64 {
        let half = self.length / 2;
        match self.phase {
            Phase::Starting | Phase::Opening | Phase::Listing | Phase::ReadingNames => 0,
            Phase::ReadingText if self.counts_rows() => 0,
            Phase::ReadingValues => self.done.min(self.length),
            Phase::WritingValues | Phase::ReadingText => (self.done / 2).min(half),
            Phase::CarryingOver | Phase::Closing | Phase::ComparingObjects => half,
            Phase::ComparingValues => half + (self.done / 2).min(half),
        }
    }
}

/// Whether a phase goes through values.
pub(crate) fn is_about_values(phase: Phase) -> bool {
    matches!(
        phase,
        Phase::ReadingValues | Phase::WritingValues | Phase::ComparingValues | Phase::ReadingText
    )
}
