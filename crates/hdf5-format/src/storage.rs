//! Storage layouts (section IV.A.2.i).

use serde::{Deserialize, Serialize};

/// Storage layout of a dataset (HDF5 file format specification, IV.A.2.i).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// The values are in the object header (layout class 0).
    Compact,
    /// The values are one block of the file (layout class 1).
    #[default]
    Contiguous,
    /// A grid of chunks, each filtered on its own.
    Chunked,
    /// A view of other files' datasets.
    Virtual,
}
