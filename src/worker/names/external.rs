//! Whether the values of a file that has lost its names are those of one that has them.

use crate::model::protocol::phase::Phase;
use crate::worker::chunks::read::reader::{Reader, Route};
use crate::worker::chunks::scan::Pass;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::chunks::window::Window;
use crate::worker::error::{Result, WorkerError};
use crate::worker::names::rounded_numbers::Numbers;
use crate::worker::names::source::{expr_of, open_text, refused};
use crate::worker::serve::progress::ProgressSink;
use h5::file::File;
use std::fs;
use text_matrix::Values;

/// A matrix whose values are wanted.
pub(crate) struct UnnamedMatrix<'a> {
    file: File,
    expr_path: &'a str,
    transpose: bool,
    pool: ThreadPool,
    limit: u64,
}

impl<'a> UnnamedMatrix<'a> {
    pub(crate) fn open(
        file: fs::File,
        expr_path: &'a str,
        transpose: bool,
        threads: usize,
        limit: u64,
    ) -> Result<Self> {
        Ok(UnnamedMatrix {
            file: File::open(file)?,
            expr_path,
            transpose,
            pool: ThreadPool::pooled(threads)?,
            limit,
        })
    }

    /// Holds every value against those of a text, rounded to the type of the matrix.
    pub(crate) fn agrees_with_text(
        &self,
        text: fs::File,
        report: &mut dyn ProgressSink,
    ) -> Result<()> {
        report.enter(Phase::ComparingValues);
        let expr = expr_of(&self.file, self.expr_path)?;
        let numbers = Numbers::of(&expr.dtype()?)?;
        let reader =
            Reader::new(&self.file, &expr, Route::Fastest, self.limit)?.transposed(self.transpose);
        let geometry = reader.geometry();
        let mut text = open_text(text, &self.pool)?;
        while let Some(block) = self.pool.install(|| text.next_block())? {
            let first = block.first_row;
            let rows = first..(first + block.genes.len() as u64).min(geometry.rows);
            let Values::F64(values) = &block.values else {
                return Err(refused("its values came as another type".to_string()));
            };
            let width = usize::try_from(geometry.columns)
                .unwrap_or(usize::MAX)
                .max(1);
            let pass = Pass {
                pool: &self.pool,
                sources: &[&reader],
                blocks: geometry,
                rows,
                limit: self.limit,
            };
            let hold = |window: &Window, ours: &mut [Vec<u8>]| {
                let start = usize::try_from(window.rows.start - first).unwrap_or(usize::MAX);
                let rows = ours[0].chunks(row_bytes(window, &numbers));
                for (row, ours) in rows.enumerate() {
                    let theirs = &values[(start + row) * width..][..width];
                    let part = &theirs[column(window.columns.start)..column(window.columns.end)];
                    numbers.hold(ours, part.iter().copied()).map_err(|at| {
                        different(window.rows.start + row as u64, window.columns.start + at)
                    })?;
                }
                Ok(())
            };
            pass.each(hold, report)?;
            text.recycle(block.values);
        }
        Ok(())
    }

    /// Holds every value against those of another file.
    pub(crate) fn agrees_with(
        &self,
        other: fs::File,
        matrix: &str,
        report: &mut dyn ProgressSink,
    ) -> Result<()> {
        report.enter(Phase::ComparingValues);
        let other = File::open(other)?;
        let (ours, theirs) = (
            expr_of(&self.file, self.expr_path)?,
            expr_of(&other, matrix)?,
        );
        let types = [Numbers::of(&ours.dtype()?)?, Numbers::of(&theirs.dtype()?)?];
        let readers = [
            Reader::new(&self.file, &ours, Route::Fastest, self.limit)?.transposed(self.transpose),
            Reader::new(&other, &theirs, Route::Fastest, self.limit)?,
        ];
        let geometry = readers[0].geometry();
        let blocks = geometry.spanning(readers[1].span());
        let pass = Pass {
            pool: &self.pool,
            sources: &[&readers[0], &readers[1]],
            blocks,
            rows: 0..geometry.rows,
            limit: self.limit,
        };
        let hold = |window: &Window, values: &mut [Vec<u8>]| {
            let others = types[1].values(&values[1]);
            types[0].hold(&values[0], others).map_err(|at| {
                let width = window.width().max(1);
                different(
                    window.rows.start + at / width,
                    window.columns.start + at % width,
                )
            })?;
            Ok(())
        };
        pass.each(hold, report)?;
        Ok(())
    }
}

fn row_bytes(window: &Window, numbers: &Numbers) -> usize {
    usize::try_from(window.width()).unwrap_or(usize::MAX) * numbers.item
}

fn column(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Both count from 0; the message counts from 1.
fn different(row: u64, column: u64) -> WorkerError {
    WorkerError::mismatch(format!(
        "their values differ at row {}, column {}",
        row + 1,
        column + 1
    ))
}

impl std::fmt::Debug for UnnamedMatrix<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnnamedMatrix")
            .field("matrix", &self.expr_path)
            .finish_non_exhaustive()
    }
}
