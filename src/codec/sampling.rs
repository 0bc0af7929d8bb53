//! Whether to shuffle, found by compressing a few tiles both ways.
//!
//! Neither answer is right for all data: shuffle saves a fifth on counts and costs an
//! eighth on values rounded to three decimals, whose bytes repeat as they stand.
//!
//! Only sizes decide, never times, so the same input gives the same file on any machine.
//! Which tiles are samples is the caller's business; they should be spread over the
//! matrix, and chosen without chance.

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
    On,
    Off,
}

/// An encoding that was tried, and what the samples came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub encoding: Encoding,
    /// Stored bytes of all samples together.
    pub bytes: u64,
}

/// The encoding for items of `item_size` bytes, and the trials behind it.
///
/// Nothing is tried, and the trials are empty, when the user has chosen or when items of one
/// byte make the question void. A tie, as of no samples or of level 0, is decided for not
/// shuffling, the simpler file.
///
/// # Errors
/// [`CodecError::ZeroItemSize`] when items of no bytes might be shuffled.
pub fn choose(
    samples: &[&[u8]],
    item_size: usize,
    level: Level,
    choice: ShuffleChoice,
) -> Result<(Encoding, Vec<Trial>), CodecError> {
    let encoding = |shuffle| Encoding {
        compressor: Compressor::Libdeflate,
        level,
        shuffle,
        item_size,
    };
    match choice {
        ShuffleChoice::On => Ok((encoding(true), Vec::new())),
        ShuffleChoice::Off => Ok((encoding(false), Vec::new())),
        ShuffleChoice::Auto if item_size == 1 => Ok((encoding(false), Vec::new())),
        ShuffleChoice::Auto => {
            let plain = trial(encoding(false), samples)?;
            let shuffled = trial(encoding(true), samples)?;
            let winner = if shuffled.bytes < plain.bytes {
                shuffled
            } else {
                plain
            };
            Ok((winner.encoding, vec![plain, shuffled]))
        }
    }
}

fn trial(encoding: Encoding, samples: &[&[u8]]) -> Result<Trial, CodecError> {
    let mut encoder = encoding.encoder()?;
    let mut stored = Vec::new();
    let mut bytes = 0;
    for sample in samples {
        encoder.encode(sample, &mut stored)?;
        bytes += stored.len() as u64;
    }
    Ok(Trial { encoding, bytes })
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

    fn auto(samples: &[&[u8]], level: u8) -> (Encoding, Vec<Trial>) {
        choose(samples, 4, Level::new(level).unwrap(), ShuffleChoice::Auto).unwrap()
    }

    #[test]
    fn takes_the_smaller_and_shows_both() {
        let (counts, repeated) = (counts(), repeated());
        for (sample, shuffle) in [(&counts, true), (&repeated, false)] {
            let (winner, trials) = auto(&[sample], 4);
            assert_eq!(winner.shuffle, shuffle);
            let [plain, shuffled] = trials[..] else {
                panic!("two trials: {trials:?}")
            };
            assert!(!plain.encoding.shuffle && shuffled.encoding.shuffle);
            assert_eq!(shuffled.bytes < plain.bytes, shuffle);
        }
    }

    #[test]
    fn the_samples_count_together() {
        let (counts, repeated) = (counts(), repeated());
        let alone: u64 = [&counts, &repeated]
            .map(|sample| auto(&[sample], 4).1[0].bytes)
            .iter()
            .sum();
        assert_eq!(auto(&[&counts, &repeated], 4).1[0].bytes, alone);
    }

    #[test]
    fn a_tie_is_not_shuffled() {
        assert!(!auto(&[], 4).0.shuffle);
        assert!(!auto(&[&counts()], 0).0.shuffle);
    }

    #[test]
    fn nothing_is_tried_when_there_is_nothing_to_decide() {
        let sample = repeated();
        let level = Level::default();
        for (item_size, choice, shuffle) in [
            (4, ShuffleChoice::On, true),
            (4, ShuffleChoice::Off, false),
            (1, ShuffleChoice::Auto, false),
        ] {
            let (encoding, trials) = choose(&[&sample], item_size, level, choice).unwrap();
            assert_eq!(encoding.shuffle, shuffle);
            assert_eq!(trials, []);
        }
        assert_eq!(
            choose(&[&sample], 0, level, ShuffleChoice::Auto),
            Err(CodecError::ZeroItemSize)
        );
    }
}
