//! What a worker asks of an open file.
//!
//! By `fstat`, which takes a descriptor and nothing else. The calls that std makes of `File::metadata` also take a path, so a worker
//! may not make them.

use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use plain_hdf5::{FileOf, Stored};
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

/// Reads a part of a file that the library has open, but without the library. `what` is that part, for the error.
pub(crate) fn read_stored<T>(
    file: &h5::file::File,
    what: &str,
    read: impl FnOnce(&dyn Stored) -> io::Result<T>,
) -> Result<T> {
    let in_file = FileOf {
        file: file.descriptor(),
        bytes: file.length(),
    };
    let stored: &dyn Stored = match file.image() {
        Some(image) => image,
        None => &in_file,
    };
    read(stored).map_err(|error| {
        let message = format!("reading {what}: {error}");
        WorkerError::new(FailureKind::Source, message)
    })
}
