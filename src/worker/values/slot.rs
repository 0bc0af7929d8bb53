//! Chunks on their way into the new file.

use super::geometry::Tile;
use super::written::Written;
use crate::h5::dataset::Dataset;
use crate::worker::fault::{OfOutput, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A chunk as it will be stored.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Which chunk.
    pub tile: Tile,
    /// Its stored bytes.
    pub stored: Vec<u8>,
    /// Their CRC-32.
    pub crc32: u32,
    /// Bit i set: filter i was not applied.
    pub filter_mask: u32,
    /// Never written, and not to be.
    pub absent: bool,
}

/// Gives each tile a slot, keeping the buffers of the window before.
pub fn lay_out(slots: &mut Vec<Slot>, tiles: Vec<Tile>) {
    slots.truncate(tiles.len());
    for (index, tile) in tiles.into_iter().enumerate() {
        match slots.get_mut(index) {
            Some(slot) => {
                slot.tile = tile;
                slot.absent = false;
            }
            None => slots.push(Slot {
                tile,
                stored: Vec::new(),
                crc32: 0,
                filter_mask: 0,
                absent: false,
            }),
        }
    }
}

/// Slots whose chunks are written, and whose buffers can be used again.
#[derive(Debug, Default)]
pub struct Spare(Mutex<Vec<Vec<Slot>>>);

impl Spare {
    /// Some, or new ones.
    pub fn take(&self) -> Vec<Slot> {
        self.all().pop().unwrap_or_default()
    }

    /// For others to use.
    pub fn give_back(&self, slots: Vec<Slot>) {
        self.all().push(slots);
    }

    fn all(&self) -> MutexGuard<'_, Vec<Vec<Slot>>> {
        // They are overwritten at each use: what a panic left in them does not matter.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes slots in their order.
pub fn write(new: &Dataset, slots: &[Slot], written: &mut Written) -> Result<()> {
    for slot in slots.iter().filter(|slot| !slot.absent) {
        let start = [slot.tile.row, slot.tile.column];
        new.write_chunk(&start, slot.filter_mask, &slot.stored)
            .of_output()?;
        written.push(slot.crc32);
    }
    Ok(())
}
