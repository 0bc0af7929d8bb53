//! Short numbers eight at a time, where the processor has the instructions: the steps of [`short`](super::short)
//! for four of them at once.

#[cfg(target_arch = "x86_64")]
mod avx2;

use super::tally::Value;
use multiversion::{multiversion, target::match_target};

/// Numbers that are read together.
pub(crate) const TOGETHER: usize = 8;

/// Eight decimals of seven digits at the most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shorts {
    /// All digits of each, without the mark.
    digits: [i32; TOGETHER],
    /// Ten to the number of digits behind the mark.
    tens: [f32; TOGETHER],
    /// The sign as the highest bit.
    signs: [u32; TOGETHER],
}

impl Shorts {
    /// The nearest float64 of each.
    #[inline(always)]
    pub(crate) fn float64(&self) -> [f64; TOGETHER] {
        std::array::from_fn(|index| {
            let size = f64::from(self.digits[index]) / f64::from(self.tens[index]);
            f64::from_bits(size.to_bits() | u64::from(self.signs[index]) << 32)
        })
    }

    /// The float32 that is nearest to the nearest float64: see [`Short::float32`](super::short::Short::float32).
    #[inline(always)]
    #[expect(
        clippy::cast_precision_loss,
        reason = "below 2^24, of which none is lost"
    )]
    pub(crate) fn float32(&self) -> [f32; TOGETHER] {
        std::array::from_fn(|index| {
            let size = self.digits[index] as f32 / self.tens[index];
            f32::from_bits(size.to_bits() | self.signs[index])
        })
    }
}

/// Reads numbers from the front of `text` into the front of `values`, each with `end` behind it; how many, and how many
/// bytes of the text they take with what ends them. It stops, before any eight among which one needs a closer look, and
/// where the text gets short.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(crate) fn eight_shorts<V: Value>(
    text: &[u8],
    end: u8,
    decimal: u8,
    values: &mut [V],
) -> (usize, usize) {
    match_target! {
        "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt" => avx2::read(text, end, decimal, values),
        _ => {
            let _ = (text, end, decimal, values);
            (0, 0)
        }
    }
}

#[cfg(test)]
mod tests;
