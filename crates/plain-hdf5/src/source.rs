//! Bounded reads of an HDF5 file.

use crate::fields::{Widths, to_usize};
use crate::walk_error::WalkError;
use std::cell::Cell;
use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// All that is read of one file, in bytes. Five million names fit; a file whose structures lead
/// in circles ends here.
const BUDGET: u64 = 256 << 20;
/// The minimum cost of a read, so that the budget also bounds their number.
const LEAST_COST: u64 = 512;

/// Where the bytes of a file are.
pub trait Stored: Debug {
    /// How many bytes there are.
    ///
    /// # Errors
    /// What the operating system says.
    fn length(&self) -> io::Result<u64>;
    /// Fills a buffer from `offset` on, in bytes from the beginning.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] if the file ends before, or what the operating system says.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;
    /// All of them, when they are in memory.
    fn whole(&self) -> Option<&[u8]> {
        None
    }
}

impl Stored for File {
    fn length(&self) -> io::Result<u64> {
        // Not `metadata`: a confined process may not make calls that take a path, too.
        Ok(u64::try_from(rustix::fs::fstat(self)?.st_size).unwrap_or_default())
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, buffer, offset)
    }
}

/// A file whose length was asked for before.
#[derive(Debug)]
pub struct FileOf<'a> {
    /// Open for reading.
    pub file: &'a File,
    /// Its length.
    pub bytes: u64,
}

impl Stored for FileOf<'_> {
    fn length(&self) -> io::Result<u64> {
        Ok(self.bytes)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(self.file, buffer, offset)
    }
}

/// A file that was read as one piece.
impl Stored for Vec<u8> {
    fn length(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let there = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(there);
        Ok(())
    }

    fn whole(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// A file, and what its superblock says of addresses.
#[derive(Debug)]
pub(crate) struct FormatReader<'a> {
    file: &'a dyn Stored,
    bytes: u64,
    base: u64,
    widths: Widths,
    budget: Cell<u64>,
}

impl<'a> FormatReader<'a> {
    /// A file whose addresses are offsets, as they are before its superblock was read.
    pub(crate) fn new(file: &'a dyn Stored) -> Result<Self, WalkError> {
        Ok(FormatReader {
            file,
            bytes: file.length()?,
            base: 0,
            widths: Widths {
                address: 8,
                length: 8,
            },
            budget: Cell::new(BUDGET),
        })
    }

    /// The same file with its addresses counted from `base`.
    pub(crate) fn based(self, base: u64, widths: Widths) -> Self {
        FormatReader {
            base,
            widths,
            ..self
        }
    }

    pub(crate) fn widths(&self) -> Widths {
        self.widths
    }

    /// Where in the file an address is.
    pub(crate) fn offset(&self, address: u64) -> Result<u64, WalkError> {
        self.base
            .checked_add(address)
            .ok_or(WalkError::NotUnderstood)
    }

    /// How many bytes the file has from an offset on.
    pub(crate) fn bytes_from(&self, offset: u64) -> u64 {
        self.bytes.saturating_sub(offset)
    }

    /// The bytes at an offset in the file.
    pub(crate) fn read_offset(&self, offset: u64, length: u64) -> Result<Vec<u8>, WalkError> {
        if offset > self.bytes || length > self.bytes_from(offset) {
            return Err(WalkError::NotUnderstood);
        }
        let cost = length.max(LEAST_COST);
        let left = self.budget.get().checked_sub(cost);
        self.budget.set(left.ok_or(WalkError::NotUnderstood)?);
        let mut buffer = vec![0; to_usize(length)?];
        self.file.read_exact_at(&mut buffer, offset)?;
        Ok(buffer)
    }
}

/// A source that holds bytes made in a test.
#[cfg(test)]
pub(crate) fn with_bytes<T>(bytes: &[u8], test: impl FnOnce(FormatReader<'_>) -> T) -> T {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    test(FormatReader::new(&file).unwrap())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &FormatReader<'_>, address: u64, length: u64) -> Result<Vec<u8>, WalkError> {
        source.read_offset(source.offset(address)?, length)
    }

    #[test]
    fn nothing_is_read_beyond_the_end() {
        with_bytes(&[7; 100], |source| {
            assert_eq!(read(&source, 90, 10).unwrap(), [7; 10]);
            assert!(matches!(
                read(&source, 90, 11),
                Err(WalkError::NotUnderstood)
            ));
            assert!(matches!(
                read(&source, u64::MAX, 1),
                Err(WalkError::NotUnderstood)
            ));
            let widths = source.widths();
            let based = source.based(50, widths);
            assert_eq!(read(&based, 40, 10).unwrap(), [7; 10]);
            assert!(read(&based, 41, 10).is_err());
            assert!(read(&based, u64::MAX, 1).is_err());
        });
    }

    #[test]
    fn reading_in_circles_ends() {
        with_bytes(&[7; 100], |source| {
            let reads = std::iter::repeat_with(|| read(&source, 0, 1));
            let most = usize::try_from(BUDGET / LEAST_COST).unwrap();
            assert_eq!(reads.take_while(Result::is_ok).count(), most);
        });
    }
}
