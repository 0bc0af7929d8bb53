//! Content lint: names and values that HDF5 stores without a murmur and that are still not what
//! somebody meant, such as a sample called `Geneid` or a gene that a spreadsheet made a date.
//!
//! A finding hinders nothing and changes nothing. The same questions are asked of text and of
//! `.h5` files, so both lints are fed piece by piece: names one at a time, values in blocks.
//! What is odd about the layout of a file is not asked here.

mod distinct;
mod name_lint;
mod name_pattern;
mod oddity;
mod value;
mod value_lint;

pub use name_lint::{NameLint, ambiguities};
pub use value::{Half, Value};
pub use value_lint::ValueLint;

/// How many examples a finding shows.
const EXAMPLES: usize = 3;
