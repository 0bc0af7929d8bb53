//! Section IV.B, data of variable length: an element is a length and the global heap ID of an
//! object.

use crate::fields::{Fields, Widths};
use crate::walk_error::WalkError;

/// An element that has an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HeapId {
    /// In elements of the base type: bytes, for text.
    pub(crate) length: u32,
    pub(crate) heap: u64,
    pub(crate) index: u32,
}

impl HeapId {
    pub(crate) fn size(widths: Widths) -> usize {
        4 + widths.address + 4
    }

    /// `None` for an element without an object, as empty texts may be: its address is 0, and the library then
    /// reads no further.
    pub(crate) fn parse(element: &[u8], widths: Widths) -> Result<Option<Self>, WalkError> {
        let mut fields = Fields::new(element);
        let length = fields.u32()?;
        let heap = fields.number(widths.address)?;
        let index = fields.u32()?;
        Ok((heap != 0).then_some(HeapId {
            length,
            heap,
            index,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_of_16_bytes() {
        let widths = Widths {
            address: 8,
            length: 8,
        };
        let element = [11, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0];
        assert_eq!(HeapId::size(widths), element.len());
        let id = HeapId {
            length: 11,
            heap: 4096,
            index: 3,
        };
        assert_eq!(HeapId::parse(&element, widths).unwrap(), Some(id));
        let nowhere = [11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0];
        assert_eq!(HeapId::parse(&nowhere, widths).unwrap(), None);
    }
}
