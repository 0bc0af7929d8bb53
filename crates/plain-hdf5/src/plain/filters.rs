//! Section IV.A.2.l: pipelines of the filters that every old matrix was written with.

use crate::fields::Fields;
use crate::plain::is_padding;
use crate::walk_error::WalkError;
use hdf5_format::filter::FilterFacts;

/// Each of these once at the most.
const MOST: u8 = 4;
const MOST_PARAMETERS: u16 = 8;

/// The filters of a message, in the order of writing.
pub(crate) fn parse(message: &[u8]) -> Result<Vec<FilterFacts>, WalkError> {
    let mut fields = Fields::new(message);
    let version = fields.byte()?;
    let count = fields.byte()?;
    match version {
        1 => fields.expect(&[0; 6])?,
        2 => {}
        _ => return Err(WalkError::NotUnderstood),
    }
    if count == 0 || count > MOST {
        return Err(WalkError::NotUnderstood);
    }
    let mut found: Vec<FilterFacts> = Vec::with_capacity(MOST.into());
    for _ in 0..count {
        let filter = filter(&mut fields, version)?;
        if found.iter().any(|other| other.id == filter.id) {
            return Err(WalkError::NotUnderstood);
        }
        found.push(filter);
    }
    is_padding(fields)?;
    Ok(found)
}

fn filter(fields: &mut Fields<'_>, version: u8) -> Result<FilterFacts, WalkError> {
    let id = u32::from(fields.u16()?);
    let known = [
        FilterFacts::DEFLATE,
        FilterFacts::SHUFFLE,
        FilterFacts::FLETCHER32,
        FilterFacts::LZF,
    ];
    let name = match FilterFacts::known_name(id) {
        Some(name) if known.contains(&id) => name.to_string(),
        _ => return Err(WalkError::NotUnderstood),
    };
    // New messages name only those that are not HDF5's own.
    let written = match version == 1 || id >= 256 {
        true => usize::from(fields.u16()?),
        false => 0,
    };
    // Optional or not.
    let flags = fields.u16()?;
    let parameters = fields.u16()?;
    let text = fields.take(written)?;
    let ends = written == 0 || text.ends_with(b"\0");
    let is_aligned = version != 1 || written % 8 == 0;
    if flags > 1 || parameters > MOST_PARAMETERS || !ends || !is_aligned {
        return Err(WalkError::NotUnderstood);
    }
    let values = (0..parameters)
        .map(|_| fields.u32())
        .collect::<Result<Vec<_>, _>>()?;
    if version == 1 && parameters % 2 == 1 {
        fields.skip(4)?;
    }
    // With any other level the library reads nothing.
    if id == FilterFacts::DEFLATE && !matches!(values[..], [0..=9]) {
        return Err(WalkError::NotUnderstood);
    }
    Ok(FilterFacts {
        id,
        name,
        parameters: values,
        available: true,
    })
}
