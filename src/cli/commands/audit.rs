//! `h5lift audit`: what is there, what would be done; changes nothing.

use crate::cli::args::name_sources::NameSourceOptions;
use crate::cli::args::options::{FileOptions, OutputOptions, WorkOptions};
use crate::cli::args::rules::RuleOptions;
use crate::cli::batch::collect::{collect, stream};
use crate::cli::batch::job::{Job, Pace};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::keeps_all_rows;
use crate::files::{Candidate, RunLock};
use crate::jobs::context::Lane;
use crate::jobs::queue::{Step, Turn};
use crate::jobs::settings::Settings;
use crate::jobs::steps::inspect::{Look, dead, look};
use crate::model::record::Record;
use crate::model::record::outcome::Action;
use crate::model::record::report::Report;
use clap::Args;

/// Options of `audit`.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Exit with 3 when a file needs work or a decision
    #[arg(long)]
    check: bool,
    /// Read all values, too, and tell what is odd about names and values
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
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut settings = self.work.settings()?;
        settings.policy.rules = self.rules.rules()?;
        settings.lint = self.lint;
        self.names.read(&mut settings)?;
        let run_lock = RunLock::default();
        let job = job("audit", &settings, &self.output, &run_lock);
        let task = task(&settings, &|_, _, _, looked| looked.record);
        // Where no row waits for others, no file need be known before the one before is done.
        let report = match job.pace == Pace::Look && !keeps_all_rows(&self.output) {
            true => job.run_stream(stream(&self.files)?, &task)?,
            false => job.run(collect(&self.files)?, &task)?,
        };
        Ok(match settings.worker.interrupt.is_set() {
            true => Exit::Interrupted,
            false => exit(&report, self.check),
        })
    }
}

fn exit(report: &Report, check: bool) -> Exit {
    let unopened = report.files.iter().any(|record| {
        record
            .error
            .as_ref()
            .is_some_and(|error| error.kind == "open")
    });
    if unopened || !report.problems.is_empty() {
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
/// file that was looked at ([`task`]).
pub(crate) fn job<'a>(
    command: &'static str,
    settings: &'a Settings,
    options: &'a OutputOptions,
    run_lock: &'a RunLock,
) -> Job<'a> {
    Job {
        command,
        settings,
        options,
        ledger: None,
        run_lock,
        pace: match settings.lint {
            true => Pace::Read,
            false => Pace::Look,
        },
    }
}

/// Looks at a file and concludes.
pub(crate) fn task<'a>(
    settings: &'a Settings,
    conclude: &'a (dyn Fn(&Lane<'_>, &Candidate, usize, Look) -> Record + Sync),
) -> impl Fn(&Lane<'_>, &Candidate, Turn<'_>) -> Step + Sync + 'a {
    move |lane, candidate, turn| match look(lane, candidate) {
        Ok(looked) => Step::Row(Box::new(conclude(lane, candidate, turn.index, looked))),
        Err(death) if death.wants_another_turn(turn.alone) => Step::Again,
        Err(death) => Step::Row(Box::new(dead(candidate, &death, settings.worker.memory))),
    }
}
