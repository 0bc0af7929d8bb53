//! Paths of the command line -> candidates: all of them before any work begins, or one after the other.

use crate::cli::args::options::FileOptions;
use crate::cli::exit::Failure;
use crate::files::discover::walk::NO_SUCH_PATH;
use crate::files::{Candidate, Walk, WalkItem, WalkOptions};
use crate::model::record::report::Problem;
use std::io;
use std::path::PathBuf;

#[derive(Debug)]
pub(crate) struct Collected<C = Candidate> {
    /// What was given.
    pub roots: Vec<PathBuf>,
    /// Files to inspect.
    pub candidates: Vec<C>,
    /// What could not be inspected.
    pub problems: Vec<Problem>,
}

/// A walk that has not begun, for callers that need each candidate once.
#[derive(Debug)]
pub(crate) struct Stream {
    /// What was given.
    pub roots: Vec<PathBuf>,
    /// What is there.
    pub walk: Walk,
}

impl<C> Collected<C> {
    /// The same with something else for each candidate, in their order.
    pub(crate) fn with<D>(
        self,
        make: impl FnOnce(Vec<C>) -> Result<Vec<D>, Failure>,
    ) -> Result<Collected<D>, Failure> {
        Ok(Collected {
            roots: self.roots,
            candidates: make(self.candidates)?,
            problems: self.problems,
        })
    }
}

/// Walks all that was given for HDF5 files.
pub(crate) fn collect(options: &FileOptions) -> Result<Collected, Failure> {
    stream(options).map(Stream::collect)
}

/// Walks roots. A path that does not exist is a usage error.
pub(crate) fn collect_from(
    roots: Vec<PathBuf>,
    options: &WalkOptions,
) -> Result<Collected, Failure> {
    stream_from(roots, options).map(Stream::collect)
}

/// Like [`collect`], one after the other: the files of a tree of a million are never in memory together.
pub(crate) fn stream(options: &FileOptions) -> Result<Stream, Failure> {
    stream_from(options.roots()?, &options.walk_options())
}

fn stream_from(roots: Vec<PathBuf>, options: &WalkOptions) -> Result<Stream, Failure> {
    let walk = Walk::new(roots.clone(), options)?;
    let is_absent = |root: &&PathBuf| {
        let inspection = root.symlink_metadata();
        inspection.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    match roots.iter().find(is_absent) {
        Some(root) => Err(Failure::usage(
            format!("{}: {NO_SUCH_PATH}", root.display()),
            "check the spelling",
        )),
        None => Ok(Stream { roots, walk }),
    }
}

impl Stream {
    fn collect(self) -> Collected {
        let mut collected = Collected {
            roots: self.roots,
            candidates: Vec::new(),
            problems: Vec::new(),
        };
        for found in self.walk {
            match found {
                WalkItem::Candidate(candidate) => collected.candidates.push(candidate),
                WalkItem::Problem(problem) => collected.problems.push(problem),
            }
        }
        collected
    }
}
