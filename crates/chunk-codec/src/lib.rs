//! HDF5 chunk filters outside of libhdf5: encode and decode the stored form of a chunk.
//!
//! A stored chunk is the values of a chunk after a *filter pipeline*, applied forwards on writing and
//! backwards on reading. libhdf5 runs pipelines under its global lock, on one core. This crate needs no
//! library and no lock, so callers encode and decode on as many threads as they like.
//!
//! ```
//! use chunk_codec::{Compressor, Decoder, Encoding, Level, Pipeline};
//!
//! let values: Vec<u8> = (0..1000_u32).flat_map(u32::to_le_bytes).collect();
//! let encoding = Encoding {
//!     compressor: Compressor::Libdeflate,
//!     level: Level::try_from(4)?,
//!     shuffle: true,
//!     item_size: 4,
//! };
//! let mut encoder = encoding.encoder()?;
//! let chunk = encoder.encode(&values)?;
//!
//! // The dataset declares `encoding.filters()`; any HDF5 reads the chunk, and so does this decoder.
//! let mut decoder = Decoder::new(Pipeline::new(encoding.filters())?);
//! let mut decoded = vec![0; values.len()];
//! decoder.decode(chunk, 0, &mut decoded)?;
//! assert_eq!(decoded, values);
//! # Ok::<(), chunk_codec::CodecError>(())
//! ```
//!
//! | module | contents |
//! |---|---|
//! | [`pipeline`] | decoding: any order of known filters, chunk filter masks honoured |
//! | [`encoder`] | encoding: [`Encoding`] as plain data, [`Encoder`] as an object for one thread |
//! | [`sampling`] | choice of an encoding by trying candidates on sample chunks |
//! | [`deflate`] | zlib streams (filter 1) by libdeflate |
//! | [`stream`] | deflate encoders for numeric data, several times as fast |
//! | [`shuffle`] | byte transposition (filter 2) |
//! | [`fletcher32`] | the checksum behind a chunk (filter 3) |
//! | [`lzf`] | the decompressor of h5py's `lzf` (filter 32000) |
//!
//! The input of a decoder may be hostile: no chunk makes it panic, or allocate more than the length of
//! the chunk's values allows. The crate opens no file and starts no thread.
//!
//! Sources: HDF5 File Format Specification, version 3.0, section IV.A.2.l "Data Storage - Filter Pipeline
//! Message", for the numbers of the filters, and `H5Z*.c` of libhdf5 for their arithmetic, which the
//! specification does not describe.

pub mod deflate;
pub mod encoder;
pub mod fletcher32;
#[cfg(test)]
mod known_answers;
mod level;
pub mod lzf;
pub mod pipeline;
pub mod sampling;
pub mod shuffle;
pub mod stream;

pub use crate::deflate::{Deflater, Inflater};
pub use crate::encoder::{Compressor, Encoder, Encoding};
pub use crate::level::Level;
pub use crate::pipeline::{Decoder, Filter, Pipeline};
pub use crate::sampling::{ShuffleChoice, Trial};
pub use libdeflater::{Crc as Crc32, crc32};
pub use zlib_rs::crc32::crc32_combine;

/// Why bytes could not be encoded or decoded.
///
/// The causes are told apart because the remedies differ: a damaged chunk, a
/// pipeline that this build cannot undo, and a mistake of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum CodecError {
    /// The input ends before the filter has what it needs.
    #[error("{filter}: the chunk ends too early: at least {needed} bytes expected, {found} found")]
    Truncated {
        filter: &'static str,
        needed: usize,
        found: usize,
    },

    /// The input breaks the rules of its format, or its own checksum.
    #[error("{filter}: the compressed data is damaged ({detail})")]
    Corrupt {
        filter: &'static str,
        detail: &'static str,
    },

    /// A checksum does not fit the bytes that it stands behind.
    #[error("fletcher32: checksum {stored:#010x} is stored, the bytes have {computed:#010x}")]
    Checksum { stored: u32, computed: u32 },

    /// The input was decoded without an error, but its length is not that of the values.
    #[error("the chunk decodes to {found} bytes where {expected} are expected")]
    Length { expected: usize, found: usize },

    /// The input decodes to more bytes than the chunk can have; where it would end is unknown.
    /// Damaged compressed data ends here more often than in [`CodecError::Corrupt`].
    #[error("{filter}: the chunk decodes to more than the {limit} bytes expected")]
    TooLong { filter: &'static str, limit: usize },

    /// A filter of the pipeline is not known here; `name` is what the file calls it.
    #[error("filter {id} ({name}) is not known here")]
    UnknownFilter { id: i32, name: String },

    /// A chunk's mask has 32 bits, and HDF5 allows no more filters.
    #[error("a pipeline of {0} filters, HDF5 allows 32")]
    TooManyFilters(usize),

    /// Shuffle needs items of at least one byte.
    #[error("shuffle: an item size of 0 bytes")]
    ZeroItemSize,

    /// HDF5's deflate property goes from 0 to 9.
    #[error("gzip level {0} is not in 0..=9")]
    InvalidLevel(u8),

    /// Source and destination of a transposition differ in length: the caller's mistake.
    #[error("a destination of {destination} bytes for a source of {source_length}")]
    BufferMismatch {
        source_length: usize,
        destination: usize,
    },

    /// libdeflate refused a buffer of the size that it had asked for.
    #[error("deflate: {length} bytes did not fit the buffer that libdeflate asked for")]
    EncodeOverflow { length: usize },
}

/// A buffer of at least so many bytes. What it holds is to be overwritten, not cleared first: that would fill all of it
/// with zeros each time.
fn grown(buffer: &mut Vec<u8>, length: usize) -> &mut [u8] {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    buffer
}
