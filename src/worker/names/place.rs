//! Names at a place of a file.
//!
//! The heaps of the names are checked before the library reads them ([`crate::worker::inspect::heap_check`]): on some
//! damage it loops for ever.

use crate::model::facts::names::NamesProblem;
use crate::model::layout;
use crate::model::layout::{Axis, c_name};
use crate::model::names::place::NamesPlace;
use crate::model::plan::policy::Charset;
use crate::worker::error::Result;
use crate::worker::inspect::heap_check;
use crate::worker::names::index::NamesCache;
use crate::worker::names::{Expected, Names};
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dtype::{Dtype, TypeClass};
use h5::file::File;
use h5::object::{Object, ObjectKind};
use h5::tree::Tree;
use hdf5_format::storage::Storage;
use plain_hdf5::NamesIn;
use std::ffi::CStr;
use string_list::StringList;

/// The matrix of a file, whose names are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    pub file: &'a File,
    pub tree: &'a Tree,
    /// Path of the matrix.
    pub path: &'a str,
    /// Genes and samples by its shape; `None` when it has no two dimensions.
    pub shape: Option<[u64; 2]>,
    /// How names are decoded.
    pub charset: Charset,
    /// What was learned about the file's lists already.
    pub cache: &'a NamesCache,
}

/// Reads the names of an axis at a place that a plan names.
pub fn read(matrix: Matrix<'_>, axis: Axis, place: &NamesPlace) -> Result<Option<Names>> {
    read_list(matrix, matrix.length(axis).unwrap_or(0), place)
}

/// Attributes of integers that stand for something else: dates and other quantities, codes, booleans of xarray.
const OF_QUANTITIES: [&CStr; 5] = [
    c"units",
    c"scale_factor",
    c"add_offset",
    c"flag_values",
    c"dtype",
];

/// The same at a place that nobody named: integers that are quantities by their attributes are no list of names.
pub(crate) fn read_found(
    matrix: Matrix<'_>,
    length: u64,
    place: &NamesPlace,
) -> Result<Option<Names>> {
    let Some(mut names) = read_list(matrix, length, place)? else {
        return Ok(None);
    };
    if let (NamesPlace::Dataset { path }, TypeClass::Integer { .. }, None) =
        (place, &names.dtype.kind, &names.problem)
    {
        let dataset = matrix.file.object(path.as_bytes())?;
        for name in OF_QUANTITIES {
            if Attribute::find(&dataset, name)?.is_some() {
                names.texts = StringList::default();
                names.problem = Some(NamesProblem::Quantity {
                    attribute: name.to_string_lossy().into_owned(),
                });
                break;
            }
        }
    }
    Ok(Some(names))
}

/// Reads a list at a place where `length` names are expected.
pub(crate) fn read_list(
    matrix: Matrix<'_>,
    length: u64,
    place: &NamesPlace,
) -> Result<Option<Names>> {
    let expected = matrix.expecting(length);
    let root = matrix.file.root()?;
    match place {
        NamesPlace::Attribute { object, name } => match root.at(object.as_bytes())? {
            Some(holder) => attribute(matrix, object, &holder, name, expected),
            None => Ok(None),
        },
        NamesPlace::Numbered { object, names } => match root.at(object.as_bytes())? {
            Some(holder) => numbered(matrix, object, &holder, names, expected),
            None => Ok(None),
        },
        NamesPlace::Dataset { path } => dataset(matrix, path, expected),
        NamesPlace::Field { path, field } => match root.at(path.as_bytes())? {
            Some(holder) => table_field(matrix, path, holder, field, expected),
            None => Ok(None),
        },
        NamesPlace::Given { .. } => Ok(None),
    }
}

/// The place that a user means by `object@name`: an attribute, or a field of a table that has no such attribute.
pub(crate) fn resolved(matrix: Matrix<'_>, place: &NamesPlace) -> Result<NamesPlace> {
    let NamesPlace::Attribute { object, name } = place else {
        return Ok(place.clone());
    };
    let Some(holder) = matrix.file.root()?.at(object.as_bytes())? else {
        return Ok(place.clone());
    };
    if Attribute::find(&holder, &c_name(name))?.is_some() || holder.kind()? != ObjectKind::Dataset {
        return Ok(place.clone());
    }
    let dtype = Dataset::new(holder).dtype()?;
    Ok(match member(&dtype, name) {
        Some(_) => NamesPlace::Field {
            path: object.clone(),
            field: name.clone(),
        },
        None => place.clone(),
    })
}

/// The field of a table with this name.
fn member(dtype: &Dtype, name: &str) -> Option<usize> {
    match &dtype.kind {
        TypeClass::Compound(members) => members
            .iter()
            .position(|member| member.name == name.as_bytes()),
        _ => None,
    }
}

fn table_field(
    matrix: Matrix<'_>,
    path: &str,
    holder: Object,
    field: &str,
    expected: Expected,
) -> Result<Option<Names>> {
    if holder.kind()? != ObjectKind::Dataset {
        return Ok(None);
    }
    let table = Dataset::new(holder);
    let Some(member) = member(&table.dtype()?, field) else {
        return Ok(None);
    };
    if !is_inside(&table)? {
        return Ok(None);
    }
    matrix.check(path, table.object(), NamesIn::Elements)?;
    Names::in_field(&table, member, expected).map(Some)
}

pub(crate) fn numbered(
    matrix: Matrix<'_>,
    path: &str,
    object: &Object,
    parts: &[String],
    expected: Expected,
) -> Result<Option<Names>> {
    // A part is a list whatever its length; only the whole is held against the axis.
    let mut lists = Vec::new();
    for part in parts {
        match attribute(
            matrix,
            path,
            object,
            part,
            Expected {
                length: 1,
                ..expected
            },
        )? {
            Some(names) => lists.push(names),
            None => return Ok(None),
        }
    }
    let Some(mut whole) = Names::of_parts(lists, matrix.charset) else {
        return Ok(None);
    };
    if let Some(name) = missing_part(parts) {
        whole.problem = Some(NamesProblem::PartMissing { name });
    }
    Ok(Some(whole))
}

/// The first number that is skipped; they begin with 0 or 1.
fn missing_part(parts: &[String]) -> Option<String> {
    let number = |part: &String| {
        let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let number: u64 = part[stem.len()..].parse().ok()?;
        Some((stem.to_string(), number))
    };
    let mut expected = None;
    for part in parts {
        let (stem, number) = number(part)?;
        let next = expected.unwrap_or(if number == 1 { 1 } else { 0 });
        if number != next {
            return Some(format!("{stem}{next}"));
        }
        expected = Some(next + 1);
    }
    None
}

fn attribute(
    matrix: Matrix<'_>,
    path: &str,
    object: &Object,
    name: &str,
    expected: Expected,
) -> Result<Option<Names>> {
    let Some(attribute) = Attribute::find(object, &c_name(name))? else {
        return Ok(None);
    };
    in_attribute(matrix, path, object, &attribute, expected).map(Some)
}

/// Looks at the heaps that hold the names, then reads them.
pub(crate) fn in_attribute(
    matrix: Matrix<'_>,
    path: &str,
    object: &Object,
    attribute: &Attribute,
    expected: Expected,
) -> Result<Names> {
    matrix.check(path, object, NamesIn::Attributes)?;
    Names::in_attribute(attribute, expected)
}

/// The same for a dataset.
pub(crate) fn in_dataset(
    matrix: Matrix<'_>,
    path: &str,
    dataset: &Dataset,
    expected: Expected,
) -> Result<Names> {
    matrix.check(path, dataset.object(), NamesIn::Elements)?;
    Names::in_dataset(dataset, expected)
}

/// Whether reading a dataset opens no other file.
pub(crate) fn is_inside(dataset: &Dataset) -> Result<bool> {
    let properties = dataset.properties()?;
    Ok(!properties.is_external()? && properties.storage()? != Storage::Virtual)
}

/// The names in a dataset at a path, if one of this file is there.
fn dataset(matrix: Matrix<'_>, path: &str, expected: Expected) -> Result<Option<Names>> {
    let Some(object) = matrix.file.root()?.at(path.as_bytes())? else {
        return Ok(None);
    };
    if object.kind()? != ObjectKind::Dataset {
        return Ok(None);
    }
    let dataset = Dataset::new(object);
    if !is_inside(&dataset)? {
        return Ok(None);
    }
    in_dataset(matrix, path, &dataset, expected).map(Some)
}

impl Matrix<'_> {
    /// Looks at the heaps of an object's names, once.
    fn check(self, path: &str, object: &Object, names: NamesIn) -> Result<()> {
        let place = (path.to_string(), names);
        if !self.cache.checked.borrow().contains(&place) {
            heap_check::check(self.file, path, object, names)?;
            self.cache.checked.borrow_mut().insert(place);
        }
        Ok(())
    }

    pub(crate) fn length(self, axis: Axis) -> Option<u64> {
        self.shape.map(|shape| shape[axis.index()])
    }

    pub(crate) fn expecting(self, length: u64) -> Expected {
        Expected {
            charset: self.charset,
            length,
        }
    }

    pub(crate) fn fits(self, axis: Axis, names: &Names) -> bool {
        self.length(axis) == Some(names.texts.len() as u64)
    }
}

/// The matrix and all that the file holds, as the new layout will have it.
pub fn listing(file: &File, matrix: &str) -> Result<Tree> {
    let paths = Axis::BOTH.map(|axis| format!("/{}", axis.names()));
    let first = [matrix, &paths[0], &paths[1]].map(str::as_bytes);
    let tree = Tree::of(file, &first)?;
    Ok(tree.moving(matrix.as_bytes(), layout::EXPR_PATH.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_in_the_numbers_is_found() {
        let missing = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            missing_part(&names)
        };
        assert_eq!(missing(&["genes0", "genes1", "genes2"]), None);
        assert_eq!(missing(&["genes_1", "genes_2"]), None);
        assert_eq!(missing(&["genes0", "genes2"]).as_deref(), Some("genes1"));
        assert_eq!(missing(&["genes2", "genes3"]).as_deref(), Some("genes0"));
    }
}
