//! A look at the heaps of names before the library reads them: on some damage it would never
//! come back. What this does not see is left to the parent's deadline.

use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use h5::file::File;
use h5::object::Object;
use plain_hdf5::{FileOf, NamesIn, Place, Stored, suspicious_names};

/// Accuses an object whose names the library must not be asked for.
pub(crate) fn check(file: &File, path: &str, object: &Object, names: NamesIn) -> Result<()> {
    let place = Place {
        path,
        address: object.header_address()?,
        names,
    };
    let in_file = FileOf {
        file: file.descriptor(),
        bytes: file.length(),
    };
    let stored: &dyn Stored = match file.image() {
        Some(image) => image,
        None => &in_file,
    };
    let suspicion = suspicious_names(stored, &[place]).map_err(|error| {
        let message = format!("reading the heaps of the names: {error}");
        WorkerError::new(FailureKind::Source, message)
    })?;
    match suspicion {
        Some(suspicion) => Err(WorkerError::new(FailureKind::Source, suspicion.to_string())),
        None => Ok(()),
    }
}
