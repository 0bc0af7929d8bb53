//! A plain file as facts: an `/expr` of two dimensions with lists of both names where the two layouts
//! have them, and perhaps datasets besides it.
//!
//! What is said here without looking is what a plain file cannot have: obstacles, links, scales,
//! groups. Names elsewhere count only where an axis has none here, and no such file is plain.

use super::super::source::Stored;
use super::super::stop::Stop;
use super::attribute::Attribute;
use super::dataset::{Dataset, Storage};
use super::datatype::Kind;
use super::file::{Plain, attribute, open, readable_texts};
use super::lists::{List, in_attribute, in_dataset};
use super::texts::Heaps;
use crate::model::facts::{Carried, ExprFacts, Facts, Mark, Storage as Layout};
use crate::model::layout::{self, Axis};
use crate::model::lint;
use crate::model::name_list::readable;
use crate::model::names_facts::{AxisFacts, Candidate, CountFact};
use crate::model::place::NamesPlace;
use crate::model::stored::integer;

/// Reads all that decides a file's state and its plan.
pub(super) fn read(stored: &dyn Stored) -> Result<Facts, Stop> {
    open(stored, |file, expr, heaps| {
        let marks = Marks::read(&file.root_attributes, heaps)?;
        readable_texts(expr, heaps)?;
        let [genes, samples] = Axis::BOTH.map(|axis| file.axis(expr, axis, heaps));
        Ok(Facts {
            expr: Some(expr_facts(expr)?),
            genes: genes?,
            samples: samples?,
            mark: marks.mark,
            salvaged: marks.salvaged,
            carried: file.carried(expr),
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

impl Plain<'_, '_> {
    fn axis(
        &self,
        expr: &Dataset<'_>,
        axis: Axis,
        heaps: &mut Heaps<'_, '_>,
    ) -> Result<AxisFacts, Stop> {
        let mut lists = Vec::new();
        if let Some(found) = attribute(expr, axis.names()) {
            lists.push(in_attribute(
                found,
                NamesPlace::legacy(layout::EXPR_PATH, axis),
                heaps,
            )?);
        }
        if let Some(found) = self.dataset(axis.names()) {
            lists.push(in_dataset(self, found, NamesPlace::current(axis), heaps)?);
        }
        let (first, others) = lists.split_first().ok_or(Stop::NotUnderstood)?;
        let difference = others.iter().find_map(|other| {
            let places = [&first.place, &other.place];
            first.names().difference(&other.names(), places)
        });
        let oddities = lint::ambiguities(axis, readable(&first.texts));
        let count = attribute(expr, axis.count()).map(count).transpose()?;
        let candidate = |list: &List| Candidate {
            place: list.place.clone(),
            names: list.names().facts(list.text_type.clone()),
        };
        Ok(AxisFacts {
            count,
            candidates: lists.iter().map(candidate).collect(),
            named: false,
            difference,
            oddities,
        })
    }

    fn carried(&self, expr: &Dataset<'_>) -> Carried {
        let of_expr =
            |it: &&Attribute<'_>| !layout::is_names(it.name) && !layout::is_count(it.name);
        let of_root = self
            .root_attributes
            .iter()
            .filter(|it| !layout::is_mark(it.name));
        let others = self
            .datasets
            .iter()
            .filter(|(link, _)| link.name != layout::EXPR.as_bytes());
        let attributes = of_root.count()
            + expr.attributes.iter().filter(of_expr).count()
            + others
                .map(|(_, dataset)| dataset.attributes.len())
                .sum::<usize>();
        let of_layout = |name: &[u8]| name == layout::EXPR.as_bytes() || layout::is_names(name);
        let datasets = self
            .datasets
            .iter()
            .filter(|(link, _)| !of_layout(&link.name));
        Carried {
            attributes: attributes as u64,
            datasets: datasets.count() as u64,
            ..Carried::default()
        }
    }
}

fn count(attribute: &Attribute<'_>) -> Result<CountFact, Stop> {
    let Kind::Integer { signed, big_endian } = attribute.datatype.kind else {
        return Err(Stop::NotUnderstood);
    };
    if attribute.data.len() != attribute.datatype.size {
        return Err(Stop::NotUnderstood);
    }
    integer(attribute.data, signed, big_endian)
        .and_then(|value| i64::try_from(value).ok())
        .map(CountFact::Value)
        .ok_or(Stop::NotUnderstood)
}

fn expr_facts(expr: &Dataset<'_>) -> Result<ExprFacts, Stop> {
    if expr.extent.shape.len() != 2 {
        return Err(Stop::NotUnderstood);
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
    fn read(attributes: &[Attribute<'_>], heaps: &mut Heaps<'_, '_>) -> Result<Self, Stop> {
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

fn one_text(attribute: &Attribute<'_>, heaps: &mut Heaps<'_, '_>) -> Result<String, Stop> {
    let texts = heaps.texts(attribute.datatype, attribute.data)?;
    match texts.get(0) {
        Some(text) if texts.len() == 1 => {
            String::from_utf8(text.to_vec()).map_err(|_| Stop::NotUnderstood)
        }
        _ => Err(Stop::NotUnderstood),
    }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
