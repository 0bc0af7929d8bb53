//! A batch over text matrices, given or made up.

use super::collect::Collected;
use super::exit::{Exit, Failure};
use super::job::{Job, Pace, TurnTask};
use super::leftovers::clear_leftovers;
use super::options::OutputOptions;
use super::output::exit_of_outcomes;
use crate::archive::RunLock;
use crate::batch::event::Observer;
use crate::batch::settings::Settings;
use std::path::PathBuf;

/// Runs a batch over texts, after what an interrupted one has left beside the outputs is gone.
pub fn run(
    settings: &Settings,
    collected: Collected,
    options: &OutputOptions,
    outputs: &[PathBuf],
    task: &TurnTask<'_>,
) -> Result<Exit, Failure> {
    let job = Job {
        command: "convert",
        settings,
        options,
        ledger: None,
        run_lock: &RunLock::default(),
        pace: Pace::Write,
    };
    let clear = |observer: &dyn Observer| clear_leftovers(outputs, observer);
    let report = job.run_after(collected, &clear, &|lane, _, turn| task(lane, turn))?;
    Ok(match settings.worker.interrupt.is_set() {
        true => Exit::Interrupted,
        false if report.summary.by_outcome.is_empty() => match report.problems.is_empty() {
            true => Exit::Done,
            false => Exit::Failed,
        },
        false => exit_of_outcomes(&report),
    })
}
