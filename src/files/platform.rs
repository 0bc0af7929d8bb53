//! Everything that differs between systems and file systems, with a plain fallback.

use crate::files::folder::{Folder, Place};
use rustix::fs::{CWD, Mode, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::sync::OnceLock;

/// The error of reading an extended attribute that does not exist.
#[cfg(target_os = "linux")]
pub(crate) const NO_SUCH_ATTRIBUTE: Errno = Errno::NODATA;
/// The error of reading an extended attribute that does not exist.
#[cfg(not(target_os = "linux"))]
pub(crate) const NO_SUCH_ATTRIBUTE: Errno = Errno::NOATTR;

/// The program that runs, to be started again: this very file, even if it was deleted or replaced meanwhile.
#[cfg(target_os = "linux")]
pub(crate) fn own_program() -> io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    match running.metadata() {
        Ok(_) => Ok(running),
        // Says that there is no `/proc`.
        Err(_) => std::env::current_exe(),
    }
}

/// The program that runs, to be started again: by its path.
#[cfg(not(target_os = "linux"))]
pub(crate) fn own_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// Renames, but never replaces: an existing name is `AlreadyExists`.
///
/// One step (`RENAME_NOREPLACE`; `RENAME_EXCL` on macOS) if the file system supports it. Else a hard link
/// under the new name and the removal of the old one: a crash in between leaves both names, of one whole
/// file. A file system that has neither (some FUSE mounts) gives `Unsupported`. Checking first and renaming
/// then was rejected, because it can replace what has just appeared.
pub(crate) fn rename_no_replace(from: &Place, to: &Place) -> io::Result<()> {
    let (old, new) = (from.folder(), to.folder());
    match renameat_with(old, from.name(), new, to.name(), RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => link_and_unlink(from, to),
        Err(error) => Err(error.into()),
    }
}

/// A new file without a name in a folder. `None` if that is not possible here, for whatever reason; creating
/// a file with a name then reports the cause.
#[cfg(target_os = "linux")]
pub(crate) fn open_unnamed(folder: &Folder, mode: Mode) -> Option<(File, Metadata)> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::MetadataExt;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::openat(folder, ".", flags, mode).ok()?);
    let ours = file.metadata().ok()?;
    // Other processes can open it, and it can be given a name, only through /proc.
    static REACHED: OnceLock<bool> = OnceLock::new();
    let is_same = |reached: Metadata| (reached.dev(), reached.ino()) == (ours.dev(), ours.ino());
    let reached =
        REACHED.get_or_init(|| std::fs::metadata(descriptor_path(&file)).is_ok_and(is_same));
    reached.then_some((file, ours))
}

/// A new file without a name in a folder: not available here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn open_unnamed(_: &Folder, _: Mode) -> Option<(File, Metadata)> {
    None
}

/// Opens the very file that is open already, even if its name has changed: a descriptor with a position, locks and
/// rights of its own. Without `/proc` it is opened by its path; another file that was put there is an error. `identity` is
/// the device and inode of the file.
pub(crate) fn open_again(
    file: &File,
    identity: (u64, u64),
    path: &Path,
    options: &OpenOptions,
) -> io::Result<File> {
    use std::os::unix::fs::MetadataExt;
    let is_same = |again: &File| -> io::Result<bool> {
        let again = again.metadata()?;
        Ok(identity == (again.dev(), again.ino()))
    };
    if let Ok(again) = options.open(descriptor_path(file))
        && is_same(&again)?
    {
        return Ok(again);
    }
    let again = options.open(path)?;
    match is_same(&again)? {
        true => Ok(again),
        false => Err(io::Error::other("another file was put in its place")),
    }
}

/// Asks the disk for bytes that will be read. A file system that ignores this reads them later.
#[cfg(target_os = "linux")]
pub(crate) fn read_ahead(file: &File, offset: u64, bytes: u64) {
    use rustix::fs::{Advice, fadvise};
    if let Some(bytes) = std::num::NonZeroU64::new(bytes) {
        let _advice_taken = fadvise(file, offset, Some(bytes), Advice::WillNeed).is_ok();
    }
}

/// Asks the disk for bytes that will be read: not available here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn read_ahead(_: &File, _: u64, _: u64) {}

/// Lets the system forget the bytes of a file that is on the disk, so that they are read from there. A file system that ignores
/// this gives them from memory.
#[cfg(target_os = "linux")]
pub(crate) fn drop_from_cache(file: &File) {
    use rustix::fs::{Advice, fadvise};
    let _advice_taken = fadvise(file, 0, None, Advice::DontNeed).is_ok();
}

/// Lets the system forget the bytes of a file: not available here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn drop_from_cache(_: &File) {}

/// Gives a file those flags of another (`chattr`) that only say how it is treated. `false`: this user or file
/// system cannot.
#[cfg(target_os = "linux")]
pub(crate) fn copy_flags(original: &File, new: &File) -> bool {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
    let carried = IFlags::NODUMP | IFlags::NOATIME | IFlags::SYNC | IFlags::NOCOW;
    // File systems that know no flags have none to lose.
    let Ok(old) = ioctl_getflags(original) else {
        return true;
    };
    let old = old & carried;
    let Ok(given) = ioctl_getflags(new) else {
        return old.is_empty();
    };
    if given & carried == old {
        return true;
    }
    ioctl_setflags(new, (given - carried) | old).is_ok()
}

/// Gives a file the flags of another: there are none here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn copy_flags(_: &File, _: &File) -> bool {
    true
}

/// What `chattr` has forbidden for a file or folder, if anything; `chattr -i` or `-a` allows it again.
#[cfg(target_os = "linux")]
pub(crate) fn forbidden_by_flag(folder: &Folder, name: &OsStr) -> Option<Flag> {
    use rustix::fs::{AtFlags, StatxAttributes, StatxFlags, statx};
    // Kernels and file systems without such flags know nothing of them.
    let seen = statx(folder, name, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE).ok()?;
    let set = seen.stx_attributes & seen.stx_attributes_mask;
    if set.contains(StatxAttributes::IMMUTABLE) {
        Some(Flag::Immutable)
    } else {
        set.contains(StatxAttributes::APPEND)
            .then_some(Flag::AppendOnly)
    }
}

/// What `chattr` has forbidden: not available here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn forbidden_by_flag(_: &Folder, _: &OsStr) -> Option<Flag> {
    None
}

/// A flag of `chattr` that prevents names from being replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flag {
    /// `+i`
    Immutable,
    AppendOnly,
}

impl Flag {
    /// The flag as a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Flag::Immutable => "immutable",
            Flag::AppendOnly => "append-only",
        }
    }

    /// The option that allows it again.
    pub(crate) fn lifted_by(self) -> &'static str {
        match self {
            Flag::Immutable => "chattr -i",
            Flag::AppendOnly => "chattr -a",
        }
    }
}

/// A path by which child processes can open a file that this one has open.
pub(crate) fn descriptor_path(file: &File) -> PathBuf {
    format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()).into()
}

/// Gives a name to a file that has none; an existing name is `AlreadyExists`.
pub(crate) fn link_unnamed(file: &File, to: &Place) -> io::Result<()> {
    use rustix::fs::{AtFlags, linkat};
    let from = descriptor_path(file);
    Ok(linkat(
        CWD,
        from,
        to.folder(),
        to.name(),
        AtFlags::SYMLINK_FOLLOW,
    )?)
}

fn link_and_unlink(from: &Place, to: &Place) -> io::Result<()> {
    match from.link(to) {
        Ok(()) => from.remove(),
        Err(error) if no_hard_links(&error) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this file system has neither hard links nor a rename that replaces nothing",
        )),
        Err(error) => Err(error),
    }
}

/// Whether a hard link failed because there can be none, so that a copy is in
/// order: another disk, a file system without links, too many links, or the
/// kernel's `protected_hardlinks`, which is `EPERM` for files of others.
pub(crate) fn no_hard_links(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::XDEV | Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::MLINK)
    )
}

/// Syncs the names in a folder. `Ok(false)`: the file system does not support that (some network and FUSE
/// mounts).
pub(crate) fn sync_folder(folder: &Folder) -> io::Result<bool> {
    match folder.shared_readable().and_then(File::sync_all) {
        Ok(()) => Ok(true),
        Err(error)
            if matches!(
                Errno::from_io_error(&error),
                Some(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS | Errno::NOTTY)
            ) =>
        {
            Ok(false)
        }
        // A folder that may be written but not listed cannot be opened.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced() {
        for rename in [rename_no_replace, link_and_unlink] {
            let folder = tempfile::tempdir().unwrap();
            let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
            std::fs::write(&from, "new").unwrap();
            std::fs::write(&to, "old").unwrap();
            let places = [&from, &to].map(|path| Place::of(path).unwrap());
            let error = rename(&places[0], &places[1]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&to).unwrap(), b"old");
            assert_eq!(std::fs::read(&from).unwrap(), b"new");

            std::fs::remove_file(&to).unwrap();
            rename(&places[0], &places[1]).unwrap();
            assert_eq!(std::fs::read(&to).unwrap(), b"new");
            assert!(!from.exists());
        }
    }

    #[test]
    fn folders_can_be_synced() {
        let folder = tempfile::tempdir().unwrap();
        assert!(sync_folder(&Folder::open(folder.path()).unwrap()).unwrap());
    }
}
