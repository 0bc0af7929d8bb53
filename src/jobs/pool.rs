//! Workers between requests: started when needed, kept until they crash.

pub(crate) mod crash;
pub(crate) mod input_pipe;
pub(crate) mod pipes;
pub(crate) mod process;

use crate::jobs::pool::crash::{CrashCause, WorkerCrash};
use crate::jobs::pool::process::WorkerProcess;
use crate::jobs::queue::semaphore::{CoreSemaphore, Permit};
use crate::jobs::settings::WorkerSettings;
use crate::model::protocol::failure::Failure;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{Build, PingRequest, Progress, Request};
use std::fs::File;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file of this size leaves a worker with more memory than a new one has.
const LARGE_FILE: u64 = 64 << 20;

/// Idle workers, and the cores of the batch.
#[derive(Debug)]
pub struct Pool {
    settings: WorkerSettings,
    cores: CoreSemaphore,
    idle: Mutex<Vec<WorkerProcess>>,
}

/// A worker in use; it goes back to the pool unless it crashed.
#[derive(Debug)]
pub struct Lease<'a> {
    pool: &'a Pool,
    worker: Option<WorkerProcess>,
    sequence: u64,
}

impl Pool {
    /// An empty pool, whose workers and jobs share `jobs` cores.
    pub fn new(settings: WorkerSettings, jobs: usize) -> Self {
        Pool {
            settings,
            cores: CoreSemaphore::new(jobs),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// How workers are started and treated.
    pub fn settings(&self) -> &WorkerSettings {
        &self.settings
    }

    /// Starts the first worker before any file is touched: if none can be started, the files are not to blame.
    pub fn warm_up(&self) -> Result<(), String> {
        let worker = WorkerProcess::start(&self.settings).map_err(|error| error.to_string())?;
        let mut lease = Lease {
            pool: self,
            worker: Some(worker),
            sequence: 0,
        };
        match lease.ask(PingRequest, &[], &mut |_| {}) {
            Ok(Ok(build)) if build == Build::own() => Ok(()),
            Ok(Ok(Build { version, hdf5 })) => Err(format!(
                "it is h5lift {version} with HDF5 {hdf5}: the program was replaced meanwhile, so start the run again"
            )),
            Ok(Err(failure)) => Err(failure.message),
            // An interrupt is reported with the files that are left, not as an error of the workers.
            Err(crash) if crash.cause == CrashCause::Interrupted => Ok(()),
            Err(WorkerCrash {
                cause: CrashCause::NotStarted(why),
                ..
            }) => Err(why),
            Err(crash) => Err(crash.describe(self.settings.memory)),
        }
    }

    /// Whether this many workers are idle.
    pub fn has_idle(&self, workers: usize) -> bool {
        self.idle().len() >= workers
    }

    /// Starts workers until so many are idle. A start that fails is reported when a worker is taken.
    pub fn stock(&self, workers: usize) {
        while self.idle().len() < workers {
            match WorkerProcess::start(&self.settings) {
                Ok(worker) => self.idle().push(worker),
                Err(_) => return,
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<WorkerProcess>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A core for what a job computes in this process; `sequence` as in [`Pool::take`].
    pub fn core(&self, sequence: u64) -> Permit<'_> {
        self.cores.acquire(1, sequence)
    }

    /// Takes an idle worker, or starts one. Two leases held at once are two processes. Requests wait until there
    /// are cores for them, in the order of `sequence`.
    pub fn take(&self, sequence: u64) -> Result<Lease<'_>, WorkerCrash> {
        let idle = self.idle().pop();
        let worker = match idle {
            Some(worker) => worker,
            None => WorkerProcess::start(&self.settings).map_err(|error| WorkerCrash {
                phase: Phase::Starting,
                cause: CrashCause::NotStarted(error.to_string()),
            })?,
        };
        Ok(Lease {
            pool: self,
            worker: Some(worker),
            sequence,
        })
    }
}

impl Drop for Pool {
    /// All are killed before any is waited for: each needs some time to release its memory.
    fn drop(&mut self) {
        for worker in self.idle().iter_mut() {
            worker.signal_end();
        }
    }
}

impl Lease<'_> {
    /// Sends a request and its files to the worker. A worker that crashed gets no further request.
    pub fn ask<R: Request>(
        &mut self,
        request: R,
        files: &[&File],
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Result<R::Reply, Failure>, WorkerCrash> {
        let Some(worker) = &mut self.worker else {
            return Err(WorkerCrash {
                phase: Phase::Starting,
                cause: CrashCause::Unreachable("it has died".to_string()),
            });
        };
        let permit = self.pool.cores.acquire(request.threads(), self.sequence);
        let reply = worker.ask(permit.first(), &request.into_message(), files, progress);
        drop(permit);
        if reply.is_err() {
            self.worker = None;
        }
        Ok(reply?.and_then(R::read_reply))
    }
}

impl<'a> Lease<'a> {
    /// Keeps the worker, so that the pool gives out other processes meanwhile. A worker that has written a large
    /// file is ended instead: it holds much memory, and a start is cheap compared with such a file.
    pub fn kept_after(mut self, bytes: u64) -> Option<Lease<'a>> {
        if bytes >= LARGE_FILE {
            self.worker = None;
            return None;
        }
        Some(self)
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take() {
            self.pool.idle().push(worker);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::interrupt::Interrupt;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    #[test]
    fn an_interrupt_is_no_error_of_the_workers() {
        let interrupt = Interrupt::default();
        let pool = |program: &str| {
            let settings = WorkerSettings {
                program: program.into(),
                memory: 1 << 30,
                timeout: Duration::from_millis(200),
                interrupt: interrupt.clone(),
            };
            Pool::new(settings, 1)
        };
        // Waits for the end of its input and says nothing.
        assert!(pool("/usr/bin/xargs").warm_up().is_err());
        interrupt.flag().store(true, Ordering::SeqCst);
        assert_eq!(pool("/usr/bin/xargs").warm_up(), Ok(()));
        assert!(pool("/nowhere/h5lift").warm_up().is_err());
    }

    #[test]
    fn a_worker_of_another_build_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("worker");
        // Written by another process: one that this test process starts meanwhile could keep it open for writing.
        let script = r#"printf '%s\n' '#!/bin/sh' 'read request' "$2" >"$1" && chmod 700 "$1""#;
        let reply = r#"echo '{"Ok":{"ping":{"version":"0.0.9","hdf5":"1.8.4"}}}'"#;
        let written = std::process::Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(&program)
            .arg(reply)
            .status();
        assert!(written.unwrap().success());
        let settings = WorkerSettings {
            program,
            memory: 1 << 30,
            timeout: Duration::from_secs(20),
            interrupt: Interrupt::default(),
        };
        let why = Pool::new(settings, 1).warm_up().unwrap_err();
        assert!(why.contains("0.0.9") && why.contains("1.8.4"), "{why}");
    }
}
