//! Sections II.B and IV.A.2.u: the driver that wrote a file which is one of several.
//!
//! The family driver cuts a file into members of one length; the split and multi drivers put metadata and values
//! into files of their own. Only the first member has a superblock, which says what the driver was.

use crate::fields::Fields;
use crate::object_header::{kind, messages};
use crate::source::{FormatReader, Stored};
use crate::superblock;
use crate::walk_error::{WalkError, understood};
use std::io;

/// A driver that spreads one HDF5 file over several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Driver {
    /// `H5Pset_fapl_family`: members of one length.
    Family,
    /// `H5Pset_fapl_split` and `H5Pset_fapl_multi`: a file for each kind of data.
    Multi,
}

/// The driver that has to read a file, when it is one of several; `None` for usual files, and for what is not
/// understood.
///
/// # Errors
/// What the operating system says when the file cannot be read.
pub fn driver(file: &dyn Stored) -> io::Result<Option<Driver>> {
    match understood(find(file)) {
        Ok(found) => Ok(found.flatten()),
        Err(WalkError::Io(error)) => Err(error),
        Err(WalkError::NotUnderstood | WalkError::Suspicious(_)) => Ok(None),
    }
}

fn find(file: &dyn Stored) -> Result<Option<Driver>, WalkError> {
    let (source, place) = superblock::driver_place(file)?;
    match place {
        superblock::DriverPlace::Nowhere => Ok(None),
        superblock::DriverPlace::Block(address) => {
            let block = source.read_offset(source.offset(address)?, 16)?;
            let mut fields = Fields::new(&block);
            // Version, reserved, size of what follows the name.
            fields.skip(1 + 3 + 4)?;
            Ok(named(fields.take(8)?))
        }
        superblock::DriverPlace::Extension(address) => in_extension(&source, address),
    }
}

fn in_extension(source: &FormatReader<'_>, address: u64) -> Result<Option<Driver>, WalkError> {
    for message in messages(source, address)? {
        if message.kind == kind::DRIVER_INFO && !message.shared {
            let mut fields = Fields::new(&message.body);
            fields.skip(1)?;
            return Ok(named(fields.take(8)?));
        }
    }
    Ok(None)
}

fn named(name: &[u8]) -> Option<Driver> {
    match name {
        b"NCSAfami" => Some(Driver::Family),
        b"NCSAmult" => Some(Driver::Multi),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(driver: u64, name: &[u8]) -> Vec<u8> {
        let mut block = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x04\0\x10\0\0\0\0\0".to_vec();
        for address in [0, u64::MAX, 4096, driver] {
            block.extend(address.to_le_bytes());
        }
        block.resize(96, 0);
        block.extend([0, 0, 0, 0, 8, 0, 0, 0]);
        block.extend(name);
        block.resize(4096, 0);
        block
    }

    #[test]
    fn the_drivers_of_old_superblocks() {
        let found = |driver, name: &[u8]| super::driver(&old(driver, name)).unwrap();
        assert_eq!(found(96, b"NCSAfami"), Some(Driver::Family));
        assert_eq!(found(96, b"NCSAmult"), Some(Driver::Multi));
        assert_eq!(found(96, b"unknown!"), None);
        assert_eq!(found(u64::MAX, b"NCSAfami"), None);
        assert_eq!(found(1 << 40, b"NCSAfami"), None);
    }

    #[test]
    fn the_driver_in_the_extension_of_a_new_superblock() {
        let mut file = b"\x89HDF\r\n\x1a\n\x02\x08\x08\0".to_vec();
        for address in [0, 48, 4096, 200] {
            file.extend(u64::to_le_bytes(address));
        }
        file.resize(48, 0);
        // A header of version 2 with one message of 11 bytes.
        file.extend(b"OHDR\x02\x00\x0f");
        file.extend(b"\x14\x0b\0\0\0NCSAfami\0\0");
        file.resize(4096, 0);
        assert_eq!(driver(&file).unwrap(), Some(Driver::Family));
        assert_eq!(driver(&b"text".to_vec()).unwrap(), None);
    }
}
