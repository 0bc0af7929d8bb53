//! Aligned rows: fixed columns on the left, the path last.
//!
//! The path comes last, so it is never padded. In a narrow terminal the matrix gives way to it, and a path that still does
//! not fit loses its middle; in a pipe and with `-v` it is whole. Table crates cut or wrap cells, and lines of text stand
//! between these rows, so none is used.

use crate::model::facts::display::shape_text;
use crate::model::record::{ExprRecord, Record};
use crate::report::shorten::middle;
use crate::report::style;
use crate::report::style::{Painter, Tone};
use crate::report::{escape, quantity, words};
use unicode_width::UnicodeWidthStr;

const GAP: &str = "  ";
/// A description of an element type may be long; the other formats have all of it.
const WIDEST_MATRIX: usize = 44;

/// A path is not shortened below this, however narrow the terminal.
const SHORTEST_PATH: usize = 16;

/// How much of the matrix is shown, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// `20000 x 500 <f4 gzip`.
    Stored,
    /// `20000 x 500`.
    Shape,
    Nothing,
}

/// The columns that a set of rows needs.
#[derive(Debug)]
pub(crate) struct Columns {
    detail: Detail,
    has_after: bool,
    widths: [usize; 5],
    deed_heading: &'static str,
    /// Columns of the terminal, if paths that are longer lose their middle.
    width: Option<usize>,
}

impl Columns {
    /// Chooses columns for these rows in a terminal of this many columns; `None`: no terminal. `whole_paths`: no path is
    /// shortened.
    pub(crate) fn fitting(rows: &[&Record], width: Option<usize>, whole_paths: bool) -> Self {
        let columns = |detail| Columns {
            width: width.filter(|_| !whole_paths),
            ..Columns::with(rows, detail)
        };
        let Some(width) = width else {
            return columns(Detail::Stored);
        };
        let paths: Vec<usize> = rows.iter().map(|row| escape::path(row).width()).collect();
        let available = |columns: &Columns| width.saturating_sub(columns.before_path());
        let sparest = columns(Detail::Nothing);
        // Half of the terminal is enough for a path that can be shortened; one that cannot and never fits is not considered.
        let wanted = paths.into_iter().filter_map(|path| match whole_paths {
            true => Some(path).filter(|path| *path <= available(&sparest)),
            false => Some(path.min(width / 2)),
        });
        let longest = wanted.max();
        [Detail::Stored, Detail::Shape]
            .into_iter()
            .map(columns)
            .find(|columns| longest.is_some_and(|longest| longest <= available(columns)))
            .unwrap_or(sparest)
    }

    fn with(rows: &[&Record], detail: Detail) -> Self {
        let mut columns = Columns {
            detail,
            has_after: rows.iter().any(|row| row.bytes_after.is_some()),
            widths: [0; 5],
            width: None,
            deed_heading: if rows.iter().any(|row| row.outcome.is_some()) {
                "outcome"
            } else {
                "plan"
            },
        };
        if !rows.iter().any(|row| row.expr.is_some()) {
            columns.detail = Detail::Nothing;
        }
        let mut widths = columns.headings().map(UnicodeWidthStr::width);
        for row in rows {
            for (width, (cell, _)) in widths.iter_mut().zip(columns.cells(row)) {
                *width = cell.width().max(*width);
            }
        }
        columns.widths = widths;
        columns
    }

    fn headings(&self) -> [&'static str; 5] {
        let after = if self.has_after { "after" } else { "" };
        let matrix = match self.detail {
            Detail::Nothing => "",
            _ => "matrix",
        };
        ["state", "size", after, matrix, self.deed_heading]
    }

    fn cells(&self, row: &Record) -> [(String, Tone); 5] {
        let after = match row.bytes_after {
            Some(bytes) => quantity::bytes(bytes),
            None if self.has_after => "-".to_string(),
            None => String::new(),
        };
        let matrix = match (&row.expr, self.detail) {
            (_, Detail::Nothing) => String::new(),
            (None, _) => "-".to_string(),
            (Some(expr), Detail::Shape) => shape_text(&expr.shape),
            (Some(expr), Detail::Stored) => shortened(&matrix(expr)),
        };
        let deed = row.outcome.map_or(row.plan.action.word(), |o| o.word());
        [
            (
                row.state.word().to_string(),
                style::state(row.state, row.plan.action),
            ),
            (quantity::bytes(row.bytes), Tone::Plain),
            (after, Tone::Plain),
            (matrix, Tone::Plain),
            (deed.to_string(), style::deed(row)),
        ]
    }

    fn before_path(&self) -> usize {
        let shown = self.widths.iter().filter(|width| **width > 0);
        shown.map(|width| width + GAP.len()).sum()
    }

    pub(crate) fn heading(&self, painter: Painter) -> String {
        let cells = self.headings().map(|text| (text.to_string(), Tone::Quiet));
        self.line(cells, &painter.paint(Tone::Quiet, "path"), painter)
    }

    /// The line of one file.
    pub(crate) fn row(&self, row: &Record, painter: Painter) -> String {
        let tone = match style::deed(row) {
            Tone::Quiet => Tone::Quiet,
            _ => Tone::Plain,
        };
        let path = escape::path(row);
        let path = match self.width {
            Some(width) => {
                let available = width.saturating_sub(self.before_path()).max(SHORTEST_PATH);
                middle(&path, available)
            }
            None => path,
        };
        let path = painter.paint(tone, &path);
        self.line(self.cells(row), &path, painter)
    }

    fn line(&self, cells: [(String, Tone); 5], path: &str, painter: Painter) -> String {
        let mut line = String::new();
        for (column, ((cell, tone), width)) in cells.into_iter().zip(self.widths).enumerate() {
            if width == 0 {
                continue;
            }
            let padding = " ".repeat(width.saturating_sub(cell.width()));
            let cell = painter.paint(tone, &cell);
            let is_number = column == 1 || column == 2;
            line.extend(if is_number {
                [padding, cell]
            } else {
                [cell, padding]
            });
            line.push_str(GAP);
        }
        line + path
    }
}

/// `20000 x 500 <f4 gzip`: what compresses it, or else how it is stored.
fn matrix(expr: &ExprRecord) -> String {
    let compresses = |filter: &&str| !matches!(*filter, "shuffle" | "fletcher32");
    let filters = expr.filters.iter().map(String::as_str);
    let compressors: Vec<&str> = filters.filter(compresses).collect();
    let stored = match compressors[..] {
        [] => words::storage(expr.storage).to_string(),
        _ => compressors.join("+"),
    };
    let text = format!("{} {} {stored}", shape_text(&expr.shape), expr.dtype);
    escape::for_terminal(&text).into_owned()
}

fn shortened(text: &str) -> String {
    if text.width() <= WIDEST_MATRIX {
        return text.to_string();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if kept.width() + 4 > WIDEST_MATRIX {
            break;
        }
        kept.push(c);
    }
    kept + "..."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const PLAIN: Painter = Painter { colour: false };

    fn row_at(record: &Record, width: Option<usize>) -> String {
        Columns::fitting(&[record], width, false).row(record, PLAIN)
    }

    #[test]
    fn the_matrix_gives_way_to_the_path() {
        let record = sample::legacy("archive/study-01/expression.h5");
        assert_eq!(
            row_at(&record, Some(100)),
            "legacy  38.1 MiB  20000 x 500 <f4 gzip  migrate  archive/study-01/expression.h5"
        );
        assert_eq!(
            row_at(&record, Some(78)),
            "legacy  38.1 MiB  20000 x 500  migrate  archive/study-01/expression.h5"
        );
        assert_eq!(
            row_at(&record, Some(60)),
            "legacy  38.1 MiB  migrate  archive/study-01/expression.h5"
        );
    }

    #[test]
    fn a_path_that_fits_nowhere_loses_its_middle_or_has_no_say() {
        let short = sample::legacy("a.h5");
        let long = sample::legacy(&format!("archive/{}/a.h5", "long".repeat(50)));
        for whole in [true, false] {
            let columns = Columns::fitting(&[&short, &long], Some(80), whole);
            assert_eq!(columns.row(&short, PLAIN).contains("<f4 gzip"), whole);
            let line = columns.row(&long, PLAIN);
            assert_eq!(line.ends_with(&long.path), whole);
            assert!(line.contains("archive/") && line.ends_with("/a.h5"));
            assert!(whole || line.width() == 80, "{line}");
        }
    }

    #[test]
    fn what_does_not_compress_is_left_out() {
        let mut expr = sample::legacy("a.h5").expr.unwrap();
        expr.filters = vec!["lzf".into(), "fletcher32".into()];
        assert_eq!(matrix(&expr), "20000 x 500 <f4 lzf");
        expr.filters.remove(0);
        assert_eq!(matrix(&expr), "20000 x 500 <f4 chunked");
    }

    #[test]
    fn a_long_description_of_a_type_is_shortened() {
        let mut record = sample::legacy("a.h5");
        if let Some(expr) = &mut record.expr {
            expr.dtype = "a compound of ".to_string() + &"\x1b[2J".repeat(20);
        }
        let line = row_at(&record, None);
        assert!(line.contains("...  migrate  a.h5"), "{line}");
        assert!(!line.contains('\x1b'));
    }

    #[test]
    fn wide_characters_do_not_shift_columns() {
        let mut record = sample::legacy("a.h5");
        if let Some(expr) = &mut record.expr {
            expr.dtype = "样本".into();
        }
        let other = sample::legacy("b.h5");
        let columns = Columns::fitting(&[&record, &other], None, false);
        let at = |record: &Record| {
            let line = columns.row(record, PLAIN);
            line[..line.find("migrate").unwrap()].width()
        };
        assert_eq!(at(&record), at(&other));
    }
}
