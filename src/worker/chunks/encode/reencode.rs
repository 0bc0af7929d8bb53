//! New chunks of old values: reading, encoding and writing overlap.
//!
//! Chunks are written in order, so that the bytes of the file do not depend on the number of threads.

use crate::model::digest::Sum;
use crate::model::plan::policy::Shuffle;
use crate::worker::chunks::ValuesError;
use crate::worker::chunks::encode::encoded_chunk::Slot;
use crate::worker::chunks::encode::rewrite::rewrite;
use crate::worker::chunks::geometry::{Geometry, Tile};
use crate::worker::chunks::read::chunk_store::Scratch;
use crate::worker::chunks::read::reader::Reader;
use crate::worker::chunks::read::unallocated::Absent;
use crate::worker::chunks::rows;
use crate::worker::chunks::scan::Pass;
use crate::worker::chunks::thread_pool::{PerThread, ThreadPool};
use crate::worker::chunks::window::Window;
use crate::worker::error::Result;
use crate::worker::serve::progress::ProgressSink;
use chunk_codec::encoder::{Encoder, Encoding};
use chunk_codec::fletcher32;
use chunk_codec::sampling;
use chunk_codec::sampling::{ShuffleChoice, Trial};
use chunk_codec::{CodecError, Level, crc32};
use std::ops::Range;

/// Chunks that are compressed by all candidates to choose the encoding.
const SAMPLES: u64 = 3;
/// Bytes of one sample of a large matrix: enough for the largest window of deflate, twice.
pub(crate) const SAMPLE_BYTES: u64 = 64 << 10;
/// Bytes of one sample of a small matrix: enough that the codes at its beginning do not matter.
const LEAST_BYTES: u64 = 8 << 10;

/// Bytes of one sample: trying all candidates must not take longer than writing the matrix with one of them.
fn sample_bytes(geometry: &Geometry) -> u64 {
    let raw = geometry.rows.saturating_mul(geometry.row_bytes());
    (raw / 128).clamp(LEAST_BYTES, SAMPLE_BYTES)
}

/// The result for the values.
#[derive(Debug)]
pub(crate) struct ChunkTarget {
    /// The new grid of chunks.
    pub geometry: Geometry,
    /// How chunks are encoded.
    pub encoding: Encoding,
    /// Append a checksum to each chunk.
    pub fletcher32: bool,
    /// Maximum bytes of one window.
    pub limit: u64,
    /// What was never written, if that is allowed.
    pub absent: Option<Absent>,
}

/// Chooses the encoding by compressing a few chunks that are spread over a matrix with values.
pub(crate) fn choose_encoding(
    reader: &Reader<'_>,
    geometry: Geometry,
    level: u8,
    shuffle: Shuffle,
    pool: &ThreadPool,
    limit: u64,
    report: &mut dyn ProgressSink,
) -> std::result::Result<Encoding, ValuesError> {
    let geometry = geometry.cut_to(sample_bytes(&geometry));
    let length = geometry.tile_length(limit)?;
    let mut samples: Vec<Vec<u8>> = Vec::new();
    let (mut values, mut scratch) = (Vec::new(), Scratch::default());
    for window in sampled(&geometry) {
        reader.read(&window, &mut values, &mut scratch)?;
        // One old chunk may hold a gigabyte, and is decoded for each sample.
        report.live();
        let mut sample = vec![0; length];
        for tile in geometry.tiles(&window.rows, &window.columns) {
            gather(&geometry, &tile, &window, &values, &mut sample);
        }
        samples.push(sample);
    }
    choose_for(&samples, geometry.item, level, shuffle, pool)
}

/// A few windows of one chunk each, spread over a matrix; fewer if it has fewer chunks.
fn sampled(geometry: &Geometry) -> Vec<Window> {
    let mut windows: Vec<Window> = (0..SAMPLES)
        .map(|index| {
            let at = |extent: u64| extent / (2 * SAMPLES) * (2 * index + 1);
            let down = |position: u64, step: u64| position / step * step;
            let row = down(at(geometry.rows), geometry.chunk_rows);
            let column = down(at(geometry.columns), geometry.chunk_columns);
            Window {
                rows: row..(row + geometry.chunk_rows).min(geometry.rows),
                columns: column..(column + geometry.chunk_columns).min(geometry.columns),
            }
        })
        .collect();
    windows.dedup();
    windows
}

/// Chooses the encoding by compressing these chunks: the first with all candidates and zlib, the others with
/// those that are not far behind.
pub(crate) fn choose_for(
    samples: &[Vec<u8>],
    item: usize,
    level: u8,
    shuffle: Shuffle,
    pool: &ThreadPool,
) -> std::result::Result<Encoding, ValuesError> {
    let choice = match shuffle {
        Shuffle::Auto => ShuffleChoice::Auto,
        Shuffle::On => ShuffleChoice::On,
        Shuffle::Off => ShuffleChoice::Off,
    };
    let samples: Vec<&[u8]> = samples.iter().map(Vec::as_slice).collect();
    let level = Level::new(level)?;
    let mut trials: Vec<Trial> = sampling::candidates(item, level, choice)
        .into_iter()
        .map(|encoding| Trial { encoding, bytes: 0 })
        .collect();
    let mut zlib = Some(0);
    let (first, others) = samples.split_at(samples.len().min(1));
    try_all(&mut trials, &mut zlib, level, first, pool)?;
    if let ([first], [_, ..]) = (first, others) {
        sampling::drop_slow_candidates(&mut trials, &mut zlib, first.len());
        if trials.len() > 1 {
            try_all(&mut trials, &mut zlib, level, others, pool)?;
        }
    }
    sampling::pick(&trials, zlib).ok_or(ValuesError::Encoder(CodecError::ZeroItemSize))
}

/// Adds to each trial its result for some samples; to `zlib` that of zlib, as a measure.
fn try_all(
    trials: &mut [Trial],
    zlib: &mut Option<u64>,
    level: Level,
    samples: &[&[u8]],
    pool: &ThreadPool,
) -> std::result::Result<(), ValuesError> {
    let mut tasks: Vec<SampleTask<'_>> = trials.iter_mut().map(SampleTask::Trial).collect();
    tasks.extend(zlib.as_mut().map(SampleTask::Zlib));
    pool.each(tasks, |task| {
        match task {
            SampleTask::Trial(trial) => {
                trial.bytes += sampling::measure(trial.encoding, samples)?.bytes;
            }
            SampleTask::Zlib(bytes) => *bytes += sampling::by_zlib(level, samples),
        }
        Ok(())
    })
}

/// Something to compress samples with.
enum SampleTask<'a> {
    Trial(&'a mut Trial),
    Zlib(&'a mut u64),
}

/// Encodes all values of `source`, and passes the new chunks in order to `write`; the result of `begin`,
/// which runs meanwhile, and the nodes of the digest.
pub(crate) fn reencode<C>(
    source: &Reader<'_>,
    target: &ChunkTarget,
    pool: &ThreadPool,
    begin: impl FnOnce() -> Result<C>,
    write: impl FnMut(&C, &[Slot]) -> Result<()>,
    advance: impl FnMut(u64),
) -> Result<(C, Vec<Sum>)> {
    let geometry = target.geometry;
    let encoders = PerThread::new(pool, || TileEncoder::new(target))?;
    let pass = Pass {
        pool,
        sources: &[source],
        blocks: geometry.spanning(source.span()),
        rows: 0..geometry.rows,
        limit: target.limit,
    };
    let make = |window: &Window, values: &mut [Vec<u8>], slots: &mut [Slot]| {
        encoders.with(|own| {
            let mut slots = slots.iter_mut();
            slots.try_for_each(|slot| {
                own.encode(slot, |tile, plain| {
                    gather(&geometry, tile, window, &values[0], plain);
                })
            })
        })?;
        Ok(rows::hash(&geometry, window, &mut values[0]))
    };
    rewrite(&pass, geometry, make, begin, write, advance)
}

/// One thread's encoder of chunks.
pub(crate) struct TileEncoder<'a> {
    target: &'a ChunkTarget,
    encoder: Box<dyn Encoder>,
    plain: Vec<u8>,
}

impl<'a> TileEncoder<'a> {
    /// An encoder for this thread.
    pub(crate) fn new(target: &'a ChunkTarget) -> std::result::Result<Self, ValuesError> {
        Ok(TileEncoder {
            target,
            encoder: target.encoding.encoder()?,
            plain: vec![0; target.geometry.tile_length(target.limit)?],
        })
    }

    /// Encodes one chunk, whose values `gather` copies to their positions.
    pub(crate) fn encode(
        &mut self,
        slot: &mut Slot,
        gather: impl FnOnce(&Tile, &mut [u8]),
    ) -> std::result::Result<(), ValuesError> {
        if let Some(absent) = &self.target.absent
            && absent.covers(&slot.tile)
        {
            slot.absent = true;
            return Ok(());
        }
        gather(&slot.tile, &mut self.plain);
        let stored = self.encoder.encode(&self.plain)?;
        slot.stored.clear();
        // Encoders need space for the worst case; a chunk that waits to be written takes only the space that
        // it needs.
        slot.stored
            .reserve_exact(stored.len() + fletcher32::CHECKSUM_LENGTH);
        slot.stored.extend_from_slice(stored);
        if self.target.fletcher32 {
            fletcher32::append(&mut slot.stored);
        }
        slot.crc32 = crc32(&slot.stored);
        Ok(())
    }
}

/// Copies a tile out of a window; what an edge chunk stores beyond the matrix is zero.
pub(crate) fn gather(
    geometry: &Geometry,
    tile: &Tile,
    window: &Window,
    values: &[u8],
    plain: &mut [u8],
) {
    clear_beyond(geometry, tile, plain);
    let rows = tile.row..tile.row + tile.rows;
    gather_rows(geometry, tile, rows, window, values, plain);
}

/// Clears what a tile will not fill.
pub(crate) fn clear_beyond(geometry: &Geometry, tile: &Tile, plain: &mut [u8]) {
    if tile.rows < geometry.chunk_rows || tile.columns < geometry.chunk_columns {
        plain.fill(0);
    }
}

/// Copies some rows of a tile out of a window that has all of them.
pub(crate) fn gather_rows(
    geometry: &Geometry,
    tile: &Tile,
    rows: Range<u64>,
    window: &Window,
    values: &[u8],
    plain: &mut [u8],
) {
    let item = geometry.item;
    let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let length = index(tile.columns) * item;
    for row in rows {
        let from =
            index((row - window.rows.start) * window.width() + tile.column - window.columns.start)
                * item;
        let to = index((row - tile.row) * geometry.chunk_columns) * item;
        plain[to..to + length].copy_from_slice(&values[from..from + length]);
    }
}

/// The grid of the new matrix.
pub(crate) fn target_geometry(source: &Reader<'_>, chunks: &[u64]) -> Geometry {
    let chunk = |axis: usize| chunks.get(axis).copied().unwrap_or(1).max(1);
    Geometry {
        chunk_rows: chunk(0),
        chunk_columns: chunk(1),
        ..source.geometry()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::chunks::read::chunk_store::scatter;
    use crate::worker::chunks::window::windows_of;

    #[test]
    fn scatter_undoes_gather() {
        let geometry = Geometry {
            rows: 11,
            columns: 13,
            chunk_rows: 4,
            chunk_columns: 5,
            item: 2,
        };
        for window in windows_of(geometry, 0..11, 150) {
            let values: Vec<u8> = (0..window.elements() * 2)
                .map(|i| u8::try_from(i % 251).unwrap())
                .collect();
            let mut back = vec![0; values.len()];
            for tile in geometry.tiles(&window.rows, &window.columns) {
                let mut plain = vec![7; 40];
                gather(&geometry, &tile, &window, &values, &mut plain);
                scatter(&geometry, &tile, &plain, &window, &mut back);
            }
            assert_eq!(back, values);
        }
    }
}
