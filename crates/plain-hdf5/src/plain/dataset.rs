//! Datasets: their type, extent and storage (sections IV.A.2.f and IV.A.2.i).

use crate::fields::Fields;
use crate::plain::attribute::{Attribute, attributes};
use crate::plain::bytes::Bytes;
use crate::plain::chunks;
use crate::plain::chunks::Chunks;
use crate::plain::dataspace;
use crate::plain::dataspace::PlainExtent;
use crate::plain::datatype;
use crate::plain::datatype::Datatype;
use crate::plain::filters;
use crate::plain::header::{ObjectHeader, kind};
use crate::plain::is_padding;
use crate::plain::superblock::UNDEFINED;
use crate::walk_error::WalkError;
use hdf5_format::filter::FilterFacts;

/// More bytes than this are a defect or an attack.
const MOST_BYTES: u64 = 1 << 40;

/// A dataset, all of whose values were written.
#[derive(Debug)]
pub struct Dataset<'a> {
    /// Type of an element.
    pub datatype: Datatype,
    /// Length of each dimension.
    pub extent: PlainExtent,
    /// What a chunk holds that was never written, where its writer has said so.
    pub fill: Option<&'a [u8]>,
    /// Where the elements are.
    pub storage: Storage<'a>,
    /// The filters of its chunks, in the order of writing; none for other storage.
    pub filters: Vec<FilterFacts>,
    /// Its attributes, by name.
    pub attributes: Vec<Attribute<'a>>,
}

/// Where the values are.
#[derive(Debug)]
pub enum Storage<'a> {
    /// In the object header (layout class 0).
    Compact(&'a [u8]),
    /// In one block of the file.
    Contiguous {
        /// Where the block begins, in bytes from the beginning of the file.
        address: u64,
        /// Its length in bytes, which is that of all elements.
        bytes: u64,
    },
    /// In chunks.
    Chunked(Chunks),
}

const MESSAGES: [u16; 7] = [
    kind::DATASPACE,
    kind::DATATYPE,
    kind::FILL_VALUE,
    kind::LAYOUT,
    kind::FILTERS,
    kind::ATTRIBUTE,
    kind::ATTRIBUTE_INFO,
];

impl<'a> Dataset<'a> {
    /// Understands the header of a dataset, and nothing else.
    pub(crate) fn of(bytes: &Bytes<'_>, header: &'a ObjectHeader<'_>) -> Result<Self, WalkError> {
        header.holds_only(&MESSAGES)?;
        let datatype = datatype::parse(header.only(kind::DATATYPE)?)?;
        let extent = dataspace::parse(header.only(kind::DATASPACE)?)?;
        let fill = fill_value(header.only(kind::FILL_VALUE)?, datatype)?;
        let filters = match header.one(kind::FILTERS)? {
            Some(message) => filters::parse(message)?,
            None => Vec::new(),
        };
        let values = dataspace::elements(&extent.shape)?
            .checked_mul(datatype.size as u64)
            .filter(|values| (1..=MOST_BYTES).contains(values))
            .ok_or(WalkError::NotUnderstood)?;
        let layout = header.only(kind::LAYOUT)?;
        let storage = match layout {
            [3..=5, 0 | 1, ..] if filters.is_empty() => in_one_piece(bytes, layout, values)?,
            [3..=5, 2, ..] => {
                let whole = chunks::Whole {
                    shape: &extent.shape,
                    item: datatype.size as u64,
                    filters: &filters,
                };
                Storage::Chunked(chunks::parse(bytes, layout, whole)?)
            }
            _ => return Err(WalkError::NotUnderstood),
        };
        Ok(Dataset {
            datatype,
            extent,
            fill,
            storage,
            filters,
            attributes: attributes(header)?,
        })
    }
}

fn in_one_piece<'a>(
    bytes: &Bytes<'_>,
    layout: &'a [u8],
    values: u64,
) -> Result<Storage<'a>, WalkError> {
    let mut fields = Fields::new(layout);
    fields.skip(1)?;
    let storage = match fields.byte()? {
        0 => {
            let length = fields.u16()?;
            if u64::from(length) != values {
                return Err(WalkError::NotUnderstood);
            }
            Storage::Compact(fields.take(length.into())?)
        }
        _ => {
            let address = fields.number(8)?;
            if address == UNDEFINED || fields.number(8)? != values {
                return Err(WalkError::NotUnderstood);
            }
            bytes.reserve(address, values)?;
            Storage::Contiguous {
                address,
                bytes: values,
            }
        }
    };
    is_padding(fields)?;
    Ok(storage)
}

/// The library reads it when it opens a dataset; here it has to be none, or one number.
fn fill_value(message: &[u8], datatype: Datatype) -> Result<Option<&[u8]>, WalkError> {
    let mut fields = Fields::new(message);
    let (allocation, writing, is_defined) = match fields.byte()? {
        2 => {
            let (allocation, writing) = (fields.byte()?, fields.byte()?);
            match fields.byte()? {
                defined @ (0 | 1) => (allocation, writing, defined == 1),
                _ => return Err(WalkError::NotUnderstood),
            }
        }
        // Bit 4: none at all; bit 5: there is one.
        3 => match fields.byte()? {
            flags if flags & 0b1101_0000 == 0 => {
                (flags & 3, (flags >> 2) & 3, flags & 0b10_0000 != 0)
            }
            _ => return Err(WalkError::NotUnderstood),
        },
        _ => return Err(WalkError::NotUnderstood),
    };
    if !(1..=3).contains(&allocation) || writing > 2 {
        return Err(WalkError::NotUnderstood);
    }
    let mut value = None;
    if is_defined {
        match usize::try_from(fields.u32()?) {
            Ok(0) => {}
            Ok(size) if size == datatype.size && is_number(datatype) => {
                value = Some(fields.take(size)?);
            }
            _ => return Err(WalkError::NotUnderstood),
        }
    }
    is_padding(fields)?;
    Ok(value)
}

fn is_number(datatype: Datatype) -> bool {
    use datatype::PlainClass;
    matches!(
        datatype.kind,
        PlainClass::Integer { .. } | PlainClass::Float { .. }
    )
}
