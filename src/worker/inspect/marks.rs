//! The marks of h5lift in the root of each file that it writes.

use crate::model::digest::ContentDigest;
use crate::model::facts::Mark;
use crate::model::layout;
use crate::model::layout::c_name;
use crate::worker::error::{OfOutput, Result};
use h5::attribute::{Attribute, read_text};
use h5::file::File;
use h5::object::Object;
use std::ffi::CStr;

/// The mark of a salvage in the root, if there is one.
pub(crate) fn salvage_mark(root: &Object) -> Result<Option<String>> {
    Ok(read_text(root, &c_name(layout::MARK_SALVAGED))?)
}

/// Digest, version and how it was converted; `None` without a digest.
pub(crate) fn mark(root: &Object) -> Result<Option<Mark>> {
    let digest = read_text(root, &c_name(layout::MARK_DIGEST))?;
    let version = read_text(root, &c_name(layout::MARK_VERSION))?;
    let conversion = read_text(root, &c_name(layout::MARK_CONVERSION))?;
    Ok(digest.map(|digest| Mark {
        digest,
        version,
        conversion,
    }))
}

/// h5lift's marks, which each new file gets again.
pub(crate) fn is_mark(path: &[u8], name: &CStr) -> bool {
    path == b"/" && layout::is_mark(name.to_bytes())
}

/// Writes digest and version to the root.
pub(crate) fn leave_marks(new: &File, digest: &ContentDigest) -> Result<()> {
    let root = new.root().of_output()?;
    let version = env!("CARGO_PKG_VERSION");
    Attribute::create_text(&root, &c_name(layout::MARK_DIGEST), &digest.to_string()).of_output()?;
    Attribute::create_text(&root, &c_name(layout::MARK_VERSION), version).of_output()?;
    root.close("closing the root group").of_output()
}
