//! Text to numbers, exactly: the result is the float64 nearest to the decimal number.
//!
//! Most expression values are short decimals, for which one division is exact: an integer below 2^53 over a
//! power of ten up to 10^22 (W. D. Clinger, 1990). Longer numbers are parsed by `lexical-core`: on a table of 17 digits it
//! is as fast as the Eisel-Lemire code that was here before, and the standard library takes a third more processor time.
//! The vector path for short numbers ([`short`](crate::number::short), [`simd`](crate::number::simd)) stays, because no crate parses
//! several fields of a row at once.

pub(crate) mod eight_bytes;
pub(crate) mod eight_numbers;
pub(crate) mod short;
pub(crate) mod simd;
pub(crate) mod value;
pub(crate) mod value_counts;

use std::borrow::Cow;

use crate::number::eight_bytes::{ZEROS, above_nine, eight_digits};
use crate::number::eight_numbers::TOGETHER;
use crate::number::short::{Short, short};
use crate::number::simd::read_short_numbers;
use crate::number::value::Value;
use crate::options::ReadOptions;

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

/// 10^0 to 10^22: those that a float64 holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
const EXACT: u64 = 1 << 53;

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
        let scan = Scan::of(text, self.decimal)?;
        let size = if scan.exact && scan.mantissa < EXACT && scan.exponent.unsigned_abs() <= 22 {
            #[expect(clippy::cast_precision_loss, reason = "below 2^53 none is lost")]
            let mantissa = scan.mantissa as f64;
            let ten = TENS[usize::try_from(scan.exponent.unsigned_abs()).ok()?];
            if scan.exponent < 0 {
                mantissa / ten
            } else {
                mantissa * ten
            }
        } else {
            let mut digits = Cow::Borrowed(&text[scan.start..scan.end]);
            if self.decimal != b'.'
                && let Some(mark) = memchr::memchr(self.decimal, &digits)
            {
                digits.to_mut()[mark] = b'.';
            }
            lexical_core::parse(&digits).ok()?
        };
        Some((if scan.negative { -size } else { size }, scan.end))
    }
}

/// The parts of a decimal number at the front of a text.
struct Scan {
    negative: bool,
    /// Behind the sign.
    start: usize,
    end: usize,
    mantissa: u64,
    exponent: i64,
    /// All digits are in the mantissa.
    exact: bool,
}

impl Scan {
    fn of(text: &[u8], decimal: u8) -> Option<Scan> {
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        let negative = byte(0) == b'-';
        let start = usize::from(negative || byte(0) == b'+');
        let mut digits = Digits {
            mantissa: 0,
            significant: 0,
        };
        let point = digits.run(text, start);
        let mut end = point;
        let mut count = point - start;
        let mut exponent = 0;
        if byte(point) == decimal {
            end = digits.run(text, point + 1);
            let fraction = end - point - 1;
            count += fraction;
            exponent = -i64::try_from(fraction).ok()?;
        }
        if count == 0 {
            return None;
        }
        if byte(end) | 0x20 == b'e' {
            let down = byte(end + 1) == b'-';
            let first = end + 1 + usize::from(down || byte(end + 1) == b'+');
            let mut power: i64 = 0;
            let mut at = first;
            while byte(at).is_ascii_digit() {
                // Beyond this all numbers are 0 or infinite, whatever their digits.
                power = (power * 10 + i64::from(byte(at) - b'0')).min(1 << 40);
                at += 1;
            }
            if at == first {
                return None;
            }
            exponent += if down { -power } else { power };
            end = at;
        }
        Some(Scan {
            negative,
            start,
            end,
            mantissa: digits.mantissa,
            exponent,
            exact: digits.significant <= 19,
        })
    }
}

struct Digits {
    /// Wrapped around when there are more than 19 significant digits.
    mantissa: u64,
    significant: usize,
}

impl Digits {
    /// Takes in the digits from `at` on; where they end.
    #[inline]
    fn run(&mut self, text: &[u8], mut at: usize) -> usize {
        if self.significant == 0 {
            while text.get(at) == Some(&b'0') {
                at += 1;
            }
        }
        let first = at;
        while let Some(eight) = text.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let word = u64::from_le_bytes(*eight) ^ ZEROS;
            if above_nine(word) != 0 {
                break;
            }
            self.mantissa = self
                .mantissa
                .wrapping_mul(100_000_000)
                .wrapping_add(eight_digits(word).into());
            at += 8;
        }
        while let Some(digit) = text
            .get(at)
            .map(|b| b.wrapping_sub(b'0'))
            .filter(|d| *d < 10)
        {
            self.mantissa = self
                .mantissa
                .wrapping_mul(10)
                .wrapping_add(u64::from(digit));
            at += 1;
        }
        self.significant += at - first;
        at
    }
}

#[cfg(test)]
mod tests;
