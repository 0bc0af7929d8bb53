//! Is it HDF5? The first bytes, read without the HDF5 library.
//!
//! Rules from the HDF5 file format specification, section II.A (superblock), and from `H5F__super_read`,
//! which corrects addresses if a user block was put before a finished file. This does not show that a file
//! can be read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// The bytes that every HDF5 file has at 0, 512, 1024, 2048, ...
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";
/// Bytes of a superblock that are read: up to the end of version 1's end-of-file address.
const SUPERBLOCK: usize = 52;
/// Bytes of another file that are read.
const HEAD: usize = 512;

/// What the first bytes say about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signature {
    /// It has a superblock.
    Hdf5 {
        /// Where the superblock is: the length of the user block.
        offset: u64,
        /// A writer has it open, or died with it open (superblock 3 only; older ones do not record it).
        open_for_writing: bool,
        /// The length that the file declares, if it does.
        declared_end: Option<u64>,
    },
    /// It has none; the apparent reason.
    Other(String),
}

impl Signature {
    /// The message for a file of `bytes` that is shorter than it declares.
    pub(crate) fn truncation(&self, bytes: u64) -> Option<String> {
        match self {
            Signature::Hdf5 {
                declared_end: Some(end),
                ..
            } if *end > bytes => Some(format!("truncated at byte {bytes} of {end}")),
            Signature::Hdf5 {
                offset,
                declared_end: None,
                ..
            } if bytes.saturating_sub(*offset) < SUPERBLOCK as u64 => Some(format!(
                "truncated at byte {bytes}, before it says how long it is"
            )),
            _ => None,
        }
    }
}

/// Reads the signature of an open file; its position does not matter.
pub(crate) fn sniff(file: &File) -> io::Result<Signature> {
    let block = read_up_to(file, 0, SUPERBLOCK)?;
    if block.starts_with(&SIGNATURE) {
        return Ok(superblock(&block, 0));
    }
    let bytes = file.metadata()?.len();
    let mut offset = 512;
    while offset < bytes {
        let block = read_up_to(file, offset, SUPERBLOCK)?;
        if block.starts_with(&SIGNATURE) {
            return Ok(superblock(&block, offset));
        }
        offset *= 2;
    }
    Ok(Signature::Other(other(&read_up_to(file, 0, HEAD)?)))
}

fn read_up_to(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(buffer)
}

fn superblock(block: &[u8], offset: u64) -> Signature {
    let byte = |at: usize| block.get(at).copied();
    let version = byte(8);
    // Length of an address, and where the base address is.
    let (width, base_at) = match version {
        Some(0) => (byte(13), 24),
        Some(1) => (byte(13), 28),
        Some(2 | 3) => (byte(9), 12),
        _ => (None, 0),
    };
    let declared_end = width
        .map(usize::from)
        .filter(|width| matches!(width, 2 | 4 | 8))
        .and_then(|width| {
            let base = address(block, base_at, width)?;
            // Between them is one address in every version.
            let end = address(block, base_at + 2 * width, width)?;
            // The end counts from the base that was valid when it was written.
            end.checked_add(offset)?.checked_sub(base)
        });
    Signature::Hdf5 {
        offset,
        // Bit 0: open for writing; bit 2: open for single-writer/multiple-reader.
        open_for_writing: version == Some(3) && byte(11).is_some_and(|flags| flags & 0b101 != 0),
        declared_end,
    }
}

/// A little-endian address; all ones mean "undefined".
fn address(block: &[u8], at: usize, width: usize) -> Option<u64> {
    let stored = block.get(at..at + width)?;
    if stored.iter().all(|byte| *byte == 0xff) {
        return None;
    }
    let mut value = [0; 8];
    value[..width].copy_from_slice(stored);
    Some(u64::from_le_bytes(value))
}

/// Other content that begins like this.
const KNOWN: [(&[u8], &str); 13] = [
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer: the data was never fetched (git lfs pull)",
    ),
    (
        b"/annex/objects/",
        "a git-annex pointer: the data was never fetched (git annex get)",
    ),
    (
        b"\x89HDF",
        "an HDF5 signature that was altered, as by a transfer in text mode",
    ),
    (b"\x1f\x8b", "gzip data: decompress it first"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data: decompress it first"),
    (b"BZh", "bzip2 data: decompress it first"),
    (b"\xfd7zXZ\0", "xz data: decompress it first"),
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"CDF\x01", "netCDF classic data"),
    (b"CDF\x02", "netCDF classic data (64-bit offsets)"),
    (b"CDF\x05", "netCDF classic data (64-bit values)"),
    (b"\x0e\x03\x13\x01", "HDF4 data, which is another format"),
    (b"\x93NUMPY", "a NumPy array"),
];

fn other(head: &[u8]) -> String {
    if head.is_empty() {
        return "an empty file".to_string();
    }
    if let Some((_, reason)) = KNOWN.iter().find(|(start, _)| head.starts_with(start)) {
        return reason.to_string();
    }
    if head.iter().all(|byte| *byte == 0) {
        return "zeros at its start".to_string();
    }
    let Some(text) = text_of(head) else {
        return "binary data without an HDF5 signature".to_string();
    };
    let lower = text.trim_start().to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return "an HTML page, as a failed download leaves behind".to_string();
    }
    if lower.starts_with("<?xml") {
        return "an XML page, as a failed download leaves behind".to_string();
    }
    let line = text.lines().find(|line| !line.trim().is_empty());
    let shown: String = line.unwrap_or_default().chars().take(40).collect();
    format!("plain text that starts with {shown:?}")
}

/// The bytes as text, when they are UTF-8 (but for a cut last character) and
/// hold no control characters but white space.
fn text_of(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && head.len() == HEAD => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let plain = |letter: char| !letter.is_control() || letter.is_ascii_whitespace();
    text.chars().all(plain).then_some(text)
}

#[cfg(test)]
mod tests;
