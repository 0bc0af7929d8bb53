//! The half that owns HDF5 and never renames, creates or removes a file.
//!
//! A worker is this binary with a hidden subcommand. It serves one request at a
//! time over stdin and stdout and is expendable: whatever a file does to it, the
//! parent kills it, says so in the file's row, and starts another.
//!
//! [`inspect`] looks, [`lint`] looks at every value as well, [`migrate`] writes a new file into a
//! temporary one of the parent's, [`convert`] makes one of a text matrix, [`proof`] holds a new file
//! against an old one or its digest.

pub mod carried_values;
pub mod carry;
pub mod checksum;
pub mod chunk_names;
pub mod confine;
pub mod convert;
pub mod digest;
pub mod dimension_scales;
pub mod fault;
pub mod foreign;
pub mod inspect;
pub mod inventory;
pub mod lint;
mod little_endian;
pub mod marks;
pub mod matrices;
pub mod migrate;
pub mod name_source;
pub mod nameless;
pub mod names;
pub mod new_matrix;
mod new_values;
pub mod parsed;
pub mod perform;
pub mod place;
pub mod placement;
pub mod preflight;
pub mod progress;
pub mod proof;
mod rounded_numbers;
pub mod salvage;
pub mod search;
pub mod serve;
pub mod survey;
pub mod taken_names;
mod text;
pub mod values;
