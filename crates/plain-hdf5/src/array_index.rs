//! Section VII.D: the header of an extensible array, which is the index of the chunks of a dataset that can grow in one dimension.
//!
//! The library lists the chunks of such an array by counting up to the largest index that was ever set. If that number is damaged,
//! and its checksum is right, the library counts for years.

use crate::fields::Fields;
use crate::object_header::{kind, messages};
use crate::source::{FormatReader, Stored};
use crate::superblock;
use crate::walk_error::WalkError;
use std::io;

const CHUNKED: u8 = 2;
const EXTENSIBLE_ARRAY: u8 = 4;
/// Signature to the number of elements.
const HEADER: u64 = 12 + 6 * 8;

/// The largest index that the array of a dataset claims to hold, if the file is too short for the block with that element. The
/// dataset is given by the address of its object header. `None` means that nothing was found, not that nothing is there.
///
/// # Errors
/// What the operating system says when the file cannot be read. Whatever is in the file is none.
pub fn impossible_index(file: &dyn Stored, address: u64) -> io::Result<Option<u64>> {
    match find_impossible(file, address) {
        Ok(found) => Ok(found),
        Err(WalkError::Io(error)) => Err(error),
        Err(WalkError::NotUnderstood | WalkError::Suspicious(_)) => Ok(None),
    }
}

fn find_impossible(file: &dyn Stored, address: u64) -> Result<Option<u64>, WalkError> {
    let source = superblock::open(file)?;
    for message in messages(&source, address)? {
        if message.kind == kind::LAYOUT && !message.shared {
            let array = array_of(&message.body, &source)?;
            return claimed(&source, source.offset(array)?);
        }
    }
    Err(WalkError::NotUnderstood)
}

/// The address of the array, from a layout message of version 4 or later.
fn array_of(layout: &[u8], source: &FormatReader<'_>) -> Result<u64, WalkError> {
    let mut fields = Fields::new(layout);
    let (version, class, _flags) = (fields.byte()?, fields.byte()?, fields.byte()?);
    if version < 4 || class != CHUNKED {
        return Err(WalkError::NotUnderstood);
    }
    let (rank, width) = (fields.byte()?, fields.byte()?);
    fields.skip(usize::from(rank) * usize::from(width))?;
    fields.expect(&[EXTENSIBLE_ARRAY])?;
    // How its blocks grow.
    fields.skip(5)?;
    fields.address(source.widths())
}

fn claimed(source: &FormatReader<'_>, offset: u64) -> Result<Option<u64>, WalkError> {
    if source.widths().length != 8 {
        return Err(WalkError::NotUnderstood);
    }
    let bytes = source.read_offset(offset, HEADER)?;
    let mut fields = Fields::new(&bytes);
    fields.expect(b"EAHD\0")?;
    fields.skip(1)?;
    let element = u64::from(fields.byte()?);
    fields.skip(1)?;
    let growth = Growth {
        in_index_block: fields.byte()?.into(),
        least: fields.byte()?.into(),
    };
    // How blocks are found, and the numbers and sizes of those that exist.
    fields.skip(2 + 4 * 8)?;
    let largest = fields.number(8)?.saturating_sub(1);
    // Blocks are written as a whole, those before it perhaps never.
    let bytes = growth
        .block_with(largest)
        .and_then(|elements| elements.checked_mul(element));
    let is_possible = bytes.is_some_and(|bytes| bytes <= source.bytes_from(0));
    Ok((!is_possible).then_some(largest))
}

/// The numbers by which data blocks grow.
#[derive(Debug, Clone, Copy)]
struct Growth {
    /// Elements that the index block holds itself.
    in_index_block: u64,
    /// Elements of the first data blocks.
    least: u64,
}

impl Growth {
    /// The elements of the data block that holds an index; `None` if no array has such an index. Super block `n` has `2^(n/2)` data
    /// blocks of `2^((n+1)/2)` times the least number of elements.
    fn block_with(self, index: u64) -> Option<u64> {
        let mut begins = self.in_index_block;
        if index < begins {
            return Some(begins);
        }
        for super_block in 0..u64::BITS {
            let elements = self.least.checked_mul(1 << super_block.div_ceil(2))?;
            begins = begins.checked_add(elements.checked_mul(1 << (super_block / 2))?)?;
            if index < begins {
                return Some(elements);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::with_bytes;

    fn header(most: u64) -> Vec<u8> {
        let start = [b'E', b'A', b'H', b'D', 0, 1, 8, 32, 4, 16, 4, 10];
        let mut bytes = start.to_vec();
        for number in [0, 0, 1, 128, most, 20_u64] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.resize(1000, 0);
        bytes
    }

    #[test]
    fn blocks_grow_as_the_format_says() {
        let growth = Growth {
            in_index_block: 4,
            least: 16,
        };
        // Super blocks of 1 x 16, 1 x 32, 2 x 32 and 2 x 64 elements begin at 4, 20, 52 and 116.
        for (index, elements) in [
            (0, 4),
            (3, 4),
            (4, 16),
            (19, 16),
            (20, 32),
            (51, 32),
            (52, 32),
            (115, 32),
            (116, 64),
        ] {
            assert_eq!(growth.block_with(index), Some(elements), "{index}");
        }
        assert_eq!(growth.block_with(u64::MAX), None);
    }

    #[test]
    fn an_index_whose_block_is_longer_than_the_file_is_impossible() {
        // Blocks of 64 elements of 8 bytes fit into 1,000 bytes; from index 500 on they have 128.
        for (most, found) in [
            (0, None),
            (500, None),
            (501, Some(500)),
            (1 << 61, Some((1 << 61) - 1)),
        ] {
            let told = with_bytes(&header(most), |source| claimed(&source, 0).unwrap());
            assert_eq!(told, found, "{most}");
        }
    }

    #[test]
    fn the_layout_message_leads_to_the_array() {
        let message = |version, index| {
            let start = [version, 2, 0, 3, 1, 2, 2, 4, index, 32, 4, 16, 4, 10];
            [&start[..], &447_u64.to_le_bytes()].concat()
        };
        with_bytes(&[], |source| {
            for version in [4, 5] {
                assert_eq!(array_of(&message(version, 4), &source).unwrap(), 447);
            }
            for other in [message(4, 3), message(3, 4), message(4, 4)[..20].to_vec()] {
                assert!(array_of(&other, &source).is_err());
            }
        });
    }
}
