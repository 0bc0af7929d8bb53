//! Eight numbers in registers of 256 bits: four words of 64 bits in each of two.

use crate::number::eight_bytes::{ABOVE_NINE, HIGH, ONES, ZEROS};
use crate::number::eight_numbers::{EightNumbers, TOGETHER};
use crate::number::short::TENS;
use crate::number::value::Value;
use bytemuck::cast;
use std::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_andnot_si256, _mm256_castps_si256,
    _mm256_castsi256_ps, _mm256_cmpeq_epi8, _mm256_cmpeq_epi64, _mm256_cmpgt_epi64,
    _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_packus_epi32, _mm256_permutevar8x32_ps, _mm256_sad_epu8, _mm256_set1_epi8,
    _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_setzero_si256,
    _mm256_shuffle_ps, _mm256_slli_epi32, _mm256_slli_epi64, _mm256_sllv_epi64, _mm256_srli_epi64,
    _mm256_srlv_epi64, _mm256_sub_epi64, _mm256_subs_epu16, _mm256_testz_si256, _mm256_xor_si256,
};

/// Eight numbers of seven bytes with what ends each, and as much again as is read with the last one.
const WINDOW: usize = 64 + 8;

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(crate) fn read<V: Value>(
    text: &[u8],
    end: u8,
    decimal: u8,
    values: &mut [V],
) -> (usize, usize) {
    let (mut read, mut at) = (0, 0);
    let (eights, _) = values.as_chunks_mut::<TOGETHER>();
    for eight in eights {
        let window = text.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>);
        let numbers = window.and_then(|window| front(window, end, decimal));
        let Some((numbers, length)) = numbers else {
            break;
        };
        *eight = numbers;
        read += TOGETHER;
        at += length;
    }
    (read, at)
}

/// The eight numbers at the front of `text`, and the bytes that they take with what ends each.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn front<V: Value>(text: &[u8; WINDOW], end: u8, decimal: u8) -> Option<([V; TOGETHER], usize)> {
    let mut ends = ends(text, end);
    let mut words = [0; TOGETHER];
    let mut start = 0;
    for word in &mut words {
        *word = u64::from_le_bytes(*text[start & 63..].first_chunk()?);
        start = ends.trailing_zeros() as usize + 1;
        ends &= ends.wrapping_sub(1);
    }
    // In the order in which 128 bits of the one and of the other become 256 below.
    let [a, b, c, d, e, f, g, h] = words;
    let one = Four::of(cast([a, b, e, f]), end, decimal);
    let two = Four::of(cast([c, d, g, h]), end, decimal);
    let odd = _mm256_or_si256(one.odd, two.odd);
    if _mm256_testz_si256(odd, odd) == 0 {
        return None;
    }
    let places = lower_halves(one.places, two.places);
    let tens = _mm256_permutevar8x32_ps(cast(TENS), places);
    let negative = lower_halves(one.negative, two.negative);
    let digits = _mm256_packus_epi32(one.four_digits, two.four_digits);
    let numbers = EightNumbers {
        digits: cast(_mm256_madd_epi16(
            digits,
            _mm256_set1_epi32(10_000 | 1 << 16),
        )),
        tens: cast(tens),
        signs: cast(_mm256_slli_epi32::<31>(negative)),
    };
    Some((V::of_numbers(&numbers), start))
}

/// A bit for each of the first 64 bytes that is `end`.
#[inline]
#[target_feature(enable = "avx2")]
fn ends(text: &[u8; WINDOW], end: u8) -> u64 {
    let end = _mm256_set1_epi8(end.cast_signed());
    let of_half = |start: usize| {
        let half: [u8; 32] = std::array::from_fn(|index| text[start + index]);
        let same = _mm256_cmpeq_epi8(cast(half), end);
        u64::from(_mm256_movemask_epi8(same).cast_unsigned())
    };
    of_half(0) | of_half(32) << 32
}

/// Four numbers, each in a word of 64 bits.
struct Four {
    /// The first four of eight digits in the lower half, the last four in the upper one.
    four_digits: __m256i,
    /// How many digits stand behind the mark.
    places: __m256i,
    /// All bits, or none.
    negative: __m256i,
    /// Not 0 where a word needs a closer look.
    odd: __m256i,
}

impl Four {
    /// See [`short`](crate::number::short::short), whose steps these are.
    #[target_feature(enable = "avx2")]
    fn of(words: __m256i, end: u8, decimal: u8) -> Self {
        let each = |word: u64| _mm256_set1_epi64x(word.cast_signed());
        let minus_one = each(u64::MAX);
        let zero = _mm256_setzero_si256();
        let count_ones = |bytes| _mm256_sad_epu8(_mm256_and_si256(bytes, each(ONES)), zero);

        let other = _mm256_xor_si256(words, each(ONES * u64::from(end)));
        let found = _mm256_andnot_si256(other, _mm256_sub_epi64(other, each(ONES)));
        let found = _mm256_and_si256(found, each(HIGH));
        let before = _mm256_andnot_si256(found, _mm256_add_epi64(found, minus_one));
        let before = _mm256_srli_epi64::<7>(before);
        let length = count_ones(before);

        let first = _mm256_and_si256(words, each(0xFF));
        let negative = _mm256_cmpeq_epi64(first, each(b'-'.into()));
        let sign = _mm256_and_si256(negative, each(8));
        let digits = _mm256_and_si256(_mm256_xor_si256(words, each(ZEROS)), before);
        let digits = _mm256_srlv_epi64(digits, sign);

        let above_nine = _mm256_andnot_si256(each(HIGH), digits);
        let above_nine = _mm256_add_epi64(above_nine, each(ABOVE_NINE));
        let above_nine = _mm256_and_si256(_mm256_or_si256(above_nine, digits), each(HIGH));
        // 1 in the byte of the mark, if there is one.
        let mark = _mm256_srli_epi64::<7>(above_nine);
        // All bits of the bytes before it.
        let whole = _mm256_add_epi64(mark, minus_one);
        let is_whole = _mm256_cmpeq_epi64(mark, zero);
        // A comparison that holds is -1.
        let signs = _mm256_add_epi64(negative, _mm256_sub_epi64(minus_one, is_whole));
        let count = _mm256_add_epi64(length, signs);

        // Close the gap of the mark, then move the last digit into the last byte.
        let fraction = _mm256_andnot_si256(whole, _mm256_srli_epi64::<8>(digits));
        let joined = _mm256_or_si256(_mm256_and_si256(digits, whole), fraction);
        let before_first = _mm256_sub_epi64(each(64), _mm256_slli_epi64::<3>(count));
        let joined = _mm256_sllv_epi64(joined, before_first);
        let pairs = _mm256_maddubs_epi16(joined, _mm256_set1_epi16(10 | 1 << 8));

        // No end, no digit at all, two that are odd, or one that is no decimal mark.
        let two = _mm256_and_si256(mark, whole);
        let mark_byte = _mm256_sub_epi64(_mm256_slli_epi64::<8>(mark), mark);
        let other_mark = _mm256_xor_si256(digits, each(ONES * u64::from(decimal ^ b'0')));
        let other_mark = _mm256_and_si256(other_mark, mark_byte);
        let endless = _mm256_cmpeq_epi64(found, zero);
        let no_digit = _mm256_cmpgt_epi64(each(1), count);
        Four {
            four_digits: _mm256_madd_epi16(pairs, _mm256_set1_epi32(100 | 1 << 16)),
            places: _mm256_subs_epu16(count, count_ones(whole)),
            negative,
            odd: _mm256_or_si256(
                _mm256_or_si256(two, other_mark),
                _mm256_or_si256(endless, no_digit),
            ),
        }
    }
}

/// The lower 32 bits of each word of 64.
#[target_feature(enable = "avx2")]
fn lower_halves(one: __m256i, two: __m256i) -> __m256i {
    let (one, two) = (_mm256_castsi256_ps(one), _mm256_castsi256_ps(two));
    _mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(one, two))
}
