//! The chunk index of a dataset, as the library lists it and as it looks chunks up.
//!
//! A listing goes through all entries of an index; a lookup searches by keys. With a damaged key the two disagree:
//! the listing still shows a chunk that `H5Dread` no longer finds, and reads as the fill value. So a listed chunk
//! counts only if the lookup finds it. `H5Dget_chunk_info_by_coord` is of no use for that: it goes through the listing
//! as well. `H5Dget_chunk_storage_size` is the lookup.

use crate::dataset::Dataset;
use crate::dataspace::Extent;
use crate::error::{H5Error, Result, done};
use crate::handle::DEFAULT;
use hdf5_format::stored_chunks::{StoredChunk, StoredChunks};
use hdf5_sys::h5::{haddr_t, herr_t, hsize_t};
use hdf5_sys::h5d::{H5D_chunk_index_t, H5Dchunk_iter, H5Dget_chunk_index_type};
use hdf5_sys::h5i::hid_t;
use std::ffi::{c_int, c_uint, c_void};

unsafe extern "C" {
    fn H5Dget_chunk_storage_size(
        dataset: hid_t,
        offset: *const hsize_t,
        bytes: *mut hsize_t,
    ) -> herr_t;
}

/// `H5D_CHUNK_IDX_EARRAY`.
const EXTENSIBLE_ARRAY: H5D_chunk_index_t = 4;

const WHAT: &str = "reading the chunk index";

impl Dataset {
    /// All chunks that were written, sorted by position in the dataset: those that the chunk index lists and that the
    /// library's lookup finds.
    ///
    /// # Errors
    /// If the library cannot read the index, or if the index holds a chunk twice, outside of the dataset, or where the
    /// lookup does not find it.
    pub fn stored_chunks(&self) -> Result<StoredChunks> {
        let extent = self.extent()?;
        let lengths = self.properties()?.chunks()?.unwrap_or_default();
        let mut chunks = self.listed_chunks(&extent, &lengths)?;
        let is_stray = |start: &[u64]| {
            start
                .iter()
                .zip(extent.shape())
                .zip(&lengths)
                .any(|((at, end), length)| at >= end || !at.is_multiple_of(*length))
        };
        if let Some((start, _)) = chunks.iter().find(|(start, _)| is_stray(start)) {
            let cause = format!("it holds a chunk at {start:?}, where none can be");
            return Err(H5Error::found(WHAT, cause));
        }
        if !chunks.sort() {
            return Err(H5Error::found(WHAT, "it holds a chunk twice"));
        }
        for (start, stored) in chunks.iter() {
            self.look_up(start, stored)?;
        }
        Ok(chunks)
    }

    fn listed_chunks(&self, extent: &Extent, lengths: &[u64]) -> Result<StoredChunks> {
        let mut listing = Listing {
            chunks: StoredChunks::new(extent.shape().len()),
            order: self.order_of_array(extent, lengths)?,
        };
        // SAFETY: an open chunked dataset; `collect` matches the callback's type and `listing` outlives the call.
        done(WHAT, || unsafe {
            H5Dchunk_iter(
                self.object().id(),
                DEFAULT,
                Some(collect),
                (&raw mut listing).cast(),
            )
        })?;
        Ok(listing.chunks)
    }

    /// Looks a listed chunk up, as `H5Dread` does.
    fn look_up(&self, start: &[u64], listed: StoredChunk) -> Result<()> {
        let mut bytes = 0;
        // SAFETY: `start` has a number for each dimension; the variable outlives the call.
        let found = done(WHAT, || unsafe {
            H5Dget_chunk_storage_size(self.object().id(), start.as_ptr(), &mut bytes)
        });
        let cause = match found {
            Ok(()) if bytes == listed.bytes => return Ok(()),
            Ok(()) => format!(
                "it gives the chunk at {start:?} {} bytes, and a lookup {bytes}",
                listed.bytes
            ),
            Err(error) if error.cause.contains("chunk storage is not allocated") => {
                format!("its keys are damaged: it holds a chunk at {start:?} that no lookup finds")
            }
            Err(error) => format!("looking up the chunk at {start:?}: {}", error.cause),
        };
        Err(H5Error::found(WHAT, cause))
    }

    /// How the chunks of an extensible array are ordered, where the library does not say so right.
    fn order_of_array(&self, extent: &Extent, lengths: &[u64]) -> Result<Option<ArrayOrder>> {
        let Extent::Grid { maximum, .. } = extent else {
            return Ok(None);
        };
        let Some(unlimited @ 1..) = maximum.iter().position(Option::is_none) else {
            return Ok(None);
        };
        let mut index: H5D_chunk_index_t = 0;
        // SAFETY: an open chunked dataset; the variable outlives the call.
        done(WHAT, || unsafe {
            H5Dget_chunk_index_type(self.object().id(), &mut index)
        })?;
        Ok((index == EXTENSIBLE_ARRAY).then(|| ArrayOrder {
            unlimited,
            grid: maximum
                .iter()
                .zip(lengths)
                .map(|(most, length)| most.map_or(u64::MAX, |most| most.div_ceil(*length)))
                .collect(),
            lengths: lengths.to_vec(),
        }))
    }
}

/// Section VII.D: an extensible array numbers chunks with the unlimited dimension as the slowest one. The listing of
/// HDF5 1.10 to 2.2 counts as if it were the slowest one only if it is the first; the lookup knows better.
#[derive(Debug)]
struct ArrayOrder {
    /// Which dimension is unlimited, not the first.
    unlimited: usize,
    /// Most chunks in each dimension.
    grid: Vec<u64>,
    /// Length of a chunk in each dimension.
    lengths: Vec<u64>,
}

impl ArrayOrder {
    /// Where a chunk begins that the library lists at `listed`: its count runs over into the unlimited dimension, and
    /// the dimensions before that stay 0.
    fn start(&self, listed: &[u64]) -> Vec<u64> {
        let mut start = listed.to_vec();
        let mut count = listed[self.unlimited] / self.lengths[self.unlimited].max(1);
        for axis in (0..self.unlimited).rev() {
            let chunks = self.grid[axis].max(1);
            start[axis] = (count % chunks) * self.lengths[axis];
            count /= chunks;
        }
        start[self.unlimited] = count * self.lengths[self.unlimited];
        start
    }
}

struct Listing {
    chunks: StoredChunks,
    order: Option<ArrayOrder>,
}

unsafe extern "C" fn collect(
    offset: *const hsize_t,
    filter_mask: c_uint,
    address: haddr_t,
    bytes: hsize_t,
    data: *mut c_void,
) -> c_int {
    // SAFETY: the library passes a number for each dimension and back what [`Dataset::listed_chunks`] gave it.
    let (listed, Listing { chunks, order }) = unsafe {
        let listing = &mut *data.cast::<Listing>();
        let rank = listing.chunks.rank();
        (std::slice::from_raw_parts(offset, rank), listing)
    };
    let stored = StoredChunk {
        address,
        bytes,
        filter_mask,
    };
    match order {
        Some(order) => chunks.push(&order.start(listed), stored),
        None => chunks.push(listed, stored),
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_that_grows_in_its_second_dimension_counts_down_the_first() {
        // 3 x any number of chunks of 10 x 8.
        let order = ArrayOrder {
            unlimited: 1,
            grid: vec![3, u64::MAX],
            lengths: vec![10, 8],
        };
        let listed = [[0, 0], [0, 8], [0, 16], [0, 24], [0, 32]];
        let starts = listed.map(|listed| order.start(&listed));
        assert_eq!(starts, [[0, 0], [10, 0], [20, 0], [0, 8], [10, 8]]);
    }

    #[test]
    fn dimensions_behind_the_unlimited_one_are_listed_right() {
        let order = ArrayOrder {
            unlimited: 1,
            grid: vec![2, u64::MAX, 3],
            lengths: vec![1, 1, 1],
        };
        assert_eq!(order.start(&[0, 5, 2]), [1, 2, 2]);
    }
}
