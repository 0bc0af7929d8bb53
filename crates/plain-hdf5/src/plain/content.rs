//! Everything in a plain file, except the values of its matrix: of those, the offsets.

use crate::plain::attribute;
use crate::plain::dataset;
use crate::plain::dataspace::PlainExtent;
use crate::plain::datatype::{Datatype, PlainClass};
use crate::plain::file::PlainFile;
use crate::plain::texts::{Heaps, fixed_texts};
use crate::walk_error::WalkError;
use hdf5_format::filter::FilterFacts;
use hdf5_format::stored_chunks::StoredChunks;
use std::borrow::Cow;
use std::sync::Arc;
use string_list::StringList;

/// A file: its root, and the datasets in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainContent {
    /// Attributes of the root, by name.
    pub attributes: Vec<PlainAttribute>,
    /// Its datasets, by name; one of them is `/expr`.
    pub datasets: Vec<PlainDataset>,
}

/// An attribute with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainAttribute {
    /// Its name, without a NUL.
    pub name: Vec<u8>,
    /// Character set of the name.
    pub utf8_name: bool,
    /// Type of its elements.
    pub datatype: Datatype,
    /// Length of each dimension.
    pub extent: PlainExtent,
    /// Its value, decoded where it is text.
    pub value: PlainValue,
}

/// A dataset, with its elements if these were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainDataset {
    /// Its name in the root, without a NUL.
    pub name: Vec<u8>,
    /// Character set of the name.
    pub utf8_name: bool,
    /// Type of its elements.
    pub datatype: Datatype,
    /// Length of each dimension.
    pub extent: PlainExtent,
    /// What a chunk holds that was never written, where its writer has said so.
    pub fill: Option<Vec<u8>>,
    /// Its filters, in the order of writing.
    pub filters: Vec<FilterFacts>,
    /// Its attributes, by name.
    pub attributes: Vec<PlainAttribute>,
    /// Its elements, or where they are stored.
    pub elements: PlainElements,
}

/// Elements that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainValue {
    /// Bytes as they are stored, in the file's byte order.
    Bytes(Vec<u8>),
    /// Text of variable length, up to its NUL.
    Texts(StringList),
}

/// The elements of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainElements {
    /// The elements themselves.
    Read(PlainValue),
    /// Those of the matrix: one piece from this place on.
    At(u64),
    /// Those of the matrix: in chunks.
    Chunked {
        /// Length of a chunk in each dimension.
        lengths: Vec<u64>,
        /// Offset, address and length of each chunk.
        stored: Arc<StoredChunks>,
    },
}

impl PlainContent {
    /// All that a file holds, but for the values of the dataset `matrix` of its root.
    ///
    /// # Errors
    /// [`WalkError::NotUnderstood`] when something is not plain, [`WalkError::Io`] when the file cannot be read.
    pub fn read(
        file: &PlainFile<'_, '_>,
        matrix: &str,
        heaps: &mut Heaps<'_, '_>,
    ) -> Result<Self, WalkError> {
        let datasets = file.datasets.iter().map(|(link, found)| {
            Ok(PlainDataset {
                name: link.name.clone(),
                utf8_name: link.utf8,
                datatype: found.datatype,
                extent: found.extent.clone(),
                fill: found.fill.map(<[u8]>::to_vec),
                filters: found.filters.clone(),
                attributes: attributes(&found.attributes, heaps)?,
                elements: match link.name == matrix.as_bytes() {
                    true => placed(found)?,
                    false => {
                        PlainElements::Read(value(found.datatype, &file.elements(found)?, heaps)?)
                    }
                },
            })
        });
        Ok(PlainContent {
            datasets: datasets.collect::<Result<_, WalkError>>()?,
            attributes: attributes(&file.root_attributes, heaps)?,
        })
    }
}

fn attributes(
    found: &[attribute::Attribute<'_>],
    heaps: &mut Heaps<'_, '_>,
) -> Result<Vec<PlainAttribute>, WalkError> {
    let attribute = |it: &attribute::Attribute<'_>| {
        Ok(PlainAttribute {
            name: it.name.to_vec(),
            utf8_name: it.utf8_name,
            datatype: it.datatype,
            extent: it.extent.clone(),
            value: value(it.datatype, it.data, heaps)?,
        })
    };
    found.iter().map(attribute).collect()
}

fn value(
    datatype: Datatype,
    data: &[u8],
    heaps: &mut Heaps<'_, '_>,
) -> Result<PlainValue, WalkError> {
    match datatype.kind {
        PlainClass::VariableText { .. } => heaps.texts(datatype, data).map(PlainValue::Texts),
        _ => Ok(PlainValue::Bytes(data.to_vec())),
    }
}

fn placed(found: &dataset::Dataset<'_>) -> Result<PlainElements, WalkError> {
    match &found.storage {
        dataset::Storage::Compact(_) => Err(WalkError::NotUnderstood),
        dataset::Storage::Contiguous { address, .. } => Ok(PlainElements::At(*address)),
        dataset::Storage::Chunked(chunks) => Ok(PlainElements::Chunked {
            lengths: chunks.lengths.clone(),
            stored: Arc::clone(&chunks.stored),
        }),
    }
}

impl PlainContent {
    /// The root's attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&PlainAttribute> {
        named(&self.attributes, name)
    }

    /// The dataset of this name in the root.
    pub fn dataset(&self, name: &str) -> Option<&PlainDataset> {
        let of_name = |it: &&PlainDataset| it.name == name.as_bytes();
        self.datasets.iter().find(of_name)
    }
}

impl PlainValue {
    /// The elements as text, if they are.
    pub fn texts(&self, datatype: Datatype) -> Option<Cow<'_, StringList>> {
        match (self, datatype.kind) {
            (PlainValue::Texts(texts), _) => Some(Cow::Borrowed(texts)),
            (PlainValue::Bytes(bytes), PlainClass::FixedText { padding, .. }) => {
                Some(Cow::Owned(fixed_texts(bytes, datatype.size, padding)))
            }
            _ => None,
        }
    }
}

impl PlainAttribute {
    /// Its text, if it is a single one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            PlainValue::Texts(texts) if texts.len() == 1 => std::str::from_utf8(texts.get(0)?).ok(),
            _ => None,
        }
    }
}

impl PlainDataset {
    /// Its attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&PlainAttribute> {
        named(&self.attributes, name)
    }
}

fn named<'a>(attributes: &'a [PlainAttribute], name: &str) -> Option<&'a PlainAttribute> {
    attributes.iter().find(|it| it.name == name.as_bytes())
}
