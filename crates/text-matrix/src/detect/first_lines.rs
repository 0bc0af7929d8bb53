//! The first lines of a text: as many as it takes to decide how all of them are read.

use crate::detect::columns::Row;
use crate::detect::header::HeaderRow;
use crate::detect::plan::{Plan, nothing};
use crate::detect::preamble;
use crate::detect::preamble::{Preamble, PreambleKind, is_table_end};
use crate::detect::separator;
use crate::dialect::separator_word;
use crate::input::encoding::Encoding;
use crate::input::feed::{Feed, Lines};
use crate::input::source::Compression;
use crate::number::Notation;
use crate::options::{CommentOption, LayoutOption, QuoteOption, ReadOptions};
use crate::problem::{MatrixError, Spot};
use crate::rows::field::{Field, Marks, QuoteFault, line_at};
use crate::rows::wrong::are_rows_without_quotes;
use crate::rows::{QUOTED_ROWS, is_blank};

/// Rows and bytes by which columns are judged, at most.
const SAMPLE_ROWS: usize = 200;
const SAMPLE_BYTES: usize = 1 << 20;
/// Fewer rows are enough where they are long: parsing begins only after they are judged.
const LONG_SAMPLE_ROWS: usize = 50;
const LONG_SAMPLE_BYTES: usize = 1 << 18;

fn is_enough(rows: usize, bytes: usize) -> bool {
    rows >= SAMPLE_ROWS
        || bytes >= SAMPLE_BYTES
        || rows >= LONG_SAMPLE_ROWS && bytes >= LONG_SAMPLE_BYTES
}

/// The first lines of a text, `whole` when there are no others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FirstLines<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) whole: bool,
    /// The name of the file, without its ending.
    pub(crate) stem: &'a str,
    pub(crate) compression: Compression,
    pub(crate) encoding: Encoding,
}

/// Reads as many lines as it takes to decide.
pub(crate) fn begin(
    feed: &mut Feed,
    options: &ReadOptions,
    empty: FirstLines<'_>,
) -> Result<(Lines, Plan), MatrixError> {
    let mut lines = Lines::default();
    loop {
        let next = feed.next(None)?;
        let whole = next.is_none();
        match next {
            Some(next) if lines.length == 0 => lines = next,
            Some(next) => {
                lines.bytes.truncate(lines.length);
                lines.bytes.extend_from_slice(next.text());
                lines.length = lines.bytes.len();
            }
            None => {}
        }
        let first = FirstLines {
            text: lines.text(),
            whole,
            ..empty
        };
        if let Some(plan) = first.plan(options)? {
            return Ok((lines, plan));
        }
        if whole || lines.length > options.longest_line {
            return Err(MatrixError::refused(
                "no table was found in this text",
                "if quotes are plain characters here: --quote none; if comments begin with \
                 something else than #: --comment",
            ));
        }
    }
}

/// The first rows, and their lines.
#[derive(Debug, Default)]
pub(crate) struct SampledRows<'a> {
    pub(crate) rows: Vec<Row<'a>>,
    pub(crate) lines: Vec<u64>,
}

/// The first lines with everything known that separates fields.
pub(crate) struct Parts<'a, 'o> {
    pub(crate) first: FirstLines<'a>,
    pub(crate) options: &'o ReadOptions,
    pub(crate) preamble: Preamble,
    pub(crate) notation: Notation,
    pub(crate) marks: Marks,
}

impl<'a> FirstLines<'a> {
    /// Decides; `None` when more lines are needed.
    fn plan(self, options: &ReadOptions) -> Result<Option<Plan>, MatrixError> {
        if self.whole && self.text.trim_ascii().is_empty() {
            if options.allow_empty {
                return Ok(Some(nothing(self, options)));
            }
            return Err(MatrixError::refused(
                "the file is empty",
                "--allow-empty makes a matrix without genes and samples of it",
            ));
        }
        if self.whole {
            refuse_carriage_returns(self.text)?;
        }
        let Some(parts) = self.parts(options)? else {
            if self.whole {
                return Err(MatrixError::refused(
                    "there is no table: nothing but comments and blank lines",
                    "say with --comment what comments begin with",
                ));
            }
            return Ok(None);
        };
        parts.plan()
    }

    /// Passes over the preamble and finds what separates fields.
    fn parts<'o>(self, options: &'o ReadOptions) -> Result<Option<Parts<'a, 'o>>, MatrixError> {
        let Some(mut preamble) = preamble::read(self.text, self.whole, options)? else {
            return Ok(None);
        };
        let notation = Notation::of(options);
        let quote = match options.quote {
            QuoteOption::Auto => Some(b'"'),
            QuoteOption::None => None,
            QuoteOption::Character(quote) => Some(quote),
        };
        let table = &self.text[preamble.start..];
        let has_tabs = memchr::memchr(b'\t', line_at(table, 0)).is_some();
        let separator = match (options.separator.or(preamble.separator), preamble.kind) {
            (Some(separator), _) => separator,
            (None, PreambleKind::Star) => b'\t',
            (None, PreambleKind::Gct(_) | PreambleKind::Geo { .. }) if has_tabs => b'\t',
            (None, _) => separator::guess(table, quote, &notation)?,
        };
        let marks = Marks {
            separator,
            quote,
            runs: separator == b' ' && separator::are_aligned(table, quote),
        };
        if let Some(above) = preamble.comment_above
            && comment_is_header(self.text, above, preamble.start, marks, &notation)
        {
            preamble.start = above;
            preamble.line = preamble.comment_line;
            if preamble.kind == PreambleKind::Star && options.layout == LayoutOption::Auto {
                // STAR itself writes no header: this is a table that was made of its counts.
                preamble.kind = PreambleKind::Table;
            }
        }
        Ok(Some(Parts {
            first: self,
            options,
            preamble,
            notation,
            marks,
        }))
    }
}

/// One line with carriage returns in it: line ends of old Macintosh programs.
fn refuse_carriage_returns(text: &[u8]) -> Result<(), MatrixError> {
    let line = text.strip_suffix(b"\n").unwrap_or(text);
    let line = line.trim_ascii_end();
    if memchr::memchr(b'\n', line).is_none() && memchr::memchr(b'\r', line).is_some() {
        return Err(MatrixError::refused(
            "its lines end in a carriage return alone",
            "convert the line ends, for example with tr '\\r' '\\n'",
        ));
    }
    Ok(())
}

/// `#gene S1 S2`: as many fields as the line below, which has numbers where this has none.
fn comment_is_header(
    text: &[u8],
    above: usize,
    start: usize,
    marks: Marks,
    notation: &Notation,
) -> bool {
    let fields = |at| {
        let (fields, _) = marks.line(text, at).ok()?;
        let numbers = fields
            .iter()
            .filter(|field| notation.field(&text[field.content.clone()]).is_some())
            .count();
        Some((fields.len(), numbers))
    };
    match (fields(above), fields(start)) {
        (Some((named, few)), Some((found, many))) => named > 1 && named == found && few < many,
        _ => false,
    }
}

impl<'a> Parts<'a, '_> {
    /// Where the line behind `at` begins, and how many lines are before it.
    fn lines(&self, from: usize, to: usize) -> u64 {
        memchr::memchr_iter(b'\n', &self.first.text[from..to]).count() as u64
    }

    /// The fields of the first line; `None` when `text` ends within it.
    pub(crate) fn header(&self) -> Result<Option<HeaderRow<'a>>, MatrixError> {
        let Preamble { start, line, .. } = self.preamble;
        let Some((fields, _)) = self.line(start, line)? else {
            return Ok(None);
        };
        let header = HeaderRow::read(self.first.text, start, line, self.marks, fields)?;
        self.refuse_quoted_rows(&header)?;
        Ok(Some(header))
    }

    /// A stray quote in the header and another one in a row enclose the lines between them.
    fn refuse_quoted_rows(&self, header: &HeaderRow<'_>) -> Result<(), MatrixError> {
        let has_break = |field: &Field| {
            let content = &self.first.text[field.content.clone()];
            field.quoted
                && memchr::memchr(b'\n', content).is_some()
                && memchr::memchr(self.marks.separator, content).is_some()
        };
        let Some(index) = header.fields.iter().position(has_break) else {
            return Ok(());
        };
        let end = header
            .fields
            .last()
            .map_or(header.start, |field| field.next);
        let record = &self.first.text[header.start..end];
        let named = header.fields.len();
        // The header of R has no name for the first column.
        let first = memchr::memchr(b'\n', record).map_or(record.len(), |at| at + 1);
        let are_rows = |lines, width| are_rows_without_quotes(lines, self.marks, width);
        let is_swallowed = are_rows(record, named)
            || are_rows(&record[..first], named - 1) && are_rows(&record[first..], named);
        match named > 1 && is_swallowed && !self.quote_is_given() {
            true => Err(header.problem(index, QUOTED_ROWS.0, QUOTED_ROWS.1).into()),
            false => Ok(()),
        }
    }

    /// Whether the user named the quote.
    pub(crate) fn quote_is_given(&self) -> bool {
        matches!(self.options.quote, QuoteOption::Character(_))
    }

    /// The fields of one line, when `text` has all of it.
    fn line(&self, start: usize, line: u64) -> Result<Option<(Vec<Field>, usize)>, MatrixError> {
        let text = self.first.text;
        let (message, at) = match self.marks.line(text, start) {
            Ok(found) => return Ok(Some(found)),
            Err(QuoteFault::Open) if !self.first.whole => return Ok(None),
            Err(QuoteFault::Open) => ("a quote that is never closed", start),
            Err(QuoteFault::Trailing(at)) => ("text behind the closing quote of a field", at),
        };
        let line_start = memchr::memrchr(b'\n', &text[start..at]).map_or(start, |b| start + b + 1);
        Err(Spot {
            line: line_at(text, line_start),
            number: line + self.lines(start, at),
            bytes: at - line_start..at - line_start + 1,
            field: 1,
        }
        .problem(
            message,
            "quotes within quotes are doubled; if quotes are plain characters here: --quote none",
        )
        .into())
    }

    /// A separator that was asked for has to be there.
    pub(crate) fn check_separates(&self, rows: &[Row<'_>]) -> Result<(), MatrixError> {
        // The header of one sample may be one field, as R writes it.
        if rows.iter().any(|row| row.len() > 1) {
            return Ok(());
        }
        let separator = separator_word(self.marks.separator);
        Err(MatrixError::refused(
            format!("there is no {separator} that separates fields, in any of the first lines"),
            "leave --sep out to have it guessed",
        ))
    }

    pub(crate) fn has_htseq_rows(&self) -> bool {
        memchr::memmem::find(self.first.text, b"\n__no_feature").is_some()
    }

    /// Where rows begin, below the header and what describes samples in GCT 1.3, and the line.
    pub(crate) fn below(
        &self,
        header: &HeaderRow<'_>,
    ) -> Result<Option<(usize, u64)>, MatrixError> {
        let mut at = header.fields.last().map_or(0, |field| field.next);
        let mut line = self.preamble.line + self.lines(self.preamble.start, at);
        if let PreambleKind::Gct(sizes) = self.preamble.kind {
            for _ in 0..sizes.sample_rows {
                if at >= self.first.text.len() {
                    return match self.first.whole {
                        true => Err(MatrixError::refused(
                            "the file ends within the rows that describe samples",
                            "it is cut, or the second line is wrong",
                        )),
                        false => Ok(None),
                    };
                }
                let Some((_, next)) = self.line(at, line)? else {
                    return Ok(None);
                };
                line += self.lines(at, next);
                at = next;
            }
        }
        Ok(Some((at, line)))
    }

    /// The first rows, without comments; `None` when there has to be one and it is not read yet.
    pub(crate) fn sample(
        &self,
        (start, line): (usize, u64),
    ) -> Result<Option<SampledRows<'a>>, MatrixError> {
        let text = self.first.text;
        let mut sampled = SampledRows::default();
        let (mut at, mut number) = (start, line);
        while at < text.len() && !is_enough(sampled.rows.len(), at - start) {
            let line = line_at(text, at);
            let passed_over = is_blank(line, self.marks.separator)
                || matches!(&self.options.comment, CommentOption::Prefix(prefix)
                    if line.starts_with(prefix.as_bytes()));
            if passed_over {
                at = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end + 1);
                number += 1;
                continue;
            }
            if matches!(self.preamble.kind, PreambleKind::Geo { .. }) && is_table_end(line) {
                return Ok(Some(sampled));
            }
            // What is wrong with quotes is reported when rows are read.
            let unquoted = Marks {
                quote: None,
                ..self.marks
            };
            let (marks, parsed) = match self.marks.line(text, at) {
                Err(QuoteFault::Open) if !self.first.whole => break,
                Err(_) => (unquoted, unquoted.line(text, at)),
                parsed => (self.marks, parsed),
            };
            let Ok((fields, next)) = parsed else {
                break;
            };
            let content = |field| marks.content(text, field);
            sampled.rows.push(fields.iter().map(content).collect());
            sampled.lines.push(number);
            number += self.lines(at, next);
            at = next;
        }
        let ended = self.first.whole;
        Ok((!sampled.rows.is_empty() || ended).then_some(sampled))
    }
}
