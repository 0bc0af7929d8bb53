//! Section IV.A.2.m: attributes whose type, extent and value are in their message.

use crate::fields::{Fields, to_usize};
use crate::plain::dataspace;
use crate::plain::dataspace::PlainExtent;
use crate::plain::datatype;
use crate::plain::datatype::{Datatype, is_utf8};
use crate::plain::header::{ObjectHeader, kind};
use crate::plain::is_padding;
use crate::walk_error::WalkError;

/// An attribute, with all parts in one message.
#[derive(Debug)]
pub struct Attribute<'a> {
    /// The name's bytes, without a NUL.
    pub name: &'a [u8],
    /// Whether the name is declared to be UTF-8; else ASCII.
    pub utf8_name: bool,
    /// Type of an element.
    pub datatype: Datatype,
    /// Length of each dimension.
    pub extent: PlainExtent,
    /// The elements as they are stored, one after the other.
    pub data: &'a [u8],
}

/// All attributes of an object, by name. Many or large ones are elsewhere, and make no plain object.
pub(crate) fn attributes<'a>(
    header: &'a ObjectHeader<'_>,
) -> Result<Vec<Attribute<'a>>, WalkError> {
    if let Some(info) = header.one(kind::ATTRIBUTE_INFO)? {
        // No flags; neither heap nor index.
        let mut fields = Fields::new(info);
        fields.expect(&[0, 0])?;
        fields.expect(&[0xff; 16])?;
        is_padding(fields)?;
    }
    let mut found = header
        .all(kind::ATTRIBUTE)
        .map(|message| parse(message?, header.is_old))
        .collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable_by_key(|attribute| attribute.name);
    match found.windows(2).any(|pair| pair[0].name == pair[1].name) {
        true => Err(WalkError::NotUnderstood),
        false => Ok(found),
    }
}

fn parse(message: &[u8], is_old: bool) -> Result<Attribute<'_>, WalkError> {
    let mut fields = Fields::new(message);
    let version = fields.byte()?;
    // Nothing is shared.
    fields.expect(&[0])?;
    let sizes = [fields.u16()?, fields.u16()?, fields.u16()?].map(usize::from);
    let utf8_name = match (version, is_old) {
        (1, true) => false,
        (3, false) => is_utf8(fields.byte()?)?,
        _ => return Err(WalkError::NotUnderstood),
    };
    let mut part = |size: usize| {
        let taken = fields.take(size)?;
        if is_old {
            fields.skip(size.next_multiple_of(8) - size)?;
        }
        Ok::<_, WalkError>(taken)
    };
    let [name, datatype, space] = [part(sizes[0])?, part(sizes[1])?, part(sizes[2])?];
    let name = name.strip_suffix(b"\0").ok_or(WalkError::NotUnderstood)?;
    if name.is_empty() || name.contains(&0) {
        return Err(WalkError::NotUnderstood);
    }
    let datatype = datatype::parse(datatype)?;
    let extent = dataspace::parse(space)?;
    let bytes = dataspace::elements(&extent.shape)?.checked_mul(datatype.size as u64);
    let data = fields.take(to_usize(bytes.ok_or(WalkError::NotUnderstood)?)?)?;
    is_padding(fields)?;
    Ok(Attribute {
        name,
        utf8_name,
        datatype,
        extent,
        data,
    })
}
