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

/// The chunk shape nearest to `chunks` that a new dataset may have: no chunk is longer than a dimension that cannot grow beyond it.
/// `maximum` has the length that each dimension may grow to, in elements; `None` is unlimited. The library reads such chunks, which
/// other writers make, but creates none (`H5Dcreate2`).
///
/// ```
/// use hdf5_format::storage::possible_chunks;
///
/// assert_eq!(possible_chunks(&[32, 32], &[Some(20), None]), [20, 32]);
/// ```
pub fn possible_chunks(chunks: &[u64], maximum: &[Option<u64>]) -> Vec<u64> {
    let shorter =
        |(chunk, most): (&u64, &Option<u64>)| most.map_or(*chunk, |most| *chunk.min(&most.max(1)));
    chunks.iter().zip(maximum).map(shorter).collect()
}
