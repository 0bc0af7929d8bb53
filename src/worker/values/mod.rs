//! The engine: values of `/expr` by window, through codecs that run outside of the library.
//!
//! A [`window::Window`] is a part of the matrix that fits into memory. [`reader`] fills
//! windows with plain values, whatever the storage; [`rows`] hashes them, and [`numbers`] shows
//! them to a lint; [`recode`] makes new chunks of them and [`verbatim`] keeps the old ones; [`incoming`]
//! makes chunks of rows whose end is not known yet. The library is called from one thread only,
//! and never while that thread waits for the others.

pub mod absent;
pub mod geometry;
pub mod incoming;
pub mod numbers;
pub mod reader;
pub mod recode;
pub mod rows;
pub mod slot;
pub mod spool;
pub mod team;
pub mod verbatim;
pub mod window;

use crate::codec::CodecError;
use crate::h5::error::H5Error;
use std::io;

/// Why values could not be read or encoded.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// The library would not.
    #[error("{0}")]
    Library(#[from] H5Error),
    /// The operating system would not read the file.
    #[error("reading stored values: {0}")]
    Read(#[from] io::Error),
    /// A chunk does not decode.
    #[error("chunk at row {row}, column {column} of /expr: {cause}")]
    Chunk {
        /// First row of the chunk.
        row: u64,
        /// First column of the chunk.
        column: u64,
        /// What is wrong with it.
        cause: CodecError,
    },
    /// A chunk claims to lie outside of the file, or outside of the matrix.
    #[error("chunk at row {row}, column {column} of /expr: {cause}")]
    Index {
        /// First row of the chunk.
        row: u64,
        /// First column of the chunk.
        column: u64,
        /// What is wrong with its index entry.
        cause: String,
    },
    /// One chunk alone needs more memory than allowed.
    #[error("one chunk of /expr holds {bytes} bytes, more than the {limit} that a worker takes")]
    TooLarge {
        /// Raw bytes of the chunk.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Values could not be encoded.
    #[error("encoding values: {0}")]
    Encoder(#[from] CodecError),
}
