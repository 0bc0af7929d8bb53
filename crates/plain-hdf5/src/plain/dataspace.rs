//! Section IV.A.2.b: extents that are one element or a grid.

use crate::fields::Fields;
use crate::plain::is_padding;
use crate::walk_error::WalkError;

/// A dimension that may grow for ever.
const UNLIMITED: u64 = u64::MAX;
/// The library knows no more dimensions.
const MOST_DIMENSIONS: u8 = 32;

/// One element or a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainExtent {
    /// Length of each dimension; none for one element.
    pub shape: Vec<u64>,
    /// Length that each dimension may grow to; `None` is unlimited.
    pub maximum: Vec<Option<u64>>,
}

pub(crate) fn parse(message: &[u8]) -> Result<PlainExtent, WalkError> {
    let mut fields = Fields::new(message);
    let version = fields.byte()?;
    let rank = fields.byte()?;
    let has_maximum = match fields.byte()? {
        flags @ (0 | 1) => flags == 1,
        _ => return Err(WalkError::NotUnderstood),
    };
    match version {
        1 => fields.expect(&[0; 5])?,
        // One element has no dimension, a grid has some.
        2 => fields.expect(&[u8::from(rank > 0)])?,
        _ => return Err(WalkError::NotUnderstood),
    }
    if rank > MOST_DIMENSIONS || (has_maximum && rank == 0) {
        return Err(WalkError::NotUnderstood);
    }
    let mut lengths = || {
        (0..rank)
            .map(|_| fields.number(8))
            .collect::<Result<Vec<_>, _>>()
    };
    let shape = lengths()?;
    let most = match has_maximum {
        true => lengths()?,
        false => shape.clone(),
    };
    if most.iter().zip(&shape).any(|(most, now)| most < now) {
        return Err(WalkError::NotUnderstood);
    }
    is_padding(fields)?;
    let maximum = most.into_iter().map(|it| (it != UNLIMITED).then_some(it));
    Ok(PlainExtent {
        maximum: maximum.collect(),
        shape,
    })
}

/// How many elements a shape has.
pub(crate) fn elements(shape: &[u64]) -> Result<u64, WalkError> {
    shape
        .iter()
        .try_fold(1_u64, |count, length| count.checked_mul(*length))
        .ok_or(WalkError::NotUnderstood)
}
