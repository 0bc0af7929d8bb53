//! Old chunks as they are: nothing is encoded, but each is decoded once, so that a damaged one
//! is found and the values' digest is known. With a [`Salvage`], a chunk of NaN takes the place of a
//! damaged one.

use super::ValuesError;
use super::reader::{ChunkStore, scatter};
use super::rows::RowSums;
use super::salvage::Salvage;
use super::slot::{Slot, lay_out, write};
use super::team::{PerThread, Team};
use super::window::{BYTES, windows};
use crate::codec::fletcher32;
use crate::codec::pipeline::{Filter, Pipeline};
use crate::codec::{Compressor, Encoding, Level};
use crate::h5::dataset::Dataset;
use crate::model::digest::Sum;
use crate::worker::fault;
use crate::worker::progress::Report;
use crate::worker::values::geometry::Geometry;
use std::sync::{Mutex, PoisonError};

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
    let mut stored = Vec::new();
    encoding.encoder()?.encode(plain, &mut stored)?;
    if filters.contains(&Filter::Fletcher32) {
        fletcher32::append(&mut stored);
    }
    Ok(stored)
}

/// Copies all chunks into the empty dataset `new` of the same pipeline; the nodes of the
/// digest of their values.
pub fn copy(
    store: &ChunkStore,
    geometry: Geometry,
    new: &Dataset,
    salvage: Option<&Salvage>,
    team: &Team,
    report: &mut dyn Report,
) -> fault::Result<Vec<Sum>> {
    let decoders = PerThread::new(team, || {
        Ok::<_, ValuesError>((store.decoder(), vec![0; store.tile_length()]))
    })?;
    let mut sums = RowSums::new(geometry);
    let (mut slots, mut ready): (Vec<Slot>, Vec<Slot>) = (Vec::new(), Vec::new());
    let mut values: Vec<u8> = Vec::new();
    for window in windows(geometry, 0..geometry.rows, BYTES) {
        let bytes = window.elements() * geometry.item as u64;
        values.resize(usize::try_from(bytes).unwrap_or(0), 0);
        lay_out(&mut slots, geometry.tiles(&window.rows, &window.columns));
        let shared = Mutex::new(&mut values);
        let (done, written) = team.each_while(
            slots.iter_mut().collect(),
            |slot| {
                decoders.with(|(decoder, plain)| {
                    match store.decoded(decoder, &slot.tile, &mut slot.stored, plain) {
                        Ok(Some(mask)) => slot.filter_mask = mask,
                        Ok(None) => slot.absent = true,
                        Err(error) => {
                            let Some(salvage) = salvage else {
                                return Err(error);
                            };
                            salvage.take(error, &geometry, plain)?;
                            slot.stored = encoded(store.pipeline(), plain)?;
                            slot.filter_mask = 0;
                        }
                    }
                    let mut values = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    scatter(&geometry, &slot.tile, plain, &window, &mut values);
                    Ok::<_, ValuesError>(())
                })
            },
            || write(new, &ready),
        );
        done?;
        written?;
        sums.add(&window, &values, team);
        report.advance(bytes);
        std::mem::swap(&mut slots, &mut ready);
    }
    write(new, &ready)?;
    Ok(sums.finish(geometry.rows))
}
