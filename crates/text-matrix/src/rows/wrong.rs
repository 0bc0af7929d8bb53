//! What is wrong with a row, and where it ends all the same.

use crate::problem::{Spot, TextProblem};
use crate::rows::field::{Field, Marks, QuoteFault, line_at};
use crate::rows::{QUOTED_ROWS, Rows};

/// Boxed, because it is large and rare.
pub(crate) type Wrong = Box<TextProblem>;

impl Rows<'_> {
    /// Two stray quotes, in different rows, enclose the rows between them. Field `index` is taken for such a case when
    /// each line of its record is a row of the right width without the quotes.
    pub(crate) fn refuse_quoted_rows(&mut self, index: usize, field: &Field) -> Result<(), Wrong> {
        let plan = self.plan;
        if plan.quote_is_given
            || memchr::memchr(b'\n', &self.text[field.content.clone()]).is_none()
            || self.broken_record.replace(self.start) == Some(self.start)
        {
            return Ok(());
        }
        let Ok((_, end)) = plan.marks.line(self.text, self.start) else {
            return Ok(());
        };
        let width = plan.width + plan.trailing;
        if width < 2 || !are_rows_without_quotes(&self.text[self.start..end], plan.marks, width) {
            return Ok(());
        }
        let quote = field.content.start - 1;
        Err(self.problem(index, quote..quote + 1, QUOTED_ROWS.0, QUOTED_ROWS.1))
    }

    /// The row has too few or too many fields.
    #[cold]
    pub(crate) fn wrong_width(&mut self) -> Wrong {
        let expected = self.plan.width + self.plan.trailing;
        let record = line_at(self.text, self.start);
        let (found, end) = match self.plan.marks.line(self.text, self.start) {
            Ok((fields, next)) => {
                let last = fields.last().map_or(0..0, |field| field.content.clone());
                self.at = next;
                (fields.len(), last)
            }
            Err(_) => (0, self.start..self.start + record.len()),
        };
        let count = |n: usize| format!("{n} field{}", if n == 1 { "" } else { "s" });
        if found == expected + 1 && end.is_empty() {
            return self.problem(
                found - 1,
                end,
                "the row ends in a separator, which the header does not",
                "remove the separators at the ends of rows; if the last sample has no values \
                 and the header names no genes: --header short",
            );
        }
        if found == 1 {
            return self.problem(
                0,
                end,
                &format!("1 field where {expected} are expected"),
                "if something else separates the fields: --sep; if the line is a comment: \
                 --comment",
            );
        }
        let help = if found < expected {
            "the row is cut, or a value is missing without its separator"
        } else {
            "the row has more values than there are samples, or a separator within a field"
        };
        self.problem(
            // The field that is too many, or the last one before what is missing.
            if found > expected {
                expected
            } else {
                found.saturating_sub(1)
            },
            end,
            &format!("{} where {expected} are expected", count(found)),
            help,
        )
    }

    /// Skips the rest of the row.
    pub(crate) fn skip_record(&mut self) {
        while self.at < self.text.len() && self.text.get(self.at.wrapping_sub(1)) != Some(&b'\n')
            || self.at == self.start
        {
            match self.plan.marks.field(self.text, self.at) {
                Ok(field) => {
                    self.at = field.next;
                    if field.last {
                        return;
                    }
                }
                Err(QuoteFault::Trailing(at)) => self.at = at,
                Err(QuoteFault::Open) => self.at = self.text.len(),
            }
        }
    }

    /// A problem with this field (from 0) of the row, at these bytes of the text.
    #[cold]
    pub(crate) fn problem(
        &self,
        field: usize,
        bytes: std::ops::Range<usize>,
        message: &str,
        help: &str,
    ) -> Wrong {
        // Within quotes the place may be on a later line than the row's first.
        let before = &self.text[self.start..bytes.start.max(self.start)];
        let line_start =
            memchr::memrchr(b'\n', before).map_or(self.start, |at| self.start + at + 1);
        let further = memchr::memchr_iter(b'\n', before).count() as u64;
        Box::new(
            Spot {
                line: line_at(self.text, line_start),
                number: self.line + further,
                bytes: bytes.start.max(line_start) - line_start
                    ..bytes.end.max(line_start) - line_start,
                field: field as u64 + 1,
            }
            .problem(message, help),
        )
    }
}

/// Whether each line of `record` has `width` fields if quotes are characters as any other.
pub(crate) fn are_rows_without_quotes(record: &[u8], marks: Marks, width: usize) -> bool {
    let plain = Marks {
        quote: None,
        ..marks
    };
    let mut at = 0;
    while at < record.len() {
        match plain.line(record, at) {
            Ok((fields, next)) if fields.len() == width => at = next,
            _ => return false,
        }
    }
    true
}
