//! Text to numbers, exactly: the result is the float64 nearest to the decimal number.
//!
//! Most expression values are short decimals, and the vector path for them ([`short`](crate::number::short),
//! [`simd`](crate::number::simd)) is own code, because no crate parses several fields of a row at once. All other numbers are parsed
//! by `lexical-core`: the standard library takes a third more processor time for a table of 17 digits.

pub(crate) mod eight_bytes;
pub(crate) mod eight_numbers;
pub(crate) mod short;
pub(crate) mod simd;
pub(crate) mod value;
pub(crate) mod value_counts;

use crate::number::eight_numbers::TOGETHER;
use crate::number::short::{Short, short};
use crate::number::simd::read_short_numbers;
use crate::number::value::Value;
use crate::options::ReadOptions;
use lexical_core::ParseFloatOptions;
use lexical_core::format::STANDARD;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reading {
    /// A number. Infinite only when it is too large for any float64.
    Number(f64),
    /// An infinity, spelled out.
    Infinite(f64),
    /// One of the words for a missing value.
    Missing,
}

/// The words that pandas takes for a missing value.
const MISSING: [&[u8]; 19] = [
    b"",
    b"#N/A",
    b"#N/A N/A",
    b"#NA",
    b"-1.#IND",
    b"-1.#QNAN",
    b"-NaN",
    b"-nan",
    b"1.#IND",
    b"1.#QNAN",
    b"<NA>",
    b"N/A",
    b"NA",
    b"NULL",
    b"NaN",
    b"None",
    b"n/a",
    b"nan",
    b"null",
];

const POINT: ParseFloatOptions = ParseFloatOptions::new();
const COMMA: ParseFloatOptions = ParseFloatOptions::builder()
    .decimal_point(b',')
    .build_strict();

/// How numbers are written in this matrix.
#[derive(Debug, Clone)]
pub(crate) struct Notation {
    pub(crate) decimal: u8,
    /// What groups digits by threes.
    pub(crate) thousands: Option<u8>,
    missing: Vec<Vec<u8>>,
    /// The user's words for missing values that are numbers, such as -9999.
    missing_numbers: Vec<f64>,
}

impl Notation {
    /// As the user says.
    pub(crate) fn of(options: &ReadOptions) -> Self {
        Notation {
            thousands: options.thousands,
            ..Notation::new(options.decimal, &options.na)
        }
    }

    pub(crate) fn new(decimal: u8, na: &[String]) -> Self {
        let mut notation = Notation {
            decimal,
            thousands: None,
            missing: Vec::new(),
            missing_numbers: Vec::new(),
        };
        for word in na {
            match notation.decimal_number(word.as_bytes()) {
                Some(number) => notation.missing_numbers.push(number),
                None => notation.missing.push(word.trim().as_bytes().to_vec()),
            }
        }
        notation
    }

    /// Reads the number at the front of `text`, and says where it ends: at the first byte that
    /// is no part of it. `None` when there is none, or when it needs a closer look.
    pub(crate) fn at_front(&self, text: &[u8]) -> Option<(Reading, usize)> {
        let (number, length) = self.long(text)?;
        if !self.missing_numbers.is_empty() && self.missing_numbers.contains(&number) {
            return Some((Reading::Missing, length));
        }
        Some((Reading::Number(number), length))
    }

    /// The same for short numbers with `end` behind them, fast.
    #[inline(always)]
    pub(crate) fn short(&self, text: &[u8], end: u8) -> Option<(Short, usize)> {
        match self.missing_numbers.is_empty() {
            true => short(text, end, self.decimal),
            false => None,
        }
    }

    /// The same for as many as can be read eight at a time; how many, and their length with what ends each.
    #[inline(always)]
    pub(crate) fn short_numbers<V: Value>(
        &self,
        text: &[u8],
        end: u8,
        values: &mut [V],
    ) -> (usize, usize) {
        match self.missing_numbers.is_empty() && values.len() >= TOGETHER {
            true => read_short_numbers(text, end, self.decimal, values),
            false => (0, 0),
        }
    }

    pub(crate) fn field(&self, raw: &[u8]) -> Option<Reading> {
        let field = raw.trim_ascii();
        if let Some(number) = self.decimal_number(field) {
            return Some(if self.missing_numbers.contains(&number) {
                Reading::Missing
            } else {
                Reading::Number(number)
            });
        }
        if let Some(plain) = self.thousands.and_then(|mark| self.ungrouped(field, mark)) {
            return self.decimal_number(&plain).map(Reading::Number);
        }
        if MISSING.contains(&field) || self.missing.iter().any(|word| word == field) {
            return Some(Reading::Missing);
        }
        let (negative, word) = match field.split_first()? {
            (b'-', word) => (true, word),
            (b'+', word) => (false, word),
            _ => (false, field),
        };
        let infinite = word.eq_ignore_ascii_case(b"inf") || word.eq_ignore_ascii_case(b"infinity");
        infinite.then_some(Reading::Infinite(if negative {
            f64::NEG_INFINITY
        } else {
            f64::INFINITY
        }))
    }

    /// `1234.5` of `1,234.5`: groups of three digits behind the first one, up to what is no digit.
    pub(crate) fn ungrouped(&self, field: &[u8], mark: u8) -> Option<Vec<u8>> {
        let sign = usize::from(matches!(field.first(), Some(b'-' | b'+')));
        let end = (field[sign..].iter())
            .position(|byte| !byte.is_ascii_digit() && *byte != mark)
            .map_or(field.len(), |length| sign + length);
        let mut groups = field[sign..end].split(|byte| *byte == mark);
        let first = groups
            .next()
            .filter(|first| (1..=3).contains(&first.len()))?;
        let mut plain = [&field[..sign], first].concat();
        let mut count = 0;
        for group in groups {
            if group.len() != 3 {
                return None;
            }
            plain.extend_from_slice(group);
            count += 1;
        }
        plain.extend_from_slice(&field[end..]);
        (count > 0 && self.decimal_number(&plain).is_some()).then_some(plain)
    }

    fn decimal_number(&self, field: &[u8]) -> Option<f64> {
        let (number, length) = self.long(field)?;
        (length == field.len()).then_some(number)
    }

    /// Any decimal number, however long, and where it ends.
    fn long(&self, text: &[u8]) -> Option<(f64, usize)> {
        let negative = text.first() == Some(&b'-');
        let start = usize::from(negative || text.first() == Some(&b'+'));
        let digits = &text[start..];
        // lexical-core takes signs and words as well.
        let is_number = |byte: &u8| byte.is_ascii_digit() || *byte == self.decimal;
        digits.first().filter(|byte| is_number(byte))?;
        let marks = match self.decimal {
            b',' => &COMMA,
            _ => &POINT,
        };
        let (size, length) =
            lexical_core::parse_partial_with_options::<f64, STANDARD>(digits, marks).ok()?;
        Some((if negative { -size } else { size }, start + length))
    }
}

#[cfg(test)]
mod tests;
