//! How small a few chunks of a matrix would become, and how long that takes; nothing is written.

use crate::model::protocol::phase::Phase;
use crate::model::protocol::{SampleRequest, Sampled};
use crate::worker::chunks::ValuesError;
use crate::worker::chunks::encode::encoded_chunk::{Slot, lay_out};
use crate::worker::chunks::encode::reencode::{ChunkTarget, TileEncoder, gather};
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::read::chunk_store::Scratch;
use crate::worker::chunks::read::reader::{Reader, Route};
use crate::worker::chunks::thread_pool::ThreadPool;
use crate::worker::chunks::window::{Window, windows};
use crate::worker::error::Result;
use crate::worker::serve::progress::ProgressSink;
use crate::worker::write::new_values;
use crate::worker::write::new_values::Values;
use chunk_codec::pipeline::{Decoder, Filter, Pipeline};
use h5::dataset::Dataset;
use h5::file::File;
use std::fs;
use std::time::Instant;

/// Windows of one file, spread over its rows.
const WINDOWS: u64 = 4;
/// Raw bytes after which no further window is read.
const MOST_BYTES: u64 = 4 << 20;

/// Reads some windows as a migration would: decoded, encoded, and decoded once more as a verification would.
pub(crate) fn sample(
    source: fs::File,
    request: &SampleRequest,
    report: &mut dyn ProgressSink,
) -> Result<Sampled> {
    report.enter(Phase::Opening);
    let old = File::open(source)?;
    let recipe = &request.recipe;
    let expr = Dataset::new(old.object(recipe.matrix.as_bytes())?);
    let pool = ThreadPool::new(1);
    let limit = request.budget.bytes;
    report.enter(Phase::ReadingValues);
    match new_values::choose(&old, &expr, recipe, limit, None, &pool, report)? {
        Values::Empty => Ok(Sampled::default()),
        Values::Verbatim(_) => {
            let reader = Reader::new(&old, &expr, Route::Fastest, limit)?;
            let mut sampled = read(&reader, reader.geometry(), report, |_, _| Ok(0))?;
            // Chunks are decoded once for the digest and once for the verification.
            sampled.nanoseconds *= 2;
            Ok(sampled)
        }
        Values::Recoded(recoded) => {
            let (reader, target) = &*recoded;
            let mut remaker = Remaker::new(target)?;
            let blocks = target.geometry.spanning(reader.span());
            read(reader, blocks, report, |window, values| {
                remaker.stored_bytes(window, values)
            })
        }
    }
}

/// Passes windows to `make`, which returns their stored bytes.
fn read(
    reader: &Reader<'_>,
    blocks: Geometry,
    report: &mut dyn ProgressSink,
    mut make: impl FnMut(&Window, &[u8]) -> Result<u64>,
) -> Result<Sampled> {
    let mut sampled = Sampled::default();
    let (mut values, mut scratch) = (Vec::new(), Scratch::default());
    for window in spread(blocks) {
        let started = Instant::now();
        reader.read(&window, &mut values, &mut scratch)?;
        sampled.stored_bytes += make(&window, &values)?;
        let took = u64::try_from(started.elapsed().as_nanos());
        sampled.nanoseconds = sampled.nanoseconds.saturating_add(took.unwrap_or(u64::MAX));
        sampled.raw_bytes += values.len() as u64;
        report.advance(values.len() as u64);
        if sampled.raw_bytes >= MOST_BYTES {
            break;
        }
    }
    Ok(sampled)
}

/// A few windows, spread over the rows of a matrix.
fn spread(blocks: Geometry) -> Vec<Window> {
    let mut chosen: Vec<Window> = (0..WINDOWS)
        .filter_map(|index| {
            let row = blocks.rows / (2 * WINDOWS) * (2 * index + 1);
            let row = row / blocks.chunk_rows * blocks.chunk_rows;
            windows(blocks, row..blocks.rows).next()
        })
        .collect();
    chosen.dedup();
    chosen
}

/// Encodes and decodes chunks.
struct Remaker<'a> {
    target: &'a ChunkTarget,
    encoder: TileEncoder<'a>,
    decoder: Decoder,
    slots: Vec<Slot>,
    decoded: Vec<u8>,
}

impl<'a> Remaker<'a> {
    fn new(target: &'a ChunkTarget) -> Result<Self> {
        let Geometry { item, .. } = target.geometry;
        let shuffle = target.encoding.shuffle;
        let mut filters: Vec<Filter> = Vec::new();
        filters.extend(shuffle.then_some(Filter::Shuffle { item_size: item }));
        filters.push(Filter::Deflate {
            level: u32::from(target.encoding.level.get()),
        });
        filters.extend(target.fletcher32.then_some(Filter::Fletcher32));
        Ok(Remaker {
            encoder: TileEncoder::new(target)?,
            decoder: Decoder::new(Pipeline::new(filters).map_err(ValuesError::from)?),
            slots: Vec::new(),
            decoded: vec![0; target.geometry.tile_length(target.limit)?],
            target,
        })
    }

    /// The stored bytes of all chunks of a window.
    fn stored_bytes(&mut self, window: &Window, values: &[u8]) -> Result<u64> {
        let geometry = self.target.geometry;
        lay_out(
            &mut self.slots,
            geometry.tiles(&window.rows, &window.columns),
        );
        let mut bytes = 0;
        for slot in &mut self.slots {
            self.encoder.encode(slot, |tile, plain| {
                gather(&geometry, tile, window, values, plain);
            })?;
            if !slot.absent {
                bytes += slot.stored.len() as u64;
                let decoded = self.decoder.decode(&slot.stored, 0, &mut self.decoded);
                decoded.map_err(ValuesError::from)?;
            }
        }
        Ok(bytes)
    }
}
