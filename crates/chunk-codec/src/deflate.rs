//! Deflate (filter 1): zlib streams (RFC 1950), by libdeflate.
//!
//! libdeflate works on whole buffers of known length, like a chunk, and is about twice as fast as zlib at it.
//! It cannot stream: nothing here reads a pipe. Its releases may write different bytes for the same values,
//! so "same input, same output" holds for one build of this program.
//!
//! Rules, from libhdf5's `H5Zdeflate.c`: one zlib stream for each chunk, the level a number of 0..=9 that
//! decoding does not need. Bytes after the end of the stream are ignored, as libhdf5 ignores them. Data that
//! cannot be compressed is still written as a stream, a few bytes longer than the values: that filter never
//! gives up on a chunk, and neither does this one. A caller that would rather store such a chunk raw sets its
//! mask bit instead.

use libdeflater::{CompressionLvl, Compressor, DecompressionError, Decompressor};

use crate::level::Level;
use crate::{CodecError, grown};

const FILTER: &str = "deflate";

/// Header and checksum of a zlib stream (RFC 1950): nothing shorter is valid.
const WRAPPER_LENGTH: usize = 6;

/// A compressor for one thread, reused for each chunk: creating one allocates up to a megabyte.
pub struct Deflater(Compressor);

impl std::fmt::Debug for Deflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Deflater")
    }
}

impl Deflater {
    /// # Errors
    /// [`CodecError::InvalidLevel`] when libdeflate does not know the level.
    ///
    /// # Panics
    /// When memory runs out, as Rust's own allocations do.
    pub fn new(level: Level) -> Result<Self, CodecError> {
        CompressionLvl::new(i32::from(level.get()))
            .map(|level| Self(Compressor::new(level)))
            .map_err(|_| CodecError::InvalidLevel(level.get()))
    }

    /// The zlib stream of `bytes`, written into `buffer`, which grows if it is too short.
    ///
    /// # Errors
    /// [`CodecError::EncodeOverflow`], which libdeflate promises not to happen.
    pub fn deflate<'a>(
        &mut self,
        bytes: &[u8],
        buffer: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], CodecError> {
        let bound = self.0.zlib_compress_bound(bytes.len());
        let out = grown(buffer, bound);
        let length = self
            .0
            .zlib_compress(bytes, out)
            .map_err(|_| CodecError::EncodeOverflow {
                length: bytes.len(),
            })?;
        Ok(&out[..length])
    }
}

/// A decompressor for one thread, reused for each chunk.
pub struct Inflater(Decompressor);

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Inflater")
    }
}

impl Inflater {
    /// # Panics
    /// When memory runs out, as Rust's own allocations do.
    #[must_use]
    pub fn new() -> Self {
        Self(Decompressor::new())
    }

    /// Decodes a zlib stream of exactly as many bytes as `out` has.
    ///
    /// # Errors
    /// Those of [`Inflater::inflate_up_to`], and [`CodecError::Length`] when the stream
    /// is whole but shorter. `out` then holds rubbish.
    pub fn inflate(&mut self, stream: &[u8], out: &mut [u8]) -> Result<(), CodecError> {
        let found = self.inflate_up_to(stream, out)?;
        if found == out.len() {
            Ok(())
        } else {
            Err(CodecError::Length {
                expected: out.len(),
                found,
            })
        }
    }

    /// Decodes a zlib stream into the front of `out`; the number of bytes written.
    ///
    /// # Errors
    /// [`CodecError::Truncated`] if there is no space for a stream's header and checksum,
    /// [`CodecError::Corrupt`] if it breaks the format or fails its Adler-32, [`CodecError::TooLong`] if it
    /// has more bytes than `out`.
    pub fn inflate_up_to(&mut self, stream: &[u8], out: &mut [u8]) -> Result<usize, CodecError> {
        if stream.len() < WRAPPER_LENGTH {
            return Err(CodecError::Truncated {
                filter: FILTER,
                needed: WRAPPER_LENGTH,
                found: stream.len(),
            });
        }
        self.0
            .zlib_decompress(stream, out)
            .map_err(|error| match error {
                DecompressionError::BadData => CodecError::Corrupt {
                    filter: FILTER,
                    detail: "not a whole zlib stream, or its Adler-32 does not fit",
                },
                DecompressionError::InsufficientSpace => CodecError::TooLong {
                    filter: FILTER,
                    limit: out.len(),
                },
            })
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers as known;

    fn deflated(bytes: &[u8], level: u8) -> Vec<u8> {
        let mut deflater = Deflater::new(Level::new(level).unwrap()).unwrap();
        let mut buffer = Vec::new();
        deflater.deflate(bytes, &mut buffer).unwrap().to_vec()
    }

    fn inflated(stream: &[u8], length: usize) -> Result<Vec<u8>, CodecError> {
        let mut out = vec![0xAA; length];
        Inflater::new().inflate(stream, &mut out).map(|()| out)
    }

    #[test]
    fn reads_what_libhdf5_wrote() {
        for chunk in [
            known::GZIP_0,
            known::GZIP_4,
            known::GZIP_9_NOISE,
            known::GZIP_ZEROS,
        ] {
            assert_eq!(
                inflated(&chunk.stored(), chunk.length).unwrap(),
                chunk.raw()
            );
        }
    }

    #[test]
    fn every_level_comes_back_and_compresses() {
        let bytes = known::mixed(50_000);
        for level in 1..=9 {
            let stream = deflated(&bytes, level);
            assert!(stream.len() < bytes.len() / 4, "level {level}");
            assert_eq!(inflated(&stream, bytes.len()).unwrap(), bytes);
        }
        assert_eq!(Level::new(10), Err(CodecError::InvalidLevel(10)));
    }

    #[test]
    fn noise_and_level_0_make_longer_streams_that_still_come_back() {
        for (length, level) in [(1, 4), (1000, 9), (200_000, 1), (200_000, 0)] {
            let bytes = known::noise(length);
            let stream = deflated(&bytes, level);
            assert!(stream.len() > bytes.len());
            assert_eq!(inflated(&stream, length).unwrap(), bytes);
        }
    }

    #[test]
    fn what_is_in_a_buffer_before_does_not_matter() {
        let mut deflater = Deflater::new(Level::default()).unwrap();
        let mut buffer = vec![0xAA; 100_000];
        let first = deflater.deflate(b"a", &mut buffer).unwrap().to_vec();
        let stream = deflater.deflate(&known::noise(5000), &mut buffer).unwrap();
        assert_eq!(inflated(stream, 5000).unwrap(), known::noise(5000));
        assert_eq!(deflater.deflate(b"a", &mut buffer).unwrap(), first);
    }

    #[test]
    fn tells_short_long_truncated_and_damaged_apart() {
        let stream = deflated(&known::mixed(1000), 4);
        assert_eq!(
            inflated(&stream, 1001),
            Err(CodecError::Length {
                expected: 1001,
                found: 1000
            })
        );
        assert_eq!(
            inflated(&stream, 999),
            Err(CodecError::TooLong {
                filter: "deflate",
                limit: 999
            })
        );
        assert_eq!(
            inflated(&stream[..5], 1000),
            Err(CodecError::Truncated {
                filter: "deflate",
                needed: 6,
                found: 5
            })
        );
        let mut checksum = stream.clone();
        *checksum.last_mut().unwrap() ^= 1;
        for damaged in [&stream[..stream.len() - 1], &checksum, &[0; 20]] {
            assert!(matches!(
                inflated(damaged, 1000),
                Err(CodecError::Corrupt {
                    filter: "deflate",
                    ..
                })
            ));
        }
    }

    #[test]
    fn ignores_bytes_behind_the_stream_as_libhdf5_does() {
        let mut stream = deflated(b"values", 4);
        stream.extend_from_slice(b"rubbish");
        assert_eq!(inflated(&stream, 6).unwrap(), b"values");
    }

    #[test]
    fn an_empty_chunk_is_a_stream_too() {
        assert_eq!(inflated(&deflated(b"", 4), 0).unwrap(), b"");
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(
            bytes in prop::collection::vec(any::<u8>(), 0..2000),
            level in 0_u8..10,
        ) {
            prop_assert_eq!(inflated(&deflated(&bytes, level), bytes.len()).unwrap(), bytes);
        }

        #[test]
        fn random_bytes_never_panic(
            mut stream in prop::collection::vec(any::<u8>(), 0..400),
            buffer in 0_usize..3000,
            zlib_header in any::<bool>(),
        ) {
            if zlib_header && stream.len() > 1 {
                (stream[0], stream[1]) = (0x78, 0x9c);
            }
            let mut out = vec![0; buffer];
            if let Ok(length) = Inflater::new().inflate_up_to(&stream, &mut out) {
                prop_assert!(length <= buffer);
            }
        }
    }
}
