//! Windows of a matrix whose rows are stored one after the other.

use crate::worker::chunks::ValuesError;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::window::Window;
use std::fs;
use std::os::unix::fs::FileExt;

/// Parts of rows up to this many bytes are read together with the bytes between them: a call costs more.
const SHORT_ROW: usize = 4 << 10;
/// Bytes of such rows that are read at once.
const BLOCK: usize = 64 << 10;

/// Fills `values` with a window of a matrix that begins at `offset`, row by row and tight.
pub(crate) fn read_contiguous(
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
    let part_bytes = (values.len() / height).max(1);
    let row_bytes = usize::try_from(geometry.row_bytes()).unwrap_or(usize::MAX);
    if row_bytes > SHORT_ROW {
        for (row, part) in window.rows.clone().zip(values.chunks_mut(part_bytes)) {
            descriptor.read_exact_at(part, position(row))?;
        }
        return Ok(());
    }
    let at_once = BLOCK / row_bytes;
    let mut block = Vec::new();
    for (first, parts) in window
        .rows
        .clone()
        .step_by(at_once)
        .zip(values.chunks_mut(part_bytes * at_once))
    {
        let rows = parts.len() / part_bytes;
        block.resize((rows - 1) * row_bytes + part_bytes, 0);
        descriptor.read_exact_at(&mut block, position(first))?;
        for (part, row) in parts.chunks_mut(part_bytes).zip(block.chunks(row_bytes)) {
            part.copy_from_slice(&row[..part_bytes]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_rows_are_read_whether_rows_are_short_or_long() {
        for columns in [1_u64, 7, 300, 2000, 5000] {
            let geometry = Geometry {
                rows: 90,
                columns,
                chunk_rows: 1,
                chunk_columns: columns,
                item: 4,
            };
            let bytes: Vec<u8> = (0..90 * columns * 4 + 5)
                .map(|i| u8::try_from(i % 251).unwrap())
                .collect();
            let file = tempfile::tempfile().unwrap();
            file.write_all_at(&bytes, 0).unwrap();
            for (rows, part) in [
                (0..90, 0..1),
                (3..90, columns / 2..columns),
                (89..90, 0..columns),
            ] {
                let window = Window {
                    rows,
                    columns: part,
                };
                let mut values = vec![0; usize::try_from(window.elements() * 4).unwrap()];
                read_contiguous(&file, 5, &geometry, &window, &mut values).unwrap();
                let expected: Vec<u8> = window
                    .rows
                    .clone()
                    .flat_map(|row| {
                        let at =
                            |column| usize::try_from(5 + (row * columns + column) * 4).unwrap();
                        bytes[at(window.columns.start)..at(window.columns.end)].to_vec()
                    })
                    .collect();
                assert!(values == expected, "{columns} columns, {window:?}");
            }
        }
    }
}
