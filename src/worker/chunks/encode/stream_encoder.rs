//! Rows that come one block after the other, of a matrix whose number of rows is not known yet.
//!
//! As soon as they fill whole rows of chunks, the pool encodes and hashes these, a few chunks at a time, and
//! passes them on in order.

use crate::model::digest::Sum;
use crate::model::plan::policy::Shuffle;
use crate::worker::chunks::encode::chunk_rows::{ChunkRowQueue, RowsTask, parts};
use crate::worker::chunks::encode::reencode;
use crate::worker::chunks::encode::reencode::{ChunkTarget, TileEncoder};
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::rows::{Hashed, RowSums};
use crate::worker::chunks::spare_buffers::Spare;
use crate::worker::chunks::thread_pool::{PerThread, ThreadPool};
use crate::worker::error::Result;
use chunk_codec::encoder::Encoding;
use std::collections::VecDeque;
use std::sync::Arc;

/// Chunks that are compressed by all candidates to choose the encoding.
const SAMPLES: usize = 3;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Stored {
    /// Chunks of gzip.
    Gzip {
        /// Deflate level.
        level: u8,
        /// Whether to shuffle.
        shuffle: Shuffle,
    },
    /// Rows as they are, for the library to store.
    Plain,
}

/// Takes the results for rows, on the caller's thread.
pub(crate) trait Sink {
    /// Called first, once chunk layout and encoding are known; `None` if rows are not encoded. The number of
    /// rows in `geometry` is not known.
    fn begin(&mut self, geometry: &Geometry, encoding: Option<Encoding>) -> Result<()>;
    /// An encoded chunk with its CRC-32, or plain rows, and the row and column of the first element. They come in
    /// order.
    fn take(&mut self, start: [u64; 2], bytes: &[u8], crc32: Option<u32>) -> Result<()>;
}

/// A matrix whose rows are still to come.
#[derive(Debug)]
pub(crate) struct StreamEncoder<'a> {
    /// The threads that encode and hash.
    pub pool: &'a ThreadPool,
    /// What happens to the rows.
    pub stored: Stored,
    /// Everything except the number of rows, and how many rows a chunk has if there are enough of them.
    pub geometry: Geometry,
    /// Bytes that a chunk may have.
    pub limit: u64,
}

/// The result after the last row.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub geometry: Geometry,
    /// How its chunks are encoded; `None` when they are not.
    pub encoding: Option<Encoding>,
    /// Nodes of the values' digest.
    pub nodes: Vec<Sum>,
}

impl StreamEncoder<'_> {
    /// Takes all rows. `more` returns the next rows, as the file will have them, and their number;
    /// `give_back` gets them when they are not needed any more. `chunks` is for a matrix that turns out too
    /// small for the chunks with which it was begun.
    pub(crate) fn encode<B: AsRef<[u8]> + Send + Sync>(
        self,
        mut more: impl FnMut() -> Result<Option<(u64, B)>>,
        give_back: impl Fn(B),
        chunks: impl FnOnce(u64) -> [u64; 2],
        sink: &mut impl Sink,
    ) -> Result<Encoded> {
        let mut geometry = self.geometry;
        geometry.tile_length(self.limit)?;
        let mut queue = ChunkRowQueue::default();
        queue.fill(geometry.chunk_rows, &mut more)?;
        if queue.ended {
            // Now the shape is known.
            [geometry.chunk_rows, geometry.chunk_columns] = chunks(queue.rows);
        }
        let encoding = match self.stored {
            Stored::Gzip { level, shuffle } if queue.rows > 0 && geometry.columns > 0 => {
                Some(self.choose(geometry, &queue, level, shuffle)?)
            }
            Stored::Gzip { .. } | Stored::Plain => None,
        };
        sink.begin(&geometry, encoding)?;
        let target = encoding.map(|encoding| ChunkTarget {
            geometry,
            encoding,
            fletcher32: false,
            limit: self.limit,
            absent: None,
        });
        let own = PerThread::new(self.pool, || {
            target.as_ref().map(TileEncoder::new).transpose()
        })?;
        let spare = Spare::default();
        let mut sums = RowSums::new(geometry);
        let mut waiting = VecDeque::new();
        self.pool.in_order(
            4 * self.pool.size(),
            || -> Result<Option<RowsTask<B>>> {
                if waiting.is_empty()
                    && let Some(chunk_rows) = queue.next(&geometry, &mut more)?
                {
                    waiting.extend(parts(chunk_rows, target.is_some()));
                }
                Ok(waiting.pop_front())
            },
            |part| {
                let mut slots = spare.take();
                let leaves = own.with(|own| part.make(own.as_mut(), &mut slots))?;
                Ok((part, slots, leaves))
            },
            || Ok(()),
            |(), (part, slots, leaves)| {
                for slot in &slots {
                    let start = [slot.tile.row, slot.tile.column];
                    sink.take(start, &slot.stored, Some(slot.crc32))?;
                }
                if target.is_none() {
                    for (rows, values) in part.values() {
                        sink.take([rows.start, 0], values, None)?;
                    }
                }
                spare.give_back(slots);
                sums.take(&part.window(), Hashed::Leaves(leaves));
                if let Some(chunk_rows) = Arc::into_inner(part.chunk_rows) {
                    chunk_rows.into_values().for_each(&give_back);
                }
                Ok(())
            },
        )?;
        let rows = queue.rows;
        Ok(Encoded {
            geometry: Geometry { rows, ..geometry },
            encoding,
            nodes: sums.finish(rows),
        })
    }

    /// The first rows stand for all of them.
    fn choose<B: AsRef<[u8]>>(
        &self,
        geometry: Geometry,
        queue: &ChunkRowQueue<B>,
        level: u8,
        shuffle: Shuffle,
    ) -> Result<Encoding> {
        let geometry = Geometry {
            rows: queue.rows,
            ..geometry
        };
        let sampled = geometry.cut_to(reencode::SAMPLE_BYTES);
        let length = sampled.tile_length(u64::MAX)?;
        let tiles = sampled.tiles(&(0..queue.rows), &(0..geometry.columns));
        let mut places: Vec<usize> = (0..SAMPLES)
            .map(|index| tiles.len() * (2 * index + 1) / (2 * SAMPLES))
            .collect();
        places.dedup();
        let samples: Vec<Vec<u8>> = places
            .into_iter()
            .filter_map(|place| tiles.get(place))
            .map(|tile| {
                let mut sample = vec![0; length];
                queue.gather(&sampled, tile, &mut sample);
                sample
            })
            .collect();
        Ok(reencode::choose_for(
            &samples,
            geometry.item,
            level,
            shuffle,
            self.pool,
        )?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// What was taken, in order.
    #[derive(Debug, Default, PartialEq)]
    struct TakenRows {
        chunks: Vec<([u64; 2], Vec<u8>)>,
        chunk_rows: u64,
    }

    impl Sink for TakenRows {
        fn begin(&mut self, geometry: &Geometry, _: Option<Encoding>) -> Result<()> {
            self.chunk_rows = geometry.chunk_rows;
            Ok(())
        }

        fn take(&mut self, start: [u64; 2], bytes: &[u8], crc32: Option<u32>) -> Result<()> {
            assert!(crc32.is_none_or(|sum| sum == chunk_codec::crc32(bytes)));
            self.chunks.push((start, bytes.to_vec()));
            Ok(())
        }
    }

    const COLUMNS: u64 = 50;

    /// Bytes of the value at an index.
    fn number(index: u64) -> [u8; 4] {
        (f32::from(u16::try_from(index % 65_521).unwrap()) * 0.37).to_le_bytes()
    }

    /// Encodes rows that come `step` at a time.
    fn taken(rows: u64, step: u64, stored: Stored, threads: usize) -> (TakenRows, Encoded) {
        let pool = ThreadPool::pooled(threads).unwrap();
        let stream_encoder = StreamEncoder {
            pool: &pool,
            stored,
            geometry: Geometry {
                rows: 0,
                columns: COLUMNS,
                chunk_rows: 16,
                chunk_columns: 7,
                item: 4,
            },
            limit: 1 << 20,
        };
        let mut done = 0;
        let out = AtomicUsize::new(0);
        let more = || {
            let count = step.min(rows - done);
            let numbers = done * COLUMNS..(done + count) * COLUMNS;
            let values: Vec<u8> = numbers.flat_map(number).collect();
            done += count;
            Ok((count > 0).then(|| {
                out.fetch_add(values.len(), Ordering::Relaxed);
                (count, values)
            }))
        };
        let back = |values: Vec<u8>| {
            out.fetch_sub(values.len(), Ordering::Relaxed);
        };
        let mut sink = TakenRows::default();
        let encoded = stream_encoder.encode(more, back, |rows| [rows.max(1), 7], &mut sink);
        // All memory was given back.
        assert_eq!(out.into_inner(), 0);
        (sink, encoded.unwrap())
    }

    #[test]
    fn however_rows_come_chunks_are_the_same() {
        let gzip = Stored::Gzip {
            level: 4,
            shuffle: Shuffle::On,
        };
        let (expected, all) = taken(10_000, 10_000, gzip, 1);
        assert_eq!(expected.chunks.len(), 10_000_usize.div_ceil(16) * 8);
        let mut sorted = expected.chunks.clone();
        sorted.sort();
        assert_eq!(sorted, expected.chunks);
        for (step, threads) in [(1, 2), (15, 3), (16, 2), (1_000, 4)] {
            let (taken, encoded) = taken(10_000, step, gzip, threads);
            assert!(taken == expected, "{step}");
            assert_eq!(
                (encoded.geometry.rows, &encoded.nodes),
                (10_000, &all.nodes)
            );
        }
        let (_, plain) = taken(10_000, 999, Stored::Plain, 2);
        assert_eq!(plain.nodes, all.nodes);
    }

    #[test]
    fn plain_rows_come_back_whole() {
        let (taken, encoded) = taken(3_001, 100, Stored::Plain, 2);
        assert_eq!(encoded.encoding, None);
        let bytes: Vec<u8> = taken
            .chunks
            .iter()
            .flat_map(|(_, bytes)| bytes.clone())
            .collect();
        let numbers = (0..3_001 * COLUMNS).flat_map(number);
        assert!(bytes == numbers.collect::<Vec<u8>>());
        let mut row = 0;
        for (start, bytes) in &taken.chunks {
            assert_eq!(*start, [row, 0]);
            row += bytes.len() as u64 / (4 * COLUMNS);
        }
    }

    #[test]
    fn fewer_rows_than_a_chunk_has_are_one() {
        let gzip = Stored::Gzip {
            level: 4,
            shuffle: Shuffle::Auto,
        };
        let (taken, encoded) = taken(9, 2, gzip, 2);
        assert_eq!((taken.chunk_rows, taken.chunks.len()), (9, 8));
        assert_eq!(encoded.geometry.chunk_rows, 9);
        let (none, encoded) = self::taken(0, 1, gzip, 2);
        assert!(none.chunks.is_empty() && encoded.encoding.is_none());
    }
}
