//! `h5lift undo LEDGER`: originals back in place.

use crate::cli::exit::{Exit, Failure, written};
use crate::cli::signals;
use crate::files::UndoAction;
use crate::files::ledger::Verdict;
use crate::files::{FileLocking, History, Ledger, LedgerError, StepError, plan_undo};
use crate::jobs::interrupt::Interrupt;
use crate::report::escape::for_terminal;
use clap::Args;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Options of `undo`.
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// Ledger written by `migrate --ledger`
    ledger: PathBuf,
    /// Show what would be done, and change nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
}

impl Undo {
    /// Puts each original back whose new file is still the one that h5lift made.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let (ledger, history) = open(&self.ledger, self.dry_run)?;
        let locking = locking();
        let mut exit = Exit::Done;
        let interrupt = Interrupt::default();
        signals::watch(&interrupt)?;
        for step in plan_undo(&history) {
            if interrupt.is_set() {
                return Ok(told_interrupted());
            }
            let taken = match (&ledger, &step.decision) {
                (_, UndoAction::Refuse(refusal)) => Err(StepError::Refused(refusal.clone())),
                (Some(ledger), _) => step.execute(ledger, locking).map(|_| ()),
                (None, _) => Ok(()),
            };
            exit = told(&step.to_string(), taken, self.dry_run, exit)?;
        }
        Ok(exit)
    }
}

/// Whether originals are locked while they are moved.
pub(crate) fn locking() -> FileLocking {
    FileLocking::from_environment(std::env::var_os("HDF5_USE_FILE_LOCKING").as_deref())
}

/// Reports what was done, or would be, or why not; the exit code so far.
pub(crate) fn told(
    step: &str,
    taken: Result<(), StepError>,
    dry_run: bool,
    exit: Exit,
) -> Result<Exit, Failure> {
    match taken {
        Ok(()) => {
            let how = if dry_run { "would be done" } else { "done" };
            written(writeln!(
                io::stdout().lock(),
                "{how}: {}",
                for_terminal(step)
            ))?;
            Ok(exit)
        }
        Err(error) => Ok(Failure::error(&error).tell()),
    }
}

/// Says that the rest is not done, and how to go on.
pub(crate) fn told_interrupted() -> Exit {
    Failure::failed(
        "interrupted: what is listed above is done, the rest is unchanged",
        "run the same command again",
    )
    .tell();
    Exit::Interrupted
}

/// Opens a ledger and finds out how interrupted commits ended; read-only for a dry run.
pub(crate) fn open(path: &Path, dry_run: bool) -> Result<(Option<Ledger>, History), Failure> {
    if dry_run {
        let mut history = History::read(path).map_err(|error| unusable(&error))?;
        history.recover();
        return Ok((None, history));
    }
    if !path.is_file() {
        return Err(Failure::usage(
            format!("{}: no such ledger", path.display()),
            "name the file that migrate --ledger wrote",
        ));
    }
    let (ledger, mut history) = Ledger::open(path).map_err(|error| unusable(&error))?;
    ledger
        .recover(&mut history)
        .map_err(|error| unusable(&error))?;
    Ok((Some(ledger), history))
}

/// Opens or begins a ledger for a migration; what to report about an earlier run.
pub(crate) fn open_recovered(path: &Path) -> Result<(Ledger, Vec<String>), Failure> {
    let (ledger, mut history) = Ledger::open(path).map_err(|error| unusable(&error))?;
    let mut warnings = Vec::new();
    if let Some(torn) = history.torn() {
        warnings.push(format!(
            "{}: line {} was torn by a crash and is set aside",
            path.display(),
            torn.line
        ));
    }
    for recovered in ledger
        .recover(&mut history)
        .map_err(|error| unusable(&error))?
    {
        let what = match recovered.verdict {
            Verdict::New => {
                "its migration was interrupted after the new file was in place".to_string()
            }
            Verdict::Old => {
                "its migration was interrupted before anything was replaced".to_string()
            }
            Verdict::Unclear(why) => {
                format!("how its interrupted migration ended is unclear: {why}")
            }
            Verdict::Unseen(error) => error.to_string(),
        };
        warnings.push(format!("{}: {what}", recovered.destination.display()));
    }
    Ok((ledger, warnings))
}

/// A ledger that cannot be used is found before anything is touched.
pub(crate) fn unusable(error: &LedgerError) -> Failure {
    Failure::usage_error(error)
}
