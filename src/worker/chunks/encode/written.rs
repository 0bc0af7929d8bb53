//! What was written, for the sum of the whole file: each chunk is summed by the thread that encoded it, while
//! it is in the cache of its core.

use crate::worker::error::{OfOutput, Result};
use h5::dataset::Dataset;

/// A part of a file, and its CRC-32 once it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteRange {
    pub start: u64,
    pub bytes: u64,
    pub crc32: Option<u32>,
}

impl ByteRange {
    pub(crate) fn end(&self) -> u64 {
        self.start.saturating_add(self.bytes)
    }
}

/// CRC-32s of the chunks of one dataset, in the order of their places in it, in which they were written.
#[derive(Debug, Default)]
pub(crate) struct Written(Vec<u32>);

impl Written {
    /// The next chunk that was written, or is going to be.
    pub(crate) fn push(&mut self, crc32: u32) {
        self.0.push(crc32);
    }

    /// Their ranges in the file; none if the dataset has other chunks than these.
    pub(crate) fn byte_ranges(&self, new: &Dataset) -> Result<Vec<ByteRange>> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let stored = new.stored_chunks().of_output()?;
        if stored.len() != self.0.len() {
            return Ok(Vec::new());
        }
        let chunks = stored.iter().zip(&self.0);
        Ok(chunks
            .map(|((_, chunk), crc32)| ByteRange {
                start: chunk.address,
                bytes: chunk.bytes,
                crc32: Some(*crc32),
            })
            .collect())
    }
}
