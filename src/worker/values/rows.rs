//! Hashing windows: leaves of rows, in their order, whatever shape the windows have.

use super::geometry::Geometry;
use super::team::Team;
use super::window::Window;
use crate::model::digest::Sum;
use crate::worker::digest::Nodes;
use sha2::{Digest, Sha256};
use std::convert::Infallible;

/// Bytes of rows that one task hashes.
const TASK_BYTES: usize = 256 << 10;

/// Some rows of a window, and their hashers.
#[derive(Debug)]
pub struct HashRows<'a> {
    hashers: &'a mut [Sha256],
    values: &'a [u8],
    row_bytes: usize,
}

impl HashRows<'_> {
    /// Hashes them.
    pub fn run(self) {
        let rows = self.values.chunks_exact(self.row_bytes);
        for (hasher, row) in self.hashers.iter_mut().zip(rows) {
            hasher.update(row);
        }
    }
}

/// What any thread can make of a window.
#[derive(Debug)]
pub enum Hashed {
    /// A leaf for each of its rows.
    Leaves(Vec<Sum>),
    /// Parts of rows, whose hashing goes on where the window to their left has ended.
    Parts(Vec<u8>),
}

impl Hashed {
    /// Of a window that was not decoded.
    pub fn none() -> Self {
        Hashed::Leaves(Vec::new())
    }
}

/// Hashes the rows of a window, or takes their parts out of `values`.
pub fn hash(geometry: &Geometry, window: &Window, values: &mut Vec<u8>) -> Hashed {
    if window.width() < geometry.columns || values.is_empty() {
        return Hashed::Parts(std::mem::take(values));
    }
    let row_bytes = values.len() / usize::try_from(window.height()).unwrap_or(usize::MAX);
    let rows = values.chunks_exact(row_bytes);
    Hashed::Leaves(rows.map(|row| Sha256::digest(row).into()).collect())
}

/// Takes windows from left to right and top to bottom, and makes the nodes of the values tree.
#[derive(Debug)]
pub struct RowSums {
    geometry: Geometry,
    nodes: Nodes,
    /// Hashers of the rows of the current band.
    open: Vec<Sha256>,
}

impl RowSums {
    /// Starts at some row.
    pub fn new(geometry: Geometry) -> Self {
        RowSums {
            geometry,
            nodes: Nodes::default(),
            open: Vec::new(),
        }
    }

    /// Tasks that hash a window's values, given row by row and tight; [`RowSums::end`] comes after.
    pub fn begin<'a>(&'a mut self, window: &Window, values: &'a [u8]) -> Vec<HashRows<'a>> {
        let height = usize::try_from(window.height()).unwrap_or(usize::MAX);
        if height == 0 || values.is_empty() {
            return Vec::new();
        }
        let row_bytes = values.len() / height;
        if window.columns.start == 0 {
            self.open.clear();
            self.open.resize_with(height, Sha256::new);
        }
        let rows_per_task = (TASK_BYTES / row_bytes).max(1);
        self.open
            .chunks_mut(rows_per_task)
            .zip(values.chunks(rows_per_task * row_bytes))
            .map(|(hashers, values)| HashRows {
                hashers,
                values,
                row_bytes,
            })
            .collect()
    }

    /// Closes the rows whose last column the window brought.
    pub fn end(&mut self, window: &Window) {
        if window.columns.end == self.geometry.columns {
            for hasher in self.open.drain(..) {
                let leaf: Sum = hasher.finalize().into();
                self.nodes.push(&leaf);
            }
        }
    }

    /// Hashes a window on all threads, with nothing else to do meanwhile.
    pub fn add(&mut self, window: &Window, values: &[u8], team: &Team) {
        let hashed: Result<(), Infallible> = team.each(self.begin(window, values), |task| {
            task.run();
            Ok(())
        });
        let Ok(()) = hashed;
        self.end(window);
    }

    /// Takes what came of a window.
    pub fn take(&mut self, window: &Window, hashed: Hashed) {
        match hashed {
            Hashed::Leaves(leaves) => {
                for leaf in &leaves {
                    self.nodes.push(leaf);
                }
            }
            Hashed::Parts(values) => {
                for part in self.begin(window, &values) {
                    part.run();
                }
                self.end(window);
            }
        }
    }

    /// The nodes. Rows of no columns have leaves too, which no window brings: `rows` of them.
    pub fn finish(mut self, rows: u64) -> Vec<Sum> {
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
    use super::super::window::windows_of;
    use super::*;
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
