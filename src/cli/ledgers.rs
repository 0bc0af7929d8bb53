//! Ledgers as the commands use them: opened, recovered, and gone through step by step by `undo` and `purge`.

use crate::cli::args::options::{RunChoices, WorkOptions};
use crate::cli::args::trust::TrustOptions;
use crate::cli::batch::job::ready;
use crate::cli::exit::{Exit, Failure, note, written};
use crate::cli::progress::{ProgressDisplay, ProgressMode};
use crate::cli::signals;
use crate::files::ledger::{CommitId, RecoveredCommit, RunIdentity, Verdict, superseded_commits};
use crate::files::undo::purge::PurgeAction;
use crate::files::{
    History, Ledger, LedgerError, LedgerTrust, PurgeStep, Refusal, Roots, RunLock, StepError,
    UndoAction, UndoStep, plan_purge, plan_undo,
};
use crate::jobs::context::JobContext;
use crate::jobs::pool::Pool;
use crate::report::escape::for_terminal;
use clap::Args;
use std::fmt::Display;
use std::io;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Options of `undo` and `purge`.
#[derive(Debug, Args)]
pub(crate) struct LedgerOptions {
    /// Ledgers written by `migrate --ledger`; of two migrations to one name, the later one counts
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
struct ScopeOptions {
    /// Act only on files below this folder (repeatable) [default: the folders that the ledger records, if they are
    /// what they were]
    #[arg(long, value_name = "DIR")]
    root: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustOptions,
}

impl ScopeOptions {
    /// The folders that were named, or those of the ledger, which are shown.
    fn roots(&self, history: &History) -> Result<Roots, Failure> {
        if !self.root.is_empty() {
            return Roots::named(&self.root).map_err(|error| Failure::usage_error(&error));
        }
        // A ledger without commits is about no file.
        if !history.has_commits() {
            return Ok(Roots::default());
        }
        let roots = Roots::recorded(history).map_err(|error| Failure::usage_error(&error))?;
        for root in roots.paths() {
            note(&format!(
                "acts below {}, as the ledger records",
                root.display()
            ));
        }
        Ok(roots)
    }
}

/// What is to be done about one commit of a ledger; as text, what is told of it.
pub(crate) trait LedgerStep: Display + Sized {
    /// Whether each step compares files, so that workers have to start before anything is done.
    const COMPARES: bool;

    /// The steps for all commits of a ledger, in its order.
    fn plan(history: &History, roots: &Roots) -> impl Iterator<Item = Result<Self, LedgerError>>;

    fn commit(&self) -> CommitId;

    /// Why nothing is done.
    fn refusal(&self) -> Option<&Refusal>;
}

impl LedgerStep for UndoStep {
    const COMPARES: bool = false;

    fn plan(history: &History, roots: &Roots) -> impl Iterator<Item = Result<Self, LedgerError>> {
        plan_undo(history, roots)
    }

    fn commit(&self) -> CommitId {
        self.id
    }

    fn refusal(&self) -> Option<&Refusal> {
        match &self.decision {
            UndoAction::Refuse(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl LedgerStep for PurgeStep {
    const COMPARES: bool = true;

    fn plan(history: &History, roots: &Roots) -> impl Iterator<Item = Result<Self, LedgerError>> {
        plan_purge(history, roots)
    }

    fn commit(&self) -> CommitId {
        self.id
    }

    fn refusal(&self) -> Option<&Refusal> {
        match &self.decision {
            PurgeAction::Refuse(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl LedgerOptions {
    /// Opens all ledgers, and then takes the steps that each leads to, but for commits that a later one to the same name
    /// supersedes.
    pub(crate) fn take_steps<S: LedgerStep>(
        self,
        choices: RunChoices<'_>,
        take: impl Fn(&JobContext<'_>, &Ledger, &Roots, &S) -> Result<(), StepError>,
    ) -> Result<Exit, Failure> {
        let settings = self.work.settings(choices)?;
        let opened = self.open_all()?;
        let superseded = superseded_commits(opened.iter().map(|it| &it.history));
        let display = ProgressDisplay::new(ProgressMode::Silent, 1);
        let pool = Pool::new(settings.worker.clone(), settings.jobs);
        if S::COMPARES {
            ready(&pool)?;
        }
        let (warned, run) = (AtomicBool::new(false), RunLock::default());
        let context = JobContext::only(&settings, &pool, &display, settings.jobs, &warned, &run);
        let interrupt = &settings.worker.interrupt;
        signals::watch(interrupt)?;
        let mut exit = Exit::Done;
        for (number, opened) in opened.iter().enumerate() {
            for step in S::plan(&opened.history, &opened.roots) {
                let step = step.map_err(|error| Failure::error(&error))?;
                if superseded.contains(&(number, step.commit())) {
                    continue;
                }
                if interrupt.is_set() {
                    interrupted().tell();
                    return Ok(Exit::Interrupted);
                }
                let taken = match (step.refusal(), &opened.ledger) {
                    (Some(refusal), _) => Err(StepError::Refused(refusal.clone())),
                    (None, Some(ledger)) => take(&context, ledger, &opened.roots, &step),
                    (None, None) => Ok(()),
                };
                exit = self.tell(&step, taken, exit)?;
            }
        }
        Ok(exit)
    }

    /// Opens all ledgers before anything is done.
    fn open_all(&self) -> Result<Vec<OpenedLedger>, Failure> {
        let open = |path: &PathBuf| {
            let (ledger, history) = open(path, self.dry_run, self.scope.trust.trust())?;
            let roots = self.scope.roots(&history)?;
            Ok(OpenedLedger {
                ledger,
                history,
                roots,
            })
        };
        self.ledgers.iter().map(open).collect()
    }

    /// Reports what was done, or would be, or why not; the exit code so far.
    fn tell(
        &self,
        step: &impl LedgerStep,
        taken: Result<(), StepError>,
        exit: Exit,
    ) -> Result<Exit, Failure> {
        if let Err(error) = taken {
            return Ok(Failure::error(&error).tell());
        }
        let how = if self.dry_run {
            "would be done"
        } else {
            "done"
        };
        let line = format!("{how}: {}", for_terminal(&step.to_string()));
        written(writeln!(io::stdout().lock(), "{line}"))?;
        Ok(exit)
    }
}

/// Says that the rest is not done, and how to go on.
pub(crate) fn interrupted() -> Failure {
    Failure::failed(
        "interrupted: what is listed above is done, the rest is unchanged",
        "run the same command again",
    )
}

/// A ledger whose steps are to be taken.
#[derive(Debug)]
struct OpenedLedger {
    /// `None` in a dry run.
    ledger: Option<Ledger>,
    history: History,
    roots: Roots,
}

/// Opens a ledger and finds out how interrupted commits ended; read-only for a dry run.
fn open(
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
        warnings.push(torn_line(path, torn.line));
    }
    let recovered = ledger.recover(&mut history);
    let recovered = recovered.map_err(|error| unusable(&error))?;
    warnings.extend(recovered.iter().map(recovery));
    Ok((ledger, warnings))
}

pub(crate) fn torn_line(ledger: &Path, line: u64) -> String {
    format!(
        "{}: line {line} was torn by a crash and is set aside",
        ledger.display()
    )
}

/// How the migration of a file ended that a crash interrupted.
pub(crate) fn recovery(recovered: &RecoveredCommit) -> String {
    let unclear = |why: &dyn Display| {
        format!(
            "how its interrupted migration ended is unclear: {why}; keep its original until you have looked at it"
        )
    };
    let what = match &recovered.verdict {
        Verdict::New => "its migration was interrupted after the new file was in place".to_string(),
        Verdict::Old => "its migration was interrupted before anything was replaced".to_string(),
        Verdict::Unclear(why) => unclear(why),
        Verdict::Unseen(error) => unclear(error),
    };
    format!("{}: {what}", recovered.destination.display())
}

/// A ledger that cannot be used is found before anything is touched.
pub(crate) fn unusable(error: &LedgerError) -> Failure {
    Failure::usage_error(error)
}
