//! The half that owns HDF5 and never renames, creates or removes a file.
//!
//! A worker is this binary with a hidden subcommand. It serves one request at a
//! time over stdin and stdout and is expendable: whatever a file does to it, the
//! parent kills it, says so in the file's row, and starts another.
//!
//! [`inspect`] looks, [`lint`] looks at every value as well, [`migrate`] writes a new file into a
//! temporary one of the parent's, [`convert`] makes one of a text matrix, [`proof`] holds a new file
//! against an old one or its digest.

pub(crate) mod chunks;
pub(crate) mod digest;
pub mod error;
pub mod inspect;
pub mod names;
pub mod serve;
pub mod verify;
pub mod write;
