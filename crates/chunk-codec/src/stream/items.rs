//! What happens to each value of a block: which of its bytes are written as literals, and which copy comes
//! before these.
//!
//! Whether a value is copied is as good as random: it is written without a branch. What there is of new values and of
//! copied ones is put into codes one after the other, some values at a time, and then all of it into the stream.

use crate::stream::bits::Bits;
use crate::stream::block::Coder;
use crate::stream::branchless_vec::BranchlessVec;
use crate::stream::codes::{Code, LENGTHS, four, of_lengths, of_literals, parts, write_end};
use crate::stream::symbol_counts::SymbolCounts;
use crate::stream::symbols::DISTANCE_BITS;
use multiversion::multiversion;

#[derive(Debug, Default)]
pub(crate) struct Items {
    /// A bit for each byte that is a literal, the first one lowest.
    pub(crate) literals: Vec<u8>,
    /// Values that have literals, in order, and perhaps some that have none any more.
    pub(crate) new: BranchlessVec<u16>,
    /// Copies of overlaps, in order.
    pub(crate) overlaps: BranchlessVec<Copied>,
    /// Copies of whole values, in order.
    pub(crate) known: BranchlessVec<Copied>,
}

/// A copy before the literals of a value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Copied {
    /// Which value.
    index: u16,
    length: u16,
    /// What follows the symbol of the distance.
    extra: u16,
    /// Of the distance.
    symbol: u8,
}

impl Copied {
    /// A copy of this length from this distance; the symbol_counts records the distance here, and the length through
    /// the caller.
    #[inline(always)]
    pub(crate) fn new(
        index: u16,
        length: u16,
        distance: u16,
        symbol_counts: &mut SymbolCounts,
    ) -> Self {
        let (symbol, extra) = symbol_counts.distance(distance);
        Copied {
            index,
            length,
            extra,
            symbol,
        }
    }
}

/// Writes the block that `coder` has weighed last: `values`, and bytes behind them.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
pub(crate) fn write<const SIZE: usize>(
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
    let fours = SIZE / 4;
    let (mut new, mut overlaps, mut known) = (
        items.new.items(),
        items.overlaps.items(),
        items.known.items(),
    );
    let mut ready = CodedBlock::default();
    for first in (0..values.len()).step_by(AT_ONCE / fours) {
        let stop = values.len().min(first + AT_ONCE / fours);
        for index in before(&mut new, stop, |index| *index) {
            let index = usize::from(*index);
            let mut mask = items.literals[index];
            for (place, bytes) in (0..).zip(values[index].as_chunks::<4>().0) {
                let (code, count) = four(*bytes, MASKS[usize::from(mask & 15)], literals);
                ready.put((index - first) * fours + place, code, count);
                mask >>= 4;
            }
        }
        let overlaps = before(&mut overlaps, stop, |copy| copy.index);
        let known = before(&mut known, stop, |copy| copy.index);
        for copy in overlaps.iter().chain(known) {
            let (length, length_bits) = parts(lengths[usize::from(copy.length) % LENGTHS]);
            let distance = &distances[usize::from(copy.symbol) % SYMBOLS];
            let extra = u64::from(copy.extra) << (distance.code_bits & 63);
            let copied = u64::from(distance.code) | extra;
            let code = length | copied << (length_bits & 63);
            let count = length_bits + u32::from(distance.bits);
            // A copy leaves two of the first four at the most: both fit.
            ready.put_before((usize::from(copy.index) - first) * fours, code, count);
        }
        ready.write((stop - first) * fours, out);
    }
    write_end(rest, &codes, out);
}

/// Takes off those of a sorted list that are before `stop`.
#[inline(always)]
fn before<'a, T>(list: &mut &'a [T], stop: usize, index: impl Fn(&T) -> u16) -> &'a [T] {
    let count = list.partition_point(|item| usize::from(index(item)) < stop);
    let (here, rest) = list.split_at(count);
    *list = rest;
    here
}

/// Fours of bytes whose codes are put together at a time: what these take stays in a core's nearest cache.
const AT_ONCE: usize = 512;

/// What is ready to be written of each four of bytes.
#[derive(Debug)]
struct CodedBlock {
    codes: [u64; AT_ONCE],
    /// Their bits.
    counts: [u32; AT_ONCE],
}

impl Default for CodedBlock {
    fn default() -> Self {
        CodedBlock {
            codes: [0; AT_ONCE],
            counts: [0; AT_ONCE],
        }
    }
}

impl CodedBlock {
    #[inline(always)]
    fn put(&mut self, at: usize, code: u64, count: u32) {
        self.codes[at % AT_ONCE] = code;
        self.counts[at % AT_ONCE] = count;
    }

    /// Puts something before what is there.
    #[inline(always)]
    fn put_before(&mut self, at: usize, code: u64, count: u32) {
        let (codes, counts) = (
            &mut self.codes[at % AT_ONCE],
            &mut self.counts[at % AT_ONCE],
        );
        *codes = code | *codes << (count & 63);
        *counts += count;
    }

    /// Writes this many of them, and forgets all.
    #[inline(always)]
    fn write(&mut self, fours: usize, out: &mut Bits<'_>) {
        let (codes, counts) = (&self.codes[..fours], &self.counts[..fours]);
        out.many(|out| {
            for (code, count) in codes.iter().zip(counts) {
                out.add(*code, *count);
                out.flush();
            }
        });
        *self = CodedBlock::default();
    }
}

const SYMBOLS: usize = 32;

/// How a distance is written.
#[derive(Debug, Clone, Copy, Default)]
struct Distance {
    code: u16,
    code_bits: u8,
    /// With those behind the code.
    bits: u8,
}

fn distances(coder: &Coder) -> [Distance; SYMBOLS] {
    let mut distances = [Distance::default(); SYMBOLS];
    let codes = coder.distance_codes();
    for (distance, (code, more)) in distances
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
