//! Section IV.A.2.b: how many elements there are.

use crate::fields::{Fields, Widths};
use crate::walk_error::WalkError;

const SCALAR: u8 = 0;
const SIMPLE: u8 = 1;
const NULL: u8 = 2;

/// The number of elements of a dataspace message.
pub(crate) fn count(message: &[u8], widths: Widths) -> Result<u64, WalkError> {
    let mut fields = Fields::new(message);
    let version = fields.byte()?;
    let rank = fields.byte()?;
    // Flags.
    fields.skip(1)?;
    let class = match version {
        1 => {
            fields.skip(5)?;
            if rank == 0 { SCALAR } else { SIMPLE }
        }
        2 => fields.byte()?,
        _ => return Err(WalkError::NotUnderstood),
    };
    match class {
        SCALAR => Ok(1),
        NULL => Ok(0),
        SIMPLE => (0..rank).try_fold(1u64, |count, _| {
            let extent = fields.number(widths.length)?;
            count.checked_mul(extent).ok_or(WalkError::NotUnderstood)
        }),
        _ => Err(WalkError::NotUnderstood),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTHS: Widths = Widths {
        address: 8,
        length: 2,
    };

    #[test]
    fn both_versions() {
        let counted = |message: &[u8]| count(message, WIDTHS).ok();
        assert_eq!(counted(&[1, 0, 0, 0, 0, 0, 0, 0]), Some(1));
        assert_eq!(counted(&[1, 2, 0, 0, 0, 0, 0, 0, 12, 0, 1, 0]), Some(12));
        assert_eq!(counted(&[2, 0, 0, 0]), Some(1));
        assert_eq!(counted(&[2, 0, 0, 2]), Some(0));
        assert_eq!(counted(&[2, 1, 1, 1, 0, 1, 0xff, 0xff]), Some(256));
    }

    #[test]
    fn nonsense() {
        for message in [&[][..], &[3, 0, 0, 0], &[2, 1, 0, 1, 9], &[2, 0, 0, 7]] {
            assert!(count(message, WIDTHS).is_err());
        }
        let huge = [&[2, 5, 0, 1][..], &[0xff; 10]].concat();
        assert!(count(&huge, WIDTHS).is_err());
    }
}
