//! Sections IV.A.1.a and IV.A.1.b: object headers of version 1 and 2, with their continuation
//! blocks (IV.A.2.q).
//!
//! Checksums are not verified: a header that fails them is left to the library.

use crate::fields::{Fields, to_usize};
use crate::source::FormatReader;
use crate::walk_error::WalkError;
use std::collections::HashSet;

/// Types of messages, by the numbers of section IV.A.2.
pub(crate) mod kind {
    pub(crate) const DATASPACE: u16 = 0x01;
    pub(crate) const DATATYPE: u16 = 0x03;
    pub(crate) const EXTERNAL_FILES: u16 = 0x07;
    pub(crate) const LAYOUT: u16 = 0x08;
    pub(crate) const ATTRIBUTE: u16 = 0x0c;
    pub(crate) const CONTINUATION: u16 = 0x10;
    pub(crate) const DRIVER_INFO: u16 = 0x14;
    pub(crate) const NIL: u16 = 0x00;
}

/// One header, all its blocks together. A few hundred attributes of 64 KiB fit.
const MOST_BYTES: u64 = 16 << 20;
const MOST_MESSAGES: usize = 65_536;
const SHARED: u8 = 0b10;

/// A message of an object header.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) kind: u16,
    /// Its body only says where the message is.
    pub(crate) shared: bool,
    /// Where in the file its body is.
    pub(crate) offset: u64,
    pub(crate) body: Vec<u8>,
}

/// Where the messages of one block are, without its signature and checksum.
struct HeaderBlock {
    offset: u64,
    length: u64,
}

enum Version {
    One,
    Two { creation_order: bool },
}

/// All messages of the object header at an address, in the order of the file.
pub(crate) fn messages(source: &FormatReader<'_>, address: u64) -> Result<Vec<Message>, WalkError> {
    let (version, first) = prefix(source, address)?;
    let mut blocks = vec![first];
    let mut seen = HashSet::new();
    let mut bytes: u64 = 0;
    let mut found = Vec::new();
    while let Some(block) = blocks.pop() {
        bytes = bytes.saturating_add(block.length);
        if bytes > MOST_BYTES || !seen.insert(block.offset) {
            return Err(WalkError::NotUnderstood);
        }
        let known = found.len();
        read_block(source, &version, &block, &mut found)?;
        for message in found.iter().skip(known) {
            if message.kind == kind::CONTINUATION {
                blocks.push(continuation(source, &version, &message.body)?);
            }
        }
    }
    Ok(found)
}

fn prefix(source: &FormatReader<'_>, address: u64) -> Result<(Version, HeaderBlock), WalkError> {
    let offset = source.offset(address)?;
    // A new header without times may be shorter than an old one's 16 bytes.
    let length = source.bytes_from(offset).min(6 + 16 + 4 + 8);
    let bytes = source.read_offset(offset, length)?;
    let mut fields = Fields::new(&bytes);
    let (version, length) = if bytes.starts_with(b"OHDR") {
        fields.expect(b"OHDR\x02")?;
        let flags = fields.byte()?;
        if flags & 0b10_0000 != 0 {
            // Times of access, modification, change and birth.
            fields.skip(16)?;
        }
        if flags & 0b1_0000 != 0 {
            // When attributes become dense.
            fields.skip(4)?;
        }
        let length = fields.number(1 << (flags & 0b11))?;
        let creation_order = flags & 0b100 != 0;
        (Version::Two { creation_order }, length)
    } else {
        // Version, reserved, number of messages, reference count.
        fields.expect(&[1, 0])?;
        fields.skip(2 + 4)?;
        let length = fields.u32()?;
        // The messages are aligned to 8.
        fields.skip(4)?;
        (Version::One, u64::from(length))
    };
    // A position within a few dozen bytes.
    let offset = offset + fields.position() as u64;
    Ok((version, HeaderBlock { offset, length }))
}

fn continuation(
    source: &FormatReader<'_>,
    version: &Version,
    body: &[u8],
) -> Result<HeaderBlock, WalkError> {
    let mut fields = Fields::new(body);
    let address = fields.address(source.widths())?;
    let offset = source.offset(address)?;
    let length = fields.number(source.widths().length)?;
    match version {
        Version::One => Ok(HeaderBlock { offset, length }),
        Version::Two { .. } => {
            Fields::new(&source.read_offset(offset, 4)?).expect(b"OCHK")?;
            // Without the signature and the checksum.
            let length = length.checked_sub(8).ok_or(WalkError::NotUnderstood)?;
            let offset = offset + 4;
            Ok(HeaderBlock { offset, length })
        }
    }
}

fn read_block(
    source: &FormatReader<'_>,
    version: &Version,
    block: &HeaderBlock,
    found: &mut Vec<Message>,
) -> Result<(), WalkError> {
    let head = match version {
        Version::One => 8,
        Version::Two { creation_order } => 4 + 2 * usize::from(*creation_order),
    };
    let bytes = source.read_offset(block.offset, block.length)?;
    let mut fields = Fields::new(&bytes);
    // What is too short for a message is a gap.
    while fields.left() >= head {
        let kind = match version {
            Version::One => fields.u16()?,
            Version::Two { .. } => u16::from(fields.byte()?),
        };
        let length = fields.u16()?;
        let flags = fields.byte()?;
        // Reserved, or the order of creation.
        fields.skip(match version {
            Version::One => 3,
            Version::Two { .. } => head - 4,
        })?;
        let offset = block.offset + fields.position() as u64;
        let body = fields.take(to_usize(length.into())?)?;
        if kind == kind::NIL {
            continue;
        }
        if found.len() == MOST_MESSAGES {
            return Err(WalkError::NotUnderstood);
        }
        found.push(Message {
            kind,
            shared: flags & SHARED != 0,
            offset,
            body: body.to_vec(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
