//! TODO

pub(crate) mod chunk_rows;
pub(crate) mod encoded_chunk;
pub(crate) mod reencode;
pub(crate) mod rewrite;
pub(crate) mod spool;
pub(crate) mod stream_encoder;
pub(crate) mod verbatim;
pub(crate) mod written;
