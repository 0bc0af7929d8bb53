//! A plain file, opened: its objects, and what none of them may be called.

use super::super::source::Stored;
use super::super::stop::Stop;
use super::attribute::{Attribute, attributes};
use super::bytes::Bytes;
use super::dataset::Dataset;
use super::datatype::Kind;
use super::group::{Link, links};
use super::header::Header;
use super::superblock;
use super::texts::Heaps;
use crate::model::layout::{self, Axis};

/// Attributes of dimension scales.
const SCALES: [&[u8]; 4] = [b"CLASS", b"NAME", b"REFERENCE_LIST", b"DIMENSION_LIST"];

/// The objects of a file.
pub(super) struct Plain<'f, 'a> {
    pub(super) bytes: &'f Bytes<'a>,
    /// By name.
    pub(super) datasets: Vec<(&'f Link, Dataset<'f>)>,
    pub(super) root_attributes: Vec<Attribute<'f>>,
}

/// Opens a plain file, and hands it over with its `/expr`.
pub(super) fn open<T>(
    stored: &dyn Stored,
    read: impl FnOnce(&Plain<'_, '_>, &Dataset<'_>, &mut Heaps<'_, '_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let (bytes, root) = superblock::open(stored)?;
    let header = Header::read(&bytes, root.header)?;
    let links = links(&bytes, &header, &root)?;
    let headers = links
        .iter()
        .map(|link| Header::read(&bytes, link.header))
        .collect::<Result<Vec<_>, _>>()?;
    let mut datasets = Vec::with_capacity(links.len());
    for (link, header) in links.iter().zip(&headers) {
        datasets.push((link, Dataset::of(&bytes, header)?));
    }
    let root_attributes = attributes(&header)?;
    let mut heaps = Heaps::new(&bytes);
    let file = Plain {
        bytes: &bytes,
        datasets,
        root_attributes,
    };
    let expr = file.dataset(layout::EXPR).ok_or(Stop::NotUnderstood)?;
    file.has_names_only_where_the_layouts_have_them(expr)?;
    read(&file, expr, &mut heaps)
}

impl<'f> Plain<'f, '_> {
    /// The dataset of this name in the root.
    pub(super) fn dataset(&self, name: &str) -> Option<&Dataset<'f>> {
        let of_name = |(link, _): &&(&Link, _)| link.name == name.as_bytes();
        self.datasets
            .iter()
            .find(of_name)
            .map(|(_, dataset)| dataset)
    }

    /// What is called like a list of names, or like a part of one, anywhere else, could be a list as
    /// well; what is called like a part of a scale could make one of a dataset.
    fn has_names_only_where_the_layouts_have_them(&self, expr: &Dataset<'_>) -> Result<(), Stop> {
        let is_like_names = |name: &[u8]| {
            Axis::BOTH
                .iter()
                .any(|axis| name.starts_with(axis.names().as_bytes()))
        };
        let of_root = self.root_attributes.iter().any(|it| is_like_names(it.name));
        let of_expr = expr
            .attributes
            .iter()
            .any(|it| is_like_names(it.name) && !layout::is_names(it.name));
        let of_scales = self
            .datasets
            .iter()
            .flat_map(|(_, dataset)| &dataset.attributes)
            .any(|it| SCALES.contains(&it.name));
        match of_root || of_expr || of_scales {
            true => Err(Stop::NotUnderstood),
            false => Ok(()),
        }
    }
}

/// Before names are read from one attribute, the heaps of all attributes beside it are looked at
/// ([`super::super::suspicious_names`]): those of the names are read in any case, and here the others.
pub(super) fn readable_texts(expr: &Dataset<'_>, heaps: &mut Heaps<'_, '_>) -> Result<(), Stop> {
    let others = expr.attributes.iter().filter(|it| {
        let is_text = matches!(it.datatype.kind, Kind::VariableText { .. });
        is_text && !layout::is_names(it.name)
    });
    for attribute in others {
        heaps.texts(attribute.datatype, attribute.data)?;
    }
    Ok(())
}

/// The attribute of this name.
pub(super) fn attribute<'e, 'f>(expr: &'e Dataset<'f>, name: &str) -> Option<&'e Attribute<'f>> {
    let of_name = |it: &&Attribute<'_>| it.name == name.as_bytes();
    expr.attributes.iter().find(of_name)
}
