//! Digits of eight bytes at once, in one word of the processor.

/// The digit 0 in each byte.
pub(crate) const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
pub(crate) const ONES: u64 = u64::from_le_bytes([1; 8]);
/// The highest bit of each byte.
pub(crate) const HIGH: u64 = u64::from_le_bytes([0x80; 8]);

/// What carries a byte above 9, and none below, into its highest bit.
pub(crate) const ABOVE_NINE: u64 = u64::from_le_bytes([0x7F - 9; 8]);

/// The high bit of each byte that is above 9.
#[inline]
pub(crate) const fn above_nine(word: u64) -> u64 {
    (((word & !HIGH) + ABOVE_NINE) | word) & HIGH
}

/// Eight digits, the first in the lowest byte, as a number.
#[inline]
pub(crate) const fn eight_digits(word: u64) -> u32 {
    const PAIRS: u64 = 0x0000_00FF_0000_00FF;
    let word = word.wrapping_mul(10).wrapping_add(word >> 8);
    let upper = (word & PAIRS).wrapping_mul(100 + (1_000_000 << 32));
    let lower = ((word >> 16) & PAIRS).wrapping_mul(1 + (10_000 << 32));
    (upper.wrapping_add(lower) >> 32) as u32
}
