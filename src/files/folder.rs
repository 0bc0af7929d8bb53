//! Folders by descriptor, and names in them.
//!
//! The user names a root, and that path is followed as the system follows any path. Below the root nothing is opened by a path of
//! more than one component: [`Folder::below`] goes down with `openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)`, or component by
//! component with `O_NOFOLLOW` where the kernel has no such call. A [`Place`] is a name in an open folder; who replaces a folder on
//! its path by a link, or by another folder, changes nothing for it.
//!
//! `rustix` and not `cap-std`: a `cap_std::fs::Dir` follows links that stay inside of it, where h5lift has to refuse them, and it has
//! no rename without replacing, no unnamed files, no locks and no extended attributes, so most calls would be those of `rustix` all
//! the same.

use crate::files::path_error::{AtPath, LinkOnTheWay, PathError};
use crate::files::platform::{Flag, forbidden_by_flag};
use crate::files::stat_snapshot::{StatSnapshot, Timestamp};
use rustix::fs::{AtFlags, Mode, OFlags, openat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A folder may be entered without the right to list it.
#[cfg(target_os = "linux")]
const ENTER: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const ENTER: OFlags = OFlags::RDONLY;

/// An open folder. Clones share the descriptors.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    open: Arc<OpenFolder>,
    path: PathBuf,
}

#[derive(Debug)]
struct OpenFolder {
    descriptor: OwnedFd,
    /// To be listed, locked or synced; opened for the first of these.
    readable: OnceLock<File>,
    /// Device and inode, which do not change while it is open.
    identity: OnceLock<(u64, u64)>,
    /// What `chattr` forbade in it when that was asked first.
    flag: OnceLock<Option<Flag>>,
}

/// A name in an open folder.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    folder: Folder,
    name: OsString,
    path: PathBuf,
}

impl Folder {
    /// Opens a folder as the user named it: links are followed.
    pub(crate) fn open(path: &Path) -> Result<Folder, PathError> {
        let flags = ENTER | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let descriptor =
            rustix::fs::open(path, flags, Mode::empty()).at(path, "open this folder")?;
        Ok(Folder::of(descriptor, path))
    }

    pub(crate) fn of(descriptor: OwnedFd, path: &Path) -> Folder {
        Folder {
            open: Arc::new(OpenFolder {
                descriptor,
                readable: OnceLock::new(),
                identity: OnceLock::new(),
                flag: OnceLock::new(),
            }),
            path: path.to_path_buf(),
        }
    }

    /// Opens a folder below this one. No part of the way may be a link or lead up.
    pub(crate) fn below(&self, relative: &Path) -> Result<Folder, PathError> {
        if relative.as_os_str().is_empty() {
            return Ok(self.clone());
        }
        let path = self.path.join(relative);
        let opened = match is_plain(relative) {
            true => enter(self.as_fd(), relative),
            false => Err(Errno::XDEV),
        };
        match opened {
            Ok(descriptor) => Ok(Folder::of(descriptor, &path)),
            Err(Errno::LOOP | Errno::XDEV) => Err(link_on_the_way()).at(&path, "open this folder"),
            Err(error) => Err(error).at(&path, "open this folder"),
        }
    }

    /// A name in it. The name must be a single component.
    pub(crate) fn at(&self, name: &OsStr) -> Place {
        Place {
            folder: self.clone(),
            name: name.to_os_string(),
            path: self.path.join(name),
        }
    }

    /// The path by which it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        // A `File` of a descriptor that can do nothing else: std reads its metadata.
        File::from(self.open.descriptor.try_clone()?).metadata()
    }

    pub(crate) fn identity(&self) -> Result<(u64, u64), PathError> {
        if let Some(known) = self.open.identity.get() {
            return Ok(*known);
        }
        let stat = rustix::fs::fstat(self).at(&self.path, "inspect it")?;
        Ok(*self.open.identity.get_or_init(|| Entry(stat).identity()))
    }

    /// What `chattr` forbids in it. If that changes while it is open, the rename says so.
    pub(crate) fn flag(&self) -> Option<Flag> {
        let flag = || forbidden_by_flag(self, OsStr::new("."));
        *self.open.flag.get_or_init(flag)
    }

    /// The folder, to be synced, or to be locked while no other clone of it is.
    pub(crate) fn shared_readable(&self) -> io::Result<&File> {
        match self.open.readable.get() {
            Some(open) => Ok(open),
            None => {
                let open = self.readable()?;
                Ok(self.open.readable.get_or_init(|| open))
            }
        }
    }

    /// The folder, to be listed, locked or synced, as a descriptor of its own.
    pub(crate) fn readable(&self) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(openat(self, ".", flags, Mode::empty())?.into())
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.open.descriptor.as_fd()
    }
}

impl Place {
    /// The name that a path ends in, in its folder as the user named it.
    pub(crate) fn of(path: &Path) -> Result<Place, PathError> {
        let folder = Folder::open(crate::files::source::folder_of(path))?;
        Ok(Place {
            name: path.file_name().unwrap_or_default().to_os_string(),
            path: path.to_path_buf(),
            folder,
        })
    }

    /// A path below a folder.
    pub(crate) fn below(root: &Folder, relative: &Path) -> Result<Place, PathError> {
        let name = relative.file_name().unwrap_or_default();
        let folder = root.below(relative.parent().unwrap_or(Path::new("")))?;
        Ok(folder.at(name))
    }

    /// The same, called otherwise in messages.
    pub(crate) fn with_path(self, path: &Path) -> Place {
        Place {
            path: path.to_path_buf(),
            ..self
        }
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(crate) fn name(&self) -> &OsStr {
        &self.name
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What has the name; a link is not followed. `None`: nothing.
    pub(crate) fn stat(&self) -> io::Result<Option<Entry>> {
        match rustix::fs::statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Entry(stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a regular file for reading; a link is refused.
    pub(crate) fn open(&self) -> Result<File, PathError> {
        self.open_with(OFlags::RDONLY | OFlags::NOFOLLOW)
    }

    /// The same with what it is.
    pub(crate) fn open_with_snapshot(&self) -> Result<(File, StatSnapshot), PathError> {
        self.open_inspected(OFlags::RDONLY | OFlags::NOFOLLOW)
    }

    /// Opens a regular file with more flags.
    pub(crate) fn open_with(&self, flags: OFlags) -> Result<File, PathError> {
        Ok(self.open_inspected(flags)?.0)
    }

    /// The same with what it is. `O_NONBLOCK` keeps the open from waiting for the other end of a pipe.
    pub(crate) fn open_inspected(&self, flags: OFlags) -> Result<(File, StatSnapshot), PathError> {
        let flags = flags | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(
            openat(&self.folder, &self.name, flags, Mode::empty()).at(&self.path, "open it")?,
        );
        let metadata = file.metadata().at(&self.path, "inspect it")?;
        if !metadata.is_file() {
            let odd = io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
            return Err(odd).at(&self.path, "read it");
        }
        Ok((file, StatSnapshot::from(&metadata)))
    }

    /// Creates a file that is not there yet; a link is not followed.
    pub(crate) fn create_new(&self, mode: Mode) -> io::Result<File> {
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.folder, &self.name, flags, mode)?.into())
    }

    /// Whether the name leads to the file with this device and inode, which is open.
    pub(crate) fn leads_to(&self, identity: (u64, u64)) -> io::Result<bool> {
        let there = self.stat()?;
        Ok(there.is_some_and(|there| there.identity() == identity))
    }

    /// What a symbolic link says.
    pub(crate) fn link_target(&self) -> io::Result<PathBuf> {
        let target = rustix::fs::readlinkat(&self.folder, &self.name, Vec::new())?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }

    /// Removes the name of a file.
    pub(crate) fn remove(&self) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(
            &self.folder,
            &self.name,
            AtFlags::empty(),
        )?)
    }

    /// Gives the file another name; whatever has that name is replaced.
    pub(crate) fn rename(&self, to: &Place) -> io::Result<()> {
        Ok(rustix::fs::renameat(
            &self.folder,
            &self.name,
            &to.folder,
            &to.name,
        )?)
    }

    /// Gives the file a second name, which must be free; a link is not followed.
    pub(crate) fn link(&self, to: &Place) -> io::Result<()> {
        let no_follow = AtFlags::empty();
        Ok(rustix::fs::linkat(
            &self.folder,
            &self.name,
            &to.folder,
            &to.name,
            no_follow,
        )?)
    }
}

/// What has a name in a folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry(rustix::fs::Stat);

impl Entry {
    pub(crate) fn kind(&self) -> rustix::fs::FileType {
        rustix::fs::FileType::from_raw_mode(self.0.st_mode)
    }

    pub(crate) fn is_file(&self) -> bool {
        self.kind().is_file()
    }

    pub(crate) fn links(&self) -> u64 {
        number(self.0.st_nlink)
    }

    pub(crate) fn bytes(&self) -> i64 {
        self.0.st_size
    }

    /// Seconds and nanoseconds.
    pub(crate) fn modified(&self) -> (i128, i128) {
        (self.0.st_mtime.into(), self.0.st_mtime_nsec.into())
    }

    /// As of an open file.
    pub(crate) fn snapshot(&self) -> StatSnapshot {
        let (device, inode) = self.identity();
        let time = |seconds: i128, nanoseconds: i128| Timestamp {
            seconds: i64::try_from(seconds).unwrap_or_default(),
            nanoseconds: i64::try_from(nanoseconds).unwrap_or_default(),
        };
        StatSnapshot {
            device,
            inode,
            bytes: number(self.0.st_size),
            modified: time(self.0.st_mtime.into(), self.0.st_mtime_nsec.into()),
            changed: time(self.0.st_ctime.into(), self.0.st_ctime_nsec.into()),
        }
    }

    pub(crate) fn identity(&self) -> (u64, u64) {
        (number(self.0.st_dev), number(self.0.st_ino))
    }
}

/// A number of `stat`, whose type depends on the system.
fn number(value: impl Into<i128>) -> u64 {
    u64::try_from(value.into()).unwrap_or(u64::MAX)
}

/// Whether a path goes down only.
pub(crate) fn is_plain(relative: &Path) -> bool {
    relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
}

fn link_on_the_way() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, LinkOnTheWay)
}

#[cfg(target_os = "linux")]
fn enter(root: BorrowedFd<'_>, relative: &Path) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};
    let flags = ENTER | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match openat2(root, relative, flags, Mode::empty(), resolve) {
        // Linux before 5.6, and sandboxes that know no such call.
        Err(Errno::NOSYS | Errno::PERM) => enter_stepwise(root, relative),
        entered => entered,
    }
}

#[cfg(not(target_os = "linux"))]
fn enter(root: BorrowedFd<'_>, relative: &Path) -> rustix::io::Result<OwnedFd> {
    enter_stepwise(root, relative)
}

fn enter_stepwise(root: BorrowedFd<'_>, relative: &Path) -> rustix::io::Result<OwnedFd> {
    let mut here: Option<OwnedFd> = None;
    for part in relative.components() {
        let from = here.as_ref().map_or(root, AsFd::as_fd);
        here = Some(enter_one(from, part.as_os_str())?);
    }
    here.ok_or(Errno::INVAL)
}

/// Opens a folder in another one, if it is one and not a link to one.
pub(crate) fn enter_one(folder: BorrowedFd<'_>, name: &OsStr) -> rustix::io::Result<OwnedFd> {
    let flags = ENTER | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(folder, name, flags, Mode::empty()) {
        // What a link gives, as well as a file.
        Err(Errno::NOTDIR) => {
            let there = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
            let kind = rustix::fs::FileType::from_raw_mode(there.st_mode);
            match kind.is_symlink() {
                true => Err(Errno::LOOP),
                false => Err(Errno::NOTDIR),
            }
        }
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn tree() -> (tempfile::TempDir, Folder) {
        let top = tempfile::tempdir().unwrap();
        fs::create_dir_all(top.path().join("root/a/b")).unwrap();
        fs::create_dir_all(top.path().join("outside")).unwrap();
        fs::write(top.path().join("root/a/b/x.h5"), "x").unwrap();
        fs::write(top.path().join("outside/x.h5"), "out").unwrap();
        symlink("../outside", top.path().join("root/link")).unwrap();
        symlink("a", top.path().join("root/inner")).unwrap();
        symlink("root", top.path().join("named")).unwrap();
        let root = Folder::open(&top.path().join("named")).unwrap();
        (top, root)
    }

    #[test]
    fn the_root_may_be_a_link_and_nothing_below_it() {
        let (_top, root) = tree();
        let place = Place::below(&root, Path::new("a/b/x.h5")).unwrap();
        assert_eq!(place.open().unwrap().metadata().unwrap().len(), 1);
        for way in [
            "link",
            "inner",
            "inner/b",
            "a/../a",
            "../outside",
            "/",
            "..",
        ] {
            let error = root.below(Path::new(way)).unwrap_err();
            assert!(
                error.to_string().contains("symbolic link"),
                "{way}: {error}"
            );
        }
        let missing = root.below(Path::new("a/c")).unwrap_err();
        assert_eq!(missing.source.kind(), io::ErrorKind::NotFound);
        let file = root.below(Path::new("a/b/x.h5")).unwrap_err();
        assert_eq!(file.source.kind(), io::ErrorKind::NotADirectory);
    }

    #[test]
    fn step_by_step_gives_the_same() {
        let (_top, root) = tree();
        for (way, expected) in [
            ("a/b", None),
            ("link", Some(Errno::LOOP)),
            ("inner/b", Some(Errno::LOOP)),
            ("a/b/x.h5", Some(Errno::NOTDIR)),
            ("a/c", Some(Errno::NOENT)),
        ] {
            assert_eq!(
                enter_stepwise(root.as_fd(), Path::new(way)).err(),
                expected,
                "{way}"
            );
        }
    }

    #[test]
    fn a_place_stays_where_it_was_when_a_folder_is_replaced() {
        let (top, root) = tree();
        let place = Place::below(&root, Path::new("a/b/x.h5")).unwrap();
        fs::rename(top.path().join("root/a"), top.path().join("moved")).unwrap();
        symlink(top.path().join("outside"), top.path().join("root/a")).unwrap();
        place
            .rename(&place.folder().at(OsStr::new("y.h5")))
            .unwrap();
        assert_eq!(fs::read(top.path().join("moved/b/y.h5")).unwrap(), b"x");
        assert_eq!(fs::read(top.path().join("outside/x.h5")).unwrap(), b"out");
    }

    #[test]
    fn links_and_folders_are_no_files() {
        let (top, root) = tree();
        symlink("x.h5", top.path().join("root/a/b/soft.h5")).unwrap();
        let folder = root.below(Path::new("a/b")).unwrap();
        assert!(folder.at(OsStr::new("soft.h5")).open().is_err());
        assert!(root.at(OsStr::new("a")).open().is_err());
        assert!(root.at(OsStr::new("nothing")).stat().unwrap().is_none());
    }
}
