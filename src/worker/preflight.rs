//! A look at the heaps of the names before the library reads them: on some damage it would never
//! come back. What this does not see is left to the parent's deadline.

use super::fault::{Fault, Result};
use super::inspect::c_name;
use crate::format::{NamesIn, Place, suspicious_names};
use crate::h5::dataset::Dataset;
use crate::h5::file::File;
use crate::h5::object::{Kind, Object, Target};
use crate::model::layout::Axis;
use crate::model::message::FailureKind;

/// Accuses a file whose names the library must not be asked for.
pub fn check_names(file: &File, root: &Object, expr: &Dataset) -> Result<()> {
    let paths = Axis::BOTH.map(|axis| format!("/{}", axis.names()));
    let mut places = vec![Place {
        path: "/expr",
        address: expr.object().header_address()?,
        names: NamesIn::Attributes,
    }];
    for (axis, path) in Axis::BOTH.into_iter().zip(&paths) {
        let name = c_name(axis.names());
        if root.has_link(&name)? && root.link(&name)?.target == Target::Hard {
            let object = root.child(&name)?;
            if object.kind()? == Kind::Dataset {
                places.push(Place {
                    path,
                    address: object.header_address()?,
                    names: NamesIn::Elements,
                });
            }
        }
    }
    let suspicion = suspicious_names(file.descriptor(), &places).map_err(|error| {
        let message = format!("reading the heaps of the names: {error}");
        Fault::new(FailureKind::Source, message)
    })?;
    match suspicion {
        Some(suspicion) => Err(Fault::new(FailureKind::Source, suspicion.to_string())),
        None => Ok(()),
    }
}
