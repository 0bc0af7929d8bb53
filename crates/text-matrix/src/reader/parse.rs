//! Lines that were read, to values: problems are gathered over all blocks, up to the limit.

use crate::input::feed::Lines;
use crate::number::value::Value;
use crate::parallel::{Gathered, look_for_problems, parse_block};
use crate::problem::MatrixError;
use crate::reader::end::{blank_line, without_blank_end};
use crate::reader::{Reader, ReaderState};
use crate::rows::is_blank;
use crate::rows::split::{Piece, at_lines, at_records};

/// Text that one core parses at a time: small enough that all cores end a block together.
const PIECE: usize = 1 << 17;

impl Reader {
    fn split(&self, text: &[u8]) -> Vec<Piece> {
        let plan = &self.plan.rows;
        if plan.comment.is_none()
            && let Some(pieces) = at_lines(text, plan.marks.quote, PIECE)
        {
            return pieces;
        }
        at_records(text, plan.marks, plan.comment.as_deref(), PIECE)
    }

    /// Parses `lines` into `values`. `None` when they, or lines before, hold problems.
    pub(crate) fn parse_lines<V: Value>(
        &mut self,
        lines: &Lines,
        values: &mut Vec<V>,
    ) -> Result<Option<Gathered>, MatrixError> {
        let mut text = lines.text();
        let mut pieces = self.split(text);
        let end = pieces.last().map_or(0, |piece| piece.bytes.end);
        self.pending.extend_from_slice(&text[end..]);
        // Blank lines at the end of a block may be within quotes, and if not, at the end of all.
        let mut blank = 0;
        if self.pending.is_empty() {
            let separator = self.plan.rows.marks.separator;
            let kept = without_blank_end(text, separator);
            if kept.len() < text.len() {
                let lines = text[kept.len()..].split(|byte| *byte == b'\n');
                self.separator_rows += lines.filter(|line| !is_blank(line, b' ')).count() as u64;
                blank = memchr::memchr_iter(b'\n', &text[kept.len()..]).count() as u64;
                pieces = self.split(kept);
                text = kept;
            }
        }
        if !text.is_empty()
            && let Some(line) = self.blank_since.take()
        {
            self.problems.push(blank_line(line));
        }
        let line = self.line;
        self.line += pieces.iter().map(|piece| piece.lines).sum::<u64>();
        if blank > 0 {
            self.blank_since.get_or_insert(self.line);
            self.line += blank;
        }
        let plan = &self.plan.rows;
        let parsed = if self.problems.is_empty() {
            parse_block(plan, text, &pieces, line, values)
        } else {
            Err(look_for_problems::<V>(
                plan,
                text,
                &pieces,
                line,
                self.problems.len(),
            ))
        };
        let found = match parsed {
            Ok(gathered) => return Ok(Some(gathered)),
            Err(found) => found,
        };
        let limit = plan.max_problems;
        self.problems.extend(found.problems);
        if self.problems.is_empty() {
            return Err(MatrixError::refused(
                "the rows are too short for the header, but none could be pointed at",
                "please report this",
            ));
        }
        if self.problems.len() < limit {
            return Ok(None);
        }
        let more = found.more || self.problems.len() > limit || self.state == ReaderState::Reading;
        self.problems.truncate(limit);
        Err(self.problems(more))
    }
}
