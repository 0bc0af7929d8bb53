//! The only room that names HDF5, and the only one with unsafe code.
//!
//! Thin and safe wrappers of the C library: handles close themselves but can be
//! closed with a verdict, "not there" is told apart from "could not look", text
//! is bytes until somebody validates it, and nothing is allocated because a
//! header claims it. What the files mean is the worker's business.
//!
//! Every call goes through [`handle::id`], [`error::done`] and their kin, which take
//! the library's global lock and turn its error stack into an [`error::H5Error`].

pub mod attribute;
pub mod dataset;
pub mod dataspace;
pub mod dimension_scale;
pub mod dtype;
pub mod elements;
pub mod error;
pub mod file;
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

/// Version of the HDF5 library that this build contains, `2.2.0` for instance.
pub fn version() -> String {
    let version = hdf5::HDF5_VERSION;
    format!("{}.{}.{}", version.major, version.minor, version.micro)
}
