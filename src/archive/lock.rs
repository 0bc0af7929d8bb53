//! Advisory locks, the kind that HDF5 itself takes (`flock`), never waited for.
//!
//! An original is locked shared: readers go on, and a writer that uses HDF5's
//! locking cannot begin. Programs that lock nothing are not kept away; for them
//! there is [`super::stamp`]. A crash leaves no lock behind, the kernel drops it.

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io;

/// What the environment variable `HDF5_USE_FILE_LOCKING` asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileLocking {
    /// Lock where the file system can.
    #[default]
    On,
    /// Lock nothing, as sites with a slow or broken lock server ask for.
    Off,
}

impl FileLocking {
    /// Reads the variable's value as HDF5 does: `FALSE` and `0` switch locking off.
    pub fn from_environment(value: Option<&OsStr>) -> Self {
        match value.and_then(OsStr::to_str) {
            Some(text) if text == "0" || text.eq_ignore_ascii_case("false") => FileLocking::Off,
            _ => FileLocking::On,
        }
    }
}

/// What became of a wish for a lock.
#[derive(Debug)]
pub enum SourceLock {
    /// Granted, until the guard is dropped.
    Locked(LockGuard),
    /// Another process holds the file.
    Held,
    /// Nobody can lock it there; worth a warning. Why.
    Unavailable(String),
    /// [`FileLocking::Off`].
    SwitchedOff,
}

/// Holds a lock.
#[derive(Debug)]
pub struct LockGuard {
    file: File,
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        // The lock belongs to all descriptors of this open file, so closing one
        // is not enough; closing all of them is, should this ever fail.
        let _ = flock(&self.file, FlockOperation::NonBlockingUnlock);
    }
}

/// Takes a shared lock on an original.
pub fn lock_source(file: &File, locking: FileLocking) -> io::Result<SourceLock> {
    if locking == FileLocking::Off {
        return Ok(SourceLock::SwitchedOff);
    }
    Ok(match take(file, FlockOperation::NonBlockingLockShared)? {
        Taken::Yes => SourceLock::Locked(LockGuard {
            file: file.try_clone()?,
        }),
        Taken::Held => SourceLock::Held,
        Taken::Unavailable(reason) => SourceLock::Unavailable(reason),
    })
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    Held,
    Unavailable(String),
}

pub(super) fn take(file: &File, operation: FlockOperation) -> io::Result<Taken> {
    loop {
        return match flock(file, operation) {
            Ok(()) => Ok(Taken::Yes),
            Err(Errno::INTR) => continue,
            Err(Errno::WOULDBLOCK) => Ok(Taken::Held),
            Err(error) => match cannot_lock(error) {
                Some(reason) => Ok(Taken::Unavailable(reason)),
                None => Err(error.into()),
            },
        };
    }
}

/// Why a file system knows no locks, when that is what the error means.
fn cannot_lock(error: Errno) -> Option<String> {
    match error {
        Errno::NOLCK => Some("the file server grants no locks".to_string()),
        Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL => {
            Some("this file system has no locks".to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn open(path: &Path) -> File {
        File::options().read(true).write(true).open(path).unwrap()
    }

    #[test]
    fn shared_locks_share_and_exclude_writers() {
        let kept = tempfile::NamedTempFile::new().unwrap();
        let [one, two, writer] = [(); 3].map(|()| open(kept.path()));
        let first = lock_source(&one, FileLocking::On).unwrap();
        let second = lock_source(&two, FileLocking::On).unwrap();
        assert!(matches!(first, SourceLock::Locked(_)));
        assert!(matches!(second, SourceLock::Locked(_)));
        let exclusive = || take(&writer, FlockOperation::NonBlockingLockExclusive).unwrap();
        assert_eq!(exclusive(), Taken::Held);
        drop(first);
        assert_eq!(exclusive(), Taken::Held);
        drop(second);
        assert_eq!(exclusive(), Taken::Yes);
        assert!(matches!(
            lock_source(&one, FileLocking::On).unwrap(),
            SourceLock::Held
        ));
    }

    #[test]
    fn hdf5s_variable_switches_locking_off() {
        let of = |text: &str| FileLocking::from_environment(Some(OsStr::new(text)));
        assert_eq!(of("FALSE"), FileLocking::Off);
        assert_eq!(of("0"), FileLocking::Off);
        assert_eq!(of("TRUE"), FileLocking::On);
        assert_eq!(of("BEST_EFFORT"), FileLocking::On);
        assert_eq!(FileLocking::from_environment(None), FileLocking::On);

        let kept = tempfile::NamedTempFile::new().unwrap();
        let held = open(kept.path());
        assert_eq!(
            take(&held, FlockOperation::NonBlockingLockExclusive).unwrap(),
            Taken::Yes
        );
        let lock = lock_source(&open(kept.path()), FileLocking::Off).unwrap();
        assert!(matches!(lock, SourceLock::SwitchedOff));
    }

    #[test]
    fn what_nfs_says_is_a_warning_and_what_a_disk_says_is_an_error() {
        for error in [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL] {
            assert!(cannot_lock(error).is_some());
        }
        assert!(cannot_lock(Errno::IO).is_none());
    }
}
