//! One block of a deflate stream (RFC 1951, 3.2): as it is, or in codes made for it.

use crate::stream::bits::Bits;
use crate::stream::codes::{
    ALL, Code, Codes, LENGTHS, add_four, of_lengths, of_literals, parts, with_codes, write_end,
    write_literals,
};
use crate::stream::header::BlockHeader;
use crate::stream::huffman::Lengths;
use crate::stream::symbol_counts::SymbolCounts;
use crate::stream::symbols::{
    DISTANCE_BITS, DISTANCES, END_OF_BLOCK, LENGTH_BITS, LITERALS_AND_LENGTHS, of_distance,
};

/// Maximum number of bytes in one block: that of a stored block.
pub(crate) const LONGEST: usize = 65_535;
/// Bits of header and alignment of a block that is stored as it is, at the most.
const STORED_BITS: u64 = 3 + 7 + 32;
/// Codes that save less than this part of a block are left out: bytes that are nearly random take three times as long
/// to inflate as all others together.
pub(crate) const WORTH: u64 = 32;
/// Four literal codes, or a copy and two literal codes, fit beside the bits that wait in [`Bits`]; inflaters
/// decode such short codes with one lookup, and the streams are no longer than with 15.
const LONGEST_CODE: usize = 11;

/// Bytes as they are, and then a copy of bytes before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sequence {
    /// Bytes as they are.
    pub literals: u32,
    /// Bytes copied, 3..=258.
    pub length: u16,
    /// How far back, 1..=32768.
    pub distance: u16,
}

/// Codes of the block at hand.
#[derive(Debug, Default)]
pub(crate) struct Coder {
    literal_lengths: Lengths<LITERALS_AND_LENGTHS>,
    distance_lengths: Lengths<DISTANCES>,
    header: BlockHeader,
}

impl Coder {
    /// Makes codes for a block; the bits that it will take.
    pub(crate) fn weigh(&mut self, symbol_counts: &mut SymbolCounts) -> u64 {
        symbol_counts.literals[END_OF_BLOCK] = 1;
        self.literal_lengths = Lengths::new(&symbol_counts.literals, LONGEST_CODE);
        self.distance_lengths = Lengths::new(&symbol_counts.distances, LONGEST_CODE);
        3 + self
            .header
            .plan(&self.literal_lengths.of, &self.distance_lengths.of)
            + self
                .literal_lengths
                .bits(&symbol_counts.literals, &LENGTH_BITS)
            + self
                .distance_lengths
                .bits(&symbol_counts.distances, &DISTANCE_BITS)
    }

    /// Writes the header of the block that was weighed last.
    pub(crate) fn begin(&self, is_last: bool, out: &mut Bits<'_>) {
        out.add(u64::from(is_last) | 2 << 1, 3);
        self.header.write(out);
    }

    /// Codes of literals, the end of a block and lengths.
    pub(crate) fn codes(&self) -> Codes {
        with_codes(&self.literal_lengths)
    }

    pub(crate) fn distance_codes(&self) -> [Code; DISTANCES] {
        with_codes(&self.distance_lengths)
    }

    /// Writes the block that was weighed last.
    #[inline(always)]
    pub(crate) fn write(
        &self,
        bytes: &[u8],
        sequences: &[Sequence],
        is_last: bool,
        out: &mut Bits<'_>,
    ) {
        self.begin(is_last, out);
        let (codes, distances) = (self.codes(), self.distance_codes());
        let lengths = match sequences.is_empty() {
            true => [0; LENGTHS],
            false => of_lengths(&codes),
        };
        let mut rest = bytes;
        for sequence in sequences {
            write_few_literals(rest, sequence.literals as usize, &codes, out);
            rest = &rest[sequence.literals as usize + usize::from(sequence.length)..];
            let (length, length_bits) = parts(lengths[usize::from(sequence.length)]);
            let (symbol, extra, bits) = of_distance(sequence.distance);
            let (code, code_bits) = parts(distances[usize::from(symbol)]);
            let distance = code | u64::from(extra) << code_bits;
            out.add(
                length | distance << length_bits,
                length_bits + code_bits + bits,
            );
            out.flush();
        }
        write_end(rest, &codes, out);
    }
}

/// Whether codes of this many bits save too little of a block to be worth the reader's time.
pub(crate) fn is_better_stored(bytes: &[u8], bits: u64) -> bool {
    let stored = bytes.len() as u64 * 8 + STORED_BITS;
    stored - stored / WORTH <= bits
}

/// Writes a block as it is, of at most [`LONGEST`] bytes.
pub(crate) fn store(bytes: &[u8], is_last: bool, out: &mut Bits<'_>) {
    out.add(u64::from(is_last), 3);
    out.align();
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.bytes(&length.to_le_bytes());
    out.bytes(&(!length).to_le_bytes());
    out.bytes(bytes);
}

/// Masks of the first 0 to 4 of four.
const FIRST: [[u32; 4]; 5] = [
    [0; 4],
    [u32::MAX, 0, 0, 0],
    [u32::MAX, u32::MAX, 0, 0],
    [u32::MAX, u32::MAX, u32::MAX, 0],
    ALL,
];

/// Writes the first `count` bytes. Between copies it is rarely more than four and never known
/// before: a loop over each would be guessed wrong every time, one over fours is mostly not.
#[inline(always)]
fn write_few_literals(bytes: &[u8], count: usize, codes: &Codes, out: &mut Bits<'_>) {
    let (mut rest, mut left) = (bytes, count);
    while let Some((four, after)) = rest.split_first_chunk::<4>() {
        add_four(*four, FIRST[left.min(4)], of_literals(codes), out);
        out.flush();
        if left <= 4 {
            return;
        }
        (rest, left) = (after, left - 4);
    }
    write_literals(&rest[..left], codes, out);
}
