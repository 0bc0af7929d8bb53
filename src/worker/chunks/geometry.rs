//! Shape arithmetic of the matrix and its grid of chunks. Pure.

use crate::model::salvage::Rectangle;
use crate::worker::chunks::ValuesError;

/// The matrix: its shape, its element and its chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub rows: u64,
    pub columns: u64,
    pub chunk_rows: u64,
    pub chunk_columns: u64,
    /// Bytes of one element.
    pub item: usize,
}

/// A chunk of the grid: which elements of the matrix it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    pub row: u64,
    pub column: u64,
    /// Rows inside of the matrix; an edge chunk stores more.
    pub rows: u64,
    /// Columns inside of the matrix.
    pub columns: u64,
}

impl From<&Tile> for Rectangle {
    fn from(tile: &Tile) -> Self {
        Rectangle {
            row: tile.row,
            column: tile.column,
            rows: tile.rows,
            columns: tile.columns,
        }
    }
}

impl Geometry {
    /// Chunks that the matrix has.
    pub(crate) fn chunks(&self) -> u64 {
        let count = |length: u64, chunk: u64| length.div_ceil(chunk.max(1));
        count(self.rows, self.chunk_rows).saturating_mul(count(self.columns, self.chunk_columns))
    }

    /// Bytes of a full chunk, which edge chunks are stored as too.
    pub(crate) fn tile_bytes(&self) -> u64 {
        self.chunk_rows
            .saturating_mul(self.chunk_columns)
            .saturating_mul(self.item as u64)
    }

    /// Bytes of a full chunk as a length of this machine, if it is at most `limit`.
    pub(crate) fn tile_length(&self, limit: u64) -> Result<usize, ValuesError> {
        let bytes = self.tile_bytes();
        let too_large = ValuesError::TooLarge { bytes, limit };
        if bytes > limit {
            return Err(too_large);
        }
        usize::try_from(bytes).map_err(|_| too_large)
    }

    /// The same matrix in blocks that are whole chunks and span at least `rows` x `columns`, so
    /// that chunks of another grid are cut at the edges of blocks only.
    #[must_use]
    pub(crate) fn spanning(&self, (rows, columns): (u64, u64)) -> Geometry {
        let up = |chunk: u64, least: u64| least.max(1).div_ceil(chunk).saturating_mul(chunk);
        Geometry {
            chunk_rows: up(self.chunk_rows, rows.min(self.rows)),
            chunk_columns: up(self.chunk_columns, columns.min(self.columns)),
            ..*self
        }
    }

    /// The same matrix with its columns as rows.
    #[must_use]
    pub(crate) fn transposed(&self) -> Geometry {
        Geometry {
            rows: self.columns,
            columns: self.rows,
            chunk_rows: self.chunk_columns,
            chunk_columns: self.chunk_rows,
            item: self.item,
        }
    }

    /// The same matrix in chunks of at most about this many bytes, cut from the top of these.
    #[must_use]
    pub(crate) fn cut_to(&self, bytes: u64) -> Geometry {
        let row = self.chunk_columns.saturating_mul(self.item as u64).max(1);
        Geometry {
            chunk_rows: self.chunk_rows.min(bytes / row).max(1),
            ..*self
        }
    }

    pub(crate) fn row_bytes(&self) -> u64 {
        self.columns.saturating_mul(self.item as u64)
    }

    /// The tiles whose first element lies in these rows and columns, in row-major order.
    pub(crate) fn tiles(
        &self,
        rows: &std::ops::Range<u64>,
        columns: &std::ops::Range<u64>,
    ) -> Vec<Tile> {
        let starts = |range: &std::ops::Range<u64>, step: u64| {
            (range.start.div_ceil(step)..range.end.div_ceil(step)).map(move |index| index * step)
        };
        let (rows, columns) = (rows.clone(), columns.clone());
        starts(&rows, self.chunk_rows)
            .flat_map(|row| starts(&columns, self.chunk_columns).map(move |column| (row, column)))
            .map(|(row, column)| Tile {
                row,
                column,
                rows: self.chunk_rows.min(self.rows - row),
                columns: self.chunk_columns.min(self.columns - column),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_span_another_grid_are_whole_chunks() {
        let geometry = Geometry {
            rows: 100,
            columns: 50,
            chunk_rows: 8,
            chunk_columns: 7,
            item: 4,
        };
        let span = |other| {
            let spanning = geometry.spanning(other);
            (spanning.chunk_rows, spanning.chunk_columns)
        };
        assert_eq!(span((1, 1)), (8, 7));
        assert_eq!(span((9, 20)), (16, 21));
        assert_eq!(span((5000, 5000)), (104, 56));
    }

    #[test]
    fn tiles_cover_the_matrix_and_edges_are_cut() {
        let geometry = Geometry {
            rows: 5,
            columns: 7,
            chunk_rows: 2,
            chunk_columns: 3,
            item: 4,
        };
        let tiles = geometry.tiles(&(0..5), &(0..7));
        assert_eq!(tiles.len(), 9);
        assert_eq!(tiles.iter().map(|t| t.rows * t.columns).sum::<u64>(), 35);
        assert_eq!((tiles[8].rows, tiles[8].columns), (1, 1));
        assert_eq!(geometry.tiles(&(2..4), &(3..6)).len(), 1);
    }
}
