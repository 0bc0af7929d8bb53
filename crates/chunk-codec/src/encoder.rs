//! Values to a stored chunk: the encoding as a value, and the encoder as an object.
//!
//! [`Encoding`] is plain data. It is chosen once for a dataset, kept in the report, and decides the pipeline
//! that the file declares ([`Encoding::filters`]). [`Encoder`] is the machinery made from it, one for each
//! thread, and the only thing that the worker's loop sees. A new match finder is a new [`Compressor`] and one
//! arm in [`Encoding::encoder`]; files stay ordinary gzip, whichever compressor wrote the stream.
//!
//! It writes only what every HDF5 can read: shuffle or not, then deflate. Chunks with
//! other filters are copied as they are or decoded first (see [`crate::pipeline`]).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::deflate::Deflater;
use crate::level::Level;
use crate::pipeline::Filter;
use crate::stream::Writer;
use crate::{CodecError, shuffle};

/// Makes stored chunks of tiles, on one thread.
pub trait Encoder: Send {
    /// The stored form of `tile`, all the values of one chunk (edge chunks too: HDF5 stores them at full size).
    ///
    /// All filters are applied, so the chunk's filter mask is 0. The result may be longer
    /// than `tile` when nothing in it can be compressed. The same tile gives the same
    /// bytes, whatever was encoded before.
    ///
    /// # Errors
    /// [`CodecError`] when the encoding itself is impossible, never because of the values.
    fn encode(&mut self, tile: &[u8]) -> Result<&[u8], CodecError>;
}

/// The compressor of the deflate stream. The same filter reads all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compressor {
    /// libdeflate at the dataset's level.
    #[default]
    Libdeflate,
    /// Codes for each plane of bytes, and runs of one byte.
    Runs,
    /// Values that occur again as a whole.
    Words,
}

impl Compressor {
    /// The word of the report.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Libdeflate => "libdeflate",
            Self::Runs => "runs",
            Self::Words => "words",
        }
    }

    /// Whether it supports items of this many bytes.
    #[must_use]
    pub const fn suits(self, item_size: usize, shuffle: bool) -> bool {
        match self {
            Self::Libdeflate | Self::Runs => true,
            Self::Words => matches!(item_size, 4 | 8) && !shuffle,
        }
    }
}

/// How the chunks of a dataset are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// The compressor of the stream.
    pub compressor: Compressor,
    /// What the dataset declares; the stream is at most a little longer than that level's.
    pub level: Level,
    /// Whether the bytes of the items are regrouped first.
    pub shuffle: bool,
    /// Bytes of one value, known whether or not they are shuffled.
    pub item_size: usize,
}

impl Encoding {
    /// The filters that the file has to declare, in the order of writing.
    #[must_use]
    pub fn filters(&self) -> Vec<Filter> {
        let deflate = Filter::Deflate {
            level: u32::from(self.level.get()),
        };
        let item_size = self.item_size;
        if self.shuffle {
            vec![Filter::Shuffle { item_size }, deflate]
        } else {
            vec![deflate]
        }
    }

    /// An encoder for one thread, with a compressor and buffers of its own.
    ///
    /// # Errors
    /// [`CodecError::ZeroItemSize`] when items of no bytes are to be shuffled.
    pub fn encoder(&self) -> Result<Box<dyn Encoder>, CodecError> {
        if self.shuffle && self.item_size == 0 {
            return Err(CodecError::ZeroItemSize);
        }
        let planes = if self.shuffle { self.item_size } else { 1 };
        let stream = match (self.compressor, Writer::of_words(self.item_size)) {
            (Compressor::Runs, _) => ZlibEncoder::Special(Box::new(Writer::of_runs()), planes),
            (Compressor::Words, Some(words)) => ZlibEncoder::Special(Box::new(words), planes),
            // Values of other sizes are searched byte by byte.
            (Compressor::Words, None) | (Compressor::Libdeflate, _) => {
                ZlibEncoder::General(Deflater::new(self.level)?)
            }
        };
        Ok(Box::new(Gzip {
            item_size: self.shuffle.then_some(self.item_size),
            shuffled: Vec::new(),
            stream,
            buffer: Vec::new(),
        }))
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (level, by) = (self.level.get(), self.compressor.word());
        write!(f, "gzip level {level} by {by}, ")?;
        if self.shuffle {
            write!(f, "shuffled in items of {} bytes", self.item_size)
        } else {
            f.write_str("not shuffled")
        }
    }
}

/// Shuffle when `item_size` is there, then deflate.
struct Gzip {
    item_size: Option<usize>,
    shuffled: Vec<u8>,
    stream: ZlibEncoder,
    /// For the longest stream so far.
    buffer: Vec<u8>,
}

/// What writes the zlib stream.
enum ZlibEncoder {
    General(Deflater),
    /// And the planes in which the bytes lie.
    Special(Box<Writer>, usize),
}

impl ZlibEncoder {
    fn write<'a>(&mut self, bytes: &[u8], buffer: &'a mut Vec<u8>) -> Result<&'a [u8], CodecError> {
        match self {
            Self::General(deflater) => deflater.deflate(bytes, buffer),
            Self::Special(writer, planes) => Ok(writer.write(bytes, *planes, buffer)),
        }
    }
}

impl Encoder for Gzip {
    fn encode(&mut self, tile: &[u8]) -> Result<&[u8], CodecError> {
        // Items of one byte stay where they are: no need for a copy.
        let bytes = match self.item_size.filter(|size| *size != 1) {
            Some(item_size) => {
                self.shuffled.resize(tile.len(), 0);
                shuffle::shuffle(tile, &mut self.shuffled, item_size)?;
                &self.shuffled
            }
            None => tile,
        };
        self.stream.write(bytes, &mut self.buffer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers as known;
    use crate::pipeline::{Decoder, Pipeline};

    fn encoding(shuffle: bool, item_size: usize, level: u8) -> Encoding {
        Encoding {
            compressor: Compressor::Libdeflate,
            level: Level::new(level).unwrap(),
            shuffle,
            item_size,
        }
    }

    #[test]
    fn the_same_tile_gives_the_same_bytes_whatever_came_before() {
        let mut encoder = encoding(true, 4, 4).encoder().unwrap();
        let first = encoder.encode(&known::ramp(4000)).unwrap().to_vec();
        encoder.encode(&known::noise(9000)).unwrap();
        assert_eq!(encoder.encode(&known::ramp(4000)).unwrap(), first);
        let mut other = encoding(true, 4, 4).encoder().unwrap();
        assert_eq!(other.encode(&known::ramp(4000)).unwrap(), first);
    }

    #[test]
    fn items_of_no_bytes_cannot_be_shuffled() {
        assert!(matches!(
            encoding(true, 0, 4).encoder().err(),
            Some(CodecError::ZeroItemSize)
        ));
        assert!(encoding(false, 0, 4).encoder().is_ok());
    }

    #[test]
    fn declares_shuffle_before_deflate() {
        assert_eq!(
            encoding(true, 4, 7).filters(),
            [
                Filter::Shuffle { item_size: 4 },
                Filter::Deflate { level: 7 }
            ]
        );
        assert_eq!(
            encoding(false, 4, 0).filters(),
            [Filter::Deflate { level: 0 }]
        );
    }

    #[test]
    fn reads_as_a_sentence_and_as_json() {
        let with = encoding(true, 4, 4);
        assert_eq!(
            with.to_string(),
            "gzip level 4 by libdeflate, shuffled in items of 4 bytes"
        );
        assert_eq!(
            encoding(false, 4, 9).to_string(),
            "gzip level 9 by libdeflate, not shuffled"
        );
        let json = serde_json::to_string(&with).unwrap();
        assert_eq!(
            json,
            r#"{"compressor":"libdeflate","level":4,"shuffle":true,"item_size":4}"#
        );
        assert_eq!(serde_json::from_str::<Encoding>(&json).unwrap(), with);
    }

    proptest! {
        #[test]
        fn its_own_pipeline_reads_it_back(
            tiles in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..1500), 1..4),
            shuffle in any::<bool>(),
            item_size in 1_usize..20,
            level in 0_u8..10,
            compressor in prop::sample::select(vec![
                Compressor::Libdeflate,
                Compressor::Runs,
                Compressor::Words,
            ]),
        ) {
            let encoding = Encoding {
                compressor,
                ..encoding(shuffle, item_size, level)
            };
            let mut encoder = encoding.encoder().unwrap();
            let mut decoder = Decoder::new(Pipeline::new(encoding.filters()).unwrap());
            for tile in tiles {
                let mut back = vec![0xAA; tile.len()];
                decoder.decode(encoder.encode(&tile).unwrap(), 0, &mut back).unwrap();
                prop_assert_eq!(back, tile);
            }
        }
    }
}
