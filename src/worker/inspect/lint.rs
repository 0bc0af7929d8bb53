//! What is odd about the names and values of a file: every name is looked at, and when somebody
//! asks, every value as well.
//!
//! Chunks that were never written are no values: they are not read. One that cannot be read makes
//! the file as damaged as any other error does.

use crate::model::facts::{ExprFacts, Facts};
use crate::model::layout::Axis;
use crate::model::lint::{NameLint, ValueLint, ambiguities};
use crate::model::protocol::Budget;
use crate::model::protocol::failure::FailureKind;
use crate::model::protocol::phase::Phase;
use crate::model::record::finding::Finding;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::numbers::Numbers;
use crate::worker::chunks::read::chunk_store::Scratch;
use crate::worker::chunks::read::reader::{Reader, Route};
use crate::worker::chunks::scan::Pass;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::chunks::window::Window;
use crate::worker::error::{Result, WorkerError};
use crate::worker::names::Names;
use crate::worker::serve::progress::ProgressSink;
use h5::dataset::Dataset;
use h5::file::File;
use std::borrow::Cow;
use std::ops::Range;

/// What is odd about the names of an axis: all of it, or what is told without being asked for.
pub(crate) fn names(names: &Names, axis: Axis, all: bool) -> Vec<Finding> {
    if !all {
        return ambiguities(axis, names.readable());
    }
    let mut lint = NameLint::new(axis);
    for name in names.readable() {
        lint.see(&name);
    }
    lint.findings()
}

/// What is odd about the values, all of which are read; nothing where `/expr` is no matrix of
/// numbers that can be read at all, which its state says.
pub(crate) fn values(
    file: &File,
    expr: &Dataset,
    facts: &Facts,
    samples: Option<&Names>,
    budget: Budget,
    report: &mut dyn ProgressSink,
) -> Result<Vec<Finding>> {
    let readable =
        |it: &&ExprFacts| it.numeric && it.shape.len() == 2 && facts.obstacles.is_empty();
    let Some(stored) = facts.expr.as_ref().filter(readable) else {
        return Ok(Vec::new());
    };
    if stored.raw_bytes() == 0 {
        return Ok(Vec::new());
    }
    report.enter(Phase::ReadingValues);
    let numbers = Numbers::of(&expr.dtype()?);
    let lint = match read(file, expr, stored, &numbers, budget, report) {
        Ok(lint) => lint,
        // Nothing is wrong with the file, and its state is the same with and without a lint.
        Err(error) if error.kind == FailureKind::Memory => return Ok(vec![unread(&error.message)]),
        Err(error) => return Err(error),
    };
    if let Numbers::Unknown(what) = &numbers {
        return Ok(vec![unread(what)]);
    }
    let columns = stored.shape[1];
    let names = samples.filter(|names| names.texts.len() as u64 == columns);
    Ok(lint.findings(|column| {
        names
            .and_then(|names| names.readable().nth(column))
            .map_or_else(|| format!("column {}", column + 1), Cow::into_owned)
    }))
}

fn unread(why: &str) -> Finding {
    Finding {
        code: "unread-values".to_string(),
        detail: format!("the values were not read: {why}"),
    }
}

fn read(
    file: &File,
    expr: &Dataset,
    stored: &ExprFacts,
    numbers: &Numbers,
    budget: Budget,
    report: &mut dyn ProgressSink,
) -> Result<ValueLint> {
    let reader = Reader::new(file, expr, Route::Fastest, budget.bytes)?;
    let geometry = reader.geometry();
    geometry.tile_length(budget.bytes)?;
    let columns = columns_in_memory(&geometry, budget.bytes)?;
    let pool = ThreadPool::new(budget.threads);
    let mut lint = ValueLint::new(columns);
    if stored.chunks_written >= stored.chunks_expected {
        let pass = Pass {
            pool: &pool,
            sources: &[&reader],
            blocks: geometry,
            rows: 0..geometry.rows,
            limit: budget.bytes,
        };
        let read = |_: &Window, values: &mut [Vec<u8>]| Ok(std::mem::take(&mut values[0]));
        pass.run(
            read,
            || Ok(()),
            |(), window, bytes| {
                numbers.show(&bytes, across(window), &mut lint);
                report.advance(bytes.len() as u64);
                Ok(())
            },
        )?;
    } else {
        let mut seen = Vec::new();
        let (mut bytes, mut scratch) = (Vec::new(), Scratch::default());
        for window in written_chunks(expr, &geometry)? {
            reader.read(&window, &mut bytes, &mut scratch)?;
            numbers.show(&bytes, across(&window), &mut lint);
            report.advance(bytes.len() as u64);
            seen.push(across(&window).start);
        }
        seen.sort_unstable();
        let width = usize::try_from(geometry.chunk_columns).unwrap_or(usize::MAX);
        lint.leave_out(|column| seen.binary_search(&(column / width * width)).is_err());
    }
    Ok(lint)
}

/// The columns, which a lint keeps a list of.
fn columns_in_memory(geometry: &Geometry, limit: u64) -> Result<usize> {
    let bytes = geometry.columns.saturating_mul(size_of::<usize>() as u64);
    usize::try_from(geometry.columns)
        .ok()
        .filter(|_| bytes <= limit)
        .ok_or_else(|| {
            let message = format!("/expr has {} columns", geometry.columns);
            WorkerError::new(FailureKind::Memory, message)
        })
}

/// A window for each chunk that there is. They are asked for one by one, since a header may claim
/// any number of others.
fn written_chunks(expr: &Dataset, geometry: &Geometry) -> Result<Vec<Window>> {
    if expr.properties()?.chunks()?.is_none() {
        return Ok(Vec::new());
    }
    let end = |start: u64, length: u64, last: u64| start.saturating_add(length).min(last);
    let chunks = expr.stored_chunks()?;
    Ok(chunks
        .iter()
        .filter_map(|(start, _)| match *start {
            [row, column] => Some(Window {
                rows: row..end(row, geometry.chunk_rows, geometry.rows),
                columns: column..end(column, geometry.chunk_columns, geometry.columns),
            }),
            // The matrix has two dimensions, and so have its chunks.
            _ => None,
        })
        .collect())
}

/// Columns of a window; all columns have been held against the memory.
fn across(window: &Window) -> Range<usize> {
    let index = |column| usize::try_from(column).unwrap_or(usize::MAX);
    index(window.columns.start)..index(window.columns.end)
}
