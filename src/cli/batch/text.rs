//! A batch over text matrices, given or made up.

use crate::cli::args::options::OutputOptions;
use crate::cli::batch::collect::Collected;
use crate::cli::batch::job::{Batch, Pace, RunIndexed};
use crate::cli::batch::leftovers::clear_leftovers;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::exit_of_outcomes;
use crate::files::RunLock;
use crate::jobs::event::Observer;
use crate::jobs::settings::Settings;
use std::path::PathBuf;

/// Runs a batch over texts, after what an interrupted one has left beside the outputs is gone.
pub(crate) fn run(
    settings: &Settings,
    collected: Collected,
    options: &OutputOptions,
    outputs: &[PathBuf],
    run_file: &RunIndexed<'_>,
) -> Result<Exit, Failure> {
    let job = Batch {
        command: "convert",
        settings,
        options,
        ledger: None,
        run_lock: &RunLock::default(),
        pace: Pace::Write,
    };
    let clear = |observer: &dyn Observer| clear_leftovers(outputs, observer);
    let report = job.run_after(collected, &clear, &|context, _, task| {
        run_file(context, task)
    })?;
    Ok(match settings.worker.interrupt.is_set() {
        true => Exit::Interrupted,
        false if report.summary.by_outcome.is_empty() => match report.problems.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        },
        false => exit_of_outcomes(&report),
    })
}
