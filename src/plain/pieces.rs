//! Files that make sense only together with others.

use crate::model::state::State;
use crate::model::state::detect::Judgement;
use plain_hdf5::{Driver, FileOf, driver};
use std::fs::File;
use std::io;

/// What a file is that is one of several, and the next step.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Its state, with the driver that wrote it.
    pub(crate) judgement: Judgement,
    /// The command that makes one file of all of them.
    pub(crate) hint: &'static str,
}

/// Whether HDF5's family, split or multi driver wrote a file. It is looked for before the length of the file is judged:
/// the first member of a family says how long all of them are together.
pub(crate) fn piece(file: &File, bytes: u64) -> io::Result<Option<Piece>> {
    let piece = |reason: &str, hint| Piece {
        judgement: Judgement::new(State::Unsupported, reason),
        hint,
    };
    Ok(driver(&FileOf { file, bytes })?.map(|driver| match driver {
        Driver::Family => piece(
            "it is the first of several files that HDF5's family driver wrote",
            "`h5repart -family_to_single NAME_%d.h5 WHOLE.h5` makes one file of them; give h5lift that one",
        ),
        Driver::Multi => piece(
            "it holds the metadata of a file that HDF5's split or multi driver wrote; its values lie in other files",
            "`h5repack --src-vfd-name split NAME WHOLE.h5` of HDF5 1.14 makes one file of NAME-m.h5 and NAME-r.h5; \
             give h5lift that one",
        ),
    }))
}
