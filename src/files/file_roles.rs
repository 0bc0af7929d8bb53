//! Which files a run reads and which it writes: nothing that is written may be something that is read, or another thing that is
//! written.
//!
//! Files are compared by device and inode, so that another spelling, a link or a bind mount hides nothing, and by their canonical
//! place where one of them does not exist yet. The comparison comes before anything is opened for writing.

use crate::files::commit::future_path::future_path;
use crate::files::commit::output::Output;
use crate::files::discover::candidate::Candidate;
use crate::files::source::folder_of;
use crate::model::hint::Hint;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A file that has two roles, one of which is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: this file would be {first}, and it is {second}", path.display())]
pub(crate) struct RoleConflict {
    /// One of its names.
    path: PathBuf,
    /// What it would be written as.
    first: &'static str,
    /// What it is besides.
    second: &'static str,
}

impl Hint for RoleConflict {
    fn hint(&self) -> String {
        format!(
            "choose another name for {}; nothing was touched",
            self.first
        )
    }
}

/// The files of a run that are known before it begins, except for the files that it works on.
#[derive(Debug, Default)]
pub(crate) struct FileRoles {
    written: Vec<FileRole>,
    read: Vec<FileRole>,
}

#[derive(Debug)]
struct FileRole {
    role: &'static str,
    path: PathBuf,
    identity: Identity,
}

/// What two names of one file have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Identity {
    /// Canonical, if there is such a thing.
    place: PathBuf,
    /// Device and inode of what is there, links followed.
    inode: Option<(u64, u64)>,
}

impl Identity {
    fn of(path: &Path) -> Identity {
        let inode = fs::metadata(path).map(|there| (there.dev(), there.ino()));
        // A pipe of a shell has no place, and what cannot be inspected is reported when it is opened.
        let place = future_path(path).unwrap_or_else(|_| path.to_path_buf());
        Identity {
            place,
            inode: inode.ok(),
        }
    }

    fn is_same(&self, other: &Identity) -> bool {
        match (self.inode, other.inode) {
            (Some(one), Some(two)) => one == two,
            _ => self.place == other.place,
        }
    }
}

impl FileRoles {
    /// A file that will be written. `role` reads after "this file would be".
    pub(crate) fn write(&mut self, role: &'static str, path: &Path) -> Result<(), RoleConflict> {
        let file = FileRole::new(role, path);
        let others = self.written.iter().chain(&self.read);
        file.must_differ(others)?;
        self.written.push(file);
        Ok(())
    }

    /// A file that will be read. `role` reads after "it is".
    pub(crate) fn read(&mut self, role: &'static str, path: &Path) -> Result<(), RoleConflict> {
        let file = FileRole::new(role, path);
        file.must_not_be_written(&self.written)?;
        self.read.push(file);
        Ok(())
    }

    /// A file to work on. It may be read for its names as well.
    pub(crate) fn check_candidate(&self, candidate: &Candidate) -> Result<(), RoleConflict> {
        // A pipe has no length, no links and no inode here.
        let identity = match candidate.links {
            0 => Identity::of(&candidate.path),
            _ => Identity {
                place: candidate.path.clone(),
                inode: Some((candidate.device, candidate.inode)),
            },
        };
        let file = FileRole {
            role: "one of the inputs",
            path: candidate.path.clone(),
            identity,
        };
        file.must_not_be_written(&self.written)
    }

    /// The new files of a run, and the originals that it keeps.
    pub(crate) fn check_outputs<'a>(
        &self,
        outputs: impl Iterator<Item = &'a Output>,
    ) -> Result<(), RoleConflict> {
        if self.written.is_empty() && self.read.is_empty() {
            return Ok(());
        }
        let mut folders = HashMap::new();
        for output in outputs {
            if let Output::Elsewhere { path, .. } = output {
                self.check_new("the new file", path, &mut folders)?;
            }
            if let Some(backup) = output.backup() {
                self.check_new("the kept original", backup, &mut folders)?;
            }
        }
        Ok(())
    }

    fn check_new<'a>(
        &self,
        role: &'static str,
        path: &'a Path,
        folders: &mut HashMap<&'a Path, PathBuf>,
    ) -> Result<(), RoleConflict> {
        // Canonical folders are cached: a tree has many files in each.
        let folder = folder_of(path);
        let place = folders
            .entry(folder)
            .or_insert_with(|| Identity::of(folder).place);
        let file = FileRole {
            role,
            path: path.to_path_buf(),
            identity: Identity {
                place: place.join(path.file_name().unwrap_or_default()),
                inode: fs::metadata(path).ok().map(|it| (it.dev(), it.ino())),
            },
        };
        file.must_differ(self.written.iter().chain(&self.read))
    }
}

impl FileRole {
    fn new(role: &'static str, path: &Path) -> FileRole {
        FileRole {
            role,
            path: path.to_path_buf(),
            identity: Identity::of(path),
        }
    }

    fn must_differ<'a>(
        &self,
        others: impl IntoIterator<Item = &'a FileRole>,
    ) -> Result<(), RoleConflict> {
        let same = |other: &&FileRole| other.identity.is_same(&self.identity);
        match others.into_iter().find(same) {
            Some(other) => Err(RoleConflict {
                path: self.path.clone(),
                first: self.role,
                second: other.role,
            }),
            None => Ok(()),
        }
    }

    fn must_not_be_written(&self, written: &[FileRole]) -> Result<(), RoleConflict> {
        let same = |other: &&FileRole| other.identity.is_same(&self.identity);
        match written.iter().find(same) {
            Some(other) => Err(RoleConflict {
                path: other.path.clone(),
                first: other.role,
                second: self.role,
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Walk, WalkItem, WalkOptions};
    use std::os::unix::fs::symlink;

    fn candidate(path: &Path) -> Candidate {
        let mut walk = Walk::new(vec![path.to_path_buf()], &WalkOptions::default()).unwrap();
        match walk.next() {
            Some(WalkItem::Candidate(candidate)) => candidate,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_is_recognised_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("x.json"), "").unwrap();
        fs::create_dir(at("sub")).unwrap();
        fs::hard_link(at("x.json"), at("hard.json")).unwrap();
        symlink("x.json", at("soft.json")).unwrap();
        for name in ["x.json", "sub/../x.json", "hard.json", "soft.json"] {
            let mut roles = FileRoles::default();
            roles.write("a report", &at(name)).unwrap();
            let error = roles
                .check_candidate(&candidate(&at("x.json")))
                .unwrap_err();
            assert!(error.to_string().contains("a report"), "{error}");
            roles.read("a list", &at("x.json")).unwrap_err();
            roles.write("the ledger", &at("x.json")).unwrap_err();
            roles.write("the ledger", &at("y.json")).unwrap();
        }
    }

    #[test]
    fn names_of_files_to_come_are_compared_by_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("sub")).unwrap();
        symlink("sub", at("link")).unwrap();
        let mut roles = FileRoles::default();
        roles.write("a report", &at("sub/x.json")).unwrap();
        roles.write("the ledger", &at("link/x.json")).unwrap_err();
        let output = |path| Output::named(path, false);
        roles
            .check_outputs([&output(at("link/x.json"))].into_iter())
            .unwrap_err();
        roles
            .check_outputs([&output(at("link/x.h5"))].into_iter())
            .unwrap();
    }

    #[test]
    fn what_is_only_read_may_be_read_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.h5");
        fs::write(&path, "").unwrap();
        let mut roles = FileRoles::default();
        roles.read("a source of names", &path).unwrap();
        roles.read("the rules", &path).unwrap();
        roles.check_candidate(&candidate(&path)).unwrap();
    }
}
