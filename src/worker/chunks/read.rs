//! Stored chunks to values, and the index that says where the chunks are.

pub(crate) mod chunk_offsets;
pub(crate) mod chunk_store;
pub(crate) mod contiguous;
pub(crate) mod damage;
pub(crate) mod reader;
pub(crate) mod salvage;
pub(crate) mod transposed;
pub(crate) mod unallocated;
