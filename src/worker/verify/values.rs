//! The values of two matrices, element by element or chunk by chunk.

use crate::model::digest::Sum;
use crate::model::plan::policy::Verification;
use crate::model::protocol::CompareRequest;
use crate::worker::chunks::dataset_geometry::geometry;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::read::chunk_store::{ChunkStore, overlapping};
use crate::worker::chunks::read::reader::{Reader, Route};
use crate::worker::chunks::read::salvage::Salvage;
use crate::worker::chunks::rows;
use crate::worker::chunks::rows::{Hashed, RowSums};
use crate::worker::chunks::scan::{Broken, Pass};
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::chunks::window::Window;
use crate::worker::error::{Result, WorkerError};
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify::open_file::OpenFile;
use std::cell::RefCell;

/// The matrix of an old file and that of a new one.
#[derive(Debug)]
pub(crate) struct Matrices<'a> {
    /// The old one, turned as the new one is.
    pub(crate) old: Reader<'a>,
    pub(crate) new: Reader<'a>,
    /// Their chunks as they are stored, where they can be held against each other so.
    pub(crate) chunk_pairs: Option<ChunkPairs>,
}

/// Chunks that are the same to the byte under the same filters hold the same values: then the old ones need
/// not be decoded once more.
#[derive(Debug)]
pub(crate) struct ChunkPairs {
    pub(crate) old: ChunkStore,
    pub(crate) new: ChunkStore,
}

/// Holds the values of two files against each other, while `objects` looks at all else.
pub(crate) fn compare_values(
    job: &CompareRequest,
    old: &OpenFile,
    new: &OpenFile,
    transpose: bool,
    salvage: Option<&Salvage>,
    objects: impl FnOnce(&mut dyn ProgressSink) -> Result<()>,
    report: &mut dyn ProgressSink,
) -> Result<Option<Vec<Sum>>> {
    let matrices = Matrices {
        old: Reader::new(&old.file, &old.expr, route(job.level), job.budget.bytes)?
            .transposed(transpose)
            .salvaging(salvage),
        new: Reader::new(&new.file, &new.expr, route(job.level), job.budget.bytes)?,
        // Where chunks were lost, others stand in their place.
        chunk_pairs: match transpose || salvage.is_some() {
            true => None,
            false => chunk_pairs(job, old, new)?,
        },
    };
    matrices
        .hold(job, objects, report)
        .map_err(|broken| match broken {
            Broken::Reading { source: 0, error } => {
                let said = new.naming(error).message;
                WorkerError::mismatch(format!("the new file cannot be read back: {said}"))
            }
            Broken::Reading { error, .. } => of_old_file(old.naming(error)),
            Broken::Working(error) => error,
        })
}

impl Matrices<'_> {
    /// The nodes of the new values, or none where they were only held against the old ones.
    pub(crate) fn hold(
        &self,
        job: &CompareRequest,
        objects: impl FnOnce(&mut dyn ProgressSink) -> Result<()>,
        report: &mut dyn ProgressSink,
    ) -> std::result::Result<Option<Vec<Sum>>, Broken> {
        // Their writer has decoded and hashed them. A proof that is to be fast holds old against new and leaves
        // it at that; what no such writer made is hashed in any case.
        let is_hashed = job.recipe.is_none() || job.level != Verification::Fast;
        let (geometry, old_geometry) = (self.new.geometry(), self.old.geometry());
        if (geometry.rows, geometry.columns, geometry.item)
            != (old_geometry.rows, old_geometry.columns, old_geometry.item)
        {
            // They say it with the name of the object.
            objects(report)?;
            let message = "/expr has another shape or another type of element";
            return Err(WorkerError::mismatch(message).into());
        }
        let both = [&self.new, &self.old];
        let pass = Pass {
            pool: &ThreadPool::new(job.budget.threads),
            sources: match self.chunk_pairs {
                Some(_) => &both[..usize::from(is_hashed)],
                None => &both,
            },
            blocks: match self.chunk_pairs {
                Some(_) => geometry,
                None => geometry.spanning(self.old.span()),
            },
            rows: job.part.rows(geometry.rows),
            limit: job.budget.bytes,
        };
        let chunk_pairs = self.chunk_pairs.as_ref();
        let hold = |window: &Window, values: &mut [Vec<u8>]| {
            if let Some(chunk_pairs) = chunk_pairs {
                same_chunks(chunk_pairs, &geometry, window)?;
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
        let nodes = nodes_of(&pass, hold, objects, report)?;
        Ok(is_hashed.then_some(nodes))
    }
}

pub(crate) fn route(level: Verification) -> Route {
    match level {
        Verification::Fast => Route::Fastest,
        _ => Route::Library,
    }
}

/// The nodes of what a pass hashes, while `objects` looks at all else.
pub(crate) fn nodes_of(
    pass: &Pass<'_>,
    hash: impl Fn(&Window, &mut [Vec<u8>]) -> std::result::Result<Hashed, Broken> + Sync,
    objects: impl FnOnce(&mut dyn ProgressSink) -> Result<()>,
    report: &mut dyn ProgressSink,
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
fn of_old_file(error: WorkerError) -> WorkerError {
    WorkerError {
        message: format!("the old file: {}", error.message),
        ..error
    }
}

/// The stored chunks of both files, when shape, filters and their parameters are the same.
fn chunk_pairs(job: &CompareRequest, old: &OpenFile, new: &OpenFile) -> Result<Option<ChunkPairs>> {
    let (ours, theirs) = (old.expr.properties()?, new.expr.properties()?);
    let alike = ours.chunks()?.is_some()
        && ours.chunks()? == theirs.chunks()?
        && ours.filters()? == theirs.filters()?
        && old.expr.extent()? == new.expr.extent()?;
    if !alike {
        return Ok(None);
    }
    let store = |opened: &OpenFile| {
        ChunkStore::of(
            &opened.file,
            &opened.expr,
            geometry(&opened.expr)?,
            job.budget.bytes,
        )
    };
    Ok(store(old)?
        .zip(store(new)?)
        .map(|(old, new)| ChunkPairs { old, new }))
}

fn same_chunks(chunk_pairs: &ChunkPairs, geometry: &Geometry, window: &Window) -> Result<()> {
    let (mut expected, mut found) = (Vec::new(), Vec::new());
    for tile in overlapping(geometry, window) {
        let masks = (
            chunk_pairs.old.stored(&tile, &mut expected)?,
            chunk_pairs.new.stored(&tile, &mut found)?,
        );
        if masks.0 != masks.1 || (masks.0.is_some() && expected != found) {
            return Err(WorkerError::mismatch(format!(
                "the chunk of /expr at offset [{}, {}] differs",
                tile.row, tile.column
            )));
        }
    }
    Ok(())
}

fn first_difference(window: &Window, geometry: &Geometry, old: &[u8], new: &[u8]) -> WorkerError {
    let position =
        old.iter().zip(new).position(|(a, b)| a != b).unwrap_or(0) / geometry.item.max(1);
    let (row, column) = (
        window.rows.start + position as u64 / window.width().max(1),
        window.columns.start + position as u64 % window.width().max(1),
    );
    WorkerError::mismatch(format!(
        "/expr differs at row {}, column {}",
        row + 1,
        column + 1
    ))
}
