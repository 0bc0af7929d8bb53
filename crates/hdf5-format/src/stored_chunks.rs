//! The chunk index of a dataset: what was written, and its offset in the file.
//!
//! A matrix of gigabytes has some hundred thousand chunks, so they are kept as plain numbers.

/// All chunks that were written, sorted by position in the dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChunks {
    rank: usize,
    /// First element of each, a number for each dimension.
    starts: Vec<u64>,
    stored: Vec<StoredChunk>,
}

/// A chunk that was written, where it lies in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredChunk {
    /// Position in the file, in bytes.
    pub address: u64,
    /// Stored length, in bytes.
    pub bytes: u64,
    /// Bit i set: filter i was not applied to it.
    pub filter_mask: u32,
}

impl StoredChunks {
    /// None yet, of a dataset of this many dimensions.
    pub fn new(rank: usize) -> Self {
        StoredChunks {
            rank,
            starts: Vec::new(),
            stored: Vec::new(),
        }
    }

    /// Adds a chunk that begins with this element, a number for each dimension.
    pub fn push(&mut self, start: &[u64], stored: StoredChunk) {
        self.starts.extend_from_slice(start);
        self.stored.push(stored);
    }

    /// How many dimensions the dataset has.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// Number of chunks that have storage.
    pub fn len(&self) -> usize {
        self.stored.len()
    }

    /// Whether nothing was ever written.
    pub fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }

    /// The first element of the chunk of this number.
    pub fn start(&self, number: usize) -> &[u64] {
        &self.starts[number * self.rank..(number + 1) * self.rank]
    }

    /// First elements and offsets of all.
    pub fn iter(&self) -> impl Iterator<Item = (&[u64], StoredChunk)> {
        let places = self.stored.iter().copied();
        places
            .enumerate()
            .map(|(number, stored)| (self.start(number), stored))
    }

    /// The chunk that begins with this element.
    pub fn get(&self, start: &[u64]) -> Option<StoredChunk> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.start(middle) < start {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        (low < self.len() && self.start(low) == start).then(|| self.stored[low])
    }

    /// Sorts them, as most indexes already are; `false` if one of them occurs twice.
    #[must_use]
    pub fn sort(&mut self) -> bool {
        if (1..self.len()).any(|at| self.start(at - 1) > self.start(at)) {
            let mut order: Vec<usize> = (0..self.len()).collect();
            order.sort_by(|a, b| self.start(*a).cmp(self.start(*b)));
            self.starts = order
                .iter()
                .flat_map(|number| self.start(*number).to_vec())
                .collect();
            self.stored = order.iter().map(|number| self.stored[*number]).collect();
        }
        (1..self.len()).all(|at| self.start(at - 1) != self.start(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(starts: &[[u64; 2]]) -> StoredChunks {
        let mut chunks = StoredChunks::new(2);
        for (address, start) in (1..).zip(starts) {
            let stored = StoredChunk {
                address,
                bytes: 1,
                filter_mask: 0,
            };
            chunks.push(start, stored);
        }
        chunks
    }

    #[test]
    fn each_is_found_by_its_start_whatever_the_order_they_came_in() {
        let mut chunks = chunks(&[[8, 0], [0, 4], [0, 0]]);
        assert!(chunks.sort());
        let starts: Vec<_> = chunks.iter().map(|(start, _)| start.to_vec()).collect();
        assert_eq!(starts, [[0, 0], [0, 4], [8, 0]]);
        for (start, address) in [([0, 0], 3), ([0, 4], 2), ([8, 0], 1)] {
            assert_eq!(chunks.get(&start).map(|it| it.address), Some(address));
        }
        for start in [[0, 2], [4, 0], [8, 4], [9, 0]] {
            assert_eq!(chunks.get(&start), None);
        }
    }

    #[test]
    fn a_chunk_that_is_there_twice_is_told() {
        assert!(!chunks(&[[8, 0], [0, 0], [8, 0]]).sort());
        assert!(chunks(&[]).sort());
    }
}
