//! Rows as they come, cut into bands of whole rows of chunks, and these into parts for the team.

use super::geometry::{Geometry, Tile};
use super::recode::TileEncoder;
use super::slot::{Slot, lay_out};
use super::window::Window;
use crate::codec::row_sums;
use crate::model::digest::Sum;
use crate::worker::fault::Result;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of values that one task takes: what it reads, makes and looks up fits into a core's cache.
const PART_BYTES: u64 = 384 << 10;

/// Rows that fill whole rows of chunks; those of the last band may not.
#[derive(Debug)]
pub(super) struct Band {
    window: Window,
    pub(super) values: Vec<u8>,
}

/// Rows as they come, cut into bands.
#[derive(Debug, Default)]
pub(super) struct Bands {
    /// Values of rows that are in no band yet.
    pub(super) waiting: Vec<u8>,
    /// Rows in bands.
    done: u64,
    /// Rows so far.
    pub(super) rows: u64,
    /// Whether all rows have come.
    pub(super) ended: bool,
}

impl Bands {
    /// Waits until so many rows are there that are in no band, or all.
    pub(super) fn fill(
        &mut self,
        rows: u64,
        more: &mut impl FnMut(&mut Vec<u8>) -> Result<u64>,
    ) -> Result<()> {
        while !self.ended && self.rows - self.done < rows {
            let came = more(&mut self.waiting)?;
            self.rows += came;
            self.ended = came == 0;
        }
        Ok(())
    }

    /// The next one; `spare` is a buffer that nobody needs.
    pub(super) fn next(
        &mut self,
        geometry: &Geometry,
        more: &mut impl FnMut(&mut Vec<u8>) -> Result<u64>,
        spare: Option<Vec<u8>>,
    ) -> Result<Option<Band>> {
        self.fill(geometry.chunk_rows, more)?;
        let here = self.rows - self.done;
        let taken = match here / geometry.chunk_rows {
            0 => here,
            whole => whole * geometry.chunk_rows,
        };
        // Rows of no columns have no values.
        if self.waiting.is_empty() {
            self.done = self.rows;
            if self.ended {
                return Ok(None);
            }
            return self.next(geometry, more, spare);
        }
        // A part of what is in memory.
        let length = usize::try_from(taken * geometry.row_bytes()).unwrap_or(usize::MAX);
        let mut rest = spare.unwrap_or_default();
        rest.clear();
        rest.extend_from_slice(&self.waiting[length..]);
        let mut values = std::mem::replace(&mut self.waiting, rest);
        values.truncate(length);
        let rows = self.done..self.done + taken;
        self.done = rows.end;
        Ok(Some(Band {
            window: Window {
                rows,
                columns: 0..geometry.columns,
            },
            values,
        }))
    }
}

/// What one task does of a band.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) band: Arc<Band>,
    /// Chunks to encode.
    tiles: Vec<Tile>,
    /// Rows of the band to hash, or to hand on.
    rows: Range<u64>,
}

/// Shares a band out; without encoding, its rows alone.
pub(super) fn parts(band: Band, geometry: &Geometry, encoded: bool) -> impl Iterator<Item = Part> {
    let band = Arc::new(band);
    let height = band.window.height();
    let here = Geometry {
        rows: band.window.rows.end,
        ..*geometry
    };
    let tiles = match encoded {
        true => here.tiles(&band.window.rows, &band.window.columns),
        false => Vec::new(),
    };
    let count = (band.values.len() as u64)
        .div_ceil(PART_BYTES)
        .clamp(1, height);
    let share = move |of: u64, index: u64| of * index / count;
    (0..count).map(move |index| {
        let tile = |index| usize::try_from(share(tiles.len() as u64, index)).unwrap_or(usize::MAX);
        Part {
            tiles: tiles[tile(index)..tile(index + 1)].to_vec(),
            rows: share(height, index)..share(height, index + 1),
            band: Arc::clone(&band),
        }
    })
}

impl Part {
    /// Where its rows are in the matrix.
    pub(super) fn window(&self) -> Window {
        let first = self.band.window.rows.start;
        Window {
            rows: first + self.rows.start..first + self.rows.end,
            columns: self.band.window.columns.clone(),
        }
    }

    /// The values of its rows.
    pub(super) fn values(&self) -> &[u8] {
        let row = self.row_bytes();
        let at = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX) * row;
        &self.band.values[at(self.rows.start)..at(self.rows.end)]
    }

    fn row_bytes(&self) -> usize {
        let height = usize::try_from(self.band.window.height()).unwrap_or(usize::MAX);
        self.band.values.len() / height
    }

    /// Encodes its chunks into `slots`; the leaves of its rows.
    pub(super) fn make(
        &self,
        encoder: Option<&mut TileEncoder<'_>>,
        slots: &mut Vec<Slot>,
    ) -> Result<Vec<Sum>> {
        lay_out(slots, self.tiles.clone());
        if let Some(encoder) = encoder {
            for slot in slots {
                encoder.encode(&self.band.window, &self.band.values, slot)?;
            }
        }
        Ok(row_sums(self.values(), self.row_bytes()))
    }
}
