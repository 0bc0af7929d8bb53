//! Values that occur again as a whole, found one value at a time.
//!
//! An export that rounds to three decimals leaves some thousands of different values, which no single byte of
//! them shows: only the whole value repeats. A general search would examine every byte.
//!
//! Where a value is new, its two lowest bytes may still have followed the same byte before: x and
//! 2x differ in the exponent only. Such a overlap saves another fiftieth.
//!
//! Each pass over a block does one thing for every value, without a branch: whether a value is known is as
//! good as random, and waiting for a table or for a misprediction takes longer than another pass.

use crate::stream::branchless_vec::BranchlessVec;
use crate::stream::items::{Copied, Items};
use crate::stream::symbol_counts::SymbolCounts;
use multiversion::multiversion;
use std::ops::RangeInclusive;

/// Bits of a table's index, at the least and at the most.
const TABLE_BITS: RangeInclusive<u32> = 8..=16;
/// Entries in a table for each value, if there may be this many: with fewer, too many values are overwritten
/// before they recur.
const PLACES: usize = 8;
/// As far back as deflate can copy from.
const FARTHEST: usize = 32_768;
/// Bytes of whole values in one copy.
const LONGEST_COPY: usize = 256;
/// Values of a block at the most.
pub(crate) const MOST: usize = 1 << 14;

/// Where each value of `SIZE` bytes, 4 or 8, occurred last, and what was found in a block.
#[derive(Debug, Default)]
pub(crate) struct Words<const SIZE: usize> {
    /// Positions in values, modulo 65,536, by the value's hash.
    values: Vec<u16>,
    /// The same by the byte before a value and its first two.
    overlaps: Vec<u16>,
    /// How far back, in values, each one may have occurred; 0 once it is known that it did not.
    backs: Vec<u16>,
    /// The same of overlaps.
    overlap_backs: Vec<u16>,
    /// Values where a copy begins.
    starts: BranchlessVec<u16>,
    /// New values behind new ones: what a overlap takes.
    fresh: BranchlessVec<u16>,
    /// Those whose overlap occurred before.
    found: BranchlessVec<u16>,
    items: Items,
}

impl<const SIZE: usize> Words<SIZE> {
    /// Forgets what was found, for a tile of this many values: its stream must not depend on those before it.
    /// Small tiles have small tables, because clearing large ones would take longer than the tile.
    pub(crate) fn clear(&mut self, count: usize) {
        let bits = count.saturating_mul(PLACES).max(1).ilog2();
        let places = 1 << bits.clamp(*TABLE_BITS.start(), *TABLE_BITS.end());
        for table in [&mut self.values, &mut self.overlaps] {
            table.clear();
            table.resize(places, 0);
        }
    }

    /// Finds copies in the values from `start` to `stop`, [`MOST`] at the most. `values` is all of
    /// the tile: copies may come from before `start`.
    pub(crate) fn find(
        &mut self,
        values: &[[u8; SIZE]],
        start: usize,
        stop: usize,
    ) -> SymbolCounts {
        let count = stop - start;
        self.backs.resize(count, 0);
        self.overlap_backs.resize(count, 0);
        self.items.literals.resize(count, 0);
        look_up(self, values, start);
        compare(self, values, start);
        let mut symbol_counts = count_new(self, &values[start..stop]);
        copy_overlaps(self, values, start, &mut symbol_counts);
        copy_values(self, &mut symbol_counts);
        symbol_counts
    }

    /// What happens to the values of the last [`Words::find`].
    pub(crate) fn items(&self) -> &Items {
        &self.items
    }
}

/// Where each value and each overlap may have occurred last.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn look_up<const SIZE: usize>(words: &mut Words<SIZE>, values: &[[u8; SIZE]], start: usize) {
    let mut before = start.checked_sub(1).map_or(0, |at| word(values[at]));
    let (mut known, mut overlaps) = (
        HashTable::of(&mut words.values),
        HashTable::of(&mut words.overlaps),
    );
    let backs = words.backs.iter_mut().zip(&mut words.overlap_backs);
    for (at, (value, (back, joint_back))) in (start..).zip(values[start..].iter().zip(backs)) {
        let now = word(*value);
        *back = known.exchange::<SIZE>(now, at);
        let overlap = overlap::<SIZE>(before, now) & TWO_AND_BEFORE;
        *joint_back = overlaps.exchange::<SIZE>(u64::from(overlap), at);
        before = now;
    }
}

/// Separates known values from new ones, and determines where copies begin.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "offsets are below 16,384; a mask of eight bits becomes one of sixteen"
)]
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn compare<const SIZE: usize>(words: &mut Words<SIZE>, values: &[[u8; SIZE]], start: usize) {
    let Items { literals, new, .. } = &mut words.items;
    let count = words.backs.len();
    new.refill(count, |new| {
        let found = literals.iter_mut().zip(&words.backs);
        for (offset, (value, (literals, back))) in values[start..].iter().zip(found).enumerate() {
            let source = (start + offset).wrapping_sub(usize::from(*back));
            let is_new = values.get(source) != Some(value);
            *literals = u8::from(is_new).wrapping_neg();
            new.push_if(offset as u16, is_new);
        }
    });
    // In a loop of its own: combined with the comparison, compilers turn it into a branch.
    for (back, literals) in words.backs.iter_mut().zip(literals) {
        *back &= !(i16::from(*literals as i8) as u16);
    }
    words.starts.refill(count, |starts| {
        let mut before = 0;
        for (offset, back) in words.backs.iter().enumerate() {
            starts.push_if(offset as u16, (*back != before) & (*back != 0));
            before = *back;
        }
    });
}

/// Counts the bytes of new values, and finds those that are fresh.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn count_new<const SIZE: usize>(words: &mut Words<SIZE>, values: &[[u8; SIZE]]) -> SymbolCounts {
    let mut counts = [[0_u32; 256]; SIZE];
    words.fresh.refill(values.len(), |fresh| {
        let mut next = usize::MAX;
        for offset in words.items.new.items() {
            let at = usize::from(*offset);
            for (counts, byte) in counts.iter_mut().zip(&values[at]) {
                counts[usize::from(*byte)] += 1;
            }
            fresh.push_if(*offset, at == next);
            next = at + 1;
        }
    });
    SymbolCounts::of_counts(&counts)
}

/// Copies the byte before a fresh value and its first bytes where they occurred together.
#[expect(
    clippy::cast_possible_truncation,
    reason = "single bytes are what is wanted, and distances end at 32,768"
)]
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn copy_overlaps<const SIZE: usize>(
    words: &mut Words<SIZE>,
    values: &[[u8; SIZE]],
    start: usize,
    symbol_counts: &mut SymbolCounts,
) {
    let overlap = |at: usize| overlap::<SIZE>(word(values[at - 1]), word(values[at]));
    let Items {
        literals, overlaps, ..
    } = &mut words.items;
    words.found.refill(words.fresh.items().len(), |found| {
        for offset in words.fresh.items() {
            let at = start + usize::from(*offset);
            let back = usize::from(words.overlap_backs[usize::from(*offset)]);
            // The byte before the value needs one before it, too.
            if at > back {
                let differing = overlap(at) ^ overlap(at - back);
                found.push_if(*offset, differing & TWO_AND_BEFORE == 0);
            }
        }
    });
    let found = words.found.items();
    let mut of_four = 0;
    overlaps.refill(found.len(), |overlaps| {
        for index in found {
            let offset = usize::from(*index);
            let at = start + offset;
            let back = usize::from(words.overlap_backs[offset]);
            let more = u32::from(values[at][2] == values[at - back][2]);
            of_four += more;
            symbol_counts.remove(values[at - 1][SIZE - 1], 1);
            symbol_counts.remove(values[at][0], 1);
            symbol_counts.remove(values[at][1], 1);
            symbol_counts.remove(values[at][2], more);
            literals[offset - 1] &= !(1 << (SIZE - 1));
            literals[offset] &= !(0b11 | more << 2) as u8;
            let distance = (back * SIZE) as u16;
            overlaps.push(Copied::new(
                *index,
                3 + more as u16,
                distance,
                symbol_counts,
            ));
        }
    });
    symbol_counts.lengths(3, u32::try_from(found.len()).unwrap_or(u32::MAX) - of_four);
    symbol_counts.lengths(4, of_four);
}

/// Copies known values, those together that lie side by side in both places.
#[expect(
    clippy::cast_possible_truncation,
    reason = "lengths end at 256 and distances at 32,768"
)]
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn copy_values<const SIZE: usize>(words: &mut Words<SIZE>, symbol_counts: &mut SymbolCounts) {
    let mut of_one = 0;
    words.items.known.refill(words.backs.len(), |known| {
        for offset in words.starts.items() {
            let mut from = usize::from(*offset);
            let back = words.backs[from];
            let distance = back.wrapping_mul(SIZE as u16);
            let same = words.backs[from..].iter().take_while(|b| **b == back);
            let end = from + same.count();
            while end - from > LONGEST_COPY / SIZE {
                symbol_counts.lengths(LONGEST_COPY as u16, 1);
                known.push(Copied::new(
                    from as u16,
                    LONGEST_COPY as u16,
                    distance,
                    symbol_counts,
                ));
                from += LONGEST_COPY / SIZE;
            }
            let length = ((end - from) * SIZE) as u16;
            if end - from == 1 {
                of_one += 1;
            } else {
                symbol_counts.lengths(length, 1);
            }
            known.push(Copied::new(from as u16, length, distance, symbol_counts));
        }
    });
    symbol_counts.lengths(SIZE as u16, of_one);
}

#[inline(always)]
fn word<const SIZE: usize>(value: [u8; SIZE]) -> u64 {
    let mut word = [0; 8];
    word[..SIZE].copy_from_slice(&value);
    u64::from_le_bytes(word)
}

/// Of a overlap, what it must have in common with another.
const TWO_AND_BEFORE: u32 = 0x00ff_ffff;

/// The last byte of the value before, and the first three of a value.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the lowest bytes are what is wanted"
)]
fn overlap<const SIZE: usize>(before: u64, now: u64) -> u32 {
    (before >> (8 * SIZE - 8)) as u32 | (now << 8) as u32
}

/// A table of a power of two of places.
struct HashTable<'a> {
    places: &'a mut [u16],
    shift: u32,
}

impl<'a> HashTable<'a> {
    fn of(places: &'a mut [u16]) -> Self {
        let shift = u64::BITS - places.len().max(1).ilog2();
        HashTable { places, shift }
    }

    /// Puts a position where its word belongs; how far back the one before it may be, 1 to as far as a copy reaches.
    /// What was never there, or too long ago, gives any number: values are compared anyway.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "positions are kept modulo 65,536"
    )]
    fn exchange<const SIZE: usize>(&mut self, word: u64, at: usize) -> u16 {
        let place = word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        let before = std::mem::replace(&mut self.places[place as usize], at as u16);
        ((at as u16).wrapping_sub(before).wrapping_sub(1) & (FARTHEST / SIZE - 1) as u16) + 1
    }
}
