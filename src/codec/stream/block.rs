//! One block of a deflate stream (RFC 1951, 3.2): as it is, or in codes made for it.

use super::bits::Bits;
use super::huffman;

/// Bytes that one block may hold: the most that one stored as it is has room for.
pub(super) const LONGEST: usize = 65_535;
/// Bits of header and alignment of a block that is stored as it is, at the most.
const STORED_BITS: u64 = 3 + 7 + 32;
/// Four codes of literals fit beside what waits in [`Bits`].
const LONGEST_CODE: usize = 14;
const END_OF_BLOCK: usize = 256;
const LITERALS_AND_LENGTHS: usize = 286;
const DISTANCES: usize = 30;

/// Bytes as they are, and then a copy of bytes before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sequence {
    /// Bytes as they are.
    pub literals: u32,
    /// Bytes copied, 3..=258.
    pub length: u16,
    /// How far back, 1..=32768.
    pub distance: u16,
}

/// What a block consists of: how often each symbol occurs.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    literals: [u32; LITERALS_AND_LENGTHS],
    distances: [u32; DISTANCES],
    extra_bits: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Tally {
            literals: [0; LITERALS_AND_LENGTHS],
            distances: [0; DISTANCES],
            extra_bits: 0,
        }
    }
}

impl Tally {
    /// All bytes as they are.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut tally = Tally::default();
        tally.literals[..256].copy_from_slice(&histogram(bytes));
        tally
    }

    /// Adds a byte as it is.
    #[inline(always)]
    pub(super) fn add(&mut self, byte: u8) {
        self.literals[usize::from(byte)] += 1;
    }

    /// Takes away so many bytes of one value that [`Tally::add`] or [`Tally::of`] counted.
    #[inline(always)]
    pub(super) fn remove(&mut self, byte: u8, count: u32) {
        self.literals[usize::from(byte)] -= count;
    }

    /// Adds a copy.
    #[inline(always)]
    pub(super) fn copy(&mut self, length: u16, distance: u16) {
        let (symbol, _, bits) = LENGTH_SYMBOLS[usize::from(length)];
        self.literals[usize::from(symbol)] += 1;
        let (symbol, _, more_bits) = of_distance(distance);
        self.distances[symbol] += 1;
        self.extra_bits += u64::from(bits) + u64::from(more_bits);
    }

    /// Whether `count` bytes, counted by [`Tally::of`], are as good as random: no code could
    /// save more than about a three-hundredth of them.
    pub(super) fn is_noise(&self, count: usize) -> bool {
        let count = count as u64;
        let pairs: u64 = self.literals[..256]
            .iter()
            .map(|n| u64::from(*n) * u64::from(*n))
            .sum();
        // Of evenly random bytes, count * count / 256 + count is expected.
        pairs.saturating_sub(count).saturating_mul(256 * 32) < count * count * 33
    }
}

/// Codes of the block at hand.
#[derive(Debug)]
pub(super) struct Coder {
    literal_lengths: [u8; LITERALS_AND_LENGTHS],
    distance_lengths: [u8; DISTANCES],
    header: Header,
}

#[derive(Debug, Default)]
struct Header {
    symbols: Vec<(u8, u8)>,
    lengths: [u8; 19],
    codes: [u16; 19],
    literals: usize,
    distances: usize,
    written: usize,
}

/// The order in which a header lists the lengths of its own codes.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];
/// Bits that follow the header's symbols 16, 17 and 18.
const fn repeat_bits(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// Symbol, extra bits and their number of a length.
const fn of_length(length: u16) -> (usize, u16, u32) {
    if length == 258 {
        return (285, 0, 0);
    }
    let above = length - 3;
    if above < 8 {
        return (257 + above as usize, 0, 0);
    }
    let extra = above.ilog2() - 2;
    let symbol = 257 + 4 * extra as usize + (above >> extra) as usize;
    (symbol, above & ((1 << extra) - 1), extra)
}

/// The same of a distance.
const fn of_distance(distance: u16) -> (usize, u16, u32) {
    let above = distance - 1;
    // Without a branch for the four shortest, which have no extra bits.
    let extra = (above | 2).ilog2() - 1;
    let symbol = 2 * extra as usize + (above >> extra) as usize;
    (symbol, above & ((1 << extra) - 1), extra)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "lengths end at 258 and symbols at 285"
)]
const LENGTH_SYMBOLS: [(u16, u16, u8); 259] = {
    let mut table = [(0, 0, 0); 259];
    let mut length = 3;
    while length <= 258 {
        let (symbol, extra, bits) = of_length(length as u16);
        table[length] = (symbol as u16, extra, bits as u8);
        length += 1;
    }
    table
};

impl Default for Coder {
    fn default() -> Self {
        Coder {
            literal_lengths: [0; LITERALS_AND_LENGTHS],
            distance_lengths: [0; DISTANCES],
            header: Header::default(),
        }
    }
}

impl Coder {
    /// Makes codes for a block; the bits that it will take.
    pub(super) fn weigh(&mut self, tally: &mut Tally) -> u64 {
        tally.literals[END_OF_BLOCK] = 1;
        huffman::lengths(&tally.literals, LONGEST_CODE, &mut self.literal_lengths);
        huffman::lengths(&tally.distances, LONGEST_CODE, &mut self.distance_lengths);
        let bits = |frequencies: &[u32], lengths: &[u8]| -> u64 {
            frequencies
                .iter()
                .zip(lengths)
                .map(|(frequency, length)| u64::from(*frequency) * u64::from(*length))
                .sum()
        };
        3 + self
            .header
            .plan(&self.literal_lengths, &self.distance_lengths)
            + bits(&tally.literals, &self.literal_lengths)
            + bits(&tally.distances, &self.distance_lengths)
            + tally.extra_bits
    }

    /// Lengths of the codes of literals, 0 where there is none.
    pub(super) fn literal_lengths(&self) -> &[u8] {
        &self.literal_lengths[..256]
    }

    /// Writes the block that was weighed last.
    pub(super) fn write(
        &self,
        bytes: &[u8],
        sequences: &[Sequence],
        is_last: bool,
        out: &mut Bits<'_>,
    ) {
        out.add(u64::from(is_last) | 2 << 1, 3);
        self.header.write(out);
        let codes: [Code; LITERALS_AND_LENGTHS] = with_codes(&self.literal_lengths);
        let distances: [Code; DISTANCES] = with_codes(&self.distance_lengths);
        let lengths = match sequences.is_empty() {
            true => [(0, 0); 259],
            false => of_lengths(&codes),
        };
        let mut rest = bytes;
        for sequence in sequences {
            write_few_literals(rest, sequence.literals as usize, &codes, out);
            rest = &rest[sequence.literals as usize + usize::from(sequence.length)..];
            let (length, length_bits) = lengths[usize::from(sequence.length)];
            let (symbol, extra, bits) = of_distance(sequence.distance);
            let (code, code_bits) = parts(distances[symbol]);
            let distance = code | u64::from(extra) << code_bits;
            out.add(
                length | distance << length_bits,
                length_bits + code_bits + bits,
            );
            out.flush();
        }
        write_literals(rest, &codes, out);
        let (code, length) = parts(codes[END_OF_BLOCK]);
        out.add(code, length);
        out.flush();
    }
}

/// The code of each length of a copy with its extra bits behind it, and how many bits both are.
fn of_lengths(codes: &[Code; LITERALS_AND_LENGTHS]) -> [(u64, u32); 259] {
    std::array::from_fn(|length| {
        let (symbol, extra, bits) = LENGTH_SYMBOLS[length];
        let (code, code_bits) = parts(codes[usize::from(symbol)]);
        let both = code | u64::from(extra) << code_bits;
        (both, code_bits + u32::from(bits))
    })
}

/// A code in the lower half, its length in the upper.
type Code = u32;

#[inline(always)]
fn parts(code: Code) -> (u64, u32) {
    (u64::from(code & 0xffff), code >> 16)
}

fn with_codes<const N: usize>(lengths: &[u8; N]) -> [Code; N] {
    let mut codes = [0; N];
    huffman::codes(lengths, &mut codes);
    std::array::from_fn(|symbol| u32::from(codes[symbol]) | u32::from(lengths[symbol]) << 16)
}

/// Whether a block is no larger when its bytes are stored as they are.
pub(super) fn is_better_stored(bytes: &[u8], bits: u64) -> bool {
    bytes.len() as u64 * 8 + STORED_BITS <= bits
}

/// Writes a block as it is, of at most [`LONGEST`] bytes.
pub(super) fn store(bytes: &[u8], is_last: bool, out: &mut Bits<'_>) {
    out.add(u64::from(is_last), 3);
    out.align();
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.bytes(&length.to_le_bytes());
    out.bytes(&(!length).to_le_bytes());
    out.bytes(bytes);
}

/// How often each byte occurs. Four tables, so that equal bytes need not wait for each other.
fn histogram(bytes: &[u8]) -> [u32; 256] {
    let mut tables = [[0_u32; 256]; 4];
    let (fours, rest) = bytes.as_chunks::<4>();
    for four in fours {
        for (table, byte) in tables.iter_mut().zip(four) {
            table[usize::from(*byte)] += 1;
        }
    }
    for byte in rest {
        tables[0][usize::from(*byte)] += 1;
    }
    let [mut sum, tables @ ..] = tables;
    for table in tables {
        for (sum, count) in sum.iter_mut().zip(table) {
            *sum += count;
        }
    }
    sum
}

/// Writes four literals, those whose mask is 0 not.
#[inline(always)]
fn write_four(bytes: [u8; 4], masks: [u32; 4], codes: &[Code], out: &mut Bits<'_>) {
    let code = |at: usize| parts(codes[usize::from(bytes[at])] & masks[at]);
    let ((a, a_bits), (b, b_bits), (c, c_bits), (d, d_bits)) = (code(0), code(1), code(2), code(3));
    let (first, second) = (a | b << a_bits, c | d << c_bits);
    let first_bits = a_bits + b_bits;
    out.add(first | second << first_bits, first_bits + c_bits + d_bits);
    out.flush();
}

const ALL: [u32; 4] = [u32::MAX; 4];
/// Masks of the first so many of four.
const FIRST: [[u32; 4]; 5] = [
    [0; 4],
    [u32::MAX, 0, 0, 0],
    [u32::MAX, u32::MAX, 0, 0],
    [u32::MAX, u32::MAX, u32::MAX, 0],
    ALL,
];

fn write_literals(bytes: &[u8], codes: &[Code; LITERALS_AND_LENGTHS], out: &mut Bits<'_>) {
    let (fours, rest) = bytes.as_chunks::<4>();
    for four in fours {
        write_four(*four, ALL, codes, out);
    }
    for byte in rest {
        let (code, bits) = parts(codes[usize::from(*byte)]);
        out.add(code, bits);
    }
    out.flush();
}

/// Writes the first `count` bytes. Between copies it is rarely more than four and never known
/// before: a loop over each would be guessed wrong every time, one over fours is mostly not.
#[inline(always)]
fn write_few_literals(
    bytes: &[u8],
    count: usize,
    codes: &[Code; LITERALS_AND_LENGTHS],
    out: &mut Bits<'_>,
) {
    let (mut rest, mut left) = (bytes, count);
    while let Some((four, after)) = rest.split_first_chunk::<4>() {
        write_four(*four, FIRST[left.min(4)], codes, out);
        if left <= 4 {
            return;
        }
        (rest, left) = (after, left - 4);
    }
    write_literals(&rest[..left], codes, out);
}

impl Header {
    /// Lays out the lengths of both codes; bits of the header.
    fn plan(&mut self, literals: &[u8], distances: &[u8]) -> u64 {
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
        let mut rest = &all[..count];
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|length| *length == first).count();
            self.repeat(*first, run);
            rest = &rest[run..];
        }
        let mut frequencies = [0; 19];
        for (symbol, _) in &self.symbols {
            frequencies[usize::from(*symbol)] += 1;
        }
        huffman::lengths(&frequencies, 7, &mut self.lengths);
        huffman::codes(&self.lengths, &mut self.codes);
        let last = ORDER.iter().rposition(|symbol| self.lengths[*symbol] > 0);
        self.written = last.map_or(4, |last| 4.max(last + 1));
        let symbols: u64 = self
            .symbols
            .iter()
            .map(|(symbol, _)| {
                u64::from(self.lengths[usize::from(*symbol)]) + u64::from(repeat_bits(*symbol))
            })
            .sum();
        14 + 3 * self.written as u64 + symbols
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

    fn write(&self, out: &mut Bits<'_>) {
        out.add(self.literals as u64 - 257, 5);
        out.add(self.distances as u64 - 1, 5);
        out.add(self.written as u64 - 4, 4);
        out.flush();
        for symbol in &ORDER[..self.written] {
            out.add(u64::from(self.lengths[*symbol]), 3);
            out.flush();
        }
        for (symbol, extra) in &self.symbols {
            let index = usize::from(*symbol);
            out.add(u64::from(self.codes[index]), u32::from(self.lengths[index]));
            out.add(u64::from(*extra), repeat_bits(*symbol));
            out.flush();
        }
    }
}
