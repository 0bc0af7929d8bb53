//! Where the names of an axis are in a file: what the table of names and the user's rules lead to.
//!
//! The library is asked for no list that cannot be one by its length.

use crate::model::facts::names::NamesProblem;
use crate::model::layout::{Axis, c_name};
use crate::model::names::place::{NamesPlace, last_part};
use crate::model::names::rules::{Reach, Rules, SEARCH, Spelling};
use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use crate::worker::names::place::{Matrix, in_attribute, in_dataset, is_inside, numbered, read};
use crate::worker::names::{Expected, Names};
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dtype;
use h5::object::{Kind, Object};
use h5::tree::Node;
use std::ffi::CString;

/// Names, and where they were found.
#[derive(Debug)]
pub(crate) struct Found {
    /// Where.
    pub place: NamesPlace,
    /// Which.
    pub names: Names,
}

/// What was found for both axes, genes first. At the places of the two layouts everything is told; of
/// other places only what fits.
pub(crate) fn find(matrix: Matrix<'_>, rules: &Rules) -> Result<[Vec<Found>; 2]> {
    // One after the other: what is wrong with the first ends the search.
    let genes = of_axis(matrix, rules, Axis::Genes)?;
    let mut found = [genes, of_axis(matrix, rules, Axis::Samples)?];
    // Lists that fit the other axis mean something only when both do: then the matrix is transposed.
    let straight = Axis::BOTH.map(|axis| {
        let fits = |list: &Found| matrix.fits(axis, &list.names);
        found[axis.index()]
            .iter()
            .any(|list| fits(list) || is_canonical(matrix, axis, &list.place))
    });
    for axis in Axis::BOTH {
        if straight[0] || straight[1] || found.iter().any(Vec::is_empty) {
            found[axis.index()].retain(|list| {
                !list.names.is_list()
                    || matrix.fits(axis, &list.names)
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
        return Err(WorkerError::new(
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
        .filter(|path| last_part(path) == name && path != matrix.path)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_matrix_goes_up_to_the_root() {
        assert_eq!(own_line("/expr"), ["/expr", "/"]);
        assert_eq!(own_line("/a/b/expr"), ["/a/b/expr", "/a/b", "/a", "/"]);
    }
}
