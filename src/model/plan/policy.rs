//! What the user asked of a migration, resolved from the options. Pure data.

use crate::model::layout::Axis;
use crate::model::names::form::{ScaleName, StringType};
use crate::model::names::place::NamesPlace;
use crate::model::names::rules::Rules;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The options that turn facts into a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Where matrix and names are searched for.
    pub rules: Rules,
    /// Which copy of the names wins a conflict; `None` refuses it.
    pub prefer: Option<Preference>,
    /// Write genes as rows where they are columns.
    pub transpose: bool,
    /// Accept a matrix with chunks that were never written; they stay so.
    pub allow_missing_chunks: bool,
    /// Add `n_genes` and `n_samples` where they are missing.
    pub set_counts: bool,
    /// How bytes of names are decoded.
    pub charset: Charset,
    /// Deflate level, 0-9.
    pub gzip_level: u8,
    /// Whether bytes are shuffled before deflate.
    pub shuffle: Shuffle,
    /// The chunk shape of the new `/expr`.
    pub chunks: Chunks,
    /// Rewrite a current file whose `/expr` is not gzip.
    pub recompress: bool,
    /// Write chunks of `/expr` that cannot be decoded as NaN, instead of refusing the file.
    pub salvage: bool,
    /// The type of the names; `None`: variable, but fixed stays fixed.
    pub string_type: Option<StringType>,
    /// Make the names dimension scales of `/expr` with this title.
    pub scales: Option<ScaleName>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            rules: Rules::default(),
            prefer: None,
            transpose: false,
            allow_missing_chunks: false,
            set_counts: false,
            charset: Charset::Utf8,
            gzip_level: 4,
            shuffle: Shuffle::Auto,
            chunks: Chunks::Auto,
            recompress: false,
            salvage: false,
            string_type: None,
            scales: None,
        }
    }
}

/// Which names win where attributes and datasets differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Preference {
    /// Those in attributes.
    Attributes,
    /// Those in datasets.
    Datasets,
}

/// Where the names of each axis are taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesPlaces {
    /// For the rows.
    pub genes: NamesPlace,
    /// For the columns.
    pub samples: NamesPlace,
}

impl NamesPlaces {
    /// The place of one axis.
    pub fn of(&self, axis: Axis) -> &NamesPlace {
        match axis {
            Axis::Genes => &self.genes,
            Axis::Samples => &self.samples,
        }
    }
}

/// How the bytes of a name are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Charset {
    /// UTF-8; anything else is a problem.
    #[default]
    Utf8,
    /// ISO 8859-1: each byte is the code point of its number.
    Latin1,
}

/// Whether bytes are shuffled before deflate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shuffle {
    /// The smaller result for a few sample chunks.
    #[default]
    Auto,
    On,
    Off,
}

/// The chunk shape of the new `/expr`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chunks {
    /// The old one if it is suitable, else [`crate::model::plan::chunking::auto`].
    #[default]
    Auto,
    /// The old one; contiguous matrices fall back to [`crate::model::plan::chunking::auto`].
    Keep,
    /// This many genes by that many samples.
    Shape(u64, u64),
}

/// Chunk choice from the command line: `auto`, `keep` or `RxC`.
impl std::str::FromStr for Chunks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || -> Option<Chunks> {
            let (rows, columns) = text.split_once(['x', 'X', ','])?;
            let rows: u64 = rows.trim().parse().ok().filter(|n| *n > 0)?;
            let columns: u64 = columns.trim().parse().ok().filter(|n| *n > 0)?;
            Some(Chunks::Shape(rows, columns))
        };
        match text {
            "auto" => Ok(Chunks::Auto),
            "keep" => Ok(Chunks::Keep),
            _ => shape().ok_or_else(|| {
                "expected auto, keep, or genes x samples of one chunk such as 512x64".to_string()
            }),
        }
    }
}

/// What is verified before a new file is put in place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verification {
    /// Every value is read back through the HDF5 library's own filters.
    #[default]
    Full,
    /// Every value is decoded from the raw chunks.
    Fast,
    /// Nothing is read back.
    None,
}
