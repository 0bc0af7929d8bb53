//! How often each symbol of a block occurs, which is all that its codes depend on.

use crate::stream::symbols::{DISTANCES, LENGTH_SYMBOLS, LITERALS_AND_LENGTHS, of_distance};

/// Of this many bytes ...
const STEP: usize = 1024;
/// ... the first ones are examined for noise. Fewer than [`LEAST_LOOKED_AT`] say nothing.
const LOOK: usize = 128;
const LEAST_LOOKED_AT: usize = 512;
/// Tables in which bytes are counted, each those of its own places: equal bytes need not wait for each other.
const TABLES: usize = 8;

/// What a block consists of: how often each symbol occurs.
#[derive(Debug, Clone)]
pub(crate) struct SymbolCounts {
    pub(crate) literals: [u32; LITERALS_AND_LENGTHS],
    pub(crate) distances: [u32; DISTANCES],
}

impl Default for SymbolCounts {
    fn default() -> Self {
        SymbolCounts {
            literals: [0; LITERALS_AND_LENGTHS],
            distances: [0; DISTANCES],
        }
    }
}

impl SymbolCounts {
    /// All bytes of a block as they are; `None` if they are noise, which a part that is spread over them
    /// shows.
    #[inline(always)]
    pub(crate) fn unless_noise(bytes: &[u8]) -> Option<Self> {
        let (whole, rest) = bytes.as_chunks::<STEP>();
        let mut tables = [[0; 256]; TABLES];
        for step in whole {
            count(&step[..LOOK], &mut tables);
        }
        let looked_at = whole.len() * LOOK;
        if looked_at >= LEAST_LOOKED_AT && Self::of_counts(&tables).is_noise(looked_at) {
            return None;
        }
        for step in whole {
            count(&step[LOOK..], &mut tables);
        }
        count(rest, &mut tables);
        let symbol_counts = Self::of_counts(&tables);
        (!symbol_counts.is_noise(bytes.len())).then_some(symbol_counts)
    }

    /// Bytes as they are, counted in several tables.
    pub(crate) fn of_counts<C: Copy + Into<u32>>(tables: &[[C; 256]]) -> Self {
        let mut symbol_counts = SymbolCounts::default();
        for table in tables {
            for (sum, count) in symbol_counts.literals.iter_mut().zip(table) {
                *sum += (*count).into();
            }
        }
        symbol_counts
    }

    /// Adds a byte as it is.
    #[inline(always)]
    pub(crate) fn add(&mut self, byte: u8) {
        self.literals[usize::from(byte)] += 1;
    }

    /// Takes away the counted bytes of one value.
    #[inline(always)]
    pub(crate) fn remove(&mut self, byte: u8, count: u32) {
        self.literals[usize::from(byte)] -= count;
    }

    #[inline(always)]
    pub(crate) fn copy(&mut self, length: u16, distance: u16) {
        self.lengths(length, 1);
        self.distance(distance);
    }

    /// Adds copies of a length, whose distances are added by [`SymbolCounts::distance`].
    #[inline(always)]
    pub(crate) fn lengths(&mut self, length: u16, count: u32) {
        let (symbol, _, _) = LENGTH_SYMBOLS[usize::from(length)];
        self.literals[usize::from(symbol)] += count;
    }

    /// Adds the distance of a copy; its symbol and what follows that.
    #[inline(always)]
    pub(crate) fn distance(&mut self, distance: u16) -> (u8, u16) {
        let (symbol, extra, _) = of_distance(distance);
        self.distances[usize::from(symbol)] += 1;
        (symbol, extra)
    }

    /// Whether `count` bytes that were counted are nearly random: no code could save more than a
    /// [`WORTH`](crate::stream::block::WORTH)th of them, which are a quarter of a bit of each. Bytes of which two are the
    /// same with a probability of `p` have an entropy of `-log2(p)` bits at the least.
    fn is_noise(&self, count: usize) -> bool {
        let count = count as u64;
        let pairs: u64 = self.literals[..256]
            .iter()
            .map(|n| u64::from(*n) * u64::from(*n))
            .sum();
        // Of evenly random bytes, count * count / 256 + count is expected; 19/16 is the fourth root of two.
        pairs.saturating_sub(count).saturating_mul(256 * 16) < count * count * 19
    }
}

/// Adds how often each byte occurs, to the table of its place.
#[inline(always)]
fn count(bytes: &[u8], tables: &mut [[u16; 256]; TABLES]) {
    let (whole, rest) = bytes.as_chunks::<TABLES>();
    for bytes in whole {
        for (table, byte) in tables.iter_mut().zip(bytes) {
            table[usize::from(*byte)] += 1;
        }
    }
    for byte in rest {
        tables[0][usize::from(*byte)] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known_answers::noise;

    #[test]
    fn noise_is_told_by_a_part_and_nothing_else_is_taken_for_it() {
        for length in [2000, 5000, 8192, 65_535] {
            assert!(SymbolCounts::unless_noise(&noise(length)).is_none());
            let mut bytes = noise(length);
            let (third, zeros) = (length / 3, length / 3..length / 2);
            bytes[zeros].fill(0);
            let symbol_counts = SymbolCounts::unless_noise(&bytes).unwrap();
            assert!(symbol_counts.literals[0] as usize >= length / 2 - third);
            assert_eq!(symbol_counts.literals.iter().sum::<u32>() as usize, length);
        }
    }
}
