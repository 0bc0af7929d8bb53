//! A plain file, opened: the objects of its root.

use crate::plain::attribute::{Attribute, attributes};
use crate::plain::bytes::Bytes;
use crate::plain::dataset::{Dataset, Storage};
use crate::plain::group::{Link, links};
use crate::plain::header::ObjectHeader;
use crate::plain::superblock;
use crate::plain::texts::Heaps;
use crate::source::Stored;
use crate::walk_error::WalkError;
use std::borrow::Cow;

/// The objects of a file.
#[derive(Debug)]
pub struct PlainFile<'f, 'a> {
    bytes: &'f Bytes<'a>,
    /// Datasets of the root with the links that lead to them, by name.
    pub datasets: Vec<(&'f Link, Dataset<'f>)>,
    /// Attributes of the root, by name.
    pub root_attributes: Vec<Attribute<'f>>,
}

/// Opens a simple file and returns its content.
///
/// # Errors
/// [`WalkError::NotUnderstood`] when something in the file is not plain, [`WalkError::Io`] when it cannot be read.
pub fn open<T>(
    stored: &dyn Stored,
    read: impl FnOnce(&PlainFile<'_, '_>, &mut Heaps<'_, '_>) -> Result<T, WalkError>,
) -> Result<T, WalkError> {
    let (bytes, root) = superblock::open(stored)?;
    let header = ObjectHeader::read(&bytes, root.header)?;
    let links = links(&bytes, &header, &root)?;
    let headers = links
        .iter()
        .map(|link| ObjectHeader::read(&bytes, link.header))
        .collect::<Result<Vec<_>, _>>()?;
    let mut datasets = Vec::with_capacity(links.len());
    for (link, header) in links.iter().zip(&headers) {
        datasets.push((link, Dataset::of(&bytes, header)?));
    }
    let root_attributes = attributes(&header)?;
    let mut heaps = Heaps::new(&bytes);
    let file = PlainFile {
        bytes: &bytes,
        datasets,
        root_attributes,
    };
    read(&file, &mut heaps)
}

impl<'f> PlainFile<'f, '_> {
    /// The dataset of this name in the root.
    pub fn dataset(&self, name: &str) -> Option<&Dataset<'f>> {
        let of_name = |(link, _): &&(&Link, _)| link.name == name.as_bytes();
        self.datasets
            .iter()
            .find(of_name)
            .map(|(_, dataset)| dataset)
    }

    /// The stored elements of a dataset that is not chunked.
    ///
    /// # Errors
    /// [`WalkError::NotUnderstood`] for a chunked dataset, [`WalkError::Io`] when the file cannot be read.
    pub fn elements<'e>(&'e self, dataset: &'e Dataset<'f>) -> Result<Cow<'e, [u8]>, WalkError> {
        match dataset.storage {
            Storage::Compact(data) => Ok(Cow::Borrowed(data)),
            Storage::Contiguous { address, bytes } => self.bytes.peek(address, bytes),
            Storage::Chunked(_) => Err(WalkError::NotUnderstood),
        }
    }
}
