//! What a worker saw in a file, without judgement.
//!
//! A fact is believed only when the library said it: "not there" is `None`,
//! and "could not look" never becomes a `Facts` at all but an error.

pub(crate) mod display;
pub mod names;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod text_matrix;

use crate::model::facts::names::{AxisFacts, Candidate, NamesProblem};
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::record::finding::Finding;
use hdf5_format::filter::FilterFacts;
use hdf5_format::storage::Storage;
use serde::{Deserialize, Serialize};

/// Everything that the judgement about a file needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// What stands under `/expr`, if anything does.
    pub expr: Option<ExprFacts>,
    /// What stands under `/expr` when it is no dataset: "a group", "a soft link", ...
    pub expr_is_instead: Option<String>,
    /// Names and count of the rows.
    pub genes: AxisFacts,
    /// Names and count of the columns.
    pub samples: AxisFacts,
    /// A known other layout, when there is no `/expr`.
    pub foreign: Option<String>,
    /// The path of the matrix that the user named, when it is not `/expr`.
    #[serde(default)]
    pub sought: Option<String>,
    /// Matrices with names of their own, when there is no `/expr`.
    #[serde(default)]
    pub matrices: Vec<MatrixElsewhere>,
    /// What a file without `/expr` looks like when its layout is not a known one.
    pub resembles: Option<String>,
    /// What this build cannot carry over, anywhere in the file.
    pub obstacles: Vec<Obstacle>,
    /// Path of an object with references to parts of datasets.
    #[serde(default)]
    pub regions: Option<String>,
    /// h5lift's own marks in the root, if it wrote this file.
    pub mark: Option<Mark>,
    /// What `--salvage` could not read when it wrote this file, or the one that this was made of.
    #[serde(default)]
    pub salvaged: Option<String>,
    /// Dimension scales of `/expr`.
    #[serde(default)]
    pub scales: ScaleFacts,
    /// What else the file holds and a migration carries over.
    pub carried: Carried,
    /// Length of the user block in bytes (0: none).
    pub user_block: u64,
    /// Names of the links in the root, sorted, for show.
    pub root_links: Vec<String>,
    /// Names of the attributes of `/expr`, for show.
    pub expr_attributes: Vec<String>,
    /// Findings about the values; empty unless they were asked for.
    pub value_oddities: Vec<Finding>,
}

impl Facts {
    /// Whether there are as many genes as samples, so that no length tells them apart.
    pub fn is_square(&self) -> bool {
        matches!(&self.expr, Some(expr) if expr.shape.len() == 2 && expr.shape[0] == expr.shape[1])
    }

    /// Whether a dataset of names was never written, or in part, and there is no other list of that axis.
    pub fn has_unwritten_names(&self) -> bool {
        Axis::BOTH.into_iter().any(|axis| {
            let facts = self.axis(axis);
            let is_unwritten = |found: &Candidate| {
                let is_dataset = !found.place.is_attribute();
                is_dataset && matches!(found.names.problem, Some(NamesProblem::NeverWritten { .. }))
            };
            facts.lists().next().is_none() && facts.candidates.iter().any(is_unwritten)
        })
    }

    /// The facts of one axis.
    pub fn axis(&self, axis: Axis) -> &AxisFacts {
        match axis {
            Axis::Genes => &self.genes,
            Axis::Samples => &self.samples,
        }
    }
}

/// The matrix as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExprFacts {
    /// Where it stands when that is not `/expr`, which the new layout calls it.
    #[serde(default)]
    pub elsewhere: Option<String>,
    /// Length of each dimension; a matrix has two: genes, samples.
    pub shape: Vec<u64>,
    /// Element type in numpy's spelling (`<f4`), or a description of what it is instead.
    pub dtype: String,
    /// Bytes of one element in the file.
    pub item_size: u64,
    /// Integer, float, boolean or another enumeration.
    pub numeric: bool,
    /// How the values lie in the file.
    pub storage: Storage,
    /// Lengths of a chunk, when chunked.
    pub chunks: Option<Vec<u64>>,
    /// No new dataset can have chunks like these: one is longer than a dimension of fixed length, or those at the edges are stored
    /// without filters.
    #[serde(default)]
    pub rewrite_chunks: bool,
    /// The filter pipeline, in the order of writing.
    pub filters: Vec<FilterFacts>,
    /// Bytes that the values take in the file.
    pub stored_bytes: u64,
    /// Chunks (or, for contiguous storage, 1) that the shape needs.
    pub chunks_expected: u64,
    /// Chunks (or the one contiguous block) that were ever written.
    pub chunks_written: u64,
}

impl ExprFacts {
    /// Bytes of the values once decoded.
    pub fn raw_bytes(&self) -> u64 {
        self.shape
            .iter()
            .fold(self.item_size, |bytes, n| bytes.saturating_mul(*n))
    }

    /// Chunks that a shape needs.
    pub fn grid(shape: &[u64], chunks: &[u64]) -> u64 {
        shape.iter().zip(chunks).fold(1, |n: u64, (length, chunk)| {
            n.saturating_mul(length.div_ceil((*chunk).max(1)))
        })
    }

    /// Path inside of the file.
    pub fn path(&self) -> &str {
        self.elsewhere.as_deref().unwrap_or(layout::EXPR_PATH)
    }

    /// Whether the first filter that changes the size is deflate.
    pub fn is_gzip(&self) -> bool {
        self.filters.iter().any(|f| f.id == FilterFacts::DEFLATE)
    }
}

/// A matrix with names in a file that has no `/expr`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatrixElsewhere {
    pub path: String,
    /// Lengths of its two dimensions, as they are stored.
    pub shape: Vec<u64>,
    /// The axis that has no names, if one has none.
    pub lacks: Option<Axis>,
}

/// Dimension scales of the matrix, as far as the names could be some.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScaleFacts {
    /// The matrix has none, and nothing is in their way.
    #[default]
    Absent,
    /// The datasets of names, each on its axis and nothing besides.
    Names,
    /// Others, or attributes where those of a scale would be: a sentence.
    Others(String),
}

/// Something in the file that this build cannot carry over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// Path of the object inside of the file.
    pub object: String,
    pub needs: String,
    /// What helps.
    pub remedy: Remedy,
}

/// How a file becomes one that can be carried over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// The program that wrote it writes it otherwise.
    #[default]
    Rewrite,
    /// A filter plugin, elsewhere.
    Plugin,
    /// Its values come into one dataset of one file.
    Repack,
    /// A link is not there, or is the object itself.
    Unlink,
}

impl Obstacle {
    pub(crate) fn with(self, remedy: Remedy) -> Self {
        Obstacle { remedy, ..self }
    }
}

/// h5lift's marks in the root of a file that it wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Text of the digest attribute.
    pub digest: String,
    /// Version of h5lift that wrote it.
    pub version: Option<String>,
    /// How it was made of a text, if it was: [`crate::model::facts::text_matrix::Conversion::mark`].
    #[serde(default)]
    pub conversion: Option<String>,
}

/// What a file holds besides `/expr` and the names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Attributes, of `/expr` and of everything else.
    pub attributes: u64,
    pub groups: u64,
    pub datasets: u64,
    /// Soft, external and additional hard links.
    pub links: u64,
    /// Committed datatypes.
    pub datatypes: u64,
}

impl Carried {
    /// How many there are of each kind, and its noun; of those that there are.
    pub fn kinds(self) -> impl Iterator<Item = (u64, &'static str)> {
        [
            (self.attributes, "attribute"),
            (self.groups, "group"),
            (self.datasets, "dataset"),
            (self.links, "link"),
            (self.datatypes, "committed datatype"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
    }
}
