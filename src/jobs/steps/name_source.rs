//! A file that has names for others.

use crate::model::names::source::SourceNames;
use std::path::PathBuf;

/// A file that was given for its names.
#[derive(Debug, Clone)]
pub struct NameSource {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is HDF5.
    pub hdf5: bool,
    /// What it has.
    pub names: SourceNames,
}
