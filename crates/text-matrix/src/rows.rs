//! One piece of the text to names and values.

pub(crate) mod field;
pub(crate) mod row_counter;
pub(crate) mod split;

mod text_column;
mod values;
pub(crate) mod wrong;

use std::borrow::Cow;

use crate::names::Names;
use crate::number::Notation;
use crate::number::value::Value;
use crate::number::value_counts::ValueCounts;
use crate::problem::TextProblem;
use crate::rows::field::{Field, Marks, QuoteFault, line_at};
use crate::rows::split::Piece;
use crate::rows::wrong::Wrong;
use crate::summary_rows::SummaryRow;
use multiversion::multiversion;

/// What is said of a line without a field, and what to do.
pub(crate) const BLANK_LINE: (&str, &str) = (
    "a blank line between rows",
    "remove it, if nothing is missing there",
);

/// What is said of line breaks within quotes that may end rows, and what to do.
pub(crate) const QUOTED_ROWS: (&str, &str) = (
    "this quote encloses line breaks, and without it each of the lines is a row of the right length",
    "if quotes are plain characters here: --quote none; if the field has line breaks: --quote '\"'",
);

/// What a row looks like.
#[derive(Debug, Clone)]
pub(crate) struct RowPlan {
    pub(crate) marks: Marks,
    /// The user named the quote, so that what it encloses is one field for certain.
    pub(crate) quote_is_given: bool,
    pub(crate) notation: Notation,
    /// Lines that begin so are no rows.
    pub(crate) comment: Option<Vec<u8>>,
    pub(crate) width: usize,
    /// Empty fields behind those at the end of every row.
    pub(crate) trailing: usize,
    /// The field that names the gene, from 0.
    pub(crate) gene: usize,
    /// The field of the first value; there are as many values as samples.
    pub(crate) first: usize,
    pub(crate) samples: Vec<String>,
    /// Rows are samples, and columns genes.
    pub(crate) transposed: bool,
    pub(crate) drop_summary_rows: bool,
    pub(crate) max_problems: usize,
}

/// The result of a piece.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) rows: usize,
    pub(crate) names: Names,
    pub(crate) counts: ValueCounts,
    pub(crate) problems: Vec<TextProblem>,
    /// Parsing stopped at the limit of problems.
    pub(crate) more: bool,
    pub(crate) special: Vec<(SummaryRow, String)>,
}

/// Parses `piece` of `text` into the front of `values`. With `discard` every row goes to the same place: if
/// it is known that some are wrong, memory for all is not allocated.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(crate) fn parse<V: Value>(
    plan: &RowPlan,
    text: &[u8],
    piece: &Piece,
    first_line: u64,
    values: &mut [V],
    discard: bool,
) -> Parsed {
    let mut rows = Rows {
        plan,
        text: &text[..piece.bytes.end],
        at: piece.bytes.start,
        start: piece.bytes.start,
        line: first_line + piece.lines_before,
        recount: false,
        broken_record: None,
        parsed: Parsed::default(),
    };
    let samples = plan.samples.len();
    while rows.at < rows.text.len() {
        if rows.parsed.problems.len() >= plan.max_problems {
            rows.parsed.more = true;
            break;
        }
        if rows.is_comment() {
            continue;
        }
        let slot = if discard {
            0
        } else {
            rows.parsed.rows * samples
        };
        rows.start = rows.at;
        if let Err(problem) = rows.row(&mut values[slot..slot + samples]) {
            rows.parsed.problems.push(*problem);
            rows.skip_record();
            rows.recount = true;
        }
        rows.line += if std::mem::take(&mut rows.recount) {
            memchr::memchr_iter(b'\n', &rows.text[rows.start..rows.at]).count() as u64
        } else {
            1
        };
    }
    rows.parsed
}

struct Rows<'a> {
    plan: &'a RowPlan,
    text: &'a [u8],
    at: usize,
    /// Where the row began.
    start: usize,
    line: u64,
    /// The row may be more than one line.
    recount: bool,
    /// The record whose quoted line breaks were examined last.
    broken_record: Option<usize>,
    parsed: Parsed,
}

impl<'a> Rows<'a> {
    #[inline(always)]
    fn row<V: Value>(&mut self, values: &mut [V]) -> Result<(), Wrong> {
        self.refuse_blank()?;
        let mut name = None;
        let mut last = false;
        for index in 0..self.plan.first {
            if last {
                return Err(self.wrong_width());
            }
            let field = self.field(index)?;
            last = field.last;
            if index == self.plan.gene {
                name = Some(self.name(&field)?);
            }
        }
        if last && !values.is_empty() {
            return Err(self.wrong_width());
        }
        // The counts of a row are taken back when the row is dropped.
        let may_be_dropped = match name.as_deref() {
            Some(name) => SummaryRow::of(name).is_some(),
            None => self.plan.drop_summary_rows,
        };
        let counts = may_be_dropped.then(|| self.parsed.counts.clone());
        let problems = self.parsed.problems.len();
        let last = self.values(values)?;
        let behind = self.rest(self.plan.first + values.len(), last)?;
        let name = name.or(behind).unwrap_or_default();
        if let Some(summary) = SummaryRow::of(&name) {
            self.parsed.special.push((summary, name.to_string()));
            if let (true, Some(counts)) = (self.plan.drop_summary_rows, counts) {
                self.parsed.counts = counts;
                return Ok(());
            }
        }
        if self.parsed.problems.len() == problems {
            self.parsed.names.push(&name);
            self.parsed.rows += 1;
        }
        Ok(())
    }

    /// Skips a comment: a line, whatever quotes are in it.
    fn is_comment(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let found = (self.plan.comment.as_ref()).is_some_and(|prefix| rest.starts_with(prefix));
        if found {
            self.at += memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            self.line += 1;
        }
        found
    }

    /// A blank line is wrong: those at the end of the text were taken off before.
    fn refuse_blank(&self) -> Result<(), Wrong> {
        let (first, separator) = (self.text[self.at], self.plan.marks.separator);
        if (matches!(first, b'\n' | b'\r' | b' ') || first == separator)
            && is_blank(line_at(self.text, self.at), separator)
        {
            return Err(self.problem(0, self.at..self.at, BLANK_LINE.0, BLANK_LINE.1));
        }
        Ok(())
    }

    fn field(&mut self, index: usize) -> Result<Field, Wrong> {
        match self.plan.marks.field(self.text, self.at) {
            Ok(field) => {
                self.at = field.next;
                if field.quoted {
                    self.recount = true;
                    self.refuse_quoted_rows(index, &field)?;
                }
                Ok(field)
            }
            Err(QuoteFault::Trailing(at)) => {
                self.at = at;
                Err(self.problem(
                    index,
                    at..at + 1,
                    "text behind the closing quote of a field",
                    "quotes within quotes are doubled; if quotes are plain characters here: \
                     --quote none",
                ))
            }
            Err(QuoteFault::Open) => {
                let at = self.at;
                self.at = self.text.len();
                Err(self.problem(
                    index,
                    at..at + 1,
                    "a quote that is never closed",
                    "if quotes are plain characters here: --quote none",
                ))
            }
        }
    }

    fn name(&self, gene: &Field) -> Result<Cow<'a, str>, Wrong> {
        let content = self.plan.marks.content(self.text, gene);
        if let Some(zero) = memchr::memchr(0, &content) {
            let at = (gene.content.start + zero).min(gene.content.end);
            return Err(self.problem(
                0,
                at..at + 1,
                "a zero byte within a gene name",
                "HDF5 ends a name there: remove it",
            ));
        }
        let text = match content {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes)
                .map(Cow::Owned)
                .map_err(|error| error.utf8_error()),
        };
        text.map_err(|error| {
            let at = (gene.content.start + error.valid_up_to()).min(gene.content.end);
            self.problem(
                0,
                at..gene.content.end.min(at + 1),
                "a gene name that is not UTF-8",
                "say what it is, for example --encoding latin1",
            )
        })
    }

    /// The fields behind the values, `index` on, when the line has not ended; the gene's name when
    /// it is one of them.
    #[inline(always)]
    fn rest(&mut self, index: usize, mut last: bool) -> Result<Option<Cow<'a, str>>, Wrong> {
        let mut name = None;
        let width = self.plan.width + self.plan.trailing;
        for index in index..width {
            if last {
                return Err(self.wrong_width());
            }
            let field = self.field(index)?;
            last = field.last;
            if index == self.plan.gene {
                name = Some(self.name(&field)?);
            }
            if index >= self.plan.width && !field.content.is_empty() {
                return Err(self.problem(
                    index,
                    field.content,
                    "a value behind those of the last sample, in a column that has no name",
                    "remove it, or name the column",
                ));
            }
        }
        if last {
            Ok(name)
        } else {
            Err(self.wrong_width())
        }
    }
}

/// Whether a line is empty, or has separators alone, as spreadsheets leave them.
pub(crate) fn is_blank(line: &[u8], separator: u8) -> bool {
    line.iter()
        .all(|byte| matches!(byte, b' ' | b'\r') || *byte == separator)
}
