//! A plain file as facts: an `/expr` of two dimensions with lists of both names where the two layouts
//! have them, and perhaps datasets besides it.
//!
//! What is said here without looking is what a plain file cannot have: obstacles, links, scales,
//! groups. Names elsewhere count only where an axis has none here, and no such file is plain.

use super::{attribute, check_other_texts, open_expr};
use crate::model::facts::names::{AxisFacts, Candidate, CountFact};
use crate::model::facts::{Carried, ExprFacts, Facts, Mark};
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::lint;
use crate::model::names::list::readable;
use crate::model::names::place::NamesPlace;
use crate::plain::lists::{List, in_attribute, in_dataset};
use hdf5_format::element::{integer, whole_float};
use hdf5_format::storage::{Storage as Layout, possible_chunks};
use plain_hdf5::plain::PlainClass;
use plain_hdf5::plain::attribute::Attribute;
use plain_hdf5::plain::dataset::{Dataset, Storage};
use plain_hdf5::plain::file::PlainFile;
use plain_hdf5::plain::texts::Heaps;
use plain_hdf5::source::Stored;
use plain_hdf5::walk_error::WalkError;

/// Reads all that decides a file's state and its plan.
pub(crate) fn read(stored: &dyn Stored) -> Result<Facts, WalkError> {
    open_expr(stored, |file, expr, heaps| {
        let marks = Marks::read(&file.root_attributes, heaps)?;
        check_other_texts(expr, heaps)?;
        let [genes, samples] = Axis::BOTH.map(|axis| axis_facts(file, expr, axis, heaps));
        Ok(Facts {
            expr: Some(expr_facts(expr)?),
            genes: genes?,
            samples: samples?,
            mark: marks.mark,
            salvaged: marks.salvaged,
            carried: carried(file, expr),
            root_links: file
                .datasets
                .iter()
                .map(|(link, _)| shown(&link.name))
                .collect(),
            expr_attributes: expr.attributes.iter().map(|it| shown(it.name)).collect(),
            ..Facts::default()
        })
    })
}

fn axis_facts(
    file: &PlainFile<'_, '_>,
    expr: &Dataset<'_>,
    axis: Axis,
    heaps: &mut Heaps<'_, '_>,
) -> Result<AxisFacts, WalkError> {
    let mut lists = Vec::new();
    if let Some(found) = attribute(expr, axis.names()) {
        lists.push(in_attribute(
            found,
            NamesPlace::legacy(layout::EXPR_PATH, axis),
            heaps,
        )?);
    }
    if let Some(found) = file.dataset(axis.names()) {
        lists.push(in_dataset(file, found, NamesPlace::current(axis), heaps)?);
    }
    let (first, others) = lists.split_first().ok_or(WalkError::NotUnderstood)?;
    let difference = others.iter().find_map(|other| {
        let places = [&first.place, &other.place];
        first.names().difference(&other.names(), places)
    });
    let issues = lint::ambiguities(axis, readable(&first.texts));
    let count = attribute(expr, axis.count()).map(count).transpose()?;
    let candidate = |list: &List| Candidate {
        place: list.place.clone(),
        names: list.names().facts(list.text_type.clone()),
        dimension: None,
    };
    Ok(AxisFacts {
        count,
        candidates: lists.iter().map(candidate).collect(),
        named: false,
        difference,
        possible: Vec::new(),
        issues,
    })
}

fn carried(file: &PlainFile<'_, '_>, expr: &Dataset<'_>) -> Carried {
    let of_expr = |it: &&Attribute<'_>| !layout::is_names(it.name) && !layout::is_count(it.name);
    let of_root = file
        .root_attributes
        .iter()
        .filter(|it| !layout::is_mark(it.name));
    let others = file
        .datasets
        .iter()
        .filter(|(link, _)| link.name != layout::EXPR.as_bytes());
    let attributes = of_root.count()
        + expr.attributes.iter().filter(of_expr).count()
        + others
            .map(|(_, dataset)| dataset.attributes.len())
            .sum::<usize>();
    let of_layout = |name: &[u8]| name == layout::EXPR.as_bytes() || layout::is_names(name);
    let datasets = file
        .datasets
        .iter()
        .filter(|(link, _)| !of_layout(&link.name));
    Carried {
        attributes: attributes as u64,
        datasets: datasets.count() as u64,
        ..Carried::default()
    }
}

fn count(attribute: &Attribute<'_>) -> Result<CountFact, WalkError> {
    if attribute.data.len() != attribute.datatype.size {
        return Err(WalkError::NotUnderstood);
    }
    let value = match attribute.datatype.kind {
        PlainClass::Integer { signed, big_endian } => {
            integer(attribute.data, signed, big_endian).and_then(|value| i64::try_from(value).ok())
        }
        PlainClass::Float { big_endian } => whole_float(attribute.data, big_endian),
        _ => None,
    };
    value.map(CountFact::Value).ok_or(WalkError::NotUnderstood)
}

fn expr_facts(expr: &Dataset<'_>) -> Result<ExprFacts, WalkError> {
    if expr.extent.shape.len() != 2 {
        return Err(WalkError::NotUnderstood);
    }
    let (storage, chunks, stored_bytes, chunks_expected, chunks_written) = match &expr.storage {
        Storage::Compact(data) => (Layout::Compact, None, data.len() as u64, 1, 1),
        Storage::Contiguous { bytes, .. } => (Layout::Contiguous, None, *bytes, 1, 1),
        Storage::Chunked(chunks) => (
            Layout::Chunked,
            Some(chunks.lengths.clone()),
            chunks.stored.iter().map(|(_, chunk)| chunk.bytes).sum(),
            ExprFacts::grid(&expr.extent.shape, &chunks.lengths),
            chunks.stored.len() as u64,
        ),
    };
    Ok(ExprFacts {
        elsewhere: None,
        shape: expr.extent.shape.clone(),
        dtype: expr.datatype.numpy()?,
        item_size: expr.datatype.size as u64,
        numeric: true,
        storage,
        rewrite_chunks: (chunks.as_ref())
            .is_some_and(|chunks| possible_chunks(chunks, &expr.extent.maximum) != *chunks),
        chunks,
        filters: expr.filters.clone(),
        stored_bytes,
        chunks_expected,
        chunks_written,
    })
}

/// What h5lift left in the root of a file that it wrote.
struct Marks {
    mark: Option<Mark>,
    salvaged: Option<String>,
}

impl Marks {
    fn read(attributes: &[Attribute<'_>], heaps: &mut Heaps<'_, '_>) -> Result<Self, WalkError> {
        let mut text = |mark: &str| {
            let found = attributes.iter().find(|it| it.name == mark.as_bytes());
            found.map(|it| one_text(it, heaps)).transpose()
        };
        let digest = text(layout::MARK_DIGEST)?;
        let version = text(layout::MARK_VERSION)?;
        let conversion = text(layout::MARK_CONVERSION)?;
        Ok(Marks {
            mark: digest.map(|digest| Mark {
                digest,
                version,
                conversion,
            }),
            salvaged: text(layout::MARK_SALVAGED)?,
        })
    }
}

fn one_text(attribute: &Attribute<'_>, heaps: &mut Heaps<'_, '_>) -> Result<String, WalkError> {
    let texts = heaps.texts(attribute.datatype, attribute.data)?;
    match texts.get(0) {
        Some(text) if texts.len() == 1 => {
            String::from_utf8(text.to_vec()).map_err(|_| WalkError::NotUnderstood)
        }
        _ => Err(WalkError::NotUnderstood),
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
