//! The report as one page of HTML that needs nothing else: no network, no other file, and for its upper part no script.
//!
//! | file | what it makes |
//! |---|---|
//! | [`overview`] | sums of all rows, of a size that does not depend on their number |
//! | [`blocks`] | the rows, compressed while they come |
//! | [`verdict`] | the sentence on top |
//! | [`charts`] | pictures as SVG |
//! | [`page`] | the page around them |
//!
//! Style sheet and scripts are in `html/assets`; their hashes stand in the page's Content-Security-Policy, so nothing
//! else runs, whatever a file or folder is called.

mod blocks;
mod charts;
mod overview;
mod page;
mod verdict;

use crate::model::record::Record;
use crate::model::record::report::Report;
use crate::model::state::State;
use crate::report::causes::Origin;
use crate::report::escape;
use blocks::{DataBlock, OpenBlock};
use overview::Overview;
use std::io::{self, Write};
use std::time::Duration;

/// Rows that a page holds: a million of any kind, and the fifth that is kept for rows that need a decision. A browser opens a million
/// in some seconds.
const MOST_ROWS: u64 = 1_250_000;

/// When a file was in work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timing {
    /// Since the start of the run.
    pub started: Duration,
    /// From there to its row.
    pub took: Duration,
}

/// What a page says of the run besides the [`Report`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    /// The command line, quoted for a shell.
    pub command_line: String,
    /// When it started, RFC 3339.
    pub started: Option<String>,
    /// Other reports of the same run that hold all rows.
    pub other_reports: Vec<String>,
}

impl Run {
    /// What the commands that settle something are made of.
    pub(crate) fn origin<'a>(&'a self, report: &'a Report) -> Origin<'a> {
        Origin {
            command: &report.command,
            command_line: Some(self.command_line.as_str()).filter(|line| !line.is_empty()),
            // Those of `report` are ledgers.
            roots: match report.command.as_str() {
                "report" => &[],
                _ => &report.roots,
            },
        }
    }
}

/// A page that takes rows one at a time.
#[derive(Debug)]
pub(crate) struct HtmlReport {
    overview: Overview,
    open: OpenBlock,
    blocks: Vec<DataBlock>,
    rows: Rows,
}

/// Rows that came, and those that the page holds.
#[derive(Debug)]
struct Rows {
    most: u64,
    held: u64,
    /// Held rows that need a decision.
    decisions: u64,
}

impl Default for HtmlReport {
    fn default() -> Self {
        HtmlReport::with_at_most(MOST_ROWS)
    }
}

impl HtmlReport {
    fn with_at_most(rows: u64) -> Self {
        HtmlReport {
            overview: Overview::default(),
            open: OpenBlock::default(),
            blocks: Vec::new(),
            rows: Rows {
                most: rows,
                held: 0,
                decisions: 0,
            },
        }
    }

    /// Takes the next row, in the order of the walk.
    ///
    /// # Errors
    ///
    /// When a row cannot be made JSON or compressed, which would be a defect.
    pub(crate) fn push(&mut self, record: &Record, timing: Option<Timing>) -> io::Result<()> {
        let cause = self.overview.add(record, timing);
        if !self.rows.takes(cause > 0) {
            return Ok(());
        }
        self.open.push(record, timing, cause)?;
        if self.open.is_full() {
            self.close_block()?;
        }
        Ok(())
    }

    fn close_block(&mut self) -> io::Result<()> {
        self.blocks.push(self.open.compress()?);
        self.open = OpenBlock::default();
        Ok(())
    }

    /// Writes the page. Of the report everything but its rows is read.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub(crate) fn finish(
        mut self,
        report: &Report,
        run: &Run,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if !self.open.is_empty() {
            self.close_block()?;
        }
        page::write(&self, report, run, out)
    }
}

impl Rows {
    /// Whether the next row is held. The last fifth is kept for rows that need a decision.
    fn takes(&mut self, needs_decision: bool) -> bool {
        let most = match needs_decision {
            true => self.most,
            false => self.most - self.most / 5,
        };
        let takes = self.held < most;
        self.held += u64::from(takes);
        self.decisions += u64::from(takes && needs_decision);
        takes
    }
}

/// Text as HTML that is only ever text: whatever acts on a display is spelled out.
fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in escape::for_terminal(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Genes and samples, of what has two dimensions.
pub(crate) fn matrix_shape(record: &Record) -> Option<[u64; 2]> {
    let shape = &record.expr.as_ref()?.shape;
    shape.as_slice().try_into().ok()
}

/// The colour of what was done or would be.
fn tone_of_deed(word: &str) -> &'static str {
    match word {
        "migrated" | "converted" | "verified" => "good",
        "migrate" | "convert" => "work",
        "skip" | "skipped" => "quiet",
        _ => "bad",
    }
}

/// The colour of a state.
fn tone_of_state(state: State) -> &'static str {
    match state {
        State::Legacy | State::Hybrid | State::Text => "work",
        State::Current => "good",
        state if state.is_skipped() => "quiet",
        _ => "bad",
    }
}

#[cfg(test)]
mod tests;
