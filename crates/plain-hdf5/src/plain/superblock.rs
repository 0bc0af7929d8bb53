//! Section II.A: superblocks of version 0, 2 and 3 as files without a user block, drivers or
//! extensions have them; where the root group is.

use crate::fields::Fields;
use crate::plain::bytes::Bytes;
use crate::plain::checksum::lookup3;
use crate::source::Stored;
use crate::walk_error::WalkError;

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
pub(crate) const UNDEFINED: u64 = u64::MAX;

/// Where the root group is.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) header: u64,
    /// B-tree and heap of an old group, which its entry knows as well.
    pub(crate) table: Option<[u64; 2]>,
}

/// Opens a file whose addresses are offsets of 8 bytes.
pub(crate) fn open(stored: &dyn Stored) -> Result<(Bytes<'_>, Root), WalkError> {
    let bytes = Bytes::new(stored)?;
    let version = bytes.peek(0, 9)?;
    let mut fields = Fields::new(&version);
    fields.expect(SIGNATURE)?;
    let (end, root) = match fields.byte()? {
        0 => version_0(&bytes.take(0, 96)?)?,
        2 | 3 => version_2(&bytes.take(0, 48)?)?,
        _ => return Err(WalkError::NotUnderstood),
    };
    Ok((bytes.up_to(end)?, root))
}

fn version_0(block: &[u8]) -> Result<(u64, Root), WalkError> {
    let mut fields = Fields::new(block);
    fields.skip(9)?;
    // Versions of the free space, the root's entry and shared messages; 8 bytes in an address and in a
    // length; the sizes of B-tree nodes (K 4 and 16) that all files have; no flags.
    fields.expect(&[0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0])?;
    fields.expect(&0_u64.to_le_bytes())?;
    fields.expect(&UNDEFINED.to_le_bytes())?;
    let end = fields.number(8)?;
    fields.expect(&UNDEFINED.to_le_bytes())?;
    // The root's entry: no name, and what its header says of the group as well.
    fields.expect(&0_u64.to_le_bytes())?;
    let header = fields.number(8)?;
    fields.expect(&[1, 0, 0, 0, 0, 0, 0, 0])?;
    let table = Some([fields.number(8)?, fields.number(8)?]);
    Ok((end, Root { header, table }))
}

fn version_2(block: &[u8]) -> Result<(u64, Root), WalkError> {
    let mut fields = Fields::new(block);
    // No process has it open for writing.
    fields.skip(9)?;
    fields.expect(&[8, 8, 0])?;
    fields.expect(&0_u64.to_le_bytes())?;
    fields.expect(&UNDEFINED.to_le_bytes())?;
    let end = fields.number(8)?;
    let header = fields.number(8)?;
    let summed = block.get(..fields.position()).unwrap_or_default();
    fields.expect(&lookup3(summed).to_le_bytes())?;
    let table = None;
    Ok((end, Root { header, table }))
}
