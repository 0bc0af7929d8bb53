//! Folders that are created for a file, and removed if the file is not committed.
//!
//! Everything happens relative to the folder above, which is open. A new folder is private until the tree's files are in place;
//! only then does it get the owner and mode of its counterpart ([`settle`]), so that nobody else can write to a folder in which
//! h5lift still works.

use crate::files::discover::own_names::is_temporary_name;
use crate::files::folder::{Folder, Place, enter_one};
use crate::files::path_error::{AtPath, PathError};
use crate::files::rooted_path::RootedPath;
use crate::files::source::folder_of;
use rustix::fs::{AtFlags, Gid, Mode, Uid, fchown};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime};

/// How often names and folders may be lost to other processes.
const ATTEMPTS: usize = 64;
const PRIVATE: u32 = 0o700;
/// File systems take their times from a clock of 100 ticks a second or more.
const CLOCK_TICK: Duration = Duration::from_millis(20);

/// The folders to which new ones correspond, so that private folders stay private in the new tree.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PermissionSource<'a> {
    /// The file whose folder corresponds to the innermost new folder.
    file: Option<&'a RootedPath>,
    /// How many folders, from there up, have a counterpart.
    depth: usize,
    /// Takes note of new folders, for the end of the run; without it, they get their rights at once.
    later: Option<&'a UnsettledFolders>,
}

impl<'a> PermissionSource<'a> {
    /// Of a file met in a walk: the folders between its root and it.
    pub(crate) fn of(
        original: &'a RootedPath,
        relative: &Path,
        later: Option<&'a UnsettledFolders>,
    ) -> Self {
        PermissionSource {
            file: Some(original),
            depth: relative.components().count().saturating_sub(1),
            later,
        }
    }

    /// The rights of the folder to which the one this many levels above the innermost corresponds.
    fn above(&self, levels: usize) -> Result<Option<FolderRights>, PathError> {
        let Some(file) = self.file.filter(|_| levels < self.depth) else {
            return Ok(None);
        };
        let folder = file.folder_above(levels)?;
        let like = folder.metadata().at(folder.path(), "inspect it")?;
        Ok(Some(FolderRights {
            user: like.uid(),
            group: like.gid(),
            mode: like.mode() & 0o7777,
        }))
    }
}

/// What a new folder gets from its counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FolderRights {
    user: u32,
    group: u32,
    mode: u32,
}

/// Makes something in the folder of a file, and the folder when it is missing.
///
/// A failing process removes the folders that it created, perhaps just before this one uses them: so "not
/// found" is tried again, as is what gives `None`.
pub(crate) fn in_folder<T>(
    file: &RootedPath,
    like: PermissionSource<'_>,
    make: impl Fn(&Folder) -> Result<Option<T>, PathError>,
) -> Result<(T, NewFolders), PathError> {
    let mut folders = NewFolders::default();
    let mut last = None;
    for _ in 0..ATTEMPTS {
        match folders.create(file, like).and_then(|folder| make(&folder)) {
            Ok(Some(made)) => return Ok((made, folders)),
            Ok(None) => {}
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| PathError {
        path: folder_of(file.path()).to_path_buf(),
        action: "create a file in it",
        source: io::Error::other("another process was quicker each time"),
    }))
}

/// Folders that were created, outermost first; removed on drop while empty.
#[derive(Debug, Default)]
pub(crate) struct NewFolders(Vec<Place>);

impl NewFolders {
    /// Opens the folder of a file. Makes it and those above it, and remembers the new ones.
    fn create(
        &mut self,
        file: &RootedPath,
        like: PermissionSource<'_>,
    ) -> Result<Folder, PathError> {
        let entering = like.later.map(UnsettledFolders::entering);
        match file.folder() {
            Err(error) if is_missing(&error) => {}
            opened => return opened,
        }
        drop(entering);
        let _making = like.later.map(UnsettledFolders::making);
        let (root, below) = file.split();
        let depth = below.components().count();
        let mut folder = self.create_named(root, depth, file, like)?;
        for (index, part) in below.components().enumerate() {
            let place = folder.at(part.as_os_str());
            folder = match file.follows_links() {
                true => match Folder::open(place.path()) {
                    Err(error) if is_missing(&error) => {
                        self.make(&place, depth - 1 - index, file, like)?
                    }
                    opened => opened?,
                },
                false => match folder.below(Path::new(part.as_os_str())) {
                    Err(error) if is_missing(&error) => {
                        self.make(&place, depth - 1 - index, file, like)?
                    }
                    opened => opened?,
                },
            };
        }
        Ok(folder)
    }

    /// A folder that the user named.
    fn create_named(
        &mut self,
        path: &Path,
        levels: usize,
        file: &RootedPath,
        like: PermissionSource<'_>,
    ) -> Result<Folder, PathError> {
        match (Folder::open(path), path.file_name()) {
            (Err(error), Some(name)) if is_missing(&error) => {
                let above = self.create_named(folder_of(path), levels + 1, file, like)?;
                self.make(&above.at(name).with_path(path), levels, file, like)
            }
            (opened, _) => opened,
        }
    }

    /// Creates one folder and opens it.
    fn make(
        &mut self,
        place: &Place,
        levels: usize,
        file: &RootedPath,
        like: PermissionSource<'_>,
    ) -> Result<Folder, PathError> {
        let path = place.path();
        let rights = like.above(levels)?;
        let mode = match rights {
            Some(_) => Mode::RWXU,
            None => Mode::from_raw_mode(0o777),
        };
        let began = SystemTime::now();
        let made = rustix::fs::mkdirat(place.folder(), place.name(), mode);
        let opened = match made {
            Ok(()) | Err(Errno::EXIST) => enter_one(place.folder().as_fd(), place.name()),
            Err(error) => Err(error),
        };
        let folder = Folder::of(opened.at(path, "create this folder")?, path);
        if made.is_ok() {
            self.0.push(place.clone());
            if let Some(rights) = rights {
                check_private(&folder, began)?;
                match like.later {
                    Some(later) => later.add(file, path, &folder, rights)?,
                    None => rights
                        .give(&folder)
                        .at(path, "set the rights of this folder")?,
                }
            }
        }
        Ok(folder)
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.0
    }

    /// Makes them stay.
    pub(crate) fn keep(&mut self) -> Vec<Place> {
        std::mem::take(&mut self.0)
    }

    /// Removes those that no other process uses by now.
    pub(crate) fn remove(mut self) -> Result<(), PathError> {
        for folder in self.keep().into_iter().rev() {
            match remove_empty(&folder) {
                Ok(()) | Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOENT) => {}
                Err(error) => return Err(error).at(folder.path(), "remove this empty folder"),
            }
        }
        Ok(())
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            // Another process may use it by now; an empty folder does no harm.
            let _ = remove_empty(folder);
        }
    }
}

fn remove_empty(folder: &Place) -> rustix::io::Result<()> {
    rustix::fs::unlinkat(folder.folder(), folder.name(), AtFlags::REMOVEDIR)
}

/// It is not there, or something above it is not a folder.
fn is_missing(error: &PathError) -> bool {
    matches!(
        error.source.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Whether a folder is the one that was just made: anyone who can write to the folder above can put another one in its place,
/// and one that is to be given away must be this user's own, and new or empty.
fn check_private(folder: &Folder, began: SystemTime) -> Result<(), PathError> {
    let path = folder.path();
    let metadata = folder.metadata().at(path, "inspect it")?;
    let mine = metadata.uid() == rustix::process::geteuid().as_raw();
    let is_private = metadata.mode() & 0o077 == 0;
    if mine && is_private && (is_new(&metadata, began) || is_empty(folder).at(path, "list it")?) {
        return Ok(());
    }
    let other = io::Error::other("another folder took its place at this moment");
    Err(other).at(path, "create this folder")
}

/// Whether it was created since then, as far as the file system tells. A run on another shard may have put a file into it at once.
fn is_new(folder: &Metadata, began: SystemTime) -> bool {
    let Ok(created) = folder.created() else {
        return false;
    };
    created + CLOCK_TICK >= began && created <= SystemTime::now() + CLOCK_TICK
}

/// Whether nothing is in it but temporary files of h5lift, of another shard for instance.
fn is_empty(folder: &Folder) -> io::Result<bool> {
    let listed = rustix::fs::Dir::new(folder.readable()?)?;
    for entry in listed {
        let name = entry?.file_name().to_bytes().to_vec();
        let name = OsStr::from_bytes(&name);
        if name != "." && name != ".." && !is_temporary_name(name) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl FolderRights {
    /// Its owner may create files in it in any case.
    fn give(&self, folder: &Folder) -> io::Result<()> {
        let open: File = folder.readable()?;
        // Root gives it to the same users; others may not, and need not.
        let (user, group) = (Uid::from_raw(self.user), Gid::from_raw(self.group));
        let given = fchown(&open, None, Some(group)).and_then(|()| fchown(&open, Some(user), None));
        let mode = match given {
            // Another group has no more rights in it than all users.
            Err(_) if open.metadata()?.gid() != self.group => {
                let mode = self.mode & 0o777;
                mode & (!0o070 | ((mode & 0o007) << 3))
            }
            _ => self.mode,
        };
        open.set_permissions(Permissions::from_mode(mode | PRIVATE))
    }
}

/// The new folders of a run that are still private.
#[derive(Debug, Default)]
pub(crate) struct UnsettledFolders {
    folders: Mutex<Vec<UnsettledFolder>>,
    /// Held while folders are made: what another thread put into one before it is checked would be taken for a stranger's.
    being_made: RwLock<()>,
}

#[derive(Debug)]
struct UnsettledFolder {
    /// Without a descriptor: a tree has many folders.
    path: RootedPath,
    identity: (u64, u64),
    rights: FolderRights,
}

impl UnsettledFolders {
    fn entering(&self) -> RwLockReadGuard<'_, ()> {
        self.being_made
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn making(&self) -> RwLockWriteGuard<'_, ()> {
        self.being_made
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn add(
        &self,
        file: &RootedPath,
        path: &Path,
        folder: &Folder,
        rights: FolderRights,
    ) -> Result<(), PathError> {
        let levels = file.path().components().count() - path.components().count();
        let unsettled = UnsettledFolder {
            path: file.above(levels),
            identity: folder.identity()?,
            rights,
        };
        let mut all = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(unsettled);
        Ok(())
    }

    /// Gives each folder its owner and mode, the innermost first: who owns a folder can replace what is in it. Returns what
    /// went wrong; those folders stay private.
    pub(crate) fn settle(&self) -> Vec<PathError> {
        let mut all = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = std::mem::take(&mut *all);
        all.sort_by_key(|it| std::cmp::Reverse(it.path.path().components().count()));
        all.iter().filter_map(|it| it.settle().err()).collect()
    }
}

impl Drop for UnsettledFolders {
    fn drop(&mut self) {
        // A run that ended early; whoever wants to know of errors has called it.
        self.settle();
    }
}

impl UnsettledFolder {
    fn settle(&self) -> Result<(), PathError> {
        let path = self.path.path();
        let Some(place) = self.path.existing_place()? else {
            return Ok(());
        };
        let opened = match enter_one(place.folder().as_fd(), place.name()) {
            // Removed with the file that it was made for.
            Err(Errno::NOENT) => return Ok(()),
            opened => opened.at(path, "open this folder")?,
        };
        let folder = Folder::of(opened, path);
        if folder.identity()? != self.identity {
            let other = io::Error::other("another folder has taken its place");
            return Err(other).at(path, "set the rights of this folder");
        }
        self.rights
            .give(&folder)
            .at(path, "set the rights of this folder")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::discover::own_names::temporary_name;
    use std::fs;
    use std::sync::Barrier;

    #[test]
    fn threads_that_meet_in_a_new_folder_do_not_take_it_for_another_ones() {
        let scratch = tempfile::tempdir().unwrap();
        let old = scratch.path().join("old/a.h5");
        fs::create_dir(old.parent().unwrap()).unwrap();
        fs::write(&old, "x").unwrap();
        let original = RootedPath::new(&old, 1, false);
        let later = UnsettledFolders::default();
        let like = PermissionSource::of(&original, Path::new("old/a.h5"), Some(&later));
        for round in 0..200 {
            let (all, begin) = (4, Barrier::new(4));
            std::thread::scope(|scope| {
                for thread in 0..all {
                    let (begin, root) = (&begin, scratch.path());
                    scope.spawn(move || {
                        let new = root.join(format!("new-{round}/{thread}.h5"));
                        let new = RootedPath::new(&new, 2, false);
                        begin.wait();
                        let write = |folder: &Folder| {
                            fs::write(folder.path().join(format!("{thread}.h5")), "x")
                                .at(folder.path(), "write into it")
                                .map(Some)
                        };
                        let (_, mut folders) = in_folder(&new, like, write).unwrap();
                        folders.keep();
                    });
                }
            });
        }
    }

    #[test]
    fn an_older_folder_that_is_not_empty_is_another_ones() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("private");
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(PRIVATE)).unwrap();
        let folder = Folder::open(&path).unwrap();
        let now = SystemTime::now();
        check_private(&folder, now + Duration::from_secs(1)).unwrap();
        fs::write(path.join(temporary_name(1)), "x").unwrap();
        check_private(&folder, now + Duration::from_secs(1)).unwrap();
        fs::write(path.join("secret"), "x").unwrap();
        if folder.metadata().unwrap().created().is_ok() {
            check_private(&folder, now).unwrap();
        }
        let error = check_private(&folder, now + Duration::from_secs(1)).unwrap_err();
        assert!(error.to_string().contains("took its place"), "{error}");
    }
}
