//! The code that calls HDF5 and never renames, creates or removes a file.
//!
//! A worker is this binary with a hidden subcommand. It serves one request at a time over stdin and stdout and is
//! expendable: if a file makes it fail, the parent kills it, reports that in the row of the file, and starts another
//! worker.
//!
//! [`serve`] receives requests and confines their threads. [`inspect`] collects facts, with the [`names`]; [`write`] writes a
//! new file into a temporary one of the parent, from an old file or a text matrix; [`verify`] compares a new file with an
//! old one or with its digest. All three process values through [`chunks`].

pub(crate) mod chunks;
pub(crate) mod digest;
pub mod error;
pub mod inspect;
pub mod names;
pub(crate) mod open_file;
pub mod serve;
pub mod verify;
pub mod write;
