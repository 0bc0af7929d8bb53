//! Paths of the command line -> candidates: all of them before any work begins, or one after the other.

use crate::cli::args::options::FileOptions;
use crate::cli::exit::Failure;
use crate::files::discover::walk::NO_SUCH_PATH;
use crate::files::{Candidate, Walk, WalkItem, WalkOptions};
use crate::model::record::report::Problem;
use crate::model::shard::Shard;
use std::borrow::Borrow;
use std::io;
use std::os::unix::ffi::OsStrExt;
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
    walk: Walk,
    shard: Option<Shard>,
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

impl<C: Borrow<Candidate>> Collected<C> {
    /// Those that belong to a shard.
    pub(crate) fn of_shard(mut self, shard: Option<Shard>) -> Collected<C> {
        let mut index = 0;
        self.candidates
            .retain(|candidate| is_held(shard, candidate.borrow(), &mut index));
        self
    }
}

/// Whether a candidate belongs to a shard; `index` is its place in the walk, and then that of the next one.
fn is_held(shard: Option<Shard>, candidate: &Candidate, index: &mut usize) -> bool {
    let path = candidate.shard_path().as_os_str().as_bytes();
    let held = shard.is_none_or(|shard| shard.holds(path, *index));
    *index += 1;
    held
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

/// Like [`collect`], one after the other and of the shard that was asked for: the files of a tree of a million are never in
/// memory together.
pub(crate) fn stream(options: &FileOptions) -> Result<Stream, Failure> {
    Ok(Stream {
        shard: options.shard.shard()?,
        ..stream_from(options.roots()?, &options.walk_options())?
    })
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
        None => Ok(Stream {
            roots,
            walk,
            shard: None,
        }),
    }
}

impl Stream {
    /// What the walk meets, problems of all shards included.
    pub(crate) fn items(self) -> impl Iterator<Item = WalkItem> + Send {
        let mut index = 0;
        self.walk.filter(move |item| match item {
            WalkItem::Candidate(candidate) => is_held(self.shard, candidate, &mut index),
            WalkItem::Problem(_) => true,
        })
    }

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
