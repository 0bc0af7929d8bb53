//! Codes as they are written: several of them at once, without a branch.

use crate::stream::bits::Bits;
use crate::stream::huffman::Lengths;
use crate::stream::symbols::{END_OF_BLOCK, LENGTH_SYMBOLS, LITERALS_AND_LENGTHS};

/// A code in the upper three bytes, its length in the lowest one.
pub(crate) type Code = u32;
/// Codes of literals, the end of a block and lengths.
pub(crate) type Codes = [Code; LITERALS_AND_LENGTHS];
/// One more than the longest copy, up to where nine bits reach.
pub(crate) const LENGTHS: usize = 512;

/// A code and its length.
#[inline(always)]
pub(crate) fn parts(code: Code) -> (u64, u32) {
    (u64::from(code >> 8), code & 0xff)
}

pub(crate) fn with_codes<const N: usize>(lengths: &Lengths<N>) -> [Code; N] {
    let mut both = [0; N];
    let codes = lengths.codes();
    for (both, (code, length)) in both.iter_mut().zip(codes.iter().zip(&lengths.of)) {
        *both = u32::from(*code) << 8 | u32::from(*length);
    }
    both
}

/// The code of each length of a copy with its extra bits behind it; none where there is no such length.
pub(crate) fn of_lengths(codes: &Codes) -> [Code; LENGTHS] {
    let mut all = [0; LENGTHS];
    for (all, (symbol, extra, bits)) in all.iter_mut().zip(&LENGTH_SYMBOLS).skip(3) {
        let code = codes[usize::from(*symbol)];
        let both = code >> 8 | u32::from(*extra) << (code & 0xff);
        *all = both << 8 | ((code & 0xff) + u32::from(*bits));
    }
    all
}

/// The codes of four literals, those whose mask is 0 left out, and how many bits they are.
#[inline(always)]
pub(crate) fn four(bytes: [u8; 4], masks: [u32; 4], codes: &[Code; 256]) -> (u64, u32) {
    let code = |at: usize| codes[usize::from(bytes[at])] & masks[at];
    let [a, b, c, d] = [code(0), code(1), code(2), code(3)];
    // Shifts use only six bits of their count, and sums of lengths stay below 64.
    let after = |one: Code, other: Code| u64::from(one >> 8) | u64::from(other >> 8) << (one & 63);
    let half = a.wrapping_add(b);
    let all = half.wrapping_add(c).wrapping_add(d);
    (after(a, b) | after(c, d) << (half & 63), all & 63)
}

/// Adds four literals, those whose mask is 0 not.
#[inline(always)]
pub(crate) fn add_four(bytes: [u8; 4], masks: [u32; 4], codes: &[Code; 256], out: &mut Bits<'_>) {
    let (code, count) = four(bytes, masks, codes);
    out.add(code, count);
}

pub(crate) const ALL: [u32; 4] = [u32::MAX; 4];

/// The codes of literals alone.
#[inline(always)]
pub(crate) fn of_literals(codes: &Codes) -> &[Code; 256] {
    codes.first_chunk().unwrap_or(&[0; 256])
}

/// Writes all bytes as they are.
#[inline(always)]
pub(crate) fn write_literals(bytes: &[u8], codes: &Codes, out: &mut Bits<'_>) {
    let (fours, rest) = bytes.as_chunks::<4>();
    for four in fours {
        add_four(*four, ALL, of_literals(codes), out);
        out.flush();
    }
    for byte in rest {
        let (code, bits) = parts(codes[usize::from(*byte)]);
        out.add(code, bits);
    }
    out.flush();
}

/// Writes literals, and that the block ends behind them.
#[inline(always)]
pub(crate) fn write_end(bytes: &[u8], codes: &Codes, out: &mut Bits<'_>) {
    write_literals(bytes, codes, out);
    let (code, length) = parts(codes[END_OF_BLOCK]);
    out.add(code, length);
    out.flush();
}
