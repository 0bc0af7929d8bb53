//! The path of something that does not exist yet.

use crate::files::path_error::{AtPath, PathError};
use std::io;
use std::path::{Component, Path, PathBuf};

/// The canonical path of something that need not exist yet.
pub(crate) fn future_path(path: &Path) -> Result<PathBuf, PathError> {
    let absolute = std::path::absolute(path).at(path, "inspect it")?;
    for ancestor in absolute.ancestors() {
        match ancestor.canonicalize() {
            Ok(mut place) => {
                let missing = absolute.strip_prefix(ancestor).unwrap_or(Path::new(""));
                let climbs = missing.components().any(|it| it == Component::ParentDir);
                for component in missing.components() {
                    match component {
                        // Nothing is there yet, so no link can lead elsewhere.
                        Component::ParentDir => {
                            place.pop();
                        }
                        other => place.push(other),
                    }
                }
                return if climbs {
                    future_path(&place)
                } else {
                    Ok(place)
                };
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) => {}
            Err(error) => return Err(error).at(ancestor, "inspect it"),
        }
    }
    Ok(absolute)
}
