//! Rows as they come, cut into queue of whole rows of chunks, and these into parts for the pool.
//!
//! Rows stay where they are: a chunk_rows consists of the blocks that have its rows, and nothing is copied
//! together.

use crate::model::digest::Sum;
use crate::worker::chunks::encode::encoded_chunk::{Slot, lay_out};
use crate::worker::chunks::encode::reencode;
use crate::worker::chunks::encode::reencode::TileEncoder;
use crate::worker::chunks::geometry::{Geometry, Tile};
use crate::worker::chunks::window::Window;
use crate::worker::digest::row_sums;
use crate::worker::error::Result;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of values that one task takes: what it reads, writes and looks up fits into a core's cache.
const PART_BYTES: u64 = 384 << 10;

#[derive(Debug)]
struct RowBlock<B> {
    /// Rows of the matrix.
    rows: Range<u64>,
    values: B,
}

/// Blocks that follow each other.
#[derive(Debug)]
struct RowBlocks<B>(Vec<Arc<RowBlock<B>>>);

impl<B: AsRef<[u8]>> RowBlocks<B> {
    /// The values of some rows, block by block, and which rows these are.
    fn values(
        &self,
        rows: Range<u64>,
        row_bytes: u64,
    ) -> impl Iterator<Item = (Range<u64>, &[u8])> {
        self.0.iter().filter_map(move |block| {
            let here = rows.start.max(block.rows.start)..rows.end.min(block.rows.end);
            let at = |row: u64| {
                usize::try_from((row - block.rows.start) * row_bytes).unwrap_or(usize::MAX)
            };
            (!here.is_empty()).then(|| {
                let bytes = at(here.start)..at(here.end);
                (here, &block.values.as_ref()[bytes])
            })
        })
    }

    /// Copies a tile out of them.
    fn gather(&self, geometry: &Geometry, tile: &Tile, plain: &mut [u8]) {
        reencode::clear_beyond(geometry, tile, plain);
        let rows = tile.row..tile.row + tile.rows;
        for (rows, values) in self.values(rows, geometry.row_bytes()) {
            let window = Window {
                rows: rows.clone(),
                columns: 0..geometry.columns,
            };
            reencode::gather_rows(geometry, tile, rows, &window, values, plain);
        }
    }
}

/// Rows that fill whole rows of chunks; those of the last chunk_rows may not.
#[derive(Debug)]
pub(crate) struct ChunkRows<B> {
    geometry: Geometry,
    rows: Range<u64>,
    blocks: RowBlocks<B>,
}

impl<B> ChunkRows<B> {
    /// The values of blocks that are not needed any more.
    pub(crate) fn into_values(self) -> impl Iterator<Item = B> {
        let blocks = self.blocks.0.into_iter();
        blocks.filter_map(|block| Some(Arc::into_inner(block)?.values))
    }
}

/// Rows as they come, cut into queue.
#[derive(Debug)]
pub(crate) struct ChunkRowQueue<B> {
    /// Blocks with rows that are in no chunk_rows yet.
    waiting: RowBlocks<B>,
    /// Rows in queue.
    done: u64,
    pub(crate) rows: u64,
    /// Whether all rows have come.
    pub(crate) ended: bool,
}

impl<B> Default for ChunkRowQueue<B> {
    fn default() -> Self {
        ChunkRowQueue {
            waiting: RowBlocks(Vec::new()),
            done: 0,
            rows: 0,
            ended: false,
        }
    }
}

impl<B: AsRef<[u8]>> ChunkRowQueue<B> {
    /// Waits until this many rows have arrived that are in no chunk_rows, or all.
    pub(crate) fn fill(
        &mut self,
        rows: u64,
        more: &mut impl FnMut() -> Result<Option<(u64, B)>>,
    ) -> Result<()> {
        while !self.ended && self.rows - self.done < rows {
            let Some((count, values)) = more()? else {
                self.ended = true;
                break;
            };
            let rows = self.rows..self.rows + count;
            self.rows = rows.end;
            self.waiting.0.push(Arc::new(RowBlock { rows, values }));
        }
        Ok(())
    }

    /// Copies a tile of the rows that wait.
    pub(crate) fn gather(&self, geometry: &Geometry, tile: &Tile, plain: &mut [u8]) {
        self.waiting.gather(geometry, tile, plain);
    }

    /// The next one; none at the end, and of rows without columns.
    pub(crate) fn next(
        &mut self,
        geometry: &Geometry,
        more: &mut impl FnMut() -> Result<Option<(u64, B)>>,
    ) -> Result<Option<ChunkRows<B>>> {
        if geometry.columns == 0 {
            self.fill(u64::MAX, more)?;
            return Ok(None);
        }
        self.fill(geometry.chunk_rows, more)?;
        let here = self.rows - self.done;
        let taken = match here / geometry.chunk_rows {
            0 => here,
            whole => whole * geometry.chunk_rows,
        };
        if taken == 0 {
            return Ok(None);
        }
        let rows = self.done..self.done + taken;
        self.done = rows.end;
        let blocks = RowBlocks(self.waiting.0.clone());
        self.waiting.0.retain(|block| block.rows.end > rows.end);
        Ok(Some(ChunkRows {
            geometry: Geometry {
                rows: rows.end,
                ..*geometry
            },
            rows,
            blocks,
        }))
    }
}

/// The result of one task for a chunk_rows.
#[derive(Debug)]
pub(crate) struct RowsTask<B> {
    pub(crate) chunk_rows: Arc<ChunkRows<B>>,
    /// Chunks to encode.
    tiles: Vec<Tile>,
    /// Rows of the matrix to hash, or to pass on.
    rows: Range<u64>,
}

/// Splits a chunk_rows into tasks; without encoding, only its rows.
pub(crate) fn parts<B>(
    chunk_rows: ChunkRows<B>,
    encoded: bool,
) -> impl Iterator<Item = RowsTask<B>> {
    let geometry = &chunk_rows.geometry;
    let (first, height) = (
        chunk_rows.rows.start,
        chunk_rows.rows.end - chunk_rows.rows.start,
    );
    let tiles = match encoded {
        true => geometry.tiles(&chunk_rows.rows, &(0..geometry.columns)),
        false => Vec::new(),
    };
    let count = (height * geometry.row_bytes())
        .div_ceil(PART_BYTES)
        .clamp(1, height);
    let share = move |of: u64, index: u64| of * index / count;
    let chunk_rows = Arc::new(chunk_rows);
    (0..count).map(move |index| {
        let tile = |index| usize::try_from(share(tiles.len() as u64, index)).unwrap_or(usize::MAX);
        RowsTask {
            tiles: tiles[tile(index)..tile(index + 1)].to_vec(),
            rows: first + share(height, index)..first + share(height, index + 1),
            chunk_rows: Arc::clone(&chunk_rows),
        }
    })
}

impl<B: AsRef<[u8]>> RowsTask<B> {
    /// Where its rows are in the matrix.
    pub(crate) fn window(&self) -> Window {
        Window {
            rows: self.rows.clone(),
            columns: 0..self.chunk_rows.geometry.columns,
        }
    }

    /// The values of its rows, and which rows these are.
    pub(crate) fn values(&self) -> impl Iterator<Item = (Range<u64>, &[u8])> {
        let row_bytes = self.chunk_rows.geometry.row_bytes();
        self.chunk_rows.blocks.values(self.rows.clone(), row_bytes)
    }

    /// Encodes its chunks into `slots`; the leaves of its rows.
    pub(crate) fn make(
        &self,
        encoder: Option<&mut TileEncoder<'_>>,
        slots: &mut Vec<Slot>,
    ) -> Result<Vec<Sum>> {
        let ChunkRows {
            geometry, blocks, ..
        } = &*self.chunk_rows;
        lay_out(slots, self.tiles.clone());
        if let Some(encoder) = encoder {
            for slot in slots {
                encoder.encode(slot, |tile, plain| blocks.gather(geometry, tile, plain))?;
            }
        }
        let row_bytes = usize::try_from(geometry.row_bytes()).unwrap_or(usize::MAX);
        let sums = self
            .values()
            .flat_map(|(_, rows)| row_sums(rows, row_bytes));
        Ok(sums.collect())
    }
}
