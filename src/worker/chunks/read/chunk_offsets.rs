//! The offsets of chunks in the file, for chunks that the library failed to read.
//!
//! A failing library does not say whose fault it is. If the disk returns the stored bytes, it is the chunk's.

use crate::worker::chunks::ValuesError;
use crate::worker::chunks::geometry::Tile;
use crate::worker::chunks::read::damage::ChunkDamage;
use crate::worker::open_file;
use h5::dataset::Dataset;
use h5::error::H5Error;
use h5::file::File;
use hdf5_format::stored_chunks::{StoredChunk, StoredChunks};
use std::cell::OnceCell;
use std::fs;
use std::os::unix::fs::FileExt;

/// The offsets of the chunks that the library reads: requested if a read fails.
#[derive(Debug)]
pub(crate) struct StoredPlaces<'a> {
    descriptor: fs::File,
    dataset: &'a Dataset,
    places: OnceCell<StoredChunks>,
}

impl<'a> StoredPlaces<'a> {
    pub(crate) fn of(file: &File, dataset: &'a Dataset) -> std::io::Result<Self> {
        Ok(StoredPlaces {
            descriptor: file.descriptor().try_clone()?,
            dataset,
            places: OnceCell::new(),
        })
    }

    /// The meaning of a chunk that the library failed to read: not the chunk's fault if the disk does not
    /// return its bytes.
    pub(crate) fn explain(&self, tile: &Tile, error: H5Error) -> ValuesError {
        match self.stored(tile) {
            Ok(Some(chunk)) => match self.read(&chunk) {
                Ok(None) => ValuesError::chunk(tile, ChunkDamage::Library(error)),
                Ok(Some(damage)) => ValuesError::chunk(tile, damage),
                Err(unread) => unread.into(),
            },
            Ok(None) => error.into(),
            Err(unlisted) => unlisted,
        }
    }

    fn stored(&self, tile: &Tile) -> Result<Option<StoredChunk>, ValuesError> {
        let places = match self.places.get() {
            Some(places) => places,
            None => {
                let places = self.dataset.stored_chunks()?;
                self.places.get_or_init(|| places)
            }
        };
        Ok(places.get(&[tile.row, tile.column]))
    }

    fn read(&self, chunk: &StoredChunk) -> std::io::Result<Option<ChunkDamage>> {
        let end = open_file::length(&self.descriptor)?;
        if let Some(damage) = beyond(chunk, end) {
            return Ok(Some(damage));
        }
        let mut bytes = [0; 4096];
        let mut done = 0;
        while done < chunk.bytes {
            let step =
                usize::try_from(chunk.bytes - done).map_or(bytes.len(), |n| n.min(bytes.len()));
            self.descriptor
                .read_exact_at(&mut bytes[..step], chunk.address + done)?;
            done += step as u64;
        }
        Ok(None)
    }
}

/// The damage of a chunk that lies outside of a file of this length.
pub(crate) fn beyond(chunk: &StoredChunk, end: u64) -> Option<ChunkDamage> {
    let last = chunk.address.checked_add(chunk.bytes);
    last.is_none_or(|last| last > end)
        .then_some(ChunkDamage::BeyondEnd {
            address: chunk.address,
            bytes: chunk.bytes,
            end,
        })
}
