//! What can be wrong with a matrix, reported so that the line can be found and corrected.

pub(crate) mod diagnostic;
pub(crate) mod finding;

use serde::{Deserialize, Serialize};
use std::io;
use std::ops::Range;

/// Longest excerpt of a line, in characters.
const EXCERPT: usize = 120;

/// Why a matrix could not be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum MatrixError {
    /// Reading failed.
    #[error("cannot {doing}: {source}")]
    Io {
        doing: &'static str,
        source: io::Error,
    },

    /// The compressed stream is cut or damaged.
    #[error("{format}: {detail}, at byte {offset} of the file")]
    Corrupt {
        format: &'static str,
        /// Bytes of the compressed file before the place.
        offset: u64,
        detail: String,
    },

    /// The text is not a matrix everywhere; at least one problem, in order of lines.
    #[error("{}{}", problems.first().map(ToString::to_string).unwrap_or_default(), others(problems.len(), *more))]
    Problems {
        problems: Vec<TextProblem>,
        /// There may be more: reading stopped at the limit.
        more: bool,
    },

    /// It is something else, or ambiguous, and guessing would be wrong.
    #[error("{reason}")]
    Refused { reason: String, help: String },
}

fn others(count: usize, more: bool) -> String {
    match (count, more) {
        (0 | 1, false) => String::new(),
        (0 | 1, true) => " (and perhaps more)".to_string(),
        (n, false) => format!(" (and {} more)", n - 1),
        (n, true) => format!(" (and {} or more others)", n - 1),
    }
}

impl MatrixError {
    /// What to do about it, when there is something to say.
    pub fn help(&self) -> Option<&str> {
        let help = match self {
            MatrixError::Io { .. } => return None,
            MatrixError::Corrupt { .. } => "fetch or copy the file again and compare its checksum",
            MatrixError::Problems { problems, .. } => &problems.first()?.help,
            MatrixError::Refused { help, .. } => help,
        };
        (!help.is_empty()).then_some(help)
    }

    pub(crate) fn refused(reason: impl Into<String>, help: impl Into<String>) -> Self {
        MatrixError::Refused {
            reason: reason.into(),
            help: help.into(),
        }
    }
}

impl From<TextProblem> for MatrixError {
    fn from(problem: TextProblem) -> Self {
        MatrixError::Problems {
            problems: vec![problem],
            more: false,
        }
    }
}

/// A place in the text before it is turned into a [`TextProblem`].
#[derive(Debug, Clone)]
pub(crate) struct Spot<'a> {
    /// The line without its line break.
    pub(crate) line: &'a [u8],
    pub(crate) number: u64,
    /// The bytes that are wrong.
    pub(crate) bytes: Range<usize>,
    pub(crate) field: u64,
}

impl Spot<'_> {
    pub(crate) fn problem(
        self,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> TextProblem {
        let start = self.bytes.start.min(self.line.len());
        let end = self.bytes.end.clamp(start, self.line.len());
        let (text, span) = excerpt(self.line, start..end);
        TextProblem {
            line: self.number,
            column: characters(&self.line[..start]) + 1,
            field: self.field,
            text,
            span,
            message: message.into(),
            help: help.into(),
        }
    }
}

/// Characters of UTF-8, counted by their first bytes: good enough if it is not UTF-8.
fn characters(text: &[u8]) -> u64 {
    text.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64
}

/// The part of a line around `spot`, and where `spot` is in it, in characters.
fn excerpt(line: &[u8], spot: Range<usize>) -> (String, Range<usize>) {
    // A third of the space goes before the spot. One character is at most four bytes.
    let before: Vec<char> = shown(&line[spot.start.saturating_sub(EXCERPT * 4)..spot.start]);
    let inside: Vec<char> = shown(&line[spot.start..spot.end.min(spot.start + EXCERPT * 4)]);
    let after: Vec<char> = shown(&line[spot.end..line.len().min(spot.end + EXCERPT * 4)]);

    let inside_kept = inside.len().min(EXCERPT);
    let available = EXCERPT - inside_kept;
    let before_kept = before
        .len()
        .min((available / 3).max(available.saturating_sub(after.len())));
    let after_kept = after.len().min(available - before_kept);

    let mut text: Vec<char> = before[before.len() - before_kept..].to_vec();
    text.extend(&inside[..inside_kept]);
    text.extend(&after[..after_kept]);
    if let Some(first) = text.first_mut().filter(|_| before_kept < before.len()) {
        *first = '…';
    }
    if let Some(last) = text.last_mut().filter(|_| after_kept < after.len()) {
        *last = '…';
    }
    (
        text.into_iter().collect(),
        before_kept..before_kept + inside_kept,
    )
}

/// Text of which every character can be printed.
fn shown(bytes: &[u8]) -> Vec<char> {
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|letter| match letter {
            '\t' => '→',
            letter if letter.is_control() => '\u{FFFD}',
            letter => letter,
        })
        .collect()
}

/// Bytes of the file as they can be quoted in a message: cut, and without control characters.
pub(crate) fn quoted(bytes: &[u8]) -> String {
    const LONGEST: usize = 40;
    let all = shown(&bytes[..bytes.len().min(LONGEST * 4)]);
    let mut text: String = all.iter().take(LONGEST).collect();
    if all.len() > LONGEST {
        text.push('…');
    }
    format!("`{text}`")
}

/// One wrong place in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct TextProblem {
    /// The line, counted from 1.
    pub line: u64,
    /// The character within the line, counted from 1.
    pub column: u64,
    /// The field within the line, counted from 1.
    pub field: u64,
    /// The line, or what is near the place: at most 120 characters, safe to print. Tabs are
    /// shown as arrows, so that every character is one column wide.
    pub text: String,
    /// The place within `text`, in characters; empty when something is missing there.
    pub span: Range<usize>,
    /// The cause, as a sentence without line and column.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl std::fmt::Display for TextProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let TextProblem {
            line,
            column,
            message,
            ..
        } = self;
        write!(f, "line {line}, column {column}: {message}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_shown_whole() {
        let line = "g1\t1,5\té".as_bytes();
        let problem = Spot {
            line,
            number: 3,
            bytes: 3..6,
            field: 2,
        }
        .problem("m", "h");
        assert_eq!((problem.column, problem.text.as_str()), (4, "g1→1,5→é"));
        assert_eq!(problem.span, 3..6);
    }

    #[test]
    fn a_long_line_is_cut_on_both_sides() {
        let line = "é".repeat(1000) + "X" + &"b".repeat(1000);
        let spot = Spot {
            line: line.as_bytes(),
            number: 1,
            bytes: 2000..2001,
            field: 1,
        };
        let problem = spot.problem("", "");
        let text: Vec<char> = problem.text.chars().collect();
        assert_eq!(text.len(), 120);
        assert_eq!(text[problem.span.start], 'X');
        assert_eq!((text[0], text[119]), ('…', '…'));
        assert_eq!(problem.column, 1001);
    }

    #[test]
    fn a_spot_that_is_long_itself_fills_the_excerpt() {
        let line = [b'x'; 5000];
        let (text, span) = excerpt(&line, 10..4000);
        assert_eq!((text.chars().count(), span), (120, 0..120));
        let (text, span) = excerpt(b"", 0..0);
        assert_eq!((text.as_str(), span), ("", 0..0));
    }

    #[test]
    fn nothing_printed_can_move_the_cursor() {
        assert_eq!(
            quoted(b"a\x1b[2J\r\n\xff"),
            "`a\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}`"
        );
    }
}
