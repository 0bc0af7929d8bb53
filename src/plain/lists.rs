//! Lists of names of a plain file, where the two layouts have them.

use super::{attribute, check_other_texts, open_expr};
use crate::model::facts::names::NamesProblem;
use crate::model::layout;
use crate::model::names::list::{NameList, undecodable};
use crate::model::names::place::NamesPlace;
use plain_hdf5::plain::attribute::Attribute;
use plain_hdf5::plain::dataset::Dataset;
use plain_hdf5::plain::file::PlainFile;
use plain_hdf5::plain::texts::{Heaps, word};
use plain_hdf5::plain::{Datatype, PlainContent, PlainElements};
use plain_hdf5::source::Stored;
use plain_hdf5::walk_error::WalkError;
use std::borrow::Cow;
use string_list::StringList;

/// One list of names, where it was found.
pub(crate) struct List {
    pub(crate) place: NamesPlace,
    pub(crate) texts: StringList,
    pub(crate) shape: Vec<u64>,
    pub(crate) text_type: String,
    pub(crate) problem: Option<NamesProblem>,
}

impl List {
    /// The list as seen by the model.
    pub(crate) fn names(&self) -> NameList<'_> {
        NameList {
            texts: &self.texts,
            shape: &self.shape,
            joined: None,
            recoded: false,
            problem: self.problem.as_ref(),
        }
    }
}

/// Reads the names at these places, of genes and of samples.
pub(crate) fn names(
    stored: &dyn Stored,
    places: [&NamesPlace; 2],
) -> Result<[StringList; 2], WalkError> {
    open_expr(stored, |file, expr, heaps| {
        check_other_texts(expr, heaps)?;
        let [genes, samples] = places.map(|place| names_at(file, expr, place, heaps));
        Ok([genes?, samples?])
    })
}

/// The names of one list, which must be usable.
fn names_at(
    file: &PlainFile<'_, '_>,
    expr: &Dataset<'_>,
    place: &NamesPlace,
    heaps: &mut Heaps<'_, '_>,
) -> Result<StringList, WalkError> {
    let list = match place {
        NamesPlace::Attribute { object, name }
            if object == layout::EXPR_PATH && layout::is_names(name.as_bytes()) =>
        {
            let found = attribute(expr, name).ok_or(WalkError::NotUnderstood)?;
            in_attribute(found, place.clone(), heaps)
        }
        NamesPlace::Dataset { path } => {
            let name = path.strip_prefix('/').unwrap_or_default();
            let found = file
                .dataset(name)
                .filter(|_| layout::is_names(name.as_bytes()));
            let found = found.ok_or(WalkError::NotUnderstood)?;
            in_dataset(file, found, place.clone(), heaps)
        }
        _ => Err(WalkError::NotUnderstood),
    }?;
    match list.problem {
        None => Ok(list.texts),
        Some(_) => Err(WalkError::NotUnderstood),
    }
}

/// The list that an attribute holds.
pub(crate) fn in_attribute(
    found: &Attribute<'_>,
    place: NamesPlace,
    heaps: &mut Heaps<'_, '_>,
) -> Result<List, WalkError> {
    list(
        place,
        found.datatype,
        &found.extent.shape,
        found.data,
        heaps,
    )
}

/// The list that a dataset holds.
pub(crate) fn in_dataset(
    file: &PlainFile<'_, '_>,
    found: &Dataset<'_>,
    place: NamesPlace,
    heaps: &mut Heaps<'_, '_>,
) -> Result<List, WalkError> {
    let data = file.elements(found)?;
    list(place, found.datatype, &found.extent.shape, &data, heaps)
}

/// The names that the content of a plain file has at a place where one of the layouts has them.
pub(crate) fn names_in<'a>(
    content: &'a PlainContent,
    place: &NamesPlace,
) -> Option<Cow<'a, StringList>> {
    let (name, datatype, extent, value) = match place {
        NamesPlace::Attribute { object, name } if object == layout::EXPR_PATH => {
            let found = content.dataset(layout::EXPR)?.attribute(name)?;
            (&name[..], found.datatype, &found.extent, &found.value)
        }
        NamesPlace::Dataset { path } => {
            let name = path.strip_prefix('/')?;
            let found = content.dataset(name)?;
            let PlainElements::Read(value) = &found.elements else {
                return None;
            };
            (name, found.datatype, &found.extent, value)
        }
        _ => return None,
    };
    if !is_list(&extent.shape) || !layout::is_names(name.as_bytes()) {
        return None;
    }
    let texts = value.texts(datatype)?;
    undecodable(&texts).is_none().then_some(texts)
}

/// Whether this is the shape of a list of names: of one dimension. One text could be many names, so that is
/// not plain.
pub(crate) fn is_list(shape: &[u64]) -> bool {
    matches!(shape, [length] if *length > 1)
}

fn list(
    place: NamesPlace,
    datatype: Datatype,
    shape: &[u64],
    data: &[u8],
    heaps: &mut Heaps<'_, '_>,
) -> Result<List, WalkError> {
    if !is_list(shape) {
        return Err(WalkError::NotUnderstood);
    }
    let texts = heaps.texts(datatype, data)?;
    Ok(List {
        place,
        problem: undecodable(&texts),
        texts,
        shape: shape.to_vec(),
        text_type: word(datatype)?,
    })
}
