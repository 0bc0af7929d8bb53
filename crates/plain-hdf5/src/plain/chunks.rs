//! Chunked storage: a single chunk, or a B-tree of version 1 (sections III.A.1 and IV.A.2.i).

use crate::fields::Fields;
use crate::plain::bytes::Bytes;
use crate::plain::is_padding;
use crate::plain::superblock::UNDEFINED;
use crate::walk_error::WalkError;
use hdf5_format::filter::FilterFacts;
use hdf5_format::stored_chunks::{StoredChunk, StoredChunks};
use std::sync::Arc;

/// K of B-trees of chunks, in files that do not say another one.
const K: usize = 32;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole<'a> {
    pub(crate) shape: &'a [u64],
    pub(crate) item: u64,
    pub(crate) filters: &'a [FilterFacts],
}

impl Whole<'_> {
    /// A mask of filters that were left out, of which there are none but its own. Optional ones are, where they gain
    /// nothing.
    fn mask(self, mask: u32) -> Result<u32, WalkError> {
        match mask >> self.filters.len() {
            0 => Ok(mask),
            _ => Err(WalkError::NotUnderstood),
        }
    }
}

/// The chunks of a dataset.
#[derive(Debug)]
pub struct Chunks {
    /// Length of a chunk in each dimension.
    pub lengths: Vec<u64>,
    /// Those that were written.
    pub stored: Arc<StoredChunks>,
}

/// The chunks that a layout message leads to.
pub(crate) fn parse(
    bytes: &Bytes<'_>,
    layout: &[u8],
    whole: Whole<'_>,
) -> Result<Chunks, WalkError> {
    let mut fields = Fields::new(layout);
    let version = fields.byte()?;
    fields.expect(&[2])?;
    let chunks = match version {
        3 => by_tree(bytes, &mut fields, whole)?,
        _ => single(bytes, &mut fields, whole)?,
    };
    is_padding(fields)?;
    Ok(chunks)
}

fn by_tree(
    bytes: &Bytes<'_>,
    fields: &mut Fields<'_>,
    whole: Whole<'_>,
) -> Result<Chunks, WalkError> {
    let rank = usize::from(fields.byte()?);
    let root = fields.number(8)?;
    let lengths = lengths(fields, rank, 4, whole)?;
    let mut tree = Tree {
        bytes,
        whole,
        lengths: &lengths,
        stored: StoredChunks::new(lengths.len()),
    };
    tree.walk(root)?;
    Ok(Chunks {
        stored: Arc::new(tree.stored),
        lengths,
    })
}

/// Lengths of a chunk. In the message they are followed by the size of an element.
fn lengths(
    fields: &mut Fields<'_>,
    rank: usize,
    width: usize,
    whole: Whole<'_>,
) -> Result<Vec<u64>, WalkError> {
    if rank != whole.shape.len() + 1 || rank < 2 {
        return Err(WalkError::NotUnderstood);
    }
    let mut lengths = (0..rank)
        .map(|_| fields.number(width))
        .collect::<Result<Vec<_>, _>>()?;
    let size = lengths
        .iter()
        .try_fold(1_u64, |size, length| size.checked_mul(*length));
    let fits = size.is_some_and(|size| size > 0 && size <= u32::MAX.into());
    match fits && lengths.pop() == Some(whole.item) {
        true => Ok(lengths),
        false => Err(WalkError::NotUnderstood),
    }
}

/// One chunk that holds all, as HDF5 1.10 and later store it.
fn single(
    bytes: &Bytes<'_>,
    fields: &mut Fields<'_>,
    whole: Whole<'_>,
) -> Result<Chunks, WalkError> {
    const FILTERED: u8 = 0b10;
    const SINGLE: u8 = 1;
    let flags = fields.byte()?;
    let rank = usize::from(fields.byte()?);
    let width = usize::from(fields.byte()?);
    let lengths = lengths(fields, rank, width, whole)?;
    fields.expect(&[SINGLE])?;
    let size = lengths.iter().product::<u64>() * whole.item;
    let (length, filter_mask) = match (flags, whole.filters.is_empty()) {
        (FILTERED, false) => (fields.number(8)?, whole.mask(fields.u32()?)?),
        (0, true) => (size, 0),
        _ => return Err(WalkError::NotUnderstood),
    };
    let address = fields.number(8)?;
    if lengths != whole.shape || address == UNDEFINED || length > u32::MAX.into() {
        return Err(WalkError::NotUnderstood);
    }
    bytes.reserve(address, length)?;
    let chunk = StoredChunk {
        address,
        bytes: length,
        filter_mask,
    };
    let mut stored = StoredChunks::new(lengths.len());
    stored.push(&vec![0; lengths.len()], chunk);
    Ok(Chunks {
        lengths,
        stored: Arc::new(stored),
    })
}

/// A key of the tree: the first element of a chunk, and an offset within an element, which is 0 for a chunk.
type Key = Vec<u64>;

/// A node, and the keys of its parent on both sides of it.
struct Node {
    address: u64,
    between: Option<[Key; 2]>,
}

/// What a key says.
struct Entry {
    key: Key,
    bytes: u64,
    filter_mask: u32,
}

/// A walk through all nodes, level by level.
///
/// The library finds a chunk by binary search among the keys of each node on the way to it. It finds each of them if
/// the keys of a node ascend and lie within those of its parent, which is what is checked here: the last key of a node,
/// which belongs to no child, ends the range of the last child.
struct Tree<'a> {
    bytes: &'a Bytes<'a>,
    whole: Whole<'a>,
    lengths: &'a [u64],
    /// In their order, which is that of the tree.
    stored: StoredChunks,
}

impl Tree<'_> {
    fn walk(&mut self, root: u64) -> Result<(), WalkError> {
        let level = *self
            .bytes
            .peek(root, 6)?
            .get(5)
            .ok_or(WalkError::NotUnderstood)?;
        let mut row = vec![Node {
            address: root,
            between: None,
        }];
        for level in (0..=level).rev() {
            let mut below = Vec::new();
            for (index, node) in row.iter().enumerate() {
                let left = index.checked_sub(1).and_then(|index| row.get(index));
                let siblings = [left, row.get(index + 1)]
                    .map(|sibling| sibling.map_or(UNDEFINED, |sibling| sibling.address));
                self.node(node, level, siblings, &mut below)?;
            }
            row = below;
        }
        Ok(())
    }

    fn node(
        &mut self,
        node: &Node,
        level: u8,
        siblings: [u64; 2],
        below: &mut Vec<Node>,
    ) -> Result<(), WalkError> {
        let key = 8 + 8 * (self.lengths.len() + 1);
        let length = 24 + (2 * K + 1) * key + 2 * K * 8;
        let block = self.bytes.take(node.address, length as u64)?;
        let mut fields = Fields::new(&block);
        fields.expect(b"TREE\x01")?;
        fields.expect(&[level])?;
        let entries = usize::from(fields.u16()?);
        for sibling in siblings {
            fields.expect(&sibling.to_le_bytes())?;
        }
        if entries == 0 || entries > 2 * K {
            return Err(WalkError::NotUnderstood);
        }
        let mut entry = self.entry(&mut fields)?;
        let first = entry.key.clone();
        for _ in 0..entries {
            let child = fields.number(8)?;
            let next = self.entry(&mut fields)?;
            if entry.key >= next.key {
                return Err(WalkError::NotUnderstood);
            }
            match level {
                0 => self.chunk(&entry, child)?,
                _ => below.push(Node {
                    address: child,
                    between: Some([entry.key, next.key.clone()]),
                }),
            }
            entry = next;
        }
        match &node.between {
            Some([low, high]) if first < *low || entry.key > *high => Err(WalkError::NotUnderstood),
            _ => Ok(()),
        }
    }

    fn chunk(&mut self, entry: &Entry, address: u64) -> Result<(), WalkError> {
        let Some((within, start)) = entry.key.split_last() else {
            return Err(WalkError::NotUnderstood);
        };
        let size = self.lengths.iter().product::<u64>() * self.whole.item;
        let is_whole = entry.bytes == size || !self.whole.filters.is_empty();
        let last = self.stored.len().checked_sub(1);
        let is_next = last.is_none_or(|last| self.stored.start(last) < start);
        let is_inside = start.iter().zip(self.whole.shape).all(|(at, end)| at < end);
        if *within != 0 || !is_whole || !is_next || !is_inside {
            return Err(WalkError::NotUnderstood);
        }
        self.bytes.reserve(address, entry.bytes)?;
        let chunk = StoredChunk {
            address,
            bytes: entry.bytes,
            filter_mask: entry.filter_mask,
        };
        self.stored.push(start, chunk);
        Ok(())
    }

    /// A key, whose offsets are multiples of the lengths of a chunk and of the size of an element.
    fn entry(&self, fields: &mut Fields<'_>) -> Result<Entry, WalkError> {
        let bytes = u64::from(fields.u32()?);
        let filter_mask = self.whole.mask(fields.u32()?)?;
        let units = self.lengths.iter().chain([&self.whole.item]);
        let key = units
            .map(|unit| match fields.number(8)? {
                offset if offset.is_multiple_of(*unit) => Ok(offset),
                _ => Err(WalkError::NotUnderstood),
            })
            .collect::<Result<Key, _>>()?;
        Ok(Entry {
            key,
            bytes,
            filter_mask,
        })
    }
}
