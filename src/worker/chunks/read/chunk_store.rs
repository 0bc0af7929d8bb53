//! Chunks as stored in a file: read and decoded without the library.

use crate::worker::chunks::ValuesError;
use crate::worker::chunks::geometry::{Geometry, Tile};
use crate::worker::chunks::read::chunk_offsets::beyond;
use crate::worker::chunks::read::damage::ChunkDamage;
use crate::worker::chunks::read::salvage::Salvage;
use crate::worker::chunks::window::Window;
use crate::worker::open_file;
use chunk_codec::pipeline::{Decoder, Filter, Pipeline};
use h5::dataset::Dataset;
use h5::file::File;
use hdf5_format::filter::FilterFacts;
use hdf5_format::stored_chunks::StoredChunks;
use plain_hdf5::plain::PlainDataset;
use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// The stored chunks of a dataset, and what decodes them.
#[derive(Debug)]
pub(crate) struct ChunkStore {
    descriptor: fs::File,
    geometry: Geometry,
    chunks: Arc<StoredChunks>,
    pipeline: Pipeline,
    tile_length: usize,
    /// The elements of a chunk that was never written.
    fill: Vec<u8>,
    /// Length of the file.
    end: u64,
    /// Maximum bytes of one chunk.
    limit: u64,
}

/// The fill value in the file.
struct Index {
    chunks: Arc<StoredChunks>,
    pipeline: Pipeline,
    /// The value that its writer chose for unwritten elements.
    fill: Option<Vec<u8>>,
}

/// What one thread decodes the chunks of one dataset with, kept from window to window.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    decoder: Option<Decoder>,
    stored: Vec<u8>,
    plain: Vec<u8>,
}

impl ChunkStore {
    /// The chunks of a dataset, unless a filter or an option of it is unknown here.
    pub(crate) fn of(
        file: &File,
        dataset: &Dataset,
        geometry: Geometry,
        limit: u64,
    ) -> Result<Option<Self>, ValuesError> {
        let properties = dataset.properties()?;
        let pipeline = pipeline(&properties.filters()?)?;
        if !pipeline.can_decode() || properties.has_unfiltered_edges()? {
            return Ok(None);
        }
        let index = Index {
            chunks: Arc::new(dataset.stored_chunks()?),
            fill: dataset.fill_value()?,
            pipeline,
        };
        ChunkStore::new(file.descriptor(), geometry, index, limit).map(Some)
    }

    /// The chunks of a dataset of a plain file, on the same condition.
    pub(crate) fn of_plain(
        file: &fs::File,
        dataset: &PlainDataset,
        chunks: &Arc<StoredChunks>,
        geometry: Geometry,
        limit: u64,
    ) -> Result<Option<Self>, ValuesError> {
        let pipeline = pipeline(&dataset.filters)?;
        if !pipeline.can_decode() {
            return Ok(None);
        }
        let index = Index {
            chunks: Arc::clone(chunks),
            fill: dataset.fill.clone(),
            pipeline,
        };
        ChunkStore::new(file, geometry, index, limit).map(Some)
    }

    fn new(
        file: &fs::File,
        geometry: Geometry,
        Index {
            chunks,
            pipeline,
            fill,
        }: Index,
        limit: u64,
    ) -> Result<Self, ValuesError> {
        Ok(ChunkStore {
            descriptor: file.try_clone()?,
            geometry,
            chunks,
            pipeline,
            tile_length: geometry.tile_length(limit)?,
            fill: fill.unwrap_or_else(|| vec![0; geometry.item]),
            end: open_file::length(file)?,
            limit,
        })
    }

    /// The filters of its chunks.
    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// Bytes of a decoded chunk.
    pub(crate) fn tile_length(&self) -> usize {
        self.tile_length
    }

    /// Maximum bytes of one chunk.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// A decoder for one thread.
    pub(crate) fn decoder(&self) -> Decoder {
        Decoder::new(self.pipeline.clone())
    }

    /// Reads a chunk as it is stored; `None` when it was never written.
    pub(crate) fn stored(
        &self,
        tile: &Tile,
        bytes: &mut Vec<u8>,
    ) -> Result<Option<u32>, ValuesError> {
        let Some(chunk) = self.chunks.get(&[tile.row, tile.column]) else {
            return Ok(None);
        };
        if let Some(damage) = beyond(&chunk, self.end) {
            return Err(ValuesError::chunk(tile, damage));
        }
        if chunk.bytes > self.limit {
            let damage = ChunkDamage::Claims { bytes: chunk.bytes };
            return Err(ValuesError::chunk(tile, damage));
        }
        bytes.resize(usize::try_from(chunk.bytes).unwrap_or(0), 0);
        self.descriptor.read_exact_at(bytes, chunk.address)?;
        Ok(Some(chunk.filter_mask))
    }

    /// The content of a chunk that was never written.
    fn fill(&self, plain: &mut [u8]) {
        for element in plain.chunks_exact_mut(self.fill.len().max(1)) {
            element.copy_from_slice(&self.fill);
        }
    }

    /// Reads and decodes a chunk, and leaves in `stored` what was read: its filter mask. A chunk that
    /// was never written has none, and holds the fill value.
    pub(crate) fn decoded(
        &self,
        decoder: &mut Decoder,
        tile: &Tile,
        stored: &mut Vec<u8>,
        plain: &mut [u8],
    ) -> Result<Option<u32>, ValuesError> {
        let Some(mask) = self.stored(tile, stored)? else {
            self.fill(plain);
            return Ok(None);
        };
        decoder
            .decode(stored, mask, plain)
            .map_err(|cause| ValuesError::chunk(tile, ChunkDamage::Codec(cause)))?;
        Ok(Some(mask))
    }

    /// Fills `values` with a window, one chunk after the other.
    pub(crate) fn read(
        &self,
        window: &Window,
        values: &mut [u8],
        scratch: &mut Scratch,
        salvage: Option<&Salvage>,
    ) -> Result<(), ValuesError> {
        let Scratch {
            decoder,
            stored,
            plain,
        } = scratch;
        let decoder = decoder.get_or_insert_with(|| self.decoder());
        plain.resize(self.tile_length, 0);
        for tile in overlapping(&self.geometry, window) {
            if let Err(error) = self.decoded(decoder, &tile, stored, plain) {
                match salvage {
                    Some(salvage) => salvage.take(error, &self.geometry, plain)?,
                    None => return Err(error),
                }
            }
            scatter(&self.geometry, &tile, plain, window, values);
        }
        Ok(())
    }
}

/// Tiles that share elements with a window, also those that start before it.
pub(crate) fn overlapping(geometry: &Geometry, window: &Window) -> Vec<Tile> {
    let down = |position: u64, step: u64| position / step * step;
    geometry.tiles(
        &(down(window.rows.start, geometry.chunk_rows)..window.rows.end),
        &(down(window.columns.start, geometry.chunk_columns)..window.columns.end),
    )
}

/// Copies the part of a decoded tile that lies in a window to its place there.
pub(crate) fn scatter(
    geometry: &Geometry,
    tile: &Tile,
    plain: &[u8],
    window: &Window,
    values: &mut [u8],
) {
    let item = geometry.item;
    let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let rows = tile.row.max(window.rows.start)..(tile.row + tile.rows).min(window.rows.end);
    let columns =
        tile.column.max(window.columns.start)..(tile.column + tile.columns).min(window.columns.end);
    if columns.is_empty() {
        return;
    }
    let length = index(columns.end - columns.start) * item;
    for row in rows {
        let from =
            index((row - tile.row) * geometry.chunk_columns + columns.start - tile.column) * item;
        let to = index(
            (row - window.rows.start) * window.width() + columns.start - window.columns.start,
        ) * item;
        values[to..to + length].copy_from_slice(&plain[from..from + length]);
    }
}

fn pipeline(filters: &[FilterFacts]) -> Result<Pipeline, ValuesError> {
    let filters = filters
        .iter()
        .map(|filter| {
            Filter::from_message(
                i32::try_from(filter.id).unwrap_or(-1),
                &filter.name,
                &filter.parameters,
            )
        })
        .collect();
    Ok(Pipeline::new(filters)?)
}
