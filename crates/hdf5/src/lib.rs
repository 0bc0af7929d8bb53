//! The only crate that depends on HDF5, and the only one with unsafe code.
//!
//! Thin and safe wrappers of the C library: handles close themselves and can also be closed with a result,
//! "not there" is distinct from "could not look", text is bytes until it is validated, and nothing is
//! allocated because a header claims it. The meaning of files is the worker's business.
//!
//! ```
//! use h5::attribute::Attribute;
//! use h5::file::File;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("new.h5");
//! # let descriptor = std::fs::File::options().read(true).write(true).create_new(true).open(&path)?;
//! let new = File::create(descriptor, None)?;
//! Attribute::create_integer(&new.root()?, c"n_genes", 20_000)?;
//! new.close()?;
//!
//! let file = File::open(std::fs::File::open(&path)?)?;
//! let root = file.root()?;
//! assert!(Attribute::find(&root, c"n_genes")?.is_some());
//! assert!(Attribute::find(&root, c"n_samples")?.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! Every call goes through [`handle::id`], [`error::done`] and similar functions, which take the library's
//! global lock and turn its error stack into an [`error::H5Error`].

pub mod attribute;
pub mod dataset;
pub mod dataspace;
pub mod dimension_scale;
mod driver;
pub mod dtype;
pub mod elements;
pub mod error;
pub mod file;
mod group;
pub mod handle;
pub mod link;
mod names;
pub mod new_dataset;
pub mod object;
mod references;
mod retype;
pub mod storage;
mod stored_chunks;
pub mod tree;

mod build_info;

pub use build_info::{is_known_faulty, version, zlib};
