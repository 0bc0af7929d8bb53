//! Names as they are stored: text of fixed length, or of variable length in global heaps (sections
//! III.E and IV.B).

use crate::fields::{Fields, Widths, to_usize};
use crate::heap_id::HeapId;
use crate::plain::bytes::Bytes;
use crate::plain::datatype::{Datatype, PlainClass};
use crate::walk_error::WalkError;
use hdf5_format::element::{Padding, text_type, unpadded};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use string_list::StringList;

const WIDTHS: Widths = Widths {
    address: 8,
    length: 8,
};
/// Header of a collection, and of an object in it.
const HEADER: usize = 16;
/// The library makes no smaller collections, and reads none.
const SMALLEST: u64 = 4096;

/// The global heaps of a file, each read when it is first asked for.
#[derive(Debug)]
pub struct Heaps<'b, 'a> {
    bytes: &'b Bytes<'a>,
    read: Vec<Heap<'a>>,
    /// Which of them is at an address.
    places: BTreeMap<u64, usize>,
    /// The one that the last text was in, as the next one mostly is.
    last: Option<(u64, usize)>,
    /// Bytes of text that may still come: an object of many elements would become many texts.
    left: u64,
}

/// A collection: its bytes, and where in them each object is, by its number.
#[derive(Debug)]
struct Heap<'a> {
    bytes: Cow<'a, [u8]>,
    objects: Vec<Option<Range<usize>>>,
}

impl<'b, 'a> Heaps<'b, 'a> {
    pub(crate) fn new(bytes: &'b Bytes<'a>) -> Self {
        Heaps {
            bytes,
            read: Vec::new(),
            places: BTreeMap::new(),
            last: None,
            left: bytes.end(),
        }
    }

    /// The texts of some elements, each up to its first NUL.
    ///
    /// # Errors
    /// [`WalkError::NotUnderstood`] for elements of another type, for a text that its heap does not hold as it is
    /// referred to, and for one that was never written (`NULL`); [`WalkError::Io`] when the file cannot be read.
    pub fn texts(&mut self, datatype: Datatype, elements: &[u8]) -> Result<StringList, WalkError> {
        match datatype.kind {
            PlainClass::FixedText { padding, .. } => {
                Ok(fixed_texts(elements, datatype.size, padding))
            }
            PlainClass::VariableText { .. } => {
                let mut texts = StringList::default();
                for element in elements.chunks_exact(datatype.size) {
                    texts.push(self.text(element)?);
                }
                Ok(texts)
            }
            _ => Err(WalkError::NotUnderstood),
        }
    }

    fn text(&mut self, element: &[u8]) -> Result<&[u8], WalkError> {
        let Some(id) = HeapId::parse(element, WIDTHS)? else {
            // Never written, or written as NULL: an empty text has an object of no bytes.
            return Err(WalkError::NotUnderstood);
        };
        let heap = match self.last {
            Some((address, heap)) if address == id.heap => heap,
            _ => self.find(id.heap)?,
        };
        let stored = self.read.get(heap).and_then(|heap| heap.object(id.index));
        let Some(left) = self.left.checked_sub(id.length.into()) else {
            return Err(WalkError::NotUnderstood);
        };
        self.left = left;
        match stored {
            Some(stored) if stored.len() as u64 == u64::from(id.length) => {
                // It becomes text of C.
                let end = memchr::memchr(0, stored).unwrap_or(stored.len());
                Ok(&stored[..end])
            }
            _ => Err(WalkError::NotUnderstood),
        }
    }

    /// The number of the heap at an address.
    fn find(&mut self, address: u64) -> Result<usize, WalkError> {
        let heap = match self.places.get(&address) {
            Some(heap) => *heap,
            None => {
                self.read.push(Heap::read(self.bytes, address)?);
                self.read.len() - 1
            }
        };
        self.places.insert(address, heap);
        self.last = Some((address, heap));
        Ok(heap)
    }
}

impl<'a> Heap<'a> {
    /// Reads a collection as the library does, and no other one.
    fn read(bytes: &Bytes<'a>, address: u64) -> Result<Self, WalkError> {
        let header = bytes.peek(address, HEADER as u64)?;
        let mut fields = Fields::new(&header);
        fields.expect(b"GCOL\x01\0\0\0")?;
        let length = fields.number(8)?;
        if length < SMALLEST {
            return Err(WalkError::NotUnderstood);
        }
        let bytes = bytes.take(address, length)?;
        let mut objects: Vec<Option<Range<usize>>> = Vec::new();
        let mut fields = Fields::new(&bytes);
        fields.skip(HEADER)?;
        while fields.left() >= HEADER {
            let index = usize::from(fields.u16()?);
            // References, of which the library counts none for names; reserved.
            fields.skip(2 + 4)?;
            let size = to_usize(fields.number(8)?)?;
            if index == 0 {
                // What is free is the rest, and its size counts its own header.
                if size.checked_sub(HEADER) != Some(fields.left()) || size % 8 != 0 {
                    return Err(WalkError::NotUnderstood);
                }
                fields.skip(size - HEADER)?;
                break;
            }
            let start = fields.position();
            let Some(padded) = size.checked_next_multiple_of(8) else {
                return Err(WalkError::NotUnderstood);
            };
            fields.skip(padded)?;
            // Numbers are dense, so there are no more than there is space for.
            if index > bytes.len() / HEADER {
                return Err(WalkError::NotUnderstood);
            }
            if objects.len() <= index {
                objects.resize(index + 1, None);
            }
            match objects.get_mut(index) {
                Some(free @ None) => *free = Some(start..start + size),
                _ => return Err(WalkError::NotUnderstood),
            }
        }
        if !fields.left().is_multiple_of(8) {
            return Err(WalkError::NotUnderstood);
        }
        Ok(Heap { objects, bytes })
    }

    fn object(&self, index: u32) -> Option<&[u8]> {
        let range = self.objects.get(usize::try_from(index).ok()?)?.clone()?;
        self.bytes.get(range)
    }
}

/// Texts of `size` bytes each, without what fills their ends.
pub(crate) fn fixed_texts(elements: &[u8], size: usize, padding: Padding) -> StringList {
    let elements = elements.chunks_exact(size);
    elements.map(|element| unpadded(element, padding)).collect()
}

/// The word of a report for a type of text: `vlen-utf8`, `fixed-ascii-11`.
///
/// # Errors
/// [`WalkError::NotUnderstood`] for a type that is no text.
pub fn word(datatype: Datatype) -> Result<String, WalkError> {
    match datatype.kind {
        PlainClass::FixedText { utf8, .. } => Ok(text_type(false, utf8, datatype.size)),
        PlainClass::VariableText { utf8 } => Ok(text_type(true, utf8, datatype.size)),
        _ => Err(WalkError::NotUnderstood),
    }
}
