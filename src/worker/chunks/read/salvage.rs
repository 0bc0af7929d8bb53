//! What a reader makes of chunks that cannot be decoded, with `--salvage`: NaN, and a list.
//!
//! The writer of a new file and the workers that verify it follow this one rule, each on its own reading of
//! the old file.

use crate::model::salvage::{Losses, Rectangle};
use crate::worker::chunks::ValuesError;
use crate::worker::chunks::geometry::{Geometry, Tile};
use crate::worker::chunks::read::damage::ChunkDamage;
use h5::dtype::{Dtype, Order, TypeClass};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The rule for one matrix, and what it was applied to.
#[derive(Debug)]
pub(crate) struct Salvage {
    nan: Vec<u8>,
    found: Mutex<LostTiles>,
}

#[derive(Debug, Default)]
struct LostTiles {
    lost: BTreeSet<Rectangle>,
    /// The one with the lowest row and column: threads find them in any order.
    first: Option<(Tile, ChunkDamage)>,
}

impl Salvage {
    /// The rule for elements of this type; `None` if none of its values can mean "lost".
    pub(crate) fn of(dtype: &Dtype) -> Option<Self> {
        let order = match dtype.kind {
            TypeClass::Float { order, .. } if dtype.is_standard() => order,
            _ => return None,
        };
        // The quiet NaN without a payload, which numpy.nan and every computation give.
        let mut nan = match dtype.size {
            2 => 0x7e00_u16.to_le_bytes().to_vec(),
            4 => f32::from_bits(0x7fc0_0000).to_le_bytes().to_vec(),
            8 => f64::from_bits(0x7ff8_0000_0000_0000).to_le_bytes().to_vec(),
            _ => return None,
        };
        match order {
            Order::Little => {}
            Order::Big => nan.reverse(),
            Order::None => return None,
        }
        Some(Salvage {
            nan,
            found: Mutex::new(LostTiles::default()),
        })
    }

    /// Counts a chunk as lost and fills `plain`, laid out like a whole chunk, with NaN inside of the matrix
    /// and zeros outside. Other errors stay errors.
    pub(crate) fn take(
        &self,
        error: ValuesError,
        geometry: &Geometry,
        plain: &mut [u8],
    ) -> Result<(), ValuesError> {
        let tile = self.note(error)?;
        plain.fill(0);
        let index = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let stride = index(geometry.chunk_columns).saturating_mul(geometry.item);
        let width = index(tile.columns).saturating_mul(geometry.item);
        for row in plain.chunks_mut(stride.max(1)).take(index(tile.rows)) {
            self.fill(&mut row[..width]);
        }
        Ok(())
    }

    /// The same for a part of a chunk that has nothing around it.
    pub(crate) fn take_tight(
        &self,
        error: ValuesError,
        plain: &mut [u8],
    ) -> Result<(), ValuesError> {
        self.note(error)?;
        self.fill(plain);
        Ok(())
    }

    fn note(&self, error: ValuesError) -> Result<Tile, ValuesError> {
        let (tile, damage) = match error {
            ValuesError::Chunk { tile, damage } if damage.is_final() => (tile, damage),
            other => return Err(other),
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.lost.insert(Rectangle::from(&tile));
        let place = |tile: &Tile| (tile.row, tile.column);
        if found
            .first
            .as_ref()
            .is_none_or(|(first, _)| place(&tile) < place(first))
        {
            found.first = Some((tile, damage));
        }
        Ok(tile)
    }

    fn fill(&self, plain: &mut [u8]) {
        for element in plain.chunks_exact_mut(self.nan.len()) {
            element.copy_from_slice(&self.nan);
        }
    }

    /// All chunks of a matrix that were lost until now.
    pub(crate) fn losses(&self, geometry: &Geometry) -> Losses {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        Losses {
            chunks: geometry.chunks(),
            lost: found.lost.clone(),
        }
    }

    /// The first lost chunk, and what is wrong with it.
    pub(crate) fn first(&self) -> Option<ValuesError> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found
            .first
            .clone()
            .map(|(tile, damage)| ValuesError::Chunk { tile, damage })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salvage() -> Salvage {
        Salvage {
            nan: vec![1, 2],
            found: Mutex::new(LostTiles::default()),
        }
    }

    const GEOMETRY: Geometry = Geometry {
        rows: 5,
        columns: 7,
        chunk_rows: 2,
        chunk_columns: 3,
        item: 2,
    };

    fn damaged(tile: Tile, damage: ChunkDamage) -> ValuesError {
        ValuesError::Chunk { tile, damage }
    }

    #[test]
    fn an_edge_chunk_is_nan_inside_of_the_matrix_only() {
        let tiles = GEOMETRY.tiles(&(0..5), &(0..7));
        let salvage = salvage();
        let beyond = ChunkDamage::BeyondEnd {
            address: 9,
            bytes: 9,
            end: 10,
        };
        for (tile, expected) in [
            (tiles[0], [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]),
            (tiles[8], [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            (tiles[2], [1, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0]),
        ] {
            let mut plain = [9; 12];
            let error = damaged(tile, beyond.clone());
            salvage.take(error, &GEOMETRY, &mut plain).unwrap();
            assert_eq!(plain, expected, "{tile:?}");
        }
        let losses = salvage.losses(&GEOMETRY);
        assert_eq!((losses.count(), losses.chunks), (3, 9));
        let first = salvage.first().unwrap();
        assert!(first.to_string().contains("offset [0, 0]"), "{first}");
    }

    #[test]
    fn what_is_no_loss_stays_an_error() {
        let tile = GEOMETRY.tiles(&(0..5), &(0..7))[0];
        let salvage = salvage();
        for error in [
            damaged(tile, ChunkDamage::Claims { bytes: 1 << 40 }),
            ValuesError::Read(std::io::Error::other("the disk")),
        ] {
            let mut plain = [9; 12];
            assert!(salvage.take(error, &GEOMETRY, &mut plain).is_err());
            assert_eq!(plain, [9; 12]);
        }
        assert!(salvage.losses(&GEOMETRY).is_empty());
    }
}
