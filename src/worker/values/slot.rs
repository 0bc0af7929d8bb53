//! Chunks on their way into the new file.

use super::geometry::Tile;
use super::written::Written;
use crate::h5::dataset::Dataset;
use crate::worker::fault::{OfOutput, Result};

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
