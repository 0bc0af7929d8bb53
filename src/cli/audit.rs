//! `h5lift audit`: what is there, what would be done; changes nothing.

use super::collect::{Collected, collect};
use super::exit::{Exit, Failure};
use super::options::{FileOptions, OutputOptions, WorkOptions};
use super::output::Output;
use super::progress::ProgressDisplay;
use crate::batch::event::{Event, Observer};
use crate::batch::look::{Lane, dead, look};
use crate::batch::pool::Pool;
use crate::batch::run::{Step, Turn, run};
use crate::batch::settings::Settings;
use crate::model::record::{Action, Report};
use clap::Args;

/// Options of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    #[command(flatten)]
    files: FileOptions,
    /// Exit with 3 when a file needs work or a decision
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    work: WorkOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Audit {
    /// Looks at every file.
    pub fn run(self) -> Result<Exit, Failure> {
        let settings = self.work.settings()?;
        let collected = collect(&self.files)?;
        let report = audit("audit", &settings, collected, &self.output)?;
        Ok(exit(&report, self.check))
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
            .files
            .iter()
            .any(|record| record.plan.action != Action::Skip)
    {
        Exit::NeedsWork
    } else {
        Exit::Done
    }
}

/// The engine of `audit` and of `migrate --dry-run`, which differ in their settings only.
pub fn audit(
    command: &'static str,
    settings: &Settings,
    collected: Collected,
    options: &OutputOptions,
) -> Result<Report, Failure> {
    let display = ProgressDisplay::new(options.progress_mode(), settings.jobs);
    let mut output = Output::new(command, options, &display)?;
    let pool = Pool::new(settings.worker.clone());
    let candidates = &collected.candidates;
    let bytes: Vec<u64> = candidates.iter().map(|candidate| candidate.bytes).collect();
    display.observe(Event::Started {
        files: bytes.len() as u64,
        bytes: bytes.iter().sum(),
    });
    let work = |turn: Turn| {
        let candidate = &candidates[turn.index];
        let lane = Lane {
            settings,
            pool: &pool,
            observer: &display,
            number: turn.lane,
            threads: turn.threads,
        };
        display.observe(Event::FileStarted {
            lane: turn.lane,
            path: &candidate.path,
            bytes: candidate.bytes,
        });
        let record = match look(&lane, candidate) {
            Ok(looked) => looked.record,
            Err(death) if !turn.alone && death.is_worth_another_try() => return Step::Again,
            Err(death) => dead(candidate, &death, settings.worker.memory),
        };
        display.observe(Event::FileDone {
            lane: turn.lane,
            record: &record,
        });
        Step::Row(Box::new(record))
    };
    run(&bytes, settings.jobs, &work, &mut |index, record| {
        output.add(index, record);
    });
    output.finish(&collected.roots, collected.problems)
}
