//! `h5lift undo LEDGER`: originals back in place.

use crate::cli::args::options::{RunChoices, WorkOptions};
use crate::cli::args::trust::TrustOptions;
use crate::cli::exit::{Exit, Failure, written};
use crate::cli::progress::{ProgressDisplay, ProgressMode};
use crate::cli::signals;
use crate::files::UndoAction;
use crate::files::ledger::{RunIdentity, Verdict, superseded_commits};
use crate::files::{
    History, Ledger, LedgerError, LedgerTrust, Roots, RunLock, StepError, plan_undo,
};
use crate::jobs::context::JobContext;
use crate::jobs::pool::Pool;
use crate::jobs::steps::finished::has_mark;
use crate::report::escape::for_terminal;
use clap::Args;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Options of `undo`.
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// Ledgers written by `migrate --ledger`; of two migrations to one name, the later one is undone
    #[arg(required = true, value_name = "LEDGER")]
    ledgers: Vec<PathBuf>,
    /// Show what would be done, and change nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    #[command(flatten)]
    scope: ScopeOptions,
    #[command(flatten)]
    work: WorkOptions,
}

/// Which files a ledger may be about.
#[derive(Debug, Args)]
pub(crate) struct ScopeOptions {
    /// Act only on files below this folder (repeatable) [default: the folders that the ledger records, if they are
    /// what they were]
    #[arg(long, value_name = "DIR")]
    root: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustOptions,
}

impl ScopeOptions {
    pub(crate) fn trust(&self) -> LedgerTrust {
        self.trust.trust()
    }

    /// The folders that were named, or those of the ledger, which are shown.
    pub(crate) fn roots(&self, history: &History) -> Result<Roots, Failure> {
        if !self.root.is_empty() {
            return Roots::named(&self.root).map_err(|error| Failure::usage_error(&error));
        }
        // A ledger without commits is about no file.
        if !history.has_commits() {
            return Ok(Roots::default());
        }
        let roots = Roots::recorded(history).map_err(|error| Failure::usage_error(&error))?;
        for root in roots.paths() {
            let text = format!("note: acts below {}, as the ledger records", root.display());
            // If stderr is closed, the message is lost; each file is still named.
            let _ = writeln!(io::stderr().lock(), "{}", for_terminal(&text));
        }
        Ok(roots)
    }
}

impl Undo {
    /// Puts each original back whose new file is still the one that h5lift made.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let settings = self.work.settings(RunChoices::default())?;
        let opened = open_all(&self.ledgers, self.dry_run, &self.scope)?;
        let superseded = superseded_commits(opened.iter().map(|it| &it.history));
        let display = ProgressDisplay::new(ProgressMode::Silent, 1);
        let pool = Pool::new(settings.worker.clone(), settings.jobs);
        let (warned, run) = (AtomicBool::new(false), RunLock::default());
        let context = JobContext::only(&settings, &pool, &display, settings.jobs, &warned, &run);
        let is_ours = |file: &File, is_copy| has_mark(&context, file, is_copy);
        let mut exit = Exit::Done;
        let interrupt = &settings.worker.interrupt;
        signals::watch(interrupt)?;
        let steps = opened.iter().enumerate().flat_map(|(number, opened)| {
            let steps = plan_undo(&opened.history, &opened.roots);
            steps.map(move |step| (number, opened, step))
        });
        for (number, OpenedLedger { ledger, roots, .. }, step) in steps {
            let step = step.map_err(|error| Failure::error(&error))?;
            if superseded.contains(&(number, step.id)) {
                continue;
            }
            if interrupt.is_set() {
                return Ok(told_interrupted());
            }
            let taken = match (ledger, &step.decision) {
                (_, UndoAction::Refuse(refusal)) => Err(StepError::Refused(refusal.clone())),
                (Some(ledger), _) => step
                    .execute(ledger, roots, settings.locking, &is_ours)
                    .map(|_| ()),
                (None, _) => Ok(()),
            };
            exit = told(&step.to_string(), taken, self.dry_run, exit)?;
        }
        Ok(exit)
    }
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

/// A ledger whose steps are to be taken.
#[derive(Debug)]
pub(crate) struct OpenedLedger {
    /// `None` in a dry run.
    pub(crate) ledger: Option<Ledger>,
    pub(crate) history: History,
    pub(crate) roots: Roots,
}

/// Opens all ledgers before anything is done.
pub(crate) fn open_all(
    paths: &[PathBuf],
    dry_run: bool,
    scope: &ScopeOptions,
) -> Result<Vec<OpenedLedger>, Failure> {
    let open = |path: &PathBuf| {
        let (ledger, history) = open(path, dry_run, scope.trust())?;
        let roots = scope.roots(&history)?;
        Ok(OpenedLedger {
            ledger,
            history,
            roots,
        })
    };
    paths.iter().map(open).collect()
}

/// Opens a ledger and finds out how interrupted commits ended; read-only for a dry run.
pub(crate) fn open(
    path: &Path,
    dry_run: bool,
    trust: LedgerTrust,
) -> Result<(Option<Ledger>, History), Failure> {
    if dry_run {
        let mut history = History::read_trusted(path, trust).map_err(|error| unusable(&error))?;
        history.recover().map_err(|error| unusable(&error))?;
        return Ok((None, history));
    }
    if path.symlink_metadata().is_err() {
        return Err(Failure::usage(
            format!("{}: no such ledger", path.display()),
            "name the file that migrate --ledger wrote",
        ));
    }
    let (ledger, mut history) = Ledger::open(path, trust).map_err(|error| unusable(&error))?;
    ledger
        .recover(&mut history)
        .map_err(|error| unusable(&error))?;
    Ok((Some(ledger), history))
}

/// Opens or begins a ledger for a migration; what to report about an earlier run.
pub(crate) fn open_recovered(
    path: &Path,
    trust: LedgerTrust,
    run: RunIdentity,
) -> Result<(Ledger, Vec<String>), Failure> {
    let (ledger, mut history) =
        Ledger::open_for(path, trust, run).map_err(|error| unusable(&error))?;
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
