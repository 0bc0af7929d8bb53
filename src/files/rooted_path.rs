//! A path of which the user named the first part.
//!
//! The named part is opened as any path is; below it no link is followed, unless the user asked for that (`--follow-symlinks`).

use crate::files::folder::{Folder, Place};
use crate::files::path_error::PathError;
use crate::files::recent_folders::RecentFolders;
use crate::files::stat_snapshot::StatSnapshot;
use rustix::fs::OFlags;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Where a file is, or will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RootedPath {
    path: PathBuf,
    /// Components below the part that the user named: 1 for a file that was named itself.
    below: usize,
    follow_links: bool,
}

impl RootedPath {
    /// A file that the user named.
    pub(crate) fn named(path: &Path) -> RootedPath {
        RootedPath::new(path, 1, false)
    }

    /// A file that is so many components below what the user named.
    pub(crate) fn new(path: &Path, below: usize, follow_links: bool) -> RootedPath {
        RootedPath {
            path: path.to_path_buf(),
            below: below.max(1),
            follow_links,
        }
    }

    /// The whole path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the user named, and the path from there to the folder of the file.
    pub(crate) fn split(&self) -> (&Path, &Path) {
        let root = match self.path.ancestors().nth(self.below) {
            Some(root) if !root.as_os_str().is_empty() => root,
            _ => Path::new("."),
        };
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let below = folder.strip_prefix(root).unwrap_or(folder);
        (root, below)
    }

    /// Whether links below what the user named are followed.
    pub(crate) fn follows_links(&self) -> bool {
        self.follow_links
    }

    /// Opens the folder of the file.
    pub(crate) fn folder(&self) -> Result<Folder, PathError> {
        let (root, below) = self.split();
        match self.follow_links {
            true => Folder::open(&root.join(below)),
            false => Folder::open(root)?.below(below),
        }
    }

    /// What is so many levels above.
    pub(crate) fn above(&self, levels: usize) -> RootedPath {
        let path = self.path.ancestors().nth(levels).unwrap_or(Path::new("."));
        RootedPath::new(path, self.below.saturating_sub(levels), self.follow_links)
    }

    /// Another name in the same folder.
    pub(crate) fn sibling(&self, path: &Path) -> RootedPath {
        RootedPath::new(path, self.below, self.follow_links)
    }

    /// Opens the folder that is so many levels above that of the file.
    pub(crate) fn folder_above(&self, levels: usize) -> Result<Folder, PathError> {
        self.above(levels).folder()
    }

    /// Opens the folder of the file.
    pub(crate) fn place(&self) -> Result<Place, PathError> {
        let name = self.path.file_name().unwrap_or_default();
        let folder = self.folder()?;
        Ok(folder.at(name).with_path(&self.path))
    }

    /// The same; `None` if the folder is not there.
    pub(crate) fn existing_place(&self) -> Result<Option<Place>, PathError> {
        match self.place() {
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(None),
            place => place.map(Some),
        }
    }

    /// Opens the file for reading. `through_link`: the file may itself be a link.
    #[cfg(test)]
    pub(crate) fn open(&self, through_link: bool) -> Result<File, PathError> {
        let recent = RecentFolders::default();
        Ok(self.open_in(&recent, through_link)?.0)
    }

    /// The same in a folder that was perhaps opened a moment ago, with what the file is.
    pub(crate) fn open_in(
        &self,
        recent: &RecentFolders,
        through_link: bool,
    ) -> Result<(File, StatSnapshot), PathError> {
        let follow = match through_link {
            true => OFlags::empty(),
            false => OFlags::NOFOLLOW,
        };
        let folder = recent.folder_of(self).map_err(|error| PathError {
            path: self.path.clone(),
            action: "open it",
            ..error
        })?;
        let name = self.path.file_name().unwrap_or_default();
        let place = folder.at(name).with_path(&self.path);
        place.open_inspected(OFlags::RDONLY | follow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_path_is_split_where_the_user_stopped() {
        for (path, below, root, folder) in [
            ("a.h5", 1, ".", ""),
            ("./a.h5", 1, ".", ""),
            ("/a.h5", 1, "/", ""),
            ("x/a.h5", 1, "x", ""),
            ("x/y/a.h5", 2, "x", "y"),
            ("x/y/z/a.h5", 3, "x", "y/z"),
            ("./y/a.h5", 2, ".", "y"),
            ("/y/a.h5", 2, "/", "y"),
            ("../y/a.h5", 2, "..", "y"),
        ] {
            let rooted = RootedPath::new(Path::new(path), below, false);
            assert_eq!(
                rooted.split(),
                (Path::new(root), Path::new(folder)),
                "{path}"
            );
        }
    }

    #[test]
    fn links_below_the_root_are_followed_only_if_the_user_asked_for_it() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        fs::create_dir_all(at("real/sub")).unwrap();
        fs::write(at("real/sub/a.h5"), "a").unwrap();
        symlink("sub", at("real/link")).unwrap();
        symlink("real", at("root")).unwrap();
        let path = at("root/link/a.h5");
        RootedPath::new(&path, 2, true).open(false).unwrap();
        RootedPath::new(&path, 1, false).open(false).unwrap();
        let error = RootedPath::new(&path, 2, false).open(false).unwrap_err();
        assert!(error.to_string().contains("symbolic link"), "{error}");
        RootedPath::new(&at("root/sub/a.h5"), 2, false)
            .open(false)
            .unwrap();
        assert!(
            RootedPath::new(&at("root/none/a.h5"), 2, false)
                .existing_place()
                .unwrap()
                .is_none()
        );
    }
}
