//! `h5lift show FILE`.

use crate::cli::args::options::{OutputOptions, RunChoices, WorkOptions};
use crate::cli::args::rules::RuleOptions;
use crate::cli::batch::job::ready;
use crate::cli::commands::verify::one_file;
use crate::cli::exit::{Exit, Failure, written};
use crate::cli::progress::{ProgressDisplay, ProgressMode};
use crate::files::RunLock;
use crate::jobs::context::JobContext;
use crate::jobs::pool::Pool;
use crate::jobs::steps::inspect::{crashed_record, inspect};
use crate::model::plan;
use crate::model::record::Record;
use crate::report::show::{ShowDetails, file};
use crate::report::{Format, json, tsv};
use clap::Args;
use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// Options of `show`.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// An HDF5 file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    work: WorkOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Show {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let settings = self.work.settings(RunChoices {
            rules: Some(&self.rules),
            ..RunChoices::default()
        })?;
        let candidate = one_file(&self.file)?;
        let display = ProgressDisplay::new(ProgressMode::Silent, 1);
        let pool = Pool::new(settings.worker.clone(), settings.jobs);
        ready(&pool)?;
        let (warned, run) = (AtomicBool::new(false), RunLock::default());
        let context = JobContext::only(&settings, &pool, &display, 1, &warned, &run);
        let (record, facts) = match inspect(&context, &candidate) {
            Ok(inspection) => (inspection.record, inspection.facts),
            Err(crash) => (
                crashed_record(&candidate, &crash, settings.worker.memory),
                None,
            ),
        };
        let bytes = match (self.output.stdout_format(), &facts) {
            (Format::Table, Some(facts)) => {
                let (links, attributes) = (facts.root_links.clone(), facts.expr_attributes.clone());
                let details = ShowDetails::of(facts, links, attributes);
                file(&record, &details, &self.output.style()).into_bytes()
            }
            (Format::Table, None) => return Err(unshown(&record)),
            (Format::Json | Format::Jsonl, _) => json::line(&record),
            (Format::Tsv, _) => [tsv::header(), tsv::row(&record)].concat(),
        };
        written(io::stdout().lock().write_all(&bytes))?;
        Ok(if facts.is_none() {
            Exit::Failed
        } else {
            Exit::Done
        })
    }
}

/// Nothing inside of it could be read, so there is nothing to show but why.
fn unshown(record: &Record) -> Failure {
    let hint = record.plan.hint.clone();
    Failure::failed(
        format!("{}: {}, {}", record.path, record.state, record.reason),
        hint.unwrap_or_else(|| plan::hint(record.state).to_string()),
    )
}
