//! What becomes of each value of a block: which of its bytes are written as they are, and which copy comes
//! before these.
//!
//! It is written without a branch: whether a value is copied is as good as random.

use super::bits::Bits;
use super::block::Coder;
use super::codes::{Code, LENGTHS, add_four, of_lengths, of_literals, parts, write_end};
use super::symbols::DISTANCE_BITS;
use super::tally::Tally;
use multiversion::multiversion;

/// Of each value.
#[derive(Debug, Default)]
pub(super) struct Items {
    /// A bit for each byte that is a literal, the first one lowest.
    pub(super) literals: Vec<u8>,
    /// See [`Items::copy`]; 0 for none.
    copies: Vec<u32>,
}

/// Bits of a packed copy: its length, and above it one more than the symbol of its distance.
const LENGTH_BITS: u32 = LENGTHS.ilog2();
const SYMBOLS: usize = 32;
const SYMBOL_BITS: u32 = SYMBOLS.ilog2();

impl Items {
    /// Forgets all, and makes room for so many values.
    pub(super) fn clear(&mut self, count: usize) {
        self.literals.resize(count, 0);
        self.copies.clear();
        self.copies.resize(count, 0);
    }

    /// Notes a copy before the literals of a value, whose length the caller has told the tally.
    #[inline(always)]
    pub(super) fn copy(&mut self, index: usize, length: u16, distance: u16, tally: &mut Tally) {
        let (symbol, extra) = tally.distance(distance);
        let symbol = u32::from(symbol) + 1;
        self.copies[index] =
            u32::from(length) | (symbol | u32::from(extra) << SYMBOL_BITS) << LENGTH_BITS;
    }
}

/// Writes the block that `coder` has weighed last: `values`, and bytes behind them.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(super) fn write<const SIZE: usize>(
    items: &Items,
    values: &[[u8; SIZE]],
    rest: &[u8],
    coder: &Coder,
    is_last: bool,
    out: &mut Bits<'_>,
) {
    coder.begin(is_last, out);
    let codes = coder.codes();
    let literals = of_literals(&codes);
    let lengths = of_lengths(&codes);
    let distances = distances(coder);
    let items = items.literals.iter().zip(&items.copies);
    out.many(|out| {
        for (value, (mask, copy)) in values.iter().zip(items) {
            let (length, length_bits) = parts(lengths[*copy as usize % LENGTHS]);
            let above = copy >> LENGTH_BITS;
            let distance = &distances[above as usize % SYMBOLS];
            let extra = u64::from(above >> SYMBOL_BITS) << (distance.code_bits & 63);
            let copied = u64::from(distance.code) | extra;
            out.add(
                length | copied << (length_bits & 63),
                length_bits + u32::from(distance.bits),
            );
            // A copy leaves two of the first four at the most: both fit.
            let (fours, _) = value.as_chunks::<4>();
            let mut mask = *mask;
            for four in fours {
                add_four(*four, MASKS[usize::from(mask & 15)], literals, out);
                out.flush();
                mask >>= 4;
            }
        }
    });
    write_end(rest, &codes, out);
}

/// How a distance is written.
#[derive(Debug, Clone, Copy, Default)]
struct Distance {
    code: u16,
    code_bits: u8,
    /// With those behind the code.
    bits: u8,
}

/// By one more than the symbol; 0 is for none.
fn distances(coder: &Coder) -> [Distance; SYMBOLS] {
    let mut distances = [Distance::default(); SYMBOLS];
    let codes = coder.distance_codes();
    for (distance, (code, more)) in distances[1..]
        .iter_mut()
        .zip(codes.into_iter().zip(DISTANCE_BITS))
    {
        *distance = of_code(code, more);
    }
    distances
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a code has 11 bits, and 13 follow it at the most"
)]
fn of_code(code: Code, more: u8) -> Distance {
    let (code, bits) = parts(code);
    Distance {
        code: code as u16,
        code_bits: bits as u8,
        bits: bits as u8 + more,
    }
}

/// A mask for each of four bytes by its bit.
const MASKS: [[u32; 4]; 16] = {
    let mut masks = [[0; 4]; 16];
    let mut at = 0;
    while at < 64 {
        let (bits, place) = (at / 4, at % 4);
        if bits & (1 << place) > 0 {
            masks[bits][place] = u32::MAX;
        }
        at += 1;
    }
    masks
};
