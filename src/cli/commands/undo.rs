//! `h5lift undo LEDGER`: originals back in place.

use crate::cli::args::options::RunChoices;
use crate::cli::exit::{Exit, Failure};
use crate::cli::ledgers::LedgerOptions;
use crate::files::UndoStep;
use crate::jobs::steps::finished::has_mark;
use clap::Args;
use std::fs::File;

/// Options of `undo`.
#[derive(Debug, Args)]
pub(crate) struct Undo {
    #[command(flatten)]
    options: LedgerOptions,
}

impl Undo {
    /// Puts each original back whose new file is still the one that h5lift made.
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        self.options.take_steps(
            RunChoices::default(),
            |context, ledger, roots, step: &UndoStep| {
                let is_ours = |file: &File, is_copy| has_mark(context, file, is_copy);
                let locking = context.settings.locking;
                step.execute(ledger, roots, locking, &is_ours).map(drop)
            },
        )
    }
}
