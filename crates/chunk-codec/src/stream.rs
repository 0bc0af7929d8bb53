//! zlib streams (filter 1) made for what matrices hold, without a general search for matches.
//!
//! General compressors search every position for anything that occurred before. For expression values that
//! takes nine tenths of their time, and the possible matches are known beforehand:
//!
//! - the mantissas of measured values are noise: stored as they are;
//! - shuffled, each plane of bytes has a distribution of its own: a block with its own codes;
//! - zeros stand in runs;
//! - values that were rounded repeat as a whole, at whole values' distance.
//!
//! [`Writer`] searches for these only, and writes what every inflater reads (RFC 1950 and 1951). Its bytes
//! depend on no library, so they are the same in every build. The hot code is compiled twice: processors
//! since 2013 shift by a variable in one step instead of three (BMI2).

mod bits;
mod block;
mod branchless_vec;
mod codes;
mod header;
mod huffman;
mod items;
mod repeated;
mod runs;
mod symbol_counts;
mod symbols;
mod words;

use crate::grown;
use crate::stream::bits::Bits;
use crate::stream::block::{Coder, LONGEST, is_better_stored, store};
use crate::stream::runs::Runs;
use crate::stream::symbol_counts::SymbolCounts;
use crate::stream::words::Words;
use multiversion::multiversion;
use zlib_rs::adler32::adler32;

/// Method deflate, window 32 KiB, made by a fast algorithm (RFC 1950, 2.2).
const ZLIB_HEADER: [u8; 2] = [0x78, 0x01];
const ADLER_LENGTH: usize = 4;
/// Header and alignment of a block that is stored as it is, and the end of the stream.
const BLOCK_OVERHEAD: usize = 6;
/// What [`Bits`] writes beyond the last bit, and the header of a stream.
const ROOM: usize = 32;

/// Writes zlib streams on one thread; the same bytes give the same stream, whatever was before.
#[derive(Debug)]
pub struct Writer {
    search: Search,
    coder: Coder,
}

#[derive(Debug)]
enum Search {
    /// Runs of one byte.
    Runs(Runs),
    Words4(Box<Words<4>>),
    Words8(Box<Words<8>>),
}

impl Writer {
    /// Looks for runs of one byte: for shuffled values.
    #[must_use]
    pub fn of_runs() -> Self {
        Self::new(Search::Runs(Runs::default()))
    }

    /// Looks for whole values that occur again; none for sizes that no number has.
    #[must_use]
    pub fn of_words(item_size: usize) -> Option<Self> {
        match item_size {
            4 => Some(Self::new(Search::Words4(Box::default()))),
            8 => Some(Self::new(Search::Words8(Box::default()))),
            _ => None,
        }
    }

    fn new(search: Search) -> Self {
        Writer {
            search,
            coder: Coder::default(),
        }
    }

    /// The stream of `bytes`, written into `buffer`, which grows if it is too short. The bytes lie in planes of
    /// equal length: as many as an item has bytes if they are shuffled, else one.
    pub fn write<'a>(&mut self, bytes: &[u8], planes: usize, buffer: &'a mut Vec<u8>) -> &'a [u8] {
        let plane = (bytes.len() / planes.max(1)).max(1);
        let block = plane.div_ceil(plane.div_ceil(LONGEST));
        let blocks = bytes.len() / block + 2 * planes + 2;
        let out = grown(buffer, bytes.len() + BLOCK_OVERHEAD * blocks + ROOM);
        out[..ZLIB_HEADER.len()].copy_from_slice(&ZLIB_HEADER);
        let mut bits = Bits::new(out, ZLIB_HEADER.len());
        match &mut self.search {
            _ if bytes.is_empty() => store(bytes, true, &mut bits),
            Search::Runs(runs) => {
                let mut blocks = bytes
                    .chunks(plane)
                    .flat_map(|plane| plane.chunks(block))
                    .peekable();
                while let Some(bytes) = blocks.next() {
                    let is_last = blocks.peek().is_none();
                    block_of_runs(runs, &mut self.coder, bytes, is_last, &mut bits);
                }
            }
            Search::Words4(words) => blocks_of_words(words, &mut self.coder, bytes, &mut bits),
            Search::Words8(words) => blocks_of_words(words, &mut self.coder, bytes, &mut bits),
        }
        let end = bits.align();
        out[end..end + ADLER_LENGTH].copy_from_slice(&adler32(1, bytes).to_be_bytes());
        &out[..end + ADLER_LENGTH]
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt+popcnt"))]
fn block_of_runs(
    runs: &mut Runs,
    coder: &mut Coder,
    bytes: &[u8],
    is_last: bool,
    out: &mut Bits<'_>,
) {
    let Some(mut symbol_counts) = SymbolCounts::unless_noise(bytes) else {
        return store(bytes, is_last, out);
    };
    runs.find(bytes, &mut symbol_counts);
    let weight = coder.weigh(&mut symbol_counts);
    if is_better_stored(bytes, weight) {
        store(bytes, is_last, out);
    } else {
        coder.write(bytes, &runs.sequences, is_last, out);
    }
}

fn blocks_of_words<const SIZE: usize>(
    words: &mut Words<SIZE>,
    coder: &mut Coder,
    bytes: &[u8],
    out: &mut Bits<'_>,
) {
    let (values, behind) = bytes.as_chunks::<SIZE>();
    words.clear(values.len());
    // The last one holds what is behind all values as well, and must not be too long to be stored.
    let most = words::MOST.min((LONGEST - SIZE) / SIZE);
    let blocks = values.len().div_ceil(most).max(1);
    let border = |block: usize| values.len() * block / blocks;
    for block in 0..blocks {
        let (start, stop) = (border(block), border(block + 1));
        let is_last = block + 1 == blocks;
        let rest = if is_last { behind } else { &[] };
        let mut symbol_counts = words.find(values, start, stop);
        for byte in rest {
            symbol_counts.add(*byte);
        }
        let weight = coder.weigh(&mut symbol_counts);
        let block = &bytes[start * SIZE..stop * SIZE + rest.len()];
        if is_better_stored(block, weight) {
            store(block, is_last, out);
        } else {
            let values = &values[start..stop];
            items::write(words.items(), values, rest, coder, is_last, out);
        }
    }
}

#[cfg(test)]
mod tests;
