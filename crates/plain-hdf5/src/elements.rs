//! Elements of variable length, one after the other in the file, each held against its heap.

use crate::datatype::VariableLength;
use crate::fields::Widths;
use crate::global_heap::Heaps;
use crate::heap_id::HeapId;
use crate::source::FormatReader;
use crate::suspicion::SuspicionKind;
use crate::walk_error::WalkError;

/// Elements that are read in one go.
const SLICE: u64 = 4096;

/// Where elements are, and what they are.
#[derive(Debug)]
pub(crate) struct Elements {
    /// Where in the file they begin.
    pub(crate) offset: u64,
    pub(crate) count: u64,
    pub(crate) datatype: VariableLength,
}

impl Elements {
    /// How many bytes they take.
    pub(crate) fn bytes(&self, widths: Widths) -> Result<u64, WalkError> {
        let size = HeapId::size(widths) as u64;
        self.count.checked_mul(size).ok_or(WalkError::NotUnderstood)
    }

    /// Looks up every element in its heap, as the library does when it reads them.
    pub(crate) fn check(&self, heaps: &mut Heaps<'_>) -> Result<(), WalkError> {
        let source = heaps.source();
        let size = HeapId::size(source.widths());
        // Elements beyond the end of the file are left to the library.
        if self.bytes(source.widths())? > source.bytes_from(self.offset) {
            return Err(WalkError::NotUnderstood);
        }
        let mut offset = self.offset;
        let mut left = self.count;
        while left > 0 {
            let count = left.min(SLICE);
            let slice = source.read_offset(offset, count * size as u64)?;
            for element in slice.chunks_exact(size) {
                self.check_element(element, offset, source, heaps)?;
                offset += size as u64;
            }
            left -= count;
        }
        Ok(())
    }

    fn check_element(
        &self,
        element: &[u8],
        offset: u64,
        source: &FormatReader<'_>,
        heaps: &mut Heaps<'_>,
    ) -> Result<(), WalkError> {
        let Some(id) = HeapId::parse(element, source.widths())? else {
            return Ok(());
        };
        let length = u64::from(id.length) * u64::from(self.datatype.base_size);
        let kind = match heaps.object(id.heap, id.index)? {
            None => SuspicionKind::ObjectMissing { index: id.index },
            Some(size) if size < length => SuspicionKind::LengthBeyondObject { length, size },
            Some(_) => return Ok(()),
        };
        Err(WalkError::suspicious(source.offset(id.heap)?, offset, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::with_bytes;

    const HEAP: u64 = 512;

    fn element(length: u32, heap: u64, index: u32) -> Vec<u8> {
        let parts = [&length.to_le_bytes()[..], &heap.to_le_bytes()];
        [&parts.concat()[..], &index.to_le_bytes()].concat()
    }

    /// A file of these elements and a heap whose object 1 has 12 bytes; where the elements go wrong.
    fn wrong(elements: &[Vec<u8>], base_size: u32) -> Option<(u64, SuspicionKind)> {
        let mut bytes = elements.concat();
        bytes.resize(512, 0);
        bytes.extend(b"GCOL\x01\0\0\0\0\x10\0\0\0\0\0\0");
        bytes.extend(b"\x01\0\x01\0\0\0\0\0\x0c\0\0\0\0\0\0\0");
        bytes.extend([b'x'; 16]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend((4096u64 - 48).to_le_bytes());
        bytes.resize(512 + 4096, 0);
        with_bytes(&bytes, |source| {
            let elements = Elements {
                offset: 0,
                count: elements.len() as u64,
                datatype: VariableLength { base_size },
            };
            match elements.check(&mut Heaps::new(&source)) {
                Ok(()) => None,
                Err(WalkError::Suspicious(found)) => {
                    assert_eq!(found.heap, HEAP);
                    Some((found.offset, found.kind))
                }
                Err(other) => panic!("{other:?}"),
            }
        })
    }

    #[test]
    fn healthy_elements() {
        let whole = element(12, HEAP, 1);
        let nothing = element(7, 0, 9);
        assert_eq!(wrong(&[whole, nothing], 1), None);
        assert_eq!(wrong(&[element(3, HEAP, 1)], 4), None);
    }

    #[test]
    fn an_element_that_claims_too_much() {
        let claimed = |length, size| SuspicionKind::LengthBeyondObject { length, size };
        let good = || element(12, HEAP, 1);
        let bad = [good(), element(13, HEAP, 1)];
        assert_eq!(wrong(&bad, 1), Some((16, claimed(13, 12))));
        assert_eq!(wrong(&[good()], 8), Some((0, claimed(96, 12))));
        let most = [element(u32::MAX, HEAP, 1)];
        let length = u64::from(u32::MAX) * u64::from(u32::MAX);
        assert_eq!(wrong(&most, u32::MAX), Some((0, claimed(length, 12))));
    }

    #[test]
    fn an_element_without_its_object() {
        for index in [0, 2, 65_537] {
            let kind = SuspicionKind::ObjectMissing { index };
            assert_eq!(wrong(&[element(1, HEAP, index)], 1), Some((0, kind)));
        }
    }

    #[test]
    fn elements_beyond_the_end_are_not_checked() {
        with_bytes(&[0; 100], |source| {
            for count in [7, u64::MAX] {
                let elements = Elements {
                    offset: 0,
                    count,
                    datatype: VariableLength { base_size: 1 },
                };
                let outcome = elements.check(&mut Heaps::new(&source));
                assert!(matches!(outcome, Err(WalkError::NotUnderstood)));
            }
        });
    }
}
