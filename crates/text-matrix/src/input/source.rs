//! A file or a pipe as a stream of uncompressed bytes.
//!
//! The first bytes determine the compression, never the name. Nothing seeks, so a pipe works.

use crate::input::bgzf::Bgzf;
use crate::input::gzip::Gzip;
use crate::input::stream::{Raw, Stream};
use crate::input::zstandard::Zstandard;
use crate::problem::MatrixError;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, one member or several.
    Gzip,
    /// gzip in blocks, as bgzip writes it.
    Bgzip,
    /// Zstandard.
    Zstd,
}

/// An opened stream, and how it was compressed.
pub(crate) struct InputBytes {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) compression: Compression,
}

/// Reads the first bytes of `file`; `consumed` counts what is read of it.
pub(crate) fn open(file: File, consumed: Arc<AtomicU64>) -> Result<InputBytes, MatrixError> {
    let mut raw = Raw::new(Box::new(file), consumed);
    let head = raw.peek(18)?;
    let (stream, compression): (Box<dyn Stream>, _) = if Bgzf::is_block(head) {
        (Box::new(Bgzf::new(raw)), Compression::Bgzip)
    } else if head.starts_with(&[0x1F, 0x8B]) {
        (Box::new(Gzip::new(raw)), Compression::Gzip)
    } else if Zstandard::is_frame(head) {
        (Box::new(Zstandard::new(raw)?), Compression::Zstd)
    } else {
        (Box::new(raw), Compression::None)
    };
    Ok(InputBytes {
        stream,
        compression,
    })
}
