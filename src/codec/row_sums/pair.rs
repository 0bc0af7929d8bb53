//! Two rows through the SHA extensions of x86: four rounds of the one, four rounds of the other.
//!
//! FIPS 180-4, section 6.2.2, in the order that the instructions want: a state is held as its words A, B, E, F and
//! C, D, G, H, the highest first, and one instruction does two rounds of it.

use super::Sum;
use bytemuck::cast;
use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_set_epi64x, _mm_sha256msg1_epu32,
    _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
};

/// Bytes that are hashed together.
const BLOCK: usize = 64;
/// Bytes at the end of the last block that say how long the row is.
const LENGTH: usize = 8;

/// What is hashed so far: the words A, B, E, F and C, D, G, H.
type State = [__m128i; 2];
/// The last sixteen words of a message schedule, oldest first.
type Words = [__m128i; 4];

/// The sums of rows two by two from the first one on; how many rows these are.
#[target_feature(enable = "sha,avx,sse4.1,ssse3")]
pub(super) fn in_pairs(values: &[u8], row_bytes: usize, sums: &mut [Sum]) -> usize {
    let pairs = values.chunks_exact(2 * row_bytes);
    let (slots, _) = sums.as_chunks_mut::<2>();
    let mut rows = 0;
    for (slot, pair) in slots.iter_mut().zip(pairs) {
        *slot = both(pair.split_at(row_bytes).into());
        rows += 2;
    }
    rows
}

/// The sums of two rows of one length.
#[inline]
#[target_feature(enable = "sha,avx,sse4.1,ssse3")]
fn both(rows: [&[u8]; 2]) -> [Sum; 2] {
    let mut states = [beginning(); 2];
    let [(one, one_rest), (two, two_rest)] = rows.map(<[u8]>::as_chunks::<BLOCK>);
    for blocks in one.iter().zip(two) {
        compress(&mut states, blocks.into());
    }
    let [one, two] = [one_rest, two_rest].map(|rest| end(rest, rows[0].len()));
    // Where the length does not fit behind the last bytes, it has a block of its own.
    let unused = usize::from(one_rest.len() < BLOCK - LENGTH);
    for blocks in one.iter().zip(&two).skip(unused) {
        compress(&mut states, blocks.into());
    }
    states.map(sum)
}

/// The last bytes of a row, a bit, and the length in bits, at the end of two blocks. The first is to be left out
/// where one is enough.
fn end(rest: &[u8], row_bytes: usize) -> [[u8; BLOCK]; 2] {
    let mut end = [0; 2 * BLOCK];
    let start = match rest.len() < BLOCK - LENGTH {
        true => BLOCK,
        false => 0,
    };
    end[start..][..rest.len()].copy_from_slice(rest);
    end[start + rest.len()] = 0x80;
    end[2 * BLOCK - LENGTH..].copy_from_slice(&(8 * row_bytes as u64).to_be_bytes());
    cast(end)
}

/// The state before the first block (section 5.3.3).
fn beginning() -> State {
    let [a, b, c, d] = [0x6a09_e667_u32, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a];
    let [e, f, g, h] = [0x510e_527f_u32, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
    [cast([f, e, b, a]), cast([h, g, d, c])]
}

fn sum(state: State) -> Sum {
    let [f, e, b, a]: [u32; 4] = cast(state[0]);
    let [h, g, d, c]: [u32; 4] = cast(state[1]);
    cast([a, b, c, d, e, f, g, h].map(u32::to_be_bytes))
}

/// Takes a block of each row into its state.
#[inline]
#[target_feature(enable = "sha,avx,sse4.1,ssse3")]
fn compress(states: &mut [State; 2], blocks: [&[u8; BLOCK]; 2]) {
    let before = *states;
    let mut schedules = [words(blocks[0]), words(blocks[1])];
    for (four, constants) in ROUNDS.as_chunks::<4>().0.iter().enumerate() {
        let constants = cast(*constants);
        for (state, schedule) in states.iter_mut().zip(&mut schedules) {
            four_rounds(state, _mm_add_epi32(schedule[0], constants));
            // The last sixteen rounds take words that are there.
            let next = match four < 12 {
                true => four_more(schedule),
                false => schedule[0],
            };
            *schedule = [schedule[1], schedule[2], schedule[3], next];
        }
    }
    for (state, before) in states.iter_mut().zip(before) {
        *state = [
            _mm_add_epi32(state[0], before[0]),
            _mm_add_epi32(state[1], before[1]),
        ];
    }
}

/// The words of a block.
#[inline]
#[target_feature(enable = "sha,avx,sse4.1,ssse3")]
fn words(block: &[u8; BLOCK]) -> Words {
    let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let words: [[u8; 16]; 4] = cast(*block);
    words.map(|four| _mm_shuffle_epi8(cast(four), big_endian))
}

/// Four rounds, with four words to which their constants have been added.
#[inline]
#[target_feature(enable = "sha,avx,sse4.1,ssse3")]
fn four_rounds(state: &mut State, words: __m128i) {
    let [abef, cdgh] = *state;
    let next = _mm_sha256rnds2_epu32(cdgh, abef, words);
    let words = _mm_shuffle_epi32::<0b11_10>(words);
    // After two rounds, what was A, B, E, F is C, D, G, H.
    *state = [_mm_sha256rnds2_epu32(abef, next, words), next];
}

/// The next four words of a schedule.
#[inline]
#[target_feature(enable = "sha,avx,sse4.1,ssse3")]
fn four_more([oldest, second, third, newest]: &Words) -> __m128i {
    let sevenths = _mm_alignr_epi8::<4>(*newest, *third);
    let begun = _mm_add_epi32(_mm_sha256msg1_epu32(*oldest, *second), sevenths);
    _mm_sha256msg2_epu32(begun, *newest)
}

/// A constant for each round (section 4.2.2).
static ROUNDS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
