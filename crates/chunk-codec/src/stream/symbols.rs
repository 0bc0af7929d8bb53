//! Symbols of lengths and distances, and the bits that follow them (RFC 1951, 3.2.5).

/// The symbol behind all others of a block.
pub(crate) const END_OF_BLOCK: usize = 256;
/// Symbols of literals, the end of a block and lengths.
pub(crate) const LITERALS_AND_LENGTHS: usize = 286;
pub(crate) const DISTANCES: usize = 30;

/// Symbol of a length, what follows it, and the number of these bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "no more than five bits follow a length"
)]
const fn of_length(length: u16) -> (u16, u16, u8) {
    if length == 258 {
        return (285, 0, 0);
    }
    let above = length - 3;
    if above < 8 {
        return (257 + above, 0, 0);
    }
    let bits = above.ilog2() - 2;
    let symbol = 257 + 4 * bits as u16 + (above >> bits);
    (symbol, above & ((1 << bits) - 1), bits as u8)
}

/// The same of a distance.
#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "symbols of distances end at 29"
)]
pub(crate) const fn of_distance(distance: u16) -> (u8, u16, u32) {
    let above = distance - 1;
    // Without a branch for the four shortest, which have no bits behind them.
    let bits = (above | 2).ilog2() - 1;
    let symbol = 2 * bits as u8 + (above >> bits) as u8;
    (symbol, above & ((1 << bits) - 1), bits)
}

/// Bits that follow each symbol of a literal, the end of a block or a length.
pub(crate) const LENGTH_BITS: [u8; LITERALS_AND_LENGTHS] = {
    let mut bits = [0; LITERALS_AND_LENGTHS];
    let mut length = 3;
    while length <= 258 {
        let (symbol, _, more) = of_length(length);
        bits[symbol as usize] = more;
        length += 1;
    }
    bits
};

/// Bits that follow each symbol of a distance.
pub(crate) const DISTANCE_BITS: [u8; DISTANCES] = {
    let mut bits = [0; DISTANCES];
    let mut symbol = 4;
    while symbol < DISTANCES {
        bits[symbol] = bits[symbol - 2] + 1;
        symbol += 1;
    }
    bits
};

/// [`of_length`] of each length; symbol 0 where there is no such length.
#[expect(clippy::cast_possible_truncation, reason = "lengths end at 258")]
pub(crate) const LENGTH_SYMBOLS: [(u16, u16, u8); 259] = {
    let mut table = [(0, 0, 0); 259];
    let mut length = 3;
    while length <= 258 {
        table[length] = of_length(length as u16);
        length += 1;
    }
    table
};
