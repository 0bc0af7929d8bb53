//! The proof: a new file holds all of an old one, or still matches its own digest.

use super::digest;
use super::dimension_scales;
use super::fault::{Fault, Result};
use super::inspect::salvage_mark;
use super::inventory::{Change, Inventory};
use super::migrate::{names_of, new_shape};
use super::names::Names;
use super::progress::Report;
use super::salvage;
use super::search::{Found, find};
use super::side::Side;
use super::values::chunk_store::{ChunkStore, overlapping};
use super::values::geometry::Geometry;
use super::values::pass::{Broken, Pass};
use super::values::reader::{Reader, Route, geometry};
use super::values::rows::{self, Hashed, RowSums};
use super::values::salvage::Salvage;
use super::values::team::Team;
use super::values::window::Window;
use crate::h5::attribute::Attribute;
use crate::model::digest::{ContentDigest, Sum, values_root};
use crate::model::facts::{CountFact, FilterFacts};
use crate::model::layout::{self, Axis};
use crate::model::message::{FailureKind, Part, Phase};
use crate::model::names_form::{NamesForm, StringType};
use crate::model::plan::Recipe;
use crate::model::policy::{Charset, Verification};
use crate::model::rules::Rules;
use crate::model::salvage::{Losses, Witness};
use std::cell::RefCell;
use std::fs;

/// What is asked for.
#[derive(Debug)]
pub struct Comparison {
    /// Through the library's filters, or by raw chunks.
    pub level: Verification,
    /// By what the new file was made; without it, by whatever keeps all of the old one.
    pub recipe: Option<Recipe>,
    /// Where matrix and names of the old file are looked for, without a recipe.
    pub rules: Rules,
    /// How the old names are decoded, without a recipe.
    pub charset: Charset,
    /// Which part of the proof.
    pub part: Part,
    /// Threads that decode.
    pub threads: usize,
    /// Bytes that one chunk or window may take.
    pub limit: u64,
}

impl Comparison {
    /// How the new file must have its names; `None`: in any form of the current layout.
    fn form(&self) -> Option<NamesForm> {
        self.recipe.as_ref().map(|recipe| recipe.form)
    }

    /// Whether chunks of the old file that nobody can decode may be NaN, where the new file says so.
    fn salvages(&self) -> bool {
        self.recipe.as_ref().is_none_or(|recipe| recipe.salvage)
    }
}

/// What was proved.
#[derive(Debug)]
pub struct Proof {
    /// The digest that the new file carries.
    pub digest: Option<ContentDigest>,
    /// Nodes of the values that were read; `None` where a fast proof has held them, or their chunks, against the
    /// old ones only.
    pub nodes: Option<Vec<Sum>>,
    /// What is lost, and what the files tell of it.
    pub witness: Witness,
}

/// Proves that `new` holds all of `old`.
pub fn compare(
    old: fs::File,
    new: fs::File,
    job: &Comparison,
    report: &mut dyn Report,
) -> Result<Proof> {
    report.enter(Phase::Opening);
    let path = match &job.recipe {
        Some(recipe) => &recipe.matrix,
        None => job.rules.matrix(),
    };
    let old = Side::open(old, path, "old")?;
    let new = Side::open(new, layout::EXPR_PATH, "new")?;
    let stored = new.stored_digest()?;
    let transpose = is_transposed(job, &old, &new)?;
    let mut witness = Witness {
        old_mark: salvage_mark(&old.file.root()?)?,
        new_mark: salvage_mark(&new.file.root()?)?,
        losses: Losses::default(),
    };
    // A new file that tells of no losses has none: then an old chunk that fails is an error.
    let salvage = match job.salvages() && witness.new_mark != witness.old_mark {
        true => salvage::rule(&old.expr)?,
        false => None,
    };
    let objects = |report: &mut dyn Report| {
        report.enter(Phase::ComparingObjects);
        if job.part.has_objects() {
            compare_objects(job, &old, &new, transpose, stored.as_ref(), report)?;
        }
        report.enter(Phase::ComparingValues);
        Ok(())
    };
    let nodes = compare_values(
        job,
        &old,
        &new,
        transpose,
        salvage.as_ref(),
        objects,
        report,
    )?;
    if let Some(salvage) = &salvage {
        witness.losses = salvage.losses(&geometry(&old.expr)?);
    }
    if let Some(nodes) = &nodes
        && job.part == Part::WHOLE
    {
        check_values(stored.as_ref(), nodes)?;
    }
    Ok(Proof {
        digest: stored,
        nodes,
        witness,
    })
}

/// The types that names may have: the one that was asked for, or any; text of fixed length only beside
/// h5lift's mark.
fn current_types(form: Option<NamesForm>, stored: Option<&ContentDigest>) -> Vec<StringType> {
    match (form, stored) {
        (Some(form), _) => vec![form.string_type],
        (None, Some(_)) => vec![StringType::Variable, StringType::Fixed],
        (None, None) => vec![StringType::Variable],
    }
}

/// What is asked for when a file is held against its own digest.
#[derive(Debug)]
pub struct DigestCheck {
    /// Through the library's filters, or by raw chunks.
    pub level: Verification,
    /// Which part of the proof.
    pub part: Part,
    /// Threads that decode.
    pub threads: usize,
    /// Bytes that one chunk or window may take.
    pub limit: u64,
}

/// Proves that a file still matches the digest that it carries.
pub fn check_digest(file: fs::File, job: &DigestCheck, report: &mut dyn Report) -> Result<Proof> {
    report.enter(Phase::Opening);
    let side = Side::read(file, layout::EXPR_PATH)?;
    let stored = side.stored_digest()?.ok_or_else(|| {
        Fault::new(
            FailureKind::Unsupported,
            "it carries no digest of h5lift, so there is nothing to hold it against",
        )
    })?;
    let objects = |report: &mut dyn Report| {
        report.enter(Phase::ComparingObjects);
        if job.part.has_objects() {
            let types = current_types(None, Some(&stored));
            let found = ContentDigest {
                genes: digest::names_sum(&side.current_names(Axis::Genes, &types)?.texts),
                samples: digest::names_sum(&side.current_names(Axis::Samples, &types)?.texts),
                rest: Inventory::of(&side.file, &side.tree, &Change::none(), report)?.sum(),
                ..stored
            };
            differing(&stored, &found)?;
        }
        report.enter(Phase::ComparingValues);
        Ok(())
    };
    let reader = Reader::new(&side.file, &side.expr, route(job.level), job.limit)?;
    let geometry = reader.geometry();
    let pass = Pass {
        team: &team(job.threads)?,
        sources: &[&reader],
        blocks: geometry,
        rows: job.part.rows(geometry.rows),
        limit: job.limit,
    };
    let hash =
        |window: &Window, values: &mut [Vec<u8>]| Ok(rows::hash(&geometry, window, &mut values[0]));
    let nodes = nodes_of(&pass, hash, objects, report).map_err(|broken| match broken {
        Broken::Reading { error, .. } => side.naming(error),
        Broken::Working(fault) => fault,
    })?;
    if job.part == Part::WHOLE {
        let found = ContentDigest {
            values: values_root(&nodes),
            ..stored
        };
        differing(&stored, &found)?;
    }
    let mark = salvage_mark(&side.file.root()?)?;
    Ok(Proof {
        digest: Some(stored),
        nodes: Some(nodes),
        witness: Witness {
            old_mark: mark.clone(),
            new_mark: mark,
            losses: Losses::default(),
        },
    })
}

fn differing(stored: &ContentDigest, found: &ContentDigest) -> Result<()> {
    let differences = stored.differences(found);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Fault::mismatch(format!(
        "changed since it was written: {}",
        differences.join(", ")
    )))
}

fn team(threads: usize) -> Result<Team> {
    Team::new(threads).map_err(|error| Fault::new(FailureKind::Internal, error.to_string()))
}

/// Whether rows of the old matrix are columns of the new one. Without a recipe the shapes say it.
fn is_transposed(job: &Comparison, old: &Side, new: &Side) -> Result<bool> {
    if let Some(recipe) = &job.recipe {
        return Ok(recipe.transpose);
    }
    let (before, after) = (new_shape(&old.expr, false)?, new_shape(&new.expr, false)?);
    Ok(before != after && before == [after[1], after[0]])
}

fn compare_objects(
    job: &Comparison,
    old: &Side,
    new: &Side,
    transpose: bool,
    stored: Option<&ContentDigest>,
    report: &mut dyn Report,
) -> Result<()> {
    let is_gzip = new
        .expr
        .properties()?
        .filters()?
        .iter()
        .any(|f| f.id == FilterFacts::DEFLATE);
    if !is_gzip && new.expr.extent()?.elements() > 0 {
        return Err(Fault::mismatch("/expr of the new file is not gzip"));
    }
    let types = current_types(job.form(), stored);
    let names = [
        new.current_names(Axis::Genes, &types)?,
        new.current_names(Axis::Samples, &types)?,
    ];
    let shape = new_shape(&old.expr, transpose)?;
    let change = match &job.recipe {
        Some(recipe) => {
            compare_names(recipe, old, shape, &names)?;
            Change::of(recipe, shape)
        }
        None => {
            let found = find(old.matrix(shape, job.charset), &job.rules)?;
            allowed_change(old, new, transpose, &found, &names)?
        }
    };
    let sums = names
        .each_ref()
        .map(|names| digest::names_sum(&names.texts));
    let mut old_objects = Inventory::of(&old.file, &old.tree, &change, report)?;
    let new_objects = Inventory::of(&new.file, &new.tree, &Change::none(), report)?;
    let scales = match job.form() {
        Some(form) => form.scales,
        None => dimension_scales::added(&old_objects, &new_objects),
    };
    if let Some(name) = scales {
        old_objects.expect(&dimension_scales::attributes(name));
    }
    let differences = old_objects.differences(&new_objects);
    if !differences.is_empty() {
        let shown: Vec<&str> = differences.iter().take(3).map(String::as_str).collect();
        let more = differences.len() - shown.len();
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        return Err(Fault::mismatch(format!("{}{more}", shown.join("; "))));
    }
    if let Some(stored) = stored {
        let found = ContentDigest {
            genes: sums[0],
            samples: sums[1],
            rest: new_objects.sum(),
            ..*stored
        };
        differing(stored, &found)?;
    }
    Ok(())
}

/// Holds the new names against those that the recipe takes.
fn compare_names(recipe: &Recipe, old: &Side, shape: [u64; 2], names: &[Names; 2]) -> Result<()> {
    let matrix = old.matrix(shape, recipe.charset);
    for (axis, new) in Axis::BOTH.into_iter().zip(names) {
        let expected = names_of(matrix, axis, recipe)?;
        if expected != new.texts {
            return Err(different_names(axis, &expected, new));
        }
    }
    Ok(())
}

/// What a new file may lack or have besides, when nobody says how it was made: attributes whose names
/// it holds, and counts that were missing or those of the other axis.
fn allowed_change(
    old: &Side,
    new: &Side,
    transpose: bool,
    found: &[Vec<Found>; 2],
    names: &[Names; 2],
) -> Result<Change> {
    let mut change = Change {
        transpose,
        matrix: old.path.clone(),
        ..Change::default()
    };
    for ((axis, found), new_names) in Axis::BOTH.into_iter().zip(found).zip(names) {
        let usable: Vec<&Found> = found
            .iter()
            .filter(|list| list.names.problem.is_none())
            .collect();
        let Some(first) = usable.first() else {
            return Err(Fault::mismatch(format!(
                "the old file has no usable {}",
                axis.names()
            )));
        };
        // When two copies differ, either will do.
        if !usable
            .iter()
            .any(|list| list.names.texts == new_names.texts)
        {
            return Err(different_names(axis, &first.names.texts, new_names));
        }
        for list in found {
            let (object, attributes) = list.place.attributes();
            let dropped = attributes
                .iter()
                .map(|name| (object.to_string(), name.clone()));
            change.dropped.extend(dropped);
        }
        if let Some(length) = new_count(axis, old, new, transpose)? {
            change.counts.push((axis, length));
        }
    }
    Ok(change)
}

/// The count of an axis, where the new file has the right one and the old file none, or a wrong one
/// because its axes are swapped.
fn new_count(axis: Axis, old: &Side, new: &Side, transpose: bool) -> Result<Option<i64>> {
    let count = |side: &Side| {
        Attribute::find(side.expr.object(), &super::inspect::c_name(axis.count()))?
            .map(|attribute| super::names::count(&attribute))
            .transpose()
    };
    let (before, after) = (count(old)?, count(new)?);
    let length = i64::try_from(new_shape(&new.expr, false)?[axis.index()]).unwrap_or(i64::MAX);
    let is_right = after == Some(CountFact::Value(length));
    Ok((before != after && is_right && (before.is_none() || transpose)).then_some(length))
}

fn different_names(axis: Axis, old: &[Vec<u8>], new: &Names) -> Fault {
    let index = old.iter().zip(&new.texts).position(|(old, new)| old != new);
    Fault::mismatch(match index {
        Some(index) => format!(
            "/{} differs from the old file at name {index}",
            axis.names()
        ),
        None => format!(
            "/{} holds {} names, the old file {}",
            axis.names(),
            new.texts.len(),
            old.len()
        ),
    })
}

fn route(level: Verification) -> Route {
    match level {
        Verification::Fast => Route::Fastest,
        _ => Route::Library,
    }
}

fn compare_values(
    job: &Comparison,
    old: &Side,
    new: &Side,
    transpose: bool,
    salvage: Option<&Salvage>,
    objects: impl FnOnce(&mut dyn Report) -> Result<()>,
    report: &mut dyn Report,
) -> Result<Option<Vec<Sum>>> {
    // Chunks that are the same to the byte under the same filters hold the same values: then the
    // old ones need not be decoded once more. Where chunks were lost, others stand in their place.
    let twins = match transpose || salvage.is_some() {
        true => None,
        false => twin_chunks(job, old, new)?,
    };
    // Their writer has decoded and hashed them. A proof that is to be fast holds old against new and leaves
    // it at that; what no such writer made is hashed in any case.
    let is_hashed = job.recipe.is_none() || job.level != Verification::Fast;
    let old_reader = Reader::new(&old.file, &old.expr, route(job.level), job.limit)?
        .transposed(transpose)
        .salvaging(salvage);
    let new_reader = Reader::new(&new.file, &new.expr, route(job.level), job.limit)?;
    let geometry = new_reader.geometry();
    let old_geometry = old_reader.geometry();
    if (geometry.rows, geometry.columns, geometry.item)
        != (old_geometry.rows, old_geometry.columns, old_geometry.item)
    {
        // They say it with the name of the object.
        objects(report)?;
        return Err(Fault::mismatch(
            "/expr has another shape or another type of element",
        ));
    }
    let both = [&new_reader, &old_reader];
    let pass = Pass {
        team: &team(job.threads)?,
        sources: match twins {
            Some(_) => &both[..usize::from(is_hashed)],
            None => &both,
        },
        blocks: match twins {
            Some(_) => geometry,
            None => geometry.spanning(old_reader.span()),
        },
        rows: job.part.rows(geometry.rows),
        limit: job.limit,
    };
    let hold = |window: &Window, values: &mut [Vec<u8>]| {
        if let Some((old, new)) = &twins {
            same_chunks(old, new, &geometry, window)?;
        }
        if let [found, expected] = values
            && found != expected
        {
            return Err(first_difference(window, &geometry, expected, found).into());
        }
        Ok(match values.first_mut() {
            Some(found) if is_hashed => rows::hash(&geometry, window, found),
            _ => Hashed::none(),
        })
    };
    let nodes = nodes_of(&pass, hold, objects, report).map_err(|broken| match broken {
        Broken::Reading { source: 0, error } => {
            let said = new.naming(error).message;
            Fault::mismatch(format!("the new file cannot be read back: {said}"))
        }
        Broken::Reading { error, .. } => of_old_file(old.naming(error)),
        Broken::Working(fault) => fault,
    })?;
    Ok(is_hashed.then_some(nodes))
}

/// The nodes of what a pass hashes, while `objects` looks at all else.
fn nodes_of(
    pass: &Pass<'_>,
    hash: impl Fn(&Window, &mut [Vec<u8>]) -> std::result::Result<Hashed, Broken> + Sync,
    objects: impl FnOnce(&mut dyn Report) -> Result<()>,
    report: &mut dyn Report,
) -> std::result::Result<Vec<Sum>, Broken> {
    let geometry = pass.blocks;
    let report = RefCell::new(report);
    let begin = || Ok(objects(&mut **report.borrow_mut())?);
    let mut sums = RowSums::new(geometry);
    pass.run(hash, begin, |(), window, hashed| {
        sums.take(window, hashed);
        let bytes = window.elements() * geometry.item as u64;
        report.borrow_mut().advance(bytes);
        Ok(())
    })?;
    Ok(sums.finish(pass.rows.end - pass.rows.start))
}

/// Two files are open: which one is it?
fn of_old_file(fault: Fault) -> Fault {
    Fault {
        message: format!("the old file: {}", fault.message),
        ..fault
    }
}

/// The stored chunks of both files, when shape, filters and their parameters are the same.
fn twin_chunks(
    job: &Comparison,
    old: &Side,
    new: &Side,
) -> Result<Option<(ChunkStore, ChunkStore)>> {
    let (ours, theirs) = (old.expr.properties()?, new.expr.properties()?);
    let alike = ours.chunks()?.is_some()
        && ours.chunks()? == theirs.chunks()?
        && ours.filters()? == theirs.filters()?
        && old.expr.extent()? == new.expr.extent()?;
    if !alike {
        return Ok(None);
    }
    let store =
        |side: &Side| ChunkStore::of(&side.file, &side.expr, geometry(&side.expr)?, job.limit);
    Ok(store(old)?.zip(store(new)?))
}

fn same_chunks(
    old: &ChunkStore,
    new: &ChunkStore,
    geometry: &Geometry,
    window: &Window,
) -> Result<()> {
    let (mut expected, mut found) = (Vec::new(), Vec::new());
    for tile in overlapping(geometry, window) {
        let masks = (
            old.stored(&tile, &mut expected)?,
            new.stored(&tile, &mut found)?,
        );
        if masks.0 != masks.1 || (masks.0.is_some() && expected != found) {
            return Err(Fault::mismatch(format!(
                "the chunk of /expr at row {}, column {} differs",
                tile.row, tile.column
            )));
        }
    }
    Ok(())
}

fn first_difference(window: &Window, geometry: &Geometry, old: &[u8], new: &[u8]) -> Fault {
    let position =
        old.iter().zip(new).position(|(a, b)| a != b).unwrap_or(0) / geometry.item.max(1);
    let (row, column) = (
        window.rows.start + position as u64 / window.width().max(1),
        window.columns.start + position as u64 % window.width().max(1),
    );
    Fault::mismatch(format!("/expr differs at row {row}, column {column}"))
}

/// Holds the nodes of all rows against the digest that a file carries.
pub fn check_values(stored: Option<&ContentDigest>, nodes: &[Sum]) -> Result<()> {
    match stored {
        Some(stored) if stored.values != values_root(nodes) => Err(Fault::mismatch(
            "the digest in the new file is not that of its values",
        )),
        _ => Ok(()),
    }
}
