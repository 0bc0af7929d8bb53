//! A look at the chunk index before the library lists it: with one damaged number it would count for years.

use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use h5::file::File;
use h5::object::Object;
use plain_hdf5::{FileOf, Stored, impossible_index};

/// Accuses a dataset whose chunks the library must not be asked to list.
pub(crate) fn check(file: &File, dataset: &Object) -> Result<()> {
    let in_file = FileOf {
        file: file.descriptor(),
        bytes: file.length(),
    };
    let stored: &dyn Stored = match file.image() {
        Some(image) => image,
        None => &in_file,
    };
    let claimed = impossible_index(stored, dataset.header_address()?).map_err(|error| {
        let message = format!("reading the chunk index: {error}");
        WorkerError::new(FailureKind::Source, message)
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
