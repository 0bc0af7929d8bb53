//! A part of a row, cut into blocks.

use crate::row_sums::BLOCK;

/// Whole blocks of a row.
#[derive(Debug)]
pub(crate) struct Cut<'a> {
    /// The one that had begun before this part.
    pub(crate) first: Option<[u8; BLOCK]>,
    pub(crate) others: &'a [[u8; BLOCK]],
}

impl<'a> Cut<'a> {
    /// The blocks that end in `part`, of which `filled` bytes have `begun` before. What is left is the begin of
    /// the next one.
    pub(crate) fn of(begun: &mut [u8; BLOCK], filled: usize, part: &'a [u8]) -> Self {
        let missing = (BLOCK - filled) % BLOCK;
        let Some((end, part)) = part.split_at_checked(missing) else {
            begun[filled..filled + part.len()].copy_from_slice(part);
            return Cut {
                first: None,
                others: &[],
            };
        };
        let first = (missing > 0).then(|| {
            begun[filled..].copy_from_slice(end);
            *begun
        });
        let (others, rest) = part.as_chunks();
        begun[..rest.len()].copy_from_slice(rest);
        Cut { first, others }
    }
}
