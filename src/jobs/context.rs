//! What the steps of one file work with: the settings and workers of the batch, and the threads of the file.

use crate::files::{Ledger, RunLock};
use crate::jobs::event::{Event, Observer};
use crate::jobs::pool::crash::WorkerCrash;
use crate::jobs::pool::{Lease, Pool};
use crate::jobs::queue::ThreadBudget;
use crate::jobs::queue::slots::HeldSlot;
use crate::jobs::settings::Settings;
use crate::model::protocol::failure::Failure;
use crate::model::protocol::{Budget, Progress, Request};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the steps of one file work with.
#[derive(Clone, Copy)]
pub struct JobContext<'a> {
    /// What the batch is run with.
    pub settings: &'a Settings,
    /// Where workers come from.
    pub pool: &'a Pool,
    /// Is told of progress and warnings.
    pub observer: &'a dyn Observer,
    /// Its place among the files in work; `None`: it is the only one.
    pub slot: Option<&'a HeldSlot<'a>>,
    /// Threads that its workers may use.
    pub threads: ThreadBudget<'a>,
    /// How many tasks were started before this one: requests of earlier tasks get cores first.
    pub sequence: u64,
    /// Records commits before and after.
    pub ledger: Option<&'a Ledger>,
    /// The folders that this run has locked.
    pub run: &'a RunLock,
    /// Whether the user was warned that files cannot be locked: once a batch.
    pub warned: &'a AtomicBool,
}

impl std::fmt::Debug for JobContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobContext")
            .field("slot", &self.slot)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

impl<'a> JobContext<'a> {
    /// For a command about one file at a time, without a ledger.
    pub fn only(
        settings: &'a Settings,
        pool: &'a Pool,
        observer: &'a dyn Observer,
        threads: usize,
        warned: &'a AtomicBool,
        run: &'a RunLock,
    ) -> Self {
        JobContext {
            settings,
            pool,
            observer,
            slot: None,
            threads: ThreadBudget::fixed(threads),
            sequence: 0,
            ledger: None,
            run,
            warned,
        }
    }

    /// What a request may use at this moment.
    pub(crate) fn budget(&self) -> Budget {
        Budget {
            threads: self.settings.worker.threads(self.threads.get()),
            bytes: self.settings.worker.chunk_limit(),
        }
    }

    /// Sends a request and its files to any worker, and reports its progress.
    pub(crate) fn ask<R: Request>(
        &self,
        request: R,
        files: &[&File],
    ) -> Result<Result<R::Reply, Failure>, WorkerCrash> {
        self.worker()?.ask(request, files, &mut self.progress())
    }

    /// A worker for this file.
    pub fn worker(&self) -> Result<Lease<'a>, WorkerCrash> {
        self.pool.take(self.sequence)
    }
}

impl JobContext<'_> {
    /// A lock only stops programs that lock as well; the check before the commit finds every change. So a
    /// missing lock is a warning.
    pub(crate) fn warn_of_missing_locks(&self, path: &Path, why: &str) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            self.observer.observe(Event::Warning(&unlocked(path, why)));
        }
    }

    /// To be called when all that is left for a file is to wait for the disk: the next file begins. No worker may be held,
    /// and none may be asked any more.
    pub(crate) fn wait_for_disk(&self) {
        if let Some(slot) = self.slot.filter(|slot| slot.is_held()) {
            let number = slot.number();
            self.observer.observe(Event::FileWaits { slot: number });
            slot.give_up();
        }
    }

    /// Passes heartbeats on to the observer.
    pub fn progress(&self) -> impl FnMut(Progress) + '_ {
        let slot = self.slot.map_or(0, HeldSlot::number);
        move |progress| {
            self.observer.observe(Event::FileProgress {
                slot,
                phase: progress.phase,
                done: progress.done,
            });
        }
    }
}

pub(crate) fn unlocked(path: &Path, why: &str) -> String {
    format!(
        "{}: it is not locked while it is read: {why}; files are compared again before they are replaced",
        path.display()
    )
}
