//! Parts of a row.

use crate::model::facts::names::AxisFacts;
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use crate::model::record::outcome::Action;
use hdf5_format::storage::Storage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The matrix in a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExprRecord {
    /// Path of the dataset inside of the file.
    pub path: String,
    /// Length of each dimension, as stored.
    pub shape: Vec<u64>,
    /// Element type in numpy's spelling.
    pub dtype: String,
    /// Storage layout of the dataset.
    pub storage: Storage,
    /// Lengths of a chunk.
    pub chunks: Option<Vec<u64>>,
    /// Names of the filters, in the order of writing.
    pub filters: Vec<String>,
    /// Bytes that the values take in the file.
    pub stored_bytes: u64,
}

/// The names of an axis in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NamesRecord {
    /// `attribute`, `dataset` or `attribute+dataset`.
    pub source: String,
    /// Their place, if it is none of the two layouts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Number of names.
    pub count: u64,
    /// Type of the strings: `vlen-utf8`, `fixed-ascii-11`, ...
    #[serde(rename = "type")]
    pub text_type: String,
    /// The first few names.
    pub first: Vec<String>,
    /// The last name; null for an empty list.
    pub last: Option<String>,
}

/// What is to be done with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanRecord {
    /// What a run does with the file.
    pub action: Action,
    /// The steps of it, one sentence each.
    pub steps: Vec<String>,
    /// What the user can do about a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// How a new `/expr` was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WrittenAs {
    /// `verbatim` or the name of the encoder.
    pub encoder: String,
    /// Deflate level; `None` when copied verbatim.
    pub level: Option<u8>,
    /// Whether bytes are shuffled.
    pub shuffle: bool,
    /// Lengths of a chunk.
    pub chunks: Vec<u64>,
}

impl NamesRecord {
    /// What was found of an axis; `None` if no names were found.
    pub(crate) fn of(facts: &AxisFacts, axis: Axis) -> Option<Self> {
        let mut words: Vec<&str> = facts
            .candidates
            .iter()
            .map(|found| found.place.word())
            .collect();
        words.dedup();
        let first = facts.lists().next().or(facts.candidates.first())?;
        let usual = first.place == NamesPlace::current(axis)
            || first.place == NamesPlace::legacy(layout::EXPR_PATH, axis);
        Some(NamesRecord {
            source: words.join("+"),
            place: (!usual).then(|| first.place.to_string()),
            count: first.names.count,
            text_type: first.names.text_type.clone(),
            first: first.names.first.clone(),
            last: first.names.last.clone(),
        })
    }
}
