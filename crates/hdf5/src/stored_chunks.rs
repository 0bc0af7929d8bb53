//! The chunk index of a dataset, as the library lists it.

use crate::dataset::Dataset;
use crate::error::{H5Error, Result, done};
use crate::handle::DEFAULT;
use hdf5_format::stored_chunks::{StoredChunk, StoredChunks};
use hdf5_sys::h5::{haddr_t, hsize_t};
use hdf5_sys::h5d::H5Dchunk_iter;
use std::ffi::{c_int, c_uint, c_void};

impl Dataset {
    /// All chunks that were written, sorted by position in the dataset.
    pub fn stored_chunks(&self) -> Result<StoredChunks> {
        let shape = self.extent()?;
        let mut chunks = StoredChunks::new(shape.shape().len());
        // SAFETY: an open chunked dataset; `collect` matches the callback's type and `chunks`
        // outlives the call.
        done("listing chunks", || unsafe {
            H5Dchunk_iter(
                self.object().id(),
                DEFAULT,
                Some(collect),
                (&raw mut chunks).cast(),
            )
        })?;
        let grid = self.properties()?.chunks()?.unwrap_or_default();
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
        match chunks.sort() {
            true => Ok(chunks),
            false => Err(H5Error::found(
                "listing chunks",
                "the index holds a chunk twice",
            )),
        }
    }
}

unsafe extern "C" fn collect(
    offset: *const hsize_t,
    filter_mask: c_uint,
    address: haddr_t,
    bytes: hsize_t,
    data: *mut c_void,
) -> c_int {
    // SAFETY: the library passes a number for each dimension and back what [`Dataset::stored_chunks`] gave it.
    let (start, chunks) = unsafe {
        let chunks = &mut *data.cast::<StoredChunks>();
        (std::slice::from_raw_parts(offset, chunks.rank()), chunks)
    };
    let stored = StoredChunk {
        address,
        bytes,
        filter_mask,
    };
    chunks.push(start, stored);
    0
}
