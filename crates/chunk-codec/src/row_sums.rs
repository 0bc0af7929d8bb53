//! SHA-256 sums of rows, two at a time where the processor has the instructions.
//!
//! Each step of SHA-256 waits for the one before, and the instructions for it could be begun twice as often: two
//! rows side by side take hardly longer than one. Elsewhere rows are left to the crate `sha2`, one after the other.

mod cut;
mod pair;

#[cfg(target_arch = "x86_64")]
use crate::row_sums::cut::Cut;
use multiversion::multiversion;
use multiversion::target::match_target;
use sha2::block_api::compress256;

type Sum = [u8; 32];
/// The words A to H of FIPS 180-4.
type State = [u32; 8];

/// Bytes that are hashed together.
const BLOCK: usize = 64;
/// Rows that are cut into blocks together: what that takes stays in a core's cache.
const TOGETHER: usize = 64;
/// Bytes at the end of the last block that say how long a row is.
const LENGTH: usize = 8;
/// The state before the first block (section 5.3.3).
const BEGINNING: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The sums of rows of `row_bytes` bytes, which must not be 0. What is left at the end of `values` is no row.
#[must_use]
pub fn row_sums(values: &[u8], row_bytes: usize) -> Vec<Sum> {
    let rows = &values[..values.len() / row_bytes * row_bytes];
    // A row may be shorter than what it takes to hash it.
    rows.chunks(TOGETHER * row_bytes)
        .flat_map(|rows| {
            let mut hashers = RowHashers::new(rows.len() / row_bytes);
            hashers.update(rows);
            hashers.finish()
        })
        .collect()
}

/// Rows of one length that are hashed together, whole or in parts from left to right.
#[derive(Debug)]
pub struct RowHashers {
    states: Vec<State>,
    /// The begin of a block of each row, whose end is still to come.
    begun: Vec<[u8; BLOCK]>,
    /// Bytes of each row so far.
    bytes: u64,
}

impl RowHashers {
    /// This many rows, of which nothing is known.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        RowHashers {
            states: vec![BEGINNING; rows],
            begun: vec![[0; BLOCK]; rows],
            bytes: 0,
        }
    }

    /// Takes the next part of each row, all of one length; the parts lie one after the other.
    pub fn update(&mut self, parts: &[u8]) {
        let part_bytes = parts.len().checked_div(self.states.len()).unwrap_or(0);
        self.take(part_bytes, |row| &parts[row * part_bytes..][..part_bytes]);
    }

    /// The sum of each row.
    #[must_use]
    pub fn finish(mut self) -> Vec<Sum> {
        // Behind a row stand a bit, and its length in bits at the end of a block (section 5.1.1).
        let mut end = vec![0x80];
        let unused = 2 * BLOCK - LENGTH - end.len() - self.filled();
        end.resize(end.len() + unused % BLOCK, 0);
        end.extend((8 * self.bytes).to_be_bytes());
        self.take(end.len(), |_| &end);
        self.states.into_iter().map(sum).collect()
    }

    /// Takes a part of each row, of this many bytes.
    fn take<'a>(&mut self, part_bytes: usize, part: impl Fn(usize) -> &'a [u8]) {
        let filled = self.filled();
        let begun = self.begun.chunks_mut(TOGETHER);
        for (group, (states, begun)) in self.states.chunks_mut(TOGETHER).zip(begun).enumerate() {
            let rows = (group * TOGETHER..).zip(begun);
            let cuts: Vec<Cut<'_>> = rows
                .map(|(row, begun)| Cut::of(begun, filled, part(row)))
                .collect();
            advance(states, &cuts);
        }
        self.bytes += part_bytes as u64;
    }

    /// Bytes of the block that each row has begun.
    fn filled(&self) -> usize {
        // Less than a block in any case.
        usize::try_from(self.bytes % BLOCK as u64).unwrap_or(0)
    }
}

/// Takes the blocks of each row into its state.
fn advance(states: &mut [State], cuts: &[Cut<'_>]) {
    let paired = advance_pairs(states, cuts);
    for (state, cut) in states.iter_mut().zip(cuts).skip(paired) {
        compress256(state, cut.first.as_slice());
        compress256(state, cut.others);
    }
}

/// The same for rows two by two from the first one on; how many rows these are.
#[multiversion(targets("x86_64+sha+avx+sse4.1+ssse3"))]
fn advance_pairs(states: &mut [State], cuts: &[Cut<'_>]) -> usize {
    match_target! {
        "x86_64+sha+avx+sse4.1+ssse3" => pair::advance(states, cuts),
        _ => {
            let _ = (states, cuts);
            0
        }
    }
}

fn sum(state: State) -> Sum {
    bytemuck::cast(state.map(u32::to_be_bytes))
}

#[cfg(test)]
mod tests;
