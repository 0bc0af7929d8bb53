//! SHA-256 sums over content: a tree over the rows of `/expr`, and lists of names.
//!
//! A leaf is the sum of one row's bytes as stored in the file's byte order; a node
//! is the sum of the leaves of 1,024 rows; the root is the sum of the nodes. Rows
//! are hashed on any thread and in any chunk shape, and a part of the matrix can be
//! proved by itself.

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
    fn no_rows_have_no_nodes() {
        assert!(Nodes::default().finish().is_empty());
        assert_eq!(crate::model::digest::values_root(&[]), sum(b""));
    }

    #[test]
    fn names_cannot_run_into_each_other() {
        assert_ne!(names_sum(["ab", "c"]), names_sum(["a", "bc"]));
    }
}
