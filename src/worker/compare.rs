//! The proof: a new file holds all of an old one, or still matches its own digest.

use super::digest;
use super::fault::{Fault, Result};
use super::inspect::canonical_paths;
use super::inventory::Inventory;
use super::migrate::{both_names, usable};
use super::names::Names;
use super::preflight::check_names;
use super::progress::Report;
use super::values::geometry::Geometry;
use super::values::reader::{ChunkStore, Reader, Route, geometry, overlapping};
use super::values::rows::RowSums;
use super::values::team::Team;
use super::values::window::{BYTES, Window, windows};
use crate::h5::attribute::read_text;
use crate::h5::dataset::Dataset;
use crate::h5::file::File;
use crate::h5::tree::Tree;
use crate::model::digest::{ContentDigest, Sum, values_root};
use crate::model::facts::FilterFacts;
use crate::model::layout::{self, Axis};
use crate::model::message::{FailureKind, Part, Phase};
use crate::model::policy::{Charset, NamesSource, NamesSources, Verification};
use std::fs;

/// What is asked for.
#[derive(Debug)]
pub struct Comparison {
    /// Through the library's filters, or by raw chunks.
    pub level: Verification,
    /// Which copy of the names the new file must hold.
    pub names: Option<NamesSources>,
    /// How the old names are decoded.
    pub charset: Charset,
    /// Which part of the proof.
    pub part: Part,
    /// Threads that decode.
    pub threads: usize,
    /// Bytes that one chunk or window may take.
    pub limit: u64,
}

/// Digest and nodes of what was proved.
pub type Proof = (Option<ContentDigest>, Vec<Sum>);

/// An open file with a matrix.
struct Side {
    file: File,
    tree: Tree,
    expr: Dataset,
}

impl Side {
    fn open(file: fs::File, which: &str) -> Result<Self> {
        let name = |fault: Fault| Fault {
            message: format!("the {which} file: {}", fault.message),
            ..fault
        };
        Side::read(file).map_err(name)
    }

    fn read(file: fs::File) -> Result<Self> {
        let file = File::open(file)?;
        let tree = Tree::of(&file, &canonical_paths())?;
        let expr = Dataset::new(file.object(canonical_paths()[0])?);
        check_names(&file, &file.root()?, &expr)?;
        Ok(Side { file, tree, expr })
    }

    fn stored_digest(&self) -> Result<Option<ContentDigest>> {
        let name = super::inspect::c_name(layout::MARK_DIGEST);
        read_text(&self.file.root()?, &name)?
            .map(|text| {
                text.parse()
                    .map_err(|error| Fault::mismatch(format!("{error}")))
            })
            .transpose()
    }

    /// The names in the root datasets: what counts in a new file.
    fn current_names(&self, axis: Axis) -> Result<Names> {
        let (attribute, dataset) = both_names(&self.file, &self.expr, axis, Charset::Utf8)?;
        if attribute.is_some() {
            return Err(Fault::mismatch(format!(
                "the new file still has the attribute {}",
                axis.names()
            )));
        }
        let names = usable(dataset, axis).map_err(|fault| Fault::mismatch(fault.message))?;
        if !names.is_current_type() {
            return Err(Fault::mismatch(format!(
                "/{} is not variable-length text of one dimension",
                axis.names()
            )));
        }
        Ok(names)
    }
}

/// Proves that `new` holds all of `old`.
pub fn compare(
    old: fs::File,
    new: fs::File,
    job: &Comparison,
    report: &mut dyn Report,
) -> Result<Proof> {
    report.enter(Phase::Opening);
    let old = Side::open(old, "old")?;
    let new = Side::open(new, "new")?;
    let stored = new.stored_digest()?;
    report.enter(Phase::ComparingObjects);
    if job.part.has_objects() {
        compare_objects(job, &old, &new, stored.as_ref(), report)?;
    }
    report.enter(Phase::ComparingValues);
    let nodes = compare_values(job, &old, &new, report)?;
    if job.part == Part::WHOLE {
        check_values(stored.as_ref(), &nodes)?;
    }
    Ok((stored, nodes))
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
    let side = Side::read(file)?;
    let stored = side.stored_digest()?.ok_or_else(|| {
        Fault::new(
            FailureKind::Unsupported,
            "it carries no digest of h5lift, so there is nothing to hold it against",
        )
    })?;
    report.enter(Phase::ComparingObjects);
    if job.part.has_objects() {
        let found = ContentDigest {
            genes: digest::names_sum(&side.current_names(Axis::Genes)?.texts),
            samples: digest::names_sum(&side.current_names(Axis::Samples)?.texts),
            rest: Inventory::of(&side.file, &side.tree, report)?.sum(),
            ..stored
        };
        differing(&stored, &found)?;
    }
    report.enter(Phase::ComparingValues);
    let team = team(job.threads)?;
    let route = match job.level {
        Verification::Fast => Route::Fastest,
        _ => Route::Library,
    };
    let reader = Reader::new(&side.file, &side.expr, route, job.limit)?;
    let geometry = reader.geometry();
    let rows = job.part.rows(geometry.rows);
    let height = rows.end - rows.start;
    let mut sums = RowSums::new(geometry);
    let mut values = Vec::new();
    for window in windows(geometry, rows, BYTES) {
        reader.read(&window, &mut values, &team)?;
        sums.add(&window, &values, &team);
        report.advance(values.len() as u64);
    }
    let nodes = sums.finish(height);
    if job.part == Part::WHOLE {
        let found = ContentDigest {
            values: values_root(&nodes),
            ..stored
        };
        differing(&stored, &found)?;
    }
    Ok((Some(stored), nodes))
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

fn compare_objects(
    job: &Comparison,
    old: &Side,
    new: &Side,
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
    let mut sums = Vec::new();
    for axis in Axis::BOTH {
        let names = new.current_names(axis)?;
        compare_names(job, old, axis, &names)?;
        sums.push(digest::names_sum(&names.texts));
    }
    let old_objects = Inventory::of(&old.file, &old.tree, report)?;
    let new_objects = Inventory::of(&new.file, &new.tree, report)?;
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

fn compare_names(job: &Comparison, old: &Side, axis: Axis, new: &Names) -> Result<()> {
    let (attribute, dataset) = both_names(&old.file, &old.expr, axis, job.charset)?;
    let expected = match job.names.map(|names| names.of(axis)) {
        Some(NamesSource::Attribute) => vec![usable(attribute, axis)?],
        Some(NamesSource::Dataset) => vec![usable(dataset, axis)?],
        // Without a plan, whichever copy is usable; when both are and differ, either will do.
        None => [attribute, dataset]
            .into_iter()
            .flatten()
            .filter(|names| names.problem.is_none())
            .collect(),
    };
    if expected.is_empty() {
        return Err(Fault::mismatch(format!(
            "the old file has no usable {}",
            axis.names()
        )));
    }
    if expected.iter().any(|names| names.texts == new.texts) {
        return Ok(());
    }
    let index = expected[0]
        .texts
        .iter()
        .zip(&new.texts)
        .position(|(old, new)| old != new);
    Err(Fault::mismatch(match index {
        Some(index) => format!(
            "/{} differs from the old file at name {index}",
            axis.names()
        ),
        None => format!(
            "/{} holds {} names, the old file {}",
            axis.names(),
            new.texts.len(),
            expected[0].texts.len()
        ),
    }))
}

fn compare_values(
    job: &Comparison,
    old: &Side,
    new: &Side,
    report: &mut dyn Report,
) -> Result<Vec<Sum>> {
    let route = match job.level {
        Verification::Fast => Route::Fastest,
        _ => Route::Library,
    };
    // Chunks that are the same to the byte under the same filters hold the same values: then the
    // old ones need not be decoded once more.
    let twins = twin_chunks(job, old, new)?;
    let old_reader = Reader::new(&old.file, &old.expr, route, job.limit)?;
    let new_reader = Reader::new(&new.file, &new.expr, route, job.limit)?;
    let geometry = new_reader.geometry();
    let old_geometry = old_reader.geometry();
    if (geometry.rows, geometry.columns, geometry.item)
        != (old_geometry.rows, old_geometry.columns, old_geometry.item)
    {
        return Err(Fault::mismatch(
            "/expr has another shape or another type of element",
        ));
    }
    let team = team(job.threads)?;
    let rows = job.part.rows(geometry.rows);
    let height = rows.end - rows.start;
    let mut sums = RowSums::new(geometry);
    let (mut expected, mut found) = (Vec::new(), Vec::new());
    let blocks = match twins {
        Some(_) => geometry,
        None => geometry.spanning(old_reader.span()),
    };
    blocks.tile_length(job.limit)?;
    for window in windows(blocks, rows, BYTES) {
        new_reader
            .read(&window, &mut found, &team)
            .map_err(|error| {
                Fault::mismatch(format!("the new file cannot be read back: {error}"))
            })?;
        match &twins {
            Some((old, new)) => same_chunks(old, new, &geometry, &window)?,
            None => {
                old_reader.read(&window, &mut expected, &team)?;
                if expected != found {
                    return Err(first_difference(&window, &geometry, &expected, &found));
                }
            }
        }
        sums.add(&window, &found, &team);
        report.advance(found.len() as u64);
    }
    Ok(sums.finish(height))
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
