//! The types that values are handed out in, and what each of them loses of a number.

use crate::number::eight_numbers::{EightNumbers, TOGETHER};
use crate::number::short::Short;
use crate::number::value_counts::ValueCounts;

/// The type of the values returned, and what is lost by converting to it.
pub(crate) trait Value: Copy + Default + Send + Sync {
    const NAN: Self;
    /// Rounds, and counts what that changes beyond rounding.
    fn of(exact: f64, counts: &mut ValueCounts) -> Self;
    /// The same where rounding is all that can change.
    fn of_short(number: Short) -> Self;
    #[cfg_attr(
        not(target_arch = "x86_64"),
        expect(dead_code, reason = "only AVX2 reads numbers eight at a time")
    )]
    fn of_numbers(numbers: &EightNumbers) -> [Self; TOGETHER];
}

/// From here on not every whole number is a float32.
const INTEGERS_END: f64 = 16_777_216.0;
/// Above this, not every whole number is a float64, so a value cannot be distinguished from its neighbour.
const EXACT_END: f64 = 9_007_199_254_740_992.0;

impl Value for f32 {
    const NAN: f32 = f32::NAN;

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounding is what is wanted"
    )]
    fn of(exact: f64, counts: &mut ValueCounts) -> f32 {
        let rounded = exact as f32;
        if exact.abs() > INTEGERS_END {
            count_large(exact, rounded, counts);
        } else if rounded == 0.0 && exact != 0.0 {
            counts.vanished += 1;
        }
        rounded
    }

    #[inline(always)]
    fn of_short(number: Short) -> f32 {
        number.float32()
    }

    #[inline(always)]
    fn of_numbers(numbers: &EightNumbers) -> [f32; TOGETHER] {
        numbers.float32()
    }
}

#[cold]
fn count_large(exact: f64, rounded: f32, counts: &mut ValueCounts) {
    if rounded.is_infinite() {
        counts.overflowed += 1;
    } else if exact.abs() <= EXACT_END && exact.fract() == 0.0 && f64::from(rounded) != exact {
        counts.rounded_integers += 1;
    }
}

impl Value for f64 {
    const NAN: f64 = f64::NAN;

    #[inline]
    fn of(exact: f64, counts: &mut ValueCounts) -> f64 {
        if exact.is_infinite() {
            counts.overflowed += 1;
        }
        exact
    }

    #[inline(always)]
    fn of_short(number: Short) -> f64 {
        number.float64()
    }

    #[inline(always)]
    fn of_numbers(numbers: &EightNumbers) -> [f64; TOGETHER] {
        numbers.float64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_float32_loses_is_counted() {
        let mut counts = ValueCounts::default();
        for exact in [
            16_777_216.0,
            16_777_218.0,
            0.0,
            -0.0,
            1e-45,
            3.4e38,
            16_777_217.5,
            1e30,
        ] {
            let _ = f32::of(exact, &mut counts);
        }
        assert_eq!(counts, ValueCounts::default());
        for exact in [16_777_217.0, -33_554_435.0] {
            let _ = f32::of(exact, &mut counts);
        }
        assert_eq!(f32::of(1e39, &mut counts), f32::INFINITY);
        assert_eq!(f32::of(-1e-46, &mut counts).to_bits(), (-0.0f32).to_bits());
        assert_eq!(
            (counts.rounded_integers, counts.overflowed, counts.vanished),
            (2, 1, 1)
        );
    }

    #[test]
    fn float64_loses_only_what_no_float_holds() {
        let mut counts = ValueCounts::default();
        let _ = (
            f64::of(16_777_217.0, &mut counts),
            f64::of(1e300, &mut counts),
        );
        assert_eq!(counts, ValueCounts::default());
        let _ = f64::of(f64::INFINITY, &mut counts);
        assert_eq!(counts.overflowed, 1);
    }
}
