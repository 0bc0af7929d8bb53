//! Facts of plain files, as a worker would collect them, read without the library by the plain HDF5 reader.
//!
//! Every function returns exactly the facts of a worker, or `None`; then the caller asks a worker.

pub(crate) mod facts;
pub(crate) mod lists;
pub(crate) mod pieces;

use crate::model::facts::Facts;
use crate::model::layout::{self, Axis};
use crate::model::names::place::NamesPlace;
use crate::model::names::rules::Rules;
use crate::model::plan::policy::Charset;
use plain_hdf5::plain::attribute::Attribute;
use plain_hdf5::plain::dataset::Dataset;
use plain_hdf5::plain::file::{PlainFile, open};
use plain_hdf5::plain::texts::Heaps;
use plain_hdf5::plain::{PlainClass, PlainContent};
use plain_hdf5::source::Stored;
use plain_hdf5::walk_error::WalkError;
use string_list::StringList;

pub(crate) use lists::names_in;

const SCALES: [&[u8]; 4] = [b"CLASS", b"NAME", b"REFERENCE_LIST", b"DIMENSION_LIST"];

/// Whether [`plain_facts`] answers a request with these rules and this charset.
pub fn plain_answers(rules: &Rules, charset: Charset) -> bool {
    *rules == Rules::default() && charset == Charset::Utf8
}

/// The facts of a plain file under the default rules, with names in UTF-8.
///
/// A file that cannot be read is not plain: the next reader reports the error.
pub fn plain_facts(stored: &dyn Stored) -> Option<Facts> {
    facts::read(stored).ok()
}

/// What is wrong with a heap of a file, wherever it is; `None` if nothing is, or if the file cannot be read.
pub(crate) fn damaged_heap(stored: &dyn Stored) -> Option<String> {
    let damage = plain_hdf5::damaged_heap(stored).ok().flatten()?;
    Some(damage.to_string())
}

/// Everything in a plain file except the values of its matrix.
pub fn plain_content(stored: &dyn Stored) -> Option<PlainContent> {
    open_expr(stored, |file, _, heaps| {
        PlainContent::read(file, layout::EXPR, heaps)
    })
    .ok()
}

/// The names of genes and samples at these places of a plain file, in UTF-8.
pub fn plain_names(stored: &dyn Stored, places: [&NamesPlace; 2]) -> Option<[StringList; 2]> {
    lists::names(stored, places).ok()
}

/// Opens a plain file that has an `/expr` and names only in the places of the two layouts.
fn open_expr<T>(
    stored: &dyn Stored,
    read: impl FnOnce(&PlainFile<'_, '_>, &Dataset<'_>, &mut Heaps<'_, '_>) -> Result<T, WalkError>,
) -> Result<T, WalkError> {
    open(stored, |file, heaps| {
        let expr = file.dataset(layout::EXPR).ok_or(WalkError::NotUnderstood)?;
        has_names_only_where_the_layouts_have_them(file, expr)?;
        read(file, expr, heaps)
    })
}

/// Anything elsewhere that has the name of a list of names, or of a part of one, could be a list as well;
/// anything that has the name of a part of a scale could make a dataset a scale.
fn has_names_only_where_the_layouts_have_them(
    file: &PlainFile<'_, '_>,
    expr: &Dataset<'_>,
) -> Result<(), WalkError> {
    let is_like_names = |name: &[u8]| {
        Axis::BOTH
            .iter()
            .any(|axis| name.starts_with(axis.names().as_bytes()))
    };
    let of_root = file.root_attributes.iter().any(|it| is_like_names(it.name));
    let of_expr = expr
        .attributes
        .iter()
        .any(|it| is_like_names(it.name) && !layout::is_names(it.name));
    let of_scales = file
        .datasets
        .iter()
        .flat_map(|(_, dataset)| &dataset.attributes)
        .any(|it| SCALES.contains(&it.name));
    match of_root || of_expr || of_scales {
        true => Err(WalkError::NotUnderstood),
        false => Ok(()),
    }
}

/// Before names are read from one attribute, the heaps of all other attributes are checked
/// ([`plain_hdf5::suspicious_names`]): those of the names are read in any case, and here the others.
fn check_other_texts(expr: &Dataset<'_>, heaps: &mut Heaps<'_, '_>) -> Result<(), WalkError> {
    let others = expr.attributes.iter().filter(|it| {
        let is_text = matches!(it.datatype.kind, PlainClass::VariableText { .. });
        is_text && !layout::is_names(it.name)
    });
    for attribute in others {
        heaps.texts(attribute.datatype, attribute.data)?;
    }
    Ok(())
}

/// The attribute of this name.
fn attribute<'e, 'f>(expr: &'e Dataset<'f>, name: &str) -> Option<&'e Attribute<'f>> {
    let of_name = |it: &&Attribute<'_>| it.name == name.as_bytes();
    expr.attributes.iter().find(of_name)
}
