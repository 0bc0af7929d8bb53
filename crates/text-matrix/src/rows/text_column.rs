//! A column of text among the values: no word for a missing value helps there.

use crate::rows::Rows;

/// Rows by which a column is judged, and how many of them have to have a word in it.
const ROWS: usize = 20;
const ENOUGH: usize = 3;
/// More columns of text than stand in front of values.
const MOST_COLUMNS: usize = 12;

impl Rows<'_> {
    /// What to do about a word in field `index` of this row, when rows nearby have words there as well and none has a
    /// number.
    #[cold]
    pub(crate) fn help_for_text_column(&self, index: usize) -> Option<String> {
        if !self.is_text(index) {
            return None;
        }
        let first = self.plan.first;
        if index < first + MOST_COLUMNS && (first..index).all(|before| self.is_text(before)) {
            let last = (index + 1..first + MOST_COLUMNS).take_while(|next| self.is_text(*next));
            return Some(format!(
                "this column is text: if it says something of the genes, --text-columns {} drops it",
                last.last().unwrap_or(index)
            ));
        }
        Some("this column is text between numbers: remove it from the table".to_string())
    }

    /// Whether no row nearby has a number in this field, and some have a word.
    fn is_text(&self, index: usize) -> bool {
        let (mut words, mut rows) = (0, 0);
        // The first rows of the piece count where too few follow.
        for (start, end) in [(self.start, self.text.len()), (0, self.start)] {
            let mut at = start;
            while at < end && rows < ROWS {
                if let Some(content) = self.content_at(at, index) {
                    match self.plan.notation.field(&content) {
                        Some(crate::number::Reading::Missing) => {}
                        Some(_) => return false,
                        None => words += 1,
                    }
                }
                rows += 1;
                at = memchr::memchr(b'\n', &self.text[at..]).map_or(end, |length| at + length + 1);
            }
        }
        words >= ENOUGH
    }

    /// Field `index` of the row that begins at `at`.
    fn content_at(&self, mut at: usize, index: usize) -> Option<std::borrow::Cow<'_, [u8]>> {
        for _ in 0..index {
            let field = self.plan.marks.field(self.text, at).ok()?;
            if field.last {
                return None;
            }
            at = field.next;
        }
        let field = self.plan.marks.field(self.text, at).ok()?;
        Some(self.plan.marks.content(self.text, &field))
    }
}
