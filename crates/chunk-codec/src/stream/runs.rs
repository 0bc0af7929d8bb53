//! Runs of one byte in a block.

use crate::stream::block::Sequence;
use crate::stream::repeated::Repeated;
use crate::stream::symbol_counts::SymbolCounts;

/// Fewer repeated bytes than this fraction are not worth a search for runs.
const RARE: usize = 16;
/// How many copied bytes are worth a copy, which takes some nine bits and is inflated in one step, where literals take
/// a step each.
const WORTH: usize = 3;
/// The same of a byte that is so frequent that its code has one bit.
const WORTH_OF_ONE_BIT: usize = 6;
/// The longest copy of deflate.
const LONGEST_COPY: usize = 258;

/// Looks for runs, block after block.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    repeated: Repeated,
    pub(crate) sequences: Vec<Sequence>,
}

impl Runs {
    /// Finds the runs that are hardly longer as a copy than as literals, and moves them in the counts, which were made of
    /// the same block.
    #[inline(always)]
    pub(crate) fn find(&mut self, bytes: &[u8], symbol_counts: &mut SymbolCounts) {
        self.sequences.clear();
        if self.repeated.find(bytes) * RARE < bytes.len() {
            return;
        }
        let mut worth = [WORTH; 256];
        for (worth, count) in worth.iter_mut().zip(&symbol_counts.literals) {
            if *count as usize * 5 > bytes.len() * 2 {
                *worth = WORTH_OF_ONE_BIT;
            }
        }
        let mut done = 0;
        self.repeated.each_of_three(|first, copied| {
            let byte = bytes[first];
            if copied < worth[usize::from(byte)] {
                return;
            }
            let (mut at, mut left) = (first + 1, copied);
            while left > 0 {
                // What is left must not be 1 or 2, which no copy can have.
                let length = if left <= LONGEST_COPY {
                    left
                } else {
                    (left - 3).min(LONGEST_COPY)
                };
                let sequence = sequence(at - done, length);
                symbol_counts.copy(sequence.length, sequence.distance);
                self.sequences.push(sequence);
                at += length;
                left -= length;
                done = at;
            }
            symbol_counts.remove(byte, u32::try_from(copied).unwrap_or(u32::MAX));
        });
    }
}

fn sequence(literals: usize, length: usize) -> Sequence {
    Sequence {
        literals: u32::try_from(literals).unwrap_or(u32::MAX),
        length: u16::try_from(length).unwrap_or(u16::MAX),
        distance: 1,
    }
}
