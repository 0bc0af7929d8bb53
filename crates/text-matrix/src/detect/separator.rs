//! Which character separates the fields: the one that leaves the most numbers.

use crate::dialect::separator_word;
use crate::number::{Notation, Reading};
use crate::problem::MatrixError;
use crate::rows::field::{Marks, QuoteFault, line_at};
use crate::rows::is_blank;

/// In the order in which they win a draw. The comma is behind the semicolon because European
/// spreadsheets write `gene;1,5`.
const CANDIDATES: [u8; 5] = *b"\t;,| ";
/// Lines and bytes that are examined.
const LINES: usize = 50;
const BYTES: usize = 1 << 18;

/// Guesses from the header and the first rows, which `text` begins with.
pub(crate) fn guess(
    text: &[u8],
    quote: Option<u8>,
    notation: &Notation,
) -> Result<u8, MatrixError> {
    let comma = Notation::new(b',', &[]);
    let mut best = None;
    for separator in CANDIDATES {
        if separator == notation.decimal || Some(separator) == quote {
            continue;
        }
        // Blanks between tabs are within names or numbers.
        if separator == b' ' && all_have_tabs(text) {
            continue;
        }
        let marks = Marks {
            separator,
            quote,
            runs: separator == b' ' && are_aligned(text, quote),
        };
        let is_number = |content: &[u8]| {
            let number = |notation: &Notation| {
                !content.is_empty()
                    && matches!(
                        notation.field(content),
                        Some(Reading::Number(_) | Reading::Missing)
                    )
            };
            number(notation) || separator != b',' && number(&comma)
        };
        let lines = first_lines(text, marks, is_number);
        if let Some(score) = score(&lines, separator)
            && best.is_none_or(|(_, highest)| score > highest)
        {
            best = Some((separator, score));
        }
    }
    best.map(|(separator, _)| separator).ok_or_else(|| {
        let words = CANDIDATES.map(separator_word);
        MatrixError::refused(
            format!("nothing separates the fields: tried {}", words.join(", ")),
            "if it is another character: --sep; if this is no matrix of genes and samples, there \
             is nothing to convert",
        )
    })
}

/// Whether blanks in a row separate once, as in columns that are aligned with them: a line has some, and all
/// rows have as many fields so, and the header as many or one fewer.
///
/// Where blanks separate one by one, two of them enclose an empty field. Then rows that miss a value would have
/// a field fewer when they are taken for one.
pub(crate) fn are_aligned(text: &[u8], quote: Option<u8>) -> bool {
    let fields = |runs| {
        let marks = Marks {
            separator: b' ',
            quote,
            runs,
        };
        let lines = first_lines(text, marks, |_| false);
        lines.iter().map(|line| line.fields).collect::<Vec<_>>()
    };
    let (aligned, single) = (fields(true), fields(false));
    let Some((header, rows)) = aligned.split_first() else {
        return false;
    };
    let Some(width) = rows.first() else {
        return single.first() > Some(header);
    };
    aligned != single
        && *width > 1
        && rows.iter().all(|row| row == width)
        && (header == width || header + 1 == *width)
}

fn all_have_tabs(text: &[u8]) -> bool {
    let mut lines = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !is_blank(line, b'\t'));
    lines.by_ref().take(LINES).all(|line| line.contains(&b'\t'))
}

struct Line {
    fields: usize,
    /// Numbers behind the first field.
    numbers: usize,
}

fn first_lines(text: &[u8], marks: Marks, is_number: impl Fn(&[u8]) -> bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < text.len().min(BYTES) && lines.len() < LINES {
        let line = line_at(text, at);
        let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end + 1);
        at = match marks.line(text, at) {
            _ if is_blank(line, marks.separator) => end,
            Ok((fields, next)) => {
                let numbers = fields[1..]
                    .iter()
                    .filter(|field| is_number(&text[field.content.clone()]));
                lines.push(Line {
                    fields: fields.len(),
                    numbers: numbers.count(),
                });
                next
            }
            Err(QuoteFault::Trailing(_)) => end,
            Err(QuoteFault::Open) => break,
        };
    }
    lines
}

/// How well a separator does: numbers first, then fields.
fn score(lines: &[Line], separator: u8) -> Option<(usize, usize)> {
    let (header, rows) = lines.split_first()?;
    let widest = rows
        .iter()
        .map(|row| row.fields)
        .max()
        .unwrap_or(header.fields);
    if widest < 2 {
        return None;
    }
    // Spaces occur everywhere in text: they are separators only if each line has the same number of them.
    if separator == b' ' && rows.iter().any(|row| row.fields != widest) {
        return None;
    }
    let numbers = rows.iter().map(|row| row.numbers).sum();
    Some((numbers, if numbers == 0 { header.fields } else { 0 }))
}
