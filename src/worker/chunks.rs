//! The engine: values of `/expr` by window, through codecs that run outside of the library.
//!
//! A [`window::Window`] is a part of the matrix that fits into a core's cache.
//!
//! | module | what it does |
//! |---|---|
//! | [`geometry`], [`window`] | the grid of chunks, and the order of the windows |
//! | [`read`] | fills windows with plain values, whatever the storage; describes damage; with `--salvage`, replaces lost chunks |
//! | [`scan`] | reads and processes windows on all threads, and takes the results in order |
//! | [`rows`] | hashes rows |
//! | [`numbers`] | passes values to a lint |
//! | [`encode`] | encodes new chunks, keeps old ones as they are, or encodes rows whose number is not known yet |
//! | [`thread_pool`], [`spare_buffers`] | threads and memory |
//!
//! The library is called from one thread only, and never while that thread waits for the others.

pub(crate) mod dataset_geometry;
pub(crate) mod encode;
pub(crate) mod geometry;
pub(crate) mod numbers;
pub(crate) mod read;
pub(crate) mod rows;
pub(crate) mod scan;
pub(crate) mod spare_buffers;
pub(crate) mod thread_pool;
pub(crate) mod window;

use crate::model::salvage::Rectangle;
use crate::worker::chunks::geometry::Tile;
use crate::worker::chunks::read::damage::ChunkDamage;
use chunk_codec::CodecError;
use h5::error::H5Error;
use std::io;

/// Why values could not be read or encoded.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    #[error("{0}")]
    Library(#[from] H5Error),
    /// The operating system refused to read the file.
    #[error("reading stored values: {0}")]
    Read(#[from] io::Error),
    /// The values of a chunk cannot be read.
    #[error("{}", damaged_chunk(tile, &Rectangle::from(tile).to_string(), damage))]
    Chunk {
        tile: Tile,
        /// What is wrong with it.
        damage: ChunkDamage,
    },
    /// One chunk alone needs more memory than allowed.
    #[error("one chunk of /expr holds {bytes} bytes, more than the {limit} that a worker takes")]
    TooLarge {
        /// Raw bytes of the chunk.
        bytes: u64,
        limit: u64,
    },
    /// Values could not be encoded.
    #[error("encoding values: {0}")]
    Encoder(#[from] CodecError),
}

impl ValuesError {
    /// Something wrong with this chunk.
    pub fn chunk(tile: &Tile, damage: ChunkDamage) -> Self {
        ValuesError::Chunk {
            tile: *tile,
            damage,
        }
    }
}

/// Which chunk, what it holds, and what is wrong with it. The offset of a chunk is what HDF5 and h5py call it by, from 0.
pub(crate) fn damaged_chunk(tile: &Tile, holds: &str, damage: &ChunkDamage) -> String {
    format!(
        "the chunk at offset [{}, {}] of /expr ({holds}) {damage}",
        tile.row, tile.column
    )
}
