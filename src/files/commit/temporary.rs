//! The file that workers write before it has its final name.
//!
//! It is in the folder of its destination, so that one step can put it in place, under a name that only
//! h5lift uses, with an exclusive lock for as long as its process lives. A crash leaves it behind with a free
//! lock, by which [`remove_leftovers`](crate::files::remove_leftovers) recognises it. A lock that other
//! machines cannot see (NFS mounted with `local_lock`) protects it on its own machine only: the worst result
//! is a failed row on the other machine, because [`mod@crate::files::commit`] checks whether the file is
//! still there.
//!
//! A copy that only this process writes has no name until it is put in place, if the system supports that
//! (`O_TMPFILE`): a crash leaves nothing of it.

use crate::files::commit::new_folders::{NewFolders, PermissionSource, in_folder};
use crate::files::commit::write_back::{join, write_back_while};
use crate::files::discover::own_names::temporary_name;
use crate::files::locks::source::{Taken, take};
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::{
    descriptor_path, link_unnamed, open_again, open_unnamed, rename_no_replace,
};
use crate::files::source::folder_of;
use rustix::fs::FlockOperation;
use std::fs;
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::io::Seek;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Mode of an unfinished file: accessible to its owner only.
const PRIVATE: u32 = 0o600;
/// Rights of an ordinary new file, before the umask.
const ORDINARY: u32 = 0o666;

/// Bytes that take noticeable time to sync.
const LARGE_FILE: u64 = 8 << 20;
const SMALL_FILE: u64 = 4 << 20;

/// A file for one destination, deleted on drop unless it was put in place.
#[derive(Debug)]
pub(crate) struct Temporary {
    name: Name,
    path: PathBuf,
    file: File,
    folders: NewFolders,
}

/// What leads to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    /// Nothing but descriptors.
    None,
    Own,
    /// Its destination, or nothing any more.
    Gone,
}

impl Temporary {
    /// Makes one in the folder of `destination`, and the folder when it is missing.
    pub(crate) fn create_beside(
        destination: &Path,
        like: PermissionSource<'_>,
    ) -> Result<Temporary, PathError> {
        Self::create_named(destination, like, PRIVATE)
    }

    /// Makes one for this process alone, without a name where that is possible.
    pub(crate) fn create_unnamed_beside(destination: &Path) -> Result<Temporary, PathError> {
        Self::create_unnamed(destination, PRIVATE)
    }

    /// Creates one that is never put in place: scratch space for a worker beside its output.
    pub(crate) fn spool_beside(destination: &Path) -> Result<Temporary, PathError> {
        Self::create_unnamed(destination, PRIVATE)
    }

    fn create_unnamed(destination: &Path, mode: u32) -> Result<Temporary, PathError> {
        match open_unnamed(folder_of(destination), mode) {
            Some(file) => Ok(Temporary {
                name: Name::None,
                path: descriptor_path(&file),
                file,
                folders: NewFolders::default(),
            }),
            None => Self::create_named(destination, PermissionSource::default(), mode),
        }
    }

    fn create_named(
        destination: &Path,
        like: PermissionSource<'_>,
        mode: u32,
    ) -> Result<Temporary, PathError> {
        let folder = folder_of(destination);
        let ((path, file), folders) = in_folder(folder, like, || create_locked(folder, mode))?;
        Ok(Temporary {
            name: Name::Own,
            path,
            file,
            folders,
        })
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
        open_again(&self.file, &self.path, options).at(&self.path, "open it again")
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

    /// Runs `prove`, which reads the finished file, and syncs the file meanwhile. A small file is left to the
    /// commit, which syncs anyway. A failure is as final as one of [`Temporary::sync`].
    pub(crate) fn sync_while<R>(&self, prove: impl FnOnce() -> R) -> (R, Result<(), PathError>) {
        let is_small = self
            .file
            .metadata()
            .is_ok_and(|metadata| metadata.len() < SMALL_FILE);
        if is_small {
            return (prove(), Ok(()));
        }
        std::thread::scope(|scope| {
            let synced = scope.spawn(|| self.sync());
            let proved = prove();
            (proved, join(synced))
        })
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
        match self.name == Name::Own && leads_to(&self.path, &self.file)? {
            true => fs::remove_file(&self.path),
            false => Ok(()),
        }
    }

    /// Whether its name, if it has one, still leads to it.
    pub(crate) fn is_in_place(&self) -> Result<bool, PathError> {
        match self.name {
            Name::None => Ok(true),
            _ => leads_to(&self.path, &self.file).at(&self.path, "inspect it"),
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
    pub(crate) fn rename_to(&mut self, destination: &Path, replace: bool) -> io::Result<()> {
        let renamed = match (self.name, replace) {
            (Name::None, false) => self.link_to(destination),
            (Name::None, true) => self.take_name(folder_of(destination)).and_then(|()| {
                // A crash in between leaves the name, which the next run removes.
                fs::rename(&self.path, destination)
            }),
            (_, true) => fs::rename(&self.path, destination),
            (_, false) => rename_no_replace(&self.path, destination),
        };
        if renamed.is_ok() || leads_to(destination, &self.file).unwrap_or(false) {
            self.name = Name::Gone;
            return Ok(());
        }
        renamed
    }

    /// Something without a name keeps no folder: one that another job had made for a file
    /// that failed may be gone by now.
    fn link_to(&mut self, destination: &Path) -> io::Result<()> {
        let link = || {
            let linked = link_unnamed(&self.file, destination);
            linked.map(Some).at(destination, "put it in place")
        };
        let ((), folders) = in_folder(folder_of(destination), PermissionSource::default(), link)
            .map_err(|error| error.source)?;
        self.folders = folders;
        Ok(())
    }

    /// Only a name can replace a name.
    fn take_name(&mut self, folder: &Path) -> io::Result<()> {
        loop {
            let path = folder.join(temporary_name(random_number()));
            match link_unnamed(&self.file, &path) {
                Ok(()) => {
                    self.path = path;
                    self.name = Name::Own;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The folders made for it, once it has been renamed: they stay.
    pub(crate) fn take_folders(&mut self) -> Vec<PathBuf> {
        self.folders.keep()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.name == Name::Own {
            // A failure leaves a file that `remove_leftovers` recognises; callers that have to report it use
            // `discard`.
            let _ = self.remove();
        }
    }
}

/// The mode that a new file of this user gets beside `destination`. Determined by creating one: reading the
/// umask would mean setting it, for all threads.
pub(crate) fn ordinary_mode(destination: &Path) -> Result<u32, PathError> {
    let probe = Temporary::create_unnamed(destination, ORDINARY)?;
    let metadata = probe.file.metadata().at(&probe.path, "inspect it")?;
    let mode = metadata.mode() & 0o7777;
    probe.discard()?;
    Ok(mode)
}

/// `None`: the name was taken, or a clean-up got the file before its lock.
fn create_locked(folder: &Path, mode: u32) -> Result<Option<(PathBuf, File)>, PathError> {
    let path = folder.join(temporary_name(random_number()));
    let opened = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error).at(folder, "create a temporary file in it"),
    };
    let ours = match take(&file, FlockOperation::NonBlockingLockExclusive) {
        Taken::Yes | Taken::Unavailable(_) => leads_to(&path, &file).at(&path, "inspect it"),
        Taken::Held => Ok(false),
    };
    match ours {
        Ok(true) => Ok(Some((path, file))),
        // The clean-up removes it; if not, it is a leftover like others.
        Ok(false) => Ok(None),
        Err(error) => {
            fs::remove_file(&path).at(&path, "remove it")?;
            Err(error)
        }
    }
}

/// Whether a path names the file that is open.
pub(crate) fn leads_to(path: &Path, file: &File) -> io::Result<bool> {
    let open = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// From the system's random numbers, through the seed of std's hash maps.
pub(crate) fn random_number() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests;
