//! The order in which the matrix is processed, in bounded memory. Pure.

use crate::worker::chunks::geometry::Geometry;
use h5::dataspace::Hyperslab;
use std::ops::Range;

/// Minimum raw bytes of a window of whole rows, if there are more: it should stay in a core's cache while it
/// is read and encoded.
const BYTES: u64 = 128 << 10;
/// Rows of chunks up to this size are not cut: whole rows are hashed by any thread, parts of rows by one.
const WHOLE_ROWS: u64 = 8 << 20;
/// Approximate raw bytes of a window of parts of rows: the longer the parts, the fewer reads.
const PARTS: u64 = 1 << 20;

/// A part of the matrix whose edges are edges of chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    /// Rows of the matrix.
    pub rows: Range<u64>,
    /// Columns of the matrix.
    pub columns: Range<u64>,
}

impl Window {
    #[inline]
    pub(crate) fn elements(&self) -> u64 {
        self.height() * self.width()
    }

    #[inline]
    pub(crate) fn height(&self) -> u64 {
        self.rows.end - self.rows.start
    }

    #[inline]
    pub(crate) fn width(&self) -> u64 {
        self.columns.end - self.columns.start
    }

    /// The same for the library.
    pub(crate) fn block(&self) -> Hyperslab {
        Hyperslab {
            start: vec![self.rows.start, self.columns.start],
            length: vec![self.height(), self.width()],
        }
    }
}

/// Windows over some rows of the matrix: groups of whole chunk rows from top to bottom, and where
/// one row of chunks alone is too large, cut into columns from left to right.
pub(crate) fn windows(geometry: Geometry, rows: Range<u64>) -> impl Iterator<Item = Window> {
    windows_of(geometry, rows, budget(&geometry))
}

/// Bytes of the largest of these windows.
pub(crate) fn largest(geometry: &Geometry) -> u64 {
    let (height, width) = extent(geometry, budget(geometry));
    let elements = height.min(geometry.rows) * width.min(geometry.columns);
    elements.saturating_mul(geometry.item as u64)
}

fn budget(geometry: &Geometry) -> u64 {
    match chunk_row_bytes(geometry) {
        row if row <= WHOLE_ROWS => row.max(BYTES),
        _ => PARTS,
    }
}

/// Windows of at most about this many bytes.
pub(crate) fn windows_of(
    geometry: Geometry,
    rows: Range<u64>,
    bytes: u64,
) -> impl Iterator<Item = Window> {
    let (height, width) = extent(&geometry, bytes);
    let rows = if geometry.columns == 0 { 0..0 } else { rows };
    let last_row = rows.end;
    std::iter::successors(Some(rows.start), move |row| Some(next_edge(*row, height)))
        .take_while(move |row| *row < last_row)
        .flat_map(move |row| {
            let bottom = next_edge(row, height).min(last_row);
            std::iter::successors(Some(0), move |column| Some(column + width))
                .take_while(move |column| *column < geometry.columns)
                .map(move |column| Window {
                    rows: row..bottom,
                    columns: column..(column + width).min(geometry.columns),
                })
        })
}

/// The next multiple of `step` above `position`: a range that starts inside of a chunk row ends
/// its first window at the chunk's edge.
fn next_edge(position: u64, step: u64) -> u64 {
    (position / step + 1).saturating_mul(step)
}

/// Bytes of one row of chunks.
fn chunk_row_bytes(geometry: &Geometry) -> u64 {
    let bytes = geometry.row_bytes().saturating_mul(geometry.chunk_rows);
    bytes.max(1)
}

/// Height and width of a window in elements, multiples of the chunk's.
fn extent(geometry: &Geometry, bytes: u64) -> (u64, u64) {
    let row = chunk_row_bytes(geometry);
    if row <= bytes {
        return ((bytes / row) * geometry.chunk_rows, geometry.columns.max(1));
    }
    let tiles = (bytes / geometry.tile_bytes().max(1)).max(1);
    (geometry.chunk_rows, tiles * geometry.chunk_columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geometry() -> Geometry {
        Geometry {
            rows: 100,
            columns: 30,
            chunk_rows: 8,
            chunk_columns: 7,
            item: 4,
        }
    }

    #[test]
    fn windows_cover_every_element_once_within_the_budget() {
        for bytes in [1, 1000, 2000, 5000, 1 << 20] {
            let mut seen = vec![0_u8; 3000];
            for window in windows_of(geometry(), 0..100, bytes) {
                assert!(window.rows.start % 8 == 0 && window.columns.start % 7 == 0);
                assert!(window.elements() * 4 <= bytes.max(geometry().tile_bytes()));
                for row in window.rows {
                    for column in window.columns.clone() {
                        seen[usize::try_from(row * 30 + column).unwrap()] += 1;
                    }
                }
            }
            assert!(seen.iter().all(|times| *times == 1), "{bytes}");
        }
    }

    #[test]
    fn a_part_that_starts_inside_of_a_chunk_ends_at_its_edge_first() {
        let rows: Vec<_> = windows_of(geometry(), 5..40, 8 * 30 * 4)
            .map(|window| window.rows)
            .collect();
        assert_eq!(rows, [5..8, 8..16, 16..24, 24..32, 32..40]);
    }

    #[test]
    fn nothing_has_no_window() {
        let mut empty = geometry();
        empty.columns = 0;
        assert_eq!(windows_of(empty, 0..100, 1000).count(), 0);
        assert_eq!(windows_of(geometry(), 0..0, 1000).count(), 0);
    }

    #[test]
    fn rows_stay_whole_while_a_row_of_chunks_is_not_too_large() {
        let wide = |columns| Geometry {
            rows: 1000,
            columns,
            chunk_rows: 100,
            chunk_columns: 10,
            item: 4,
        };
        for (columns, whole) in [(100, true), (20_000, true), (20_001, true), (30_000, false)] {
            let first = windows(wide(columns), 0..1000).next().unwrap();
            assert_eq!(first.width() == columns, whole, "{columns}");
            assert_eq!(first.elements() * 4, largest(&wide(columns)));
        }
        assert_eq!(windows(wide(100), 0..1000).count(), 4);
        assert_eq!(windows(wide(5000), 0..1000).count(), 10);
    }
}
