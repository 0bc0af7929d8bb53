//! A reader of *plain* files: of what h5py and h5lift write for ordinary matrices, and of nothing else.
//!
//! It gives the very facts that the library would, or none at all. Whatever is unusual, damaged or not
//! fully understood is *not plain*, without an error: then the library is asked. So each check here may
//! be stricter than the library's, and none may be laxer. Tests hold the facts of every fixture and of
//! thousands of damaged ones against those of the library.
//!
//! ```text
//! superblock -> header -> group (links of the root)
//!                      -> dataset (datatype, dataspace, filters, chunks) -> attribute
//!                                                                        -> texts (global heaps)
//! ```
//!
//! [`bytes`] sees to it that no byte is read for two purposes, which bounds all else.

mod attribute;
mod bytes;
mod checksum;
mod chunks;
mod content;
mod dataset;
mod dataspace;
mod datatype;
mod facts;
mod file;
mod filters;
mod group;
mod header;
mod lists;
mod superblock;
mod texts;

pub use content::{PlainAttribute, PlainContent, PlainDataset, PlainElements, PlainValue};
pub use dataspace::PlainExtent;
pub use datatype::{Datatype, Kind};

use super::fields::Fields;
use super::source::Stored;
use super::stop::Stop;
use crate::model::facts::Facts;
use crate::model::place::NamesPlace;
use crate::model::policy::Charset;
use crate::model::rules::Rules;
use crate::model::texts::Texts;

/// Whether [`plain_facts`] are those that somebody asks for with such rules and names.
pub fn plain_answers(rules: &Rules, charset: Charset) -> bool {
    *rules == Rules::default() && charset == Charset::Utf8
}

/// What is in a file, when it is a plain one, for who asks with the default rules and for UTF-8.
///
/// A file that cannot be read is not plain either: whoever reads it next will say so.
pub fn plain_facts(stored: &dyn Stored) -> Option<Facts> {
    facts::read(stored).ok()
}

/// All that is in a plain file, but for the values of its matrix.
pub fn plain_content(stored: &dyn Stored) -> Option<PlainContent> {
    content::read(stored).ok()
}

/// The names at these places of a plain file, of genes and of samples, for who asks for UTF-8.
pub fn plain_names(stored: &dyn Stored, places: [&NamesPlace; 2]) -> Option<[Texts; 2]> {
    lists::names(stored, places).ok()
}

/// Whether what is left of a message is no more than its alignment needs.
#[expect(clippy::needless_pass_by_value, reason = "nobody reads on")]
fn is_padding(fields: Fields<'_>) -> Result<(), Stop> {
    match fields.left() < 8 {
        true => Ok(()),
        false => Err(Stop::NotUnderstood),
    }
}
