//! The links of a group: a symbol table (sections III.A.1, III.B and III.D), or link messages (IV.A.2.g). A
//! group with other than hard links is not plain.

use crate::fields::{Fields, to_usize};
use crate::plain::bytes::Bytes;
use crate::plain::header::{ObjectHeader, kind};
use crate::plain::is_padding;
use crate::plain::superblock::{Root, UNDEFINED};
use crate::walk_error::WalkError;

/// Entries of a B-tree node of groups, and of a node of symbols.
const CHILDREN: usize = 32;
const SYMBOLS: usize = 8;
/// More links are nothing that a report shows in full.
const MOST: usize = 100;
/// The end of a list of free blocks.
const NO_MORE: u64 = 1;

/// A hard link of a group: name and address of the object header.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The name's bytes, without a NUL.
    pub name: Vec<u8>,
    /// Whether the name is declared to be UTF-8; else ASCII.
    pub utf8: bool,
    /// Address of the object's header, in bytes from the beginning of the file.
    pub header: u64,
}

/// All links of the root, by name.
pub(crate) fn links(
    bytes: &Bytes<'_>,
    header: &ObjectHeader<'_>,
    root: &Root,
) -> Result<Vec<Link>, WalkError> {
    let mut links = match (header.one(kind::SYMBOL_TABLE)?, root.table) {
        (Some(message), Some(table)) => {
            header.holds_only(&[kind::SYMBOL_TABLE, kind::ATTRIBUTE])?;
            symbol_table(bytes, message, table)?
        }
        (None, None) => {
            header.holds_only(&[
                kind::LINK_INFO,
                kind::GROUP_INFO,
                kind::LINK,
                kind::ATTRIBUTE,
                kind::ATTRIBUTE_INFO,
            ])?;
            link_messages(header)?
        }
        _ => return Err(WalkError::NotUnderstood),
    };
    let is_odd = |Link { name, header, .. }: &Link| {
        let special = name.is_empty() || name.contains(&b'/') || matches!(&name[..], b"." | b"..");
        special || *header == UNDEFINED
    };
    links.sort_unstable();
    if links.len() > MOST
        || links.iter().any(is_odd)
        || links.windows(2).any(|pair| pair[0].name == pair[1].name)
    {
        return Err(WalkError::NotUnderstood);
    }
    Ok(links)
}

fn link_messages(header: &ObjectHeader<'_>) -> Result<Vec<Link>, WalkError> {
    let mut info = Fields::new(header.only(kind::LINK_INFO)?);
    // No order of creation; neither heap nor index.
    info.expect(&[0, 0])?;
    info.expect(&[0xff; 16])?;
    is_padding(info)?;
    let mut group = Fields::new(header.only(kind::GROUP_INFO)?);
    group.expect(&[0, 0])?;
    is_padding(group)?;
    header
        .all(kind::LINK)
        .map(|message| {
            let mut fields = Fields::new(message?);
            fields.expect(&[1])?;
            // A hard link; bit 4: the name's character set, which is UTF-8 then.
            let utf8 = match fields.byte()? {
                0 => false,
                0b1_0000 => {
                    fields.expect(&[1])?;
                    true
                }
                _ => return Err(WalkError::NotUnderstood),
            };
            let length = fields.byte()?;
            let name = fields.take(usize::from(length))?.to_vec();
            let header = fields.number(8)?;
            match fields.left() == 0 && !name.contains(&0) {
                true => Ok(Link { name, utf8, header }),
                false => Err(WalkError::NotUnderstood),
            }
        })
        .collect()
}

fn symbol_table(
    bytes: &Bytes<'_>,
    message: &[u8],
    table: [u64; 2],
) -> Result<Vec<Link>, WalkError> {
    let mut fields = Fields::new(message);
    let [tree, heap] = [fields.number(8)?, fields.number(8)?];
    if [tree, heap] != table || fields.left() > 0 {
        return Err(WalkError::NotUnderstood);
    }
    let names = heap_data(bytes, heap)?;
    let length = 24 + (CHILDREN + 1) * 8 + CHILDREN * 8;
    let block = bytes.take(tree, length as u64)?;
    let mut fields = Fields::new(&block);
    // One node of groups, on the lowest level.
    fields.expect(b"TREE\0\0")?;
    let entries = usize::from(fields.u16()?);
    fields.expect(&[0xff; 16])?;
    if entries == 0 || entries > CHILDREN {
        return Err(WalkError::NotUnderstood);
    }
    // A key is the last name of the child before it; before the first is the empty one.
    fields.expect(&[0; 8])?;
    text(&names, 0)?
        .is_empty()
        .then_some(())
        .ok_or(WalkError::NotUnderstood)?;
    let mut links: Vec<Link> = Vec::new();
    for _ in 0..entries {
        let child = fields.number(8)?;
        let before = links.len();
        symbols(bytes, child, &names, &mut links)?;
        let last = text(&names, fields.number(8)?)?;
        let sorted = links
            .windows(2)
            .skip(before.saturating_sub(1))
            .all(|pair| pair[0].name < pair[1].name);
        if !sorted || links.last().is_none_or(|link| link.name != last) {
            return Err(WalkError::NotUnderstood);
        }
    }
    Ok(links)
}

/// A node of symbols, each a name in the heap and the address of an object header.
fn symbols(
    bytes: &Bytes<'_>,
    address: u64,
    names: &[u8],
    links: &mut Vec<Link>,
) -> Result<(), WalkError> {
    let block = bytes.take(address, (8 + SYMBOLS * 40) as u64)?;
    let mut fields = Fields::new(&block);
    fields.expect(b"SNOD\x01\0")?;
    let symbols = usize::from(fields.u16()?);
    if symbols == 0 || symbols > SYMBOLS {
        return Err(WalkError::NotUnderstood);
    }
    for _ in 0..symbols {
        let name = text(names, fields.number(8)?)?;
        let header = fields.number(8)?;
        // Neither a soft link nor a group.
        fields.expect(&[0; 24])?;
        links.push(Link {
            name: name.to_vec(),
            utf8: false,
            header,
        });
    }
    Ok(())
}

/// A name up to its NUL.
fn text(names: &[u8], offset: u64) -> Result<&[u8], WalkError> {
    let rest = names
        .get(to_usize(offset)?..)
        .ok_or(WalkError::NotUnderstood)?;
    let end = memchr::memchr(0, rest).ok_or(WalkError::NotUnderstood)?;
    Ok(&rest[..end])
}

/// The data of a local heap whose list of free blocks is right.
fn heap_data<'a>(bytes: &Bytes<'a>, heap: u64) -> Result<std::borrow::Cow<'a, [u8]>, WalkError> {
    let prefix = bytes.take(heap, 32)?;
    let mut fields = Fields::new(&prefix);
    fields.expect(b"HEAP\0\0\0\0")?;
    let (length, mut free, address) = (fields.number(8)?, fields.number(8)?, fields.number(8)?);
    let data = bytes.take(address, length)?;
    let mut before = 0;
    while free != NO_MORE {
        // In the order of the file, which is the order in which they are written: no circles.
        if free < before {
            return Err(WalkError::NotUnderstood);
        }
        let block = data
            .get(to_usize(free)?..)
            .ok_or(WalkError::NotUnderstood)?;
        let mut fields = Fields::new(block);
        let (next, size) = (fields.number(8)?, fields.number(8)?);
        let end = free.checked_add(size).filter(|end| *end <= length);
        if size < 16 || next == 0 {
            return Err(WalkError::NotUnderstood);
        }
        before = end.ok_or(WalkError::NotUnderstood)?;
        free = next;
    }
    Ok(data)
}
