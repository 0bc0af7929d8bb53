//! Hashing windows: leaves of rows, in their order, whatever shape the windows have.

use crate::model::digest::Sum;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::chunks::window::Window;
use crate::worker::digest::{Nodes, RowHashers, row_sums};
use sha2::{Digest, Sha256};
use std::convert::Infallible;

/// Bytes of rows that one task hashes.
const TASK_BYTES: usize = 256 << 10;

/// What any thread can compute of a window.
#[derive(Debug)]
pub(crate) enum Hashed {
    /// A leaf for each of its rows.
    Leaves(Vec<Sum>),
    /// Parts of rows, whose hashing continues where the window to their left has ended.
    Parts(Vec<u8>),
}

impl Hashed {
    /// Of a window that was not decoded.
    pub(crate) fn none() -> Self {
        Hashed::Leaves(Vec::new())
    }
}

/// Hashes the rows of a window, or takes their parts out of `values`.
pub(crate) fn hash(geometry: &Geometry, window: &Window, values: &mut Vec<u8>) -> Hashed {
    if window.width() < geometry.columns || values.is_empty() {
        return Hashed::Parts(std::mem::take(values));
    }
    let height = usize::try_from(window.height()).unwrap_or(usize::MAX);
    Hashed::Leaves(row_sums(values, values.len() / height))
}

/// Takes windows from left to right and top to bottom, and makes the nodes of the values tree.
#[derive(Debug)]
pub(crate) struct RowSums {
    geometry: Geometry,
    nodes: Nodes,
    /// Hashers of the rows of the current row of chunks, whose right end is still to come.
    open: Option<RowHashers>,
}

impl RowSums {
    pub(crate) fn new(geometry: Geometry) -> Self {
        RowSums {
            geometry,
            nodes: Nodes::default(),
            open: None,
        }
    }

    /// Hashes whole rows on all threads.
    pub(crate) fn add(&mut self, values: &[u8], pool: &ThreadPool) {
        let row_bytes = usize::try_from(self.geometry.row_bytes()).unwrap_or(usize::MAX);
        if row_bytes == 0 {
            return;
        }
        let mut all = vec![Sum::default(); values.len() / row_bytes];
        let rows_per_task = (TASK_BYTES / row_bytes).max(1);
        let tasks = all
            .chunks_mut(rows_per_task)
            .zip(values.chunks(rows_per_task * row_bytes));
        let hashed: Result<(), Infallible> = pool.each(tasks.collect(), |(slots, values)| {
            slots.copy_from_slice(&row_sums(values, row_bytes));
            Ok(())
        });
        let Ok(()) = hashed;
        self.push(&all);
    }

    fn push(&mut self, leaves: &[Sum]) {
        for leaf in leaves {
            self.nodes.push(leaf);
        }
    }

    /// Takes the result of a window.
    pub(crate) fn take(&mut self, window: &Window, hashed: Hashed) {
        match hashed {
            Hashed::Leaves(leaves) => self.push(&leaves),
            Hashed::Parts(values) => self.add_parts(window, &values),
        }
    }

    /// Continues rows that began in the window to the left, and closes those that end here.
    fn add_parts(&mut self, window: &Window, values: &[u8]) {
        let height = usize::try_from(window.height()).unwrap_or(usize::MAX);
        if height == 0 || values.is_empty() {
            return;
        }
        let mut rows = match self.open.take() {
            Some(open) if window.columns.start > 0 => open,
            _ => RowHashers::new(height),
        };
        rows.update(values);
        if window.columns.end == self.geometry.columns {
            self.push(&rows.finish());
        } else {
            self.open = Some(rows);
        }
    }

    /// The nodes. Rows without columns have leaves too, which no window brings: `rows` of them.
    pub(crate) fn finish(mut self, rows: u64) -> Vec<Sum> {
        if self.geometry.columns == 0 {
            let leaf: Sum = Sha256::digest([]).into();
            for _ in 0..rows {
                self.nodes.push(&leaf);
            }
        }
        self.nodes.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::chunks::window::windows_of;
    use crate::worker::digest::sum;

    #[test]
    fn windows_of_any_shape_give_the_same_nodes() {
        let geometry = Geometry {
            rows: 50,
            columns: 20,
            chunk_rows: 8,
            chunk_columns: 6,
            item: 2,
        };
        let matrix: Vec<u8> = (0..2000_u32).map(|i| i.to_le_bytes()[0] ^ 0x5a).collect();
        let leaves: Vec<u8> = matrix.chunks(40).flat_map(sum).collect();
        for bytes in [1, 500, 1 << 20] {
            let mut sums = RowSums::new(geometry);
            for window in windows_of(geometry, 0..50, bytes) {
                let mut values: Vec<u8> = window
                    .rows
                    .clone()
                    .flat_map(|row| {
                        let start = usize::try_from(row * 40).unwrap();
                        let from = usize::try_from(window.columns.start * 2).unwrap();
                        let to = usize::try_from(window.columns.end * 2).unwrap();
                        matrix[start + from..start + to].to_vec()
                    })
                    .collect();
                let hashed = hash(&geometry, &window, &mut values);
                assert_eq!(matches!(hashed, Hashed::Leaves(_)), window.width() == 20);
                sums.take(&window, hashed);
            }
            assert_eq!(sums.finish(50), [sum(&leaves)]);
        }
    }
}
