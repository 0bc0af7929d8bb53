//! Files that are given for their names.

use crate::cli::exit::{Failure, warn};
use crate::jobs::pool::Pool;
use crate::jobs::settings::Settings;
use crate::jobs::steps::name_sources::{NameSource, read};
use crate::model::plan::policy::Policy;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(next_help_heading = "Rescue")]
pub(crate) struct NameSourceOptions {
    /// Source of names that a file has lost: a matrix as text or HDF5, a list with one name per
    /// line, or a folder of them (repeatable)
    #[arg(long, value_name = "FILE|DIR")]
    pub names_from: Vec<PathBuf>,
}

/// Reads all sources that were given. Files of a folder that have no names are reported and skipped.
pub(crate) fn read_sources(
    names_from: &[PathBuf],
    policy: &Policy,
    settings: &Settings,
) -> Result<Vec<NameSource>, Failure> {
    let mut sources: Vec<NameSource> = Vec::new();
    if names_from.is_empty() {
        return Ok(sources);
    }
    let pool = Pool::new(settings.worker.clone(), settings.jobs);
    let read = |path: &Path| read(&settings.worker, settings.jobs, policy, &pool, path);
    for given in names_from {
        if !given.is_dir() {
            let source = read(given).map_err(|why| unusable(given, &why))?;
            sources.push(source);
            continue;
        }
        for path in files_in(given)? {
            match read(&path) {
                Ok(source) => sources.push(source),
                Err(why) => warn(&format!("{}: no names in it: {why}", path.display())),
            }
        }
    }
    Ok(sources)
}

fn unusable(path: &Path, why: &str) -> Failure {
    Failure::usage(
        format!("{}: no names can be taken from it: {why}", path.display()),
        "give a matrix, a list with one name a line, or another HDF5 file with --names-from",
    )
}

/// The files of a folder, without those that are hidden, in order.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| unusable(folder, &error.to_string()))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unusable(folder, &error.to_string()))?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !is_hidden && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
