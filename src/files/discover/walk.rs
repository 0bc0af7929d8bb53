//! Finds the candidates: every file once, in a fixed order, as a stream.
//!
//! Names are sorted by their bytes in each folder, roots come in the given order, and everything that is
//! reached through a symbolic link comes last. So a file that has a name among the roots is met under that
//! name, and its links add nothing.
//!
//! A walk opens folders, never files, and decides by name and kind alone; [`crate::files::signature`] reads
//! the content. It lists folders itself: walkdir reads and sorts a folder before the caller can exclude it,
//! a `.zarr` can have a million entries, and folders are opened by path there. Here each is opened from its root down without
//! following a link (unless links are followed), so that a folder that is replaced meanwhile shows nothing of another place.

pub(crate) mod links;

use crate::files::discover::candidate::{Candidate, WalkItem};
use crate::files::discover::options::{UsageProblem, WalkOptions};
use crate::files::discover::own_names::is_temporary_name;
use crate::files::discover::patterns::Patterns;
use crate::files::discover::walk::links::{Link, LinkToFile};
use crate::files::folder::{Entry, Folder as OpenFolder};
use crate::files::path_error::{PathError, next_step};
use crate::files::rooted_path::RootedPath;
use crate::files::stat_snapshot::StatSnapshot;
use crate::model::record::report::Problem;
use rustix::fs::{Dir, FileType};
use std::collections::{HashSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

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
    /// Closed in very deep trees.
    open: Option<OpenFolder>,
    entries: std::vec::IntoIter<(OsString, FileType)>,
}

/// Levels of folders that are open at a time: each takes a descriptor.
const MOST_OPEN: usize = 100;

/// What a name leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    snapshot: StatSnapshot,
    links: u64,
    is_file: bool,
}

impl From<&Metadata> for Found {
    fn from(metadata: &Metadata) -> Self {
        Found {
            snapshot: StatSnapshot::from(metadata),
            links: metadata.nlink(),
            is_file: metadata.is_file(),
        }
    }
}

impl From<Entry> for Found {
    fn from(entry: Entry) -> Self {
        Found {
            snapshot: entry.snapshot(),
            links: entry.links(),
            is_file: entry.is_file(),
        }
    }
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

    fn open(&self, follow_links: bool) -> Result<OpenFolder, PathError> {
        let below = self.relative.components().count() + 1;
        RootedPath::new(&self.path.join("*"), below, follow_links).folder()
    }
}

/// Names and kinds, in the order of their bytes.
fn list(folder: &OpenFolder) -> io::Result<Vec<(OsString, FileType)>> {
    let mut entries = Vec::new();
    for entry in Dir::new(folder.readable()?)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        let kind = match entry.file_type() {
            // Some file systems do not say; what is gone by now is left out.
            FileType::Unknown => match folder.at(name).stat()? {
                Some(there) => there.kind(),
                None => continue,
            },
            kind => kind,
        };
        entries.push((name.to_os_string(), kind));
    }
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(entries)
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
                Ok(canonical) => self.take(place, &canonical, true, false, (&metadata).into()),
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
        let listed = place
            .open(self.follow_symlinks)
            .map_err(|error| error.source)
            .and_then(|open| list(&open).map(|entries| (open, entries)));
        let (open, entries) = match listed {
            Ok(listed) => listed,
            Err(_) if !self.is_new(&canonical) => return,
            Err(error) => return self.unreadable(&place.path, &error),
        };
        if self.follow_symlinks {
            self.entered.insert(canonical.clone());
        }
        self.open.push(Folder {
            place,
            canonical,
            open: (self.open.len() < MOST_OPEN).then_some(open),
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
            match self.stat(name, &place) {
                // Whatever replaced it since the folder was listed.
                Ok(found) if !found.is_file => {
                    let hint = "run again when nothing else works in this folder";
                    self.problem(
                        &place.path,
                        "it was replaced while h5lift inspected it",
                        hint,
                    );
                }
                Ok(found) => self.take(place, &canonical, false, false, found),
                Err(error) => self.unreadable(&place.path, &error),
            }
        }
    }

    /// What has a name in the innermost open folder.
    fn stat(&self, name: &OsStr, place: &Place) -> io::Result<Found> {
        let there = match self.open.last().and_then(|folder| folder.open.as_ref()) {
            Some(open) => open.at(name).stat()?,
            None => {
                let below = place.relative.components().count();
                let rooted = RootedPath::new(&place.path, below, self.follow_symlinks);
                rooted.place().map_err(|error| error.source)?.stat()?
            }
        };
        there
            .map(Found::from)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// A path that is not a folder cannot be listed.
    fn take(&mut self, place: Place, canonical: &Path, named: bool, symlink: bool, found: Found) {
        if !self.is_new(canonical) {
            return;
        }
        if !found.is_file {
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
            bytes: found.snapshot.bytes,
            // Only times that no clock shows cannot be held.
            modified: found.snapshot.modified.time().unwrap_or(UNIX_EPOCH),
            links: found.links,
            device: found.snapshot.device,
            inode: found.snapshot.inode,
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
                self.take(link.place, &canonical, link.named, true, (&metadata).into());
            }
        }
    }
}

fn canonical(path: &Path) -> io::Result<PathBuf> {
    fs::canonicalize(path)
}

#[cfg(test)]
mod tests;
