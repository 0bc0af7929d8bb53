//! Two rows through the SHA extensions of x86: four rounds of the one, four rounds of the other.
//!
//! FIPS 180-4, section 6.2.2, in the order that the instructions want: a state is held as its words A, B, E, F and
//! C, D, G, H, the highest first, and one instruction does two rounds of it.

use crate::row_sums::cut::Cut;
use crate::row_sums::{BLOCK, State};
use bytemuck::cast;
use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_set_epi64x, _mm_sha256msg1_epu32,
    _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32,
};

/// The words of a state as the instructions want them: A, B, E, F and C, D, G, H.
type Halves = [__m128i; 2];
/// The last sixteen words of a message schedule, oldest first.
type Words = [__m128i; 4];

/// Takes blocks into states, rows two by two from the first one on; how many rows these are. The rows of a pair have
/// as many blocks.
#[target_feature(enable = "sha,avx,sse4.1,ssse3")]
pub(crate) fn advance(states: &mut [State], cuts: &[Cut<'_>]) -> usize {
    let (pairs, _) = states.as_chunks_mut::<2>();
    let (cuts, _) = cuts.as_chunks::<2>();
    for (states, [one, two]) in pairs.iter_mut().zip(cuts) {
        let mut halves = [halves(states[0]), halves(states[1])];
        if let (Some(one), Some(two)) = (&one.first, &two.first) {
            compress(&mut halves, [one, two]);
        }
        for blocks in one.others.iter().zip(two.others) {
            compress(&mut halves, blocks.into());
        }
        *states = halves.map(whole);
    }
    2 * pairs.len()
}

fn halves([a, b, c, d, e, f, g, h]: State) -> Halves {
    [cast([f, e, b, a]), cast([h, g, d, c])]
}

fn whole([abef, cdgh]: Halves) -> State {
    let [f, e, b, a] = cast::<_, [u32; 4]>(abef);
    let [h, g, d, c] = cast::<_, [u32; 4]>(cdgh);
    [a, b, c, d, e, f, g, h]
}

/// Takes a block of each row into its state.
#[inline]
#[target_feature(enable = "sha,avx,sse4.1,ssse3")]
fn compress(states: &mut [Halves; 2], blocks: [&[u8; BLOCK]; 2]) {
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
fn four_rounds(state: &mut Halves, words: __m128i) {
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
