//! Section IV.A.2.d: whether elements are of variable length, and nothing else.

use crate::fields::Fields;
use crate::walk_error::WalkError;

const VARIABLE_LENGTH: u8 = 9;

/// Text or a sequence of variable length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VariableLength {
    /// Bytes of one element of a sequence: what its length counts. 1 for text.
    pub(crate) base_size: u32,
}

/// Understands elements of variable length only. Those within compounds and arrays are not checked, nor are
/// sequences of sequences except for the outer ones.
pub(crate) fn parse(message: &[u8]) -> Result<VariableLength, WalkError> {
    let mut fields = Fields::new(message);
    let class = fields.byte()? & 0x0f;
    if class != VARIABLE_LENGTH {
        return Err(WalkError::NotUnderstood);
    }
    // The bit field (text or sequence, padding, character set), the size of an element.
    fields.skip(3 + 4)?;
    // The base type: version and class, bit field, size.
    fields.skip(1 + 3)?;
    let base_size = fields.u32()?;
    Ok(VariableLength { base_size })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What h5py writes for text: a sequence of one-byte characters.
    const TEXT: [u8; 24] = [
        0x19, 0x01, 0x01, 0x00, 0x10, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0,
    ];

    #[test]
    fn text_and_sequences() {
        assert_eq!(parse(&TEXT).unwrap(), VariableLength { base_size: 1 });
        let mut references = TEXT;
        references[8] = 0x17;
        references[12] = 8;
        assert_eq!(parse(&references).unwrap().base_size, 8);
    }

    #[test]
    fn all_else_is_not_checked() {
        let integer = [0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0];
        assert!(parse(&integer).is_err());
        assert!(parse(&TEXT[..15]).is_err());
        assert!(parse(&[]).is_err());
    }
}
