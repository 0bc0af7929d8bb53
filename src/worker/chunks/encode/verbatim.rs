//! Old chunks as they are: nothing is encoded, but each is decoded once, so that a damaged one
//! is found and the values' digest is known. With a [`Salvage`], a chunk of NaN takes the place of a
//! damaged one.

use crate::model::digest::Sum;
use crate::worker::chunks::ValuesError;
use crate::worker::chunks::encode::encoded_chunk::Slot;
use crate::worker::chunks::encode::rewrite::rewrite;
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::read::chunk_store::{ChunkStore, scatter};
use crate::worker::chunks::read::salvage::Salvage;
use crate::worker::chunks::rows;
use crate::worker::chunks::scan::Pass;
use crate::worker::chunks::thread_pool::{PerThread, ThreadPool};
use crate::worker::chunks::window::Window;
use crate::worker::error as worker_error;
use chunk_codec::crc32;
use chunk_codec::fletcher32;
use chunk_codec::pipeline::{Decoder, Filter, Pipeline};
use chunk_codec::{Compressor, Encoding, Level};

/// A chunk as the filters of the others would have stored it.
fn encoded(pipeline: &Pipeline, plain: &[u8]) -> Result<Vec<u8>, ValuesError> {
    let filters = pipeline.filters();
    let level = filters.iter().find_map(|filter| match filter {
        Filter::Deflate { level } => u8::try_from(*level).ok(),
        _ => None,
    });
    let shuffled_in = filters.iter().find_map(|filter| match filter {
        Filter::Shuffle { item_size } => Some(*item_size),
        _ => None,
    });
    let encoding = Encoding {
        compressor: Compressor::default(),
        // The level that the file names decides nothing but the effort; some name none that there is.
        level: level
            .map(Level::new)
            .and_then(Result::ok)
            .unwrap_or_default(),
        shuffle: shuffled_in.is_some(),
        item_size: shuffled_in.unwrap_or(1),
    };
    let mut stored = encoding.encoder()?.encode(plain)?.to_vec();
    if filters.contains(&Filter::Fletcher32) {
        fletcher32::append(&mut stored);
    }
    Ok(stored)
}

/// Gives all chunks in their order to `write`, for a dataset of the same pipeline; what `begin` has made
/// meanwhile, and the nodes of the digest of their values.
pub(crate) fn copy<C>(
    store: &ChunkStore,
    geometry: Geometry,
    salvage: Option<&Salvage>,
    pool: &ThreadPool,
    begin: impl FnOnce() -> worker_error::Result<C>,
    write: impl FnMut(&C, &[Slot]) -> worker_error::Result<()>,
    advance: impl FnMut(u64),
) -> worker_error::Result<(C, Vec<Sum>)> {
    let decoders = PerThread::new(pool, || {
        Ok::<_, ValuesError>((store.decoder(), vec![0; store.tile_length()], Vec::new()))
    })?;
    let pass = Pass {
        pool,
        sources: &[],
        blocks: geometry,
        rows: 0..geometry.rows,
        limit: store.limit(),
    };
    let make = |window: &Window, _: &mut [Vec<u8>], slots: &mut [Slot]| {
        decoders.with(|(decoder, plain, values)| {
            let bytes = window.elements() * geometry.item as u64;
            values.resize(usize::try_from(bytes).unwrap_or(0), 0);
            for slot in slots {
                take_over(store, decoder, slot, plain, &geometry, salvage)?;
                scatter(&geometry, &slot.tile, plain, window, values);
            }
            Ok(rows::hash(&geometry, window, values))
        })
    };
    rewrite(&pass, geometry, make, begin, write, advance)
}

/// Reads a chunk as it is stored, and its values.
fn take_over(
    store: &ChunkStore,
    decoder: &mut Decoder,
    slot: &mut Slot,
    plain: &mut [u8],
    geometry: &Geometry,
    salvage: Option<&Salvage>,
) -> Result<(), ValuesError> {
    match (
        store.decoded(decoder, &slot.tile, &mut slot.stored, plain),
        salvage,
    ) {
        (Ok(Some(mask)), _) => slot.filter_mask = mask,
        (Ok(None), _) => {
            slot.absent = true;
            return Ok(());
        }
        (Err(error), None) => return Err(error),
        (Err(error), Some(salvage)) => {
            salvage.take(error, geometry, plain)?;
            slot.stored = encoded(store.pipeline(), plain)?;
            slot.filter_mask = 0;
        }
    }
    slot.crc32 = crc32(&slot.stored);
    Ok(())
}
