//! SHA-256 sums over content: a tree over the rows of `/expr`, and lists of names.
//!
//! A leaf is the sum of one row's bytes as stored in the file's byte order; a node is the sum of the leaves
//! of 1,024 rows; the root is the sum of the nodes. Rows are hashed on any thread and in any chunk shape, and
//! a part of the matrix can be verified by itself.

use crate::model::digest::{ROWS_PER_NODE, Sum};
use sha2::{Digest, Sha256};

/// The sum of some bytes.
pub(crate) fn sum(bytes: &[u8]) -> Sum {
    Sha256::digest(bytes).into()
}

/// The sum of a list of names: each one's bytes and a NUL.
pub(crate) fn names_sum(names: impl IntoIterator<Item: AsRef<[u8]>>) -> Sum {
    let mut hasher = Sha256::new();
    for name in names {
        hasher.update(name.as_ref());
        hasher.update([0]);
    }
    hasher.finalize().into()
}

/// The sum of each row of `row_bytes` bytes, which must not be 0; what is left at the end of `values` is no row.
pub(crate) fn row_sums(values: &[u8], row_bytes: usize) -> Vec<Sum> {
    values.chunks_exact(row_bytes).map(sum).collect()
}

/// The sums of rows that come in parts, from left to right.
#[derive(Debug)]
pub(crate) struct RowHashers(Vec<Sha256>);

impl RowHashers {
    pub(crate) fn new(rows: usize) -> Self {
        RowHashers(vec![Sha256::new(); rows])
    }

    /// Takes the next part of each row, all of one length; the parts lie one after the other.
    pub(crate) fn update(&mut self, parts: &[u8]) {
        let part_bytes = parts.len().checked_div(self.0.len()).unwrap_or(0);
        if part_bytes > 0 {
            for (hasher, part) in self.0.iter_mut().zip(parts.chunks_exact(part_bytes)) {
                hasher.update(part);
            }
        }
    }

    pub(crate) fn finish(self) -> Vec<Sum> {
        self.0.into_iter().map(|it| it.finalize().into()).collect()
    }
}

/// Gathers leaves, in the order of rows, into nodes.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    nodes: Vec<Sum>,
    open: Sha256,
    leaves: u64,
}

impl Nodes {
    /// Adds the leaf of the next row.
    pub(crate) fn push(&mut self, leaf: &Sum) {
        self.open.update(leaf);
        self.leaves += 1;
        if self.leaves == ROWS_PER_NODE {
            self.close();
        }
    }

    fn close(&mut self) {
        self.nodes.push(self.open.finalize_reset().into());
        self.leaves = 0;
    }

    /// All nodes; the last one may cover fewer rows.
    pub(crate) fn finish(mut self) -> Vec<Sum> {
        if self.leaves > 0 {
            self.close();
        }
        self.nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_cover_1024_rows_and_the_rest() {
        let mut nodes = Nodes::default();
        let leaves: Vec<Sum> = (0..1030_u32).map(|i| sum(&i.to_le_bytes())).collect();
        for leaf in &leaves {
            nodes.push(leaf);
        }
        let nodes = nodes.finish();
        assert_eq!(nodes.len(), 2);
        assert_eq!(nodes[0], sum(&leaves[..1024].concat()));
        assert_eq!(nodes[1], sum(&leaves[1024..].concat()));
    }

    #[test]
    fn rows_in_parts_have_the_sums_of_whole_rows() {
        let values: Vec<u8> = (0..999_u32)
            .map(|i| ((i * i) >> 7).to_le_bytes()[0])
            .collect();
        for row_bytes in [1, 3, 37, 333, 999] {
            let whole = row_sums(&values, row_bytes);
            let cut = row_bytes / 3;
            let columns = |from: usize, to: usize| {
                let rows = values.chunks_exact(row_bytes);
                rows.flat_map(|row| row[from..to].to_vec())
                    .collect::<Vec<_>>()
            };
            let mut hashers = RowHashers::new(999 / row_bytes);
            hashers.update(&columns(0, cut));
            hashers.update(&columns(cut, row_bytes));
            assert_eq!(hashers.finish(), whole, "{row_bytes}");
        }
        assert_eq!(row_sums(b"abcabcab", 3), [sum(b"abc"), sum(b"abc")]);
        assert_eq!(RowHashers::new(2).finish(), [sum(b""), sum(b"")]);
    }

    #[test]
    fn no_rows_have_no_nodes() {
        assert!(Nodes::default().finish().is_empty());
        assert_eq!(crate::model::digest::values_root(&[]), sum(b""));
    }

    #[test]
    fn names_cannot_run_into_each_other() {
        assert_ne!(names_sum(["ab", "c"]), names_sum(["a", "bc"]));
    }
}
