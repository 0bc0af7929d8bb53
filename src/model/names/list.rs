//! A list of names as it was read: whether it can be taken, what a report says of it, and where two
//! lists differ. Pure, so that whoever reads names judges them alike.

use crate::model::facts::display::problem_text;
use crate::model::facts::names::{NamesFacts, NamesProblem};
use crate::model::names::joined::Notation;
use crate::model::names::place::NamesPlace;
use std::borrow::Cow;
use string_list::StringList;

/// How many names are shown.
const SHOWN: usize = 5;

/// A list, and what stands in the way of taking it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameList<'a> {
    /// The bytes of each name.
    pub texts: &'a StringList,
    /// Shape as stored.
    pub shape: &'a [u64],
    /// What was between them, when one string held them all.
    pub joined: Option<Notation>,
    /// Decoded from another charset than UTF-8.
    pub recoded: bool,
    /// Why these cannot be taken as they are.
    pub problem: Option<&'a NamesProblem>,
}

/// Where names that are to be UTF-8 are none, or hold a NUL.
pub(crate) fn undecodable(texts: &StringList) -> Option<NamesProblem> {
    let broken = texts.iter().enumerate().find_map(|(index, text)| {
        let error = std::str::from_utf8(text).err()?;
        Some((index, text, error.valid_up_to()))
    });
    if let Some((index, text, offset)) = broken {
        return Some(NamesProblem::NotUtf8 {
            index: index as u64,
            offset: offset as u64,
            shown: text.escape_ascii().to_string(),
        });
    }
    let index = texts.iter().position(|text| text.contains(&0))?;
    Some(NamesProblem::ContainsNul {
        index: index as u64,
    })
}

/// The names as text. Bytes that are no UTF-8 are escaped, so that two different names differ here, too.
pub(crate) fn readable(texts: &StringList) -> impl ExactSizeIterator<Item = Cow<'_, str>> + Clone {
    texts.iter().map(|text| match std::str::from_utf8(text) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(text.escape_ascii().to_string()),
    })
}

impl NameList<'_> {
    /// Whether this is a list of names at all, decodable or not.
    pub(crate) fn is_list(&self) -> bool {
        self.problem.is_none_or(NamesProblem::is_list)
    }

    /// What a report says of the list.
    pub(crate) fn facts(&self, text_type: String) -> NamesFacts {
        let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let count = if self.is_list() {
            self.texts.len() as u64
        } else {
            self.shape.iter().product()
        };
        NamesFacts {
            count,
            shape: self.shape.to_vec(),
            text_type,
            joined: self.joined,
            recoded: self.recoded,
            problem: self.problem.cloned(),
            first: self.texts.iter().take(SHOWN).map(shown).collect(),
            last: self.texts.iter().last().map(shown),
        }
    }

    /// Where two lists first differ, in words; `None` when they are equal.
    pub(crate) fn difference(
        &self,
        other: &NameList<'_>,
        places: [&NamesPlace; 2],
    ) -> Option<String> {
        let shown = |text: &[u8]| format!("{:?}", String::from_utf8_lossy(text));
        if self.is_list() && other.is_list() && self.texts == other.texts {
            return None;
        }
        let [here, there] = words(places);
        for (names, place) in [(self, &here), (other, &there)] {
            if let Some(problem) = names.problem.filter(|p| !p.is_list()) {
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
        let pairs = self.texts.iter().zip(other.texts.iter());
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
