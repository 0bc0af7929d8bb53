//! From the first lines and the user's options to a decision how all lines are read.

use crate::columns::{Row, all_numbers};
use crate::dialect::separator_word;
use crate::field::{Field, Marks, QuoteFault, line_at};
use crate::head::{Head, Sniffer};
use crate::header::Header;
use crate::number::Notation;
use crate::opening::{Opening, nothing};
use crate::options::{CommentOption, HeaderOption, QuoteOption, ReadOptions};
use crate::preamble;
use crate::preamble::{Kind, Preamble, TABLE_END};
use crate::problem::{MatrixError, Spot};
use crate::rows::is_blank;
use crate::separator;

/// Rows and bytes by which columns are judged, at the most.
const SAMPLE_ROWS: usize = 200;
const SAMPLE_BYTES: usize = 1 << 20;
/// If rows are long, fewer of them suffice, and no other thread can begin before they are examined.
const LONG_SAMPLE_ROWS: usize = 50;
const LONG_SAMPLE_BYTES: usize = 1 << 18;

fn is_enough(rows: usize, bytes: usize) -> bool {
    rows >= SAMPLE_ROWS
        || bytes >= SAMPLE_BYTES
        || rows >= LONG_SAMPLE_ROWS && bytes >= LONG_SAMPLE_BYTES
}

/// Decides; `None` when more lines are needed.
pub(crate) fn sniff(head: Head<'_>, options: &ReadOptions) -> Result<Option<Opening>, MatrixError> {
    if head.whole && head.text.trim_ascii().is_empty() {
        if options.allow_empty {
            return Ok(Some(nothing(head, options)));
        }
        return Err(MatrixError::refused(
            "the file is empty",
            "--allow-empty makes a matrix without genes and samples of it",
        ));
    }
    if head.whole {
        refuse_carriage_returns(head.text)?;
    }
    let Some(mut preamble) = preamble::read(head.text, options)? else {
        if head.whole {
            return Err(MatrixError::refused(
                "there is no table: nothing but comments",
                "say with --comment what comments begin with",
            ));
        }
        return Ok(None);
    };
    let notation = Notation::new(options.decimal, &options.na);
    let quote = match options.quote {
        QuoteOption::Auto => Some(b'"'),
        QuoteOption::None => None,
        QuoteOption::Character(quote) => Some(quote),
    };
    let separator = match (options.separator, preamble.kind) {
        (Some(separator), _) => separator,
        (None, Kind::Star) => b'\t',
        (None, Kind::Gct(_) | Kind::Geo { .. })
            if memchr::memchr(b'\t', line_at(head.text, preamble.start)).is_some() =>
        {
            b'\t'
        }
        (None, _) => separator::guess(&head.text[preamble.start..], quote, &notation)?,
    };
    let marks = Marks { separator, quote };
    if let Some(above) = preamble.comment_above
        && comment_is_header(head.text, above, preamble.start, marks, &notation)
    {
        preamble.start = above;
        preamble.line -= 1;
    }
    Sniffer {
        head,
        options,
        preamble,
        notation,
        marks,
        findings: Vec::new(),
    }
    .decide()
}

/// One line with carriage returns within: lines of an old Macintosh, or of Excel on one.
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

impl<'a> Sniffer<'a> {
    fn decide(mut self) -> Result<Option<Opening>, MatrixError> {
        let Preamble { start, line, .. } = self.preamble;
        let Some(header) = self.line(start, line)? else {
            return Ok(None);
        };
        let header = Header::read(self.head.text, start, line, self.marks, header.0)?;
        if self.options.separator.is_some() && header.fields.len() == 1 {
            self.check_separates(&header)?;
        }
        let headless = self.is_headless(&header)?;
        let below = if headless {
            (start, line)
        } else {
            match self.below(&header)? {
                Some(below) => below,
                None => return Ok(None),
            }
        };
        let Some(rows) = self.sample(below.0)? else {
            return Ok(None);
        };
        if rows.is_empty() && !self.options.allow_empty {
            return Err(MatrixError::refused(
                "there is a header, and no row below it",
                "--allow-empty makes a matrix without genes of it",
            ));
        }
        let table = if headless {
            self.headless(&rows, below)
        } else {
            self.headed(&header, &rows, below)?
        };
        self.opening(table, &header, &rows).map(Some)
    }

    /// The fields of one line, when `text` has all of it.
    fn line(&self, start: usize, line: u64) -> Result<Option<(Vec<Field>, usize)>, MatrixError> {
        let text = self.head.text;
        let (message, at) = match self.marks.line(text, start) {
            Ok(found) => return Ok(Some(found)),
            Err(QuoteFault::Open) if !self.head.whole => return Ok(None),
            Err(QuoteFault::Open) => ("a quote that is never closed", start),
            Err(QuoteFault::Trailing(at)) => ("text behind the closing quote of a field", at),
        };
        let further = memchr::memchr_iter(b'\n', &text[start..at]).count() as u64;
        let line_start = memchr::memrchr(b'\n', &text[start..at]).map_or(start, |b| start + b + 1);
        Err(Spot {
            line: line_at(text, line_start),
            number: line + further,
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
    fn check_separates(&self, header: &Header<'_>) -> Result<(), MatrixError> {
        let below = header.fields.last().map_or(0, |field| field.next);
        // The header of one sample may be one field, as R writes it.
        let rows = self.sample(below)?.unwrap_or_default();
        if rows.iter().any(|row| row.len() > 1) {
            return Ok(());
        }
        let separator = separator_word(self.marks.separator);
        Err(MatrixError::refused(
            format!("there is no {separator} that separates fields, in any of the first lines"),
            "leave --sep out to have it guessed",
        ))
    }

    /// Whether the first line is a row.
    fn is_headless(&self, header: &Header<'_>) -> Result<bool, MatrixError> {
        match self.options.header {
            HeaderOption::No => return Ok(true),
            HeaderOption::Yes | HeaderOption::Short => return Ok(false),
            HeaderOption::Auto => {}
        }
        match self.preamble.kind {
            Kind::Star | Kind::Htseq => return Ok(true),
            Kind::Gct(_) | Kind::Geo { .. } => return Ok(false),
            Kind::Table => {}
        }
        let names = &header.names;
        let [first, others @ ..] = names.as_slice() else {
            return Ok(false);
        };
        if others.is_empty() || first.is_empty() {
            return Ok(false);
        }
        let one = [others[others.len() - 1].clone()];
        if names.len() <= 3 && all_numbers(one.iter(), &self.notation) && self.has_htseq_rows() {
            return Ok(true);
        }
        let whole = |name: &String| name.bytes().all(|byte| byte.is_ascii_digit());
        let mut distinct = others.to_vec();
        distinct.sort();
        distinct.dedup();
        let suspicious =
            others.len() == 1 || !others.iter().all(whole) || distinct.len() < others.len();
        // Only where the line is as long as the rows: R's samples may well be called 1, 2, 3.
        if all_numbers(others.iter(), &self.notation)
            && suspicious
            && !all_numbers([first.clone()].iter(), &self.notation)
        {
            return Err(MatrixError::Problems {
                problems: vec![header.problem(
                    1,
                    "the first line looks like a row: where samples are named, it has numbers",
                    "--header no reads it as a row, --header yes as names",
                )],
                more: false,
            });
        }
        Ok(false)
    }

    fn has_htseq_rows(&self) -> bool {
        memchr::memmem::find(self.head.text, b"\n__no_feature").is_some()
    }

    /// Where rows begin, below the header and what describes samples in GCT 1.3.
    fn below(&mut self, header: &Header<'_>) -> Result<Option<(usize, u64)>, MatrixError> {
        let text = self.head.text;
        let mut at = header.fields.last().map_or(0, |field| field.next);
        let lines = |from: usize, to: usize| memchr::memchr_iter(b'\n', &text[from..to]).count();
        let mut line = self.preamble.line + lines(self.preamble.start, at) as u64;
        if let Kind::Gct(sizes) = self.preamble.kind {
            for _ in 0..sizes.sample_rows {
                if at >= text.len() {
                    return match self.head.whole {
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
                line += lines(at, next) as u64;
                at = next;
            }
        }
        Ok(Some((at, line)))
    }

    /// The first rows, without comments; `None` when there has to be one and it is still to come.
    fn sample(&self, start: usize) -> Result<Option<Vec<Row<'a>>>, MatrixError> {
        let text = self.head.text;
        let mut rows: Vec<Row<'a>> = Vec::new();
        let mut at = start;
        while at < text.len() && !is_enough(rows.len(), at - start) {
            let line = line_at(text, at);
            let passed_over = is_blank(line)
                || matches!(&self.options.comment, CommentOption::Prefix(prefix)
                    if line.starts_with(prefix.as_bytes()));
            if passed_over {
                at = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end + 1);
                continue;
            }
            if matches!(self.preamble.kind, Kind::Geo { .. }) && line.starts_with(TABLE_END) {
                return Ok(Some(rows));
            }
            // Wrong quotes are reported where rows are read.
            let unquoted = Marks {
                quote: None,
                ..self.marks
            };
            let (marks, parsed) = match self.marks.line(text, at) {
                Err(QuoteFault::Open) if !self.head.whole => break,
                Err(_) => (unquoted, unquoted.line(text, at)),
                parsed => (self.marks, parsed),
            };
            let Ok((fields, next)) = parsed else {
                break;
            };
            rows.push(
                fields
                    .iter()
                    .map(|field| marks.content(text, field))
                    .collect(),
            );
            at = next;
        }
        let ended = self.head.whole;
        Ok((!rows.is_empty() || ended).then_some(rows))
    }
}
