//! `h5lift report LEDGER...`: the rows of ledgers, of shards for instance, as one report.

use crate::cli::args::options::OutputOptions;
use crate::cli::batch::roles::{read_all, report_roles};
use crate::cli::exit::{Exit, Failure};
use crate::cli::ledgers::unusable;
use crate::cli::output::{Output, exit_of_outcomes};
use crate::cli::progress::{ProgressDisplay, ProgressMode};
use crate::files::History;
use crate::files::ledger::{check_shards, merged_records};
use crate::model::record::report::Problem;
use clap::Args;
use std::path::PathBuf;

/// Rows that are in memory at a time.
const ROWS_AT_ONCE: usize = 256;

/// Options of `report`.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Ledgers written by `migrate --ledger`; for a file in several of them, the newest row counts
    #[arg(required = true, value_name = "LEDGER")]
    ledgers: Vec<PathBuf>,
    /// Paths of --list end with NUL instead of a newline
    #[arg(short = '0', long, requires = "list")]
    null: bool,
    #[command(flatten)]
    output: OutputOptions,
}

impl Report {
    pub(crate) fn run(mut self) -> Result<Exit, Failure> {
        self.output.null = self.null;
        let mut roles = report_roles(&self.output)?;
        read_all(&mut roles, "one of the ledgers", &self.ledgers)?;
        let histories = self
            .ledgers
            .iter()
            .map(|path| History::read(path).map_err(|error| unusable(&error)))
            .collect::<Result<Vec<_>, _>>()?;
        let missing = check_shards(&histories).map_err(|error| unusable(&error))?;
        let display = ProgressDisplay::new(ProgressMode::Silent, 1);
        let mut output = Output::new("report", &self.output, &display)?;
        let mut rows = merged_records(&histories).enumerate();
        loop {
            let some = rows.by_ref().take(ROWS_AT_ONCE);
            let some = some.map(|(number, record)| Ok((number, record?)));
            let some: Vec<_> = some
                .collect::<Result<_, _>>()
                .map_err(|error| unusable(&error))?;
            if some.is_empty() {
                break;
            }
            output.add(some);
        }
        // Each shard meets the problems of the whole walk.
        let mut problems: Vec<Problem> = Vec::new();
        let met = histories.iter().flat_map(History::problems);
        for problem in met.chain(&missing) {
            if !problems.contains(problem) {
                problems.push(problem.clone());
            }
        }
        let report = output.finish(&self.ledgers, problems)?;
        Ok(exit_of_outcomes(&report))
    }
}
