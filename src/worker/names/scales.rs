//! Names that are dimension scales of the matrix, as xarray, netCDF-4, h5py and HDF5Array attach them: they say which list
//! belongs to which dimension, and often which dimension the genes are.

use crate::model::facts::names::NamesProblem;
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use crate::model::names::scale_role::{Orientation, orientation, role};
use crate::worker::error::Result;
use crate::worker::names::place::{Matrix, is_inside, read_found};
use crate::worker::names::search::FoundNames;
use crate::worker::names::stored_form::StoredForm;
use crate::worker::serve::progress::ProgressSink;
use h5::attribute::{Attribute, read_text};
use h5::dataset::Dataset;
use h5::dimension_scale::{DIMENSION_LABELS, DIMENSION_LIST, NAME};
use h5::dtype::TypeClass;
use h5::file::File;
use h5::object::Object;
use h5::tree::Tree;

/// The scales of the matrix.
#[derive(Debug, Default)]
pub(crate) struct AttachedScales {
    /// Those of rows and columns, as they are stored.
    dimensions: [Vec<Scale>; 2],
    /// Lengths of the dimensions, as they are stored.
    shape: [u64; 2],
    /// Which way round they say that the matrix lies.
    pub(crate) orientation: Orientation,
}

#[derive(Debug)]
struct Scale {
    path: String,
    /// The axis that it is called after.
    role: Option<Axis>,
}

impl AttachedScales {
    /// Reads which datasets are attached to the matrix. Nothing is attached where that cannot be followed.
    pub(crate) fn of(matrix: Matrix<'_>, expr: &Object) -> Result<Self> {
        let Some(attached) = attached_paths(matrix.file, matrix.tree, expr)? else {
            return Ok(AttachedScales::default());
        };
        let stored = Dataset::new(matrix.file.object(matrix.path.as_bytes())?).extent()?;
        let &[rows, columns] = stored.shape() else {
            return Ok(AttachedScales::default());
        };
        let root = matrix.file.root()?;
        let labels = labels(expr)?;
        let mut dimensions = [Vec::new(), Vec::new()];
        let mut roles = [None, None];
        for (dimension, paths) in attached.into_iter().enumerate() {
            for path in paths {
                let Some(object) = root.at(path.as_bytes())? else {
                    continue;
                };
                let called = read_text(&object, NAME)?;
                let role = role(&path).or_else(|| role(called.as_deref()?));
                roles[dimension] = roles[dimension].or(role);
                dimensions[dimension].push(Scale { path, role });
            }
            let label = labels.get(dimension).and_then(|label| role(label));
            roles[dimension] = roles[dimension].or(label);
        }
        Ok(AttachedScales {
            dimensions,
            shape: [rows, columns],
            orientation: orientation(roles),
        })
    }

    /// The dimension to which a list is attached, if it is attached to one.
    pub(crate) fn dimension_of(&self, place: &NamesPlace) -> Option<usize> {
        let NamesPlace::Dataset { path } = place else {
            return None;
        };
        let is_attached = |scales: &Vec<Scale>| scales.iter().any(|scale| scale.path == *path);
        match [0, 1].map(|dimension| is_attached(&self.dimensions[dimension])) {
            [true, false] => Some(0),
            [false, true] => Some(1),
            _ => None,
        }
    }

    /// The lists of names of an axis that are attached to its dimension. One that is called after the axis is preferred
    /// to others.
    pub(crate) fn lists(
        &self,
        matrix: Matrix<'_>,
        axis: Axis,
        report: &mut dyn ProgressSink,
    ) -> Result<Vec<FoundNames>> {
        let dimension = match self.orientation {
            Orientation::Straight => axis.index(),
            Orientation::Transposed => 1 - axis.index(),
            Orientation::Contradictory => return Ok(Vec::new()),
        };
        let scales = &self.dimensions[dimension];
        let named_so = scales.iter().any(|scale| scale.role == Some(axis));
        let mut found = Vec::new();
        for scale in scales {
            report.live();
            if named_so && scale.role != Some(axis) {
                continue;
            }
            if let Some(list) = list(matrix, scale, self.shape[dimension])? {
                found.push(list);
            }
        }
        Ok(found)
    }
}

/// The names in a scale; `None` where it holds coordinates or nothing.
fn list(matrix: Matrix<'_>, scale: &Scale, length: u64) -> Result<Option<FoundNames>> {
    let dataset = Dataset::new(matrix.file.object(scale.path.as_bytes())?);
    let (dtype, extent) = (dataset.dtype()?, dataset.extent()?);
    // Numbers are coordinates, or what netCDF-4 writes where there are none, unless genes or samples are named so.
    let is_number = matches!(dtype.kind, TypeClass::Integer { .. }) && extent.shape().len() == 1;
    if (is_number && (scale.role.is_none() || is_netcdf_filler(dataset.object())?))
        || !StoredForm::may_hold(&dtype, extent.shape(), length)
        || !is_inside(&dataset)?
    {
        return Ok(None);
    }
    let place = NamesPlace::Dataset {
        path: scale.path.clone(),
    };
    let names = read_found(matrix, length, &place)?.filter(|names| {
        let is_other = matches!(names.problem, Some(NamesProblem::OneString { .. }));
        !is_other && (!names.is_list() || names.texts.len() as u64 == length)
    });
    Ok(names.map(|names| FoundNames::at(place, names)))
}

/// Whether netCDF-4 made a dataset only because a dimension needs one.
fn is_netcdf_filler(scale: &Object) -> Result<bool> {
    let called = read_text(scale, NAME)?;
    Ok(called.is_some_and(|name| {
        name.starts_with("This is a netCDF dimension but not a netCDF variable")
    }))
}

/// Paths of the datasets that are attached to each of two dimensions.
fn attached_paths(file: &File, tree: &Tree, expr: &Object) -> Result<Option<[Vec<String>; 2]>> {
    let Some(list) = Attribute::find(expr, DIMENSION_LIST)? else {
        return Ok(None);
    };
    let is_list_of_references = match list.dtype()?.kind {
        TypeClass::Sequence(base) => base.kind == TypeClass::ObjectReference,
        _ => false,
    };
    if !is_list_of_references || list.extent()?.shape() != [2] {
        return Ok(None);
    }
    let path_of = |token| tree.path_of(token).map(<[u8]>::to_vec);
    let mut spelled = Vec::new();
    let followed = list.read()?.canonical(file, &path_of, &mut |bytes| {
        spelled.extend_from_slice(bytes);
    });
    // A reference that leads nowhere names nothing.
    Ok(match followed {
        Ok(()) => parse(&spelled),
        Err(_) => None,
    })
}

/// Two counted sequences of counted paths.
fn parse(mut spelled: &[u8]) -> Option<[Vec<String>; 2]> {
    let mut dimensions = [Vec::new(), Vec::new()];
    for paths in &mut dimensions {
        for _ in 0..number(&mut spelled)? {
            let length = usize::try_from(number(&mut spelled)?).ok()?;
            let path = spelled.get(..length)?;
            spelled = &spelled[length..];
            // An empty reference leads nowhere.
            if let (Ok(path), true) = (std::str::from_utf8(path), length > 0) {
                paths.push(path.to_string());
            }
        }
    }
    Some(dimensions)
}

fn number(spelled: &mut &[u8]) -> Option<u64> {
    let (number, rest) = spelled.split_first_chunk::<8>()?;
    *spelled = rest;
    Some(u64::from_le_bytes(*number))
}

/// What the dimensions are called (`H5DSset_label`).
fn labels(expr: &Object) -> Result<Vec<String>> {
    let Some(labels) = Attribute::find(expr, DIMENSION_LABELS)? else {
        return Ok(Vec::new());
    };
    if labels.extent()?.shape() != [2] {
        return Ok(Vec::new());
    }
    let elements = labels.read()?;
    let texts = elements.texts().into_iter().flatten();
    Ok(texts
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelled_lists_are_parsed() {
        let number = |n: u64| n.to_le_bytes().to_vec();
        let spelled = [number(1), number(5), b"/gene".to_vec(), number(0)].concat();
        assert_eq!(
            parse(&spelled),
            Some([vec!["/gene".to_string()], Vec::new()])
        );
        assert_eq!(parse(&spelled[..20]), None);
    }
}
