//! What the lists of names of a file are, without judgement.

use crate::model::names::joined::Notation;
use crate::model::names::place::NamesPlace;
use crate::model::record::finding::Finding;
use serde::{Deserialize, Serialize};

/// The names and the count of one axis.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AxisFacts {
    /// The scalar `n_genes` or `n_samples`.
    pub count: Option<CountFact>,
    /// What was found where names are looked for: attributes before datasets, nearer before farther.
    pub candidates: Vec<Candidate>,
    /// Whether the user named the place: then the first candidate is the one that counts.
    #[serde(default)]
    pub named: bool,
    /// Where candidates first differ; `None` while all are equal.
    pub difference: Option<String>,
    /// Lists of text that are as long as the axis, at no place where names are looked for; some of them, and only where no
    /// names were found.
    #[serde(default)]
    pub possible: Vec<NamesPlace>,
    /// What is odd about the names: about those of the first candidate.
    pub issues: Vec<Finding>,
}

/// Names that may be those of an axis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub place: NamesPlace,
    pub names: NamesFacts,
    /// The dimension of the matrix to which their dataset is attached as a scale, from 0.
    #[serde(default)]
    pub dimension: Option<usize>,
}

impl Candidate {
    /// Whether this is a list of names at all, decodable or not.
    pub fn is_list(&self) -> bool {
        self.names
            .problem
            .as_ref()
            .is_none_or(NamesProblem::is_list)
    }
}

impl AxisFacts {
    /// The lists of names that count: the one that the user named, or all.
    pub fn lists(&self) -> impl Iterator<Item = &Candidate> {
        let counting = if self.named { 1 } else { self.candidates.len() };
        self.candidates
            .iter()
            .take(counting)
            .filter(|candidate| candidate.is_list())
    }

    /// What stands at a place.
    pub fn at(&self, place: &NamesPlace) -> Option<&Candidate> {
        self.candidates
            .iter()
            .find(|candidate| candidate.place == *place)
    }
}

/// The value of a count attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CountFact {
    /// A whole number, of an integer or a float type.
    Value(i64),
    /// Something that is no single whole number, described.
    Malformed(String),
}

/// One list of names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamesFacts {
    pub count: u64,
    /// Shape as stored.
    pub shape: Vec<u64>,
    /// `vlen-utf8`, `vlen-ascii`, `fixed-ascii-11`, `int64`, ...
    pub text_type: String,
    /// What was between them, when one string held them all.
    #[serde(default)]
    pub joined: Option<Notation>,
    /// Stored in another charset than UTF-8, and decoded as it was asked for.
    #[serde(default)]
    pub recoded: bool,
    /// Why these cannot be taken as they are.
    pub problem: Option<NamesProblem>,
    /// The first few, decoded for show.
    pub first: Vec<String>,
    /// The last one, decoded for show.
    pub last: Option<String>,
}

impl NamesFacts {
    /// Whether the names are stored as text, not as numbers.
    pub fn is_text(&self) -> bool {
        self.text_type.starts_with("vlen") || self.text_type.starts_with("fixed")
    }

    /// Whether this is how the current layout stores names: UTF-8 text of variable length, one dimension.
    pub fn is_current_type(&self) -> bool {
        self.text_type.starts_with("vlen")
            && self.shape.len() == 1
            && self.joined.is_none()
            && !self.recoded
            && self.problem.is_none()
    }
}

/// Why a list of names cannot be taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum NamesProblem {
    /// Not text at all, nor integers.
    NotText {
        dtype: String,
    },
    /// One string where a list is expected.
    OneString {
        /// How many names it would be, split in each way that there is.
        parts: Vec<(Notation, u64)>,
    },
    /// One string that several ways of splitting make a list of the right length.
    Ambiguous {
        ways: Vec<Notation>,
    },
    Pickle,
    /// One of several numbered attributes is not there.
    PartMissing {
        name: String,
    },
    /// Neither (n,) nor (n, 1) nor (1, n), nor (n, width) letters.
    NotAList {
        shape: Vec<u64>,
    },
    /// Storage was made for them, and all or a part was never written.
    NeverWritten {
        /// How many are missing.
        missing: u64,
        /// Of how many.
        of: u64,
        unit: Unit,
    },
    /// A table with no field of text, or with several.
    Table {
        /// Its fields of text.
        fields: Vec<String>,
    },
    /// Integers that an attribute of their dataset says to be something else than names.
    Quantity {
        attribute: String,
    },
    /// Bytes that are no UTF-8.
    NotUtf8 {
        /// Index of the name, from 0; messages count from 1.
        index: u64,
        /// Offset in bytes inside of the name.
        offset: u64,
        /// The name with what cannot be decoded replaced.
        shown: String,
    },
    /// A NUL inside of a name, which variable-length text cannot hold.
    ContainsNul {
        /// Index of the name, from 0; messages count from 1.
        index: u64,
    },
}

/// What is counted of a list that was written in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Chunks of a dataset, or its one block.
    Chunks,
    /// Names that are `NULL`.
    Names,
}

impl NamesProblem {
    /// Whether the object is a list of names at all, decodable or not.
    pub fn is_list(&self) -> bool {
        matches!(
            self,
            NamesProblem::NotUtf8 { .. } | NamesProblem::ContainsNul { .. }
        )
    }

    /// Whether it is the type of the elements that is wrong.
    pub fn is_of_type(&self) -> bool {
        matches!(
            self,
            NamesProblem::NotText { .. } | NamesProblem::Table { .. }
        )
    }
}
