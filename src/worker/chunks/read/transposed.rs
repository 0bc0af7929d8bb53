//! Windows of a matrix whose rows are returned as columns.

use crate::worker::chunks::ValuesError;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::window::Window;

/// Gives `values` the length of a window and fills them by `read`, which knows windows as they are stored.
pub(crate) fn turned(
    transpose_it: bool,
    stored: &Geometry,
    window: &Window,
    values: &mut Vec<u8>,
    read: impl FnOnce(&Window, &mut [u8]) -> Result<(), ValuesError>,
) -> Result<(), ValuesError> {
    let bytes = window.elements().saturating_mul(stored.item as u64);
    let length = usize::try_from(bytes).map_err(|_| ValuesError::TooLarge {
        bytes,
        limit: usize::MAX as u64,
    })?;
    values.resize(length, 0);
    if !transpose_it {
        return read(window, values);
    }
    let turned = Window {
        rows: window.columns.clone(),
        columns: window.rows.clone(),
    };
    let mut rows = vec![0; length];
    read(&turned, &mut rows)?;
    let width = usize::try_from(turned.width()).unwrap_or(usize::MAX);
    transpose(&rows, width, stored.item, values);
    Ok(())
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
