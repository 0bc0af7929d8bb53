//! Where the names of an axis are in a file: the places that the user named, those of the two layouts, dimension scales,
//! and then the table of usual names.
//!
//! No list is read that cannot be one by its type and length.

use crate::model::facts::names::NamesProblem;
use crate::model::layout::{Axis, c_name};
use crate::model::names::place::NamesPlace;
use crate::model::names::rules::{OTHERS, OWN, Reach, Rules, SEARCH, Spelling};
use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use crate::worker::names::Names;
use crate::worker::names::index::Holder;
use crate::worker::names::place::{Matrix, read, read_found, resolved};
use crate::worker::names::scales::AttachedScales;
use crate::worker::names::stored_form::StoredForm;
use crate::worker::serve::progress::ProgressSink;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use std::ffi::CString;
use std::rc::Rc;

/// Names, and where they were found.
#[derive(Debug)]
pub(crate) struct FoundNames {
    pub place: NamesPlace,
    pub names: Names,
    /// The dimension of the matrix to which their dataset is attached as a scale.
    pub dimension: Option<usize>,
}

/// What was found for both axes, genes first. At the places of the two layouts everything is told; of
/// other places only what fits.
pub(crate) fn find(
    matrix: Matrix<'_>,
    rules: &Rules,
    report: &mut dyn ProgressSink,
) -> Result<[Vec<FoundNames>; 2]> {
    let expr = matrix.file.object(matrix.path.as_bytes())?;
    let scales = AttachedScales::of(matrix, &expr)?;
    // One after the other: what is wrong with the first ends the search.
    let genes = of_axis(matrix, rules, &scales, Axis::Genes, report)?;
    let samples = of_axis(matrix, rules, &scales, Axis::Samples, report)?;
    let mut found = [genes, samples];
    for list in found.iter_mut().flatten() {
        list.dimension = scales.dimension_of(&list.place);
    }
    // Lists that fit the other axis mean something only when both do: then the matrix is transposed.
    let straight = Axis::BOTH.map(|axis| {
        let fits = |list: &FoundNames| matrix.fits(axis, &list.names);
        found[axis.index()]
            .iter()
            .any(|list| fits(list) || is_canonical(matrix, axis, &list.place))
    });
    for axis in Axis::BOTH {
        if straight[0] || straight[1] || found.iter().any(Vec::is_empty) {
            let named = !rules.places(axis).is_empty();
            let mut first = true;
            found[axis.index()].retain(|list| {
                let is_named = named && std::mem::take(&mut first);
                !list.names.is_list()
                    || is_named
                    || list.dimension.is_some()
                    || matrix.fits(axis, &list.names)
                    || is_canonical(matrix, axis, &list.place)
            });
        }
    }
    Ok(found)
}

fn is_canonical(matrix: Matrix<'_>, axis: Axis, place: &NamesPlace) -> bool {
    *place == NamesPlace::legacy(matrix.path, axis) || *place == NamesPlace::current(axis)
}

fn of_axis(
    matrix: Matrix<'_>,
    rules: &Rules,
    scales: &AttachedScales,
    axis: Axis,
    report: &mut dyn ProgressSink,
) -> Result<Vec<FoundNames>> {
    let mut found = Vec::new();
    let named = rules.places(axis);
    for place in named {
        let place = resolved(matrix, place)?;
        if let Some(names) = read(matrix, axis, &place)? {
            found.push(FoundNames::at(place, names));
            break;
        }
    }
    if found.is_empty() && !named.is_empty() {
        let places: Vec<String> = named.iter().map(ToString::to_string).collect();
        let missing = format!("{} is not in it", places.join(", nor "));
        return Err(WorkerError::new(FailureKind::Unsupported, missing).with_help(
            "check the spelling of the place that --genes-from, --samples-from or --rules names",
        ));
    }
    for place in [
        NamesPlace::legacy(matrix.path, axis),
        NamesPlace::current(axis),
    ] {
        if found.iter().any(|there| there.place == place) {
            continue;
        }
        if let Some(names) = read_found(matrix, matrix.length(axis).unwrap_or(0), &place)? {
            found.push(FoundNames::at(place, names));
        }
    }
    if !named.is_empty() {
        return Ok(found);
    }
    if !found.iter().any(|list| list.names.is_list()) {
        let attached = scales.lists(matrix, axis, report)?;
        let is_new = |list: &FoundNames| found.iter().all(|known| known.place != list.place);
        let attached: Vec<FoundNames> = attached.into_iter().filter(is_new).collect();
        found.extend(attached);
        // What is no list counts least.
        found.sort_by_key(|list| !list.names.is_list());
    }
    search(matrix, axis, &mut found, report)?;
    Ok(found)
}

impl FoundNames {
    pub(crate) fn at(place: NamesPlace, names: Names) -> Self {
        FoundNames {
            place,
            names,
            dimension: None,
        }
    }
}

/// Goes through the table of names until something fits, straight or the other way round.
fn search(
    matrix: Matrix<'_>,
    axis: Axis,
    found: &mut Vec<FoundNames>,
    report: &mut dyn ProgressSink,
) -> Result<()> {
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
        for step in steps {
            let mut here = Vec::new();
            for place in places(matrix, axis, *step, length, report)? {
                report.live();
                if let Some(names) = fitting(matrix, &place, length)?
                    && found.iter().all(|known| known.place != place)
                {
                    here.push(FoundNames::at(place, names));
                }
            }
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

/// Whether a file has a list of so many names for an axis of a matrix, anywhere where names are looked for. Nothing is
/// read twice.
pub(crate) fn has_list(
    matrix: Matrix<'_>,
    axis: Axis,
    length: u64,
    report: &mut dyn ProgressSink,
) -> Result<bool> {
    let mut any = |step| -> Result<bool> {
        for place in places(matrix, axis, step, length, report)? {
            if is_list(matrix, &place, length)? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    for step @ (reach, spellings) in SEARCH {
        let found = match reach {
            Reach::OwnLine => any(step)?,
            // What is far from one matrix is far from all others that have nothing near them.
            Reach::Elsewhere => {
                let key = format!("{} elsewhere", spellings[0].of(axis));
                matrix.cache.fits(key, length, || any(step))?
            }
        };
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same for the attributes of the matrix alone.
pub(crate) fn has_own_list(matrix: Matrix<'_>, axis: Axis, length: u64) -> Result<bool> {
    let holder = matrix.cache.holder(matrix, matrix.path)?;
    for spelling in OWN.iter().chain(&OTHERS) {
        if let Some(place) = attributes_called(matrix, &holder, spelling.of(axis), length)?
            && is_list(matrix, &place, length)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_list(matrix: Matrix<'_>, place: &NamesPlace, length: u64) -> Result<bool> {
    matrix.cache.fits(format!("{place:?}"), length, || {
        let names = fitting(matrix, place, length)?;
        Ok(names.is_some_and(|names| names.texts.len() as u64 == length))
    })
}

/// Every place in one reach that is called so, and that may hold so many names by its type and shape.
fn places(
    matrix: Matrix<'_>,
    axis: Axis,
    (reach, spellings): (Reach, &[Spelling]),
    length: u64,
    report: &mut dyn ProgressSink,
) -> Result<Vec<NamesPlace>> {
    let mut found = Vec::new();
    for holder in holders(matrix, reach, report)? {
        for spelling in spellings {
            let place = attributes_called(matrix, &holder, spelling.of(axis), length)?;
            found.extend(place);
        }
    }
    for spelling in spellings {
        for path in datasets_called(matrix, reach, spelling.of(axis)) {
            report.live();
            let open = || Ok(Dataset::new(matrix.file.object(path.as_bytes())?));
            let outline = matrix.cache.dataset(path, open)?;
            if outline
                .is_some_and(|it| it.inside && StoredForm::may_hold(&it.dtype, &it.shape, length))
            {
                found.push(NamesPlace::Dataset { path: path.clone() });
            }
        }
    }
    Ok(found)
}

/// Objects whose attributes may name the axes: the matrix and the groups above it, or all other groups.
fn holders(
    matrix: Matrix<'_>,
    reach: Reach,
    report: &mut dyn ProgressSink,
) -> Result<Vec<Rc<Holder>>> {
    let line = own_line(matrix.path);
    match reach {
        Reach::OwnLine => line
            .iter()
            .map(|path| matrix.cache.holder(matrix, path))
            .collect(),
        Reach::Elsewhere => {
            let groups = matrix.cache.groups(matrix, report)?;
            let others = groups.iter().filter(|it| !line.contains(&it.path));
            Ok(others.map(Rc::clone).collect())
        }
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
fn datasets_called<'a>(
    matrix: Matrix<'a>,
    reach: Reach,
    name: &str,
) -> impl Iterator<Item = &'a String> {
    let line = own_line(matrix.path);
    let own = move |path: &str| {
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        line[1..]
            .iter()
            .any(|group| group.trim_end_matches('/') == above)
    };
    matrix
        .cache
        .datasets_called(matrix.tree, name)
        .iter()
        .filter(move |path| *path != matrix.path && own(path) == (reach == Reach::OwnLine))
}

/// The attribute of this name if it may be a list of so many names, or the numbered ones.
fn attributes_called(
    matrix: Matrix<'_>,
    holder: &Holder,
    name: &str,
    length: u64,
) -> Result<Option<NamesPlace>> {
    let there = &holder.attributes;
    if there.iter().any(|one| one.as_bytes() == name.as_bytes()) {
        let find = || {
            let object = matrix.file.object(holder.path.as_bytes())?;
            Ok(Attribute::find(&object, &c_name(name))?)
        };
        let outline = matrix.cache.attribute(&holder.path, name, find)?;
        if outline.is_some_and(|it| StoredForm::may_hold(&it.dtype, &it.shape, length)) {
            return Ok(Some(NamesPlace::Attribute {
                object: holder.path.clone(),
                name: name.to_string(),
            }));
        }
    }
    let names = parts_of(there, name);
    Ok((!names.is_empty()).then(|| NamesPlace::Numbered {
        object: holder.path.clone(),
        names,
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

/// The names at a place, if they fit: lists of another length are something else, and a string that does not fit is
/// told.
fn fitting(matrix: Matrix<'_>, place: &NamesPlace, length: u64) -> Result<Option<Names>> {
    let Some(names) = read_found(matrix, length, place)? else {
        return Ok(None);
    };
    let is_so_long = names.texts.len() as u64 == length;
    let keep = match (&names.problem, place) {
        (None, _) => is_so_long,
        (Some(_), NamesPlace::Numbered { .. }) => !names.is_list() || is_so_long,
        (Some(NamesProblem::OneString { parts }), _) => !parts.is_empty(),
        (Some(problem), _) => {
            (problem.is_list() && is_so_long)
                || matches!(
                    problem,
                    NamesProblem::Ambiguous { .. }
                        | NamesProblem::Pickle
                        | NamesProblem::Table { .. }
                        | NamesProblem::NeverWritten { .. }
                        | NamesProblem::Quantity { .. }
                )
        }
    };
    Ok(keep.then_some(names))
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
