//! Which encoding a matrix gets, found by compressing a few tiles of it.
//!
//! No answer is right for all data: shuffle saves a fifth on counts and costs an eighth on
//! values rounded to three decimals, whose bytes repeat as they stand; a match finder finds
//! nothing in measured values and much in counts.
//!
//! Only sizes decide, never times, so the same input gives the same file on any machine: the
//! candidates are listed from the fastest to the slowest as they were measured, and the first
//! that is nearly as small as the smallest wins. Which tiles are samples is the caller's business;
//! they should be spread over the matrix, and chosen without chance.

use serde::{Deserialize, Serialize};

use super::CodecError;
use super::deflate::Level;
use super::encoder::{Compressor, Encoding};

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShuffleChoice {
    /// Try both ways, take the smaller.
    #[default]
    Auto,
    /// Always shuffle.
    On,
    /// Never shuffle.
    Off,
}

/// An encoding that was tried, and what the samples came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// What was tried.
    pub encoding: Encoding,
    /// Stored bytes of all samples together.
    pub bytes: u64,
}

/// A larger file is worth a faster encoder up to three hundredths.
const WORTH: u64 = 33;

/// Compressors from the fastest to the slowest on expression values (see `docs/codecs.md`).
const FASTEST_FIRST: [Compressor; 3] =
    [Compressor::Runs, Compressor::Words, Compressor::Libdeflate];

/// The encodings worth trying for items of `item_size` bytes, from the fastest to the slowest.
/// The last one is the plainest: the level that was asked for, and no shuffle unless asked for.
#[must_use]
pub fn candidates(item_size: usize, level: Level, choice: ShuffleChoice) -> Vec<Encoding> {
    let encoding = |compressor, shuffle| Encoding {
        compressor,
        level,
        shuffle,
        item_size,
    };
    let ways: &[bool] = match choice {
        ShuffleChoice::On => &[true],
        ShuffleChoice::Off => &[false],
        // Items of one byte make the question void.
        ShuffleChoice::Auto if item_size <= 1 => &[false],
        ShuffleChoice::Auto => &[true, false],
    };
    let compressors = if level.get() == 0 {
        // Stored as it is: there is nothing to be faster at, and no use for shuffle.
        &FASTEST_FIRST[2..]
    } else {
        &FASTEST_FIRST[..]
    };
    compressors
        .iter()
        .flat_map(|compressor| ways.iter().map(|shuffle| encoding(*compressor, *shuffle)))
        .filter(|encoding| encoding.compressor.suits(item_size, encoding.shuffle))
        .collect()
}

/// Compresses all samples in one way.
///
/// # Errors
/// [`CodecError::ZeroItemSize`] when items of no bytes are to be shuffled.
pub fn try_out(encoding: Encoding, samples: &[&[u8]]) -> Result<Trial, CodecError> {
    let mut encoder = encoding.encoder()?;
    let mut stored = Vec::new();
    let mut bytes = 0;
    for sample in samples {
        encoder.encode(sample, &mut stored)?;
        bytes += stored.len() as u64;
    }
    Ok(Trial { encoding, bytes })
}

/// The first of the trials, which are in the order of [`candidates`], that is at most three
/// hundredths larger than the smallest; the last one when there were no samples.
#[must_use]
pub fn pick(trials: &[Trial]) -> Option<Encoding> {
    let last = trials.last()?;
    let smallest = trials.iter().map(|trial| trial.bytes).min()?;
    let most = smallest + smallest / WORTH;
    let winner = trials
        .iter()
        .find(|trial| trial.bytes <= most && trial.bytes > 0);
    Some(winner.unwrap_or(last).encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts of reads: small whole numbers as f32.
    fn counts() -> Vec<u8> {
        let mut state = 7_u32;
        (0..20_000)
            .flat_map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f32::from((state >> 20) as u16).to_le_bytes()
            })
            .collect()
    }

    /// Few different values, each of which repeats as a whole.
    fn repeated() -> Vec<u8> {
        let mut state = 7_u32;
        (0..20_000)
            .flat_map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (f32::from((state >> 28) as u16) * 0.123_456_79).to_le_bytes()
            })
            .collect()
    }

    fn trials(samples: &[&[u8]], level: u8) -> Vec<Trial> {
        candidates(4, Level::new(level).unwrap(), ShuffleChoice::Auto)
            .into_iter()
            .map(|encoding| try_out(encoding, samples).unwrap())
            .collect()
    }

    #[test]
    fn the_winner_is_nearly_the_smallest() {
        for sample in [counts(), repeated(), vec![0; 50_000], (0..200).collect()] {
            for level in [1, 4, 9] {
                let trials = trials(&[&sample], level);
                let winner = pick(&trials).unwrap();
                let bytes = |encoding| {
                    trials
                        .iter()
                        .find(|t| t.encoding == encoding)
                        .unwrap()
                        .bytes
                };
                let smallest = trials.iter().map(|t| t.bytes).min().unwrap();
                assert!(bytes(winner) * 100 <= smallest * 104);
            }
        }
    }

    #[test]
    fn counts_are_shuffled_and_repeated_values_are_not() {
        assert!(pick(&trials(&[&counts()], 4)).unwrap().shuffle);
        assert!(!pick(&trials(&[&repeated()], 4)).unwrap().shuffle);
    }

    #[test]
    fn a_faster_one_wins_a_tie() {
        let trials: Vec<Trial> = candidates(4, Level::default(), ShuffleChoice::Auto)
            .into_iter()
            .map(|encoding| Trial {
                encoding,
                bytes: 1000,
            })
            .collect();
        assert_eq!(pick(&trials).unwrap().compressor, Compressor::Runs);
    }

    #[test]
    fn without_samples_the_plainest_wins() {
        let winner = pick(&trials(&[], 4)).unwrap();
        assert_eq!(
            (winner.compressor, winner.shuffle),
            (Compressor::Libdeflate, false)
        );
        assert_eq!(pick(&[]), None);
    }

    #[test]
    fn the_user_decides_about_shuffle_and_about_storing() {
        let shuffles = |item_size, level, choice| -> Vec<bool> {
            candidates(item_size, Level::new(level).unwrap(), choice)
                .iter()
                .map(|encoding| encoding.shuffle)
                .collect()
        };
        assert_eq!(shuffles(4, 4, ShuffleChoice::On), [true; 2]);
        assert_eq!(shuffles(4, 4, ShuffleChoice::Off), [false; 3]);
        assert_eq!(shuffles(1, 4, ShuffleChoice::Auto), [false; 2]);
        assert_eq!(shuffles(4, 0, ShuffleChoice::Auto), [true, false]);
    }
}
