//! The destination of each new file, decided for all of them before any is created.
//!
//! A mistake here is a usage error: nothing was touched. Whether an output is
//! there already, or two inputs have the same one ([`rivals`]), the batch decides, file
//! by file, and [`mod@crate::files::commit`] replaces nothing by accident. Two outputs
//! that differ only in case are not noticed here, but on a disk that folds case
//! the second one is refused at its commit.

use crate::files::commit::backup::Backup;
use crate::files::commit::destination_error::DestinationError;
use crate::files::commit::future_path::future_path;
use crate::files::commit::output::Output;
use crate::files::discover::candidate::Candidate;
use crate::files::discover::patterns::has_suffix;
use crate::files::path_error::{AtPath, PathError};
use crate::files::source::folder_of;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// `--out-dir`: below this folder, in the tree that they came in.
    Tree(PathBuf),
    /// `--in-place`: over the old ones, which are kept like this.
    InPlace(Backup),
    /// `-o`: the one new file.
    File(PathBuf),
}

/// The output of each candidate, in their order.
///
/// `overwrite` says whether the file of `-o` is to be replaced: a link then is a matter of its row.
pub(crate) fn plan_outputs(
    candidates: &[Candidate],
    destination: &Destination,
    overwrite: bool,
) -> Result<Vec<Output>, DestinationError> {
    match destination {
        Destination::Tree(folder) => {
            outside_of_roots(folder, candidates)?;
            let outputs: Vec<_> = candidates
                .iter()
                .map(|candidate| folder.join(&candidate.relative))
                .collect();
            not_over_inputs(candidates, &outputs)?;
            let elsewhere = |(path, candidate): (PathBuf, &Candidate)| Output::Elsewhere {
                path,
                overwrite,
                below: candidate.relative.components().count(),
                follow_links: candidate.follow_links,
            };
            Ok(outputs.into_iter().zip(candidates).map(elsewhere).collect())
        }
        Destination::InPlace(backup) => {
            check_backup(backup, candidates)?;
            let in_place = |candidate: &Candidate| Output::InPlace {
                path: candidate.path.clone(),
                relative: candidate.relative.clone(),
                backup: backup.path_of(&candidate.path, &candidate.relative),
                follow_links: candidate.follow_links,
            };
            Ok(candidates.iter().map(in_place).collect())
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
            if !overwrite && output.is_symlink() {
                return Err(DestinationError::Link {
                    output: output.clone(),
                });
            }
            Ok(vec![Output::named(output.clone(), overwrite)])
        }
    }
}

/// The candidates whose new file another one would become as well, by their number, and that other one: `a.tsv` and
/// `a.tsv.gz`, for instance. The first of them has the second one as its rival, all others the first.
pub(crate) fn rivals(candidates: &[Candidate], outputs: &[Output]) -> HashMap<usize, PathBuf> {
    let mut rivals = HashMap::new();
    let mut taken: HashMap<&Path, usize> = HashMap::with_capacity(outputs.len());
    for (index, output) in outputs.iter().enumerate() {
        let first = *taken.entry(output.path()).or_insert(index);
        if first != index {
            rivals.insert(index, candidates[first].path.clone());
            rivals
                .entry(first)
                .or_insert_with(|| candidates[index].path.clone());
        }
    }
    rivals
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
        let canonical = root.canonicalize().at(root, "inspect it")?;
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
            inputs.insert(path.canonicalize().at(path, "inspect it")?, path);
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

#[cfg(test)]
mod tests;
