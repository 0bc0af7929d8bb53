//! Damaged global heaps, wherever they are in a file: evidence after the library made no progress on it.
//!
//! Collections are found by their first bytes, so this works without the structures that lead to a heap.

use crate::global_heap::walk;
use crate::source::Stored;
use crate::superblock;
use crate::suspicion::Suspicion;
use crate::walk_error::WalkError;
use std::io;

/// Signature, version and reserved bytes of a collection.
const START: [u8; 8] = *b"GCOL\x01\0\0\0";
/// Bytes that are read at a time.
const PART: u64 = 1 << 20;
/// Bytes that are searched: this runs after a deadline, and must not become a wait of its own.
const MOST: u64 = 1 << 30;

/// The first damaged heap in the first gibibyte of a file; `None` if there is none, or if this cannot be told.
///
/// # Errors
/// What the operating system says when the file cannot be read.
pub fn damaged_heap(file: &dyn Stored) -> io::Result<Option<Suspicion>> {
    match search(file) {
        Ok(()) | Err(WalkError::NotUnderstood) => Ok(None),
        Err(WalkError::Suspicious(suspicion)) => Ok(Some(Suspicion {
            place: "the file".to_string(),
            ..suspicion
        })),
        Err(WalkError::Io(error)) => Err(error),
    }
}

fn search(file: &dyn Stored) -> Result<(), WalkError> {
    let source = superblock::open(file)?;
    let base = source.offset(0)?;
    let length = file.length()?.min(MOST);
    let mut part = Vec::new();
    let mut at = base;
    while at < length {
        let bytes = (length - at).min(PART);
        part.resize(usize::try_from(bytes).unwrap_or(0), 0);
        file.read_exact_at(&mut part, at)?;
        for (index, start) in (0_u64..).zip(part.windows(START.len())) {
            if *start == START {
                walk(&source, at + index - base)?;
            }
        }
        // A collection may begin at the end of this part.
        at += bytes.saturating_sub(START.len() as u64 - 1).max(1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A superblock of version 2, and a heap with one object that claims `size` bytes at address 4096.
    fn file(size: u64) -> Vec<u8> {
        let mut bytes = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00".to_vec();
        bytes.resize(8192, 0);
        bytes[4096..4104].copy_from_slice(&START);
        bytes[4104..4112].copy_from_slice(&4096_u64.to_le_bytes());
        // An object of 16 bytes, then free space to the end.
        bytes[4112] = 1;
        bytes[4120..4128].copy_from_slice(&size.to_le_bytes());
        let free = 4096_u64 - 16 - 32;
        bytes[4152..4160].copy_from_slice(&free.to_le_bytes());
        bytes
    }

    #[test]
    fn a_damaged_heap_is_found_without_what_leads_to_it() {
        assert_eq!(damaged_heap(&file(16)).unwrap(), None);
        let found = damaged_heap(&file(1 << 40)).unwrap().unwrap();
        assert_eq!(found.heap, 4096);
        assert!(
            found
                .to_string()
                .starts_with("the file: names heap at offset 4096")
        );
        let mut shifted = vec![0; 512];
        shifted.extend(file(1 << 40));
        assert_eq!(damaged_heap(&shifted).unwrap().unwrap().heap, 4608);
    }

    #[test]
    fn what_is_no_hdf5_file_has_no_heaps() {
        assert_eq!(damaged_heap(&vec![0; 9000]).unwrap(), None);
    }
}
