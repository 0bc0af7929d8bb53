//! Section IV.A.2.b: extents that are one element or a grid.

use super::super::fields::Fields;
use super::super::stop::Stop;
use super::is_padding;

/// The library knows no more dimensions.
const MOST_DIMENSIONS: u8 = 32;

/// Length of each dimension; none for one element.
pub(super) fn shape(message: &[u8]) -> Result<Vec<u64>, Stop> {
    let mut fields = Fields::new(message);
    let version = fields.byte()?;
    let rank = fields.byte()?;
    let has_maximum = match fields.byte()? {
        flags @ (0 | 1) => flags == 1,
        _ => return Err(Stop::NotUnderstood),
    };
    match version {
        1 => fields.expect(&[0; 5])?,
        // One element has no dimension, a grid has some.
        2 => fields.expect(&[u8::from(rank > 0)])?,
        _ => return Err(Stop::NotUnderstood),
    }
    if rank > MOST_DIMENSIONS || (has_maximum && rank == 0) {
        return Err(Stop::NotUnderstood);
    }
    let mut lengths = || {
        (0..rank)
            .map(|_| fields.number(8))
            .collect::<Result<Vec<_>, _>>()
    };
    let shape = lengths()?;
    if has_maximum && lengths()?.iter().zip(&shape).any(|(most, now)| most < now) {
        return Err(Stop::NotUnderstood);
    }
    is_padding(fields)?;
    Ok(shape)
}

/// How many elements a shape has.
pub(super) fn elements(shape: &[u64]) -> Result<u64, Stop> {
    shape
        .iter()
        .try_fold(1_u64, |count, length| count.checked_mul(*length))
        .ok_or(Stop::NotUnderstood)
}
