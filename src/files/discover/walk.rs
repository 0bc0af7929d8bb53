//! Finds the candidates: every file once, in a fixed order, as a stream.
//!
//! Names are sorted by their bytes in each folder, roots come in the given order, and everything that is
//! reached through a symbolic link comes last. So a file that has a name among the roots is met under that
//! name, and its links add nothing.
//!
//! A walk opens folders, never files, and decides by name and kind alone; [`crate::files::signature`] reads
//! the content. It lists folders itself: walkdir reads and sorts a folder before the caller can exclude it,
//! and a `.zarr` can have a million entries.

pub(crate) mod links;

use crate::files::discover::candidate::{Candidate, WalkItem};
use crate::files::discover::options::{UsageProblem, WalkOptions};
use crate::files::discover::own_names::is_temporary_name;
use crate::files::discover::patterns::Patterns;
use crate::files::discover::walk::links::{Link, LinkToFile};
use crate::files::path_error::next_step;
use crate::model::record::report::Problem;
use std::collections::{HashSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::fs::{FileType, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use walkdir::WalkDir;

/// The error of a root that does not exist.
pub(crate) const NO_SUCH_PATH: &str = "no such file or folder";

/// An iterator over [`WalkItem`].
#[derive(Debug)]
pub struct Walk {
    roots: std::iter::Enumerate<std::vec::IntoIter<PathBuf>>,
    patterns: Patterns,
    follow_symlinks: bool,
    /// The folders being listed, innermost last.
    open: Vec<Folder>,
    /// Links met, for when all folders are done.
    links: VecDeque<Link>,
    /// Those that lead to files, for when all links to folders are done.
    links_to_files: VecDeque<LinkToFile>,
    ready: VecDeque<WalkItem>,
    /// Canonical paths met; `None` when nothing can be met twice.
    seen: Option<HashSet<PathBuf>>,
    /// Canonical folders entered; filled only when links are followed.
    entered: HashSet<PathBuf>,
    symlinks_passed_over: u64,
}

#[derive(Debug)]
struct Folder {
    place: Place,
    canonical: PathBuf,
    entries: std::vec::IntoIter<(OsString, FileType)>,
}

/// The path of something below its root.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    path: PathBuf,
    relative: PathBuf,
    root: usize,
}

impl Place {
    fn child(&self, name: &OsString) -> Place {
        Place {
            path: self.path.join(name),
            relative: self.relative.join(name),
            root: self.root,
        }
    }
}

/// walkdir's error says the path as well, which the problem has already.
fn without_path(error: walkdir::Error) -> io::Error {
    let text = error.to_string();
    error
        .into_io_error()
        .unwrap_or_else(|| io::Error::other(text))
}

impl Walk {
    /// A walk through all `roots`, files and folders. Only the options and the
    /// spelling of the roots are checked here; nothing is read yet.
    pub fn new(roots: Vec<PathBuf>, options: &WalkOptions) -> Result<Walk, UsageProblem> {
        if roots.iter().any(|root| root.as_os_str().is_empty()) {
            return Err(UsageProblem::EmptyPath);
        }
        let repeats = roots.len() > 1 || options.follow_symlinks;
        Ok(Walk {
            patterns: Patterns::new(options)?,
            follow_symlinks: options.follow_symlinks,
            roots: roots.into_iter().enumerate(),
            open: Vec::new(),
            links: VecDeque::new(),
            links_to_files: VecDeque::new(),
            ready: VecDeque::new(),
            seen: repeats.then(HashSet::new),
            entered: HashSet::new(),
            symlinks_passed_over: 0,
        })
    }

    /// Links met so far that `--follow-symlinks` would have taken or entered.
    pub fn symlinks_passed_over(&self) -> u64 {
        self.symlinks_passed_over
    }

    fn start(&mut self, root: usize, path: PathBuf) {
        let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
        let place = Place {
            path,
            relative,
            root,
        };
        match fs::symlink_metadata(&place.path) {
            Ok(metadata) if metadata.is_symlink() => self.start_at_link(place),
            Ok(metadata) if metadata.is_dir() => self.enter_root(place),
            Ok(metadata) => match canonical(&place.path) {
                Ok(canonical) => self.take(place, &canonical, true, false, &metadata),
                Err(error) => self.unreadable(&place.path, &error),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.problem(&place.path, NO_SUCH_PATH, "check the spelling");
            }
            Err(error) => self.unreadable(&place.path, &error),
        }
    }

    /// A link to a folder is as good as the folder; one to a file has to wait.
    fn start_at_link(&mut self, place: Place) {
        match fs::metadata(&place.path) {
            Ok(target) if target.is_dir() => self.enter_root(place),
            _ => self.links.push_back(Link { place, named: true }),
        }
    }

    fn enter_root(&mut self, mut place: Place) {
        place.relative = PathBuf::new();
        match canonical(&place.path) {
            Ok(canonical) => self.enter(place, canonical),
            Err(error) => self.unreadable(&place.path, &error),
        }
    }

    fn enter(&mut self, place: Place, canonical: PathBuf) {
        // One level at a time: a folder that is not entered (a Zarr store of a million chunks, say)
        // is never listed.
        let listing = WalkDir::new(&place.path)
            .min_depth(1)
            .max_depth(1)
            .sort_by_file_name();
        let mut entries = Vec::new();
        for entry in listing {
            match entry {
                Ok(entry) => entries.push((entry.file_name().to_os_string(), entry.file_type())),
                Err(error) if error.depth() == 0 && !self.is_new(&canonical) => return,
                Err(error) => {
                    let unlisted = error.depth() == 0;
                    self.unreadable(&place.path, &without_path(error));
                    if unlisted {
                        return;
                    }
                }
            }
        }
        if self.follow_symlinks {
            self.entered.insert(canonical.clone());
        }
        self.open.push(Folder {
            place,
            canonical,
            entries: entries.into_iter(),
        });
    }

    fn visit(&mut self, name: &OsStr, kind: FileType, place: Place, canonical: PathBuf) {
        if kind.is_symlink() {
            self.visit_link(name, place);
        } else if kind.is_dir() {
            if self.patterns.enters(name, &place.relative) {
                self.enter(place, canonical);
            }
        } else if kind.is_file() && self.patterns.takes(name, &place.relative) {
            match fs::symlink_metadata(&place.path) {
                // Whatever replaced it since the folder was listed.
                Ok(metadata) if !metadata.is_file() => {
                    let hint = "run again when nothing else works in this folder";
                    self.problem(
                        &place.path,
                        "it was replaced while h5lift inspected it",
                        hint,
                    );
                }
                Ok(metadata) => self.take(place, &canonical, false, false, &metadata),
                Err(error) => self.unreadable(&place.path, &error),
            }
        }
    }

    /// A path that is not a folder cannot be listed.
    fn take(
        &mut self,
        place: Place,
        canonical: &Path,
        named: bool,
        symlink: bool,
        metadata: &Metadata,
    ) {
        if !self.is_new(canonical) {
            return;
        }
        if !metadata.is_file() {
            let hint = "h5lift reads files and folders only";
            return self.problem(&place.path, "a socket, pipe or device", hint);
        }
        let own = |path: &Path| path.file_name().is_some_and(is_temporary_name);
        if own(&place.path) || own(canonical) {
            let message = "a temporary file of h5lift, which is incomplete";
            return self.problem(&place.path, message, "name the file that it was made from");
        }
        self.ready.push_back(WalkItem::Candidate(Candidate {
            path: place.path,
            relative: place.relative,
            root: place.root,
            named,
            symlink,
            bytes: metadata.len(),
            // Every file system of a Unix has this time.
            modified: metadata.modified().unwrap_or(UNIX_EPOCH),
            links: metadata.nlink(),
            device: metadata.dev(),
            inode: metadata.ino(),
            follow_links: self.follow_symlinks,
        }));
    }

    fn is_new(&mut self, canonical: &Path) -> bool {
        match &mut self.seen {
            Some(seen) => seen.insert(canonical.to_path_buf()),
            None => true,
        }
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let message = match error.kind() {
            io::ErrorKind::NotFound => "it was removed while h5lift inspected it".to_string(),
            _ => format!("cannot be inspected: {error}"),
        };
        self.problem(path, &message, next_step(error));
    }

    fn problem(&mut self, path: &Path, message: &str, hint: &str) {
        self.ready.push_back(WalkItem::Problem(Problem {
            path: path.to_string_lossy().into_owned(),
            message: message.to_string(),
            hint: Some(hint.to_string()),
        }));
    }
}

impl Iterator for Walk {
    type Item = WalkItem;

    fn next(&mut self) -> Option<WalkItem> {
        loop {
            if let Some(found) = self.ready.pop_front() {
                return Some(found);
            }
            if let Some(folder) = self.open.last_mut() {
                match folder.entries.next() {
                    Some((name, kind)) => {
                        let place = folder.place.child(&name);
                        let canonical = folder.canonical.join(&name);
                        self.visit(&name, kind, place, canonical);
                    }
                    None => {
                        self.open.pop();
                    }
                }
            } else if let Some((root, path)) = self.roots.next() {
                self.start(root, path);
            } else if let Some(link) = self.links.pop_front() {
                self.follow(link);
            } else {
                let LinkToFile {
                    link,
                    canonical,
                    metadata,
                } = self.links_to_files.pop_front()?;
                self.take(link.place, &canonical, link.named, true, &metadata);
            }
        }
    }
}

fn canonical(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

#[cfg(test)]
mod tests;
