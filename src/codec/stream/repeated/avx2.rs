//! Sixty-four pairs of bytes in registers of 256 bits.

use super::WORD;
use bytemuck::cast;
use std::arch::x86_64::{__m256i, _mm256_cmpeq_epi8, _mm256_movemask_epi8};

/// A bit for each pair of bytes that are equal.
#[target_feature(enable = "avx2")]
pub(super) fn compare(these: &[[u8; WORD]], others: &[[u8; WORD]], words: &mut [u64]) {
    for (word, (one, other)) in words.iter_mut().zip(these.iter().zip(others)) {
        let ([one, more], [other, others]): ([__m256i; 2], [__m256i; 2]) =
            (cast(*one), cast(*other));
        let equal =
            |one, other| cast::<i32, u32>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(one, other)));
        *word = u64::from(equal(one, other)) | u64::from(equal(more, others)) << 32;
    }
}
