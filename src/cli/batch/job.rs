//! A batch over candidates, from the command line's side: lanes below, rows and progress above.

use crate::cli::args::options::OutputOptions;
use crate::cli::batch::collect::{Collected, Stream};
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::progress::ProgressDisplay;
use crate::cli::signals;
use crate::files::{Candidate, Found, Ledger, RunLock};
use crate::jobs::context::Lane;
use crate::jobs::event::{Event, Observer};
use crate::jobs::pool::Pool;
use crate::jobs::queue::schedule;
use crate::jobs::queue::{Step, Turn, run};
use crate::jobs::settings::Settings;
use crate::model::record::report::{Problem, Report};
use std::borrow::Borrow;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

/// A command over many files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job<'a> {
    /// The command's name in the report.
    pub command: &'static str,
    /// What the batch is run with.
    pub settings: &'a Settings,
    /// What is shown.
    pub options: &'a OutputOptions,
    /// Where commits are written down.
    pub ledger: Option<&'a Ledger>,
    /// The folders that this run has for itself.
    pub run_lock: &'a RunLock,
    /// In which order, and how many at a time.
    pub pace: Pace,
}

/// How a batch goes through its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// In the order of the walk, so that no row waits for another.
    Look,
    /// The largest first, so that none of them is left for the end alone.
    Read,
    /// The same, and more at a time than there are cores: new files wait for the disk.
    Write,
}

/// What is done to one file.
pub(crate) type Task<'a> = dyn Fn(&Lane<'_>, &Candidate, Turn<'_>) -> Step + Sync + 'a;

/// The same for who knows the file by its number.
pub(crate) type TurnTask<'a> = dyn Fn(&Lane<'_>, Turn<'_>) -> Step + Sync + 'a;

impl Job<'_> {
    /// Gives every candidate its turn and writes the rows.
    pub(crate) fn run(&self, collected: Collected, task: &Task<'_>) -> Result<Report, Failure> {
        self.run_after(collected, &|_| {}, task)
    }

    /// The same with something to do first, which may warn.
    pub(crate) fn run_after(
        &self,
        collected: Collected,
        first: &dyn Fn(&dyn Observer),
        task: &Task<'_>,
    ) -> Result<Report, Failure> {
        let Collected {
            roots,
            candidates,
            problems,
        } = collected;
        let bytes: Vec<u64> = candidates.iter().map(|it| it.bytes).collect();
        let order = match self.pace {
            Pace::Look => (0..bytes.len()).collect(),
            Pace::Read | Pace::Write => schedule::largest_first(&bytes),
        };
        let begin = |observer: &dyn Observer| {
            first(observer);
            observer.observe(Event::Started {
                files: bytes.len() as u64,
                bytes: bytes.iter().sum(),
            });
        };
        let files = order.into_iter().map(|index| (index, &candidates[index]));
        let undone = |rows| match bytes.len() - rows {
            1 => "1 file was not done and is as it was".to_string(),
            n => format!("{n} files were not done and are as they were"),
        };
        self.go_through(&roots, files, &begin, task, &undone, || problems)
    }

    /// Gives each candidate its turn when the walk comes to it.
    pub(crate) fn run_stream(&self, stream: Stream, task: &Task<'_>) -> Result<Report, Failure> {
        let Stream { roots, walk } = stream;
        let problems = Mutex::new(Vec::new());
        let told = || problems.lock().unwrap_or_else(PoisonError::into_inner);
        let files = walk.filter_map(|found| match found {
            Found::Candidate(candidate) => Some(candidate),
            Found::Problem(problem) => {
                told().push(problem);
                None
            }
        });
        let undone = |_| "what has no row was not looked at".to_string();
        self.go_through(&roots, files.enumerate(), &|_| {}, task, &undone, || {
            std::mem::take(&mut *told())
        })
    }

    fn go_through<C: Borrow<Candidate> + Send>(
        &self,
        roots: &[PathBuf],
        files: impl Iterator<Item = (usize, C)> + Send,
        begin: &dyn Fn(&dyn Observer),
        task: &Task<'_>,
        undone: &dyn Fn(usize) -> String,
        problems: impl FnOnce() -> Vec<Problem>,
    ) -> Result<Report, Failure> {
        let Job {
            settings, options, ..
        } = *self;
        let interrupt = &settings.worker.interrupt;
        signals::watch(interrupt)?;
        let jobs = settings.jobs;
        let lanes = match self.pace {
            Pace::Look | Pace::Read => jobs,
            Pace::Write => schedule::lanes_that_write(jobs),
        };
        let display = ProgressDisplay::new(options.progress_mode(), lanes);
        let mut output = Output::new(self.command, options, &display)?;
        let pool = Pool::new(settings.worker.clone(), jobs);
        ready(&pool)?;
        begin(&display);
        let warned = AtomicBool::new(false);
        let work = |turn: Turn<'_>, candidate: &C| {
            let candidate = candidate.borrow();
            display.observe(Event::FileStarted {
                lane: turn.lane,
                path: &candidate.path,
                bytes: candidate.bytes,
            });
            let lane = Lane {
                settings,
                pool: &pool,
                observer: &display,
                number: turn.lane,
                share: turn.share,
                begun: turn.begun,
                ledger: self.ledger,
                run: self.run_lock,
                warned: &warned,
            };
            let step = task(&lane, candidate, turn);
            if let Step::Row(record) = &step {
                display.observe(Event::FileDone {
                    lane: turn.lane,
                    record,
                });
            }
            step
        };
        let mut rows = 0;
        run(files, lanes, jobs, interrupt, &work, &mut |more| {
            rows += more.len();
            output.add(more);
        });
        let mut problems = problems();
        if interrupt.is_set() {
            problems.push(interrupted(roots, &undone(rows)));
        }
        output.finish(roots, problems)
    }
}

/// Makes sure that workers can be had at all.
pub(crate) fn ready(pool: &Pool) -> Result<(), Failure> {
    pool.warm_up().map_err(|why| {
        Failure::failed(
            format!("no worker can be started: {why}"),
            "check the limits on processes and memory (ulimit -a), or give --memory; no file was touched",
        )
    })
}

fn interrupted(roots: &[PathBuf], undone: &str) -> Problem {
    let roots: Vec<_> = roots.iter().map(|root| root.to_string_lossy()).collect();
    Problem {
        path: roots.join(", "),
        message: format!("interrupted: {undone}"),
        hint: Some("run the same command again: what is finished is skipped".to_string()),
    }
}
