//! A plain file as facts: an `/expr` of two dimensions with lists of both names where the two layouts
//! have them, and perhaps datasets besides it.
//!
//! What is said here without looking is what a plain file cannot have: obstacles, links, scales,
//! groups. Names elsewhere count only where an axis has none here, and no such file is plain.

use super::super::source::Stored;
use super::super::stop::Stop;
use super::attribute::{Attribute, attributes};
use super::bytes::Bytes;
use super::dataset::{Dataset, Storage};
use super::datatype::{Datatype, Kind};
use super::group::links;
use super::header::Header;
use super::superblock;
use super::texts::{Heaps, word};
use crate::model::facts::{
    AxisFacts, Candidate, Carried, CountFact, ExprFacts, Facts, Mark, NamesProblem,
    Storage as Layout,
};
use crate::model::layout::{self, Axis};
use crate::model::lint;
use crate::model::name_list::{NameList, readable, undecodable};
use crate::model::place::NamesPlace;
use crate::model::stored::integer;
use crate::model::texts::Texts;

/// Attributes of dimension scales.
const SCALES: [&[u8]; 4] = [b"CLASS", b"NAME", b"REFERENCE_LIST", b"DIMENSION_LIST"];

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
            root_links: file.datasets.iter().map(|(name, _)| shown(name)).collect(),
            expr_attributes: expr.attributes.iter().map(|it| shown(it.name)).collect(),
            ..Facts::default()
        })
    })
}

/// Reads the names at these places, of genes and of samples.
pub(super) fn names(stored: &dyn Stored, places: [&NamesPlace; 2]) -> Result<[Texts; 2], Stop> {
    open(stored, |file, expr, heaps| {
        readable_texts(expr, heaps)?;
        let [genes, samples] = [0, 1].map(|axis| file.names_at(expr, places[axis], heaps));
        Ok([genes?, samples?])
    })
}

/// Opens a plain file, and hands it over with its `/expr`.
fn open<T>(
    stored: &dyn Stored,
    read: impl FnOnce(&Plain<'_, '_>, &Dataset<'_>, &mut Heaps<'_, '_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let (bytes, root) = superblock::open(stored)?;
    let header = Header::read(&bytes, root.header)?;
    let links = links(&bytes, &header, &root)?;
    let headers = links
        .iter()
        .map(|(_, address)| Header::read(&bytes, *address))
        .collect::<Result<Vec<_>, _>>()?;
    let mut datasets = Vec::with_capacity(links.len());
    for ((name, _), header) in links.iter().zip(&headers) {
        datasets.push((&name[..], Dataset::of(&bytes, header)?));
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

/// Before names are read from one attribute, the heaps of all attributes beside it are looked at
/// ([`super::super::suspicious_names`]): those of the names are read in any case, and here the others.
fn readable_texts(expr: &Dataset<'_>, heaps: &mut Heaps<'_, '_>) -> Result<(), Stop> {
    let others = expr.attributes.iter().filter(|it| {
        let is_text = matches!(it.datatype.kind, Kind::VariableText { .. });
        is_text && !is_names(it.name)
    });
    for attribute in others {
        heaps.texts(attribute.datatype, attribute.data)?;
    }
    Ok(())
}

/// Whether this is what the layouts call a list of names.
fn is_names(name: &[u8]) -> bool {
    Axis::BOTH
        .iter()
        .any(|axis| name == axis.names().as_bytes())
}

/// The objects of a file.
struct Plain<'f, 'a> {
    bytes: &'f Bytes<'a>,
    /// By name.
    datasets: Vec<(&'f [u8], Dataset<'f>)>,
    root_attributes: Vec<Attribute<'f>>,
}

/// One list of names, where it was found.
struct List {
    place: NamesPlace,
    texts: Texts,
    shape: Vec<u64>,
    text_type: String,
    problem: Option<NamesProblem>,
}

impl<'f> Plain<'f, '_> {
    fn dataset(&self, name: &str) -> Option<&Dataset<'f>> {
        let of_name = |(other, _): &&(&[u8], _)| *other == name.as_bytes();
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
            .any(|it| is_like_names(it.name) && !is_names(it.name));
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

    fn axis(
        &self,
        expr: &Dataset<'_>,
        axis: Axis,
        heaps: &mut Heaps<'_, '_>,
    ) -> Result<AxisFacts, Stop> {
        let mut lists = Vec::new();
        if let Some(found) = attribute(expr, axis.names()) {
            lists.push(in_attribute(found, axis, heaps)?);
        }
        if let Some(found) = self.dataset(axis.names()) {
            lists.push(self.in_dataset(found, axis, heaps)?);
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

    fn in_dataset(
        &self,
        found: &Dataset<'_>,
        axis: Axis,
        heaps: &mut Heaps<'_, '_>,
    ) -> Result<List, Stop> {
        let place = NamesPlace::current(axis);
        let read;
        let data = match found.storage {
            Storage::Compact(data) => data,
            Storage::Contiguous { address, bytes } => {
                read = self.bytes.peek(address, bytes)?;
                &read
            }
            Storage::Chunked(_) => return Err(Stop::NotUnderstood),
        };
        list(place, found.datatype, &found.shape, data, heaps)
    }

    /// The names of one list, which has to be one that can be taken.
    fn names_at(
        &self,
        expr: &Dataset<'_>,
        place: &NamesPlace,
        heaps: &mut Heaps<'_, '_>,
    ) -> Result<Texts, Stop> {
        let of_attribute = |axis: &Axis| *place == NamesPlace::legacy(layout::EXPR_PATH, *axis);
        let of_dataset = |axis: &Axis| *place == NamesPlace::current(*axis);
        let found = if let Some(axis) = Axis::BOTH.into_iter().find(of_attribute) {
            attribute(expr, axis.names()).map(|found| in_attribute(found, axis, heaps))
        } else if let Some(axis) = Axis::BOTH.into_iter().find(of_dataset) {
            let found = self.dataset(axis.names());
            found.map(|found| self.in_dataset(found, axis, heaps))
        } else {
            None
        };
        match found.ok_or(Stop::NotUnderstood)?? {
            List {
                problem: Some(_), ..
            } => Err(Stop::NotUnderstood),
            List { texts, .. } => Ok(texts),
        }
    }

    fn carried(&self, expr: &Dataset<'_>) -> Carried {
        let of_expr = |it: &&Attribute<'_>| {
            Axis::BOTH.iter().all(|axis| {
                it.name != axis.names().as_bytes() && it.name != axis.count().as_bytes()
            })
        };
        let is_mark = |name: &[u8]| layout::MARKS.iter().any(|mark| name == mark.as_bytes());
        let of_root = self.root_attributes.iter().filter(|it| !is_mark(it.name));
        let others = self
            .datasets
            .iter()
            .filter(|(name, _)| *name != layout::EXPR.as_bytes());
        let attributes = of_root.count()
            + expr.attributes.iter().filter(of_expr).count()
            + others
                .map(|(_, dataset)| dataset.attributes.len())
                .sum::<usize>();
        let of_layout = |name: &[u8]| name == layout::EXPR.as_bytes() || is_names(name);
        let datasets = self.datasets.iter().filter(|(name, _)| !of_layout(name));
        Carried {
            attributes: attributes as u64,
            datasets: datasets.count() as u64,
            ..Carried::default()
        }
    }
}

impl List {
    fn names(&self) -> NameList<'_> {
        NameList {
            texts: &self.texts,
            shape: &self.shape,
            joined: None,
            problem: self.problem.as_ref(),
        }
    }
}

fn attribute<'e, 'f>(expr: &'e Dataset<'f>, name: &str) -> Option<&'e Attribute<'f>> {
    let of_name = |it: &&Attribute<'_>| it.name == name.as_bytes();
    expr.attributes.iter().find(of_name)
}

fn in_attribute(
    found: &Attribute<'_>,
    axis: Axis,
    heaps: &mut Heaps<'_, '_>,
) -> Result<List, Stop> {
    let place = NamesPlace::legacy(layout::EXPR_PATH, axis);
    list(place, found.datatype, &found.shape, found.data, heaps)
}

/// A list of names of one dimension. One text could be many names: that is not plain.
fn list(
    place: NamesPlace,
    datatype: Datatype,
    shape: &[u64],
    data: &[u8],
    heaps: &mut Heaps<'_, '_>,
) -> Result<List, Stop> {
    if !matches!(shape, [length] if *length > 1) {
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
    if expr.shape.len() != 2 {
        return Err(Stop::NotUnderstood);
    }
    let (storage, chunks, stored_bytes, chunks_expected, chunks_written) = match &expr.storage {
        Storage::Compact(data) => (Layout::Compact, None, data.len() as u64, 1, 1),
        Storage::Contiguous { bytes, .. } => (Layout::Contiguous, None, *bytes, 1, 1),
        Storage::Chunked(chunks) => (
            Layout::Chunked,
            Some(chunks.lengths.clone()),
            chunks.stored,
            ExprFacts::grid(&expr.shape, &chunks.lengths),
            chunks.written,
        ),
    };
    Ok(ExprFacts {
        elsewhere: None,
        shape: expr.shape.clone(),
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
