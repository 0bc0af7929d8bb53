//! Long decimals to float64, correctly rounded, for the exponents that full-precision
//! expression values have.
//!
//! The algorithm of D. Lemire, "Number parsing at a gigabyte per second" (2021), of which the
//! general form needs a table of 651 powers. From 10^-27 to 10^0 it always succeeds with the
//! small one below, and no number is subnormal; the rest is left to the standard library.

/// The smallest exponent: 5^27 is the largest power of five below 2^64.
const LEAST: i64 = -27;
/// Bits of a float64 behind the leading one.
const FRACTION_BITS: u32 = 52;
const BIAS: i64 = 1023;

/// `mantissa` times ten to the `exponent`, when the exponent is in range.
#[inline]
pub(crate) fn scaled(mantissa: u64, exponent: i64) -> Option<f64> {
    if mantissa == 0 || !(LEAST..=0).contains(&exponent) {
        return None;
    }
    let zeros = mantissa.leading_zeros();
    let (low, high) = product(mantissa << zeros, exponent);
    let upper = u32::from(high >> 63 != 0);
    // One bit more than is kept, to round by, and one for `upper`.
    let shift = upper + 64 - FRACTION_BITS - 3;
    let mut bits = high >> shift;
    // The binary exponent: log2(10^q) is 217706 * q / 2^16, exactly enough for all q here.
    let mut power = ((exponent * 217_706) >> 16) + 63 + i64::from(upper) - i64::from(zeros) + BIAS;
    // Exactly between two floats, which only small powers of five allow: to the even one.
    if low <= 1 && exponent >= -4 && bits & 3 == 1 && bits << shift == high {
        bits &= !1;
    }
    bits += bits & 1;
    bits >>= 1;
    if bits >= 2 << FRACTION_BITS {
        bits = 1 << FRACTION_BITS;
        power += 1;
    }
    bits &= !(1 << FRACTION_BITS);
    Some(f64::from_bits(
        bits | u64::try_from(power).ok()? << FRACTION_BITS,
    ))
}

/// The top 128 bits of `mantissa` times the power of five, low word first.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "words of a product")]
fn product(mantissa: u64, exponent: i64) -> (u64, u64) {
    let wide = |a: u64, b: u64| u128::from(a) * u128::from(b);
    // In range by the check of the caller; the last entry is 10^0.
    let (five_high, five_low) = FIVES[usize::try_from(-exponent).unwrap_or(0) % FIVES.len()];
    let first = wide(mantissa, five_high);
    let (mut low, mut high) = (first as u64, (first >> 64) as u64);
    // The second word matters only when the first cannot decide the rounding.
    let mask = u64::MAX >> (FRACTION_BITS + 3);
    if high & mask == mask {
        let second = (wide(mantissa, five_low) >> 64) as u64;
        low = low.wrapping_add(second);
        high += u64::from(second > low);
    }
    (low, high)
}

/// 5^0, 5^-1, ..., 5^-27: their first 128 bits, rounded up, high word first.
const FIVES: [(u64, u64); 28] = {
    let mut table = [(1 << 63, 0); 28];
    let mut five: u64 = 1;
    let mut index = 1;
    while index < table.len() {
        five *= 5;
        table[index] = reciprocal(five);
        index += 1;
    }
    table
};

/// 2^(z + 127) / `divisor` + 1, where z is the number of the divisor's bits.
const fn reciprocal(divisor: u64) -> (u64, u64) {
    let bits = 64 - divisor.leading_zeros();
    let mut quotient: u128 = 0;
    let mut remainder: u128 = 1;
    let mut step = 0;
    while step < bits + 127 {
        remainder <<= 1;
        quotient <<= 1;
        if remainder >= divisor as u128 {
            remainder -= divisor as u128;
            quotient |= 1;
        }
        step += 1;
    }
    quotient += 1;
    #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
    ((quotient >> 64) as u64, quotient as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Some entries of the table that simdjson and the standard library use.
    #[test]
    fn the_table_is_the_known_one() {
        assert_eq!(FIVES[1], (0xCCCC_CCCC_CCCC_CCCC, 0xCCCC_CCCC_CCCC_CCCD));
        assert_eq!(FIVES[2], (0xA3D7_0A3D_70A3_D70A, 0x3D70_A3D7_0A3D_70A4));
        assert_eq!(FIVES[27], (0x9E74_D1B7_91E0_7E48, 0x775E_A264_CF55_347E));
    }

    #[test]
    fn out_of_range_is_left_alone() {
        assert_eq!(scaled(0, 0), None);
        assert_eq!(scaled(1, 1), None);
        assert_eq!(scaled(1, -28), None);
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for mantissa in [
            (1 << 53) + 1,
            (1 << 53) + 3,
            (1u64 << 63) + (1 << 10),
            u64::MAX,
        ] {
            for exponent in -27..=0 {
                let expected: f64 = format!("{mantissa}e{exponent}").parse().unwrap();
                assert_eq!(scaled(mantissa, exponent), Some(expected));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200_000))]
        #[test]
        fn agrees_with_the_standard_library(
            mantissa in prop_oneof![1..=u64::MAX, (1..1000u64).prop_map(|n| (1 << 53) + n)],
            exponent in LEAST..=0,
        ) {
            let expected: f64 = format!("{mantissa}e{exponent}").parse().unwrap();
            prop_assert_eq!(scaled(mantissa, exponent).unwrap().to_bits(), expected.to_bits());
        }
    }
}
