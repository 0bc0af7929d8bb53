//! What stored elements mean: text without its padding, integers of any order. Pure.

use serde::{Deserialize, Serialize};

/// What fills the end of fixed-length text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// Ends at the first NUL.
    NullTerminated,
    /// Filled with NULs.
    NullPadded,
    /// Filled with spaces, as Fortran does.
    SpacePadded,
}

/// The type of the datasets of names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StringType {
    /// Variable length, what h5py writes.
    #[default]
    Variable,
    /// As long as the longest name, padded with NULs.
    Fixed,
}

impl StringType {
    /// `fixed` or `variable`, for messages ("fixed-length text").
    pub fn word(self) -> &'static str {
        match self {
            StringType::Variable => "variable",
            StringType::Fixed => "fixed",
        }
    }
}

/// Fixed-length text without its padding.
pub fn unpadded(element: &[u8], padding: Padding) -> &[u8] {
    let end = match padding {
        Padding::NullTerminated => element.iter().position(|b| *b == 0),
        Padding::NullPadded => element.iter().rposition(|b| *b != 0).map(|last| last + 1),
        Padding::SpacePadded => element
            .iter()
            .rposition(|b| *b != b' ')
            .map(|last| last + 1),
    };
    match (end, padding) {
        (Some(end), _) => &element[..end],
        (None, Padding::NullTerminated) => element,
        (None, _) => b"",
    }
}

/// The word of the report: `vlen-utf8`, `fixed-ascii-11`, ...
pub fn text_type(variable: bool, utf8: bool, size: usize) -> String {
    let charset = if utf8 { "utf8" } else { "ascii" };
    if variable {
        format!("vlen-{charset}")
    } else {
        format!("fixed-{charset}-{size}")
    }
}

/// The value of an integer of 1, 2, 4 or 8 bytes.
pub fn integer(item: &[u8], signed: bool, most_significant_first: bool) -> Option<i128> {
    if !matches!(item.len(), 1 | 2 | 4 | 8) {
        return None;
    }
    let mut little = item.to_vec();
    if most_significant_first {
        little.reverse();
    }
    let negative = signed && little.last().is_some_and(|byte| *byte >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 16];
    wide[..little.len()].copy_from_slice(&little);
    Some(i128::from_le_bytes(wide))
}

/// The whole number that a float of 4 or 8 bytes is; `None` for fractions, NaN, and what is too large to be exact.
#[expect(
    clippy::cast_possible_truncation,
    reason = "whole, and below the largest exact integer"
)]
pub fn whole_float(item: &[u8], most_significant_first: bool) -> Option<i64> {
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let mut little = item.to_vec();
    if most_significant_first {
        little.reverse();
    }
    let value = match *little.as_slice() {
        [a, b, c, d] => f64::from(f32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => return None,
    };
    (value.fract() == 0.0 && value.abs() <= LARGEST).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_that_are_whole_numbers() {
        assert_eq!(whole_float(&7.0_f64.to_le_bytes(), false), Some(7));
        assert_eq!(whole_float(&7.0_f64.to_be_bytes(), true), Some(7));
        assert_eq!(whole_float(&(-7.0_f32).to_le_bytes(), false), Some(-7));
        assert_eq!(whole_float(&(-0.0_f32).to_le_bytes(), false), Some(0));
        for other in [7.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
            assert_eq!(whole_float(&other.to_le_bytes(), false), None, "{other}");
        }
        assert_eq!(whole_float(&[0, 0], false), None);
    }

    #[test]
    fn integers_of_both_orders_and_signs() {
        assert_eq!(integer(&[0xfe, 0xff], true, false), Some(-2));
        assert_eq!(integer(&[0xff, 0xfe], true, true), Some(-2));
        assert_eq!(integer(&[0xff; 8], false, false), Some(u64::MAX.into()));
        assert_eq!(integer(&[1, 2, 3], true, false), None);
    }

    #[test]
    fn each_padding_ends_in_its_own_way() {
        assert_eq!(unpadded(b"ab\0cd", Padding::NullTerminated), b"ab");
        assert_eq!(unpadded(b"abcde", Padding::NullTerminated), b"abcde");
        assert_eq!(unpadded(b"a\0b\0\0", Padding::NullPadded), b"a\0b");
        assert_eq!(unpadded(b"a b  ", Padding::SpacePadded), b"a b");
        assert_eq!(unpadded(b"\0\0", Padding::NullPadded), b"");
        assert_eq!(unpadded(b"   ", Padding::SpacePadded), b"");
    }
}
