//! What is read of the HDF5 file format without the HDF5 library: because the library loops for ever on it,
//! or because the library takes ten times as long.
//!
//! Variable-length names are stored in global heaps. A zeroed sector in such a heap makes the library ask for
//! the next object at the same place, for ever; one changed byte of a name's length makes it fill gigabytes
//! with zeros. So the heaps that hold the names are walked here before the library is asked to read them.
//!
//! ```text
//! object_header -> attribute, or layout of a dataset (with datatype and dataspace)
//!               -> elements (heap_id) -> global_heap
//! ```
//!
//! This walk is not a reader of HDF5. It follows common structures and reports only what it has found to be
//! wrong. Everything else (dense attributes, shared messages, committed types, chunked names, metadata that
//! makes no sense) is *not checked*, without an error: it is left to the library, which reports it or runs
//! into its deadline.
//!
//! Sections are those of the HDF5 File Format Specification, version 3.0.
//!
//! ```
//! use plain_hdf5::plain::file::open;
//! use plain_hdf5::walk_error::WalkError;
//!
//! // A file, or its bytes.
//! let stored: Vec<u8> = b"no HDF5 file".to_vec();
//! let shapes = open(&stored, |file, _heaps| {
//!     let shapes = file.datasets.iter().map(|(link, dataset)| (link.name.clone(), dataset.extent.shape.clone()));
//!     Ok(shapes.collect::<Vec<_>>())
//! });
//! // Not plain: the library has to be asked.
//! assert!(matches!(shapes, Err(WalkError::NotUnderstood)));
//! ```

mod array_index;
mod attribute;
mod dataset;
mod dataspace;
mod datatype;
mod driver;
mod elements;
mod fields;
mod global_heap;
mod heap_id;
mod heap_scan;
mod layout;
mod object_header;
pub mod plain;
pub mod source;
mod superblock;
mod suspicion;
pub mod walk_error;

pub use crate::array_index::impossible_index;
pub use crate::driver::{Driver, driver};
pub use crate::heap_scan::damaged_heap;
pub use crate::source::{FileOf, Stored};
pub use crate::suspicion::{Suspicion, SuspicionKind};

use crate::elements::Elements;
use crate::global_heap::Heaps;
use crate::object_header::messages;
use crate::source::FormatReader;
use crate::walk_error::{WalkError, understood};
use std::io;

/// An object whose names are checked.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// What it is called in a suspicion: `/expr`.
    pub path: &'a str,
    /// Address of its object header, from where the file's superblock is.
    pub address: u64,
    /// Which object holds the names.
    pub names: NamesIn,
}

/// The part of an object that holds names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NamesIn {
    /// Each of its attributes that is of variable length.
    Attributes,
    /// The elements of a dataset.
    Elements,
}

/// Walks the heaps of the names; the first problem that the library must not be exposed to.
///
/// `None` means that nothing was found, not that nothing is there. The file's position does not
/// matter.
///
/// # Errors
/// What the operating system says when the file cannot be read. Whatever is in the file is none.
pub fn suspicious_names(file: &dyn Stored, places: &[Place<'_>]) -> io::Result<Option<Suspicion>> {
    match check_places(file, places) {
        Ok(()) | Err(WalkError::NotUnderstood) => Ok(None),
        Err(WalkError::Suspicious(suspicion)) => Ok(Some(suspicion)),
        Err(WalkError::Io(error)) => Err(error),
    }
}

fn check_places(file: &dyn Stored, places: &[Place<'_>]) -> Result<(), WalkError> {
    let source = superblock::open(file)?;
    let mut heaps = Heaps::new(&source);
    for place in places {
        understood(match place.names {
            NamesIn::Attributes => attributes(&source, place, &mut heaps),
            NamesIn::Elements => dataset(&source, place, &mut heaps),
        })?;
    }
    Ok(())
}

fn attributes(
    source: &FormatReader<'_>,
    place: &Place<'_>,
    heaps: &mut Heaps<'_>,
) -> Result<(), WalkError> {
    for message in messages(source, place.address)? {
        if let Some(found) = understood(attribute::parse(&message, source.widths()))? {
            let whose = || format!("attribute {} of {}", found.name.escape_debug(), place.path);
            understood(check(&found.elements, heaps, whose))?;
        }
    }
    Ok(())
}

fn dataset(
    source: &FormatReader<'_>,
    place: &Place<'_>,
    heaps: &mut Heaps<'_>,
) -> Result<(), WalkError> {
    let header = messages(source, place.address)?;
    let elements = dataset::elements(source, &header)?;
    check(&elements, heaps, || format!("dataset {}", place.path))
}

/// Checks elements, and reports their owner if one is wrong.
fn check(
    elements: &Elements,
    heaps: &mut Heaps<'_>,
    whose: impl Fn() -> String,
) -> Result<(), WalkError> {
    elements.check(heaps).map_err(|stop| match stop {
        WalkError::Suspicious(suspicion) => WalkError::Suspicious(Suspicion {
            place: whose(),
            ..suspicion
        }),
        other => other,
    })
}

#[cfg(test)]
mod tests;
