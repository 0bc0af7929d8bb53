//! Section IV.A.2.d: the ordinary types, as every machine of today has them.

use crate::fields::{Fields, to_usize};
use crate::plain::is_padding;
use crate::walk_error::WalkError;
use hdf5_format::element::Padding;

/// Datatype of the simple subset (format specification IV.A.2.d).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datatype {
    /// Bytes of one element in the file.
    pub size: usize,
    /// Class of a datatype, with what distinguishes types of that class.
    pub kind: PlainClass,
}

/// Class of a datatype, with what distinguishes types of that class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainClass {
    /// Fixed-point number (class 0) whose precision is its whole length.
    Integer {
        /// Whether it is signed, in two's complement.
        signed: bool,
        /// Most significant byte first.
        big_endian: bool,
    },
    /// Floating-point number (class 1) in the layout of IEEE 754.
    Float {
        /// Most significant byte first.
        big_endian: bool,
    },
    /// Text that fills the element, or what fills it up.
    FixedText {
        /// What follows a text that is shorter than its field.
        padding: Padding,
        /// Declared character set.
        utf8: bool,
    },
    /// Text in a global heap, which ends at a NUL.
    VariableText {
        /// Declared character set.
        utf8: bool,
    },
    /// As h5py writes `True` and `False`.
    Boolean,
}

/// What text of variable length is a sequence of: a character, here a byte of 8 bits.
const CHARACTER: [u8; 12] = [0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
/// A signed byte, called so.
const BOOLEAN_BASE: [u8; 12] = [0x10, 0x08, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
const BOOLEAN_MEMBERS: &[u8] = b"FALSE\0\0\0TRUE\0\0\0\0\0\x01";

pub(crate) fn parse(message: &[u8]) -> Result<Datatype, WalkError> {
    let mut fields = Fields::new(message);
    let class = fields.byte()?;
    let bits = [fields.byte()?, fields.byte()?, fields.byte()?];
    let size = fields.u32()?;
    let kind = match (class, bits) {
        (0x10, [low @ (0 | 1 | 8 | 9), 0, 0]) if matches!(size, 1 | 2 | 4 | 8) => {
            fields.expect(&[0, 0])?;
            fields.expect(&[
                u8::try_from(8 * size).map_err(|_| WalkError::NotUnderstood)?,
                0,
            ])?;
            PlainClass::Integer {
                signed: low & 8 != 0,
                big_endian: low & 1 != 0,
            }
        }
        (0x11, [low @ (0x20 | 0x21), sign, 0]) => {
            // Bits that count, exponent and mantissa, bias.
            let (highest, layout): (u8, &[u8]) = match size {
                2 => (15, &[0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0]),
                4 => (31, &[0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]),
                8 => (63, &[0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0]),
                _ => return Err(WalkError::NotUnderstood),
            };
            fields.expect(layout)?;
            if sign != highest {
                return Err(WalkError::NotUnderstood);
            }
            PlainClass::Float {
                big_endian: low & 1 != 0,
            }
        }
        (0x13, [low, 0, 0]) if size > 0 => PlainClass::FixedText {
            padding: match low & 0x0f {
                0 => Padding::NullTerminated,
                1 => Padding::NullPadded,
                2 => Padding::SpacePadded,
                _ => return Err(WalkError::NotUnderstood),
            },
            utf8: is_utf8(low >> 4)?,
        },
        (0x19, [1, charset, 0]) if size == 16 => {
            fields.expect(&CHARACTER)?;
            PlainClass::VariableText {
                utf8: is_utf8(charset)?,
            }
        }
        (0x18, [2, 0, 0]) if size == 1 => {
            fields.expect(&BOOLEAN_BASE)?;
            fields.expect(BOOLEAN_MEMBERS)?;
            PlainClass::Boolean
        }
        _ => return Err(WalkError::NotUnderstood),
    };
    is_padding(fields)?;
    Ok(Datatype {
        size: to_usize(size.into())?,
        kind,
    })
}

pub(crate) fn is_utf8(charset: u8) -> Result<bool, WalkError> {
    match charset {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(WalkError::NotUnderstood),
    }
}

impl Datatype {
    /// numpy's spelling of a number, as reports have it.
    pub fn numpy(self) -> Result<String, WalkError> {
        let (letter, big_endian) = match self.kind {
            PlainClass::Integer { signed, big_endian } => {
                (if signed { 'i' } else { 'u' }, big_endian)
            }
            PlainClass::Float { big_endian } => ('f', big_endian),
            _ => return Err(WalkError::NotUnderstood),
        };
        let order = match (self.size, big_endian) {
            (1, _) => '|',
            (_, true) => '>',
            (_, false) => '<',
        };
        Ok(format!("{order}{letter}{}", self.size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_h5py_writes() {
        let float = [
            0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0,
        ];
        assert_eq!(parse(&float).unwrap().numpy().unwrap(), "<f4");
        let integer = [0x10, 9, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0];
        assert_eq!(parse(&integer).unwrap().numpy().unwrap(), ">i8");
        let text = [&[0x19, 1, 1, 0, 16, 0, 0, 0][..], &CHARACTER].concat();
        assert_eq!(
            parse(&text).unwrap().kind,
            PlainClass::VariableText { utf8: true }
        );
        let padding = Padding::NullPadded;
        assert_eq!(
            parse(&[0x13, 0x11, 0, 0, 7, 0, 0, 0]).unwrap().kind,
            PlainClass::FixedText {
                padding,
                utf8: true
            }
        );
    }

    #[test]
    fn every_changed_bit_is_another_type_or_none() {
        let types: [&[u8]; 3] = [
            &[
                0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0,
            ],
            &[0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0],
            &[&[0x19, 1, 1, 0, 16, 0, 0, 0][..], &CHARACTER].concat(),
        ];
        for message in types {
            let right = parse(message).unwrap();
            for bit in 0..8 * message.len() {
                let mut changed = message.to_vec();
                changed[bit / 8] ^= 1 << (bit % 8);
                assert!(parse(&changed).map_or(true, |other| other != right));
            }
        }
    }
}
