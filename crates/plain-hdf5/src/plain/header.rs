//! Sections IV.A.1.a and IV.A.1.b: object headers of which every message is known.
//!
//! Stricter than [`crate::object_header`], which has to continue where this may give up.

use crate::fields::Fields;
use crate::plain::bytes::Bytes;
use crate::plain::checksum::lookup3;
use crate::walk_error::WalkError;
use std::borrow::Cow;
use std::ops::Range;

/// Types of messages, by the numbers of section IV.A.2.
pub(crate) mod kind {
    pub(crate) const NIL: u16 = 0x00;
    pub(crate) const DATASPACE: u16 = 0x01;
    pub(crate) const LINK_INFO: u16 = 0x02;
    pub(crate) const DATATYPE: u16 = 0x03;
    pub(crate) const FILL_VALUE: u16 = 0x05;
    pub(crate) const LINK: u16 = 0x06;
    pub(crate) const LAYOUT: u16 = 0x08;
    pub(crate) const GROUP_INFO: u16 = 0x0a;
    pub(crate) const FILTERS: u16 = 0x0b;
    pub(crate) const ATTRIBUTE: u16 = 0x0c;
    pub(crate) const CONTINUATION: u16 = 0x10;
    pub(crate) const SYMBOL_TABLE: u16 = 0x11;
    pub(crate) const ATTRIBUTE_INFO: u16 = 0x15;
}

/// Neither shared nor unknown: constant or not, not to be shared or not specified.
const FLAGS: [u8; 3] = [0, 1, 4];

/// An object header.
#[derive(Debug)]
pub(crate) struct ObjectHeader<'a> {
    /// Old headers pad what is in their messages.
    pub(crate) is_old: bool,
    blocks: Vec<Cow<'a, [u8]>>,
    messages: Vec<Message>,
}

#[derive(Debug)]
struct Message {
    kind: u16,
    block: usize,
    body: Range<usize>,
}

impl<'a> ObjectHeader<'a> {
    /// The object header at an address, which one link leads to.
    pub(crate) fn read(bytes: &Bytes<'a>, address: u64) -> Result<Self, WalkError> {
        match bytes.peek(address, 4)?.starts_with(b"OHDR") {
            true => ObjectHeader::new_one(bytes, address),
            false => ObjectHeader::old_one(bytes, address),
        }
    }

    fn old_one(bytes: &Bytes<'a>, address: u64) -> Result<Self, WalkError> {
        let prefix = bytes.take(address, 16)?;
        let mut fields = Fields::new(&prefix);
        fields.expect(&[1, 0])?;
        let messages = usize::from(fields.u16()?);
        fields.expect(&1_u32.to_le_bytes())?;
        let length = u64::from(fields.u32()?);
        fields.expect(&[0; 4])?;
        let mut header = ObjectHeader {
            is_old: true,
            blocks: vec![bytes.take(address + 16, length)?],
            messages: Vec::with_capacity(messages.min(64)),
        };
        let mut block = 0;
        while block < header.blocks.len() {
            let whole = 0..header.blocks[block].len();
            header.scan(block, whole)?;
            for (address, length) in header.continuations(block)? {
                header.blocks.push(bytes.take(address, length)?);
            }
            block += 1;
        }
        match header.messages.len() == messages {
            true => Ok(header),
            false => Err(WalkError::NotUnderstood),
        }
    }

    fn new_one(bytes: &Bytes<'a>, address: u64) -> Result<Self, WalkError> {
        let prefix = bytes.peek(address, 6)?;
        let mut fields = Fields::new(&prefix);
        fields.expect(b"OHDR\x02")?;
        let flags = fields.byte()?;
        // Attributes in the order of creation, or in dense storage, are not plain.
        if flags & !0b10_0011 != 0 {
            return Err(WalkError::NotUnderstood);
        }
        let width = 1_usize << (flags & 0b11);
        let start = 6 + if flags & 0b10_0000 == 0 { 0 } else { 16 };
        let prefix = bytes.peek(address, (start + width) as u64)?;
        let mut fields = Fields::new(&prefix);
        fields.skip(start)?;
        let length = fields.number(width)?;
        let start = fields.position();
        // The checksum comes last.
        let whole = length.checked_add(start as u64 + 4);
        let block = bytes.take(address, whole.ok_or(WalkError::NotUnderstood)?)?;
        let mut header = ObjectHeader {
            is_old: false,
            blocks: vec![block],
            messages: Vec::new(),
        };
        let mut block = 0;
        while block < header.blocks.len() {
            let start = if block == 0 { start } else { 4 };
            let end = summed(&header.blocks[block])?;
            header.scan(block, start..end)?;
            for (address, length) in header.continuations(block)? {
                let block = bytes.take(address, length)?;
                Fields::new(&block).expect(b"OCHK")?;
                header.blocks.push(block);
            }
            block += 1;
        }
        Ok(header)
    }

    /// Finds the messages of a block.
    fn scan(&mut self, block: usize, range: Range<usize>) -> Result<(), WalkError> {
        let bytes = self
            .blocks
            .get(block)
            .and_then(|block| block.get(range.clone()));
        let mut fields = Fields::new(bytes.ok_or(WalkError::NotUnderstood)?);
        let head = if self.is_old { 8 } else { 4 };
        let mut has_nil = false;
        while fields.left() >= head {
            let kind = match self.is_old {
                true => fields.u16()?,
                false => u16::from(fields.byte()?),
            };
            let length = usize::from(fields.u16()?);
            let flags = fields.byte()?;
            if self.is_old {
                fields.expect(&[0; 3])?;
            }
            if !FLAGS.contains(&flags) || (self.is_old && length % 8 != 0) {
                return Err(WalkError::NotUnderstood);
            }
            let start = range.start + fields.position();
            fields.skip(length)?;
            has_nil |= kind == kind::NIL;
            self.messages.push(Message {
                kind,
                block,
                body: start..start + length,
            });
        }
        // A gap is what remains if there is no space for a message to fill it.
        match fields.left() == 0 || (!self.is_old && !has_nil) {
            true => Ok(()),
            false => Err(WalkError::NotUnderstood),
        }
    }

    /// Where a block says that there are more.
    fn continuations(&self, block: usize) -> Result<Vec<(u64, u64)>, WalkError> {
        self.messages
            .iter()
            .filter(|message| message.block == block && message.kind == kind::CONTINUATION)
            .map(|message| {
                let mut fields = Fields::new(self.body(message)?);
                let (address, length) = (fields.number(8)?, fields.number(8)?);
                match fields.left() {
                    0 => Ok((address, length)),
                    _ => Err(WalkError::NotUnderstood),
                }
            })
            .collect()
    }

    fn body(&self, message: &Message) -> Result<&[u8], WalkError> {
        self.blocks
            .get(message.block)
            .and_then(|block| block.get(message.body.clone()))
            .ok_or(WalkError::NotUnderstood)
    }

    /// Whether there are no messages but of these types, gaps and continuations.
    pub(crate) fn holds_only(&self, kinds: &[u16]) -> Result<(), WalkError> {
        let known = |message: &Message| {
            matches!(message.kind, kind::NIL | kind::CONTINUATION) || kinds.contains(&message.kind)
        };
        match self.messages.iter().all(known) {
            true => Ok(()),
            false => Err(WalkError::NotUnderstood),
        }
    }

    /// All messages of a type.
    pub(crate) fn all(&self, kind: u16) -> impl Iterator<Item = Result<&[u8], WalkError>> {
        self.messages
            .iter()
            .filter(move |message| message.kind == kind)
            .map(|message| self.body(message))
    }

    /// The message of a type, if there is one.
    pub(crate) fn one(&self, kind: u16) -> Result<Option<&[u8]>, WalkError> {
        let mut all = self.all(kind);
        match (all.next(), all.next()) {
            (one, None) => one.transpose(),
            _ => Err(WalkError::NotUnderstood),
        }
    }

    /// The message of a type, which has to be there.
    pub(crate) fn only(&self, kind: u16) -> Result<&[u8], WalkError> {
        self.one(kind)?.ok_or(WalkError::NotUnderstood)
    }
}

/// Where the checksum of a block begins, if it is right.
fn summed(block: &[u8]) -> Result<usize, WalkError> {
    let end = block.len().checked_sub(4).ok_or(WalkError::NotUnderstood)?;
    let (content, sum) = block.split_at(end);
    match sum == lookup3(content).to_le_bytes() {
        true => Ok(end),
        false => Err(WalkError::NotUnderstood),
    }
}
