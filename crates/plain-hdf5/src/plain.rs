//! A reader of *plain* files: of what h5py and h5lift write for ordinary matrices, and of nothing else.
//!
//! It returns exactly the facts that the library would, or none at all. Whatever is unusual, damaged or not
//! fully understood is *not plain*, without an error: then the library is asked. So each check here may be
//! stricter than the library's, and none may be laxer. Tests compare the facts of every fixture and of
//! thousands of damaged ones with those of the library.
//!
//! ```text
//! superblock -> header -> group (links of the root)
//!                      -> dataset (datatype, dataspace, filters, chunks) -> attribute
//!                                                                        -> texts (global heaps)
//! ```
//!
//! [`bytes`] makes sure that no byte is read for two purposes, which bounds everything else.

pub mod attribute;
mod bytes;
mod checksum;
mod chunks;
mod content;
pub mod dataset;
mod dataspace;
mod datatype;
pub mod file;
mod filters;
mod group;
mod header;
mod superblock;
pub mod texts;

pub use crate::plain::content::{
    PlainAttribute, PlainContent, PlainDataset, PlainElements, PlainValue,
};
pub use crate::plain::dataspace::PlainExtent;
pub use crate::plain::datatype::{Datatype, PlainClass};

use crate::fields::Fields;
use crate::walk_error::WalkError;

/// Whether what is left of a message is no more than its alignment needs.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the value is not used afterwards"
)]
fn is_padding(fields: Fields<'_>) -> Result<(), WalkError> {
    match fields.left() < 8 {
        true => Ok(()),
        false => Err(WalkError::NotUnderstood),
    }
}
