//! LZF (filter 32000): the decompressor of the filter that h5py registers as `lzf`.
//!
//! There is no compressor here: a migrated file is gzip, which every HDF5 reads
//! without a plugin.
//!
//! The format has neither a header nor an end mark nor a checksum, so damage
//! shows only where it breaks a rule or changes the length. One control byte `c`
//! begins each step:
//!
//! * `c < 32`: the next `c + 1` bytes are literals;
//! * else: copy from earlier output. `c >> 5` is the length less 2; when it is 7,
//!   the next byte is added to it. `c & 31`, then one more byte, high before low,
//!   are the distance less 1.
//!
//! Rules, from liblzf's `lzf_d.c` and h5py's `lzf/lzf_filter.c`, which compresses
//! into a buffer as long as the values and leaves the chunk raw, with its mask bit
//! set, when that does not do. libhdf5 itself never sees this filter's data:
//! the specification only reserves the number.

use crate::CodecError;

const FILTER: &str = "lzf";

/// Decompresses `source` into the front of `destination`; the number of bytes written, behind
/// which `destination` holds rubbish.
///
/// # Errors
/// [`CodecError::Truncated`] when `source` ends within a step,
/// [`CodecError::TooLong`] when the output does not fit `destination`,
/// [`CodecError::Corrupt`] when a copy reaches back before the output.
pub fn decompress(source: &[u8], destination: &mut [u8]) -> Result<usize, CodecError> {
    let limit = destination.len();
    let mut input = Input { source, at: 0 };
    let mut written = 0;
    // The first step is taken even when nothing is there: liblzf makes no empty stream.
    loop {
        let control = input.byte()?;
        let length = if control < 32 {
            let length = usize::from(control) + 1;
            let literals = input.skip(length)?;
            if limit - written < length {
                return Err(CodecError::TooLong {
                    filter: FILTER,
                    limit,
                });
            }
            copy_literals(literals, length, &mut destination[written..]);
            length
        } else {
            let mut length = usize::from(control >> 5) + 2;
            if length == 9 {
                length += usize::from(input.byte()?);
            }
            let distance = (usize::from(control & 31) << 8 | usize::from(input.byte()?)) + 1;
            if limit - written < length {
                return Err(CodecError::TooLong {
                    filter: FILTER,
                    limit,
                });
            }
            if distance > written {
                return Err(CodecError::Corrupt {
                    filter: FILTER,
                    detail: "a copy from before the first byte",
                });
            }
            copy_output(destination, written, distance, length);
            length
        };
        written += length;
        if input.at == source.len() {
            return Ok(written);
        }
    }
}

/// Copies the first `length` bytes of `literals`, or 32 if there is space for them: one move of a fixed size
/// is faster than one of the right size, and what comes next overwrites the surplus.
fn copy_literals(literals: &[u8], length: usize, output: &mut [u8]) {
    match (literals.first_chunk::<32>(), output.first_chunk_mut::<32>()) {
        (Some(from), Some(to)) => *to = *from,
        _ => output[..length].copy_from_slice(&literals[..length]),
    }
}

/// Fills `length` bytes of `output` at `from` with those `distance` before, which may
/// overlap them: then the bytes between repeat. May write up to 15 more, as above.
fn copy_output(output: &mut [u8], from: usize, distance: usize, length: usize) {
    const STEP: usize = 16;
    let origin = from - distance;
    let rounded = length.next_multiple_of(STEP);
    if distance >= STEP && output.len() - from >= rounded {
        for at in (0..rounded).step_by(STEP) {
            output.copy_within(origin + at..origin + at + STEP, from + at);
        }
        return;
    }
    let end = from + length;
    let mut at = from;
    while at < end {
        // All since the origin repeats, so each round can copy twice as much as the last.
        let run = (at - origin).min(end - at);
        output.copy_within(origin..origin + run, at);
        at += run;
    }
}

struct Input<'a> {
    source: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn byte(&mut self) -> Result<u8, CodecError> {
        let byte = self.source.get(self.at).ok_or_else(|| self.truncated(1))?;
        self.at += 1;
        Ok(*byte)
    }

    /// Skips `count` bytes; the rest from the first of them on.
    fn skip(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let left = &self.source[self.at..];
        if left.len() < count {
            return Err(self.truncated(count));
        }
        self.at += count;
        Ok(left)
    }

    fn truncated(&self, more: usize) -> CodecError {
        CodecError::Truncated {
            filter: FILTER,
            needed: self.at + more,
            found: self.source.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers as known;

    fn decompressed(source: &[u8], capacity: usize) -> Result<Vec<u8>, CodecError> {
        let mut to = vec![0xAA; capacity];
        let written = decompress(source, &mut to)?;
        to.truncate(written);
        Ok(to)
    }

    #[test]
    fn agrees_with_h5py() {
        for chunk in [known::LZF, known::LZF_ZEROS, known::LZF_ODD] {
            assert_eq!(chunk.filter_mask, 0, "h5py compressed it");
            assert_eq!(
                decompressed(&chunk.stored(), chunk.length).unwrap(),
                chunk.raw()
            );
        }
    }

    #[test]
    fn a_copy_that_overlaps_itself_repeats() {
        // "abc", then 9 + 1 bytes from 3 back.
        assert_eq!(
            decompressed(&[2, b'a', b'b', b'c', 0xE0, 1, 2], 13).unwrap(),
            b"abcabcabcabca"
        );
    }

    #[test]
    fn fewer_bytes_than_the_room_are_counted() {
        assert_eq!(decompressed(&[0, 7], 100).unwrap(), [7]);
    }

    #[test]
    fn every_cut_is_noticed_or_shorter() {
        let stored = known::LZF.stored();
        for end in 0..stored.len() {
            let cut = decompressed(&stored[..end], known::LZF.length);
            assert!(
                matches!(&cut, Err(CodecError::Truncated { .. }))
                    || cut.is_ok_and(|bytes| bytes.len() < known::LZF.length)
            );
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let truncated = |needed, found| CodecError::Truncated {
            filter: "lzf",
            needed,
            found,
        };
        assert_eq!(decompressed(&[], 9), Err(truncated(1, 0)));
        assert_eq!(decompressed(&[3, 1, 2], 9), Err(truncated(5, 3)));
        assert_eq!(decompressed(&[0, 1, 0xE0], 9), Err(truncated(4, 3)));
        assert_eq!(decompressed(&[0, 1, 0x20], 9), Err(truncated(4, 3)));
        let too_long = CodecError::TooLong {
            filter: "lzf",
            limit: 3,
        };
        assert_eq!(decompressed(&[3, 1, 2, 3, 4], 3), Err(too_long.clone()));
        assert_eq!(decompressed(&[0, 1, 0x20, 0], 3), Err(too_long));
        assert_eq!(
            decompressed(&[0, 1, 0x20, 1], 9),
            Err(CodecError::Corrupt {
                filter: "lzf",
                detail: "a copy from before the first byte"
            })
        );
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic_or_overflow(
            source in prop::collection::vec(any::<u8>(), 0..400),
            capacity in 0_usize..3000,
        ) {
            if let Ok(bytes) = decompressed(&source, capacity) {
                prop_assert!(bytes.len() <= capacity);
            }
        }

        #[test]
        fn damaged_chunks_never_panic(
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let mut stored = known::LZF.stored();
            let at = at.index(stored.len());
            stored[at] = byte;
            let _ = decompressed(&stored, known::LZF.length);
        }
    }
}
