//! How elements of a dataset or an attribute hold names: as one text each, as integers, as rows of letters, as the only
//! text field of a table, or all in one string.

use crate::model::facts::names::{NamesProblem, Unit};
use crate::worker::error::Result;
use h5::dtype::{Dtype, Member, Order, TypeClass};
use h5::elements::Elements;
use h5::error::H5Error;
use hdf5_format::element::integer;
use string_list::StringList;

/// How elements hold names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoredForm {
    /// All names in one string.
    OneString,
    /// One text or integer for each name.
    Elements,
    /// The only text of each record.
    Field {
        /// Its index among the fields.
        member: usize,
    },
    /// One row of letters for each name: an array of shape (n, width) of one-byte text or of bytes.
    Letters {
        /// Letters in a row.
        width: usize,
    },
}

impl StoredForm {
    /// What these elements hold where a list of `length` names is expected.
    pub(crate) fn of(
        dtype: &Dtype,
        shape: &[u64],
        length: u64,
    ) -> std::result::Result<Self, NamesProblem> {
        let elements = elements(shape);
        if let Some(width) = letters(dtype, shape, length) {
            return Ok(StoredForm::Letters { width });
        }
        let is_text = matches!(dtype.kind, TypeClass::Text(_));
        if is_text && elements == 1 && (shape.is_empty() || length != 1) {
            return Ok(StoredForm::OneString);
        }
        match shape {
            [] => return Err(NamesProblem::OneString { parts: Vec::new() }),
            [_] | [_, 1] | [1, _] => {}
            _ => {
                return Err(NamesProblem::NotAList {
                    shape: shape.to_vec(),
                });
            }
        }
        match &dtype.kind {
            TypeClass::Text(_) | TypeClass::Integer { .. } => Ok(StoredForm::Elements),
            TypeClass::Compound(members) => {
                text_field(members).map(|member| StoredForm::Field { member })
            }
            _ => Err(NamesProblem::NotText {
                dtype: dtype.numpy(),
            }),
        }
    }

    /// The same where a field was named.
    pub(crate) fn of_field(
        dtype: &Dtype,
        shape: &[u64],
        member: usize,
    ) -> std::result::Result<Self, NamesProblem> {
        match shape {
            [_] | [_, 1] | [1, _] => Ok(StoredForm::Field { member }),
            _ => Err(NamesProblem::NotAList {
                shape: shape.to_vec(),
            }),
        }
        .and_then(|form| match &dtype.kind {
            TypeClass::Compound(members) if members.get(member).is_some_and(is_text) => Ok(form),
            _ => Err(NamesProblem::NotText {
                dtype: dtype.numpy(),
            }),
        })
    }

    /// Whether these elements may be a list of so many names, or one string with as many: decided by type and shape
    /// alone, before anything is read.
    pub(crate) fn may_hold(dtype: &Dtype, shape: &[u64], length: u64) -> bool {
        match StoredForm::of(dtype, shape, length) {
            Ok(StoredForm::OneString) => true,
            Ok(StoredForm::Letters { .. }) => shape.first() == Some(&length),
            Ok(StoredForm::Elements | StoredForm::Field { .. }) => elements(shape) == length,
            // A table that would be a list, if it had one field of text.
            Err(NamesProblem::Table { fields }) => !fields.is_empty() && elements(shape) == length,
            Err(_) => false,
        }
    }

    /// Reads the names. The inner error says what the elements are instead.
    pub(crate) fn read(
        self,
        dtype: &Dtype,
        shape: &[u64],
        parts: impl Iterator<Item = std::result::Result<Elements, H5Error>>,
    ) -> Result<std::result::Result<StringList, NamesProblem>> {
        if let StoredForm::Letters { width } = self {
            let mut letters = Vec::new();
            for part in parts {
                letters.extend_from_slice(part?.plain_bytes().unwrap_or_default());
            }
            let is_text = matches!(dtype.kind, TypeClass::Text(_));
            return Ok(rows_of_letters(&letters, width, is_text).ok_or_else(|| {
                NamesProblem::NotAList {
                    shape: shape.to_vec(),
                }
            }));
        }
        let mut texts = room_for(elements(shape))?;
        let mut unwritten = 0;
        for part in parts {
            let part = part?;
            for is_unwritten in part.unwritten() {
                unwritten = if is_unwritten { unwritten + 1 } else { 0 };
            }
            if !self.take(&part, dtype, &mut texts) {
                return Ok(Err(NamesProblem::NotText {
                    dtype: dtype.numpy(),
                }));
            }
        }
        // One `NULL` may be how its writer stores an empty name; an interrupted writer leaves more, at the end.
        let of = elements(shape);
        if unwritten > 1 || (unwritten == 1 && of == 1) {
            return Ok(Err(NamesProblem::NeverWritten {
                missing: unwritten,
                of,
                unit: Unit::Names,
            }));
        }
        texts.shrink();
        Ok(Ok(texts))
    }

    /// Adds elements to a list of names; whether they can be names.
    fn take(self, part: &Elements, dtype: &Dtype, names: &mut StringList) -> bool {
        match (self, &dtype.kind) {
            (StoredForm::Field { member }, TypeClass::Compound(members)) => members
                .get(member)
                .and_then(|member| part.field_texts(member))
                .map(|texts| names.extend(texts)),
            (_, TypeClass::Text(_)) => part.texts().map(|texts| names.extend(texts)),
            (_, TypeClass::Integer { signed, order, .. }) => {
                integers(part, dtype, *signed, *order).map(|texts| names.extend(texts))
            }
            _ => None,
        }
        .is_some()
    }
}

fn elements(shape: &[u64]) -> u64 {
    shape
        .iter()
        .fold(1, |n: u64, length| n.saturating_mul(*length))
}

fn is_text(member: &Member) -> bool {
    matches!(member.dtype.kind, TypeClass::Text(_))
}

/// The only field of text.
fn text_field(members: &[Member]) -> std::result::Result<usize, NamesProblem> {
    let mut texts = members
        .iter()
        .enumerate()
        .filter(|(_, member)| is_text(member));
    match (texts.next(), texts.next()) {
        (Some((index, _)), None) => Ok(index),
        _ => Err(NamesProblem::Table {
            fields: members
                .iter()
                .filter(|member| is_text(member))
                .map(|member| String::from_utf8_lossy(&member.name).into_owned())
                .collect(),
        }),
    }
}

/// Letters in a row, if the elements may be rows of letters. What could be a list as it stands is none.
fn letters(dtype: &Dtype, shape: &[u64], length: u64) -> Option<usize> {
    let is_letter = match &dtype.kind {
        TypeClass::Text(text) => !text.variable && dtype.size == 1,
        TypeClass::Integer { .. } => dtype.size == 1,
        _ => false,
    };
    match *shape {
        [rows, width] if is_letter && width > 1 && (rows > 1 || rows == length) && rows > 0 => {
            usize::try_from(width).ok()
        }
        _ => None,
    }
}

/// The text of each row without its padding, if no row has padding between letters. Bytes have to be printable, too:
/// numbers are no letters.
fn rows_of_letters(letters: &[u8], width: usize, is_text: bool) -> Option<StringList> {
    let mut names = StringList::default();
    for row in letters.chunks(width) {
        let end = row
            .iter()
            .rposition(|byte| !matches!(byte, 0 | b' '))
            .map_or(0, |last| last + 1);
        let name = &row[..end];
        let printable = || std::str::from_utf8(name).is_ok_and(|it| !it.contains(char::is_control));
        if name.contains(&0) || !(is_text || printable()) {
            return None;
        }
        names.push(name);
    }
    let any_letter = || names.iter().flatten().any(u8::is_ascii_alphabetic);
    (is_text || any_letter()).then_some(names)
}

/// Room for a list that claims so many names, or an error that says so.
fn room_for(names: u64) -> Result<StringList> {
    let count = usize::try_from(names).unwrap_or(usize::MAX);
    StringList::try_with_capacity(count)
        .ok_or_else(|| H5Error::found("reading names", format!("they claim to be {names}")).into())
}

fn integers(elements: &Elements, dtype: &Dtype, signed: bool, order: Order) -> Option<Vec<String>> {
    let bytes = elements.plain_bytes()?;
    bytes
        .chunks_exact(dtype.size)
        .map(|item| Some(integer(item, signed, order == Order::Big)?.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use h5::dtype::{Padding, TextType};

    fn text(size: usize) -> Dtype {
        Dtype {
            size,
            kind: TypeClass::Text(TextType {
                variable: false,
                padding: Padding::NullPadded,
                utf8: false,
            }),
        }
    }

    fn rows(letters: &[u8], width: usize, is_text: bool) -> Option<Vec<String>> {
        let names = rows_of_letters(letters, width, is_text)?;
        let text = |name: &[u8]| String::from_utf8(name.to_vec()).unwrap();
        Some(names.iter().map(text).collect())
    }

    #[test]
    fn rows_of_letters_are_texts_without_padding() {
        assert_eq!(rows(b"AB\0C\0\0", 3, true).unwrap(), ["AB", "C"]);
        assert_eq!(rows(b"AB C  ", 3, false).unwrap(), ["AB", "C"]);
        assert_eq!(rows(b"A\0BC\0\0", 3, true), None);
        assert_eq!(
            rows(b"123456", 3, false),
            None,
            "numbers without any letter"
        );
        assert_eq!(rows(b"AB\x01C\0\0", 3, false), None);
    }

    #[test]
    fn a_form_is_decided_by_type_and_shape() {
        let form = |dtype: &Dtype, shape: &[u64], length| StoredForm::of(dtype, shape, length).ok();
        assert_eq!(
            form(&text(1), &[60, 15], 60),
            Some(StoredForm::Letters { width: 15 })
        );
        assert_eq!(
            form(&text(1), &[1, 15], 1),
            Some(StoredForm::Letters { width: 15 })
        );
        assert_eq!(form(&text(1), &[1, 15], 15), Some(StoredForm::Elements));
        assert_eq!(form(&text(1), &[15, 1], 15), Some(StoredForm::Elements));
        assert_eq!(form(&text(2), &[60, 15], 60), None);
        assert_eq!(form(&text(9), &[], 60), Some(StoredForm::OneString));
        assert_eq!(form(&text(9), &[1], 60), Some(StoredForm::OneString));
        assert_eq!(form(&text(9), &[1], 1), Some(StoredForm::Elements));
    }

    #[test]
    fn a_table_has_names_if_it_has_one_field_of_text() {
        let member = |name: &[u8], dtype| Member {
            name: name.to_vec(),
            offset: 0,
            dtype,
        };
        let number = || Dtype::integer(4, true, false);
        let members = [member(b"length", number()), member(b"gene", text(9))];
        assert_eq!(text_field(&members), Ok(1));
        let two = [member(b"id", text(9)), member(b"symbol", text(9))];
        assert_eq!(
            text_field(&two),
            Err(NamesProblem::Table {
                fields: vec!["id".into(), "symbol".into()]
            })
        );
    }
}
