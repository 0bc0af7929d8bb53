//! The bytes of a file that is taken to be plain: each is read for one purpose only.
//!
//! Structures that share bytes are no plain file, so that what leads in circles ends at once, and all
//! that is read together is no more than the file.

use crate::fields::to_usize;
use crate::source::Stored;
use crate::walk_error::WalkError;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// All that is read of one file, and kept: a million names fit.
const BUDGET: u64 = 64 << 20;
/// What a read costs at least.
const LEAST_COST: u64 = 512;

/// A file, as far as its superblock says that it reaches.
#[derive(Debug)]
pub(crate) struct Bytes<'a> {
    stored: &'a dyn Stored,
    end: u64,
    budget: Cell<u64>,
    /// Ends of the regions that belong to something, by their beginnings.
    taken: RefCell<BTreeMap<u64, u64>>,
}

impl<'a> Bytes<'a> {
    /// All bytes that are there.
    pub(crate) fn new(stored: &'a dyn Stored) -> Result<Self, WalkError> {
        Ok(Bytes {
            stored,
            end: stored.length()?,
            budget: Cell::new(BUDGET),
            taken: RefCell::default(),
        })
    }

    /// The same up to `end`, which is there.
    pub(crate) fn up_to(self, end: u64) -> Result<Self, WalkError> {
        match end <= self.end {
            true => Ok(Bytes { end, ..self }),
            false => Err(WalkError::NotUnderstood),
        }
    }

    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Reads what may belong to something that is taken later.
    pub(crate) fn peek(&self, address: u64, length: u64) -> Result<Cow<'a, [u8]>, WalkError> {
        let end = self.end_of(address, length)?;
        if let Some(whole) = self.stored.whole() {
            let range = to_usize(address)?..to_usize(end)?;
            return whole
                .get(range)
                .map(Cow::Borrowed)
                .ok_or(WalkError::NotUnderstood);
        }
        let left = self.budget.get().checked_sub(length.max(LEAST_COST));
        self.budget.set(left.ok_or(WalkError::NotUnderstood)?);
        let mut buffer = vec![0; to_usize(length)?];
        self.stored.read_exact_at(&mut buffer, address)?;
        Ok(Cow::Owned(buffer))
    }

    /// Reads a structure, whose bytes nothing else has.
    pub(crate) fn take(&self, address: u64, length: u64) -> Result<Cow<'a, [u8]>, WalkError> {
        self.reserve(address, length)?;
        self.peek(address, length)
    }

    /// The same for callers that do not read it.
    pub(crate) fn reserve(&self, address: u64, length: u64) -> Result<(), WalkError> {
        let end = self.end_of(address, length)?;
        let mut taken = self.taken.borrow_mut();
        // Regions do not overlap: the last one that begins before the end is the last one to end.
        let before = taken.range(..end).next_back();
        if length == 0 || before.is_some_and(|(_, before)| *before > address) {
            return Err(WalkError::NotUnderstood);
        }
        taken.insert(address, end);
        Ok(())
    }

    fn end_of(&self, address: u64, length: u64) -> Result<u64, WalkError> {
        address
            .checked_add(length)
            .filter(|end| *end <= self.end)
            .ok_or(WalkError::NotUnderstood)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_twice_nor_beyond_the_end() {
        let file: Vec<u8> = (0..100).collect();
        let bytes = Bytes::new(&file).unwrap().up_to(90).unwrap();
        assert_eq!(&*bytes.take(10, 3).unwrap(), [10, 11, 12]);
        assert_eq!(&*bytes.peek(11, 1).unwrap(), [11]);
        for (address, length) in [(12, 1), (9, 2), (0, 90), (10, 3), (85, 6), (20, 0)] {
            assert!(bytes.take(address, length).is_err(), "{address} {length}");
        }
        assert!(bytes.take(u64::MAX, 2).is_err());
        assert!(bytes.take(13, 1).is_ok() && bytes.take(8, 2).is_ok());
        assert!(Bytes::new(&file).unwrap().up_to(101).is_err());
    }
}
