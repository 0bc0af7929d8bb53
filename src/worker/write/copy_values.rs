//! The values of datasets that are carried over.
//!
//! Chunks that the new dataset stores alike are copied as they are: a reader has decoded them for the digest by
//! then, and encoding them once more would change nothing. All other values go through the library.

use crate::model::protocol::failure::FailureKind;
use crate::worker::chunks::read::chunk_offsets::beyond;
use crate::worker::error::{OfOutput, Result, WorkerError};
use crate::worker::inspect::inventory::namer;
use crate::worker::inspect::inventory::unwritten::within;
use crate::worker::serve::progress::ProgressSink;
use h5::dataset::Dataset;
use h5::dataspace::{Hyperslab, blocks};
use h5::file::File;
use h5::tree::Tree;
use hdf5_format::stored_chunks::StoredChunk;
use std::os::unix::fs::FileExt;

/// Elements are copied in blocks of about so many bytes.
const BLOCK_BYTES: u64 = 4 << 20;

/// Copies all values of a dataset of one file to that of another, references to the same objects of the new file.
/// `tree` lists the old one.
pub(crate) fn copy(
    (old_file, old): (&File, &Dataset),
    (new_file, new): (&File, &Dataset),
    tree: &Tree,
    report: &mut dyn ProgressSink,
) -> Result<()> {
    let extent = old.extent()?;
    if extent.elements() == 0 || !old.is_allocated()? {
        return Ok(());
    }
    let item = old.dtype()?.size as u64;
    let through_library = |block: &Hyperslab| {
        let mut elements = old.read(block)?;
        elements.retarget(old_file, new_file, &namer(tree))?;
        new.write(block, &elements).of_output()
    };
    let Some(shape) = old.properties()?.chunks()? else {
        for block in blocks(extent.shape(), BLOCK_BYTES / item.max(1)) {
            through_library(&block)?;
            report.advance(block.elements() * item);
        }
        return Ok(());
    };
    let as_stored = stores_alike(old, new)?;
    let end = old_file.length();
    let mut bytes = Vec::new();
    // A chunk that was never written stays so.
    for (start, chunk) in old.stored_chunks()?.iter() {
        let block = within(start, &shape, extent.shape());
        if as_stored {
            read_stored(old_file, end, start, &chunk, &mut bytes)?;
            new.write_chunk(start, chunk.filter_mask, &bytes)
                .of_output()?;
        } else {
            through_library(&block)?;
        }
        report.advance(block.elements() * item);
    }
    Ok(())
}

/// Whether the stored bytes of a chunk mean the same in both.
fn stores_alike(old: &Dataset, new: &Dataset) -> Result<bool> {
    let dtype = old.dtype()?;
    let (from, to) = (old.properties()?, new.properties().of_output()?);
    Ok(!dtype.has_pointers()
        && dtype == new.dtype().of_output()?
        && from.chunks()? == to.chunks().of_output()?
        // A filter may make parameters of its own when a dataset is made.
        && from.filters()? == to.filters().of_output()?
        && !from.has_unfiltered_edges()?
        && !to.has_unfiltered_edges().of_output()?)
}

/// Reads a chunk as it is stored, of a file of `end` bytes.
fn read_stored(
    file: &File,
    end: u64,
    start: &[u64],
    chunk: &StoredChunk,
    bytes: &mut Vec<u8>,
) -> Result<()> {
    if let Some(damage) = beyond(chunk, end) {
        return Err(unread(&format!("the chunk at {start:?} {damage}")));
    }
    bytes.resize(usize::try_from(chunk.bytes).unwrap_or(0), 0);
    file.descriptor()
        .read_exact_at(bytes, chunk.address)
        .map_err(|error| unread(&format!("reading the chunk at {start:?}: {error}")))
}

fn unread(message: &str) -> WorkerError {
    WorkerError::new(FailureKind::Source, message)
}
