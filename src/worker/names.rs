//! Lists of names: from an attribute or a dataset, however they are stored, to text.

pub(crate) mod chunk_label;
pub(crate) mod external;
pub mod index;
pub mod place;
pub(crate) mod resolve;
pub(crate) mod rounded_numbers;
pub(crate) mod scales;
pub(crate) mod search;
pub(crate) mod source;
pub(crate) mod stored_form;

use crate::model::facts::ExprFacts;
use crate::model::facts::names::{CountFact, NamesFacts, NamesProblem, Unit};
use crate::model::names::form::StringType;
use crate::model::names::joined;
use crate::model::names::joined::{Joined, Notation};
use crate::model::names::list::{NameList, readable, undecodable};
use crate::model::names::place::NamesPlace;
use crate::model::plan::policy::Charset;
use crate::worker::error::Result;
use crate::worker::names::stored_form::StoredForm;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dataspace::{Extent, blocks};
use h5::dtype::{Dtype, Order, Padding, TypeClass};
use h5::elements::Elements;
use h5::error::H5Error;
use hdf5_format::element::{integer, whole_float};
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
    pub joined: Option<Notation>,
    /// Decoded from another charset than UTF-8.
    pub recoded: bool,
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
            return Ok(Names::unusable(dtype, &extent, problem));
        }
        let in_parts = |dtype: &Dtype| {
            let dtype = dtype.clone();
            blocks(extent.shape(), PART).map(move |block| dataset.read_as(dtype.clone(), &block))
        };
        Names::read(dtype, &extent, expected, in_parts)
    }

    /// Reads the names in one field of a table.
    pub fn in_field(table: &Dataset, member: usize, expected: Expected) -> Result<Self> {
        let (dtype, extent) = (table.dtype()?, table.extent()?);
        let parts = blocks(extent.shape(), PART).map(|block| table.read_as(dtype.clone(), &block));
        if let Some(problem) = never_written(table, &extent)? {
            return Ok(Names::unusable(dtype, &extent, problem));
        }
        let form = StoredForm::of_field(&dtype, extent.shape(), member);
        Names::read_as(form, dtype.clone(), &extent, expected, parts)
    }

    fn unusable(dtype: Dtype, extent: &Extent, problem: NamesProblem) -> Self {
        Names {
            texts: StringList::default(),
            shape: extent.shape().to_vec(),
            dtype,
            joined: None,
            recoded: false,
            problem: Some(problem),
        }
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
        expected: Expected,
        parts: impl FnOnce(&Dtype) -> I,
    ) -> Result<Self>
    where
        I: Iterator<Item = std::result::Result<Elements, H5Error>>,
    {
        let form = match extent {
            Extent::Null => Err(NamesProblem::NotText {
                dtype: "nothing".to_string(),
            }),
            _ => StoredForm::of(&dtype, extent.shape(), expected.length),
        };
        let parts = parts(&dtype);
        Names::read_as(form, dtype, extent, expected, parts)
    }

    fn read_as(
        form: std::result::Result<StoredForm, NamesProblem>,
        dtype: Dtype,
        extent: &Extent,
        Expected { charset, length }: Expected,
        parts: impl Iterator<Item = std::result::Result<Elements, H5Error>>,
    ) -> Result<Self> {
        let mut names = Names {
            texts: StringList::default(),
            shape: extent.shape().to_vec(),
            dtype,
            joined: None,
            recoded: false,
            problem: None,
        };
        let form = match form {
            Ok(form) => form,
            Err(problem) => {
                // A list of no names has no type: `[]` was written as float64.
                names.problem = (extent.elements() > 0 || !problem.is_of_type()).then_some(problem);
                return Ok(names);
            }
        };
        if extent.elements() == 0 && form != StoredForm::OneString {
            return Ok(names);
        }
        match form.read(&names.dtype, &names.shape, parts)? {
            Err(problem) => names.problem = Some(problem),
            Ok(texts) if form == StoredForm::OneString => names.split(texts, length, charset),
            Ok(texts) => names.decode(texts, charset),
        }
        Ok(names)
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
            self.recoded = true;
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
        let TypeClass::Text(text) = &self.dtype.kind else {
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
            TypeClass::Text(text) => text.describe(self.dtype.size),
            TypeClass::Integer { signed, .. } => {
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
            recoded: self.recoded,
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

/// The value of a count attribute.
pub fn count(attribute: &Attribute) -> Result<CountFact> {
    let (dtype, extent) = (attribute.dtype()?, attribute.extent()?);
    let malformed = || {
        CountFact::Malformed(format!(
            "{} of shape {}, not one whole number",
            dtype.numpy(),
            crate::model::facts::display::shape_text(extent.shape())
        ))
    };
    // MATLAB and R store numbers as doubles.
    let is_number = match dtype.kind {
        TypeClass::Integer { .. } => true,
        TypeClass::Float { .. } => dtype.is_standard(),
        _ => false,
    };
    if !is_number || extent.elements() != 1 {
        return Ok(malformed());
    }
    let elements = attribute.read_as(dtype.clone())?;
    let value = elements.plain_bytes().and_then(|bytes| match dtype.kind {
        TypeClass::Integer { signed, order, .. } => {
            i64::try_from(integer(bytes, signed, order == Order::Big)?).ok()
        }
        TypeClass::Float { order, .. } => whole_float(bytes, order == Order::Big),
        _ => None,
    });
    Ok(value.map_or_else(malformed, CountFact::Value))
}
