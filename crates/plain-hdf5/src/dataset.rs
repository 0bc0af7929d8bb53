//! The elements of a dataset of names (section IV.B), from the messages of its object header.

use crate::dataspace;
use crate::datatype;
use crate::elements::Elements;
use crate::layout;
use crate::object_header::{Message, kind};
use crate::source::FormatReader;
use crate::walk_error::WalkError;

/// Understands datasets of variable length that are in one piece, in this file.
pub(crate) fn elements(
    source: &FormatReader<'_>,
    header: &[Message],
) -> Result<Elements, WalkError> {
    if header
        .iter()
        .any(|message| message.kind == kind::EXTERNAL_FILES)
    {
        return Err(WalkError::NotUnderstood);
    }
    let layout = layout::parse(only(header, kind::LAYOUT)?, source)?;
    let dataspace = only(header, kind::DATASPACE)?;
    let elements = Elements {
        offset: layout.offset,
        count: dataspace::count(&dataspace.body, source.widths())?,
        datatype: datatype::parse(&only(header, kind::DATATYPE)?.body)?,
    };
    let bytes = elements.bytes(source.widths())?;
    if layout.bytes.is_some_and(|there| bytes > there) {
        return Err(WalkError::NotUnderstood);
    }
    Ok(elements)
}

/// The message of this type, when there is exactly one and it is not somewhere else.
fn only(header: &[Message], kind: u16) -> Result<&Message, WalkError> {
    let mut fitting = header.iter().filter(|message| message.kind == kind);
    match (fitting.next(), fitting.next()) {
        (Some(message), None) if !message.shared => Ok(message),
        _ => Err(WalkError::NotUnderstood),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::with_bytes;

    const TEXT: [u8; 16] = [0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0];

    fn header() -> Vec<Message> {
        let space = vec![2, 1, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0];
        let layout = [&[3, 0, 32, 0][..], &[0; 32]].concat();
        let parts = [
            (kind::DATASPACE, space),
            (kind::DATATYPE, TEXT.to_vec()),
            (kind::LAYOUT, layout),
        ];
        let message = |(kind, body)| Message {
            kind,
            shared: false,
            offset: 100,
            body,
        };
        parts.into_iter().map(message).collect()
    }

    fn found(header: &[Message]) -> Option<(u64, u64)> {
        with_bytes(&[], |source| {
            let elements = elements(&source, header).ok()?;
            Some((elements.offset, elements.count))
        })
    }

    #[test]
    fn compact_names() {
        assert_eq!(found(&header()), Some((104, 2)));
    }

    #[test]
    fn what_is_not_checked() {
        let mut shared = header();
        shared[1].shared = true;
        assert_eq!(found(&shared), None, "a committed type");
        let mut external = header();
        external.push(Message {
            kind: kind::EXTERNAL_FILES,
            ..external[0].clone()
        });
        assert_eq!(found(&external), None);
        let mut more_than_there_is = header();
        more_than_there_is[0].body[4] = 3;
        assert_eq!(found(&more_than_there_is), None);
        assert_eq!(found(&header()[..2]), None);
        assert_eq!(found(&[header(), header()].concat()), None);
    }

    impl Clone for Message {
        fn clone(&self) -> Self {
            Message {
                body: self.body.clone(),
                ..*self
            }
        }
    }
}
