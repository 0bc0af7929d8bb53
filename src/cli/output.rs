//! Rows to stdout and to the [files](report_file) that were asked for, in the order of the walk.
//!
//! Rows of lines (`jsonl`, `tsv`) are written as they come and forgotten, so that memory does not grow with the
//! number of files. A table and a page (`html`) take rows as they come and are written at the end. Documents are made of all
//! rows at the end.

mod report_file;

use crate::cli::args::options::OutputOptions;
use crate::cli::exit::{Exit, Failure, written};
use crate::cli::output::report_file::{ReportFile, is_document, open_all};
use crate::cli::progress::ProgressDisplay;
use crate::model::estimate::Estimate;
use crate::model::record::Record;
use crate::model::record::outcome::Outcome;
use crate::model::record::report::{Problem, Report, SCHEMA, Summary};
use crate::report::html::{Run, Timing};
use crate::report::terminal::Table;
use crate::report::{Format, escape, json, places, quantity, tsv};
use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Takes rows in any order and writes them in the order of the walk.
pub(crate) struct Output<'a> {
    command: &'static str,
    format: Format,
    /// For stdout, unless it is quiet.
    table: Option<Table>,
    display: &'a ProgressDisplay,
    targets: Vec<ReportFile>,
    started: Instant,
    summary: Summary,
    estimate: Option<Estimate>,
    /// Whether all rows are needed at the end.
    keeps_all: bool,
    kept: Vec<Record>,
    /// Index of the row that is written next.
    next: usize,
    early: BTreeMap<usize, Record>,
    /// Of rows that are not written yet.
    timings: BTreeMap<usize, Timing>,
    failed: Option<Failure>,
}

impl std::fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}

impl<'a> Output<'a> {
    /// Opens report files before the work begins: a bad path is found now, not at the end.
    pub(crate) fn new(
        command: &'static str,
        options: &OutputOptions,
        display: &'a ProgressDisplay,
    ) -> Result<Self, Failure> {
        let targets = open_all(options)?;
        let format = options.stdout_format();
        let mut output = Output {
            command,
            format,
            table: shows_table(options).then(|| Table::new(options.style())),
            display,
            keeps_all: keeps_all_rows(options),
            targets,
            started: Instant::now(),
            summary: Summary::default(),
            estimate: None,
            kept: Vec::new(),
            next: 0,
            early: BTreeMap::new(),
            timings: BTreeMap::new(),
            failed: None,
        };
        if output.format == Format::Tsv {
            output.stdout(&tsv::header());
        }
        Ok(output)
    }

    /// What an interrupted run has done: `3 files migrated, 1 file refused; `. Nothing of a run that only looks.
    pub(crate) fn done_so_far(&self) -> String {
        let mut summary = self.summary.clone();
        // They wait for the row of a file that will have none.
        self.early.values().for_each(|record| summary.add(record));
        let outcomes = summary.by_outcome.iter().map(|(outcome, files)| {
            format!("{} {}", quantity::counted(*files, "file"), outcome.word())
        });
        let outcomes: Vec<String> = outcomes.collect();
        match outcomes.is_empty() {
            true => String::new(),
            false => format!("{}; ", outcomes.join(", ")),
        }
    }

    /// Takes the time that the file with this index was in work, before its row.
    pub(crate) fn time(&mut self, index: usize, started: Instant, took: Duration) {
        let timing = Timing {
            started: started.saturating_duration_since(self.started),
            took,
        };
        self.timings.insert(index, timing);
    }

    /// Whether anybody reads an estimate: rows alone have no place for it.
    pub(crate) fn wants_estimate(&self) -> bool {
        self.table.is_some()
            || self.format == Format::Json
            || self.targets.iter().any(ReportFile::has_estimate)
    }

    /// Adds what the work would cost.
    pub(crate) fn set_estimate(&mut self, estimate: Option<Estimate>) {
        self.estimate = estimate;
    }

    /// Takes the rows of files with these indices.
    pub(crate) fn add(&mut self, rows: impl IntoIterator<Item = (usize, Record)>) {
        let mut bytes = Vec::new();
        self.early.extend(rows);
        while let Some(record) = self.early.remove(&self.next) {
            self.spell(self.next, record, &mut bytes);
            self.next += 1;
        }
        self.stdout(&bytes);
    }

    fn spell(&mut self, index: usize, record: Record, bytes: &mut Vec<u8>) {
        let timing = self.timings.remove(&index);
        match self.format {
            Format::Jsonl => bytes.extend(json::line(&record)),
            Format::Tsv => bytes.extend(tsv::row(&record)),
            Format::Table | Format::Json => {}
        }
        for target in &mut self.targets {
            target.row(&record, timing);
        }
        if let Some(table) = &mut self.table {
            table.push(&record);
        }
        self.summary.add(&record);
        // In the place of a table, errors are told at the end.
        let tells_failures = self.format == Format::Table && self.table.is_none();
        let has_failed = record.error.is_some() || record.outcome == Some(Outcome::Salvaged);
        if self.keeps_all || (tells_failures && has_failed) {
            self.kept.push(record);
        }
    }

    /// Writes what is left, and the report files; the sums, for the exit code.
    pub(crate) fn finish(
        mut self,
        roots: &[PathBuf],
        problems: Vec<Problem>,
    ) -> Result<Report, Failure> {
        self.display.finish();
        // After an interrupt some files have no row, and those behind them have waited for it.
        let mut bytes = Vec::new();
        for (index, record) in std::mem::take(&mut self.early) {
            self.spell(index, record, &mut bytes);
        }
        self.stdout(&bytes);
        let report = Report {
            schema: SCHEMA.to_string(),
            command: self.command.to_string(),
            h5lift: env!("CARGO_PKG_VERSION").to_string(),
            hdf5: crate::hdf5_version(),
            zlib: crate::zlib_version(),
            features: crate::features(),
            roots: roots
                .iter()
                .map(|root| root.to_string_lossy().into_owned())
                .collect(),
            elapsed_seconds: self.started.elapsed().as_secs_f64(),
            summary: std::mem::take(&mut self.summary),
            estimate: self.estimate.take(),
            problems,
            files: std::mem::take(&mut self.kept),
        };
        let run = self.run();
        match (self.format, self.table.take()) {
            (Format::Json, _) => self.stdout(&json::document(&report)),
            (Format::Table, Some(table)) => {
                let table = table.finish(&report, &run.origin(&report));
                self.stdout(table.as_bytes());
            }
            (Format::Table, None) => tell_failures(&report),
            (Format::Jsonl | Format::Tsv, _) => {}
        }
        tell_problems(&report);
        // The others are written all the same, and the work is done: this is not a usage error.
        for target in std::mem::take(&mut self.targets) {
            let failure = target.finish(&report, &run);
            self.failed = self.failed.or(failure);
        }
        match self.failed {
            Some(failure) => Err(failure),
            None => Ok(report),
        }
    }

    fn run(&self) -> Run {
        let started = jiff::Timestamp::now().checked_sub(self.started.elapsed());
        let with_all_rows = self.targets.iter().filter(|it| it.has_all_rows());
        Run {
            command_line: escape::command_line(std::env::args_os().skip(1)),
            started: started.ok().map(whole_second),
            other_reports: with_all_rows.map(ReportFile::path_text).collect(),
        }
    }

    fn stdout(&mut self, bytes: &[u8]) {
        if self.failed.is_some() || bytes.is_empty() {
            return;
        }
        let result = self.display.suspend(|| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes).and_then(|()| stdout.flush())
        });
        self.failed = written(result).err();
    }
}

/// What could not be inspected has no row, so every format lists it.
fn tell_problems(report: &Report) {
    for problem in &report.problems {
        let hint = problem.hint.clone().unwrap_or_default();
        Failure::failed(format!("{}: {}", problem.path, problem.message), hint).tell();
    }
}

/// `--quiet` applies to success: a script that fails has to say why.
fn tell_failures(report: &Report) {
    for record in &report.files {
        if record.outcome == Some(Outcome::Salvaged) {
            let lost = record.salvage().unwrap_or(&record.reason);
            let next = "look for a backup of the old file; the new one records what it lacks";
            Failure::failed(format!("{}: {lost}", record.path), next).tell();
        }
        if let Some(error) = record.error.as_ref().filter(|_| record.outcome.is_some()) {
            let hint = error.hint.clone().unwrap_or_default();
            if error.places.is_empty() {
                Failure::failed(format!("{}: {}", record.path, error.message), hint).tell();
            } else {
                let shown = places::render(&record.path, &error.places, None, false);
                // If stderr is closed, the message is lost; the exit code remains.
                let _ = io::stderr().lock().write_all(shown.as_bytes());
            }
        }
    }
}

/// Whether all rows are in memory at the end.
fn keeps_all_rows(options: &OutputOptions) -> bool {
    options.stdout_format() == Format::Json || options.report.iter().any(|it| is_document(it))
}

/// Whether rows are written as they come, and nothing at the end.
pub(crate) fn streams_rows(options: &OutputOptions) -> bool {
    !keeps_all_rows(options) && !shows_table(options)
}

fn shows_table(options: &OutputOptions) -> bool {
    options.stdout_format() == Format::Table && !options.quiet
}

fn whole_second(time: jiff::Timestamp) -> String {
    let whole = jiff::Timestamp::from_second(time.as_second());
    whole.unwrap_or(time).to_string()
}

/// The exit code of rows that are outcomes.
pub(crate) fn exit_of_outcomes(report: &Report) -> Exit {
    let outcomes = &report.summary.by_outcome;
    // A row without an outcome was not processed.
    let failed = outcomes.keys().any(|outcome| outcome.is_failure())
        || outcomes.values().sum::<u64>() < report.summary.files;
    if failed || !report.problems.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    }
}
