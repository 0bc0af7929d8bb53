//! Section III.E: global heap collections, walked as the library walks them.
//!
//! A collection is `GCOL`, a version, its size, and one object after the other to its end. An
//! object is an index, a reference count and a size, then as many bytes padded to a multiple of 8.
//! Index 0 is free space, whose size counts its own header and is not padded; a rest too small for
//! a header is free space as well. The specification wants free space last. The library does not,
//! so neither does this: it steps over it by its size, and stays where it is when that is 0.

use crate::fields::{Fields, to_usize};
use crate::source::FormatReader;
use crate::suspicion::SuspicionKind;
use crate::walk_error::WalkError;
use std::collections::VecDeque;

/// Header of a collection, and of an object: both are padded to it for all widths.
const HEADER: u64 = 16;
/// The library makes no smaller collections, and reads none.
const SMALLEST: u64 = 4096;
/// Larger ones are not checked.
const LARGEST: u64 = 64 << 20;
/// How many collections are remembered: the library fills up to 16 at a time.
const REMEMBERED: usize = 32;

/// Sizes of the objects of a collection, by their numbers, which are nearly dense.
#[derive(Debug, Default)]
pub(crate) struct Sizes(Vec<Option<u64>>);

impl Sizes {
    fn get(&self, index: u16) -> Option<u64> {
        self.0.get(usize::from(index)).copied().flatten()
    }

    fn insert(&mut self, index: u16, size: u64) {
        let index = usize::from(index);
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        self.0[index] = Some(size);
    }
}

/// The global heaps of a file, each walked when it is first asked for.
#[derive(Debug)]
pub(crate) struct Heaps<'a> {
    source: &'a FormatReader<'a>,
    /// The last one walked comes first.
    walked: VecDeque<(u64, Sizes)>,
}

impl<'a> Heaps<'a> {
    pub(crate) fn new(source: &'a FormatReader<'a>) -> Self {
        Heaps {
            source,
            walked: VecDeque::new(),
        }
    }

    pub(crate) fn source(&self) -> &'a FormatReader<'a> {
        self.source
    }

    /// The size of an object of the collection at an address; `None` when it is not there.
    pub(crate) fn object(&mut self, heap: u64, index: u32) -> Result<Option<u64>, WalkError> {
        // Free space is never given out.
        let Some(index) = u16::try_from(index).ok().filter(|index| *index != 0) else {
            return Ok(None);
        };
        let known = self.walked.iter().find(|(address, _)| *address == heap);
        if let Some((_, sizes)) = known {
            return Ok(sizes.get(index));
        }
        let sizes = walk(self.source, heap)?;
        let size = sizes.get(index);
        self.walked.truncate(REMEMBERED - 1);
        self.walked.push_front((heap, sizes));
        Ok(size)
    }
}

/// Walks a collection from object to object.
pub(crate) fn walk(source: &FormatReader<'_>, address: u64) -> Result<Sizes, WalkError> {
    let heap = source.offset(address)?;
    let bytes = collection(source, heap)?;
    let mut objects = Fields::new(&bytes);
    objects.skip(to_usize(HEADER)?)?;
    let mut sizes = Sizes::default();
    while objects.left() as u64 >= HEADER {
        let offset = heap + objects.position() as u64;
        let mut object = objects.clone();
        let index = object.u16()?;
        // Reference count, reserved.
        object.skip(2 + 4)?;
        let size = object.number(source.widths().length)?;
        let step = match index {
            0 => Some(size),
            // The library does not check this sum: it may come out as 0, which is a loop as well.
            _ => size
                .checked_next_multiple_of(8)
                .and_then(|padded| padded.checked_add(HEADER)),
        };
        let kind = match step {
            Some(0) => SuspicionKind::ZeroSizedObject,
            Some(step) if step <= objects.left() as u64 => {
                objects.skip(to_usize(step)?)?;
                if index != 0 {
                    sizes.insert(index, size);
                }
                continue;
            }
            _ => SuspicionKind::ObjectPastEnd { size },
        };
        return Err(WalkError::suspicious(heap, offset, kind));
    }
    Ok(sizes)
}

/// The bytes of the collection at an offset, when its header is right.
fn collection(source: &FormatReader<'_>, heap: u64) -> Result<Vec<u8>, WalkError> {
    let wrong = |kind| Err(WalkError::suspicious(heap, heap, kind));
    let there = source.bytes_from(heap);
    if there < HEADER {
        return wrong(SuspicionKind::HeapPastEnd { size: 0 });
    }
    let header = source.read_offset(heap, HEADER)?;
    let mut fields = Fields::new(&header);
    if fields.take(4)? != b"GCOL" {
        return wrong(SuspicionKind::NoSignature);
    }
    let version = fields.byte()?;
    if version != 1 {
        return wrong(SuspicionKind::UnknownVersion { version });
    }
    // Reserved.
    fields.skip(3)?;
    let size = fields.number(source.widths().length)?;
    if size < SMALLEST {
        return wrong(SuspicionKind::HeapTooSmall { size });
    }
    if size > there {
        return wrong(SuspicionKind::HeapPastEnd { size });
    }
    if size > LARGEST {
        return Err(WalkError::NotUnderstood);
    }
    source.read_offset(heap, size)
}

#[cfg(test)]
mod tests;
