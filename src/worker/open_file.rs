//! What a worker asks of an open file.
//!
//! By `fstat`, which takes a descriptor and nothing else. The calls that std makes of `File::metadata` also take a path, so a worker
//! may not make them.

use rustix::fs::{FileType, fstat};
use std::fs::File;
use std::io;

/// Its length in bytes.
pub(crate) fn length(file: &File) -> io::Result<u64> {
    Ok(u64::try_from(fstat(file)?.st_size).unwrap_or_default())
}

/// Whether it is a regular file, which can be read twice, and not a pipe.
pub(crate) fn is_regular(file: &File) -> io::Result<bool> {
    Ok(FileType::from_raw_mode(fstat(file)?.st_mode).is_file())
}
