//! The results of a reader: rows, and totals at the end.

use crate::names::Names;
use crate::number::value_counts::ValueCounts;
use crate::problem::finding::Finding;

/// Values of whole rows, one row after the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// float32, rounded to nearest from the text's decimal value.
    F32(Vec<f32>),
    /// float64, correctly rounded.
    F64(Vec<f64>),
}

impl Values {
    /// Number of values: rows times samples.
    pub fn len(&self) -> usize {
        match self {
            Values::F32(values) => values.len(),
            Values::F64(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Some rows in the order of the file.
#[derive(Debug, Clone)]
pub struct RowBlock {
    /// The number of rows in the blocks before.
    pub first_row: u64,
    /// Names of the genes, one for each row.
    pub genes: Names,
    /// `genes.len()` rows of as many values as there are samples.
    pub values: Values,
    /// What was counted in these rows.
    pub counts: ValueCounts,
}

/// What was read, all in all.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Rows that the reader has returned so far.
    pub rows: u64,
    /// Counts over all of them.
    pub counts: ValueCounts,
    /// What the user should know.
    pub findings: Vec<Finding>,
}
