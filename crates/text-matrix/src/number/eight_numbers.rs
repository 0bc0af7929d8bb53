//! Eight short numbers side by side.

/// Numbers that are read together.
pub(crate) const TOGETHER: usize = 8;

/// Eight decimals of seven digits at the most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EightNumbers {
    /// All digits of each, without the mark.
    pub(crate) digits: [i32; TOGETHER],
    /// Ten to the number of digits behind the mark.
    pub(crate) tens: [f32; TOGETHER],
    /// The sign as the highest bit.
    pub(crate) signs: [u32; TOGETHER],
}

impl EightNumbers {
    /// The nearest float64 of each.
    #[inline(always)]
    pub(crate) fn float64(&self) -> [f64; TOGETHER] {
        std::array::from_fn(|index| {
            let size = f64::from(self.digits[index]) / f64::from(self.tens[index]);
            f64::from_bits(size.to_bits() | u64::from(self.signs[index]) << 32)
        })
    }

    /// The float32 that is nearest to the nearest float64: see [`Short::float32`](crate::number::short::Short::float32).
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
