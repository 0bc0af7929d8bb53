//! What was counted while values were read, and what of it somebody should know.

use super::eight_shorts::{Shorts, TOGETHER};
use super::short::Short;

/// Counts of values that are not what they were in the text, or that are not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Missing values: `NA`, an empty field and the like, read as NaN.
    pub missing: u64,
    /// Infinities that the text spells out.
    pub infinite: u64,
    /// Numbers too large for the type of the values, read as infinities.
    pub overflowed: u64,
    /// Numbers other than 0 that are too small for the type, read as 0.
    pub vanished: u64,
    /// Whole numbers above 2^24 that float32 cannot hold, rounded.
    pub rounded_integers: u64,
    /// Missing values of each sample; empty when there are none at all.
    pub missing_by_sample: Vec<u64>,
}

impl Tally {
    pub(crate) fn miss(&mut self, sample: usize, samples: usize) {
        self.missing += 1;
        if self.missing_by_sample.is_empty() {
            self.missing_by_sample.resize(samples, 0);
        }
        self.missing_by_sample[sample] += 1;
    }

    pub(crate) fn add(&mut self, other: &Tally) {
        self.missing += other.missing;
        self.infinite += other.infinite;
        self.overflowed += other.overflowed;
        self.vanished += other.vanished;
        self.rounded_integers += other.rounded_integers;
        if self.missing_by_sample.is_empty() {
            self.missing_by_sample.clone_from(&other.missing_by_sample);
        } else {
            for (mine, theirs) in self
                .missing_by_sample
                .iter_mut()
                .zip(&other.missing_by_sample)
            {
                *mine += theirs;
            }
        }
    }
}

/// The type of the values handed out, and what is lost on the way to it.
pub(crate) trait Value: Copy + Default + Send + Sync {
    const NAN: Self;
    /// Rounds, and counts what that changes beyond rounding.
    fn of(exact: f64, tally: &mut Tally) -> Self;
    /// The same where rounding is all that can change.
    fn of_short(number: Short) -> Self;
    /// The same of eight.
    fn of_shorts(numbers: &Shorts) -> [Self; TOGETHER];
}

/// From here on not every whole number is a float32.
const INTEGERS_END: f64 = 16_777_216.0;
/// From here on not every whole number is a float64, so that none can be told from its neighbour.
const EXACT_END: f64 = 9_007_199_254_740_992.0;

impl Value for f32 {
    const NAN: f32 = f32::NAN;

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rounding is what is wanted"
    )]
    fn of(exact: f64, tally: &mut Tally) -> f32 {
        let rounded = exact as f32;
        if exact.abs() > INTEGERS_END {
            count_large(exact, rounded, tally);
        } else if rounded == 0.0 && exact != 0.0 {
            tally.vanished += 1;
        }
        rounded
    }

    #[inline(always)]
    fn of_short(number: Short) -> f32 {
        number.float32()
    }

    #[inline(always)]
    fn of_shorts(numbers: &Shorts) -> [f32; TOGETHER] {
        numbers.float32()
    }
}

#[cold]
fn count_large(exact: f64, rounded: f32, tally: &mut Tally) {
    if rounded.is_infinite() {
        tally.overflowed += 1;
    } else if exact.abs() <= EXACT_END && exact.fract() == 0.0 && f64::from(rounded) != exact {
        tally.rounded_integers += 1;
    }
}

impl Value for f64 {
    const NAN: f64 = f64::NAN;

    #[inline]
    fn of(exact: f64, tally: &mut Tally) -> f64 {
        if exact.is_infinite() {
            tally.overflowed += 1;
        }
        exact
    }

    #[inline(always)]
    fn of_short(number: Short) -> f64 {
        number.float64()
    }

    #[inline(always)]
    fn of_shorts(numbers: &Shorts) -> [f64; TOGETHER] {
        numbers.float64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_float32_loses_is_counted() {
        let mut tally = Tally::default();
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
            let _ = f32::of(exact, &mut tally);
        }
        assert_eq!(tally, Tally::default());
        for exact in [16_777_217.0, -33_554_435.0] {
            let _ = f32::of(exact, &mut tally);
        }
        assert_eq!(f32::of(1e39, &mut tally), f32::INFINITY);
        assert_eq!(f32::of(-1e-46, &mut tally).to_bits(), (-0.0f32).to_bits());
        assert_eq!(
            (tally.rounded_integers, tally.overflowed, tally.vanished),
            (2, 1, 1)
        );
    }

    #[test]
    fn float64_loses_only_what_no_float_holds() {
        let mut tally = Tally::default();
        let _ = (
            f64::of(16_777_217.0, &mut tally),
            f64::of(1e300, &mut tally),
        );
        assert_eq!(tally, Tally::default());
        let _ = f64::of(f64::INFINITY, &mut tally);
        assert_eq!(tally.overflowed, 1);
    }

    #[test]
    fn tallies_add_up() {
        let mut one = Tally::default();
        let mut two = Tally::default();
        two.miss(1, 3);
        one.add(&two);
        one.add(&Tally::default());
        two.miss(2, 3);
        one.add(&two);
        assert_eq!((one.missing, one.missing_by_sample), (3, vec![0, 2, 1]));
    }
}
