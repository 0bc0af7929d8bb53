//! Numbers of fewer than eight bytes, such as `-12.345`, which most expression values are.

use crate::number::eight_bytes::{HIGH, ONES, ZEROS, above_nine, eight_digits};

/// A decimal of seven digits at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Short {
    /// All digits, without the mark.
    digits: u32,
    /// How many of them stand behind the mark.
    places: u32,
    negative: bool,
}

/// 10^0 to 10^7: a float32 holds them exactly, and any seven digits.
pub(crate) const TENS: [f32; 8] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];

impl Short {
    #[inline(always)]
    pub(crate) fn float64(self) -> f64 {
        let size = f64::from(self.digits) / f64::from(self.ten());
        f64::from_bits(size.to_bits() | u64::from(self.negative) << 63)
    }

    /// The float32 that is nearest to the nearest float64. A quotient of two float32 that is rounded twice, to 53 bits
    /// and then to 24, is the same as one that is rounded once (S. A. Figueroa, "When is double rounding innocuous?",
    /// 1995: 53 is 2 * 24 + 2 at the least).
    #[inline(always)]
    #[expect(
        clippy::cast_precision_loss,
        reason = "below 2^24, of which none is lost"
    )]
    pub(crate) fn float32(self) -> f32 {
        let size = self.digits as f32 / self.ten();
        f32::from_bits(size.to_bits() | u32::from(self.negative) << 31)
    }

    #[inline(always)]
    fn ten(self) -> f32 {
        TENS[self.places as usize & 7]
    }
}

/// The number at the front of `text`, with `end` behind it, and its length. `None` when it needs a closer look.
///
/// Without a branch for each digit: the end of the digits is as good as random, and a misprediction costs
/// more than all eight. `end` is found first and independently, so that the next number can begin while this
/// one is still being assembled.
#[inline(always)]
pub(crate) fn short(text: &[u8], end: u8, decimal: u8) -> Option<(Short, usize)> {
    let word = u64::from_le_bytes(*text.first_chunk::<8>()?);
    let other = word ^ (ONES * u64::from(end));
    // The lowest bit is that of the first byte that is `end`; above it there may be others.
    let found = other.wrapping_sub(ONES) & !other & HIGH;
    if found == 0 {
        return None;
    }
    let length = found.trailing_zeros() & !7;
    let negative = word & 0xFF == u64::from(b'-');
    let sign = if negative { 8 } else { 0 };
    let bits = length.wrapping_sub(sign);
    let digits = ((word ^ ZEROS) >> sign) & ((1u64 << (bits & 63)) - 1);
    let odd = above_nine(digits);
    let fractional = odd != 0;
    let point = if fractional {
        odd.trailing_zeros() & !7
    } else {
        bits
    };
    let count = bits.wrapping_sub(if fractional { 8 } else { 0 });
    // No digit at all, two that are odd, or one that is no decimal mark.
    let mark = u64::from(decimal ^ b'0');
    if count.wrapping_sub(1) >= 64
        || odd & odd.wrapping_sub(1) != 0
        || fractional && (digits >> (point & 63)) & 0xFF != mark
    {
        return None;
    }
    // Close the gap of the mark, then move the last digit into the last byte.
    let whole = digits & ((1u64 << (point & 63)) - 1);
    let fraction = ((digits >> (point & 63)) >> 8) << (point & 63);
    let number = Short {
        digits: eight_digits((whole | fraction) << (64 - count)),
        places: (count - point.min(count)) / 8,
        negative,
    };
    Some((number, (length / 8) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], end: u8, decimal: u8) -> Option<(f64, usize)> {
        short(text, end, decimal).map(|(number, length)| (number.float64(), length))
    }

    /// All of them: every short decimal there is, up to six digits and any place of the mark.
    #[test]
    fn every_short_decimal_is_exact() {
        for digits in 1..=5usize {
            for number in 0..10u32.pow(u32::try_from(digits).unwrap()) {
                let text = format!("{number:0digits$}");
                for point in 0..=digits + 1 {
                    let mut text = text.clone();
                    if point <= digits {
                        text.insert(point, '.');
                    }
                    for text in [text.clone(), format!("-{text}")] {
                        let expected: f64 = text.parse().unwrap();
                        let behind = format!("{text}\t00000000");
                        let (found, length) = read(behind.as_bytes(), b'\t', b'.').unwrap();
                        assert_eq!(found.to_bits(), expected.to_bits(), "{text}");
                        assert_eq!(length, text.len());
                    }
                }
            }
        }
    }

    /// All of them again.
    #[test]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounding is what is tested"
    )]
    fn rounded_once_is_rounded_twice() {
        for digits in 0..10_000_000 {
            for places in 0..8 {
                let number = Short {
                    digits,
                    places,
                    negative: places % 2 == 0,
                };
                let twice = number.float64() as f32;
                assert!(number.float32().to_bits() == twice.to_bits(), "{number:?}");
            }
        }
    }

    #[test]
    fn what_is_not_simply_short_needs_a_closer_look() {
        for text in [
            "\t1234567",
            "-\t123456",
            ".\t123456",
            "-.\t12345",
            "1.2.3\t12",
            "1e5\t1234",
            "+1\t12345",
            "12345678",
            "1234567\n",
            "NA\t12345",
            "1,5\t1234",
            " 1\t12345",
            "--1\t1234",
            "1-\t12345",
            "1 \t12345",
            "1\r\t12345",
            "\u{7f}\t123456",
            "é\t12345",
            "/\t123456",
            ":\t123456",
            "1\t",
        ] {
            assert_eq!(read(text.as_bytes(), b'\t', b'.'), None, "{text:?}");
        }
        assert_eq!(read(b"1234567\t", b'\t', b'.'), Some((1_234_567.0, 7)));
        assert_eq!(read(b"1,5\t....", b'\t', b','), Some((1.5, 3)));
        assert_eq!(read(b"-.5\n\t\t\t\t", b'\n', b'.'), Some((-0.5, 3)));
    }
}
