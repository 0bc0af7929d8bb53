//! Bytes to bytes: what HDF5's filters do to a chunk, and how to undo it.
//!
//! A chunk in a file is the dataset's values after a *filter pipeline*, written forwards and read backwards.
//! This crate runs such pipelines outside libhdf5, whose one global lock would leave every core but one idle.
//! It also hashes rows of values.
//!
//! | module | what it holds |
//! |---|---|
//! | [`pipeline`] | a chunk of a file to values, any order of known filters, chunk masks honoured |
//! | [`encoder`] | values to a chunk, as a value that can be reported and an object for one thread |
//! | [`sampling`] | which encoding suits this data, found by trying |
//! | [`deflate`] | zlib streams (filter 1), by libdeflate |
//! | [`stream`] | the same for what matrices hold, and several times as fast |
//! | [`shuffle`] | bytes regrouped by their place in the item (filter 2) |
//! | [`fletcher32`] | the checksum behind a chunk (filter 3) |
//! | [`lzf`] | the decompressor of h5py's `lzf` (filter 32000) |
//! | [`row_sums`](mod@row_sums) | SHA-256 of the rows of a matrix, two at a time |
//!
//! It opens no file, calls no HDF5, starts no thread and writes no log. Its input is hostile: no chunk,
//! however damaged, makes it panic, or allocate more than the length of the chunk's values allows.
//!
//! The rules come from the HDF5 File Format Specification, section IV.A.2.l
//! "Data Storage - Filter Pipeline Message", which names the filters, and from
//! libhdf5's `H5Z*.c`, which define them: the specification does not say what
//! their arithmetic is.

pub mod deflate;
pub mod encoder;
pub mod fletcher32;
#[cfg(test)]
mod known_answers;
mod level;
pub mod lzf;
pub mod pipeline;
pub mod row_sums;
pub mod sampling;
pub mod shuffle;
pub mod stream;

pub use crate::deflate::{Deflater, Inflater};
pub use crate::encoder::{Compressor, Encoder, Encoding};
pub use crate::level::Level;
pub use crate::pipeline::{Decoder, Filter, Pipeline};
pub use crate::row_sums::{RowHashers, row_sums};
pub use crate::sampling::{ShuffleChoice, Trial};
pub use libdeflater::{Crc as Crc32, crc32};
pub use zlib_rs::crc32::crc32_combine;

/// Why bytes could not be encoded or decoded.
///
/// The causes are separate because the remedies differ: a damaged chunk, a pipeline that this build cannot
/// undo, and a mistake of the caller.
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

/// A buffer of at least this many bytes. Its content is to be overwritten and is not cleared, which would
/// fill all of it with zeros each time.
fn grown(buffer: &mut Vec<u8>, length: usize) -> &mut [u8] {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    buffer
}
