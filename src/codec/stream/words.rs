//! Values that occur again as a whole, found one value at a time.
//!
//! An export that rounds to three decimals leaves some thousands of different values, which no
//! byte of them betrays: only the whole value repeats. A general search would look at every byte.
//!
//! Where a value is new, its two lowest bytes may still have followed the same byte before: x and
//! 2x differ in the exponent only. Such a joint saves another fiftieth.

use super::block::{Sequence, Tally};

/// Bits of a table's index.
const TABLE_BITS: u32 = 16;
const TABLE: usize = 1 << TABLE_BITS;
/// As far back as deflate can copy from.
const FARTHEST: usize = 32_768;
/// Bytes of whole values in one copy.
const LONGEST_COPY: usize = 256;

/// Where each value of `SIZE` bytes occurred last.
#[derive(Debug)]
pub(super) struct Words<const SIZE: usize> {
    /// Positions in values, modulo 65,536, by the value's hash.
    values: Box<[u16; TABLE]>,
    /// The same by the byte before a value and its first two.
    joints: Box<[u16; TABLE]>,
}

impl<const SIZE: usize> Default for Words<SIZE> {
    fn default() -> Self {
        Words {
            values: Box::new([0; TABLE]),
            joints: Box::new([0; TABLE]),
        }
    }
}

impl<const SIZE: usize> Words<SIZE> {
    /// Forgets what was found: the stream of a tile must not depend on those before it.
    pub(super) fn clear(&mut self) {
        self.values.fill(0);
        self.joints.fill(0);
    }

    /// Finds copies from `start` on, in about `length` bytes; where they end. `bytes` is all of
    /// the tile: copies may come from before `start`.
    pub(super) fn find(
        &mut self,
        bytes: &[u8],
        start: usize,
        length: usize,
        tally: &mut Tally,
        sequences: &mut Vec<Sequence>,
    ) -> usize {
        *tally = Tally::default();
        sequences.clear();
        let (values, _) = bytes.as_chunks::<SIZE>();
        let stop = ((start + length) / SIZE).min(values.len());
        // Bytes before `done` are in a sequence.
        let (mut done, mut at) = (start, start / SIZE);
        while at < stop {
            let value = values[at];
            let back = exchange(&mut self.values, word(value), at);
            if !may_reach(back, at, SIZE) || values[at - back] != value {
                for byte in value {
                    tally.add(byte);
                }
                done = self.joint(bytes, at, done, tally, sequences);
                at += 1;
                continue;
            }
            if let Some(before) = (at * SIZE).checked_sub(1) {
                let joint = [bytes[before], bytes[before + 1], bytes[before + 2]];
                exchange(&mut self.joints, word(joint), at);
            }
            let most = (LONGEST_COPY / SIZE).min(values.len() - at);
            let mut copied = 1;
            while copied < most && values[at + copied - back] == values[at + copied] {
                exchange(&mut self.values, word(values[at + copied]), at + copied);
                copied += 1;
            }
            let distance = back * SIZE;
            // What is equal before them as well, the last byte at most, is not worth another length.
            let from = at * SIZE;
            at += copied;
            push(done, from, at * SIZE, distance, tally, sequences);
            done = at * SIZE;
        }
        if at == values.len() {
            for byte in &bytes[at * SIZE..] {
                tally.add(*byte);
            }
            return bytes.len();
        }
        at * SIZE
    }

    /// Copies the byte before a new value and its first bytes if they occurred together; the
    /// new `done`.
    #[inline(always)]
    fn joint(
        &mut self,
        bytes: &[u8],
        at: usize,
        done: usize,
        tally: &mut Tally,
        sequences: &mut Vec<Sequence>,
    ) -> usize {
        let Some(from) = (at * SIZE).checked_sub(1) else {
            return done;
        };
        let joint = |from: usize| [bytes[from], bytes[from + 1], bytes[from + 2]];
        let back = exchange(&mut self.joints, word(joint(from)), at);
        let distance = back * SIZE;
        // The byte before the value needs one before it, too.
        if from < done
            || back == at
            || !may_reach(back, at, SIZE)
            || joint(from - distance) != joint(from)
        {
            return done;
        }
        let more = SIZE > 3 && bytes[from + 3] == bytes[from + 3 - distance];
        let end = from + 3 + usize::from(more);
        for byte in joint(from) {
            tally.remove(byte, 1);
        }
        if SIZE > 3 {
            tally.remove(bytes[from + 3], u32::from(more));
        }
        push(done, from, end, distance, tally, sequences);
        end
    }
}

fn word<const SIZE: usize>(value: [u8; SIZE]) -> u64 {
    let mut word = [0; 8];
    word[..SIZE].copy_from_slice(&value);
    u64::from_le_bytes(word)
}

/// Puts a position where its word belongs; how far back the one before it is, modulo 65,536.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "positions are kept modulo 65,536"
)]
fn exchange(table: &mut [u16; TABLE], word: u64, at: usize) -> usize {
    let slot = word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - TABLE_BITS);
    let before = std::mem::replace(&mut table[slot as usize], at as u16);
    usize::from((at as u16).wrapping_sub(before))
}

/// Whether a copy of the values at `at` can come from `back` values before.
#[inline(always)]
fn may_reach(back: usize, at: usize, size: usize) -> bool {
    back > 0 && back <= at && back * size <= FARTHEST
}

#[inline(always)]
fn push(
    done: usize,
    from: usize,
    end: usize,
    distance: usize,
    tally: &mut Tally,
    sequences: &mut Vec<Sequence>,
) {
    // All three are in the range of what they become: see the constants.
    let sequence = Sequence {
        literals: u32::try_from(from - done).unwrap_or(u32::MAX),
        length: u16::try_from(end - from).unwrap_or(u16::MAX),
        distance: u16::try_from(distance).unwrap_or(u16::MAX),
    };
    tally.copy(sequence.length, sequence.distance);
    sequences.push(sequence);
}
