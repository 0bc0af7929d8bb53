//! Section IV.A.2.m: attribute messages of version 1, 2 and 3.

use crate::dataspace;
use crate::datatype;
use crate::elements::Elements;
use crate::fields::{Fields, Widths};
use crate::object_header::{Message, kind};
use crate::walk_error::WalkError;

/// An attribute whose elements are of variable length.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) elements: Elements,
}

/// Understands attributes of variable length only, with their type and extent in place.
pub(crate) fn parse(message: &Message, widths: Widths) -> Result<Attribute, WalkError> {
    if message.kind != kind::ATTRIBUTE || message.shared {
        return Err(WalkError::NotUnderstood);
    }
    let mut fields = Fields::new(&message.body);
    let version = fields.byte()?;
    let flags = fields.byte()?;
    let sizes = [fields.u16()?, fields.u16()?, fields.u16()?].map(usize::from);
    match version {
        1 => {}
        // A shared type or extent is somewhere else.
        2 | 3 if flags != 0 => return Err(WalkError::NotUnderstood),
        2 => {}
        // The name's character set.
        3 => fields.skip(1)?,
        _ => return Err(WalkError::NotUnderstood),
    }
    let mut part = |size: usize| {
        let taken = fields.take(size)?;
        if version == 1 {
            fields.skip(size.next_multiple_of(8) - size)?;
        }
        Ok::<_, WalkError>(taken)
    };
    let [name, datatype, dataspace] = [part(sizes[0])?, part(sizes[1])?, part(sizes[2])?];
    let name = name.strip_suffix(b"\0").unwrap_or(name);
    let elements = Elements {
        offset: message.offset + fields.position() as u64,
        count: dataspace::count(dataspace, widths)?,
        datatype: datatype::parse(datatype)?,
    };
    if elements.bytes(widths)? > fields.left() as u64 {
        return Err(WalkError::NotUnderstood);
    }
    Ok(Attribute {
        name: String::from_utf8_lossy(name).into_owned(),
        elements,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTHS: Widths = Widths {
        address: 8,
        length: 8,
    };
    const TEXT: [u8; 20] = [
        0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0,
    ];

    /// An attribute `names` of two elements, which begin at `0xaa`.
    fn message(version: u8, flags: u8) -> Message {
        let space = [2, 1, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0];
        let parts: [&[u8]; 3] = [b"names\0", &TEXT, &space];
        let mut body = vec![version, flags];
        for part in parts {
            body.extend(u16::try_from(part.len()).unwrap().to_le_bytes());
        }
        if version == 3 {
            body.push(1);
        }
        for part in parts {
            body.extend(part);
            if version == 1 {
                body.resize(body.len().next_multiple_of(8), 0);
            }
        }
        body.extend([0xaa; 32]);
        Message {
            kind: kind::ATTRIBUTE,
            shared: false,
            offset: 1000,
            body,
        }
    }

    #[test]
    fn every_version() {
        for version in 1..=3 {
            let message = message(version, 0);
            let found = parse(&message, WIDTHS).unwrap();
            assert_eq!(found.name, "names");
            assert_eq!(found.elements.count, 2);
            let at = usize::try_from(found.elements.offset).unwrap() - 1000;
            assert_eq!(message.body[at..], [0xaa; 32], "version {version}");
        }
    }

    #[test]
    fn what_is_not_checked() {
        assert!(parse(&message(3, 1), WIDTHS).is_err(), "a committed type");
        assert!(parse(&message(4, 0), WIDTHS).is_err());
        let mut short = message(3, 0);
        short.body.pop();
        assert!(parse(&short, WIDTHS).is_err());
        let mut shared = message(3, 0);
        shared.shared = true;
        assert!(parse(&shared, WIDTHS).is_err());
    }
}
