//! Content lint: names and values that are valid HDF5 and probably not intended, such as a sample called
//! `Geneid` or a gene name that a spreadsheet converted to a date.
//!
//! A finding prevents nothing and changes nothing. Both lints, of text and of `.h5` files, check the same
//! things, so both are fed in parts: names one at a time, values in blocks. The layout of a file is not
//! checked here.

pub(crate) mod distinct;
pub(crate) mod gene_id;
pub(crate) mod issue;
pub(crate) mod name_lint;
pub(crate) mod name_pattern;
pub(crate) mod value;
pub(crate) mod value_lint;

pub(crate) use crate::model::lint::name_lint::{NameLint, ambiguities};
pub(crate) use crate::model::lint::value::{Half, Value};
pub(crate) use crate::model::lint::value_lint::ValueLint;

/// How many examples a finding shows.
const EXAMPLES: usize = 3;
