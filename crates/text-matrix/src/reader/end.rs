//! Where a text ends, and whether that is correct.

use crate::detect::preamble::is_table_end;
use crate::input::feed::Lines;
use crate::problem::{MatrixError, Spot, TextProblem};
use crate::reader::{Reader, ReaderState};
use crate::rows::field::line_at;
use crate::rows::{BLANK_LINE, is_blank};

impl Reader {
    /// Behind the mark that ends the table of a GEO file there are only marks.
    pub(crate) fn cut_behind_table(&mut self, lines: &mut Lines) -> Result<(), MatrixError> {
        if !self.plan.ends_marked {
            return Ok(());
        }
        let text = lines.text();
        let end = if self.state == ReaderState::BehindTable {
            Some(0)
        } else {
            memchr::memchr_iter(b'!', text)
                .find(|at| begins_line(text, *at) && is_table_end(&text[*at..]))
                .map(|at| at - usize::from(text[..at].ends_with(b"\"")))
        };
        let Some(end) = end else { return Ok(()) };
        let separator = self.plan.rows.marks.separator;
        let nothing = |line: &[u8]| {
            is_blank(line, separator) || line.starts_with(b"!") || line.starts_with(b"\"!")
        };
        if !text[end..].split(|byte| *byte == b'\n').all(nothing) {
            return Err(MatrixError::refused(
                "lines follow the end of the GEO table (!series_matrix_table_end)",
                "keep one table in a file",
            ));
        }
        self.state = ReaderState::BehindTable;
        lines.length = end;
        Ok(())
    }

    /// The text has ended: is that correct?
    pub(crate) fn end(&mut self) -> Result<(), MatrixError> {
        if !self.pending.is_empty() {
            let problem = self.open_quote();
            self.problems.push(problem);
        }
        if !self.problems.is_empty() {
            return Err(self.problems(false));
        }
        if self.plan.ends_marked && self.state != ReaderState::BehindTable {
            return Err(MatrixError::refused(
                "the table of the GEO series matrix has no end (!series_matrix_table_end)",
                "the file is cut: fetch it again",
            ));
        }
        if let Some(declared) = self.plan.declared_rows
            && declared != self.rows
        {
            return Err(MatrixError::refused(
                format!(
                    "the size line of the GCT file claims {declared} rows, and there are {}",
                    self.rows
                ),
                "the file is cut, or the size line is wrong: correct it, or --skip 2 reads the table \
                 without it",
            ));
        }
        if self.rows == 0 && !self.allow_empty {
            return Err(MatrixError::refused(
                "no row is left of this matrix",
                "--allow-empty makes a matrix without genes of it",
            ));
        }
        self.state = ReaderState::Ended;
        Ok(())
    }

    /// The record that was begun has no end.
    pub(crate) fn open_quote(&self) -> TextProblem {
        Spot {
            line: line_at(&self.pending, 0),
            number: self.line,
            bytes: 0..0,
            field: 1,
        }
        .problem(
            "a quote in this line is never closed",
            "if quotes are plain characters here: --quote none",
        )
    }

    /// All problems so far, and whether there may be more.
    pub(crate) fn problems(&mut self, more: bool) -> MatrixError {
        MatrixError::Problems {
            problems: std::mem::take(&mut self.problems),
            more,
        }
    }
}

/// Whether a line begins at `at`, perhaps with a quote before it.
fn begins_line(text: &[u8], at: usize) -> bool {
    let before = text[..at].strip_suffix(b"\"").unwrap_or(&text[..at]);
    before.is_empty() || before.ends_with(b"\n")
}

/// Without the blank lines at the end.
pub(crate) fn without_blank_end(text: &[u8], separator: u8) -> &[u8] {
    let mut end = text.len();
    while end > 0 {
        let start = memchr::memrchr(b'\n', &text[..end - 1]).map_or(0, |at| at + 1);
        if !is_blank(&text[start..end - 1], separator) {
            break;
        }
        end = start;
    }
    &text[..end]
}

/// A blank line that rows follow.
pub(crate) fn blank_line(number: u64) -> TextProblem {
    Spot {
        line: b"",
        number,
        bytes: 0..0,
        field: 1,
    }
    .problem(BLANK_LINE.0, BLANK_LINE.1)
}
