//! Paths that were typed -> candidates, all of them known before any work begins.

use super::exit::Failure;
use super::options::FileOptions;
use crate::archive::walk::NO_SUCH_PATH;
use crate::archive::{Candidate, Found, Walk, WalkOptions};
use crate::model::record::Problem;
use std::path::PathBuf;

/// What a walk brought.
#[derive(Debug, Default)]
pub struct Collected {
    /// What was given.
    pub roots: Vec<PathBuf>,
    /// Files to look at.
    pub candidates: Vec<Candidate>,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
    /// Symbolic links that were passed over.
    pub symlinks: u64,
}

/// Walks all that was given for HDF5 files.
pub fn collect(options: &FileOptions) -> Result<Collected, Failure> {
    collect_from(options.roots()?, &options.walk_options())
}

/// Walks roots. A path that does not exist is a usage error.
pub fn collect_from(roots: Vec<PathBuf>, options: &WalkOptions) -> Result<Collected, Failure> {
    let mut collected = Collected {
        roots: roots.clone(),
        ..Collected::default()
    };
    let mut walk = Walk::new(roots, options)?;
    for found in walk.by_ref() {
        match found {
            Found::Candidate(candidate) => collected.candidates.push(candidate),
            Found::Problem(problem) if problem.message == NO_SUCH_PATH => {
                return Err(Failure::usage(
                    format!("{}: {}", problem.path, problem.message),
                    problem.hint.unwrap_or_default(),
                ));
            }
            Found::Problem(problem) => collected.problems.push(problem),
        }
    }
    collected.symlinks = walk.symlinks_passed_over();
    Ok(collected)
}
