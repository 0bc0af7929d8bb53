//! Runs of one byte in a block.

use super::block::Sequence;
use super::tally::Tally;

/// Fewer repeated bytes than one in so many are not worth a look for runs.
const RARE: usize = 16;
/// How many copied bytes are worth a copy, which takes some nine bits and is inflated in one step, where literals take
/// a step each.
const WORTH: usize = 3;
/// The same of a byte that is so frequent that its code has one bit.
const WORTH_OF_ONE_BIT: usize = 6;
/// The longest copy of deflate.
const LONGEST_COPY: usize = 258;

/// Finds the runs that are hardly longer as a copy than as literals, and moves them in the tally, which was made of
/// the same bytes.
#[inline(always)]
pub(super) fn find(bytes: &[u8], tally: &mut Tally, sequences: &mut Vec<Sequence>) {
    sequences.clear();
    if repeated(bytes) * RARE < bytes.len() {
        return;
    }
    let mut worth = [WORTH; 256];
    for (worth, count) in worth.iter_mut().zip(&tally.literals) {
        if *count as usize * 5 > bytes.len() * 2 {
            *worth = WORTH_OF_ONE_BIT;
        }
    }
    let (mut done, mut at) = (0, 0);
    while let Some(step) = next_four(&bytes[at..]) {
        at += step;
        let byte = bytes[at];
        let copied = run_length(&bytes[at..], byte) - 1;
        at += 1;
        if copied < worth[usize::from(byte)] {
            at += copied;
            continue;
        }
        let mut left = copied;
        while left > 0 {
            // What is left must not be 1 or 2, which no copy can have.
            let length = if left <= LONGEST_COPY {
                left
            } else {
                (left - 3).min(LONGEST_COPY)
            };
            sequences.push(sequence(at - done, length));
            tally.copy(sequence(0, length).length, 1);
            at += length;
            left -= length;
            done = at;
        }
        tally.remove(byte, u32::try_from(copied).unwrap_or(u32::MAX));
    }
}

fn sequence(literals: usize, length: usize) -> Sequence {
    Sequence {
        literals: u32::try_from(literals).unwrap_or(u32::MAX),
        length: u16::try_from(length).unwrap_or(u16::MAX),
        distance: 1,
    }
}

/// How many bytes are equal to the one before.
#[inline(always)]
fn repeated(bytes: &[u8]) -> usize {
    let (mut sum, mut before) = (0, bytes);
    while let [_, after @ ..] = before
        && !after.is_empty()
    {
        // Sums of a byte each: what vectors add fastest.
        let length = after.len().min(255);
        let equal = |(a, b): (&u8, &u8)| u8::from(a == b);
        let part: u8 = before[..length]
            .iter()
            .zip(&after[..length])
            .map(equal)
            .sum();
        sum += usize::from(part);
        before = &before[length..];
    }
    sum
}

/// Where the next four equal bytes begin.
#[inline(always)]
fn next_four(bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = u64::from_le_bytes([0x7f; 8]);
    let mut at = 0;
    while let Some(nine) = bytes.get(at..at + 9) {
        let word = |at: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&nine[at..at + 8]);
            u64::from_le_bytes(eight)
        };
        let differing = word(0) ^ word(1);
        // The highest bit of each byte that is equal to its neighbour.
        let equal = !(((differing & LOW) + LOW) | differing | LOW);
        let four = equal & (equal >> 8) & (equal >> 16);
        if four != 0 {
            return Some(at + (four.trailing_zeros() / 8) as usize);
        }
        at += 6;
    }
    let last = bytes.get(at..)?;
    let four = |four: &[u8]| four.iter().all(|byte| *byte == four[0]);
    last.windows(4).position(four).map(|index| at + index)
}

/// How many bytes at the front are `byte`.
#[inline(always)]
fn run_length(bytes: &[u8], byte: u8) -> usize {
    let all = u64::from_le_bytes([byte; 8]);
    let (words, _) = bytes.as_chunks::<8>();
    let mut length = 0;
    for word in words {
        let differing = u64::from_le_bytes(*word) ^ all;
        if differing != 0 {
            return length + (differing.trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    let rest = bytes[length..].iter();
    length + rest.take_while(|other| **other == byte).count()
}
