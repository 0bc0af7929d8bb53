//! The chunk index of a dataset: what was written, and where in the file it lies.
//!
//! A matrix of gigabytes has some hundred thousand chunks, so they are kept as numbers side by side.

use super::dataset::Dataset;
use super::error::{H5Error, Result, done};
use super::file::DEFAULT;
use hdf5_sys::h5::{haddr_t, hsize_t};
use hdf5_sys::h5d::H5Dchunk_iter;
use std::ffi::{c_int, c_uint, c_void};

/// All chunks that were written, sorted by position in the dataset.
#[derive(Debug)]
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
    /// Of an open chunked dataset.
    pub(super) fn of(dataset: &Dataset) -> Result<Self> {
        let shape = dataset.extent()?;
        let mut chunks = StoredChunks {
            rank: shape.shape().len(),
            starts: Vec::new(),
            stored: Vec::new(),
        };
        // SAFETY: an open chunked dataset; `collect` matches the callback's type and `chunks`
        // outlives the call.
        done("listing chunks", || unsafe {
            H5Dchunk_iter(
                dataset.object().id(),
                DEFAULT,
                Some(collect),
                (&raw mut chunks).cast(),
            )
        })?;
        let grid = dataset.properties()?.chunks()?.unwrap_or_default();
        let stray = |start: &[u64]| {
            let place = start.iter().zip(shape.shape()).zip(&grid);
            place
                .into_iter()
                .any(|((at, length), step)| at >= length || !at.is_multiple_of(*step))
        };
        // The library would list it and then not find it: a key of the index is damaged.
        if let Some((start, _)) = chunks.iter().find(|(start, _)| stray(start)) {
            let place = format!("the index holds a chunk at {start:?}, where none can be");
            return Err(H5Error::found("listing chunks", place));
        }
        chunks.sort();
        let is_twice = |at: usize| chunks.start(at - 1) == chunks.start(at);
        match (1..chunks.len()).any(is_twice) {
            true => Err(H5Error::found(
                "listing chunks",
                "the index holds a chunk twice",
            )),
            false => Ok(chunks),
        }
    }

    /// How many there are.
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

    /// First elements and places of all.
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

    /// Most indexes give them in their order.
    fn sort(&mut self) {
        if (1..self.len()).all(|at| self.start(at - 1) <= self.start(at)) {
            return;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|a, b| self.start(*a).cmp(self.start(*b)));
        self.starts = order
            .iter()
            .flat_map(|number| self.start(*number).to_vec())
            .collect();
        self.stored = order.iter().map(|number| self.stored[*number]).collect();
    }
}

unsafe extern "C" fn collect(
    offset: *const hsize_t,
    filter_mask: c_uint,
    address: haddr_t,
    bytes: hsize_t,
    data: *mut c_void,
) -> c_int {
    // SAFETY: the library passes a number for each dimension and back what `of` gave it.
    let (offset, chunks) = unsafe {
        let chunks = &mut *data.cast::<StoredChunks>();
        (std::slice::from_raw_parts(offset, chunks.rank), chunks)
    };
    chunks.starts.extend_from_slice(offset);
    chunks.stored.push(StoredChunk {
        address,
        bytes,
        filter_mask,
    });
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_start_whatever_the_order_they_came_in() {
        let stored = |address| StoredChunk {
            address,
            bytes: 1,
            filter_mask: 0,
        };
        let mut chunks = StoredChunks {
            rank: 2,
            starts: vec![8, 0, 0, 4, 0, 0],
            stored: vec![stored(3), stored(2), stored(1)],
        };
        chunks.sort();
        let starts: Vec<_> = chunks.iter().map(|(start, _)| start.to_vec()).collect();
        assert_eq!(starts, [[0, 0], [0, 4], [8, 0]]);
        for (start, address) in [([0, 0], 1), ([0, 4], 2), ([8, 0], 3)] {
            assert_eq!(chunks.get(&start), Some(stored(address)));
        }
        for start in [[0, 2], [4, 0], [8, 4], [9, 0]] {
            assert_eq!(chunks.get(&start), None);
        }
    }
}
