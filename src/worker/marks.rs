//! What h5lift leaves in the root of each file that it writes.

use super::fault::{OfOutput, Result};
use crate::h5::attribute::{Attribute, read_text};
use crate::h5::file::File;
use crate::h5::object::Object;
use crate::model::digest::ContentDigest;
use crate::model::facts::Mark;
use crate::model::layout::{self, c_name};
use std::ffi::CStr;

/// What a salvage has left in the root, if there ever was one.
pub fn salvage_mark(root: &Object) -> Result<Option<String>> {
    Ok(read_text(root, &c_name(layout::MARK_SALVAGED))?)
}

/// Digest, version and how it was converted; `None` without a digest.
pub fn mark(root: &Object) -> Result<Option<Mark>> {
    let digest = read_text(root, &c_name(layout::MARK_DIGEST))?;
    let version = read_text(root, &c_name(layout::MARK_VERSION))?;
    let conversion = read_text(root, &c_name(layout::MARK_CONVERSION))?;
    Ok(digest.map(|digest| Mark {
        digest,
        version,
        conversion,
    }))
}

/// h5lift's marks, which each new file gets anew.
pub fn is_mark(path: &[u8], name: &CStr) -> bool {
    path == b"/" && layout::is_mark(name.to_bytes())
}

/// Leaves digest and version in the root.
pub fn leave_marks(new: &File, digest: &ContentDigest) -> Result<()> {
    let root = new.root().of_output()?;
    let version = env!("CARGO_PKG_VERSION");
    Attribute::create_text(&root, &c_name(layout::MARK_DIGEST), &digest.to_string()).of_output()?;
    Attribute::create_text(&root, &c_name(layout::MARK_VERSION), version).of_output()?;
    root.close("closing the root group").of_output()
}
