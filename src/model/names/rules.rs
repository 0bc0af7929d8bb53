//! Where names are looked for: the table of names that old files are known to use, and what a user
//! says of an archive with names of its own. Pure.

use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use serde::{Deserialize, Deserializer, Serialize};

/// What both axes' names are called by one kind of writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spelling {
    /// The list of gene names.
    pub genes: &'static str,
    /// The list of sample names.
    pub samples: &'static str,
}

impl Spelling {
    /// What the names of an axis are called.
    pub fn of(&self, axis: Axis) -> &'static str {
        match axis {
            Axis::Genes => self.genes,
            Axis::Samples => self.samples,
        }
    }
}

const fn spelling(genes: &'static str, samples: &'static str) -> Spelling {
    Spelling { genes, samples }
}

/// The layout's own names: a list so called wins over all others.
pub const OWN: [Spelling; 1] = [spelling("gene_names", "sample_names")];

/// What else lists of names are called. One is believed only when its length fits the axis: an array
/// called `genes` may be something else.
pub const OTHERS: [Spelling; 6] = [
    spelling("genes", "samples"),
    spelling("rownames", "colnames"),
    spelling("row_names", "column_names"),
    spelling("row_names", "col_names"),
    spelling("gene_ids", "sample_ids"),
    // rhdf5 writes R's `dimnames` so.
    spelling("dimnames-1", "dimnames-2"),
];

/// How far from the matrix a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// On the matrix, on a group above it, or in one.
    OwnLine,
    /// Anywhere else in the file.
    Elsewhere,
}

/// Where is looked first: the search ends with the first of these that has something.
pub const SEARCH: [(Reach, &[Spelling]); 4] = [
    (Reach::OwnLine, &OWN),
    (Reach::OwnLine, &OTHERS),
    (Reach::Elsewhere, &OWN),
    (Reach::Elsewhere, &OTHERS),
];

/// What a user says of the files of an archive; nothing said is looked for by [`SEARCH`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Rules {
    /// Path of the matrix.
    #[serde(deserialize_with = "absolute")]
    pub matrix: Option<String>,
    /// Places of the gene names: the first that exists is taken.
    #[serde(deserialize_with = "one_or_some")]
    pub genes_from: Vec<NamesPlace>,
    /// Places of the sample names: the first that exists is taken.
    #[serde(deserialize_with = "one_or_some")]
    pub samples_from: Vec<NamesPlace>,
    /// Whether rows of the matrix are columns of the new one, for a proof without a recipe; otherwise shapes say it.
    pub transpose: bool,
}

impl Rules {
    /// Path of the matrix.
    pub fn matrix(&self) -> &str {
        self.matrix.as_deref().unwrap_or(layout::EXPR_PATH)
    }

    /// Places that were named for an axis.
    pub fn places(&self, axis: Axis) -> &[NamesPlace] {
        match axis {
            Axis::Genes => &self.genes_from,
            Axis::Samples => &self.samples_from,
        }
    }
}

/// A path from the root of a file.
pub fn absolute_path(path: &str) -> String {
    format!("/{}", path.trim_matches('/'))
}

pub(crate) fn absolute<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let path = Option::<String>::deserialize(deserializer)?;
    Ok(path.map(|path| absolute_path(&path)))
}

/// A place as it is typed, a list of them, or the places that one process sends another.
#[derive(Deserialize)]
#[serde(untagged)]
enum Places {
    One(String),
    Some(Vec<String>),
    Parsed(Vec<NamesPlace>),
}

pub(crate) fn one_or_some<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<NamesPlace>, D::Error> {
    let places = match Places::deserialize(deserializer)? {
        Places::One(place) => vec![place],
        Places::Some(places) => places,
        Places::Parsed(places) => return Ok(places),
    };
    places
        .into_iter()
        .map(|place| place.parse().map_err(serde::de::Error::custom))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_of_a_table_mean_different_axes() {
        let of = |axis: Axis| OWN.iter().chain(&OTHERS).map(move |names| names.of(axis));
        for gene_list in of(Axis::Genes) {
            assert!(of(Axis::Samples).all(|sample_list| sample_list != gene_list));
        }
    }

    #[test]
    fn rules_survive_the_way_to_a_worker() {
        let rules = Rules {
            matrix: Some("/data/x".to_string()),
            genes_from: vec!["/data/x@ids".parse().unwrap()],
            samples_from: Vec::new(),
            transpose: false,
        };
        let json = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Rules>(&json).unwrap(), rules);
    }

    #[test]
    fn a_place_may_stand_alone_or_in_a_list() {
        let parse = |text: &str| serde_json::from_str::<Rules>(text);
        let one = parse(r#"{"matrix": "expression", "genes-from": "/meta/genes"}"#).unwrap();
        assert_eq!(one.matrix(), "/expression");
        assert_eq!(one.genes_from.len(), 1);
        let some = parse(r#"{"genes-from": ["/meta/genes", "/@genes"]}"#).unwrap();
        assert_eq!(some.genes_from.len(), 2);
        assert!(parse(r#"{"genes_form": "/meta/genes"}"#).is_err());
        assert!(parse(r#"{"genes-from": "/expr@"}"#).is_err());
    }
}
