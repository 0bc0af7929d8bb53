//! Fills windows with plain values, whatever the storage.
//!
//! Three ways: contiguous values are read at their offset, chunks whose filters are known here
//! are read and decoded past the library, and everything else goes through `H5Dread`.

use super::ValuesError;
use super::damage::ChunkDamage;
use super::geometry::{Geometry, Tile};
use super::places::{StoredPlaces, beyond};
use super::salvage::Salvage;
use super::team::{PerThread, Team};
use super::window::Window;
use crate::codec::pipeline::{Decoder, Filter, Pipeline};
use crate::h5::dataset::{Dataset, PlainReader, StoredChunk};
use crate::h5::file::File;
use crate::model::facts::{FilterFacts, Storage};
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::sync::Mutex;

/// How a reader may get at the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Past the library wherever possible.
    Fastest,
    /// Through the library's own filters.
    Library,
}

/// A source of windows.
#[derive(Debug)]
pub struct Reader<'a> {
    /// As the values are stored.
    stored: Geometry,
    /// Whether rows are handed out as columns.
    transpose: bool,
    way: Way<'a>,
    salvage: Option<&'a Salvage>,
}

#[derive(Debug)]
enum Way<'a> {
    Contiguous {
        descriptor: fs::File,
        offset: u64,
    },
    Chunks(ChunkStore),
    Library(PlainReader<'a>),
    /// The same for values that lie in chunks.
    LibraryChunks(PlainReader<'a>, StoredPlaces<'a>),
}

/// The stored chunks of a dataset, and what decodes them.
#[derive(Debug)]
pub struct ChunkStore {
    descriptor: fs::File,
    geometry: Geometry,
    chunks: HashMap<(u64, u64), StoredChunk>,
    pipeline: Pipeline,
    tile_length: usize,
    /// What the elements of a chunk are that was never written.
    fill: Vec<u8>,
    /// Length of the file.
    end: u64,
    /// Bytes that one chunk may take.
    limit: u64,
}

/// The geometry of a dataset with two dimensions; contiguous ones count as one chunk a row.
pub fn geometry(dataset: &Dataset) -> Result<Geometry, ValuesError> {
    let extent = dataset.extent()?;
    let [rows, columns] = *extent.shape() else {
        return Err(crate::h5::error::H5Error::found("reading values", "it is no matrix").into());
    };
    let chunks = dataset.properties()?.chunks()?;
    let (chunk_rows, chunk_columns) = match chunks.as_deref() {
        Some(&[chunk_rows, chunk_columns]) => (chunk_rows, chunk_columns),
        // Compact and contiguous values have no grid; a row is as good a unit as any.
        _ => (1, columns.max(1)),
    };
    Ok(Geometry {
        rows,
        columns,
        chunk_rows,
        chunk_columns,
        item: dataset.dtype()?.size,
    })
}

impl<'a> Reader<'a> {
    /// A reader of a dataset with two dimensions.
    pub fn new(
        file: &File,
        dataset: &'a Dataset,
        route: Route,
        limit: u64,
    ) -> Result<Self, ValuesError> {
        let geometry = geometry(dataset)?;
        let chunks_through_library = || {
            let places = StoredPlaces::of(file, dataset)?;
            Ok::<_, ValuesError>(Way::LibraryChunks(dataset.plain_reader()?, places))
        };
        let way = match (route, dataset.properties()?.storage()?) {
            (_, Storage::Contiguous) => match dataset.offset() {
                Some(offset) => Way::Contiguous {
                    descriptor: file.descriptor().try_clone()?,
                    offset,
                },
                None => Way::Library(dataset.plain_reader()?),
            },
            (Route::Fastest, Storage::Chunked) => {
                match ChunkStore::of(file, dataset, geometry, limit)? {
                    Some(store) => Way::Chunks(store),
                    None => chunks_through_library()?,
                }
            }
            (Route::Library, Storage::Chunked) => chunks_through_library()?,
            _ => Way::Library(dataset.plain_reader()?),
        };
        Ok(Reader {
            stored: geometry,
            transpose: false,
            way,
            salvage: None,
        })
    }

    /// The same matrix with its columns as rows, or not.
    #[must_use]
    pub fn transposed(self, transpose: bool) -> Self {
        Reader { transpose, ..self }
    }

    /// Goes on after chunks that nobody can decode, by this rule. Without one they are errors.
    #[must_use]
    pub fn salvaging(self, salvage: Option<&'a Salvage>) -> Self {
        Reader { salvage, ..self }
    }

    /// The matrix and the chunks it is stored in.
    pub fn geometry(&self) -> Geometry {
        match self.transpose {
            true => self.stored.transposed(),
            false => self.stored,
        }
    }

    /// Rows and columns that are decoded together: a window that cuts them decodes them twice.
    pub fn span(&self) -> (u64, u64) {
        match self.way {
            Way::Contiguous { .. } => (1, 1),
            Way::Chunks(_) | Way::Library(_) | Way::LibraryChunks(..) => {
                let geometry = self.geometry();
                (geometry.chunk_rows, geometry.chunk_columns)
            }
        }
    }

    /// Fills `values` with a window, row by row and tight.
    pub fn read(
        &self,
        window: &Window,
        values: &mut Vec<u8>,
        team: &Team,
    ) -> Result<(), ValuesError> {
        if !self.transpose {
            return self.read_stored(window, values, team);
        }
        let lying = Window {
            rows: window.columns.clone(),
            columns: window.rows.clone(),
        };
        let mut stored = Vec::new();
        self.read_stored(&lying, &mut stored, team)?;
        values.resize(stored.len(), 0);
        let width = usize::try_from(lying.width()).unwrap_or(usize::MAX);
        transpose(&stored, width, self.stored.item, values);
        Ok(())
    }

    fn read_stored(
        &self,
        window: &Window,
        values: &mut Vec<u8>,
        team: &Team,
    ) -> Result<(), ValuesError> {
        let bytes = window.elements().saturating_mul(self.stored.item as u64);
        let length = usize::try_from(bytes).map_err(|_| ValuesError::TooLarge {
            bytes,
            limit: usize::MAX as u64,
        })?;
        values.resize(length, 0);
        match &self.way {
            Way::Contiguous { descriptor, offset } => {
                read_contiguous(descriptor, *offset, &self.stored, window, values)?;
            }
            Way::Chunks(store) => store.read(window, values, team, self.salvage)?,
            Way::Library(reader) => {
                read_tiles(&self.stored, window, values, |_, part, plain| {
                    Ok(reader.read(&part.block(), plain)?)
                })?;
            }
            Way::LibraryChunks(reader, places) => {
                read_tiles(&self.stored, window, values, |tile, part, plain| {
                    let Err(error) = reader.read(&part.block(), plain) else {
                        return Ok(());
                    };
                    let error = places.explain(tile, error);
                    match self.salvage {
                        Some(salvage) => salvage.take_tight(error, plain),
                        None => Err(error),
                    }
                })?;
            }
        }
        Ok(())
    }
}

/// Turns rows of `width` elements into columns, in blocks that stay in the cache.
fn transpose(rows: &[u8], width: usize, item: usize, columns: &mut [u8]) {
    const BLOCK: usize = 32;
    if rows.is_empty() {
        return;
    }
    let height = rows.len() / item / width;
    for row_block in (0..height).step_by(BLOCK) {
        for column_block in (0..width).step_by(BLOCK) {
            for row in row_block..(row_block + BLOCK).min(height) {
                for column in column_block..(column_block + BLOCK).min(width) {
                    let from = (row * width + column) * item;
                    let to = (column * height + row) * item;
                    columns[to..to + item].copy_from_slice(&rows[from..from + item]);
                }
            }
        }
    }
}

fn read_contiguous(
    descriptor: &fs::File,
    offset: u64,
    geometry: &Geometry,
    window: &Window,
    values: &mut [u8],
) -> Result<(), ValuesError> {
    let position = |row: u64| {
        offset + row * geometry.row_bytes() + window.columns.start * geometry.item as u64
    };
    if window.width() == geometry.columns {
        descriptor.read_exact_at(values, position(window.rows.start))?;
        return Ok(());
    }
    let height = usize::try_from(window.height()).unwrap_or(usize::MAX);
    let row_bytes = (values.len() / height).max(1);
    for (row, part) in window.rows.clone().zip(values.chunks_mut(row_bytes)) {
        descriptor.read_exact_at(part, position(row))?;
    }
    Ok(())
}

/// Reads chunk by chunk: a chunk that fills its memory as it lies costs the library one copy, a part of
/// a wider window costs it one for each row.
fn read_tiles(
    geometry: &Geometry,
    window: &Window,
    values: &mut [u8],
    read: impl Fn(&Tile, &Window, &mut [u8]) -> Result<(), ValuesError>,
) -> Result<(), ValuesError> {
    let mut plain = Vec::new();
    for tile in overlapping(geometry, window) {
        let part = Window {
            rows: tile.row.max(window.rows.start)..(tile.row + tile.rows).min(window.rows.end),
            columns: tile.column.max(window.columns.start)
                ..(tile.column + tile.columns).min(window.columns.end),
        };
        let bytes = part.elements().saturating_mul(geometry.item as u64);
        plain.resize(usize::try_from(bytes).unwrap_or(usize::MAX), 0);
        read(&tile, &part, &mut plain)?;
        let within = Geometry {
            chunk_rows: part.height(),
            chunk_columns: part.width(),
            ..*geometry
        };
        let part = Tile {
            row: part.rows.start,
            column: part.columns.start,
            rows: part.height(),
            columns: part.width(),
        };
        scatter(&within, &part, &plain, window, values);
    }
    Ok(())
}

impl ChunkStore {
    /// The chunks of a dataset, unless a filter or an option of it is unknown here.
    pub fn of(
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
        let end = file.descriptor().metadata()?.len();
        let mut chunks = HashMap::new();
        for chunk in dataset.stored_chunks()? {
            let place = placed(&geometry, &chunk)?;
            chunks.insert(place, chunk);
        }
        Ok(Some(ChunkStore {
            descriptor: file.descriptor().try_clone()?,
            geometry,
            chunks,
            pipeline,
            tile_length: geometry.tile_length(limit)?,
            fill: dataset
                .fill_value()?
                .unwrap_or_else(|| vec![0; geometry.item]),
            end,
            limit,
        }))
    }

    /// The filters of its chunks.
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// Bytes of a decoded chunk.
    pub fn tile_length(&self) -> usize {
        self.tile_length
    }

    /// A decoder for one thread.
    pub fn decoder(&self) -> Decoder {
        Decoder::new(self.pipeline.clone())
    }

    /// Reads a chunk as it is stored; `None` when it was never written.
    pub fn stored(&self, tile: &Tile, bytes: &mut Vec<u8>) -> Result<Option<u32>, ValuesError> {
        let Some(chunk) = self.chunks.get(&(tile.row, tile.column)) else {
            return Ok(None);
        };
        if let Some(damage) = beyond(chunk, self.end) {
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

    /// What a chunk holds that was never written.
    fn fill(&self, plain: &mut [u8]) {
        for element in plain.chunks_exact_mut(self.fill.len().max(1)) {
            element.copy_from_slice(&self.fill);
        }
    }

    /// Reads and decodes a chunk, and leaves in `stored` what was read: its filter mask. A chunk that
    /// was never written has none, and holds the fill value.
    pub fn decoded(
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

    fn read(
        &self,
        window: &Window,
        values: &mut [u8],
        team: &Team,
        salvage: Option<&Salvage>,
    ) -> Result<(), ValuesError> {
        let tiles = overlapping(&self.geometry, window);
        let scratch = PerThread::new(team, || {
            Ok::<_, ValuesError>((self.decoder(), Vec::new(), vec![0; self.tile_length]))
        })?;
        let values = Mutex::new(values);
        team.each(tiles, |tile| {
            scratch.with(|(decoder, stored, plain)| {
                if let Err(error) = self.decoded(decoder, &tile, stored, plain) {
                    match salvage {
                        Some(salvage) => salvage.take(error, &self.geometry, plain)?,
                        None => return Err(error),
                    }
                }
                let mut values = values
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                scatter(&self.geometry, &tile, plain, window, &mut values);
                Ok(())
            })
        })
    }
}

/// Tiles that share elements with a window, also those that start before it.
pub fn overlapping(geometry: &Geometry, window: &Window) -> Vec<Tile> {
    let down = |position: u64, step: u64| position / step * step;
    geometry.tiles(
        &(down(window.rows.start, geometry.chunk_rows)..window.rows.end),
        &(down(window.columns.start, geometry.chunk_columns)..window.columns.end),
    )
}

/// Copies the part of a decoded tile that lies in a window to its place there.
pub fn scatter(geometry: &Geometry, tile: &Tile, plain: &[u8], window: &Window, values: &mut [u8]) {
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

/// Holds an entry of the chunk index against the matrix.
fn placed(geometry: &Geometry, chunk: &StoredChunk) -> Result<(u64, u64), ValuesError> {
    let [row, column] = *chunk.start.as_slice() else {
        return Err(crate::h5::error::H5Error::found("listing chunks", "one has no place").into());
    };
    if row >= geometry.rows.max(1)
        || column >= geometry.columns.max(1)
        || row % geometry.chunk_rows != 0
        || column % geometry.chunk_columns != 0
    {
        let cause = "it lies outside of the matrix".to_string();
        return Err(ValuesError::Index { row, column, cause });
    }
    Ok((row, column))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        for (height, width) in [(1, 1), (3, 2), (40, 70), (0, 5)] {
            let rows: Vec<u8> = (0..height * width * 2)
                .map(|i| u8::try_from(i % 251).unwrap())
                .collect();
            let mut columns = vec![0; rows.len()];
            transpose(&rows, width, 2, &mut columns);
            for row in 0..height {
                for column in 0..width {
                    let (from, to) = ((row * width + column) * 2, (column * height + row) * 2);
                    assert_eq!(rows[from..from + 2], columns[to..to + 2]);
                }
            }
        }
    }
}
