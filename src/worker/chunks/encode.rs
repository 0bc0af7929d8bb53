//! Values to stored chunks, on all threads, handed on in the order of the file.
//!
//! [`reencode`] decodes and encodes the chunks of an old `/expr`, [`stream_encoder`] takes rows that arrive one after another,
//! [`verbatim`] passes stored chunks on. One chunk is encoded by [`chunk_codec::encoder`].

pub(crate) mod chunk_rows;
pub(crate) mod encoded_chunk;
pub(crate) mod reencode;
pub(crate) mod rewrite;
pub(crate) mod spool;
pub(crate) mod stream_encoder;
pub(crate) mod verbatim;
pub(crate) mod written;
