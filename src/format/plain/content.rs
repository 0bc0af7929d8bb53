//! All that a plain file holds, but for the values of its matrix: of those, where they lie.

use super::super::source::Stored;
use super::super::stop::Stop;
use super::attribute;
use super::dataset;
use super::dataspace::PlainExtent;
use super::datatype::{Datatype, Kind};
use super::file::{Plain, open};
use super::lists::is_list;
use super::texts::{Heaps, fixed_texts};
use crate::model::facts::FilterFacts;
use crate::model::layout;
use crate::model::name_list::undecodable;
use crate::model::place::NamesPlace;
use crate::model::stored_chunks::StoredChunks;
use crate::model::texts::Texts;
use std::borrow::Cow;
use std::sync::Arc;

/// A file: its root, and the datasets in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainContent {
    /// Attributes of the root, by name.
    pub attributes: Vec<PlainAttribute>,
    /// Its datasets, by name; one of them is `/expr`.
    pub datasets: Vec<PlainDataset>,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainAttribute {
    /// Its name, without a NUL.
    pub name: Vec<u8>,
    /// Character set of the name.
    pub utf8_name: bool,
    /// Type of its elements.
    pub datatype: Datatype,
    /// How many there are.
    pub extent: PlainExtent,
    /// The elements.
    pub value: PlainValue,
}

/// A dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainDataset {
    /// Its name in the root, without a NUL.
    pub name: Vec<u8>,
    /// Character set of the name.
    pub utf8_name: bool,
    /// Type of its elements.
    pub datatype: Datatype,
    /// How many there are.
    pub extent: PlainExtent,
    /// What a chunk holds that was never written, where its writer has said so.
    pub fill: Option<Vec<u8>>,
    /// Its filters, in the order of writing.
    pub filters: Vec<FilterFacts>,
    /// Its attributes, by name.
    pub attributes: Vec<PlainAttribute>,
    /// Its elements.
    pub elements: PlainElements,
}

/// Elements that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainValue {
    /// As they are stored.
    Bytes(Vec<u8>),
    /// Text of variable length, up to its NUL.
    Texts(Texts),
}

/// The elements of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainElements {
    /// Here they are.
    Read(PlainValue),
    /// Those of the matrix: one piece from this place on.
    At(u64),
    /// Those of the matrix: in chunks.
    Chunked {
        /// Length of a chunk in each dimension.
        lengths: Vec<u64>,
        /// Where they lie.
        stored: Arc<StoredChunks>,
    },
}

/// Reads all of it.
pub(super) fn read(stored: &dyn Stored) -> Result<PlainContent, Stop> {
    open(stored, |file, _, heaps| {
        let datasets = file.datasets.iter().map(|(link, found)| {
            Ok(PlainDataset {
                name: link.name.clone(),
                utf8_name: link.utf8,
                datatype: found.datatype,
                extent: found.extent.clone(),
                fill: found.fill.map(<[u8]>::to_vec),
                filters: found.filters.clone(),
                attributes: attributes(&found.attributes, heaps)?,
                elements: match link.name == layout::EXPR.as_bytes() {
                    true => matrix(found)?,
                    false => PlainElements::Read(elements(file, found, heaps)?),
                },
            })
        });
        Ok(PlainContent {
            datasets: datasets.collect::<Result<_, Stop>>()?,
            attributes: attributes(&file.root_attributes, heaps)?,
        })
    })
}

fn attributes(
    found: &[attribute::Attribute<'_>],
    heaps: &mut Heaps<'_, '_>,
) -> Result<Vec<PlainAttribute>, Stop> {
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

fn value(datatype: Datatype, data: &[u8], heaps: &mut Heaps<'_, '_>) -> Result<PlainValue, Stop> {
    match datatype.kind {
        Kind::VariableText { .. } => heaps.texts(datatype, data).map(PlainValue::Texts),
        _ => Ok(PlainValue::Bytes(data.to_vec())),
    }
}

fn elements(
    file: &Plain<'_, '_>,
    found: &dataset::Dataset<'_>,
    heaps: &mut Heaps<'_, '_>,
) -> Result<PlainValue, Stop> {
    match found.storage {
        dataset::Storage::Compact(data) => value(found.datatype, data, heaps),
        dataset::Storage::Contiguous { address, bytes } => {
            let data = file.bytes.peek(address, bytes)?;
            value(found.datatype, &data, heaps)
        }
        dataset::Storage::Chunked(_) => Err(Stop::NotUnderstood),
    }
}

fn matrix(found: &dataset::Dataset<'_>) -> Result<PlainElements, Stop> {
    match &found.storage {
        dataset::Storage::Compact(_) => Err(Stop::NotUnderstood),
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

impl PlainContent {
    /// The names at a place where one of the layouts has them, for who asks for UTF-8.
    pub fn names(&self, place: &NamesPlace) -> Option<Cow<'_, Texts>> {
        let (name, datatype, extent, value) = match place {
            NamesPlace::Attribute { object, name } if object == layout::EXPR_PATH => {
                let found = self.dataset(layout::EXPR)?.attribute(name)?;
                (&name[..], found.datatype, &found.extent, &found.value)
            }
            NamesPlace::Dataset { path } => {
                let name = path.strip_prefix('/')?;
                let found = self.dataset(name)?;
                let PlainElements::Read(value) = &found.elements else {
                    return None;
                };
                (name, found.datatype, &found.extent, value)
            }
            _ => return None,
        };
        if !is_list(&extent.shape) || !layout::is_names(name.as_bytes()) {
            return None;
        }
        let texts = value.texts(datatype)?;
        undecodable(&texts).is_none().then_some(texts)
    }
}

impl PlainValue {
    /// The elements as text, if they are.
    fn texts(&self, datatype: Datatype) -> Option<Cow<'_, Texts>> {
        match (self, datatype.kind) {
            (PlainValue::Texts(texts), _) => Some(Cow::Borrowed(texts)),
            (PlainValue::Bytes(bytes), Kind::FixedText { padding, .. }) => {
                Some(Cow::Owned(fixed_texts(bytes, datatype.size, padding)))
            }
            _ => None,
        }
    }
}

impl PlainAttribute {
    /// Its only text.
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
