//! Section IV.A.2.i: where the elements of a dataset are, when they are in one piece.

use crate::fields::{Fields, Widths};
use crate::object_header::Message;
use crate::source::FormatReader;
use crate::walk_error::WalkError;

const COMPACT: u8 = 0;
const CONTIGUOUS: u8 = 1;

/// Where in the file the elements begin, and how many bytes there are at most, if that is known. Chunked and
/// virtual datasets are not checked, nor are those never written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) offset: u64,
    pub(crate) bytes: Option<u64>,
}

pub(crate) fn parse(message: &Message, source: &FormatReader<'_>) -> Result<Layout, WalkError> {
    let widths = source.widths();
    let mut fields = Fields::new(&message.body);
    match fields.byte()? {
        1 | 2 => old(&mut fields, message, source),
        // They differ in what they say of chunks.
        3..=5 => match fields.byte()? {
            COMPACT => {
                let bytes = u64::from(fields.u16()?);
                Ok(inside(message, &fields, bytes))
            }
            CONTIGUOUS => contiguous(&mut fields, source, widths),
            _ => Err(WalkError::NotUnderstood),
        },
        _ => Err(WalkError::NotUnderstood),
    }
}

fn old(
    fields: &mut Fields<'_>,
    message: &Message,
    source: &FormatReader<'_>,
) -> Result<Layout, WalkError> {
    let rank = usize::from(fields.byte()?);
    let class = fields.byte()?;
    fields.skip(5)?;
    match class {
        CONTIGUOUS => contiguous(fields, source, source.widths()),
        COMPACT => {
            fields.skip(4 * rank)?;
            let bytes = u64::from(fields.u32()?);
            Ok(inside(message, fields, bytes))
        }
        _ => Err(WalkError::NotUnderstood),
    }
}

fn contiguous(
    fields: &mut Fields<'_>,
    source: &FormatReader<'_>,
    widths: Widths,
) -> Result<Layout, WalkError> {
    let offset = source.offset(fields.address(widths)?)?;
    // Its size may be cut in old versions; the library too counts elements.
    Ok(Layout {
        offset,
        bytes: None,
    })
}

fn inside(message: &Message, fields: &Fields<'_>, bytes: u64) -> Layout {
    Layout {
        offset: message.offset + fields.position() as u64,
        bytes: Some(bytes.min(fields.left() as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object_header::kind;
    use crate::source::with_bytes;

    fn laid(body: &[u8]) -> Option<(u64, Option<u64>)> {
        let message = Message {
            kind: kind::LAYOUT,
            shared: false,
            offset: 1000,
            body: body.to_vec(),
        };
        let layout = with_bytes(&[], |source| parse(&message, &source).ok());
        layout.map(|layout| (layout.offset, layout.bytes))
    }

    #[test]
    fn contiguous_and_compact() {
        let address = [0, 8, 0, 0, 0, 0, 0, 0];
        let contiguous = [&[3, 1][..], &address, &[0; 8]].concat();
        assert_eq!(laid(&contiguous), Some((2048, None)));
        let compact = [&[4, 0, 32, 0][..], &[0; 32]].concat();
        assert_eq!(laid(&compact), Some((1004, Some(32))));
        assert_eq!(laid(&compact[..20]), Some((1004, Some(16))));
        let old = [&[1, 2, 1, 0, 0, 0, 0, 0][..], &address, &[0; 8]].concat();
        assert_eq!(laid(&old), Some((2048, None)));
        let old = [
            &[2, 1, 0, 0, 0, 0, 0, 0, 9, 9, 9, 9, 16, 0, 0, 0][..],
            &[0; 16],
        ]
        .concat();
        assert_eq!(laid(&old), Some((1016, Some(16))));
    }

    #[test]
    fn all_else_is_not_checked() {
        for body in [&[][..], &[3, 2, 2], &[4, 3], &[9, 1], &[3, 1, 0, 8]] {
            assert_eq!(laid(body), None, "{body:?}");
        }
        assert_eq!(laid(&[0xff; 18].map(|byte| byte & 3)), None);
        let unwritten = [&[3, 1][..], &[0xff; 16]].concat();
        assert_eq!(laid(&unwritten), None);
    }
}
