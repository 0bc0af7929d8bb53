//! Which encoding a matrix gets, found by compressing a few tiles of it.
//!
//! No encoding is best for all data: shuffle saves a fifth on counts and costs an eighth on values rounded to
//! three decimals, whose bytes repeat unshuffled; a match finder finds nothing in measured values and much in
//! counts.
//!
//! Only sizes decide, never times, so the same input gives the same file on any machine. The candidates are
//! listed from the fastest to the slowest as measured. The first that is nearly as small as the smallest
//! wins, and none that is larger than what zlib makes of the unshuffled values: no file should grow by a
//! migration. The caller chooses the sample tiles; they should be spread over the matrix, and chosen without
//! chance.

use serde::{Deserialize, Serialize};

use crate::CodecError;
use crate::encoder::{Compressor, Encoding};
use crate::level::Level;
use zlib_rs::{DeflateConfig, compress_bound, compress_slice};

/// What the user asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShuffleChoice {
    /// Try both, take the smaller.
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
    /// The encoder, level and shuffle that were tried.
    pub encoding: Encoding,
    /// Stored bytes of all samples together.
    pub bytes: u64,
}

/// A larger file is worth a faster encoder up to 3 %.
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
        // Items of one byte are not shuffled at all.
        ShuffleChoice::Auto if item_size <= 1 => &[false],
        ShuffleChoice::Auto => &[true, false],
    };
    let compressors = if level.get() == 0 {
        // Stored as it is: no encoder is faster, and shuffle is of no use.
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

/// Compresses all samples with one encoding.
///
/// # Errors
/// [`CodecError::ZeroItemSize`] when items of no bytes are to be shuffled.
pub fn measure(encoding: Encoding, samples: &[&[u8]]) -> Result<Trial, CodecError> {
    let mut encoder = encoding.encoder()?;
    let mut bytes = 0;
    for sample in samples {
        bytes += encoder.encode(sample)?.len() as u64;
    }
    Ok(Trial { encoding, bytes })
}

/// Bytes that zlib makes of all samples at this level, not shuffled.
#[must_use]
pub fn by_zlib(level: Level, samples: &[&[u8]]) -> u64 {
    let config = DeflateConfig::new(i32::from(level.get()));
    let mut out = Vec::new();
    let one = |sample: &&[u8]| {
        out.resize(compress_bound(sample.len()), 0);
        // There is space for any output, so it cannot fail.
        compress_slice(&mut out, sample, config).0.len() as u64
    };
    samples.iter().map(one).sum()
}

/// Leaves those that the other samples may still decide about, after a first one of `raw` bytes.
///
/// After the first sample, encoders more than a twelfth behind the best are dropped, zlib among them. So is a
/// slower one that is less than 1 % smaller than a faster one, unless zlib is smaller than the fastest. If
/// next to nothing is left of the sample, it says nothing about the others.
pub fn drop_slow_candidates(trials: &mut Vec<Trial>, zlib: &mut Option<u64>, raw: usize) {
    let smallest = trials.iter().map(|trial| trial.bytes).min().unwrap_or(0);
    if smallest < raw as u64 / 8 {
        return;
    }
    let most = smallest + smallest / 12;
    trials.retain(|trial| trial.bytes <= most);
    *zlib = zlib.filter(|bytes| *bytes <= most);
    let fastest = trials.first().map_or(0, |trial| trial.bytes);
    if zlib.is_some_and(|bytes| bytes < fastest) {
        return;
    }
    let mut faster = u64::MAX;
    trials.retain(|trial| {
        let stays = trial.bytes < faster - faster / 100;
        if stays {
            faster = trial.bytes;
        }
        stays
    });
}

/// The first of the trials, which are in the order of [`candidates`], that is at most three
/// hundredths larger than the smallest and no larger than `zlib`'s, where that is in the race; the last one when
/// there were no samples.
#[must_use]
pub fn pick(trials: &[Trial], zlib: Option<u64>) -> Option<Encoding> {
    let last = trials.last()?;
    let smallest = trials.iter().map(|trial| trial.bytes).min()?;
    // Where even the smallest is larger than zlib's, it is the smallest.
    let zlib = zlib.unwrap_or(u64::MAX).max(smallest);
    let most = (smallest + smallest / WORTH).min(zlib);
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
            .map(|encoding| measure(encoding, samples).unwrap())
            .collect()
    }

    #[test]
    fn the_winner_is_nearly_the_smallest() {
        for sample in [counts(), repeated(), vec![0; 50_000], (0..200).collect()] {
            for level in [1, 4, 9] {
                let trials = trials(&[&sample], level);
                let zlib = by_zlib(Level::new(level).unwrap(), &[&sample]);
                let winner = pick(&trials, Some(zlib)).unwrap();
                let bytes = |encoding| {
                    trials
                        .iter()
                        .find(|t| t.encoding == encoding)
                        .unwrap()
                        .bytes
                };
                let smallest = trials.iter().map(|t| t.bytes).min().unwrap();
                assert!(bytes(winner) * 100 <= smallest * 104);
                assert!(bytes(winner) <= zlib.max(smallest), "{winner}");
            }
        }
    }

    #[test]
    fn counts_are_shuffled_and_repeated_values_are_not() {
        assert!(pick(&trials(&[&counts()], 4), None).unwrap().shuffle);
        assert!(!pick(&trials(&[&repeated()], 4), None).unwrap().shuffle);
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
        assert_eq!(
            pick(&trials, Some(1000)).unwrap().compressor,
            Compressor::Runs
        );
    }

    #[test]
    fn what_is_larger_than_zlib_does_not_win() {
        let mut trials: Vec<Trial> = candidates(4, Level::default(), ShuffleChoice::Auto)
            .into_iter()
            .zip([1030, 1020, 1010, 1000, 1005])
            .map(|(encoding, bytes)| Trial { encoding, bytes })
            .collect();
        let winner = |trials: &[Trial], zlib| {
            let winner = pick(trials, Some(zlib)).unwrap();
            trials.iter().position(|trial| trial.encoding == winner)
        };
        for (zlib, at) in [(2000, 0), (1029, 1), (1010, 2), (1000, 3), (900, 3)] {
            assert_eq!(winner(&trials, zlib), Some(at), "{zlib}");
        }
        trials.swap(0, 3);
        assert_eq!(winner(&trials, 900), Some(0));
    }

    #[test]
    fn zlib_is_what_zlib_is() {
        // Measured with Python's zlib.compress at level 6: what is random stays, zeros go.
        let zeros = vec![0; 100_000];
        assert!((100..=130).contains(&by_zlib(Level::new(6).unwrap(), &[&zeros])));
        let level = Level::default();
        assert!(by_zlib(level, &[&counts()]) > by_zlib(Level::new(9).unwrap(), &[&counts()]));
        assert_eq!(by_zlib(level, &[]), 0);
        let twice = by_zlib(level, &[&zeros, &zeros]);
        assert_eq!(twice, 2 * by_zlib(level, &[&zeros]));
    }

    #[test]
    fn the_other_samples_decide_only_between_those_that_are_close() {
        let left = |bytes: &[u64], zlib, raw| {
            let mut trials: Vec<Trial> = candidates(4, Level::default(), ShuffleChoice::Auto)
                .into_iter()
                .zip(bytes)
                .map(|(encoding, bytes)| Trial {
                    encoding,
                    bytes: *bytes,
                })
                .collect();
            let mut zlib = Some(zlib);
            drop_slow_candidates(&mut trials, &mut zlib, raw);
            let left: Vec<u64> = trials.iter().map(|trial| trial.bytes).collect();
            (left, zlib)
        };
        assert_eq!(
            left(&[1084, 1000, 1083, 980], 1061, 4000),
            (vec![1000, 980], Some(1061))
        );
        assert_eq!(
            left(&[1000, 991, 2000, 989], 1083, 4000),
            (vec![1000, 989], None)
        );
        assert_eq!(left(&[1000, 999, 998], 1082, 4000), (vec![1000], None));
        assert_eq!(left(&[1000, 999, 998], 999, 4000).0, [1000, 999, 998]);
        assert_eq!(
            left(&[30, 60, 400], 900, 8192),
            (vec![30, 60, 400], Some(900))
        );
        assert_eq!(left(&[], 5, 100), (vec![], Some(5)));
    }

    #[test]
    fn without_samples_the_plainest_wins() {
        let winner = pick(&trials(&[], 4), Some(0)).unwrap();
        assert_eq!(
            (winner.compressor, winner.shuffle),
            (Compressor::Libdeflate, false)
        );
        assert_eq!(pick(&[], Some(0)), None);
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
