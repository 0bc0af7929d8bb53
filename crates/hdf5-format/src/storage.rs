//! Storage layouts (section IV.A.2.i).

use serde::{Deserialize, Serialize};

/// Storage layout of a dataset (HDF5 file format specification, IV.A.2.i).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// In the object header.
    Compact,
    /// One block.
    #[default]
    Contiguous,
    /// A grid of chunks, each filtered on its own.
    Chunked,
    /// A view of other files' datasets.
    Virtual,
}
