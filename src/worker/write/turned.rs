//! Values of a text whose rows are samples, as rows of genes.
//!
//! Nothing is known of a gene as a whole before the last sample was read. Rows are gathered into slabs of some
//! megabytes, each is turned round by itself, and the slabs wait: the first ones in memory, all others in a file of
//! the parent's. A row of the matrix is then a piece of each slab, and many rows that follow each other are one
//! stretch of it.

use crate::model::protocol::failure::FailureKind;
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::error::{Result, WorkerError};
use crate::worker::write::little_endian::LittleEndian;
use bytemuck::Pod;
use std::convert::Infallible;
use std::fs::File;
use std::os::unix::fs::FileExt;
use text_matrix::Values;

/// Bytes of a slab, and of the rows that are put together at a time.
const SLAB_BYTES: u64 = 32 << 20;
/// Bytes of slabs that wait in memory.
const IN_MEMORY: u64 = 64 << 20;
/// Genes that one task turns round: 64 lines of a cache are written to at a time.
const GENES_PER_TASK: usize = 64;

pub(crate) trait Element: Pod + Send + Sync {
    /// The values of a block; `None` if they are of another type.
    fn of(values: &Values) -> Option<&[Self]>;
    fn wrap(values: Vec<Self>) -> Values;
}

impl Element for f32 {
    fn of(values: &Values) -> Option<&[f32]> {
        match values {
            Values::F32(values) => Some(values),
            Values::F64(_) => None,
        }
    }

    fn wrap(values: Vec<f32>) -> Values {
        Values::F32(values)
    }
}

impl Element for f64 {
    fn of(values: &Values) -> Option<&[f64]> {
        match values {
            Values::F64(values) => Some(values),
            Values::F32(_) => None,
        }
    }

    fn wrap(values: Vec<f64>) -> Values {
        Values::F64(values)
    }
}

/// Rows of samples, gathered and turned round a slab at a time.
#[derive(Debug)]
pub(crate) struct Slabs<T> {
    genes: usize,
    /// Samples of a slab.
    most: usize,
    /// Rows of samples that are in no slab yet.
    open: Vec<T>,
    turned: Vec<T>,
}

impl<T: Element> Slabs<T> {
    /// For samples of so many genes; a slab has about as many bytes as a chunk may have, or fewer.
    pub(crate) fn new(genes: usize, limit: u64) -> Self {
        let row_bytes = (genes * size_of::<T>()).max(1) as u64;
        let most = SLAB_BYTES.min(limit / 2) / row_bytes;
        Slabs {
            genes,
            most: usize::try_from(most).unwrap_or(usize::MAX).max(1),
            open: Vec::new(),
            turned: Vec::new(),
        }
    }

    /// Adds whole rows. `take` gets each slab when it is full: how many samples it has, and genes one after the other.
    pub(crate) fn add(
        &mut self,
        rows: &Values,
        pool: &ThreadPool,
        mut take: impl FnMut(usize, &[T]) -> Result<()>,
    ) -> Result<()> {
        let Some(mut rows) = T::of(rows) else {
            let message = "the values came as another type than was asked for";
            return Err(WorkerError::new(FailureKind::Internal, message));
        };
        let full = self.most * self.genes;
        while !rows.is_empty() {
            let fitting = (full - self.open.len()).min(rows.len());
            let (now, later) = rows.split_at(fitting);
            self.open.extend_from_slice(now);
            rows = later;
            if self.open.len() == full {
                self.close(pool, &mut take)?;
            }
        }
        Ok(())
    }

    /// The last slab, which may have fewer samples.
    pub(crate) fn finish(
        mut self,
        pool: &ThreadPool,
        mut take: impl FnMut(usize, &[T]) -> Result<()>,
    ) -> Result<()> {
        match self.open.is_empty() {
            true => Ok(()),
            false => self.close(pool, &mut take),
        }
    }

    fn close(
        &mut self,
        pool: &ThreadPool,
        take: &mut impl FnMut(usize, &[T]) -> Result<()>,
    ) -> Result<()> {
        let samples = self.open.len() / self.genes;
        self.turned.resize(self.open.len(), T::zeroed());
        turn(&self.open, self.genes, &mut self.turned, pool);
        self.open.clear();
        take(samples, &self.turned)
    }
}

/// Rows of `width` values to columns.
fn turn<T: Element>(rows: &[T], width: usize, columns: &mut [T], pool: &ThreadPool) {
    let height = rows.len() / width;
    let pieces = columns.chunks_mut(GENES_PER_TASK * height).enumerate();
    let turned: std::result::Result<(), Infallible> =
        pool.each(pieces.collect(), |(piece, columns)| {
            let first = piece * GENES_PER_TASK;
            let genes = columns.len() / height;
            for (sample, row) in rows.chunks_exact(width).enumerate() {
                for (gene, value) in row[first..first + genes].iter().enumerate() {
                    columns[gene * height + sample] = *value;
                }
            }
            Ok(())
        });
    let Ok(()) = turned;
}

/// Slabs that wait until the last sample was read.
#[derive(Debug)]
pub(crate) struct Waiting<T> {
    file: File,
    /// Bytes in the file.
    filed: u64,
    /// Bytes in memory.
    held: u64,
    slabs: Vec<Slab<T>>,
    genes: usize,
    samples: usize,
    /// The gene that comes next.
    next: usize,
    limit: u64,
}

#[derive(Debug)]
struct Slab<T> {
    samples: usize,
    place: SlabStorage<T>,
}

#[derive(Debug)]
enum SlabStorage<T> {
    Memory(Vec<T>),
    File(u64),
}

impl<T: Element> Waiting<T> {
    /// None yet; `file` is overwritten when it is needed.
    pub(crate) fn new(file: File, genes: usize, limit: u64) -> Self {
        Waiting {
            file,
            filed: 0,
            held: 0,
            slabs: Vec::new(),
            genes,
            samples: 0,
            next: 0,
            limit,
        }
    }

    /// Takes a slab of so many samples, genes one after the other.
    pub(crate) fn push(&mut self, samples: usize, slab: &[T]) -> Result<()> {
        let bytes = size_of_val(slab) as u64;
        let place = match self.held + bytes <= IN_MEMORY.min(self.limit / 2) {
            true => {
                self.held += bytes;
                SlabStorage::Memory(slab.to_vec())
            }
            false => {
                let at = self.filed;
                self.file
                    .write_all_at(bytemuck::cast_slice(slab), at)
                    .map_err(|error| kept(&error))?;
                self.filed += bytes;
                SlabStorage::File(at)
            }
        };
        self.slabs.push(Slab { samples, place });
        self.samples += samples;
        Ok(())
    }

    /// The next rows of genes, and how many; `None` after the last one.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, LittleEndian)>> {
        let row_bytes = (self.samples * size_of::<T>()).max(1) as u64;
        let most = SLAB_BYTES.min(self.limit / 4) / row_bytes;
        let genes = usize::try_from(most).unwrap_or(usize::MAX).max(1);
        let genes = genes.min(self.genes - self.next);
        if genes == 0 {
            return Ok(None);
        }
        let mut rows = vec![T::zeroed(); genes * self.samples];
        let mut read = Vec::new();
        let mut before = 0;
        for Slab { samples, place } in &self.slabs {
            let (start, length) = (self.next * samples, genes * samples);
            let piece = match place {
                SlabStorage::Memory(slab) => &slab[start..start + length],
                SlabStorage::File(at) => {
                    read.resize(length, T::zeroed());
                    let at = at + (start * size_of::<T>()) as u64;
                    self.file
                        .read_exact_at(bytemuck::cast_slice_mut(&mut read), at)
                        .map_err(|error| kept(&error))?;
                    &read[..]
                }
            };
            let rows = rows.chunks_exact_mut(self.samples);
            for (row, part) in rows.zip(piece.chunks_exact(*samples)) {
                row[before..before + samples].copy_from_slice(part);
            }
            before += samples;
        }
        self.next += genes;
        Ok(Some((genes as u64, LittleEndian::of(T::wrap(rows)))))
    }
}

pub(crate) fn kept(error: &std::io::Error) -> WorkerError {
    WorkerError::new(
        FailureKind::Output,
        format!("keeping values until genes can be rows: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns a matrix of so many samples and genes round, `step` samples at a time.
    fn turned(samples: usize, genes: usize, step: usize, limit: u64) -> (Vec<f32>, bool) {
        let pool = ThreadPool::pooled(2).unwrap();
        let mut slabs = Slabs::<f32>::new(genes, limit);
        let mut waiting = Waiting::new(tempfile::tempfile().unwrap(), genes, limit);
        let value = |index: usize| f32::from(u16::try_from(index % 60_013).unwrap());
        let mut done = 0;
        while done < samples {
            let now = step.min(samples - done);
            let rows = (done * genes..(done + now) * genes).map(value);
            let rows = Values::F32(rows.collect());
            slabs
                .add(&rows, &pool, |samples, slab| waiting.push(samples, slab))
                .unwrap();
            done += now;
        }
        slabs
            .finish(&pool, |samples, slab| waiting.push(samples, slab))
            .unwrap();
        let mut all: Vec<f32> = Vec::new();
        let mut count = 0;
        while let Some((rows, values)) = waiting.next().unwrap() {
            count += rows;
            all.extend(bytemuck::cast_slice::<u8, f32>(values.as_ref()));
        }
        assert_eq!(count, genes as u64);
        (all, waiting.filed > 0)
    }

    #[test]
    fn rows_become_columns_in_memory_and_through_the_file() {
        for (samples, genes, step, limit) in [
            (1, 1, 1, 1 << 28),
            (7, 130, 3, 1 << 28),
            (130, 7, 130, 1 << 28),
            (500, 301, 17, 1 << 12),
            (3, 1000, 2, 1),
            (0, 5, 1, 1 << 28),
        ] {
            let (all, _) = turned(samples, genes, step, limit);
            let expected = (0..genes * samples).map(|at| {
                let (gene, sample) = (at / samples, at % samples);
                f32::from(u16::try_from((sample * genes + gene) % 60_013).unwrap())
            });
            assert!(
                all.into_iter().eq(expected),
                "{samples} x {genes} by {step}, limit {limit}"
            );
        }
        assert!(turned(500, 301, 17, 1 << 12).1, "the file was used");
        assert!(!turned(7, 130, 3, 1 << 28).1, "the file was not needed");
    }
}
