//! `h5lift purge LEDGER`: deletes kept originals, each after a verification.

use crate::cli::args::options::{RunChoices, WorkOptions};
use crate::cli::batch::job::ready;
use crate::cli::commands::undo::{locking, open, told};
use crate::cli::commands::verify::one_file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::progress::{ProgressDisplay, ProgressMode};
use crate::files::undo::purge::PurgeAction;
use crate::files::{Ledger, PurgeProof, PurgeStep, RunLock, StepError, plan_purge};
use crate::jobs::context::JobContext;
use crate::jobs::pool::Pool;
use crate::jobs::steps::verify::verify;
use crate::model::record::outcome::Outcome;
use clap::Args;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Options of `purge`.
#[derive(Debug, Args)]
pub(crate) struct Purge {
    /// Ledger written by `migrate --ledger`
    ledger: PathBuf,
    /// Show what would be done, and change nothing
    #[arg(long, short = 'n')]
    dry_run: bool,
    #[command(flatten)]
    work: WorkOptions,
}

impl Purge {
    /// Deletes each kept original against which the new file has just been verified.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let settings = self.work.settings(RunChoices::default())?;
        let (ledger, history) = open(&self.ledger, self.dry_run)?;
        let display = ProgressDisplay::new(ProgressMode::Silent, 1);
        let pool = Pool::new(settings.worker.clone(), settings.jobs);
        ready(&pool)?;
        let (warned, run) = (AtomicBool::new(false), RunLock::default());
        let context = JobContext::only(&settings, &pool, &display, settings.jobs, &warned, &run);
        let mut exit = Exit::Done;
        for step in plan_purge(&history) {
            let taken = match &step.decision {
                PurgeAction::Refuse(refusal) => Err(StepError::Refused(refusal.clone())),
                _ => ledger
                    .as_ref()
                    .map_or(Ok(()), |ledger| execute(&context, ledger, &step)),
            };
            exit = told(&step.to_string(), taken, self.dry_run, exit)?;
        }
        Ok(exit)
    }
}

fn execute(context: &JobContext<'_>, ledger: &Ledger, step: &PurgeStep) -> Result<(), StepError> {
    let proof = match &step.decision {
        PurgeAction::Delete { .. } => prove(context, step),
        _ => PurgeProof::Verified,
    };
    step.execute(ledger, &proof, locking()).map(|_| ())
}

/// Compares the new file with the kept original once more.
fn prove(context: &JobContext<'_>, step: &PurgeStep) -> PurgeProof {
    let Ok(new) = one_file(&step.path) else {
        return PurgeProof::Missing("the new file cannot be inspected".to_string());
    };
    let record = verify(context, Some(&step.backup), &new);
    if record.outcome == Some(Outcome::Verified) {
        PurgeProof::Verified
    } else {
        PurgeProof::Missing(record.reason)
    }
}
