//! `h5lift show FILE`.

use super::exit::{Exit, Failure, written};
use super::options::{OutputOptions, WorkOptions};
use super::progress::{ProgressDisplay, ProgressMode};
use super::verify::one_file;
use crate::batch::look::{Lane, dead, look};
use crate::batch::pool::Pool;
use crate::model::state::State;
use crate::report::show::{ShowDetails, file};
use crate::report::{Format, json, tsv};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;

/// Options of `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    work: WorkOptions,
    #[command(flatten)]
    output: OutputOptions,
}

impl Show {
    /// Shows one file.
    pub fn run(self) -> Result<Exit, Failure> {
        let settings = self.work.settings()?;
        let candidate = one_file(&self.file)?;
        let display = ProgressDisplay::new(ProgressMode::Silent, 1);
        let pool = Pool::new(settings.worker.clone());
        let lane = Lane {
            settings: &settings,
            pool: &pool,
            observer: &display,
            number: 0,
            threads: 1,
        };
        let (record, details) = match look(&lane, &candidate) {
            Ok(looked) => {
                let details = looked.facts.map(|facts| {
                    let (datasets, attributes) = (facts.root_links.clone(), facts.expr_attributes.clone());
                    ShowDetails::of(&facts, datasets, attributes)
                });
                (looked.record, details.unwrap_or_default())
            }
            Err(death) => (
                dead(&candidate, &death, settings.worker.memory),
                ShowDetails::default(),
            ),
        };
        let bytes = match self.output.stdout_format() {
            Format::Table => file(&record, &details, &self.output.style()).into_bytes(),
            Format::Json | Format::Jsonl => json::line(&record),
            Format::Tsv => [tsv::header(), tsv::row(&record)].concat(),
        };
        written(io::stdout().lock().write_all(&bytes))?;
        Ok(if record.state == State::Damaged { Exit::Failed } else { Exit::Done })
    }
}
