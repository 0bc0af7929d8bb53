//! Names and paths of the layouts, as the library wants them.

use crate::model::layout::Axis;
use std::ffi::{CStr, CString};

/// Paths of the current layout.
pub fn canonical_paths() -> [&'static [u8]; 3] {
    [b"/expr", b"/gene_names", b"/sample_names"]
}

/// A name of the layout, as the library wants it.
pub fn c_name(name: &str) -> CString {
    // The layout's names are literals without NUL; an empty name would find nothing.
    CString::new(name).unwrap_or_default()
}

/// The objects of the current layout.
pub fn is_layout(path: &[u8]) -> bool {
    canonical_paths().contains(&path)
}

/// What an attribute with names is called in the old layout.
pub fn is_legacy_names(name: &[u8]) -> bool {
    Axis::BOTH
        .into_iter()
        .any(|axis| name == axis.names().as_bytes())
}

/// What an attribute with a count is called.
pub fn is_count(name: &CStr) -> bool {
    Axis::BOTH
        .into_iter()
        .any(|axis| name.to_bytes() == axis.count().as_bytes())
}

/// The last part of a path.
pub fn tail(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
