//! Chunks that were never written: they stay so in a new file.

use crate::worker::chunks::ValuesError;
use crate::worker::chunks::dataset_geometry::geometry;
use crate::worker::chunks::geometry::{Geometry, Tile};
use crate::worker::chunks::read::chunk_store::overlapping;
use crate::worker::chunks::window::Window;
use h5::dataset::Dataset;
use std::collections::HashSet;

/// Which parts of an old matrix were never written.
#[derive(Debug)]
pub(crate) struct Absent {
    geometry: Geometry,
    written: HashSet<(u64, u64)>,
    transpose: bool,
}

impl Absent {
    /// Lists what was written of a dataset that, transposed or not, becomes a new one.
    pub(crate) fn of(dataset: &Dataset, transpose: bool) -> Result<Self, ValuesError> {
        let geometry = geometry(dataset)?;
        let written = if dataset.properties()?.chunks()?.is_some() {
            let chunks = dataset.stored_chunks()?;
            chunks
                .iter()
                .map(|(start, _)| (start[0], start[1]))
                .collect()
        } else if dataset.is_allocated()? {
            let rows = (0..geometry.rows).map(|row| (row, 0));
            rows.collect()
        } else {
            HashSet::new()
        };
        Ok(Absent {
            geometry,
            written,
            transpose,
        })
    }

    /// Whether nothing of a new chunk was ever written.
    pub(crate) fn covers(&self, tile: &Tile) -> bool {
        let (rows, columns) = (
            tile.row..tile.row + tile.rows,
            tile.column..tile.column + tile.columns,
        );
        let window = match self.transpose {
            true => Window {
                rows: columns,
                columns: rows,
            },
            false => Window { rows, columns },
        };
        overlapping(&self.geometry, &window)
            .iter()
            .all(|old| !self.written.contains(&(old.row, old.column)))
    }
}
