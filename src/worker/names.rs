//! Lists of names: from an attribute or a dataset, in any spelling, to text.

use super::fault::Result;
use crate::h5::attribute::Attribute;
use crate::h5::dataset::Dataset;
use crate::h5::dataspace::{Block, Extent};
use crate::h5::dtype::{Dtype, Kind, Order, Padding};
use crate::h5::elements::Elements;
use crate::model::detect::problem_text;
use crate::model::facts::{CountFact, NamesFacts, NamesProblem};
use crate::model::joined::{self, Joined, Separator};
use crate::model::names_form::StringType;
use crate::model::place::NamesPlace;
use crate::model::policy::Charset;
use std::borrow::Cow;

/// How many names are shown.
const SHOWN: usize = 5;

/// A list as it was read, and what stands in the way of taking it.
#[derive(Debug)]
pub struct Names {
    /// UTF-8 text of each name, as far as it could be decoded; raw bytes where it could not.
    pub texts: Vec<Vec<u8>>,
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
        Names::read(dtype, &extent, expected, |dtype| {
            Ok(attribute.read_as(dtype)?)
        })
    }

    /// Reads the names in a dataset.
    pub fn in_dataset(dataset: &Dataset, expected: Expected) -> Result<Self> {
        let (dtype, extent) = (dataset.dtype()?, dataset.extent()?);
        let all = Block {
            start: vec![0; extent.shape().len()],
            length: extent.shape().to_vec(),
        };
        Names::read(dtype, &extent, expected, |dtype| {
            Ok(dataset.read_as(dtype, &all)?)
        })
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
            whole.texts.extend(part.texts);
        }
        whole.shape = vec![whole.texts.len() as u64];
        if whole.is_list() {
            let texts = std::mem::take(&mut whole.texts);
            whole.problem = None;
            whole.decode(texts, charset);
        }
        Some(whole)
    }

    fn read(
        dtype: Dtype,
        extent: &Extent,
        Expected { charset, length }: Expected,
        elements: impl FnOnce(Dtype) -> Result<Elements>,
    ) -> Result<Self> {
        let mut names = Names {
            texts: Vec::new(),
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
        let elements = elements(names.dtype.clone())?;
        let texts = match &names.dtype.kind {
            Kind::Text(_) => elements.texts(),
            Kind::Integer { signed, order, .. } => {
                integers(&elements, &names.dtype, *signed, *order)
            }
            _ => None,
        };
        match texts {
            Some(texts) if one_string => names.split(texts, length, charset),
            Some(texts) => names.decode(texts, charset),
            None => {
                names.problem = Some(NamesProblem::NotText {
                    dtype: names.dtype.numpy(),
                });
            }
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
    fn split(&mut self, texts: Vec<Vec<u8>>, length: u64, charset: Charset) {
        let text = texts.first().map_or(&[][..], Vec::as_slice);
        let problem = match joined::split(text, length) {
            Joined::Names(separator, names) => {
                self.joined = Some(separator);
                self.problem = None;
                self.decode(names, charset);
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

    fn decode(&mut self, texts: Vec<Vec<u8>>, charset: Charset) {
        self.texts = texts;
        let broken = self.texts.iter().enumerate().find_map(|(index, text)| {
            let error = std::str::from_utf8(text).err()?;
            Some((index, error.valid_up_to()))
        });
        if let Some((index, offset)) = broken {
            match charset {
                // A list that is no UTF-8 in one place is taken for ISO 8859-1 in all.
                Charset::Latin1 => {
                    for text in &mut self.texts {
                        *text = text
                            .iter()
                            .map(|byte| char::from(*byte))
                            .collect::<String>()
                            .into_bytes();
                    }
                }
                Charset::Utf8 => {
                    self.problem = Some(NamesProblem::NotUtf8 {
                        index: index as u64,
                        offset: offset as u64,
                        shown: self.texts[index].escape_ascii().to_string(),
                    });
                    return;
                }
            }
        }
        if let Some(index) = self.texts.iter().position(|text| text.contains(&0)) {
            self.problem = Some(NamesProblem::ContainsNul {
                index: index as u64,
            });
        }
    }

    /// The names as text. Bytes that are no UTF-8 are escaped, so that two different names differ
    /// here, too.
    pub fn readable(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.texts
            .iter()
            .map(|text| match std::str::from_utf8(text) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => Cow::Owned(text.escape_ascii().to_string()),
            })
    }

    /// Whether this is how the current layout stores names of a type.
    pub fn has_type(&self, string_type: StringType) -> bool {
        let Kind::Text(text) = &self.dtype.kind else {
            return false;
        };
        let longest = self.texts.iter().map(Vec::len).max().unwrap_or(0);
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
        let shown = |text: &Vec<u8>| String::from_utf8_lossy(text).into_owned();
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
        let count = if self.is_list() {
            self.texts.len() as u64
        } else {
            self.shape.iter().product()
        };
        NamesFacts {
            count,
            shape: self.shape.clone(),
            text_type,
            joined: self.joined,
            problem: self.problem.clone(),
            first: self.texts.iter().take(SHOWN).map(shown).collect(),
            last: self.texts.last().map(shown),
        }
    }

    /// Where two lists first differ, in words; `None` when they are equal.
    pub fn difference(&self, other: &Names, places: [&NamesPlace; 2]) -> Option<String> {
        let shown = |text: &Vec<u8>| format!("{:?}", String::from_utf8_lossy(text));
        let [here, there] = words(places);
        for (names, place) in [(self, &here), (other, &there)] {
            if let Some(problem) = names.problem.as_ref().filter(|p| !p.is_list()) {
                return Some(format!("{place} is {}", problem_text(problem)));
            }
        }
        if self.texts.len() != other.texts.len() {
            return Some(format!(
                "{} names in {here}, {} in {there}",
                self.texts.len(),
                other.texts.len()
            ));
        }
        let pairs = self.texts.iter().zip(&other.texts);
        let different = pairs.clone().filter(|(a, b)| a != b).count();
        let (index, (a, b)) = pairs.enumerate().find(|(_, (a, b))| a != b)?;
        Some(format!(
            "{different} of {} differ, the first is name {}: {} in {here}, {} in {there}",
            self.texts.len(),
            index + 1,
            shown(a),
            shown(b)
        ))
    }
}

/// What tells two places apart: their kinds, where those differ.
fn words(places: [&NamesPlace; 2]) -> [String; 2] {
    let kinds = places.map(NamesPlace::word);
    if kinds[0] == kinds[1] {
        places.map(ToString::to_string)
    } else {
        kinds.map(|kind| format!("the {kind}"))
    }
}

fn integers(
    elements: &Elements,
    dtype: &Dtype,
    signed: bool,
    order: Order,
) -> Option<Vec<Vec<u8>>> {
    let bytes = elements.plain_bytes()?;
    bytes
        .chunks_exact(dtype.size)
        .map(|item| Some(integer(item, signed, order)?.to_string().into_bytes()))
        .collect()
}

/// The value of an integer of 1, 2, 4 or 8 bytes.
fn integer(item: &[u8], signed: bool, order: Order) -> Option<i128> {
    if !matches!(item.len(), 1 | 2 | 4 | 8) {
        return None;
    }
    let mut little = item.to_vec();
    if order == Order::Big {
        little.reverse();
    }
    let negative = signed && little.last().is_some_and(|byte| *byte >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 16];
    wide[..little.len()].copy_from_slice(&little);
    Some(i128::from_le_bytes(wide))
}

/// The value of a count attribute.
pub fn count(attribute: &Attribute) -> Result<CountFact> {
    let (dtype, extent) = (attribute.dtype()?, attribute.extent()?);
    let malformed = || {
        CountFact::Malformed(format!(
            "{} of shape {}, not one integer",
            dtype.numpy(),
            crate::model::detect::shape_text(extent.shape())
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
        .and_then(|bytes| integer(bytes, signed, order))
        .and_then(|value| i64::try_from(value).ok())
        .map_or_else(malformed, CountFact::Value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_both_orders_and_signs() {
        assert_eq!(integer(&[0xfe, 0xff], true, Order::Little), Some(-2));
        assert_eq!(integer(&[0xff, 0xfe], true, Order::Big), Some(-2));
        assert_eq!(
            integer(&[0xff; 8], false, Order::Little),
            Some(u64::MAX.into())
        );
        assert_eq!(integer(&[1, 2, 3], true, Order::Little), None);
    }
}
