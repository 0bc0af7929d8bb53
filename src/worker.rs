//! The code that calls HDF5 and never renames, creates or removes a file.
//!
//! A worker is this binary with a hidden subcommand. It serves one request at a time over stdin and stdout
//! and is expendable: if a file makes it fail, the parent kills it, reports that in the row of the file, and
//! starts another worker.
//!
//! [`inspect`] collects facts, [`lint`] also reads every value, [`migrate`] writes a new file into a
//! temporary one of the parent's, [`convert`] makes one of a text matrix, [`proof`] compares a new file with
//! an old one or with its digest.

pub(crate) mod chunks;
pub(crate) mod digest;
pub mod error;
pub mod inspect;
pub mod names;
pub mod serve;
pub mod verify;
pub mod write;
