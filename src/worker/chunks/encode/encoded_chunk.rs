//! Chunks that are not yet written to the new file.

use crate::worker::chunks::encode::written::Written;
use crate::worker::chunks::geometry::Tile;
use crate::worker::error::{OfOutput, Result};
use h5::dataset::Dataset;

/// A chunk as it will be stored.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub tile: Tile,
    pub stored: Vec<u8>,
    /// Their CRC-32.
    pub crc32: u32,
    /// Bit i set: filter i was not applied.
    pub filter_mask: u32,
    /// Never written, and not to be.
    pub absent: bool,
}

/// Gives each tile a slot, keeping the buffers of the window before.
pub(crate) fn lay_out(slots: &mut Vec<Slot>, tiles: Vec<Tile>) {
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
pub(crate) fn write(new: &Dataset, slots: &[Slot], written: &mut Written) -> Result<()> {
    for slot in slots.iter().filter(|slot| !slot.absent) {
        let start = [slot.tile.row, slot.tile.column];
        new.write_chunk(&start, slot.filter_mask, &slot.stored)
            .of_output()?;
        written.push(slot.crc32);
    }
    Ok(())
}
