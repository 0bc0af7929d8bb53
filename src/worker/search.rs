//! Where the names of an axis are in a file: what the table of names and the user's rules lead to.
//!
//! The library is asked for nothing before the heaps that it would read were looked at
//! ([`super::preflight`]), and for no list that cannot be one by its length.

use super::fault::{Fault, Result};
use super::inspect::c_name;
use super::names::{Expected, Names};
use super::preflight;
use crate::format::NamesIn;
use crate::h5::attribute::Attribute;
use crate::h5::dataset::Dataset;
use crate::h5::dtype;
use crate::h5::file::File;
use crate::h5::object::{Kind, Object};
use crate::h5::tree::{Node, Tree};
use crate::model::facts::{NamesProblem, Storage};
use crate::model::layout::{self, Axis};
use crate::model::message::FailureKind;
use crate::model::place::NamesPlace;
use crate::model::policy::Charset;
use crate::model::rules::{Reach, Rules, SEARCH, Spelling};
use std::cell::RefCell;
use std::collections::HashSet;
use std::ffi::CString;

/// Names, and where they were found.
#[derive(Debug)]
pub struct Found {
    /// Where.
    pub place: NamesPlace,
    /// Which.
    pub names: Names,
}

/// The matrix of a file, whose names are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    /// The file.
    pub file: &'a File,
    /// All that it holds.
    pub tree: &'a Tree,
    /// Path of the matrix.
    pub path: &'a str,
    /// Genes and samples by its shape; `None` when it has no two dimensions.
    pub shape: Option<[u64; 2]>,
    /// How names are decoded.
    pub charset: Charset,
    /// What was looked at already.
    pub checked: &'a Checked,
}

/// Objects whose heaps were looked at.
#[derive(Debug, Default)]
pub struct Checked(RefCell<HashSet<(String, NamesIn)>>);

/// What was found for both axes, genes first. At the places of the two layouts everything is told; of
/// other places only what fits.
pub fn find(matrix: Matrix<'_>, rules: &Rules) -> Result<[Vec<Found>; 2]> {
    // One after the other: what is wrong with the first ends the search.
    let genes = of_axis(matrix, rules, Axis::Genes)?;
    let mut found = [genes, of_axis(matrix, rules, Axis::Samples)?];
    // Lists that fit the other axis mean something only when both do: then the matrix is transposed.
    let straight = Axis::BOTH.map(|axis| {
        let fits = |list: &Found| matrix.fits(axis, list);
        found[axis.index()]
            .iter()
            .any(|list| fits(list) || is_canonical(matrix, axis, &list.place))
    });
    for axis in Axis::BOTH {
        if straight[0] || straight[1] || found.iter().any(Vec::is_empty) {
            found[axis.index()].retain(|list| {
                !list.names.is_list()
                    || matrix.fits(axis, list)
                    || rules.places(axis).contains(&list.place)
                    || is_canonical(matrix, axis, &list.place)
            });
        }
    }
    Ok(found)
}

fn is_canonical(matrix: Matrix<'_>, axis: Axis, place: &NamesPlace) -> bool {
    *place == NamesPlace::legacy(matrix.path, axis) || *place == NamesPlace::current(axis)
}

/// Reads the names at a place that a plan names.
pub fn read(matrix: Matrix<'_>, axis: Axis, place: &NamesPlace) -> Result<Option<Names>> {
    let length = matrix.length(axis).unwrap_or(0);
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
        NamesPlace::Given { .. } => Ok(None),
    }
}

fn of_axis(matrix: Matrix<'_>, rules: &Rules, axis: Axis) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for place in rules.places(axis) {
        if let Some(names) = read(matrix, axis, place)? {
            let place = place.clone();
            found.push(Found { place, names });
            break;
        }
    }
    if found.is_empty() && !rules.places(axis).is_empty() {
        let places: Vec<String> = rules.places(axis).iter().map(ToString::to_string).collect();
        return Err(Fault::new(
            FailureKind::Unsupported,
            format!("{} is not in it", places.join(", nor ")),
        ));
    }
    for place in [
        NamesPlace::legacy(matrix.path, axis),
        NamesPlace::current(axis),
    ] {
        if found.iter().any(|there| there.place == place) {
            continue;
        }
        if let Some(names) = read(matrix, axis, &place)? {
            found.push(Found { place, names });
        }
    }
    if rules.places(axis).is_empty() {
        search(matrix, axis, &mut found)?;
    }
    Ok(found)
}

/// Goes through the table of names until something fits, straight or the other way round.
fn search(matrix: Matrix<'_>, axis: Axis, found: &mut Vec<Found>) -> Result<()> {
    let Some([genes, samples]) = matrix.shape else {
        return Ok(());
    };
    let lengths = match axis {
        Axis::Genes => [genes, samples],
        Axis::Samples => [samples, genes],
    };
    let has_list = found.iter().any(|list| list.names.is_list());
    let steps = if has_list { &SEARCH[..1] } else { &SEARCH[..] };
    let mut odd = Vec::new();
    for length in lengths {
        for (reach, spellings) in steps {
            let mut here = Vec::new();
            look(matrix, axis, (*reach, spellings), length, &mut here)?;
            here.retain(|list| found.iter().all(|known| known.place != list.place));
            let (lists, others): (Vec<_>, Vec<_>) =
                here.into_iter().partition(|list| list.names.is_list());
            odd.extend(others);
            if !lists.is_empty() {
                // Attributes before datasets, as everywhere.
                found.extend(lists);
                found.sort_by_key(|list| !list.place.is_attribute());
                return Ok(());
            }
        }
        if has_list {
            return Ok(());
        }
    }
    for list in odd {
        if found.iter().all(|known| known.place != list.place) {
            found.push(list);
        }
    }
    Ok(())
}

/// Everything in one reach that is called so and fits a length, or is a string that might.
fn look(
    matrix: Matrix<'_>,
    axis: Axis,
    (reach, spellings): (Reach, &[Spelling]),
    length: u64,
    found: &mut Vec<Found>,
) -> Result<()> {
    let expected = matrix.expecting(length);
    for path in holders(matrix, reach) {
        let object = matrix.file.object(path.as_bytes())?;
        // One list, instead of a question for each spelling.
        let there = Attribute::sorted_names(&object)?;
        for spelling in spellings {
            let name = spelling.of(axis);
            if let Some((place, names)) =
                attributes_called(matrix, (&path, &object, &there), name, expected)?
                && (!names.is_list() || names.texts.len() as u64 == length)
            {
                found.push(Found { place, names });
            }
        }
    }
    for spelling in spellings {
        for path in datasets_called(matrix, reach, spelling.of(axis)) {
            if let Some(names) = fitting_dataset(matrix, &path, expected)? {
                let place = NamesPlace::Dataset { path };
                found.push(Found { place, names });
            }
        }
    }
    Ok(())
}

/// Objects whose attributes may name the axes: the matrix and the groups above it, or all other groups.
fn holders(matrix: Matrix<'_>, reach: Reach) -> Vec<String> {
    let line = own_line(matrix.path);
    match reach {
        Reach::OwnLine => line,
        Reach::Elsewhere => matrix
            .tree
            .entries
            .iter()
            .filter(|entry| entry.node == Node::Object(Kind::Group))
            .filter_map(|entry| String::from_utf8(entry.path.clone()).ok())
            .filter(|path| !line.contains(path))
            .collect(),
    }
}

/// A path and all above it, the nearest first.
fn own_line(path: &str) -> Vec<String> {
    let mut line = vec![path.to_string()];
    let mut rest = path;
    while let Some((above, _)) = rest.rsplit_once('/') {
        line.push(if above.is_empty() { "/" } else { above }.to_string());
        rest = above;
    }
    line
}

/// Datasets of this name in the groups above the matrix, or in all others.
fn datasets_called(matrix: Matrix<'_>, reach: Reach, name: &str) -> Vec<String> {
    let line = own_line(matrix.path);
    let own = |path: &str| {
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        line[1..]
            .iter()
            .any(|group| group.trim_end_matches('/') == above)
    };
    matrix
        .tree
        .entries
        .iter()
        .filter(|entry| entry.node == Node::Object(Kind::Dataset))
        .filter_map(|entry| String::from_utf8(entry.path.clone()).ok())
        .filter(|path| path.rsplit('/').next() == Some(name) && path != matrix.path)
        .filter(|path| own(path) == (reach == Reach::OwnLine))
        .collect()
}

/// The attribute of this name, or the numbered ones.
fn attributes_called(
    matrix: Matrix<'_>,
    (path, object, there): (&str, &Object, &[CString]),
    name: &str,
    expected: Expected,
) -> Result<Option<(NamesPlace, Names)>> {
    let is_there = there.iter().any(|one| one.as_bytes() == name.as_bytes());
    if is_there && let Some(names) = fitting_attribute(matrix, path, object, name, expected)? {
        let place = NamesPlace::Attribute {
            object: path.to_string(),
            name: name.to_string(),
        };
        return Ok(Some((place, names)));
    }
    let parts = parts_of(there, name);
    if parts.is_empty() {
        return Ok(None);
    }
    let names = numbered(matrix, path, object, &parts, expected)?;
    Ok(names.map(|names| {
        let place = NamesPlace::Numbered {
            object: path.to_string(),
            names: parts,
        };
        (place, names)
    }))
}

/// Attributes `name0`, `name1`, ... or `name_0`, `name_1`, ..., in the order of their numbers.
fn parts_of(there: &[CString], name: &str) -> Vec<String> {
    let mut numbered: Vec<(u64, &str)> = there
        .iter()
        .filter_map(|attribute| attribute.to_str().ok())
        .filter_map(|attribute| {
            let rest = attribute.strip_prefix(name)?;
            let digits = rest.strip_prefix('_').unwrap_or(rest);
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let number = digits.parse().ok().filter(|_| is_number)?;
            Some((number, attribute))
        })
        .collect();
    numbered.sort();
    numbered
        .into_iter()
        .map(|(_, name)| name.to_string())
        .collect()
}

fn numbered(
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
fn in_attribute(
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
fn in_dataset(
    matrix: Matrix<'_>,
    path: &str,
    dataset: &Dataset,
    expected: Expected,
) -> Result<Names> {
    matrix.check(path, dataset.object(), NamesIn::Elements)?;
    Names::in_dataset(dataset, expected)
}

/// An attribute that may be the names: by its length, or as one string.
fn fitting_attribute(
    matrix: Matrix<'_>,
    path: &str,
    object: &Object,
    name: &str,
    expected: Expected,
) -> Result<Option<Names>> {
    let Some(attribute) = Attribute::find(object, &c_name(name))? else {
        return Ok(None);
    };
    let (dtype, elements) = (attribute.dtype()?, attribute.extent()?.elements());
    if !may_be_names(&dtype.kind, elements, expected) {
        return Ok(None);
    }
    let names = in_attribute(matrix, path, object, &attribute, expected)?;
    Ok(fitting(names, expected))
}

fn fitting_dataset(matrix: Matrix<'_>, path: &str, expected: Expected) -> Result<Option<Names>> {
    let dataset = Dataset::new(matrix.file.object(path.as_bytes())?);
    let (dtype, elements) = (dataset.dtype()?, dataset.extent()?.elements());
    if !may_be_names(&dtype.kind, elements, expected) || !is_inside(&dataset)? {
        return Ok(None);
    }
    Ok(fitting(
        in_dataset(matrix, path, &dataset, expected)?,
        expected,
    ))
}

fn may_be_names(kind: &dtype::Kind, elements: u64, expected: Expected) -> bool {
    match kind {
        dtype::Kind::Text(_) => elements == expected.length || elements == 1,
        dtype::Kind::Integer { .. } => elements == expected.length,
        _ => false,
    }
}

/// Lists of another length and shape are something else; a string that does not fit is told.
fn fitting(names: Names, expected: Expected) -> Option<Names> {
    let keep = match &names.problem {
        None => names.texts.len() as u64 == expected.length,
        Some(NamesProblem::OneString { parts }) => !parts.is_empty(),
        Some(problem) => {
            problem.is_list()
                || matches!(
                    problem,
                    NamesProblem::Ambiguous { .. } | NamesProblem::Pickle
                )
        }
    };
    keep.then_some(names)
}

/// Whether reading a dataset opens no other file.
fn is_inside(dataset: &Dataset) -> Result<bool> {
    let properties = dataset.properties()?;
    Ok(!properties.is_external()? && properties.storage()? != Storage::Virtual)
}

/// The names in a dataset at a path, if one of this file is there.
fn dataset(matrix: Matrix<'_>, path: &str, expected: Expected) -> Result<Option<Names>> {
    let Some(object) = matrix.file.root()?.at(path.as_bytes())? else {
        return Ok(None);
    };
    if object.kind()? != Kind::Dataset {
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
        if !self.checked.0.borrow().contains(&place) {
            preflight::check(self.file, path, object, names)?;
            self.checked.0.borrow_mut().insert(place);
        }
        Ok(())
    }

    fn length(self, axis: Axis) -> Option<u64> {
        self.shape.map(|shape| shape[axis.index()])
    }

    fn expecting(self, length: u64) -> Expected {
        Expected {
            charset: self.charset,
            length,
        }
    }

    fn fits(self, axis: Axis, list: &Found) -> bool {
        self.length(axis) == Some(list.names.texts.len() as u64)
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
    fn the_line_of_a_matrix_goes_up_to_the_root() {
        assert_eq!(own_line("/expr"), ["/expr", "/"]);
        assert_eq!(own_line("/a/b/expr"), ["/a/b/expr", "/a/b", "/a", "/"]);
    }

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
