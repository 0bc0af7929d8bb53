//! The file that workers write before it has its final name.
//!
//! It is in the folder of its destination, so that one step can put it in place, under a name that only
//! h5lift uses, with an exclusive lock for as long as its process lives. A crash leaves it behind with a free
//! lock, by which [`remove_leftovers`](crate::files::remove_leftovers) recognises it. A lock that other
//! machines cannot see (NFS mounted with `local_lock`) protects it on its own machine only: the worst result
//! is a failed row on the other machine, because [`mod@crate::files::commit`] checks whether the file is
//! still there.
//!
//! One that will replace a file, and a copy that only this process writes, have no name until they are put in place, if the system
//! supports that (`O_TMPFILE`): a crash leaves nothing of them. Workers get the open file. One for a new tree has a name from
//! the beginning: it keeps other processes from removing its folder as an empty one.

use crate::files::commit::new_folders::{NewFolders, PermissionSource, in_folder};
use crate::files::commit::write_back::write_back_while;
use crate::files::discover::own_names::temporary_name;
use crate::files::folder::{Folder, Place};
use crate::files::locks::source::{Taken, take};
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::{
    descriptor_path, link_unnamed, open_again, open_unnamed, rename_no_replace,
};
use crate::files::rooted_path::RootedPath;
use crate::files::threads::beside;
use rustix::fs::{FlockOperation, Mode, OFlags, openat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::io::Seek;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Mode of an unfinished file: accessible to its owner only.
const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);
/// Rights of an ordinary new file, before the umask.
const ORDINARY: Mode = PRIVATE
    .union(Mode::RGRP)
    .union(Mode::WGRP)
    .union(Mode::ROTH)
    .union(Mode::WOTH);

/// How often a name may be lost to a clean-up.
const ATTEMPTS: usize = 64;

/// Bytes that take noticeable time to sync.
const LARGE_FILE: u64 = 8 << 20;
const SMALL_FILE: u64 = 4 << 20;

/// A file for one destination, deleted on drop unless it was put in place.
#[derive(Debug)]
pub(crate) struct Temporary {
    name: Name,
    /// The folder in which it was made.
    folder: Folder,
    path: PathBuf,
    file: File,
    /// As it was created: empty.
    created: Metadata,
    /// Its length, once it is finished.
    bytes: OnceLock<u64>,
    folders: NewFolders,
}

/// What leads to the file.
#[derive(Debug, Clone)]
enum Name {
    /// Nothing but descriptors.
    None,
    /// Its name in its folder.
    Own(Place),
    /// Its destination, or nothing any more.
    Gone,
}

impl Temporary {
    /// Makes one in the folder of a file that the user named, and the folder when it is missing.
    pub(crate) fn create_beside(
        destination: &Path,
        like: PermissionSource<'_>,
    ) -> Result<Temporary, PathError> {
        Self::create(&RootedPath::named(destination), like)
    }

    /// Makes one in the folder of `destination`, and the folder when it is missing.
    pub(crate) fn create(
        destination: &RootedPath,
        like: PermissionSource<'_>,
    ) -> Result<Temporary, PathError> {
        let (new, folders) = in_folder(destination, like, |folder| create_locked(folder, PRIVATE))?;
        let mut temporary = Self::named(new);
        temporary.folders = folders;
        Ok(temporary)
    }

    /// Makes one in a folder that is open.
    pub(crate) fn create_in(folder: &Folder) -> Result<Temporary, PathError> {
        Self::create_named(folder, PRIVATE)
    }

    /// Makes one for the place of a file that is there, without a name where that is possible.
    pub(crate) fn create_to_replace(destination: &RootedPath) -> Result<Temporary, PathError> {
        Self::create_called(&destination.folder()?, destination.path())
    }

    /// Makes one without a name where that is possible, which messages call `path` then: the path of its descriptor says nothing
    /// to a user.
    pub(crate) fn create_called(folder: &Folder, path: &Path) -> Result<Temporary, PathError> {
        let mut temporary = Self::create_unnamed(folder, PRIVATE)?;
        if matches!(temporary.name, Name::None) {
            temporary.path = path.to_path_buf();
        }
        Ok(temporary)
    }

    /// Makes one for this process alone, without a name where that is possible, in the folder of a file that the user named.
    pub(crate) fn create_unnamed_beside(destination: &Path) -> Result<Temporary, PathError> {
        Self::create_unnamed(Place::of(destination)?.folder(), PRIVATE)
    }

    /// Makes one for this process alone, without a name where that is possible.
    pub(crate) fn create_unnamed_in(folder: &Folder) -> Result<Temporary, PathError> {
        Self::create_unnamed(folder, PRIVATE)
    }

    /// Creates one that is never put in place: scratch space for a worker beside its output.
    pub(crate) fn spool_beside(&self) -> Result<Temporary, PathError> {
        Self::create_unnamed(&self.folder, PRIVATE)
    }

    fn create_unnamed(folder: &Folder, mode: Mode) -> Result<Temporary, PathError> {
        if let Some((file, created)) = open_unnamed(folder, mode) {
            return Ok(Temporary {
                name: Name::None,
                folder: folder.clone(),
                path: descriptor_path(&file),
                file,
                created,
                bytes: OnceLock::new(),
                folders: NewFolders::default(),
            });
        }
        Self::create_named(folder, mode)
    }

    fn create_named(folder: &Folder, mode: Mode) -> Result<Temporary, PathError> {
        for _ in 0..ATTEMPTS {
            if let Some(new) = create_locked(folder, mode)? {
                return Ok(Self::named(new));
            }
        }
        let busy = io::Error::other("another process was quicker each time");
        Err(busy).at(folder.path(), "create a temporary file in it")
    }

    fn named(new: NewFile) -> Temporary {
        let NewFile {
            place,
            file,
            created,
        } = new;
        Temporary {
            folder: place.folder().clone(),
            path: place.path().to_path_buf(),
            name: Name::Own(place),
            file,
            created,
            bytes: OnceLock::new(),
            folders: NewFolders::default(),
        }
    }

    /// The folder in which it was made, whatever its path leads to by now.
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What error messages call it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A descriptor for the worker that writes it. It is not this process's own, which has the lock: a worker that
    /// ends a moment after its parent would keep the file from the next run.
    pub(crate) fn for_writer(&self) -> Result<File, PathError> {
        self.opened_again(File::options().read(true).write(true))
    }

    /// A descriptor for workers that read it.
    pub(crate) fn for_reader(&self) -> Result<File, PathError> {
        self.opened_again(File::options().read(true))
    }

    fn opened_again(&self, options: &OpenOptions) -> Result<File, PathError> {
        open_again(&self.file, self.identity(), &self.path, options).at(&self.path, "open it again")
    }

    /// Device and inode.
    pub(crate) fn identity(&self) -> (u64, u64) {
        (self.created.dev(), self.created.ino())
    }

    /// What it was when it was created: owner and group are still so.
    pub(crate) fn created(&self) -> &Metadata {
        &self.created
    }

    /// The length of the finished file: to be called when all of it is written.
    pub(crate) fn bytes(&self) -> Result<u64, PathError> {
        if let Some(known) = self.bytes.get() {
            return Ok(*known);
        }
        let metadata = self.file.metadata().at(&self.path, "inspect it")?;
        Ok(*self.bytes.get_or_init(|| metadata.len()))
    }

    /// The parent's own descriptor, opened before any byte was written, so that an fsync of it reports each
    /// failed write-back, whichever process wrote the bytes.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Syncs the bytes and the metadata. A failure is final: the kernel drops what it could not write, and a
    /// second try would succeed.
    pub(crate) fn sync(&self) -> Result<(), PathError> {
        self.file.sync_all().at(&self.path, "sync it")
    }

    /// Fills it with the bytes of another file.
    pub(crate) fn copy_from(&self, original: &File) -> Result<(), PathError> {
        let copy = || {
            let mut original = original;
            original.rewind()?;
            io::copy(&mut original, &mut &self.file)
        };
        copy().map(drop).at(&self.path, "copy the file to it")
    }

    /// Runs `prove`, which reads the finished file of so many bytes, and syncs the file meanwhile. A small file is left to the
    /// commit, which syncs anyway. A failure is as final as one of [`Temporary::sync`].
    pub(crate) fn sync_while<R>(
        &self,
        bytes: u64,
        prove: impl FnOnce() -> R,
    ) -> (R, Result<(), PathError>) {
        if bytes < SMALL_FILE {
            return (prove(), Ok(()));
        }
        beside(|| self.sync(), prove)
    }

    /// Runs `write`, which writes about `bytes` bytes, and writes those of a large file to the disk
    /// meanwhile. A failure of that is as final as one of [`Temporary::sync`].
    pub(crate) fn write_back_while<R>(
        &self,
        bytes: u64,
        write: impl FnOnce() -> R,
    ) -> (R, Result<(), PathError>) {
        if bytes < LARGE_FILE {
            return (write(), Ok(()));
        }
        let (written, synced) = write_back_while(&self.file, write);
        (written, synced.at(&self.path, "sync it"))
    }

    /// Removes it, and the folders that were created for it, and reports a failure.
    pub(crate) fn discard(mut self) -> Result<(), PathError> {
        let removed = self.remove();
        self.name = Name::Gone;
        removed.at(&self.path, "remove it")?;
        std::mem::take(&mut self.folders).remove()
    }

    /// Unless another file has its name by now: that is not ours to remove.
    fn remove(&self) -> io::Result<()> {
        match &self.name {
            Name::Own(place) if place.leads_to(self.identity())? => place.remove(),
            _ => Ok(()),
        }
    }

    /// Whether its name, if it has one, still leads to it.
    pub(crate) fn is_in_place(&self) -> Result<bool, PathError> {
        match &self.name {
            Name::None => Ok(true),
            Name::Own(place) => place.leads_to(self.identity()).at(&self.path, "inspect it"),
            Name::Gone => Ok(false),
        }
    }

    /// Gives up the exclusive lock, so that a process that opens the file under its new name is not refused.
    /// Readers may lock it now; a process that removes leftovers still may not.
    pub(crate) fn let_readers_in(&self) {
        // Without a lock, nothing has to be given up. If a clean-up was faster, its unlink or our rename
        // finds that the name is gone: nothing is lost.
        drop(take(&self.file, FlockOperation::NonBlockingLockShared));
    }

    /// Puts it in place; `replace` says whether something may be there.
    ///
    /// A file server that lost its answer is asked twice and then says that
    /// there is nothing to rename, so what counts is where the file is.
    pub(crate) fn rename_to(&mut self, destination: &Place, replace: bool) -> io::Result<()> {
        let renamed = match (&self.name, replace) {
            (Name::None, false) => link_unnamed(&self.file, destination),
            (Name::None, true) => self.take_name(destination.folder()).and_then(|name| {
                // A crash in between leaves the name, which the next run removes.
                name.rename(destination)
            }),
            (Name::Own(name), true) => name.rename(destination),
            (Name::Own(name), false) => rename_no_replace(name, destination),
            (Name::Gone, _) => Err(io::ErrorKind::NotFound.into()),
        };
        match destination.leads_to(self.identity()) {
            Ok(true) => {
                self.name = Name::Gone;
                Ok(())
            }
            // Somebody who can write to the folder has put another file under the temporary name, just before.
            Ok(false) if renamed.is_ok() => Err(io::Error::other(
                "another file was put in the place of the temporary one at this moment",
            )),
            _ => renamed,
        }
    }

    /// Only a name can replace a name.
    fn take_name(&mut self, folder: &Folder) -> io::Result<Place> {
        loop {
            let place = folder.at(OsStr::new(&temporary_name(random_number())));
            match link_unnamed(&self.file, &place) {
                Ok(()) => {
                    self.path = place.path().to_path_buf();
                    self.name = Name::Own(place.clone());
                    return Ok(place);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The folders made for it, once it has been renamed: they stay.
    pub(crate) fn take_folders(&mut self) -> Vec<Place> {
        self.folders.keep()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if matches!(self.name, Name::Own(_)) {
            // A failure leaves a file that `remove_leftovers` recognises; callers that have to report it use
            // `discard`.
            let _ = self.remove();
        }
    }
}

/// The mode that a new file of this user gets in a folder. Determined by creating one: reading the
/// umask would mean setting it, for all threads.
pub(crate) fn ordinary_mode(folder: &Folder) -> Result<u32, PathError> {
    let probe = Temporary::create_unnamed(folder, ORDINARY)?;
    let mode = probe.created.mode() & 0o7777;
    probe.discard()?;
    Ok(mode)
}

/// A file that was created under a name of its own.
struct NewFile {
    place: Place,
    file: File,
    created: Metadata,
}

/// `None`: the name was taken, or a clean-up got the file before its lock.
fn create_locked(folder: &Folder, mode: Mode) -> Result<Option<NewFile>, PathError> {
    let place = folder.at(OsStr::new(&temporary_name(random_number())));
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = match openat(folder, place.name(), flags, mode) {
        Ok(file) => File::from(file),
        Err(Errno::EXIST) => return Ok(None),
        Err(error) => return Err(error).at(folder.path(), "create a temporary file in it"),
    };
    if take(&file, FlockOperation::NonBlockingLockExclusive) == Taken::Held {
        // The clean-up removes it; if not, it is a leftover like others.
        return Ok(None);
    }
    match file.metadata().at(place.path(), "inspect it") {
        Ok(created) if created.nlink() > 0 => Ok(Some(NewFile {
            place,
            file,
            created,
        })),
        Ok(_) => Ok(None),
        Err(error) => {
            place.remove().at(place.path(), "remove it")?;
            Err(error)
        }
    }
}

/// From the system's random numbers, through the seed of std's hash maps.
pub(crate) fn random_number() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests;
