//! Workers between requests: started when needed, kept while they live.

pub(crate) mod crash;
pub(crate) mod pipes;
pub(crate) mod process;

use crate::jobs::pool::crash::{Death, DeathCause};
use crate::jobs::pool::process::WorkerProcess;
use crate::jobs::queue::semaphore::{Cores, Held};
use crate::jobs::settings::WorkerSettings;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{Progress, Reply, Request};
use std::fs::File;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of a file that leaves a worker with more memory than a new one has.
const LARGE_FILE: u64 = 64 << 20;

/// Idle workers. There are never more than were in use at the same time, or are going to be.
#[derive(Debug)]
pub struct Pool {
    settings: WorkerSettings,
    cores: Cores,
    idle: Mutex<Vec<WorkerProcess>>,
}

/// A worker for one lane's use; goes back to the pool if it lives.
#[derive(Debug)]
pub struct Lease<'a> {
    pool: &'a Pool,
    worker: Option<WorkerProcess>,
    begun: u64,
}

impl Pool {
    /// An empty pool, whose workers and lanes share `jobs` cores.
    pub fn new(settings: WorkerSettings, jobs: usize) -> Self {
        Pool {
            settings,
            cores: Cores::new(jobs),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// How workers are started and treated.
    pub fn settings(&self) -> &WorkerSettings {
        &self.settings
    }

    /// Starts the first worker before any file is touched: where none can be started, that says
    /// nothing of the files.
    pub fn warm_up(&self) -> Result<(), String> {
        let worker = WorkerProcess::start(&self.settings).map_err(|error| error.to_string())?;
        let mut lease = Lease {
            pool: self,
            worker: Some(worker),
            begun: 0,
        };
        match lease.ask(&Request::Ping, &mut |_| {}) {
            Ok(Reply::Pong) => Ok(()),
            Ok(other) => Err(format!("it answered {other:?}")),
            // Who is asked to stop says so with the files that are left, and not of the workers.
            Err(death) if death.cause == DeathCause::Interrupted => Ok(()),
            Err(death) => Err(death.describe(self.settings.memory)),
        }
    }

    /// Whether so many are idle.
    pub fn has_idle(&self, workers: usize) -> bool {
        self.idle().len() >= workers
    }

    /// Sees to it that so many are idle. One that cannot be started is told when it is taken.
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

    /// A core for what a lane computes itself; `begun` as in [`Pool::take`].
    pub fn core(&self, begun: u64) -> Held<'_> {
        self.cores.take(1, begun)
    }

    /// Takes an idle worker, or starts one. Two leases held at once are two processes. Requests wait
    /// until there are cores for them; those of the turn that has `begun` first come first.
    pub fn take(&self, begun: u64) -> Result<Lease<'_>, Death> {
        let idle = self.idle().pop();
        let worker = match idle {
            Some(worker) => worker,
            None => WorkerProcess::start(&self.settings).map_err(|error| Death {
                phase: Phase::Starting,
                cause: DeathCause::Unreachable(error.to_string()),
            })?,
        };
        Ok(Lease {
            pool: self,
            worker: Some(worker),
            begun,
        })
    }
}

impl Drop for Pool {
    /// All end at the same time: each takes a while to give its memory back.
    fn drop(&mut self) {
        for worker in self.idle().iter_mut() {
            worker.signal_end();
        }
    }
}

impl Lease<'_> {
    /// Asks the worker; one that dies is not asked again.
    pub fn ask(
        &mut self,
        request: &Request,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Reply, Death> {
        let Some(worker) = &mut self.worker else {
            return Err(Death {
                phase: Phase::Starting,
                cause: DeathCause::Unreachable("it has died".to_string()),
            });
        };
        let held = self.pool.cores.take(request.threads(), self.begun);
        let reply = worker.ask(held.first(), request, progress);
        drop(held);
        if reply.is_err() {
            self.worker = None;
        }
        reply
    }
}

impl<'a> Lease<'a> {
    /// Keeps the worker, so that whoever is taken meanwhile is another one. One that has written a large
    /// file ends: it holds memory that nobody needs before the next, and to start is nothing beside that.
    pub fn kept_after(mut self, file: &File) -> Option<Lease<'a>> {
        let is_large = file.metadata().is_ok_and(|it| it.len() >= LARGE_FILE);
        if is_large {
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
    fn to_be_asked_to_stop_says_nothing_of_the_workers() {
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
}
