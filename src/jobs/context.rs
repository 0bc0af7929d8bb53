//! What a lane works with: the settings and workers of its batch, and its share of the cores.

use crate::files::{Ledger, RunLock};
use crate::jobs::event::{Event, Observer};
use crate::jobs::pool::crash::Death;
use crate::jobs::pool::{Lease, Pool};
use crate::jobs::queue::Share;
use crate::jobs::settings::Settings;
use crate::model::protocol::Progress;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a lane works with.
#[derive(Clone, Copy)]
pub struct Lane<'a> {
    /// What the batch is run with.
    pub settings: &'a Settings,
    /// Where workers come from.
    pub pool: &'a Pool,
    /// Who watches.
    pub observer: &'a dyn Observer,
    /// Number of the lane.
    pub number: usize,
    /// Threads that its workers may use.
    pub share: Share<'a>,
    /// How many turns had begun before this one.
    pub begun: u64,
    /// Where commits are written down before and after.
    pub ledger: Option<&'a Ledger>,
    /// The folders that this run has for itself.
    pub run: &'a RunLock,
    /// Whether somebody was told that files cannot be locked there: once is enough.
    pub warned: &'a AtomicBool,
}

impl std::fmt::Debug for Lane<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane")
            .field("number", &self.number)
            .field("share", &self.share)
            .finish_non_exhaustive()
    }
}

impl<'a> Lane<'a> {
    /// The one lane of a command about one file at a time, without a ledger.
    pub fn only(
        settings: &'a Settings,
        pool: &'a Pool,
        observer: &'a dyn Observer,
        threads: usize,
        warned: &'a AtomicBool,
        run: &'a RunLock,
    ) -> Self {
        Lane {
            settings,
            pool,
            observer,
            number: 0,
            share: Share::all(threads),
            begun: 0,
            ledger: None,
            run,
            warned,
        }
    }

    /// A worker for this file.
    pub fn worker(&self) -> Result<Lease<'a>, Death> {
        self.pool.take(self.begun)
    }
}

impl Lane<'_> {
    /// A lock is a courtesy to programs that lock, too; what counts is that the file is still the
    /// same at the end, so its lack is told, and keeps nobody from working.
    pub(crate) fn warn_of_missing_locks(&self, path: &Path, why: &str) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            self.observer.observe(Event::Warning(&format!(
                "{}: not locked while it is read: {why}; files are looked at again before they are replaced",
                path.display()
            )));
        }
    }

    /// Passes signs of life on to the observer.
    pub fn progress(&self) -> impl FnMut(Progress) + '_ {
        |progress| {
            self.observer.observe(Event::FileProgress {
                lane: self.number,
                phase: progress.phase,
                done: progress.done,
            });
        }
    }
}
