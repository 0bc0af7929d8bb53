//! Lists of names of a plain file, where the two layouts have them.

use super::super::source::Stored;
use super::super::stop::Stop;
use super::attribute::Attribute;
use super::dataset::{Dataset, Storage};
use super::datatype::Datatype;
use super::file::{Plain, attribute, open, readable_texts};
use super::texts::{Heaps, word};
use crate::model::layout;
use crate::model::name_list::{NameList, undecodable};
use crate::model::names_facts::NamesProblem;
use crate::model::place::NamesPlace;
use crate::model::texts::Texts;

/// One list of names, where it was found.
pub(super) struct List {
    pub(super) place: NamesPlace,
    pub(super) texts: Texts,
    pub(super) shape: Vec<u64>,
    pub(super) text_type: String,
    pub(super) problem: Option<NamesProblem>,
}

impl List {
    /// The list as the model judges it.
    pub(super) fn names(&self) -> NameList<'_> {
        NameList {
            texts: &self.texts,
            shape: &self.shape,
            joined: None,
            problem: self.problem.as_ref(),
        }
    }
}

/// Reads the names at these places, of genes and of samples.
pub(super) fn names(stored: &dyn Stored, places: [&NamesPlace; 2]) -> Result<[Texts; 2], Stop> {
    open(stored, |file, expr, heaps| {
        readable_texts(expr, heaps)?;
        let [genes, samples] = places.map(|place| names_at(file, expr, place, heaps));
        Ok([genes?, samples?])
    })
}

/// The names of one list, which has to be one that can be taken.
fn names_at(
    file: &Plain<'_, '_>,
    expr: &Dataset<'_>,
    place: &NamesPlace,
    heaps: &mut Heaps<'_, '_>,
) -> Result<Texts, Stop> {
    let list = match place {
        NamesPlace::Attribute { object, name }
            if object == layout::EXPR_PATH && layout::is_names(name.as_bytes()) =>
        {
            let found = attribute(expr, name).ok_or(Stop::NotUnderstood)?;
            in_attribute(found, place.clone(), heaps)
        }
        NamesPlace::Dataset { path } => {
            let name = path.strip_prefix('/').unwrap_or_default();
            let found = file
                .dataset(name)
                .filter(|_| layout::is_names(name.as_bytes()));
            let found = found.ok_or(Stop::NotUnderstood)?;
            in_dataset(file, found, place.clone(), heaps)
        }
        _ => Err(Stop::NotUnderstood),
    }?;
    match list.problem {
        None => Ok(list.texts),
        Some(_) => Err(Stop::NotUnderstood),
    }
}

/// The list that an attribute holds.
pub(super) fn in_attribute(
    found: &Attribute<'_>,
    place: NamesPlace,
    heaps: &mut Heaps<'_, '_>,
) -> Result<List, Stop> {
    list(
        place,
        found.datatype,
        &found.extent.shape,
        found.data,
        heaps,
    )
}

/// The list that a dataset holds.
pub(super) fn in_dataset(
    file: &Plain<'_, '_>,
    found: &Dataset<'_>,
    place: NamesPlace,
    heaps: &mut Heaps<'_, '_>,
) -> Result<List, Stop> {
    let read;
    let data = match found.storage {
        Storage::Compact(data) => data,
        Storage::Contiguous { address, bytes } => {
            read = file.bytes.peek(address, bytes)?;
            &read
        }
        Storage::Chunked(_) => return Err(Stop::NotUnderstood),
    };
    list(place, found.datatype, &found.extent.shape, data, heaps)
}

/// Whether this is the shape of a list of names: of one dimension. One text could be many names: that is not plain.
pub(super) fn is_list(shape: &[u64]) -> bool {
    matches!(shape, [length] if *length > 1)
}

fn list(
    place: NamesPlace,
    datatype: Datatype,
    shape: &[u64],
    data: &[u8],
    heaps: &mut Heaps<'_, '_>,
) -> Result<List, Stop> {
    if !is_list(shape) {
        return Err(Stop::NotUnderstood);
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
