//! Old chunks as they are: nothing is encoded, but each is decoded once, so that a damaged one
//! is found and the values' digest is known.

use super::ValuesError;
use super::reader::{ChunkStore, decode, scatter};
use super::rows::RowSums;
use super::slot::{Slot, lay_out, write};
use super::team::{PerThread, Team};
use super::window::{BYTES, windows};
use crate::h5::dataset::Dataset;
use crate::model::digest::Sum;
use crate::worker::fault::Result;
use crate::worker::progress::Report;
use crate::worker::values::geometry::Geometry;
use std::sync::{Mutex, PoisonError};

/// Copies all chunks into the empty dataset `new` of the same pipeline; the nodes of the
/// digest of their values.
pub fn copy(
    store: &ChunkStore,
    geometry: Geometry,
    new: &Dataset,
    team: &Team,
    report: &mut dyn Report,
) -> Result<Vec<Sum>> {
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
                    match store.stored(&slot.tile, &mut slot.stored)? {
                        Some(mask) => {
                            slot.filter_mask = mask;
                            decode(decoder, &slot.tile, &slot.stored, mask, plain)?;
                        }
                        None => {
                            slot.absent = true;
                            store.fill(plain);
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
