//! A look at the chunk index before the library lists it: with one damaged number it would count for years.

use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use crate::worker::open_file;
use h5::file::File;
use h5::object::Object;
use plain_hdf5::impossible_index;

/// Accuses a dataset whose chunks the library must not be asked to list.
pub(crate) fn check(file: &File, dataset: &Object) -> Result<()> {
    let address = dataset.header_address()?;
    let claimed = open_file::read_stored(file, "the chunk index", |stored| {
        impossible_index(stored, address)
    })?;
    match claimed {
        Some(index) => {
            let message = format!(
                "the chunk index claims an element {index}, for which the file is too short"
            );
            Err(WorkerError::new(FailureKind::Source, message))
        }
        None => Ok(()),
    }
}
