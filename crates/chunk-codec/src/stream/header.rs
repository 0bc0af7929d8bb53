//! The header of a block, which lays out the lengths of its codes (RFC 1951, 3.2.7).

use crate::stream::bits::Bits;
use crate::stream::huffman::Lengths;
use crate::stream::symbols::{DISTANCES, LITERALS_AND_LENGTHS};

#[derive(Debug, Default)]
pub(crate) struct BlockHeader {
    /// Symbols, and what follows each of them.
    symbols: Vec<(u8, u8)>,
    lengths: Lengths<19>,
    literals: usize,
    distances: usize,
    written: usize,
}

/// The order in which a header lists the lengths of its own codes.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];
/// Bits that follow each of the header's symbols.
const REPEAT_BITS: [u8; 19] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 7];

impl BlockHeader {
    /// Lays out the lengths of both codes; bits of the header.
    pub(crate) fn plan(&mut self, literals: &[u8], distances: &[u8]) -> u64 {
        let used = |lengths: &[u8], least: usize| {
            let last = lengths.iter().rposition(|length| *length > 0);
            last.map_or(least, |last| least.max(last + 1))
        };
        self.literals = used(literals, 257);
        self.distances = used(distances, 1);
        self.symbols.clear();
        let mut all = [0_u8; LITERALS_AND_LENGTHS + DISTANCES];
        let count = self.literals + self.distances;
        all[..self.literals].copy_from_slice(&literals[..self.literals]);
        all[self.literals..count].copy_from_slice(&distances[..self.distances]);
        for run in all[..count].chunk_by(|one, next| one == next) {
            self.repeat(run[0], run.len());
        }
        let mut frequencies = [0; 19];
        for (symbol, _) in &self.symbols {
            frequencies[usize::from(*symbol)] += 1;
        }
        self.lengths = Lengths::new(&frequencies, 7);
        let last = ORDER
            .iter()
            .rposition(|symbol| self.lengths.of[*symbol] > 0);
        self.written = last.map_or(4, |last| 4.max(last + 1));
        14 + 3 * self.written as u64 + self.lengths.bits(&frequencies, &REPEAT_BITS)
    }

    fn repeat(&mut self, length: u8, run: usize) {
        let mut left = run;
        if length > 0 {
            self.symbols.push((length, 0));
            left -= 1;
        }
        let mut push = |symbol, extra: usize| self.symbols.push((symbol, extra.to_le_bytes()[0]));
        while left > 0 {
            let taken = match (length, left) {
                (_, 1 | 2) => {
                    push(length, 0);
                    1
                }
                (0, 3..=10) => {
                    push(17, left - 3);
                    left
                }
                (0, _) => {
                    push(18, left.min(138) - 11);
                    left.min(138)
                }
                (_, _) => {
                    push(16, left.min(6) - 3);
                    left.min(6)
                }
            };
            left -= taken;
        }
    }

    /// Writes what was planned last.
    pub(crate) fn write(&self, out: &mut Bits<'_>) {
        out.add(self.literals as u64 - 257, 5);
        out.add(self.distances as u64 - 1, 5);
        out.add(self.written as u64 - 4, 4);
        out.flush();
        for symbol in &ORDER[..self.written] {
            out.add(u64::from(self.lengths.of[*symbol]), 3);
            out.flush();
        }
        let codes = self.lengths.codes();
        for (symbol, extra) in &self.symbols {
            let index = usize::from(*symbol);
            out.add(u64::from(codes[index]), u32::from(self.lengths.of[index]));
            out.add(u64::from(*extra), u32::from(REPEAT_BITS[index]));
            out.flush();
        }
    }
}
