//! A look at the heaps of names before the library reads them: on some damage it would never
//! come back. What this does not see is left to the parent's deadline.

use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use crate::worker::open_file;
use h5::file::File;
use h5::object::Object;
use plain_hdf5::{NamesIn, Place, suspicious_names};

/// Accuses an object whose names the library must not be asked for.
pub(crate) fn check(file: &File, path: &str, object: &Object, names: NamesIn) -> Result<()> {
    let place = Place {
        path,
        address: object.header_address()?,
        names,
    };
    let suspicion = open_file::read_stored(file, "the heaps of the names", |stored| {
        suspicious_names(stored, &[place])
    })?;
    match suspicion {
        Some(suspicion) => Err(WorkerError::new(FailureKind::Source, suspicion.to_string())),
        None => Ok(()),
    }
}
