//! Many rows as a few lines: a count for each folder, then what needs a decision, grouped by cause.

use crate::model::record::Record;
use crate::report::causes::{Cause, Causes, Origin};
use crate::report::folders::{Folders, Part};
use crate::report::shorten::middle;
use crate::report::style::{Painter, Tone};
use crate::report::terminal::TableStyle;
use crate::report::{escape, notes, quantity, style};
use unicode_width::UnicodeWidthStr;

/// Lines of folders.
const MOST_FOLDERS: usize = 20;
const GAP: &str = "  ";
/// Folders are not shortened below this; columns are left out instead.
const SHORTEST_FOLDER: usize = 20;

/// Groups of rows, of a size that does not depend on their number.
#[derive(Debug, Default)]
pub(super) struct Overview {
    causes: Causes,
    folders: Folders,
}

impl Overview {
    pub(super) fn add(&mut self, record: &Record) {
        let cause = self.causes.add(record);
        self.folders.add(record, cause > 0);
    }

    pub(super) fn files(&self) -> u64 {
        self.folders.files()
    }

    pub(super) fn text(&self, origin: &Origin<'_>, style: &TableStyle) -> String {
        let painter = Painter {
            colour: style.colour,
        };
        let mut text = folders(&self.folders.parts(MOST_FOLDERS), style.width, painter);
        text += &painter.paint(Tone::Quiet, "-v lists every file");
        text.push('\n');
        for (_, cause) in self.causes.largest_first() {
            text.push('\n');
            text += &group(cause, origin, style.width, painter);
        }
        text
    }
}

fn folders(parts: &[Part], width: Option<usize>, painter: Painter) -> String {
    let mut deeds: Vec<&'static str> = parts
        .iter()
        .flat_map(|it| it.deeds.keys())
        .copied()
        .collect();
    deeds.sort_unstable_by_key(|deed| style::order_of_deed(deed));
    deeds.dedup();
    let mut columns = FolderColumns::of(parts, deeds);
    while width.is_some_and(|width| columns.width() + SHORTEST_FOLDER > width)
        && !columns.deeds.is_empty()
    {
        let mut deeds = columns.deeds;
        // Files that are skipped are of the least interest; every cause has a group below.
        let skipped = deeds.iter().position(|deed| deed.starts_with("skip"));
        deeds.remove(skipped.unwrap_or(deeds.len() - 1));
        columns = FolderColumns::of(parts, deeds);
    }
    let mut text = columns.line(&columns.headings(), "folder", painter, true);
    for part in parts {
        let path = match part.path.as_str() {
            "" => "./".into(),
            path => escape::for_terminal(path),
        };
        let available = width.map(|width| width.saturating_sub(columns.width()));
        let path = match available {
            Some(available) => middle(&path, available.max(SHORTEST_FOLDER)),
            None => path,
        };
        text += &columns.line(&columns.cells(part), &path, painter, false);
    }
    text
}

/// Numbers to the left of a folder.
struct FolderColumns {
    deeds: Vec<&'static str>,
    widths: Vec<usize>,
}

impl FolderColumns {
    fn of(parts: &[Part], deeds: Vec<&'static str>) -> Self {
        let mut columns = FolderColumns {
            deeds,
            widths: Vec::new(),
        };
        let mut widths: Vec<usize> = columns.headings().iter().map(|it| it.width()).collect();
        for part in parts {
            for (width, cell) in widths.iter_mut().zip(columns.cells(part)) {
                *width = cell.width().max(*width);
            }
        }
        columns.widths = widths;
        columns
    }

    fn width(&self) -> usize {
        self.widths.iter().map(|width| width + GAP.len()).sum()
    }

    fn headings(&self) -> Vec<String> {
        let fixed = ["files", "size"].into_iter();
        let all = fixed.chain(self.deeds.iter().copied());
        all.map(str::to_string).collect()
    }

    fn cells(&self, part: &Part) -> Vec<String> {
        let mut cells = vec![quantity::count(part.files), quantity::bytes(part.bytes)];
        cells.extend(self.deeds.iter().map(|deed| match part.deeds.get(deed) {
            Some(files) => quantity::count(*files),
            None => "-".to_string(),
        }));
        cells
    }

    fn line(&self, cells: &[String], path: &str, painter: Painter, is_heading: bool) -> String {
        let mut line = String::new();
        for (column, (cell, width)) in cells.iter().zip(&self.widths).enumerate() {
            let tone = match column.checked_sub(2) {
                _ if is_heading => Tone::Quiet,
                Some(deed) if cell != "-" => style::tone_of_deed(self.deeds[deed]),
                Some(_) => Tone::Quiet,
                None => Tone::Plain,
            };
            line += &" ".repeat(width.saturating_sub(cell.width()));
            line += &painter.paint(tone, cell);
            line += GAP;
        }
        let tone = if is_heading { Tone::Quiet } else { Tone::Plain };
        line + &painter.paint(tone, path) + "\n"
    }
}

/// A cause: how many files, three of them, what helps, and the command.
fn group(cause: &Cause, origin: &Origin<'_>, width: Option<usize>, painter: Painter) -> String {
    let state = cause.state.map_or("others", |state| state.word());
    let files = quantity::counted(cause.files, "file");
    let deed = match cause.deed {
        "" => String::new(),
        deed => format!(" ({deed})"),
    };
    let mut text = format!(
        "{}{deed}: {files}, {}\n",
        painter.paint(Tone::Bad, state),
        quantity::bytes(cause.bytes)
    );
    let same = cause.examples.iter().all(|it| it.why == cause.why());
    if same || cause.state.is_none() {
        text += &notes::indented(cause.why(), 2, width, painter);
    }
    for example in &cause.examples {
        let available = width.map_or(usize::MAX, |width| {
            width.saturating_sub(2).max(SHORTEST_FOLDER)
        });
        text += &format!("  {}\n", middle(&example.path, available));
        if !same {
            text += &notes::indented(&example.why, 4, width, painter);
        }
    }
    let shown = u64::try_from(cause.examples.len()).unwrap_or(u64::MAX);
    if cause.files > shown {
        let more = format!("  and {} more", quantity::count(cause.files - shown));
        text += &painter.paint(Tone::Quiet, &more);
        text.push('\n');
    }
    if let Some(help) = &cause.help {
        text += &notes::help_line(help, width, painter);
    }
    // A command stays in one piece, to be copied.
    for (number, command) in cause.commands(origin).iter().enumerate() {
        let label = if number == 0 { "run:  " } else { "or:   " };
        text += &painter.paint(Tone::Label, label);
        text += command;
        text.push('\n');
    }
    text
}
