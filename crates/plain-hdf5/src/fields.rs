//! The fields of a structure, one after the other; every number is little-endian.

use crate::walk_error::WalkError;

/// Bytes in an address and in a length, as the superblock says (section II.A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Widths {
    pub(crate) address: usize,
    pub(crate) length: usize,
}

/// Reads fields from the front of bytes. Past their end nothing is understood.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Fields { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    // `ok_or` would make an error for each number, and drop it: a call, in code that runs several times for each name.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], WalkError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some((taken, _)) = rest.split_at_checked(count) else {
            return Err(WalkError::NotUnderstood);
        };
        self.at += count;
        Ok(taken)
    }

    pub(crate) fn skip(&mut self, count: usize) -> Result<(), WalkError> {
        self.take(count).map(drop)
    }

    /// Stops where a signature or a version is another than the one expected.
    pub(crate) fn expect(&mut self, constant: &[u8]) -> Result<(), WalkError> {
        if self.take(constant.len())? == constant {
            Ok(())
        } else {
            Err(WalkError::NotUnderstood)
        }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, WalkError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, WalkError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, WalkError> {
        self.array().map(u32::from_le_bytes)
    }

    /// A number of `width` bytes, at most 8.
    pub(crate) fn number(&mut self, width: usize) -> Result<u64, WalkError> {
        let mut value = [0; 8];
        let Some(low) = value.get_mut(..width) else {
            return Err(WalkError::NotUnderstood);
        };
        low.copy_from_slice(self.take(width)?);
        Ok(u64::from_le_bytes(value))
    }

    /// An address that something is to be read from. All ones mean that nothing is there.
    pub(crate) fn address(&mut self, widths: Widths) -> Result<u64, WalkError> {
        let stored = self.clone().take(widths.address)?;
        if stored.iter().all(|byte| *byte == 0xff) {
            return Err(WalkError::NotUnderstood);
        }
        self.number(widths.address)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WalkError> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| WalkError::NotUnderstood)
    }
}

/// A count or length of the file as one of memory.
pub(crate) fn to_usize(number: u64) -> Result<usize, WalkError> {
    usize::try_from(number).map_err(|_| WalkError::NotUnderstood)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_little_endian_and_end_with_the_bytes() {
        let mut fields = Fields::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(fields.byte().unwrap(), 1);
        assert_eq!(fields.u16().unwrap(), 0x0302);
        assert_eq!(fields.u32().unwrap(), 0x0706_0504);
        assert_eq!((fields.position(), fields.left()), (7, 3));
        assert!(fields.u32().is_err());
        assert_eq!(fields.number(3).unwrap(), 0x0a_0908);
        assert!(fields.byte().is_err());
        assert!(fields.take(usize::MAX).is_err());
        assert!(Fields::new(&[0; 16]).number(9).is_err());
    }

    #[test]
    fn an_undefined_address_leads_nowhere() {
        let widths = Widths {
            address: 4,
            length: 8,
        };
        assert!(Fields::new(&[0xff; 4]).address(widths).is_err());
        let defined = Fields::new(&[0xff, 0xff, 0xff, 0]).address(widths);
        assert_eq!(defined.unwrap(), 0xff_ffff);
    }
}
