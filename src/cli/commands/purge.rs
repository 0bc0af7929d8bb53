//! `h5lift purge LEDGER`: deletes kept originals, each after a verification.

use crate::cli::args::options::{RunChoices, WorkOptions};
use crate::cli::batch::job::ready;
use crate::cli::commands::undo::{OpenedLedger, ScopeOptions, open_all, told, told_interrupted};
use crate::cli::exit::{Exit, Failure};
use crate::cli::progress::{ProgressDisplay, ProgressMode};
use crate::cli::signals;
use crate::files::ledger::superseded_commits;
use crate::files::undo::purge::PurgeAction;
use crate::files::{
    Candidate, Ledger, PurgeProof, PurgeStep, Roots, RunLock, StepError, plan_purge,
};
use crate::jobs::context::JobContext;
use crate::jobs::pool::Pool;
use crate::jobs::steps::finished::has_mark;
use crate::jobs::steps::verify::verify_open;
use crate::model::record::outcome::Outcome;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Options of `purge`.
#[derive(Debug, Args)]
pub(crate) struct Purge {
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

impl Purge {
    /// Deletes each kept original against which the new file has just been verified.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let settings = self.work.settings(RunChoices::default())?;
        let opened = open_all(&self.ledgers, self.dry_run, &self.scope)?;
        let superseded = superseded_commits(opened.iter().map(|it| &it.history));
        let display = ProgressDisplay::new(ProgressMode::Silent, 1);
        let pool = Pool::new(settings.worker.clone(), settings.jobs);
        ready(&pool)?;
        let (warned, run) = (AtomicBool::new(false), RunLock::default());
        let context = JobContext::only(&settings, &pool, &display, settings.jobs, &warned, &run);
        let mut exit = Exit::Done;
        let interrupt = &settings.worker.interrupt;
        signals::watch(interrupt)?;
        let steps = opened.iter().enumerate().flat_map(|(number, opened)| {
            let steps = plan_purge(&opened.history, &opened.roots);
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
            let taken = match &step.decision {
                PurgeAction::Refuse(refusal) => Err(StepError::Refused(refusal.clone())),
                _ => ledger
                    .as_ref()
                    .map_or(Ok(()), |ledger| execute(&context, ledger, roots, &step)),
            };
            exit = told(&step.to_string(), taken, self.dry_run, exit)?;
        }
        Ok(exit)
    }
}

fn execute(
    context: &JobContext<'_>,
    ledger: &Ledger,
    roots: &Roots,
    step: &PurgeStep,
) -> Result<(), StepError> {
    let proof = match &step.decision {
        PurgeAction::Delete { .. } => prove(context, roots, step),
        _ => PurgeProof::Verified,
    };
    let locking = context.settings.locking;
    step.execute(ledger, roots, &proof, locking).map(|_| ())
}

/// Compares the new file with the kept original once more. Both are opened once, below the folders of the run, and what is
/// compared is what was opened.
fn prove(context: &JobContext<'_>, roots: &Roots, step: &PurgeStep) -> PurgeProof {
    match compare(context, roots, step) {
        Ok(()) => PurgeProof::Verified,
        Err(why) => PurgeProof::Missing(why),
    }
}

fn compare(context: &JobContext<'_>, roots: &Roots, step: &PurgeStep) -> Result<(), String> {
    let opened = step
        .open(roots, context.settings.locking)
        .map_err(|error| error.to_string())?;
    let Some([original, new]) = &opened else {
        return Ok(());
    };
    has_mark(context, &new.file, false)?;
    let candidate = |path: &Path, file| {
        Candidate::of_open(path, file).map_err(|error| format!("{}: {error}", path.display()))
    };
    let old = candidate(&step.backup, &original.file)?;
    let of_new = candidate(&step.path, &new.file)?;
    match verify_open(context, Some((&old, &original.file)), (&of_new, &new.file)) {
        Ok(record) if record.outcome == Some(Outcome::Verified) => Ok(()),
        Ok(record) => Err(record.reason),
        Err(crash) => Err(crash.describe(context.settings.worker.memory)),
    }
}
