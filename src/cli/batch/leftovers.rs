//! Removes and reports what an interrupted run has left before another one begins.

use crate::files::{Output, remove_leftovers};
use crate::jobs::event::{Event, Observer};
use std::collections::BTreeMap;
use std::path::Path;

/// Temporary files that an interrupted run left where this one will write.
pub(crate) fn clear_leftovers(outputs: &[Output], display: &dyn Observer) {
    // One file of each folder leads to it.
    let folders: BTreeMap<Option<&Path>, &Output> = outputs
        .iter()
        .map(|output| (output.path().parent(), output))
        .collect();
    for output in folders.into_values() {
        let removed = match output.rooted().existing_place() {
            Ok(None) => continue,
            Ok(Some(place)) => remove_leftovers(place.folder()),
            Err(error) => Err(error),
        };
        match removed {
            Ok(removed) => {
                for path in removed {
                    display.observe(Event::Warning(&format!(
                        "removed {}, left by an interrupted run",
                        path.display()
                    )));
                }
            }
            Err(error) => display.observe(Event::Warning(&error.to_string())),
        }
    }
}
