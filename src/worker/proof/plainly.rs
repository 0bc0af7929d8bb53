//! The fast proof of two plain files, wholly past the library: of a small file, opening and listing it there
//! takes longer than reading it.
//!
//! It proves, or it says nothing: whatever it does not understand, cannot read or finds to differ is left to
//! the proof through the library, which says what it is.

use super::values::{Matrices, Twins};
use super::{Comparison, Proof};
use crate::format::plain::{Kind, PlainContent, PlainDataset, PlainElements};
use crate::format::plain_content;
use crate::model::digest::{ContentDigest, Sum};
use crate::model::facts::FilterFacts;
use crate::model::layout::{self, Axis};
use crate::model::message::{Part, Phase};
use crate::model::names_form::StringType;
use crate::model::place::NamesPlace;
use crate::model::policy::{Charset, Verification};
use crate::model::recipe::Recipe;
use crate::model::salvage::{Losses, Witness};
use crate::worker::digest;
use crate::worker::inventory::{Change, Inventory};
use crate::worker::progress::Report;
use crate::worker::values::chunk_store::ChunkStore;
use crate::worker::values::reader::Reader;
use std::fs;

/// A plain file with its matrix.
struct Side<'a> {
    file: &'a fs::File,
    content: &'a PlainContent,
    expr: &'a PlainDataset,
}

impl<'a> Side<'a> {
    fn of(file: &'a fs::File, content: &'a PlainContent) -> Option<Self> {
        let expr = content.dataset(layout::EXPR)?;
        Some(Side {
            file,
            content,
            expr,
        })
    }
}

/// Proves that `new` holds all of `old`, or says nothing.
pub fn compare_plainly(
    old: &fs::File,
    new: &fs::File,
    job: &Comparison,
    report: &mut dyn Report,
) -> Option<Proof> {
    let recipe = job.recipe.as_ref().filter(|it| is_plain(it))?;
    if job.level != Verification::Fast || job.part != Part::WHOLE {
        return None;
    }
    report.enter(Phase::Opening);
    let contents = (plain_content(old)?, plain_content(new)?);
    let (old, new) = (Side::of(old, &contents.0)?, Side::of(new, &contents.1)?);
    // What a salvage has left is held against what is lost, which is nothing here.
    let is_salvaged = |side: &Side<'_>| side.content.attribute(layout::MARK_SALVAGED).is_some();
    if is_salvaged(&old) || is_salvaged(&new) {
        return None;
    }
    report.enter(Phase::ComparingObjects);
    let stored = same_objects(&old, &new, recipe)?;
    report.enter(Phase::ComparingValues);
    let matrices = matrices(&old, &new, job.limit)?;
    let nodes = matrices.hold(job, |_| Ok(()), report).ok()?;
    Some(Proof {
        digest: Some(stored),
        nodes,
        witness: Witness {
            old_mark: None,
            new_mark: None,
            losses: Losses::default(),
        },
    })
}

/// Whether a recipe makes a file as [`same_objects`] expects it.
fn is_plain(recipe: &Recipe) -> bool {
    recipe.matrix == layout::EXPR_PATH
        && recipe.charset == Charset::Utf8
        && !recipe.transpose
        && recipe.form.string_type == StringType::Variable
        && recipe.form.scales.is_none()
}

/// Holds names and all other objects against each other and against the digest in the new file, which is returned.
fn same_objects(old: &Side<'_>, new: &Side<'_>, recipe: &Recipe) -> Option<ContentDigest> {
    let stored: ContentDigest = new
        .content
        .attribute(layout::MARK_DIGEST)?
        .text()?
        .parse()
        .ok()?;
    let is_gzip = |filter: &FilterFacts| filter.id == FilterFacts::DEFLATE;
    if !new.expr.filters.iter().any(is_gzip) {
        return None;
    }
    let [genes, samples] = Axis::BOTH.map(|axis| same_names(old, new, axis, recipe));
    let [rows, columns] = old.expr.extent.shape[..] else {
        return None;
    };
    let change = Change::of(recipe, [rows, columns]);
    let new_objects = Inventory::of_plain(new.content, &Change::none())?;
    let found = ContentDigest {
        genes: genes?,
        samples: samples?,
        rest: new_objects.sum(),
        ..stored
    };
    let is_same = found == stored && new_objects == Inventory::of_plain(old.content, &change)?;
    is_same.then_some(stored)
}

/// The sum of the names of an axis, which are the same in both files.
fn same_names(old: &Side<'_>, new: &Side<'_>, axis: Axis, recipe: &Recipe) -> Option<Sum> {
    let dataset = new.content.dataset(axis.names())?;
    let is_variable = matches!(dataset.datatype.kind, Kind::VariableText { .. });
    let has_attribute = new.expr.attribute(axis.names()).is_some();
    if !is_variable || has_attribute {
        return None;
    }
    let names = new.content.names(&NamesPlace::current(axis))?;
    let expected = old.content.names(recipe.names.of(axis))?;
    (names == expected).then(|| digest::names_sum(names.iter()))
}

fn matrices(old: &Side<'_>, new: &Side<'_>, limit: u64) -> Option<Matrices<'static>> {
    let reader = |side: &Side<'_>| Reader::of_plain(side.file, side.expr, limit).ok().flatten();
    let (old_reader, new_reader) = (reader(old)?, reader(new)?);
    let chunks = |side: &Side<'_>, reader: &Reader<'_>| {
        let PlainElements::Chunked { stored, .. } = &side.expr.elements else {
            return None;
        };
        let geometry = reader.geometry();
        ChunkStore::of_plain(side.file, side.expr, stored, geometry, limit).ok()?
    };
    let are_alike =
        old_reader.geometry() == new_reader.geometry() && old.expr.filters == new.expr.filters;
    let twins = match are_alike {
        true => chunks(old, &old_reader).zip(chunks(new, &new_reader)),
        false => None,
    };
    Some(Matrices {
        old: old_reader,
        new: new_reader,
        twins: twins.map(|(old, new)| Twins { old, new }),
    })
}
