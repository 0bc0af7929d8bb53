//! Datasets that declare far more values than were ever written: a header of 300 bytes can declare a tebibyte.
//!
//! Their unwritten values are not read one by one. This bounds the work on a file by its length: a dataset
//! takes as long as [`SMALL`] bytes, or as [`EXPANSION`] times the bytes that are stored for it.

use crate::worker::error::Result;
use h5::dataset::Dataset;
use h5::dataspace::Hyperslab;
use h5::file::File;

/// As many bytes as deflate can make of one byte.
const EXPANSION: u64 = 1032;
/// So many bytes are read in any case.
const SMALL: u64 = 1 << 20;

/// Whether a dataset declares more values than the bytes that are stored for it can stand for.
pub(crate) fn is_mostly_unwritten(file: &File, dataset: &Dataset) -> Result<bool> {
    let item = dataset.dtype()?.size as u64;
    let declared = dataset.extent()?.elements().saturating_mul(item);
    if declared <= SMALL {
        return Ok(false);
    }
    let stored = dataset.stored_bytes().min(file.length());
    Ok(declared / EXPANSION > stored)
}

/// The parts of such a dataset that were written, in order of their positions.
pub(crate) fn written_blocks(dataset: &Dataset) -> Result<Vec<Hyperslab>> {
    let Some(shape) = dataset.properties()?.chunks()? else {
        // One piece is written completely or not at all, and would be long enough.
        return Ok(Vec::new());
    };
    let extent = dataset.extent()?;
    let chunks = dataset.stored_chunks()?;
    let blocks = chunks.iter();
    Ok(blocks
        .map(|(start, _)| within(start, &shape, extent.shape()))
        .collect())
}

/// The part of a chunk that is within the dataset.
pub(crate) fn within(start: &[u64], chunk: &[u64], shape: &[u64]) -> Hyperslab {
    let ends = chunk.iter().zip(shape.iter().zip(start));
    let length = ends.map(|(chunk, (shape, start))| (*chunk).min(shape.saturating_sub(*start)));
    Hyperslab {
        start: start.to_vec(),
        length: length.collect(),
    }
}
