//! `h5lift audit`: what is there, what would be done; changes nothing.

use crate::cli::args::name_sources::NameSourceOptions;
use crate::cli::args::options::{FileOptions, OutputOptions, RunChoices, WorkOptions};
use crate::cli::args::rules::RuleOptions;
use crate::cli::batch::collect::{collect, stream};
use crate::cli::batch::job::{Batch, Pace};
use crate::cli::batch::roles::{check_candidates, read_by_options, report_roles};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::streams_rows;
use crate::files::{Candidate, RunLock};
use crate::jobs::context::JobContext;
use crate::jobs::queue::{Task, TaskOutcome};
use crate::jobs::settings::Settings;
use crate::jobs::steps::inspect::{Inspection, crashed_record, inspect};
use crate::jobs::steps::sample::Sampler;
use crate::model::record::Record;
use crate::model::record::outcome::Action;
use crate::model::record::report::Report;
use clap::Args;
use std::borrow::Borrow;

/// Options of `audit`.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Exit with 3 if any file needs work or a decision
    #[arg(long)]
    check: bool,
    /// Also read all values, and report suspicious names and values
    #[arg(long)]
    lint: bool,
    #[command(flatten)]
    files: FileOptions,
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    names: NameSourceOptions,
    #[command(flatten)]
    work: WorkOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Audit {
    pub(crate) fn run(mut self) -> Result<Exit, Failure> {
        self.files.include.extend(self.rules.includes()?);
        self.output.take_null(&self.files)?;
        let settings = self.work.settings(RunChoices {
            rules: Some(&self.rules),
            lint: self.lint,
            names: Some(&self.names),
            ..RunChoices::default()
        })?;
        let mut roles = report_roles(&self.output)?;
        read_by_options(&mut roles, Some(&self.files), Some(&self.rules), &settings)?;
        let run_lock = RunLock::default();
        let sampler = Sampler::default();
        let job = Batch {
            sampler: Some(&sampler),
            ..job("audit", &settings, &self.output, &run_lock)
        };
        let conclude = |_: &JobContext<'_>, candidate: &Candidate, inspection: Inspection| {
            sampler.add(candidate, &inspection);
            inspection.record
        };
        let run_file = inspect_and(&settings, &conclude);
        // Where no row waits for others, no file need be known before the one before is done.
        let report = match job.pace == Pace::Inspect && streams_rows(&self.output) {
            true => job.run_stream(stream(&self.files)?, &roles, &run_file)?,
            false => {
                let collected = collect(&self.files)?.of_shard(self.files.shard.shard()?);
                check_candidates(&roles, &collected)?;
                job.run(collected, &run_file)?
            }
        };
        Ok(exit(&settings, &report, self.check))
    }
}

/// The exit code of rows that say what would be done.
pub(crate) fn exit(settings: &Settings, report: &Report, check: bool) -> Exit {
    if settings.worker.interrupt.is_set() {
        Exit::Interrupted
    } else if report.summary.unread > 0 || !report.problems.is_empty() {
        Exit::Failed
    } else if check
        && report
            .summary
            .by_action
            .keys()
            .any(|action| *action != Action::Skip)
    {
        Exit::NeedsWork
    } else {
        Exit::Done
    }
}

/// The job of `audit` and of `migrate --dry-run`, which differ in their settings and in what they make of a
/// file that was looked at ([`inspect_and`]).
pub(crate) fn job<'a>(
    command: &'static str,
    settings: &'a Settings,
    options: &'a OutputOptions,
    run_lock: &'a RunLock,
) -> Batch<'a> {
    Batch {
        command,
        settings,
        options,
        ledger: None,
        run_lock,
        pace: match settings.lint {
            true => Pace::Read,
            false => Pace::Inspect,
        },
        sampler: None,
    }
}

/// Looks at a file and concludes.
pub(crate) fn inspect_and<'a, C: Borrow<Candidate>>(
    settings: &'a Settings,
    conclude: &'a (dyn Fn(&JobContext<'_>, &C, Inspection) -> Record + Sync),
) -> impl Fn(&JobContext<'_>, &C, Task<'_>) -> TaskOutcome + Sync + 'a {
    move |context, item, task| match inspect(context, item.borrow()) {
        Ok(inspection) => TaskOutcome::Row(Box::new(conclude(context, item, inspection))),
        Err(crash) if crash.should_retry(task.is_retry) => TaskOutcome::Retry,
        Err(crash) => TaskOutcome::Row(Box::new(crashed_record(
            item.borrow(),
            &crash,
            settings.worker.memory,
        ))),
    }
}
