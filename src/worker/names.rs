//! Lists of names: from an attribute or a dataset, in any spelling, to text.

pub(crate) mod chunk_label;
pub(crate) mod external;
pub mod place;
pub(crate) mod resolve;
pub(crate) mod rounded_numbers;
pub(crate) mod search;
pub(crate) mod source;

use crate::model::facts::ExprFacts;
use crate::model::facts::names::{CountFact, NamesFacts, NamesProblem, Unit};
use crate::model::names::form::StringType;
use crate::model::names::joined;
use crate::model::names::joined::{Joined, Separator};
use crate::model::names::list::{NameList, readable, undecodable};
use crate::model::names::place::NamesPlace;
use crate::model::plan::policy::Charset;
use crate::worker::error::Result;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dataspace::{Extent, blocks};
use h5::dtype::{Dtype, Kind, Order, Padding};
use h5::elements::Elements;
use h5::error::H5Error;
use hdf5_format::element::integer;
use std::borrow::Cow;
use string_list::StringList;

/// Names that are read from a dataset together: the library takes as much memory for them again.
const PART: u64 = 1 << 17;

/// A list as it was read, and what stands in the way of taking it.
#[derive(Debug)]
pub struct Names {
    /// UTF-8 text of each name, as far as it could be decoded; raw bytes where it could not.
    pub texts: StringList,
    /// Shape as stored.
    pub shape: Vec<u64>,
    /// Element type as stored.
    pub dtype: Dtype,
    /// What was between them, when one string held them all.
    pub joined: Option<Separator>,
    /// Why these cannot be taken as they are.
    pub problem: Option<NamesProblem>,
}

/// How a list is read.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// How bytes become text.
    pub charset: Charset,
    /// Length of the axis, by which one string is split.
    pub length: u64,
}

impl Names {
    /// Reads the names in an attribute.
    pub fn in_attribute(attribute: &Attribute, expected: Expected) -> Result<Self> {
        let (dtype, extent) = (attribute.dtype()?, attribute.extent()?);
        let whole = |dtype: &Dtype| std::iter::once(attribute.read_as(dtype.clone()));
        Names::read(dtype, &extent, expected, whole)
    }

    /// Reads the names in a dataset.
    pub fn in_dataset(dataset: &Dataset, expected: Expected) -> Result<Self> {
        let (dtype, extent) = (dataset.dtype()?, dataset.extent()?);
        if let Some(problem) = never_written(dataset, &extent)? {
            return Ok(Names {
                texts: StringList::default(),
                shape: extent.shape().to_vec(),
                dtype,
                joined: None,
                problem: Some(problem),
            });
        }
        let in_parts = |dtype: &Dtype| {
            let dtype = dtype.clone();
            blocks(extent.shape(), PART).map(move |block| dataset.read_as(dtype.clone(), &block))
        };
        Names::read(dtype, &extent, expected, in_parts)
    }

    /// Whether this is a list of names at all, decodable or not.
    pub fn is_list(&self) -> bool {
        self.problem.as_ref().is_none_or(NamesProblem::is_list)
    }

    /// One list of the parts that several attributes hold.
    pub fn of_parts(parts: Vec<Names>, charset: Charset) -> Option<Self> {
        let mut parts = parts.into_iter();
        let mut whole = parts.next()?;
        for part in parts {
            whole.problem = whole.problem.or(part.problem);
            whole.texts.append(&part.texts);
        }
        whole.shape = vec![whole.texts.len() as u64];
        if whole.is_list() {
            let texts = std::mem::take(&mut whole.texts);
            whole.problem = None;
            whole.decode(texts, charset);
        }
        Some(whole)
    }

    fn read<I>(
        dtype: Dtype,
        extent: &Extent,
        Expected { charset, length }: Expected,
        parts: impl FnOnce(&Dtype) -> I,
    ) -> Result<Self>
    where
        I: Iterator<Item = std::result::Result<Elements, H5Error>>,
    {
        let mut names = Names {
            texts: StringList::default(),
            shape: extent.shape().to_vec(),
            dtype,
            joined: None,
            problem: None,
        };
        names.problem = names.not_a_list(extent);
        let one_string = matches!(names.dtype.kind, Kind::Text(_))
            && extent.elements() == 1
            && (names.shape.is_empty() || length != 1);
        // An empty list has no type: `[]` was written as float64.
        if !one_string && (names.problem.is_some() || extent.elements() == 0) {
            return Ok(names);
        }
        let mut texts = room_for(extent.elements())?;
        let mut unwritten = 0;
        for part in parts(&names.dtype) {
            let part = part?;
            for is_unwritten in part.unwritten() {
                unwritten = if is_unwritten { unwritten + 1 } else { 0 };
            }
            if !take_texts(&part, &names.dtype, &mut texts) {
                names.problem = Some(NamesProblem::NotText {
                    dtype: names.dtype.numpy(),
                });
                return Ok(names);
            }
        }
        // One `NULL` may be how its writer stores an empty name; an interrupted writer leaves more, at the end.
        if unwritten > 1 || (unwritten == 1 && extent.elements() == 1) {
            names.problem = Some(NamesProblem::NeverWritten {
                missing: unwritten,
                of: extent.elements(),
                unit: Unit::Names,
            });
            return Ok(names);
        }
        texts.shrink();
        if one_string {
            names.split(texts, length, charset);
        } else {
            names.decode(texts, charset);
        }
        Ok(names)
    }

    /// Whether the shape is that of a list: (n,), (n, 1) or (1, n).
    fn not_a_list(&self, extent: &Extent) -> Option<NamesProblem> {
        let shape = &self.shape[..];
        match (extent, shape) {
            (Extent::Null, _) => Some(NamesProblem::NotText {
                dtype: "nothing".to_string(),
            }),
            (_, []) => Some(NamesProblem::OneString { parts: Vec::new() }),
            (_, [_] | [_, 1] | [1, _]) => None,
            _ => Some(NamesProblem::NotAList {
                shape: shape.to_vec(),
            }),
        }
    }

    /// Takes one string for a list when there is one way of doing so.
    fn split(&mut self, texts: StringList, length: u64, charset: Charset) {
        let text = texts.get(0).unwrap_or_default();
        let problem = match joined::split(text, length) {
            Joined::Names(separator, names) => {
                self.joined = Some(separator);
                self.problem = None;
                self.decode(names.into_iter().collect(), charset);
                return;
            }
            Joined::Unfitting(parts) => NamesProblem::OneString { parts },
            Joined::Ambiguous(ways) => NamesProblem::Ambiguous { ways },
            Joined::Pickle => NamesProblem::Pickle,
        };
        // A list of one name is what it is, and one name for one gene is a list as good as any,
        // unless there is more in it than one.
        let is_name = matches!(&problem, NamesProblem::OneString { parts } if parts.is_empty())
            && (length == 1 || !self.shape.is_empty());
        self.problem = (!is_name).then_some(problem);
        if is_name {
            self.decode(texts, charset);
        }
    }

    fn decode(&mut self, texts: StringList, charset: Charset) {
        self.texts = texts;
        // A list that is no UTF-8 in one place is taken for ISO 8859-1 in all.
        let broken =
            |texts: &StringList| texts.iter().any(|text| std::str::from_utf8(text).is_err());
        if charset == Charset::Latin1 && broken(&self.texts) {
            let decoded =
                |text: &[u8]| -> String { text.iter().map(|byte| char::from(*byte)).collect() };
            self.texts = self.texts.iter().map(decoded).collect();
        }
        if let Some(problem) = undecodable(&self.texts) {
            self.problem = Some(problem);
        }
    }

    /// The names as text. Bytes that are no UTF-8 are escaped, so that two different names differ
    /// here, too.
    pub fn readable(&self) -> impl ExactSizeIterator<Item = Cow<'_, str>> + Clone {
        readable(&self.texts)
    }

    /// Whether this is how the current layout stores names of a type.
    pub fn has_type(&self, string_type: StringType) -> bool {
        let Kind::Text(text) = &self.dtype.kind else {
            return false;
        };
        let longest = self.texts.iter().map(<[u8]>::len).max().unwrap_or(0);
        let is_type = match string_type {
            StringType::Variable => text.variable,
            StringType::Fixed => {
                let padded = text.padding == Padding::NullPadded;
                !text.variable && text.utf8 && padded && self.dtype.size == longest.max(1)
            }
        };
        is_type && self.shape.len() == 1 && self.joined.is_none()
    }

    /// What a report says of the list.
    pub fn facts(&self) -> NamesFacts {
        let text_type = match &self.dtype.kind {
            Kind::Text(text) => text.describe(self.dtype.size),
            Kind::Integer { signed, .. } => {
                format!(
                    "{}int{}",
                    if *signed { "" } else { "u" },
                    self.dtype.size * 8
                )
            }
            _ => self.dtype.numpy(),
        };
        self.list().facts(text_type)
    }

    /// Where two lists first differ, in words; `None` when they are equal.
    pub fn difference(&self, other: &Names, places: [&NamesPlace; 2]) -> Option<String> {
        self.list().difference(&other.list(), places)
    }

    fn list(&self) -> NameList<'_> {
        NameList {
            texts: &self.texts,
            shape: &self.shape,
            joined: self.joined,
            problem: self.problem.as_ref(),
        }
    }
}

/// What is missing of a dataset of names whose storage is not all there. The library reads empty names in its place.
fn never_written(dataset: &Dataset, extent: &Extent) -> Result<Option<NamesProblem>> {
    if extent.elements() == 0 {
        return Ok(None);
    }
    let properties = dataset.properties()?;
    let (of, written) = match properties.chunks()? {
        Some(chunks) => (
            ExprFacts::grid(extent.shape(), &chunks),
            dataset.stored_chunks()?.len() as u64,
        ),
        None => (1, u64::from(dataset.is_allocated()?)),
    };
    Ok((written < of).then_some(NamesProblem::NeverWritten {
        missing: of - written,
        of,
        unit: Unit::Chunks,
    }))
}

/// Room for a list that claims so many names, or an error that says so.
fn room_for(names: u64) -> Result<StringList> {
    let count = usize::try_from(names).unwrap_or(usize::MAX);
    StringList::try_with_capacity(count)
        .ok_or_else(|| H5Error::found("reading names", format!("they claim to be {names}")).into())
}

/// Adds elements to a list of names; whether they can be names.
fn take_texts(elements: &Elements, dtype: &Dtype, names: &mut StringList) -> bool {
    match &dtype.kind {
        Kind::Text(_) => elements.texts().map(|texts| names.extend(texts)),
        Kind::Integer { signed, order, .. } => {
            integers(elements, dtype, *signed, *order).map(|texts| names.extend(texts))
        }
        _ => None,
    }
    .is_some()
}

fn integers(elements: &Elements, dtype: &Dtype, signed: bool, order: Order) -> Option<Vec<String>> {
    let bytes = elements.plain_bytes()?;
    bytes
        .chunks_exact(dtype.size)
        .map(|item| Some(integer(item, signed, order == Order::Big)?.to_string()))
        .collect()
}

/// The value of a count attribute.
pub fn count(attribute: &Attribute) -> Result<CountFact> {
    let (dtype, extent) = (attribute.dtype()?, attribute.extent()?);
    let malformed = || {
        CountFact::Malformed(format!(
            "{} of shape {}, not one integer",
            dtype.numpy(),
            crate::model::facts::display::shape_text(extent.shape())
        ))
    };
    let Kind::Integer { signed, order, .. } = dtype.kind else {
        return Ok(malformed());
    };
    if extent.elements() != 1 {
        return Ok(malformed());
    }
    let elements = attribute.read_as(dtype.clone())?;
    Ok(elements
        .plain_bytes()
        .and_then(|bytes| integer(bytes, signed, order == Order::Big))
        .and_then(|value| i64::try_from(value).ok())
        .map_or_else(malformed, CountFact::Value))
}
