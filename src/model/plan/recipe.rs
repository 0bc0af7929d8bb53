//! What a worker needs to write a new file: the plan without its reasons.

use crate::model::layout::Axis;
use crate::model::names::form::NamesForm;
use crate::model::plan::policy::{Charset, NamesPlaces, Shuffle};
use serde::{Deserialize, Serialize};

/// Everything that a worker needs to know to write the new file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Path of the matrix, which becomes `/expr`.
    pub matrix: String,
    /// Where the names come from.
    pub names: NamesPlaces,
    /// The names themselves, where they are not in the file.
    #[serde(default)]
    pub given: GivenNames,
    /// Attributes that the new file lacks, by object and name: names came from them, or from another place in
    /// their stead.
    pub dropped: Vec<(String, String)>,
    /// Genes become rows.
    #[serde(default)]
    pub transpose: bool,
    /// Chunks were never written, and stay so.
    #[serde(default)]
    pub missing_chunks: bool,
    /// Axes whose count is written anew.
    #[serde(default)]
    pub counts: Vec<Axis>,
    /// Axes whose dataset is already as the new layout needs it: it is copied as it is stored.
    pub kept_datasets: Vec<Axis>,
    /// How their bytes are decoded.
    pub charset: Charset,
    /// How the names are stored.
    pub form: NamesForm,
    pub storage: NewStorage,
    /// Whether chunks that cannot be decoded become NaN.
    #[serde(default)]
    pub salvage: bool,
}

/// Names that a user gives for a file that has lost its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenNames {
    /// For the rows.
    pub genes: Option<Vec<String>>,
    /// For the columns.
    pub samples: Option<Vec<String>>,
}

impl GivenNames {
    /// Those of one axis.
    pub fn of(&self, axis: Axis) -> Option<&[String]> {
        match axis {
            Axis::Genes => self.genes.as_deref(),
            Axis::Samples => self.samples.as_deref(),
        }
    }
}

/// How the new `/expr` is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NewStorage {
    /// Chunks and pipeline unchanged; every chunk is still decoded once.
    Verbatim,
    /// There are no values: the storage is kept (HDF5 cannot chunk a dataset of size 0 with a fixed shape).
    Empty,
    /// Decoded and encoded anew.
    Reencode {
        /// Lengths of a chunk.
        chunks: Vec<u64>,
        /// Deflate level, 0-9.
        level: u8,
        /// Shuffle before deflate.
        shuffle: Shuffle,
        /// Append a checksum to each chunk, because the old ones had one.
        fletcher32: bool,
    },
}
