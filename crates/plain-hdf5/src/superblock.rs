//! Section II.A: the signature and the superblock, versions 0 to 3.

use crate::fields::{Fields, Widths};
use crate::source::{FormatReader, Stored};
use crate::walk_error::WalkError;

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Bytes to the end of what is read of the longest, version 1.
const LONGEST: u64 = 8 + 20 + 6 * 8;

/// Finds the superblock, and with it the meaning of addresses.
///
/// The base address that is stored does not count: the library too takes addresses from where it
/// found the superblock, so that a user block can be put before a finished file.
pub(crate) fn open(file: &dyn Stored) -> Result<FormatReader<'_>, WalkError> {
    let (source, offset, block) = find(file)?;
    Ok(source.based(offset, parse(&block)?))
}

fn find(file: &dyn Stored) -> Result<(FormatReader<'_>, u64, Vec<u8>), WalkError> {
    let source = FormatReader::new(file)?;
    let mut offset = 0;
    loop {
        let length = source.bytes_from(offset).min(LONGEST);
        let block = source.read_offset(offset, length)?;
        if block.starts_with(SIGNATURE) {
            return Ok((source, offset, block));
        }
        if length < LONGEST {
            return Err(WalkError::NotUnderstood);
        }
        offset = if offset == 0 { 512 } else { offset * 2 };
    }
}

/// Where a superblock says what its driver is.
pub(crate) enum DriverPlace {
    /// It says nothing, as nearly always.
    Nowhere,
    /// In a block of its own (versions 0 and 1).
    Block(u64),
    /// In the object header of its extension, if anywhere.
    Extension(u64),
}

/// Where the driver of a file is named.
pub(crate) fn driver_place(
    file: &dyn Stored,
) -> Result<(FormatReader<'_>, DriverPlace), WalkError> {
    let (source, offset, block) = find(file)?;
    let mut fields = Fields::new(&block);
    fields.expect(SIGNATURE)?;
    let version = fields.byte()?;
    let widths = match version {
        0 | 1 => {
            fields.skip(4)?;
            let widths = widths(&mut fields)?;
            // Up to the base address, then that, free space and end of file.
            fields.skip(9 + if version == 1 { 4 } else { 0 } + 3 * widths.address)?;
            widths
        }
        2 | 3 => {
            let widths = widths(&mut fields)?;
            // Flags, base address.
            fields.skip(1 + widths.address)?;
            widths
        }
        _ => return Err(WalkError::NotUnderstood),
    };
    let source = source.based(offset, widths);
    let place = match fields.address(widths) {
        Err(_) => DriverPlace::Nowhere,
        Ok(address) if version < 2 => DriverPlace::Block(address),
        Ok(address) => DriverPlace::Extension(address),
    };
    Ok((source, place))
}

/// The widths of addresses and lengths.
fn parse(block: &[u8]) -> Result<Widths, WalkError> {
    let mut fields = Fields::new(block);
    fields.expect(SIGNATURE)?;
    let version = fields.byte()?;
    match version {
        0 | 1 => {
            // Versions of the free space, of the root entry and of shared messages.
            fields.skip(4)?;
            let widths = widths(&mut fields)?;
            // Reserved, leaf K, internal K, flags.
            fields.skip(1 + 2 + 2 + 4)?;
            if version == 1 {
                // K of indexed storage, reserved.
                fields.skip(2 + 2)?;
            }
            // Base, free space, end of file.
            fields.skip(3 * widths.address)?;
            // With a driver, addresses may belong to another file.
            if fields
                .take(widths.address)?
                .iter()
                .any(|byte| *byte != 0xff)
            {
                return Err(WalkError::NotUnderstood);
            }
            Ok(widths)
        }
        2 | 3 => widths(&mut fields),
        _ => Err(WalkError::NotUnderstood),
    }
}

fn widths(fields: &mut Fields<'_>) -> Result<Widths, WalkError> {
    let mut width = || match fields.byte()? {
        width @ (2 | 4 | 8) => Ok(usize::from(width)),
        _ => Err(WalkError::NotUnderstood),
    };
    Ok(Widths {
        address: width()?,
        length: width()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn version_2(root: u64) -> Vec<u8> {
        let mut block = [SIGNATURE, &[2, 8, 8, 0]].concat();
        for address in [0, u64::MAX, 4096, root] {
            block.extend(address.to_le_bytes());
        }
        block.resize(100, 0);
        block
    }

    fn version_0(driver: u32) -> Vec<u8> {
        let mut block = [SIGNATURE, &[0, 0, 0, 0, 0, 4, 8, 0]].concat();
        block.extend([4, 0, 16, 0, 0, 0, 0, 0]);
        for address in [0, u32::MAX, 4096, driver, 0, 96] {
            block.extend(address.to_le_bytes());
        }
        block.resize(100, 0);
        block
    }

    fn opened(bytes: &[u8]) -> Result<u64, WalkError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        open(&file)?.offset(0)
    }

    #[test]
    fn old_and_new_files() {
        assert_eq!(opened(&version_2(48)).unwrap(), 0);
        assert_eq!(opened(&version_0(u32::MAX)).unwrap(), 0);
        let narrow = Widths {
            address: 4,
            length: 8,
        };
        assert_eq!(parse(&version_0(u32::MAX)).unwrap(), narrow);
    }

    #[test]
    fn a_user_block_shifts_all_addresses() {
        for user_block in [512, 1024, 4096] {
            let bytes = [vec![b'#'; user_block], version_2(48)].concat();
            assert_eq!(opened(&bytes).unwrap(), user_block as u64);
        }
    }

    #[test]
    fn what_is_not_understood() {
        assert!(opened(b"").is_err());
        assert!(opened(&[0; 5000]).is_err());
        assert!(opened(SIGNATURE).is_err());
        assert!(opened(&version_0(800)).is_err(), "a driver's block");
        let mut strange = version_2(48);
        strange[8] = 4;
        assert!(opened(&strange).is_err());
    }
}
