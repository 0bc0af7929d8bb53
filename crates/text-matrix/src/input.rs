//! A file or a pipe as lines of UTF-8: decompressed, decoded, and cut into blocks of whole lines.

pub(crate) mod bgzf;
pub(crate) mod encoding;
pub(crate) mod feed;
pub(crate) mod gzip;
pub(crate) mod source;
pub(crate) mod stream;
pub(crate) mod zstandard;
