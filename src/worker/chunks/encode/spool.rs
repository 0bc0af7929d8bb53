//! Encoded chunks that wait until the shape of the matrix is known: in memory, and beyond a limit in
//! a file of the parent's.

use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use std::fs::File;
use std::os::unix::fs::FileExt;

/// Bytes that wait in memory. The chunks of a matrix of 200 MB of text fit.
const IN_MEMORY: usize = 48 << 20;

/// Pieces of bytes, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Spool {
    file: File,
    /// Bytes in the file; what follows is in `memory`.
    filed: u64,
    memory: Vec<u8>,
    pieces: Vec<SpooledChunk>,
}

#[derive(Debug, Clone, Copy)]
struct SpooledChunk {
    row: u64,
    column: u64,
    at: u64,
    bytes: usize,
}

impl Spool {
    /// An empty one; `file` is overwritten when it is needed.
    pub(crate) fn new(file: File) -> Self {
        Spool {
            file,
            filed: 0,
            memory: Vec::new(),
            pieces: Vec::new(),
        }
    }

    /// Adds the piece whose first element is at a row and column.
    pub(crate) fn push(&mut self, row: u64, column: u64, bytes: &[u8]) -> Result<()> {
        if self.memory.len() + bytes.len() > IN_MEMORY {
            self.file
                .write_all_at(&self.memory, self.filed)
                .map_err(|error| output(&error))?;
            self.filed += self.memory.len() as u64;
            self.memory.clear();
        }
        self.pieces.push(SpooledChunk {
            row,
            column,
            at: self.filed + self.memory.len() as u64,
            bytes: bytes.len(),
        });
        self.memory.extend_from_slice(bytes);
        Ok(())
    }

    /// Hands out all pieces in their order.
    pub(crate) fn each(&self, mut take: impl FnMut([u64; 2], &[u8]) -> Result<()>) -> Result<()> {
        let mut buffer = Vec::new();
        for piece in &self.pieces {
            let start = [piece.row, piece.column];
            match piece.at.checked_sub(self.filed) {
                Some(at) => {
                    // It was put there by `push`, so it fits.
                    let at = usize::try_from(at).unwrap_or(usize::MAX);
                    take(start, &self.memory[at..at + piece.bytes])?;
                }
                None => {
                    buffer.resize(piece.bytes, 0);
                    self.file
                        .read_exact_at(&mut buffer, piece.at)
                        .map_err(|error| output(&error))?;
                    take(start, &buffer)?;
                }
            }
        }
        Ok(())
    }
}

fn output(error: &std::io::Error) -> WorkerError {
    WorkerError::new(
        FailureKind::Output,
        format!("spooling encoded values: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_in_order_from_memory_and_from_the_file() {
        let mut spool = Spool::new(tempfile::tempfile().unwrap());
        let piece = |n: u8| vec![n; 9 << 20];
        for n in 0..14 {
            spool.push(u64::from(n), 7, &piece(n)).unwrap();
        }
        assert!(spool.filed > 0 && !spool.memory.is_empty());
        assert!(spool.memory.capacity() <= 2 * IN_MEMORY);
        let mut next = 0;
        spool
            .each(|start, bytes| {
                assert_eq!(start, [u64::from(next), 7]);
                assert!(bytes == piece(next));
                next += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(next, 14);
    }
}
