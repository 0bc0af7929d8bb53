//! Sixty-four pairs of bytes in registers of 256 bits.

use crate::stream::repeated::WORD;
use bytemuck::cast;
use std::arch::x86_64::{__m256i, _mm256_cmpeq_epi8, _mm256_movemask_epi8};

/// A bit for each pair of bytes that are equal.
#[target_feature(enable = "avx2")]
pub(crate) fn compare(these: &[[u8; WORD]], others: &[[u8; WORD]], words: &mut [u64]) {
    for (word, (one, other)) in words.iter_mut().zip(these.iter().zip(others)) {
        let (one, other): ([__m256i; 2], [__m256i; 2]) = (cast(*one), cast(*other));
        let half = |at: usize| {
            let equal = _mm256_movemask_epi8(_mm256_cmpeq_epi8(one[at], other[at]));
            u64::from(equal.cast_unsigned())
        };
        *word = half(0) | half(1) << 32;
    }
}
