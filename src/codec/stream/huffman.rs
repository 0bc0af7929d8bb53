//! Huffman codes of limited length (RFC 1951, 3.2.2).

/// How often each symbol occurs to the length of its code, 0 for those that do not occur.
///
/// With fewer than two symbols that occur, the code is filled up to two, of one bit each: every
/// inflater takes a complete code. The lengths depend on nothing but the frequencies.
pub(super) fn lengths(frequencies: &[u32], longest: usize, lengths: &mut [u8]) {
    lengths.fill(0);
    // A frequency and its symbol in one word: equal frequencies are ordered by symbol.
    let mut sorted = [0_u64; 288];
    let mut used = 0;
    for (symbol, frequency) in (0_u64..).zip(frequencies) {
        if *frequency > 0 {
            sorted[used] = u64::from(*frequency) << 16 | symbol;
            used += 1;
        }
    }
    let sorted = &mut sorted[..used];
    let symbol = |word: u64| (word & 0xffff) as usize;
    if used < 2 {
        let only = sorted.first().map_or(0, |word| symbol(*word));
        lengths[only] = 1;
        lengths[usize::from(only == 0)] = 1;
        return;
    }
    sorted.sort_unstable();
    let mut counts = counts_of_lengths(sorted, longest);
    // The rarest symbols come first and get the longest codes.
    let mut length = longest;
    for word in sorted.iter() {
        while counts[length] == 0 {
            length -= 1;
        }
        counts[length] -= 1;
        lengths[symbol(*word)] = length.to_le_bytes()[0];
    }
}

/// How many codes of each length an optimal tree has; where that is too deep, the deepest leaf
/// that may still be split takes the leaves instead, which keeps the code complete.
fn counts_of_lengths(sorted: &[u64], longest: usize) -> [u32; 16] {
    let leaves = sorted.len();
    // Inner nodes in the order of their making; `parents` says which later one took each.
    let mut weights = [0_u64; 288];
    let mut parents = [0_usize; 288];
    let (mut leaf, mut inner) = (0, 0);
    for node in 0..leaves - 1 {
        for _ in 0..2 {
            let take_leaf =
                leaf < leaves && (inner == node || sorted[leaf] >> 16 <= weights[inner]);
            if take_leaf {
                weights[node] += sorted[leaf] >> 16;
                leaf += 1;
            } else {
                weights[node] += weights[inner];
                parents[inner] = node;
                inner += 1;
            }
        }
    }
    let root = leaves - 2;
    let mut depths = [0_usize; 288];
    let mut counts = [0_u32; 16];
    counts[1] = 2;
    for node in (0..root).rev() {
        depths[node] = depths[parents[node]] + 1;
        let mut depth = depths[node];
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

/// The canonical code of each symbol as the stream takes it, first bit lowest.
pub(super) fn codes(lengths: &[u8], codes: &mut [u16]) {
    let mut counts = [0_u16; 16];
    for length in lengths {
        counts[usize::from(length & 15)] += 1;
    }
    counts[0] = 0;
    let mut next = [0_u16; 16];
    for length in 1..16 {
        next[length] = (next[length - 1] + counts[length - 1]) << 1;
    }
    for (code, length) in codes.iter_mut().zip(lengths) {
        if *length > 0 {
            let next = &mut next[usize::from(length & 15)];
            *code = next.reverse_bits() >> (16 - u32::from(*length));
            *next += 1;
        }
    }
}
