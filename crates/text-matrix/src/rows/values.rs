//! The values of one row.
//!
//! They are read in one pass, eight at a time if they are short, without searching for the ends of fields
//! first. Only if that fails is the field examined by itself: a missing value, quotes, blanks, or a mistake.

use crate::number::Reading;
use crate::number::eight_numbers::TOGETHER;
use crate::number::value::Value;
use crate::number::value_counts::ValueCounts;
use crate::problem::diagnostic::not_a_number;
use crate::problem::quoted;
use crate::rows::Rows;
use crate::rows::wrong::Wrong;

impl Rows<'_> {
    /// Reads the values; whether the last one is the last field of its line.
    #[inline(always)]
    pub(crate) fn values<V: Value>(&mut self, values: &mut [V]) -> Result<bool, Wrong> {
        let plan = self.plan;
        let text = self.text;
        let separator = plan.marks.separator;
        let Some((final_slot, slots)) = values.split_last_mut() else {
            return Ok(false);
        };
        let mut at = self.at;
        let mut index = 0;
        // How many to read alone before trying eight again: if none are short, each attempt is wasted.
        let mut alone = TOGETHER;
        while index < slots.len() {
            let (read, length) =
                (plan.notation).short_numbers(&text[at..], separator, &mut slots[index..]);
            alone = if read == 0 { 2 * alone } else { TOGETHER };
            index += read;
            at += length;
            for slot in slots[index..].iter_mut().take(alone) {
                at = self.value(index, at, slot)?;
                index += 1;
            }
        }
        self.at = at;
        let rest = &text[at..];
        if let Some((Reading::Number(number), length)) = plan.notation.at_front(rest) {
            let (last, end) = match &rest[length..] {
                [b'\n', ..] => (true, 1),
                [b'\r', b'\n', ..] => (true, 2),
                [byte, ..] if *byte == separator && !plan.marks.runs => (false, 1),
                _ => return self.one_value(slots.len(), final_slot),
            };
            *final_slot = V::of(number, &mut self.parsed.counts);
            self.at = at + length + end;
            return Ok(last);
        }
        self.one_value(slots.len(), final_slot)
    }

    /// Reads a value that is not the last one, from `at` on; where the next one begins.
    #[inline(always)]
    fn value<V: Value>(&mut self, sample: usize, at: usize, slot: &mut V) -> Result<usize, Wrong> {
        let (notation, separator) = (&self.plan.notation, self.plan.marks.separator);
        let rest = &self.text[at..];
        if let Some((number, length)) = notation.short(rest, separator) {
            *slot = V::of_short(number);
            return Ok(at + length + 1);
        }
        if let Some((Reading::Number(number), length)) = notation.at_front(rest)
            && rest.get(length) == Some(&separator)
        {
            *slot = V::of(number, &mut self.parsed.counts);
            return Ok(at + length + 1);
        }
        self.at = at;
        match self.one_value(sample, slot)? {
            true => Err(self.wrong_width()),
            false => Ok(self.at),
        }
    }

    /// A field that is not simply a number; whether it is the last one of its line.
    #[inline(never)]
    fn one_value<V: Value>(&mut self, sample: usize, slot: &mut V) -> Result<bool, Wrong> {
        let index = self.plan.first + sample;
        let field = self.field(index)?;
        let content = self.plan.marks.content(self.text, &field);
        if self.plan.marks.runs && content.is_empty() && !field.quoted {
            // Blanks at the end of a line separate nothing: the row is too short.
            return Err(self.wrong_width());
        }
        match self.plan.notation.field(&content) {
            Some(Reading::Number(number)) => *slot = V::of(number, &mut self.parsed.counts),
            Some(Reading::Infinite(infinity)) => {
                self.parsed.counts.infinite += 1;
                // Counted as spelled out, not as an overflow.
                *slot = V::of(infinity, &mut ValueCounts::default());
            }
            Some(Reading::Missing) => {
                self.parsed.counts.miss(sample, self.plan.samples.len());
                *slot = V::NAN;
            }
            None if self.parsed.problems.len() < self.plan.max_problems => {
                let (message, help) =
                    not_a_number(&content, &self.plan.notation, self.plan.marks.separator);
                // A word for a missing value helps only where others of its column are numbers.
                let is_word = content.iter().any(u8::is_ascii_alphabetic);
                let help = match is_word && help.contains("--na ") {
                    true => self.help_for_text_column(index).unwrap_or(help),
                    false => help,
                };
                let noun = match self.plan.transposed {
                    true => "gene",
                    false => "sample",
                };
                let of = match self.plan.samples.get(sample) {
                    Some(name) => format!(" ({noun} {})", quoted(name.as_bytes())),
                    None => String::new(),
                };
                let problem = self.problem(
                    index,
                    field.content.clone(),
                    &format!("{message}{of}"),
                    &help,
                );
                self.parsed.problems.push(*problem);
            }
            None => self.parsed.more = true,
        }
        Ok(field.last)
    }
}
