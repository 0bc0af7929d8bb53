//! Removes and reports what an interrupted run has left before another one begins.

use crate::files::{Folder, Output, remove_leftovers};
use crate::jobs::event::{Event, Observer};
use std::collections::BTreeMap;
use std::path::Path;

/// Temporary files that an interrupted run left where this one will write.
pub(crate) fn clear_leftovers(outputs: &[Output], tmp_dir: Option<&Path>, display: &dyn Observer) {
    // One file of each folder leads to it.
    let folders: BTreeMap<Option<&Path>, &Output> = outputs
        .iter()
        .map(|output| (output.path().parent(), output))
        .collect();
    let of_outputs = folders.into_values().filter_map(|output| {
        let place = output.rooted().existing_place().transpose()?;
        Some(place.and_then(|place| remove_leftovers(place.folder())))
    });
    let of_tmp_dir = tmp_dir.map(|path| Folder::open(path).and_then(|it| remove_leftovers(&it)));
    for removed in of_outputs.chain(of_tmp_dir) {
        match removed {
            Ok(removed) => {
                for path in removed {
                    display.observe(Event::Warning(&removal(&path)));
                }
            }
            Err(error) => display.observe(Event::Warning(&error.to_string())),
        }
    }
}

pub(crate) fn removal(path: &Path) -> String {
    format!("removed {}, left by an interrupted run", path.display())
}
