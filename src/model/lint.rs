//! Content lint: names and values that HDF5 stores without a murmur and that are still not what
//! somebody meant, such as a sample called `Geneid` or a gene that a spreadsheet made a date.
//!
//! A finding hinders nothing and changes nothing. The same questions are asked of text and of
//! `.h5` files, so both lints are fed piece by piece: names one at a time, values in blocks.
//! What is odd about the layout of a file is not asked here.

pub(crate) mod distinct;
pub(crate) mod name_lint;
pub(crate) mod name_pattern;
pub(crate) mod oddity;
pub(crate) mod value;
pub(crate) mod value_lint;

pub(crate) use crate::model::lint::name_lint::{NameLint, ambiguities};
pub(crate) use crate::model::lint::value::{Half, Value};
pub(crate) use crate::model::lint::value_lint::ValueLint;

/// How many examples a finding shows.
const EXAMPLES: usize = 3;
