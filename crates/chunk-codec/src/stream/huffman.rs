//! Huffman codes of limited length (RFC 1951, 3.2.2).

/// Symbols of the largest alphabet.
const MOST: usize = 288;
/// A frequency and its symbol in one word, the symbol below.
const SYMBOL_BITS: u32 = 9;
/// With fewer words, no digit by digit.
const FEW: usize = 24;

/// The lengths of the codes of an alphabet, 0 for symbols that do not occur.
#[derive(Debug)]
pub(crate) struct Lengths<const N: usize> {
    pub(crate) of: [u8; N],
    /// How many symbols have each length.
    counts: [u16; 16],
}

impl<const N: usize> Default for Lengths<N> {
    fn default() -> Self {
        Lengths {
            of: [0; N],
            counts: [0; 16],
        }
    }
}

impl<const N: usize> Lengths<N> {
    /// Of codes for symbols that occur so often, in all as often as a block has bytes at the most. They depend on
    /// nothing else.
    ///
    /// With fewer than two symbols that occur, the code is filled up to two, of one bit each: every
    /// inflater takes a complete code.
    pub(crate) fn new(frequencies: &[u32; N], longest: usize) -> Self {
        let mut lengths = Lengths::default();
        let (mut words, mut used) = ([0; N], 0);
        for (symbol, frequency) in (0..).zip(frequencies) {
            words[used] = frequency << SYMBOL_BITS | symbol;
            used += usize::from(*frequency > 0);
        }
        let words = &mut words[..used];
        let symbol = |word: u32| (word & ((1 << SYMBOL_BITS) - 1)) as usize;
        if words.len() < 2 {
            let only = words.first().map_or(0, |word| symbol(*word));
            lengths.of[only] = 1;
            lengths.of[usize::from(only == 0)] = 1;
            lengths.counts[1] = 2;
            return lengths;
        }
        sort(words);
        lengths.counts = counts_of_lengths(words, longest);
        // The rarest symbols come first and get the longest codes.
        let mut rest = &*words;
        for length in (1..=longest).rev() {
            let (these, shorter) = rest.split_at(usize::from(lengths.counts[length]));
            for word in these {
                lengths.of[symbol(*word)] = length.to_le_bytes()[0];
            }
            rest = shorter;
        }
        lengths
    }

    /// Bits that symbols take which occur so often, with those that follow each of them.
    pub(crate) fn bits(&self, frequencies: &[u32; N], following: &[u8; N]) -> u64 {
        let each = frequencies.iter().zip(self.of.iter().zip(following));
        let sum: u32 = each
            .map(|(frequency, (length, following))| frequency * u32::from(length + following))
            .sum();
        u64::from(sum)
    }

    /// The canonical code of each symbol as the stream takes it, first bit lowest.
    pub(crate) fn codes(&self) -> [u16; N] {
        let mut next = [0_u16; 16];
        for length in 1..16 {
            next[length] = (next[length - 1] + self.counts[length - 1]) << 1;
        }
        let mut codes = [0; N];
        for (code, length) in codes.iter_mut().zip(&self.of) {
            if *length > 0 {
                let next = &mut next[usize::from(length & 15)];
                *code = next.reverse_bits() >> (16 - u32::from(*length));
                *next += 1;
            }
        }
        codes
    }
}

/// Sorts words by their frequencies. They come in the order of their symbols, which those of equal frequency keep.
fn sort(words: &mut [u32]) {
    if words.len() < FEW {
        words.sort_unstable();
        return;
    }
    let largest = words.iter().fold(0, |all, word| all | word);
    let mut sorted = [0; MOST];
    let sorted = &mut sorted[..words.len()];
    let mut shift = SYMBOL_BITS;
    while largest >> shift > 0 {
        let digit = |word: u32| (word >> shift & 0xff) as usize;
        let mut places = [0_u16; 256];
        for word in &*words {
            places[digit(*word)] += 1;
        }
        let mut before = 0;
        for place in &mut places {
            (*place, before) = (before, before + *place);
        }
        for word in &*words {
            let place = &mut places[digit(*word)];
            sorted[usize::from(*place)] = *word;
            *place += 1;
        }
        words.copy_from_slice(sorted);
        shift += 8;
    }
}

/// How many codes of each length an optimal tree has; where that is too deep, the deepest leaf
/// that may still be split takes the leaves instead, which keeps the code complete.
#[expect(
    clippy::cast_possible_truncation,
    reason = "there are fewer nodes than symbols"
)]
fn counts_of_lengths(sorted: &[u32], longest: usize) -> [u16; 16] {
    let leaves = sorted.len();
    // Inner nodes in the order of their making; `parents` says which later one took each.
    let mut weights = [0_u32; MOST];
    let mut parents = [0_u16; MOST];
    let (mut leaf, mut inner) = (0, 0);
    for node in 0..leaves - 1 {
        for _ in 0..2 {
            let take_leaf =
                leaf < leaves && (inner == node || sorted[leaf] >> SYMBOL_BITS <= weights[inner]);
            if take_leaf {
                weights[node] += sorted[leaf] >> SYMBOL_BITS;
                leaf += 1;
            } else {
                weights[node] += weights[inner];
                parents[inner] = node as u16;
                inner += 1;
            }
        }
    }
    let root = leaves - 2;
    let mut depths = [0_u16; MOST];
    let mut counts = [0_u16; 16];
    counts[1] = 2;
    for node in (0..root).rev() {
        depths[node] = depths[usize::from(parents[node])] + 1;
        let mut depth = usize::from(depths[node]);
        if depth >= longest {
            depth = longest - 1;
            while counts[depth] == 0 {
                depth -= 1;
            }
        }
        counts[depth] -= 1;
        counts[depth + 1] += 2;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    const SYMBOLS: usize = 286;

    /// Bits of all symbols in the best code of any length: the sum of all inner nodes of its tree.
    fn least_bits(frequencies: &[u32]) -> u64 {
        let mut nodes: BinaryHeap<Reverse<u64>> = frequencies
            .iter()
            .filter(|frequency| **frequency > 0)
            .map(|frequency| Reverse(u64::from(*frequency)))
            .collect();
        let mut bits = 0;
        while let (Some(Reverse(one)), Some(Reverse(other))) = (nodes.pop(), nodes.pop()) {
            bits += one + other;
            nodes.push(Reverse(one + other));
            if nodes.len() == 1 {
                break;
            }
        }
        bits
    }

    /// A complete code, which no other one is the beginning of.
    fn hold(lengths: &Lengths<SYMBOLS>, longest: usize) {
        let used = lengths.of.iter().filter(|length| **length > 0);
        assert_eq!(used.map(|length| 1 << (15 - length)).sum::<u32>(), 1 << 15);
        assert!(
            lengths
                .of
                .iter()
                .all(|length| usize::from(*length) <= longest)
        );
        let mut codes: Vec<u16> = lengths
            .codes()
            .iter()
            .zip(lengths.of)
            .filter(|(_, length)| *length > 0)
            .map(|(code, _)| code.reverse_bits())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(
            codes.len(),
            lengths.of.iter().filter(|length| **length > 0).count()
        );
    }

    #[test]
    fn none_and_one_are_filled_up_to_two() {
        for (symbols, codes) in [(vec![], [0, 1]), (vec![0], [0, 1]), (vec![7], [0, 7])] {
            let mut frequencies = [0; SYMBOLS];
            symbols
                .into_iter()
                .for_each(|symbol: usize| frequencies[symbol] = 5);
            let lengths = Lengths::new(&frequencies, 11);
            hold(&lengths, 1);
            assert!(codes.iter().all(|symbol| lengths.of[*symbol] == 1));
        }
    }

    #[test]
    fn the_code_of_the_standard() {
        // RFC 1951, 3.2.2: lengths 3, 3, 3, 3, 3, 2, 4, 4 are codes 010 to 110, 00, 1110 and 1111.
        let lengths = Lengths::new(&[6, 6, 6, 6, 6, 12, 3, 3], 15);
        assert_eq!(lengths.of, [3, 3, 3, 3, 3, 2, 4, 4]);
        let codes = [0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111];
        assert_eq!(lengths.codes(), codes);
    }

    #[test]
    fn equally_frequent_ones_keep_their_order() {
        let lengths = Lengths::new(&[1; 40], 15);
        assert!(lengths.of.is_sorted_by_key(|length| Reverse(*length)));
    }

    proptest! {
        #[test]
        fn complete_as_short_as_can_be_and_never_too_long(
            few in prop::collection::vec((0_usize..SYMBOLS, 1_u32..40), 2..120),
            many in prop::collection::vec((0_usize..SYMBOLS, 1_u32..60_000), 0..4),
            longest in 9_usize..=15,
        ) {
            let mut frequencies = [0; SYMBOLS];
            few.into_iter().chain(many).for_each(|(symbol, frequency)| frequencies[symbol] = frequency);
            prop_assume!(frequencies.iter().filter(|frequency| **frequency > 0).count() > 1);
            let lengths = Lengths::new(&frequencies, longest);
            hold(&lengths, longest);
            let deepest = lengths.of.iter().max().copied().map_or(0, usize::from);
            if deepest < longest {
                prop_assert_eq!(lengths.bits(&frequencies, &[0; SYMBOLS]), least_bits(&frequencies));
            }
            let mut used: Vec<(u32, u8)> = frequencies.into_iter().zip(lengths.of).collect();
            used.retain(|(frequency, _)| *frequency > 0);
            used.sort_unstable_by_key(|(frequency, length)| (*frequency, Reverse(*length)));
            prop_assert!(used.is_sorted_by_key(|(_, length)| Reverse(*length)));
        }
    }
}
