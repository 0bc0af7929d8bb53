//! Removes and reports what an interrupted run has left before another one begins.

use crate::files::remove_leftovers;
use crate::jobs::event::{Event, Observer};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Temporary files that an interrupted run left where this one will write.
pub(crate) fn clear_leftovers(outputs: &[PathBuf], display: &dyn Observer) {
    let folders: BTreeSet<&Path> = outputs
        .iter()
        .filter_map(|output| output.parent())
        .collect();
    for folder in folders {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        if !folder.is_dir() {
            continue;
        }
        match remove_leftovers(folder) {
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
