//! Which bytes of a block are repeated by the next one, as bits: ones that follow each other are a run.

#[cfg(target_arch = "x86_64")]
mod avx2;

use crate::stream::block::LONGEST;
use multiversion::multiversion;
use multiversion::target::match_target;

const WORD: usize = 64;
/// Words that a block may take, and one of zeros behind them.
const WORDS: usize = LONGEST.div_ceil(WORD) + 1;

/// A bit for each byte of a block, the first one lowest: whether the next one is equal to it.
#[derive(Debug)]
pub(crate) struct Repeated {
    /// Behind those of a block is a word of zeros.
    words: Box<[u64; WORDS]>,
    used: usize,
}

impl Default for Repeated {
    fn default() -> Self {
        Repeated {
            words: Box::new([0; WORDS]),
            used: 0,
        }
    }
}

impl Repeated {
    /// Examines a block; the number of its repeated bytes.
    #[inline(always)]
    pub(crate) fn find(&mut self, bytes: &[u8]) -> usize {
        let next = bytes.get(1..).unwrap_or_default();
        let (next, last_next) = next.as_chunks();
        let (these, last) = bytes[..bytes.len().saturating_sub(1)].as_chunks();
        self.used = these.len() + 1;
        let words = &mut self.words[..=self.used];
        compare(these, next, words);
        let (mut one, mut other) = ([0; WORD], [1; WORD]);
        one[..last.len()].copy_from_slice(last);
        other[..last.len()].copy_from_slice(last_next);
        words[self.used - 1] = equal(&one, &other);
        words[self.used] = 0;
        words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Calls `found` with the first byte of each run and how often it is repeated, three times at least; in their order.
    #[inline(always)]
    pub(crate) fn each_of_three(&self, mut found: impl FnMut(usize, usize)) {
        let words = &self.words[..=self.used];
        let mut done = 0_usize;
        for (index, pair) in words.windows(2).enumerate() {
            let base = index * WORD;
            let later = |by: u32| pair[0] >> by | pair[1] << (u64::BITS - by);
            let mut three = pair[0] & later(1) & later(2) & from(done.saturating_sub(base));
            while three != 0 {
                let first = base + three.trailing_zeros() as usize;
                let repeats = ones(words, first);
                found(first, repeats);
                done = first + repeats;
                three &= from(done - base);
            }
        }
    }
}

/// The bits of a word from this one on, which may lie behind it.
#[inline(always)]
fn from(bit: usize) -> u64 {
    if bit < WORD { u64::MAX << bit } else { 0 }
}

/// How many ones follow each other from this bit on.
#[inline(always)]
fn ones(words: &[u64], bit: usize) -> usize {
    let (index, bit) = (bit / WORD, bit % WORD);
    let mut ones = (words[index] >> bit).trailing_ones() as usize;
    if ones + bit == WORD {
        for word in &words[index + 1..] {
            ones += word.trailing_ones() as usize;
            if *word != u64::MAX {
                break;
            }
        }
    }
    ones
}

/// A bit for each pair of bytes that are equal.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn compare(these: &[[u8; WORD]], others: &[[u8; WORD]], words: &mut [u64]) {
    match_target! {
        "x86_64+avx2+bmi1+bmi2+lzcnt+popcnt" => avx2::compare(these, others, words),
        _ => {
            for (word, (one, other)) in words.iter_mut().zip(these.iter().zip(others)) {
                *word = equal(one, other);
            }
        }
    }
}

/// The same of 64 pairs, eight at a time.
#[inline(always)]
fn equal(these: &[u8; WORD], others: &[u8; WORD]) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x7f; 8]);
    let (these, _) = these.as_chunks();
    let (others, _) = others.as_chunks();
    these.iter().zip(others).fold(0, |word, (one, other)| {
        let differing = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        // The lowest bit of each byte that is equal ...
        let equal = !(((differing & LOW) + LOW) | differing | LOW) >> 7;
        // ... goes to its own place in the highest byte, and none collides with another one on the way.
        word >> 8 | equal.wrapping_mul(0x0102_0408_1020_4080) & 0xff << 56
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn runs(repeated: &Repeated) -> Vec<(usize, usize)> {
        let mut runs = Vec::new();
        repeated.each_of_three(|first, repeats| runs.push((first, repeats)));
        runs
    }

    /// The same, byte by byte.
    fn hold(repeated: &mut Repeated, bytes: &[u8]) {
        let mut expected = Vec::new();
        let mut at = 0;
        let equal = bytes.chunk_by(|a, b| a == b).map(<[u8]>::len);
        let all: usize = equal.clone().map(|length| length - 1).sum();
        for length in equal {
            if length > 3 {
                expected.push((at, length - 1));
            }
            at += length;
        }
        assert_eq!(repeated.find(bytes), all);
        assert_eq!(runs(repeated), expected);
    }

    #[test]
    fn runs_of_all_lengths_at_all_places() {
        let mut repeated = Repeated::default();
        for length in [0, 1, 2, 63, 64, 65, 128, 129, 1000, LONGEST] {
            hold(&mut repeated, &vec![7; length]);
        }
        for start in 0..130 {
            for length in [2, 3, 4, 5, 62, 63, 64, 65, 66, 127, 128, 129, 200] {
                let before = (0..start).map(|at: u8| at % 2);
                let bytes = before.chain(std::iter::repeat_n(9, length)).chain([3, 4]);
                hold(&mut repeated, &bytes.collect::<Vec<u8>>());
            }
        }
    }

    #[test]
    fn with_any_instructions_the_same() {
        let one: Vec<[u8; WORD]> = (0..9).map(|at| [at; WORD]).collect();
        let mut other = one.clone();
        for (at, word) in other.iter_mut().enumerate() {
            word[at * 7] ^= 1;
            word[63] ^= 128;
        }
        let mut words = [0; 9];
        compare(&one, &other, &mut words);
        for (at, word) in words.into_iter().enumerate() {
            assert_eq!(word, !(1 << (at * 7) | 1 << 63));
            assert_eq!(word, equal(&one[at], &other[at]));
        }
    }

    proptest! {
        #[test]
        fn any_runs(lengths in prop::collection::vec((any::<bool>(), 1_usize..90), 0..200)) {
            let byte = |(is_long, length): (bool, usize)| {
                std::iter::repeat_n(length.to_le_bytes()[0], if is_long { length } else { length % 6 })
            };
            let bytes: Vec<u8> = lengths.into_iter().flat_map(byte).collect();
            hold(&mut Repeated::default(), &bytes);
        }
    }
}
