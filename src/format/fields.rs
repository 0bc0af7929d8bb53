//! The fields of a structure, one after the other; every number is little-endian.

use super::stop::Stop;

/// Bytes in an address and in a length, as the superblock says (section II.A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Widths {
    pub(super) address: usize,
    pub(super) length: usize,
}

/// Reads fields from the front of bytes. Past their end nothing is understood.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Fields { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Stop> {
        let end = self.at.checked_add(count).ok_or(Stop::NotUnderstood)?;
        let taken = self.bytes.get(self.at..end).ok_or(Stop::NotUnderstood)?;
        self.at = end;
        Ok(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Result<(), Stop> {
        self.take(count).map(drop)
    }

    /// Stops where a signature or a version is another than the one expected.
    pub(super) fn expect(&mut self, constant: &[u8]) -> Result<(), Stop> {
        if self.take(constant.len())? == constant {
            Ok(())
        } else {
            Err(Stop::NotUnderstood)
        }
    }

    pub(super) fn byte(&mut self) -> Result<u8, Stop> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Stop> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Stop> {
        self.array().map(u32::from_le_bytes)
    }

    /// A number of `width` bytes, at most 8.
    pub(super) fn number(&mut self, width: usize) -> Result<u64, Stop> {
        let mut value = [0; 8];
        let room = value.get_mut(..width).ok_or(Stop::NotUnderstood)?;
        room.copy_from_slice(self.take(width)?);
        Ok(u64::from_le_bytes(value))
    }

    /// An address that something is to be read from. All ones mean that nothing is there.
    pub(super) fn address(&mut self, widths: Widths) -> Result<u64, Stop> {
        let stored = self.clone().take(widths.address)?;
        if stored.iter().all(|byte| *byte == 0xff) {
            return Err(Stop::NotUnderstood);
        }
        self.number(widths.address)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| Stop::NotUnderstood)
    }
}

/// A count or length of the file as one of memory.
pub(super) fn to_usize(number: u64) -> Result<usize, Stop> {
    usize::try_from(number).map_err(|_| Stop::NotUnderstood)
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
