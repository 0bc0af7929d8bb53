//! Fletcher-32 (filter 3): four bytes behind a chunk that reveal damage.
//!
//! It is not the Fletcher-32 of textbooks: libhdf5 starts its sums at 0, reads
//! 16-bit words with the high byte first, and *folds* the carry back in where
//! others take the remainder by 65535, so that a non-zero multiple of 65535
//! stays 65535. The checksum is stored with its lowest byte first.
//!
//! Rules, from libhdf5: `H5_checksum_fletcher32` in `H5checksum.c` and
//! `H5Zfletcher32.c`. Up to HDF5 2.2 the latter reads a chunk
//! shorter than a checksum out of bounds and crashes; here it is an error.

use crate::CodecError;

/// Bytes that the filter adds to a chunk.
pub const CHECKSUM_LENGTH: usize = 4;

/// Words summed between two folds: with 361, 32 bits could overflow.
const WORDS_PER_FOLD: usize = 360;

/// The checksum that HDF5 appends to a chunk (`H5_checksum_fletcher32`): two sums of big-endian 16-bit words.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    let (words, odd) = bytes.as_chunks::<2>();
    let (mut sum, mut sum_of_sums) = (0_u32, 0_u32);
    let (blocks, rest) = words.as_chunks::<WORDS_PER_FOLD>();
    for block in blocks {
        add_block(block, &mut sum, &mut sum_of_sums);
    }
    if !rest.is_empty() {
        add_block(rest, &mut sum, &mut sum_of_sums);
    }
    if let [last] = odd {
        sum += u32::from(*last) << 8;
        sum_of_sums += sum;
        sum = fold(sum);
        sum_of_sums = fold(sum_of_sums);
    }
    fold(sum_of_sums) << 16 | fold(sum)
}

/// Adds at most [`WORDS_PER_FOLD`] words.
///
/// libhdf5 adds the running sum to the sum of sums after each word, which makes
/// each step wait for the one before. Here a word is multiplied by the number of
/// times that it would have been added: the same integers, and the loop is free
/// to run in vectors.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "at most WORDS_PER_FOLD words"
)]
fn add_block(words: &[[u8; 2]], sum: &mut u32, sum_of_sums: &mut u32) {
    let mut times = words.len() as u32;
    *sum_of_sums += times * *sum;
    for word in words {
        let word = u32::from(u16::from_be_bytes(*word));
        *sum += word;
        *sum_of_sums += times * word;
        times -= 1;
    }
    *sum = fold(*sum);
    *sum_of_sums = fold(*sum_of_sums);
}

const fn fold(sum: u32) -> u32 {
    (sum & 0xffff) + (sum >> 16)
}

/// Puts the checksum of all bytes in `chunk` behind them.
pub fn append(chunk: &mut Vec<u8>) {
    let checksum = checksum(chunk);
    chunk.extend_from_slice(&checksum.to_le_bytes());
}

/// The bytes of `chunk` before its checksum, if the checksum matches.
///
/// Accepts what libhdf5 accepts: also the checksum of releases before 1.6.3 on
/// little-endian machines, which has the bytes of both its halves swapped.
///
/// # Errors
/// [`CodecError::Truncated`] if there is no space for a checksum, [`CodecError::Checksum`] if it does not
/// match.
pub fn verify_and_strip(chunk: &[u8]) -> Result<&[u8], CodecError> {
    let Some((bytes, stored)) = chunk.split_last_chunk::<CHECKSUM_LENGTH>() else {
        return Err(CodecError::Truncated {
            filter: "fletcher32",
            needed: CHECKSUM_LENGTH,
            found: chunk.len(),
        });
    };
    let stored = u32::from_le_bytes(*stored);
    let computed = checksum(bytes);
    if stored == computed || stored == swap_halves(computed) {
        Ok(bytes)
    } else {
        Err(CodecError::Checksum { stored, computed })
    }
}

/// Swaps the two bytes within each 16-bit half.
const fn swap_halves(checksum: u32) -> u32 {
    checksum.swap_bytes().rotate_left(16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers as known;

    /// The definition, one word at a time, in integers that cannot overflow.
    fn by_definition(bytes: &[u8]) -> u32 {
        let (mut sum, mut sum_of_sums) = (0_u64, 0_u64);
        let fold = |s: u64| (s & 0xffff) + (s >> 16);
        for block in bytes.chunks(2 * WORDS_PER_FOLD) {
            // libhdf5 folds the odd byte on its own, after its block.
            let (words, odd) = block.as_chunks::<2>();
            for word in words {
                sum += u64::from(u16::from_be_bytes(*word));
                sum_of_sums += sum;
            }
            assert!(u32::try_from(sum_of_sums).is_ok());
            if !words.is_empty() {
                (sum, sum_of_sums) = (fold(sum), fold(sum_of_sums));
            }
            if let [last] = odd {
                sum += u64::from(*last) << 8;
                sum_of_sums += sum;
                (sum, sum_of_sums) = (fold(sum), fold(sum_of_sums));
            }
        }
        u32::try_from(fold(sum_of_sums) << 16 | fold(sum)).unwrap()
    }

    #[test]
    fn agrees_with_libhdf5() {
        for (values, length, stored) in known::CHECKSUMS {
            assert_eq!(checksum(&values(*length)), *stored, "{length} bytes");
        }
        for chunk in [known::FLETCHER32_EVEN, known::FLETCHER32_ODD] {
            let mut written = chunk.raw();
            append(&mut written);
            assert_eq!(written, chunk.stored());
            assert_eq!(verify_and_strip(&written).unwrap(), chunk.raw());
        }
    }

    #[test]
    fn the_largest_sums_do_not_overflow() {
        for length in [1, 719, 720, 721, 722, 1440, 1441, 100_000] {
            let bytes = known::ones(length);
            assert_eq!(checksum(&bytes), by_definition(&bytes));
        }
    }

    #[test]
    fn accepts_the_checksum_of_releases_before_1_6_3() {
        let mut old = known::FLETCHER32_EVEN.stored();
        let end = old.len();
        old.swap(end - 4, end - 3);
        old.swap(end - 2, end - 1);
        assert_ne!(old, known::FLETCHER32_EVEN.stored());
        assert_eq!(
            verify_and_strip(&old).unwrap(),
            known::FLETCHER32_EVEN.raw()
        );
    }

    #[test]
    fn names_both_checksums_when_they_differ() {
        let mut damaged = known::FLETCHER32_EVEN.stored();
        damaged[0] ^= 1;
        assert_eq!(
            verify_and_strip(&damaged),
            Err(CodecError::Checksum {
                stored: checksum(&known::FLETCHER32_EVEN.raw()),
                computed: checksum(&damaged[..damaged.len() - 4]),
            })
        );
    }

    #[test]
    fn a_chunk_shorter_than_a_checksum_is_truncated() {
        for length in 0..4 {
            assert_eq!(
                verify_and_strip(&vec![0; length]),
                Err(CodecError::Truncated {
                    filter: "fletcher32",
                    needed: 4,
                    found: length
                })
            );
        }
        assert_eq!(verify_and_strip(&[0; 4]).unwrap(), b"");
    }

    proptest! {
        #[test]
        fn any_bytes_follow_the_definition(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            prop_assert_eq!(checksum(&bytes), by_definition(&bytes));
            let mut chunk = bytes.clone();
            append(&mut chunk);
            prop_assert_eq!(verify_and_strip(&chunk).unwrap(), &bytes[..]);
        }

        #[test]
        fn one_flipped_bit_is_found(
            bytes in prop::collection::vec(any::<u8>(), 1..3000),
            at in any::<prop::sample::Index>(),
            bit in 0..8,
        ) {
            let mut chunk = bytes;
            append(&mut chunk);
            let at = at.index(chunk.len() - CHECKSUM_LENGTH);
            chunk[at] ^= 1_u8 << bit;
            prop_assert!(verify_and_strip(&chunk).is_err());
        }
    }
}
