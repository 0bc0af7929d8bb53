//! `h5lift audit`: what is there, what would be done; changes nothing.

use super::collect::{Collected, collect};
use super::exit::{Exit, Failure};
use super::job::{Job, Pace};
use super::name_source_options::NameSourceOptions;
use super::options::{FileOptions, OutputOptions, WorkOptions};
use super::rule_options::RuleOptions;
use crate::archive::{Candidate, RunLock};
use crate::batch::look::{Lane, Look, dead, look};
use crate::batch::run::Step;
use crate::batch::settings::Settings;
use crate::model::record::{Action, Record, Report};
use clap::Args;

/// Options of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
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
    /// Looks at every file.
    pub fn run(self) -> Result<Exit, Failure> {
        let mut settings = self.work.settings()?;
        settings.policy.rules = self.rules.rules()?;
        settings.lint = self.lint;
        self.names.read(&mut settings)?;
        let collected = collect(&self.files)?;
        let report = audit(
            "audit",
            &settings,
            collected,
            &self.output,
            &|_, _, _, looked| looked.record,
        )?;
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

/// The engine of `audit` and of `migrate --dry-run`, which differ in their settings and in what
/// they make of a file that was looked at.
pub fn audit(
    command: &'static str,
    settings: &Settings,
    collected: Collected,
    options: &OutputOptions,
    conclude: &(dyn Fn(&Lane<'_>, &Candidate, usize, Look) -> Record + Sync),
) -> Result<Report, Failure> {
    let job = Job {
        command,
        settings,
        options,
        ledger: None,
        run_lock: &RunLock::default(),
        pace: match settings.lint {
            true => Pace::Read,
            false => Pace::Look,
        },
    };
    job.run(
        collected,
        &|lane, candidate, turn| match look(lane, candidate) {
            Ok(looked) => Step::Row(Box::new(conclude(lane, candidate, turn.index, looked))),
            Err(death) if death.wants_another_turn(turn.alone) => Step::Again,
            Err(death) => Step::Row(Box::new(dead(candidate, &death, settings.worker.memory))),
        },
    )
}
