//! Where each new file will be, decided for all of them before any is made.
//!
//! A mistake here is a usage error: nothing was touched. Whether an output is
//! there already is looked at only for `-o`; for a tree the batch decides, file
//! by file, and [`mod@super::commit`] replaces nothing by accident. Two outputs
//! that differ only in case are not noticed here, but on a disk that folds case
//! the second one is refused at its commit.

use super::backup::Backup;
use super::candidate::Candidate;
use super::path_error::{AtPath, PathError};
use super::patterns::has_suffix;
use super::source::folder_of;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use thiserror::Error;

/// Where new files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// `--out-dir`: below this folder, in the tree that they came in.
    Tree(PathBuf),
    /// `--in-place`: over the old ones, which are kept like this.
    InPlace(Backup),
    /// `-o`: the one new file.
    File(PathBuf),
}

/// A destination that cannot be meant.
#[derive(Debug, Error)]
pub enum DestinationError {
    /// Two inputs for one output.
    #[error("{} and {} would both become {}", first.display(), second.display(), output.display())]
    Collision {
        /// The input that comes first.
        first: PathBuf,
        /// The other one.
        second: PathBuf,
        /// The new file, or the kept original.
        output: PathBuf,
    },
    /// New files would be met by the next walk.
    #[error("{} is inside of {}, which is searched for old files", folder.display(), root.display())]
    InsideRoot {
        /// `--out-dir` or `--backup-dir`.
        folder: PathBuf,
        /// A folder that was given as input.
        root: PathBuf,
    },
    /// A new file would replace an input.
    #[error("{} would be written over {}, which is an input", output.display(), input.display())]
    OverInput {
        /// The new file.
        output: PathBuf,
        /// The old one.
        input: PathBuf,
    },
    /// `-o` with no file or with many.
    #[error("-o {} takes exactly one input file, and there are {count}", output.display())]
    NotOne {
        /// As given.
        output: PathBuf,
        /// Inputs.
        count: usize,
    },
    /// `-o` with a folder.
    #[error("-o {} is a folder, not a file", output.display())]
    Folder {
        /// As given.
        output: PathBuf,
    },
    /// `-o` with a symbolic link, which would be lost.
    #[error("-o {} is a symbolic link, which is not replaced", output.display())]
    Link {
        /// As given.
        output: PathBuf,
    },
    /// `-o` with a file that is there.
    #[error("{} is already there", output.display())]
    Exists {
        /// As given.
        output: PathBuf,
    },
    /// A backup suffix that makes no good names.
    #[error("--backup-suffix {suffix:?} {reason}")]
    Suffix {
        /// As given.
        suffix: OsString,
        /// What is wrong; reads after it.
        reason: &'static str,
    },
    /// The system would not show a path.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl DestinationError {
    /// The next step.
    pub fn hint(&self) -> String {
        match self {
            DestinationError::Collision { .. } => {
                "give the folder that holds both, so that their tree is kept, or run them one by one"
            }
            DestinationError::InsideRoot { .. } => {
                "choose a folder outside of it, or name the files instead of the folder"
            }
            DestinationError::OverInput { .. } => {
                "choose another destination, or use --in-place, which keeps the original"
            }
            DestinationError::NotOne { .. } => "use --out-dir for any number of files",
            DestinationError::Folder { .. } => "use --out-dir, or add a file name",
            DestinationError::Link { .. } => "name the file that it leads to, or remove the link",
            DestinationError::Exists { .. } => "use --overwrite to replace it",
            DestinationError::Suffix { .. } => "use something like .orig",
            DestinationError::Path(error) => return error.hint(),
        }
        .to_string()
    }
}

/// The path of the new file for each candidate, in their order.
///
/// `overwrite` says whether the file of `-o` may be there already.
pub fn plan_outputs(
    candidates: &[Candidate],
    destination: &Destination,
    overwrite: bool,
) -> Result<Vec<PathBuf>, DestinationError> {
    match destination {
        Destination::Tree(folder) => {
            outside_of_roots(folder, candidates)?;
            let outputs: Vec<_> = candidates
                .iter()
                .map(|candidate| folder.join(&candidate.relative))
                .collect();
            distinct(candidates, &outputs)?;
            not_over_inputs(candidates, &outputs)?;
            Ok(outputs)
        }
        Destination::InPlace(backup) => {
            check_backup(backup, candidates)?;
            Ok(candidates.iter().map(|it| it.path.clone()).collect())
        }
        Destination::File(output) => {
            if candidates.len() != 1 {
                return Err(DestinationError::NotOne {
                    output: output.clone(),
                    count: candidates.len(),
                });
            }
            not_a_folder(output)?;
            let outputs = vec![output.clone()];
            not_over_inputs(candidates, &outputs)?;
            let there = output.symlink_metadata().ok();
            if !overwrite && there.as_ref().is_some_and(std::fs::Metadata::is_symlink) {
                return Err(DestinationError::Link {
                    output: output.clone(),
                });
            }
            if !overwrite && there.is_some() {
                return Err(DestinationError::Exists {
                    output: output.clone(),
                });
            }
            Ok(outputs)
        }
    }
}

fn check_backup(backup: &Backup, candidates: &[Candidate]) -> Result<(), DestinationError> {
    match backup {
        Backup::Suffix(suffix) => {
            let reason = if suffix.is_empty() {
                "is empty, so the original would have no name of its own"
            } else if suffix.as_bytes().contains(&b'/') {
                "has a slash, and a suffix is a part of a name"
            } else if has_suffix(&name_with(suffix)) {
                "ends like an HDF5 file, so the next run would take the originals for new work"
            } else {
                return Ok(());
            };
            Err(DestinationError::Suffix {
                suffix: suffix.clone(),
                reason,
            })
        }
        Backup::Folder(folder) => {
            outside_of_roots(folder, candidates)?;
            let kept: Vec<_> = candidates
                .iter()
                .map(|candidate| folder.join(&candidate.relative))
                .collect();
            distinct(candidates, &kept)?;
            not_over_inputs(candidates, &kept)
        }
        Backup::None => Ok(()),
    }
}

fn name_with(suffix: &OsString) -> OsString {
    let mut name = OsString::from("a");
    name.push(suffix);
    name
}

fn not_a_folder(output: &Path) -> Result<(), DestinationError> {
    if output.as_os_str().as_bytes().ends_with(b"/") || output.is_dir() {
        return Err(DestinationError::Folder {
            output: output.to_path_buf(),
        });
    }
    Ok(())
}

fn outside_of_roots(folder: &Path, candidates: &[Candidate]) -> Result<(), DestinationError> {
    let target = future_path(folder)?;
    let mut checked = HashSet::new();
    for candidate in candidates {
        if candidate.named || !checked.insert(candidate.root) {
            continue;
        }
        let root = root_of(candidate);
        let canonical = root.canonicalize().at(root, "look at it")?;
        if target.starts_with(canonical) {
            return Err(DestinationError::InsideRoot {
                folder: folder.to_path_buf(),
                root: root.to_path_buf(),
            });
        }
    }
    Ok(())
}

/// The folder that a candidate was found in, as it was given.
fn root_of(candidate: &Candidate) -> &Path {
    let below = candidate.relative.components().count();
    match candidate.path.ancestors().nth(below) {
        Some(root) if !root.as_os_str().is_empty() => root,
        _ => Path::new("."),
    }
}

fn distinct(candidates: &[Candidate], outputs: &[PathBuf]) -> Result<(), DestinationError> {
    let mut taken: HashMap<&Path, &Path> = HashMap::with_capacity(outputs.len());
    for (candidate, output) in candidates.iter().zip(outputs) {
        if let Some(first) = taken.insert(output, &candidate.path) {
            return Err(DestinationError::Collision {
                first: first.to_path_buf(),
                second: candidate.path.clone(),
                output: output.clone(),
            });
        }
    }
    Ok(())
}

/// Compares places, not spellings, and inodes where a place has several
/// spellings that no path shows (bind mounts, disks that fold case).
fn not_over_inputs(candidates: &[Candidate], outputs: &[PathBuf]) -> Result<(), DestinationError> {
    let mut folders = HashMap::new();
    let mut inputs: HashMap<PathBuf, &Path> = HashMap::with_capacity(candidates.len());
    let mut inodes: HashMap<(u64, u64), &Path> = HashMap::with_capacity(candidates.len());
    for candidate in candidates {
        let path = candidate.path.as_path();
        inputs.insert(place(path, &mut folders)?, path);
        if candidate.symlink {
            inputs.insert(path.canonicalize().at(path, "look at it")?, path);
        }
        if candidate.links == 1 {
            inodes.insert((candidate.device, candidate.inode), path);
        }
    }
    for output in outputs {
        let same_place = inputs.get(&place(output, &mut folders)?);
        let same_inode = || {
            let there = output.symlink_metadata().ok()?;
            inodes.get(&(there.dev(), there.ino()))
        };
        if let Some(input) = same_place.or_else(same_inode) {
            return Err(DestinationError::OverInput {
                output: output.clone(),
                input: input.to_path_buf(),
            });
        }
    }
    Ok(())
}

/// The canonical folder of a path and its own name; a final link stays a link,
/// for a rename replaces the link and not its target.
fn place(path: &Path, folders: &mut HashMap<PathBuf, PathBuf>) -> Result<PathBuf, PathError> {
    let folder = folder_of(path);
    if !folders.contains_key(folder) {
        folders.insert(folder.to_path_buf(), future_path(folder)?);
    }
    Ok(folders[folder].join(path.file_name().unwrap_or_default()))
}

/// The canonical path of something that need not be there yet.
fn future_path(path: &Path) -> Result<PathBuf, PathError> {
    let absolute = std::path::absolute(path).at(path, "look at it")?;
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
            Err(error) => return Err(error).at(ancestor, "look at it"),
        }
    }
    Ok(absolute)
}

#[cfg(test)]
#[path = "destination_tests.rs"]
mod tests;
