//! The proof of a plain old file, which is read past the library: of a small file, opening and listing it there
//! takes longer than reading it. A new file is read past the library as well where the proof is to be fast, and
//! through it where it is to be full.
//!
//! It returns `None` for whatever it does not understand, cannot read or finds to differ. The caller then verifies through
//! the library, whose errors say what it is.

use crate::model::digest::{ContentDigest, Sum};
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::form::StringType;
use crate::model::names::place::NamesPlace;
use crate::model::plan::policy::{Charset, Verification};
use crate::model::plan::recipe::Recipe;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{CompareRequest, Part, SMALL_FILE, Verified};
use crate::model::salvage::{Losses, VerifyReport};
use crate::plain::{names_in, plain_content};
use crate::worker::chunks::dataset_geometry::plain_geometry;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::read::chunk_store::ChunkStore;
use crate::worker::chunks::read::reader::Reader;
use crate::worker::digest;
use crate::worker::error::{Result, WorkerError};
use crate::worker::inspect::inventory::{Change, Inventory};
use crate::worker::inspect::marks::salvage_mark;
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify::against_digest::check_values;
use crate::worker::verify::open_file;
use crate::worker::verify::values::{ChunkPairs, Matrices, route};
use hdf5_format::filter::FilterFacts;
use plain_hdf5::plain::{PlainClass, PlainContent, PlainDataset, PlainElements};
use plain_hdf5::{FileOf, Stored};
use std::borrow::Cow;
use std::fs;
use std::os::unix::fs::FileExt;
use string_list::StringList;

/// A plain file with its matrix.
struct PlainFile<'a> {
    file: &'a fs::File,
    content: &'a PlainContent,
    expr: &'a PlainDataset,
}

/// What counts of a file besides its values.
struct Objects<'a> {
    names: [Cow<'a, StringList>; 2],
    rest: Inventory,
}

/// Proves that `new` holds all of the plain `old`. Returns `None` if it cannot; the caller then uses libhdf5.
pub fn compare_plainly(
    old: &fs::File,
    new: &fs::File,
    job: &CompareRequest,
    report: &mut dyn ProgressSink,
) -> Option<Verified> {
    let recipe = job.recipe.as_deref().filter(|it| is_plain(it))?;
    report.enter(Phase::Opening);
    let content = plain_content(&*in_memory(old)?)?;
    let old = PlainFile::of(old, &content)?;
    let expected = old.recast(recipe)?;
    let (stored, nodes) = match job.level {
        Verification::Fast if job.part == Part::WHOLE => {
            let content = plain_content(&*in_memory(new)?)?;
            let new = PlainFile::of(new, &content)?;
            past_the_library(&old, &new, &expected, job, report)?
        }
        Verification::Full => {
            let new = open_file::OpenFile::read(new.try_clone().ok()?, layout::EXPR_PATH).ok()?;
            through_the_library(&old, &new, &expected, job, report).ok()??
        }
        _ => return None,
    };
    Some(Verified {
        digest: Some(stored),
        nodes,
        verify_report: VerifyReport {
            old_mark: None,
            new_mark: None,
            losses: Losses::default(),
        },
    })
}

/// A file from which single structures are read: a small one is read once.
fn in_memory(file: &fs::File) -> Option<Box<dyn Stored + '_>> {
    let bytes = crate::worker::open_file::length(file).ok()?;
    if bytes > SMALL_FILE {
        return Some(Box::new(FileOf { file, bytes }));
    }
    let mut whole = vec![0; usize::try_from(bytes).ok()?];
    FileExt::read_exact_at(file, &mut whole, 0).ok()?;
    Some(Box::new(whole))
}

/// Whether a recipe makes a file whose names and matrix are held against the old ones as they stand.
fn is_plain(recipe: &Recipe) -> bool {
    recipe.matrix == layout::EXPR_PATH
        && recipe.charset == Charset::Utf8
        && !recipe.transpose
        && recipe.form.string_type == StringType::Variable
        && recipe.form.scales.is_none()
}

impl<'a> PlainFile<'a> {
    /// Unless a salvage has left something there: that is held against what is lost, which is nothing here.
    fn of(file: &'a fs::File, content: &'a PlainContent) -> Option<Self> {
        let is_salvaged = content.attribute(layout::MARK_SALVAGED).is_some();
        let expr = content.dataset(layout::EXPR).filter(|_| !is_salvaged)?;
        Some(PlainFile {
            file,
            content,
            expr,
        })
    }

    /// What a recipe makes of an old file.
    fn recast(&self, recipe: &Recipe) -> Option<Objects<'a>> {
        let [rows, columns] = self.expr.extent.shape[..] else {
            return None;
        };
        let change = Change::of(recipe, [rows, columns]);
        let [genes, samples] = Axis::BOTH.map(|axis| names_in(self.content, recipe.names.of(axis)));
        Some(Objects {
            names: [genes?, samples?],
            rest: Inventory::of_plain(self.content, &change)?,
        })
    }

    /// What a new file has.
    fn objects(&self) -> Option<Objects<'a>> {
        let names = |axis: Axis| {
            let dataset = self.content.dataset(axis.names())?;
            let is_variable = matches!(dataset.datatype.kind, PlainClass::VariableText { .. });
            let has_attribute = self.expr.attribute(axis.names()).is_some();
            match is_variable && !has_attribute {
                true => names_in(self.content, &NamesPlace::current(axis)),
                false => None,
            }
        };
        Some(Objects {
            names: [names(Axis::Genes)?, names(Axis::Samples)?],
            rest: Inventory::of_plain(self.content, &Change::none())?,
        })
    }

    fn stored_digest(&self) -> Option<ContentDigest> {
        let mark = self.content.attribute(layout::MARK_DIGEST)?;
        mark.text()?.parse().ok()
    }

    fn reader(&self, limit: u64) -> Option<Reader<'static>> {
        Reader::of_plain(self.file, self.expr, limit).ok()?
    }

    /// Its chunks as they are stored, where they could be those of a matrix with such chunks and filters.
    fn chunks_like(
        &self,
        geometry: Geometry,
        filters: &[FilterFacts],
        limit: u64,
    ) -> Option<ChunkStore> {
        let PlainElements::Chunked { stored, .. } = &self.expr.elements else {
            return None;
        };
        let is_like = self.expr.filters == filters && plain_geometry(self.expr)? == geometry;
        match is_like {
            true => ChunkStore::of_plain(self.file, self.expr, stored, geometry, limit).ok()?,
            false => None,
        }
    }
}

impl Objects<'_> {
    /// Whether these are the objects of a new file with such filters and such a digest.
    fn are(&self, found: &Objects<'_>, filters: &[FilterFacts], stored: &ContentDigest) -> bool {
        let [genes, samples] = found
            .names
            .each_ref()
            .map(|it| digest::names_sum(it.iter()));
        let sums = ContentDigest {
            genes,
            samples,
            rest: found.rest.sum(),
            ..*stored
        };
        filters
            .iter()
            .any(|filter| filter.id == FilterFacts::DEFLATE)
            && self.names == found.names
            && self.rest == found.rest
            && sums == *stored
    }
}

/// The digest of the new file, and the nodes of its values where they were hashed.
type Proved = (ContentDigest, Option<Vec<Sum>>);

fn past_the_library(
    old: &PlainFile<'_>,
    new: &PlainFile<'_>,
    expected: &Objects<'_>,
    job: &CompareRequest,
    report: &mut dyn ProgressSink,
) -> Option<Proved> {
    report.enter(Phase::ComparingObjects);
    let stored = new.stored_digest()?;
    let filters = &new.expr.filters;
    if !expected.are(&new.objects()?, filters, &stored) {
        return None;
    }
    report.enter(Phase::ComparingValues);
    let reader = new.reader(job.budget.bytes)?;
    let geometry = reader.geometry();
    let chunk_pairs = old.chunks_like(geometry, filters, job.budget.bytes);
    let matrices = Matrices {
        old: old.reader(job.budget.bytes)?,
        new: reader,
        chunk_pairs: chunk_pairs
            .zip(new.chunks_like(geometry, filters, job.budget.bytes))
            .map(|(old, new)| ChunkPairs { old, new }),
    };
    let nodes = matrices.hold(job, |_| Ok(()), report).ok()?;
    Some((stored, nodes))
}

fn through_the_library(
    old: &PlainFile<'_>,
    new: &open_file::OpenFile,
    expected: &Objects<'_>,
    job: &CompareRequest,
    report: &mut dyn ProgressSink,
) -> Result<Option<Proved>> {
    let stored = new.stored_digest()?;
    let is_salvaged = salvage_mark(&new.file.root()?)?.is_some();
    let (Some(stored), false) = (stored, is_salvaged) else {
        return Ok(None);
    };
    let filters = new.expr.properties()?.filters()?;
    let reader = Reader::new(&new.file, &new.expr, route(job.level), job.budget.bytes)?;
    let geometry = reader.geometry();
    let Some(old_reader) = old.reader(job.budget.bytes) else {
        return Ok(None);
    };
    let chunk_pairs = match old.chunks_like(geometry, &filters, job.budget.bytes) {
        Some(old) => ChunkStore::of(&new.file, &new.expr, geometry, job.budget.bytes)?
            .map(|new| ChunkPairs { old, new }),
        None => None,
    };
    let matrices = Matrices {
        old: old_reader,
        new: reader,
        chunk_pairs,
    };
    let objects = |report: &mut dyn ProgressSink| {
        report.enter(Phase::ComparingObjects);
        if job.part.has_objects() {
            let types = [StringType::Variable];
            let names = Axis::BOTH.map(|axis| new.current_names(axis, &types));
            let [genes, samples] = names.map(|it| it.map(|names| Cow::Owned(names.texts)));
            let found = Objects {
                names: [genes?, samples?],
                rest: Inventory::of(&new.file, &new.tree, &Change::none(), report)?,
            };
            if !expected.are(&found, &filters, &stored) {
                return Err(WorkerError::mismatch(
                    "other objects than those of the old file",
                ));
            }
        }
        report.enter(Phase::ComparingValues);
        Ok(())
    };
    let Ok(nodes) = matrices.hold(job, objects, report) else {
        return Ok(None);
    };
    if let Some(nodes) = &nodes
        && job.part == Part::WHOLE
    {
        check_values(Some(&stored), nodes)?;
    }
    Ok(Some((stored, nodes)))
}
