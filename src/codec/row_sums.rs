//! SHA-256 sums of rows, two at a time where the processor has the instructions.
//!
//! Each step of SHA-256 waits for the one before, and the instructions for it could be begun twice as often: two
//! rows side by side take hardly longer than one. What one row takes is for the crate `sha2`.

#[cfg(target_arch = "x86_64")]
mod pair;

use multiversion::{multiversion, target::match_target};
use sha2::{Digest, Sha256};

/// A SHA-256 sum.
type Sum = [u8; 32];

/// The sum of each row of `row_bytes` bytes, which must not be 0.
pub fn row_sums(values: &[u8], row_bytes: usize, sums: &mut [Sum]) {
    let paired = in_pairs(values, row_bytes, sums);
    let rows = values.chunks_exact(row_bytes).skip(paired);
    for (sum, row) in sums[paired..].iter_mut().zip(rows) {
        *sum = Sha256::digest(row).into();
    }
}

/// The sums of rows two by two from the first one on; how many rows these are.
#[multiversion(targets("x86_64+sha+avx+sse4.1+ssse3"))]
fn in_pairs(values: &[u8], row_bytes: usize, sums: &mut [Sum]) -> usize {
    match_target! {
        "x86_64+sha+avx+sse4.1+ssse3" => pair::in_pairs(values, row_bytes, sums),
        _ => {
            let _ = (values, row_bytes, sums);
            0
        }
    }
}

#[cfg(test)]
mod tests;
