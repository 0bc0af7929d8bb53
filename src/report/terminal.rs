//! The table for people: of an audit, a dry run, a migration, a verification.
//!
//! Rows that need no action come first, in the order of the rows; many equal files that are skipped share one
//! line. Rows that need a decision come last, next to the summary and the prompt, each with its cause, and
//! those with the same help are grouped. More than [`MOST_ROWS`] rows become an [`overview`], unless `-v` is given.

mod overview;

use crate::model::record::Record;
use crate::model::record::report::Report;
use crate::model::state::State;
use crate::report::causes::Origin;
use crate::report::columns::Columns;
use crate::report::notes;
use crate::report::notes::needs_attention;
use crate::report::style::{Painter, Tone};
use crate::report::summary::Totals;
use crate::report::{escape, quantity, summary};
use overview::Overview;

/// Rows that are shown without `-v`.
const MOST_ROWS: u64 = 50;

/// How the table is written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TableStyle {
    /// Columns of the terminal; `None` if stdout is not a terminal: then nothing is wrapped or left out.
    pub width: Option<usize>,
    /// Whether to use colours.
    pub colour: bool,
    /// 0: equal skipped files share a line, and many rows become an overview. Above: every row, with its reason and steps.
    pub verbose: u8,
}

/// The rows of a table, one after the other. Above [`MOST_ROWS`] only groups of them are kept.
#[derive(Debug)]
pub(crate) struct Table {
    style: TableStyle,
    /// All of them, or none above that number.
    rows: Vec<Record>,
    overview: Overview,
    totals: Totals,
}

impl Table {
    pub(crate) fn new(style: TableStyle) -> Self {
        Table {
            style,
            rows: Vec::new(),
            overview: Overview::default(),
            totals: Totals::default(),
        }
    }

    pub(crate) fn push(&mut self, record: &Record) {
        self.overview.add(record);
        self.totals.add(record);
        if self.shows_rows() {
            self.rows.push(record.clone());
        } else {
            self.rows = Vec::new();
        }
    }

    fn shows_rows(&self) -> bool {
        self.style.verbose > 0 || self.overview.files() <= MOST_ROWS
    }

    /// The table, with its closing lines. Of the report everything but its rows is read.
    pub(crate) fn finish(self, report: &Report, origin: &Origin<'_>) -> String {
        let painter = Painter {
            colour: self.style.colour,
        };
        if self.style.verbose == 0
            && let Some(line) = summary::nothing_done(report, &self.totals)
        {
            return line;
        }
        let has_rows = self.shows_rows();
        let mut text = match has_rows {
            true => rows(&self.rows, &self.style),
            false => self.overview.text(origin, &self.style),
        };
        blank_line(&mut text);
        text += &summary::lines(report, &self.totals, !has_rows, self.style.width, painter);
        text
    }
}

fn rows(files: &[Record], style: &TableStyle) -> String {
    let painter = Painter {
        colour: style.colour,
    };
    let verbose = style.verbose > 0;
    let sections = Sections::of(files, verbose);
    let urgent = sections.urgent.iter().flat_map(|cases| &cases.files);
    let shown: Vec<&Record> = sections.calm.iter().chain(urgent).copied().collect();
    let columns = Columns::fitting(&shown, style.width, verbose);

    let mut text = String::new();
    if !shown.is_empty() {
        text += &columns.heading(painter);
        text.push('\n');
    }
    let rows = |rows: &[&Record]| -> String {
        rows.iter()
            .map(|row| {
                columns.row(row, painter) + "\n" + &notes::lines(row, verbose, style.width, painter)
            })
            .collect()
    };
    text += &rows(&sections.calm);
    if !sections.groups.is_empty() {
        blank_line(&mut text);
        text += &groups(&sections.groups, painter);
    }
    for (n, cases) in sections.urgent.iter().enumerate() {
        if n > 0 || !sections.calm.is_empty() || !sections.groups.is_empty() {
            blank_line(&mut text);
        }
        text += &rows(&cases.files);
        if let Some(help) = cases.help {
            text += &notes::help_line(help, style.width, painter);
        }
    }
    text
}

fn blank_line(text: &mut String) {
    if !text.is_empty() {
        text.push('\n');
    }
}

#[derive(Debug, Default)]
struct Sections<'a> {
    calm: Vec<&'a Record>,
    groups: Vec<Group<'a>>,
    urgent: Vec<Cases<'a>>,
}

/// Files that need a decision, and what to do about them.
#[derive(Debug)]
struct Cases<'a> {
    help: Option<&'a str>,
    files: Vec<&'a Record>,
}

/// Files that are skipped for the same reason.
#[derive(Debug)]
struct Group<'a> {
    state: State,
    reason: &'a str,
    files: Vec<&'a Record>,
}

impl Group<'_> {
    /// Current files are the subject of the archive; the others are not.
    fn is_large(&self) -> bool {
        self.files.len() > if self.state == State::Current { 20 } else { 3 }
    }
}

impl<'a> Sections<'a> {
    fn of(files: &'a [Record], verbose: bool) -> Self {
        let mut sections = Sections::default();
        if !verbose {
            sections.groups = large_groups(files);
        }
        for record in files {
            if needs_attention(record) {
                sections.add_urgent(record);
            } else if !sections.is_grouped(record) {
                sections.calm.push(record);
            }
        }
        sections
    }

    fn add_urgent(&mut self, record: &'a Record) {
        // Places in a text are shown with their help.
        let has_places = (record.error.as_ref()).is_some_and(|error| !error.places.is_empty());
        let help = notes::help(record).filter(|_| !has_places);
        match self.urgent.iter_mut().find(|cases| cases.help == help) {
            Some(cases) => cases.files.push(record),
            None => self.urgent.push(Cases {
                help,
                files: vec![record],
            }),
        }
    }

    fn is_grouped(&self, record: &Record) -> bool {
        notes::is_quiet(record)
            && self
                .groups
                .iter()
                .any(|group| group.state == record.state && group.reason == record.reason)
    }
}

fn large_groups(files: &[Record]) -> Vec<Group<'_>> {
    let mut groups = std::collections::BTreeMap::<(State, &str), Vec<&Record>>::new();
    for record in files.iter().filter(|record| notes::is_quiet(record)) {
        let key = (record.state, record.reason.as_str());
        groups.entry(key).or_default().push(record);
    }
    groups
        .into_iter()
        .map(|((state, reason), files)| Group {
            state,
            reason,
            files,
        })
        .filter(Group::is_large)
        .collect()
}

fn groups(groups: &[Group<'_>], painter: Painter) -> String {
    let mut text = String::new();
    for (n, group) in groups.iter().enumerate() {
        let files = u64::try_from(group.files.len()).unwrap_or(u64::MAX);
        let bytes = group
            .files
            .iter()
            .fold(0u64, |sum, row| sum.saturating_add(row.bytes));
        let mut line = format!(
            "{} {}: {} ({})",
            quantity::count(files),
            group.state,
            escape::for_terminal(group.reason),
            quantity::bytes(bytes)
        );
        if n + 1 == groups.len() {
            line += "; -v lists them";
        }
        text += &painter.paint(Tone::Quiet, &line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
