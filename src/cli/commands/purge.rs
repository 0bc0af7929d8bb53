//! `h5lift purge LEDGER`: deletes kept originals, each after a verification.

use crate::cli::args::name_sources::NameSourceOptions;
use crate::cli::args::rules::RuleOptions;
use crate::cli::commands::verify::comparison_choices;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ledgers::LedgerOptions;
use crate::files::undo::purge::PurgeAction;
use crate::files::{Candidate, Ledger, PurgeProof, PurgeStep, Roots, StepError};
use crate::jobs::context::JobContext;
use crate::jobs::steps::finished::has_mark;
use crate::jobs::steps::verify::verify_open;
use crate::model::record::outcome::Outcome;
use clap::Args;
use std::path::Path;

/// Options of `purge`.
#[derive(Debug, Args)]
pub(crate) struct Purge {
    #[command(flatten)]
    options: LedgerOptions,
    /// Rows of a square matrix in the originals are columns in the new files; other matrices show it by their shapes
    #[arg(long)]
    transpose: bool,
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    names: NameSourceOptions,
}

impl Purge {
    /// Deletes each kept original against which the new file has just been verified.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let choices = comparison_choices(self.transpose, &self.rules, &self.names);
        self.options.take_steps(choices, execute)
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
