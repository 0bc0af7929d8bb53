//! Bytes in order, and those of a file as they are.

use crate::problem::MatrixError;
use std::io;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The least space that [`Stream::read`] may be given: a whole bgzip block fits.
pub(crate) const LEAST_BUFFER: usize = 1 << 16;

/// Bytes in order, until there are none.
pub(crate) trait Stream: Send {
    /// Fills the front of `buffer`, which is at least [`LEAST_BUFFER`] long; 0 at the end.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, MatrixError>;
}

/// The bytes of the file itself, buffered as far as they are read ahead.
pub(crate) struct Raw {
    file: Box<dyn Read + Send>,
    consumed: Arc<AtomicU64>,
    buffer: Vec<u8>,
    /// What of `buffer` is still to be used.
    start: usize,
    end: usize,
    /// Bytes of the file before `start`.
    offset: u64,
}

/// Bytes that are asked of the file at once, when they are buffered.
const READ: usize = 1 << 18;

impl Raw {
    pub(crate) fn new(file: Box<dyn Read + Send>, consumed: Arc<AtomicU64>) -> Self {
        Raw {
            file,
            consumed,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            offset: 0,
        }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// What is buffered, at least `wanted` bytes unless the file ends before.
    pub(crate) fn peek(&mut self, wanted: usize) -> Result<&[u8], MatrixError> {
        if self.end - self.start < wanted {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.buffer.len() < wanted.max(READ) {
                self.buffer.resize(wanted.max(READ), 0);
            }
            while self.end < wanted {
                let read = read_some(&mut self.file, &mut self.buffer[self.end..])?;
                if read == 0 {
                    break;
                }
                self.end += read;
                self.consumed.fetch_add(read as u64, Ordering::Relaxed);
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Marks the first `count` of the peeked bytes as used.
    pub(crate) fn advance(&mut self, count: usize) {
        self.start += count;
        self.offset += count as u64;
    }
}

impl Stream for Raw {
    /// Bypasses an empty buffer: no copy for files that are not compressed.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, MatrixError> {
        let buffered = &self.buffer[self.start..self.end];
        if buffered.is_empty() {
            let read = read_some(&mut self.file, buffer)?;
            self.consumed.fetch_add(read as u64, Ordering::Relaxed);
            self.offset += read as u64;
            return Ok(read);
        }
        let count = buffered.len().min(buffer.len());
        buffer[..count].copy_from_slice(&buffered[..count]);
        self.advance(count);
        Ok(count)
    }
}

fn read_some(file: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, MatrixError> {
    loop {
        match file.read(buffer) {
            Ok(read) => return Ok(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => {
                return Err(MatrixError::Io {
                    doing: "read it",
                    source,
                });
            }
        }
    }
}
