//! The names of the two layouts, in one place, and nothing else.
//!
//! A *legacy* file keeps gene and sample names as attributes of `/expr`; a
//! *current* one keeps them as root datasets of the same names.

use serde::{Deserialize, Serialize};
use std::ffi::CString;

/// The expression matrix, genes x samples, a dataset in the file's root.
pub const EXPR: &str = "expr";
/// The matrix as an absolute HDF5 path.
pub const EXPR_PATH: &str = "/expr";
/// Root attribute with the content digest, see [`crate::model::digest`].
pub const MARK_DIGEST: &str = "h5lift_digest";
/// Root attribute with the version of h5lift that wrote the file.
pub const MARK_VERSION: &str = "h5lift_version";
/// What a file that was a text is made with, among h5lift's marks in the root.
pub const MARK_CONVERSION: &str = "h5lift_conversion";

/// What of the old file could not be read and is NaN in this one, see [`crate::model::salvage`].
pub const MARK_SALVAGED: &str = "h5lift_salvaged";

/// h5lift's marks, attributes of the root, which a migration writes anew.
pub const MARKS: [&str; 4] = [MARK_DIGEST, MARK_VERSION, MARK_CONVERSION, MARK_SALVAGED];

/// One of the two axes of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Rows of `/expr`.
    Genes,
    /// Columns of `/expr`.
    Samples,
}

impl Axis {
    /// Both axes, in the order of the shape of `/expr`.
    pub const BOTH: [Axis; 2] = [Axis::Genes, Axis::Samples];

    /// The axis that this one is not.
    pub fn other(self) -> Axis {
        match self {
            Axis::Genes => Axis::Samples,
            Axis::Samples => Axis::Genes,
        }
    }

    /// Index of the axis in the shape of `/expr`.
    pub fn index(self) -> usize {
        match self {
            Axis::Genes => 0,
            Axis::Samples => 1,
        }
    }

    /// Name of both the legacy attribute of `/expr` and the current root dataset.
    pub fn names(self) -> &'static str {
        match self {
            Axis::Genes => "gene_names",
            Axis::Samples => "sample_names",
        }
    }

    /// Scalar attribute of `/expr` with the length of the axis.
    pub fn count(self) -> &'static str {
        match self {
            Axis::Genes => "n_genes",
            Axis::Samples => "n_samples",
        }
    }

    /// What one element of the axis is called in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Axis::Genes => "gene",
            Axis::Samples => "sample",
        }
    }
}

/// Paths of the current layout.
pub fn canonical_paths() -> [&'static [u8]; 3] {
    [b"/expr", b"/gene_names", b"/sample_names"]
}

/// Whether this is a path of the current layout.
pub fn is_canonical(path: &[u8]) -> bool {
    canonical_paths().contains(&path)
}

/// Whether this is what the layouts call a list of names.
pub fn is_names(name: &[u8]) -> bool {
    Axis::BOTH
        .iter()
        .any(|axis| name == axis.names().as_bytes())
}

/// Whether this is what an attribute with a count is called.
pub fn is_count(name: &[u8]) -> bool {
    Axis::BOTH
        .iter()
        .any(|axis| name == axis.count().as_bytes())
}

/// Whether an attribute of the root that is called so is one of h5lift's marks.
pub fn is_mark(name: &[u8]) -> bool {
    MARKS.iter().any(|mark| name == mark.as_bytes())
}

/// A name of the layout, as a C library wants it.
pub fn c_name(name: &str) -> CString {
    // The layout's names are literals without NUL; an empty name would find nothing.
    CString::new(name).unwrap_or_default()
}
