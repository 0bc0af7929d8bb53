//! A batch over text matrices, given or made up.

use crate::cli::args::options::OutputOptions;
use crate::cli::batch::collect::Collected;
use crate::cli::batch::job::{Batch, Pace};
use crate::cli::batch::leftovers::clear_leftovers;
use crate::cli::batch::roles::check_candidates;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::exit_of_outcomes;
use crate::files::{FileRoles, Output, RunLock};
use crate::jobs::event::Observer;
use crate::jobs::settings::Settings;
use crate::jobs::steps::convert::{TextInput, convert, inspect_text};

/// Runs a batch over texts, or says what it would do, after what an interrupted one has left beside the outputs is gone.
pub(crate) fn run(
    settings: &Settings,
    collected: Collected<TextInput>,
    options: &OutputOptions,
    roles: &FileRoles,
    is_dry_run: bool,
) -> Result<Exit, Failure> {
    check_candidates(roles, &collected)?;
    let texts = collected.candidates.iter();
    roles.check_outputs(texts.filter_map(|text| text.output.as_ref()))?;
    run_made(settings, options, is_dry_run, || Ok(collected))
}

/// The same with texts that are made only when reports are open and a worker has answered.
pub(crate) fn run_made(
    settings: &Settings,
    options: &OutputOptions,
    is_dry_run: bool,
    make: impl FnOnce() -> Result<Collected<TextInput>, Failure>,
) -> Result<Exit, Failure> {
    let job = Batch {
        command: "convert",
        settings,
        options,
        ledger: None,
        run_lock: &RunLock::default(),
        pace: Pace::Write,
        sampler: None,
    };
    let first = |observer: &dyn Observer| {
        let collected = make()?;
        let texts = collected.candidates.iter();
        let outputs: Vec<Output> = texts
            .filter_map(|text| text.output.clone().filter(|_| !is_dry_run))
            .collect();
        clear_leftovers(&outputs, settings.tmp_dir.as_deref(), observer);
        Ok(collected)
    };
    let report = job.run_after(first, &|context, text, task| match &text.output {
        Some(output) if !is_dry_run => convert(context, text, output, task.is_retry),
        _ => inspect_text(context, text, task.is_retry),
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
