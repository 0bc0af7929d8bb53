//! zlib streams (filter 1) without a search for matches, by zlib-rs.
//!
//! The mantissas of measured values are noise: a match finder spends nine tenths of its time
//! on finding nothing. What pays is entropy coding and, for shuffled bytes, runs of one byte. These
//! strategies of zlib (`Z_HUFFMAN_ONLY`, `Z_RLE`) do just that; every reader inflates the result.

use super::CodecError;
use super::deflate::Level;
use zlib_rs::{DeflateConfig, ReturnCode, Strategy, compress_bound, compress_slice};

/// A way to write a stream without looking far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Each byte by itself.
    Huffman,
    /// Runs of one byte, then each byte by itself.
    RunLengths,
}

/// Replaces what `out` holds with the zlib stream of `bytes`.
///
/// # Errors
/// [`CodecError::EncodeOverflow`], which zlib's bound promises not to happen.
pub fn deflate(
    coding: Coding,
    level: Level,
    bytes: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CodecError> {
    let mut config = DeflateConfig::new(i32::from(level.get()));
    config.strategy = match coding {
        Coding::Huffman => Strategy::HuffmanOnly,
        Coding::RunLengths => Strategy::Rle,
    };
    // Old content is overwritten, not cleared first: that would fill all of it with zeros.
    out.resize(compress_bound(bytes.len()), 0);
    let (stream, code) = compress_slice(out, bytes, config);
    let length = stream.len();
    if code != ReturnCode::Ok {
        return Err(CodecError::EncodeOverflow {
            length: bytes.len(),
        });
    }
    out.truncate(length);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::deflate::Inflater;
    use super::super::known_answers as known;
    use super::*;
    use proptest::prelude::*;

    fn roundtrip(coding: Coding, level: u8, bytes: &[u8]) {
        let mut stream = vec![7; 3];
        deflate(coding, Level::new(level).unwrap(), bytes, &mut stream).unwrap();
        let mut back = vec![0xAA; bytes.len()];
        Inflater::new().inflate(&stream, &mut back).unwrap();
        assert_eq!(back, bytes);
    }

    #[test]
    fn runs_are_found() {
        let mut stream = Vec::new();
        deflate(
            Coding::RunLengths,
            Level::default(),
            &[5; 10_000],
            &mut stream,
        )
        .unwrap();
        assert!(stream.len() < 100, "{}", stream.len());
    }

    #[test]
    fn noise_grows_within_the_bound() {
        for coding in [Coding::Huffman, Coding::RunLengths] {
            roundtrip(coding, 4, &known::noise(100_000));
        }
    }

    proptest! {
        #[test]
        fn reads_back(
            bytes in prop::collection::vec(any::<u8>(), 0..3000),
            level in 1_u8..10,
            runs in any::<bool>(),
        ) {
            roundtrip(if runs { Coding::RunLengths } else { Coding::Huffman }, level, &bytes);
        }
    }
}
