//! A batch over candidates, from the command line's side: slots below, rows and progress above.

use crate::cli::args::options::OutputOptions;
use crate::cli::batch::collect::{Collected, Stream};
use crate::cli::batch::open_files;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::progress::ProgressDisplay;
use crate::cli::signals;
use crate::files::{Candidate, FileRoles, Ledger, RunLock, WalkItem};
use crate::jobs::context::JobContext;
use crate::jobs::event::{Event, Observer, Unobserved};
use crate::jobs::pool::Pool;
use crate::jobs::queue::schedule;
use crate::jobs::queue::slots::FilesAtOnce;
use crate::jobs::queue::{Task, TaskOutcome, run};
use crate::jobs::settings::Settings;
use crate::jobs::steps::sample::Sampler;
use crate::model::record::report::{Problem, Report};
use crate::report::escape;
use std::borrow::Borrow;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A command over many files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    /// The command's name in the report.
    pub command: &'static str,
    /// What the batch is run with.
    pub settings: &'a Settings,
    pub options: &'a OutputOptions,
    /// Where commits are written down.
    pub ledger: Option<&'a Ledger>,
    /// The folders that this run has locked.
    pub run_lock: &'a RunLock,
    /// In which order, and how many at a time.
    pub pace: Pace,
    /// Files that are sampled at the end, to estimate what their migration would cost.
    pub sampler: Option<&'a Sampler>,
}

/// How a batch goes through its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// In the order of the walk, so that no row waits for another.
    Inspect,
    /// The largest first, so that none of them is left for the end alone.
    Read,
    /// The same, and more at a time than there are cores, because new files wait for the disk. Those that only do that
    /// leave their place to others.
    Write,
}

/// What is open while files are gone through.
struct Prepared<'a> {
    at_once: FilesAtOnce,
    display: &'a ProgressDisplay,
    output: Output<'a>,
    pool: Pool,
}

/// What is done to one file.
pub(crate) type RunFile<'a, C> = dyn Fn(&JobContext<'_>, &C, Task<'_>) -> TaskOutcome + Sync + 'a;

impl Batch<'_> {
    /// Runs every candidate and writes the rows.
    pub(crate) fn run<C: Borrow<Candidate> + Sync>(
        &self,
        collected: Collected<C>,
        run_file: &RunFile<'_, C>,
    ) -> Result<Report, Failure> {
        self.run_after(|_| Ok(collected), run_file)
    }

    /// The same with something to do before the first row, which may warn: reports are open and a worker has answered, so
    /// that no error of the command line is found later.
    pub(crate) fn run_after<C: Borrow<Candidate> + Sync>(
        &self,
        first: impl FnOnce(&dyn Observer) -> Result<Collected<C>, Failure>,
        run_file: &RunFile<'_, C>,
    ) -> Result<Report, Failure> {
        self.prepared(|prepared| self.run_collected(prepared, first, run_file))
    }

    fn run_collected<C: Borrow<Candidate> + Sync>(
        &self,
        prepared: Prepared<'_>,
        first: impl FnOnce(&dyn Observer) -> Result<Collected<C>, Failure>,
        run_file: &RunFile<'_, C>,
    ) -> Result<Report, Failure> {
        let Collected {
            roots,
            candidates,
            problems,
        } = first(prepared.display)?;
        let bytes: Vec<u64> = candidates.iter().map(|it| it.borrow().bytes).collect();
        let order = match self.pace {
            Pace::Inspect => (0..bytes.len()).collect(),
            Pace::Read | Pace::Write => schedule::largest_first(&bytes),
        };
        prepared.display.observe(Event::Started {
            files: bytes.len() as u64,
            bytes: bytes.iter().sum(),
        });
        let files = order.into_iter().map(|index| (index, &candidates[index]));
        let undone = |rows| unprocessed(bytes.len() - rows);
        self.go_through(prepared, &roots, files, run_file, &undone, || Ok(problems))
    }

    /// Runs each candidate when the walk comes to it.
    pub(crate) fn run_stream(
        &self,
        stream: Stream,
        roles: &FileRoles,
        run_file: &RunFile<'_, Candidate>,
    ) -> Result<Report, Failure> {
        let roots = stream.roots.clone();
        let problems = Mutex::new(Vec::new());
        let told = || problems.lock().unwrap_or_else(PoisonError::into_inner);
        let conflict = Mutex::new(None);
        let met = || conflict.lock().unwrap_or_else(PoisonError::into_inner);
        let files = stream.items().map_while(|found| match found {
            // Nothing is written before the end of the walk, so that it can still be refused.
            WalkItem::Candidate(candidate) => match roles.check_candidate(&candidate) {
                Ok(()) => Some(Some(candidate)),
                Err(error) => {
                    *met() = Some(error);
                    None
                }
            },
            WalkItem::Problem(problem) => {
                told().push(problem);
                Some(None)
            }
        });
        let files = files.flatten();
        let undone = |_| UNINSPECTED.to_string();
        let problems = || match met().take() {
            Some(conflict) => Err(conflict.into()),
            None => Ok(std::mem::take(&mut *told())),
        };
        self.prepared(|prepared| {
            let files = files.enumerate();
            self.go_through(prepared, &roots, files, run_file, &undone, problems)
        })
    }

    /// Opens what a run needs: a bad setting is found before anything is written.
    fn prepared(
        &self,
        run: impl FnOnce(Prepared<'_>) -> Result<Report, Failure>,
    ) -> Result<Report, Failure> {
        let Batch {
            settings, options, ..
        } = *self;
        signals::watch(&settings.worker.interrupt)?;
        let at_once = open_files::provide(match self.pace {
            Pace::Inspect | Pace::Read => FilesAtOnce::in_work(settings.jobs),
            Pace::Write => schedule::files_written_at_once(settings.jobs),
        })?;
        let display = ProgressDisplay::new(options.progress_mode(), at_once.in_work);
        let output = Output::new(self.command, options, &display)?;
        let pool = Pool::new(settings.worker.clone(), settings.jobs);
        ready(&pool)?;
        run(Prepared {
            at_once,
            display: &display,
            output,
            pool,
        })
    }

    fn go_through<C: Borrow<Candidate>, I: Borrow<C> + Send>(
        &self,
        prepared: Prepared<'_>,
        roots: &[PathBuf],
        files: impl Iterator<Item = (usize, I)> + Send,
        run_file: &RunFile<'_, C>,
        undone: &dyn Fn(usize) -> String,
        problems: impl FnOnce() -> Result<Vec<Problem>, Failure>,
    ) -> Result<Report, Failure> {
        let Prepared {
            at_once,
            display,
            mut output,
            pool,
        } = prepared;
        let settings = self.settings;
        let (jobs, interrupt) = (settings.jobs, &settings.worker.interrupt);
        let warned = AtomicBool::new(false);
        let timings = Mutex::new(Vec::new());
        let work = |task: Task<'_>, item: &I| {
            let item: &C = item.borrow();
            let candidate: &Candidate = item.borrow();
            display.observe(Event::FileStarted {
                slot: task.slot.number(),
                path: &candidate.path,
                bytes: candidate.bytes,
            });
            let context = JobContext {
                settings,
                pool: &pool,
                observer: display,
                slot: Some(task.slot),
                threads: task.threads,
                sequence: task.sequence,
                ledger: self.ledger,
                run: self.run_lock,
                warned: &warned,
            };
            let started = Instant::now();
            let outcome = run_file(&context, item, task);
            if let TaskOutcome::Row(record) = &outcome {
                let timing = (task.index, started, started.elapsed());
                timings
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(timing);
                display.observe(Event::FileDone {
                    slot: task.slot.is_held().then(|| task.slot.number()),
                    record,
                });
            }
            outcome
        };
        let mut rows = 0;
        run(files, at_once, jobs, interrupt, &work, &mut |more| {
            rows += more.len();
            let mut timings = timings.lock().unwrap_or_else(PoisonError::into_inner);
            for (index, started, took) in timings.drain(..) {
                output.time(index, started, took);
            }
            output.add(more);
        });
        if let Some(sampler) = self.sampler.filter(|_| output.wants_estimate()) {
            let context =
                JobContext::only(settings, &pool, &Unobserved, jobs, &warned, self.run_lock);
            output.set_estimate(sampler.estimate(&context));
        }
        let mut problems = problems()?;
        if interrupt.is_set() {
            let command = escape::command_line(std::env::args_os().skip(1));
            let done = output.done_so_far() + &undone(rows);
            problems.push(interrupted(roots, &done, &command));
        }
        output.finish(roots, problems)
    }
}

/// Makes sure that workers can be started at all.
pub(crate) fn ready(pool: &Pool) -> Result<(), Failure> {
    pool.warm_up().map_err(|why| without_workers(&why))
}

pub(crate) fn without_workers(why: impl Display) -> Failure {
    Failure::failed(
        format!("no worker can be started: {why}"),
        "check the limits on processes and memory (ulimit -a), or give --memory; no file was touched",
    )
}

/// What an interrupt leaves of a walk.
pub(crate) const UNINSPECTED: &str = "files without a row were not inspected";

/// What an interrupt leaves of files that were counted before.
pub(crate) fn unprocessed(files: usize) -> String {
    match files {
        1 => "1 file was not processed and is unchanged".to_string(),
        n => format!("{n} files were not processed and are unchanged"),
    }
}

/// A longer command line is not repeated.
const LONGEST_COMMAND: usize = 500;

pub(crate) fn interrupted(roots: &[PathBuf], done: &str, command: &str) -> Problem {
    let roots: Vec<_> = roots.iter().map(|root| root.to_string_lossy()).collect();
    let hint = match command.len() <= LONGEST_COMMAND {
        true => format!("what is finished is skipped if you go on: {command}"),
        false => "run the same command again: what is finished is skipped".to_string(),
    };
    Problem {
        path: roots.join(", "),
        message: format!("interrupted: {done}"),
        hint: Some(hint),
    }
}
