//! Advisory locks, the kind that HDF5 itself takes (`flock`), without waiting.
//!
//! An original is locked shared: readers go on, and a writer that uses HDF5's
//! locking cannot begin. Programs that lock nothing are not kept away; for them
//! there is [`crate::files::stat_snapshot`]. A crash leaves no lock behind, the kernel drops it.

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

/// The result of trying to lock a file.
#[derive(Debug)]
pub(crate) enum SourceLock {
    /// Granted, until the guard is dropped.
    Locked(#[expect(dead_code, reason = "held until it is dropped")] LockGuard),
    /// Another process holds the file.
    Held,
    /// Locking is impossible there, which is worth a warning: the reason.
    Unavailable(String),
    /// [`FileLocking::Off`].
    SwitchedOff,
}

#[derive(Debug)]
pub(crate) struct LockGuard {
    file: File,
}

impl LockGuard {
    /// Of a lock that was taken through this descriptor.
    pub(crate) fn of(file: File) -> Self {
        LockGuard { file }
    }
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        // The lock belongs to all descriptors of this open file, those among them that a child has
        // between fork and exec: so closing one is not enough. Closing all is, should this fail.
        let _ = flock(&self.file, FlockOperation::NonBlockingUnlock);
    }
}

/// Takes a shared lock on an original.
pub(crate) fn lock_source(file: &File, locking: FileLocking) -> io::Result<SourceLock> {
    if locking == FileLocking::Off {
        return Ok(SourceLock::SwitchedOff);
    }
    Ok(match take(file, FlockOperation::NonBlockingLockShared) {
        Taken::Yes => SourceLock::Locked(LockGuard::of(file.try_clone()?)),
        Taken::Held => SourceLock::Held,
        Taken::Unavailable(reason) => SourceLock::Unavailable(reason),
    })
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Yes,
    Held,
    Unavailable(String),
}

pub(crate) fn take(file: &File, operation: FlockOperation) -> Taken {
    loop {
        return match flock(file, operation) {
            Ok(()) => Taken::Yes,
            Err(Errno::INTR) => continue,
            Err(Errno::WOULDBLOCK) => Taken::Held,
            Err(error) => Taken::Unavailable(reason(error)),
        };
    }
}

/// The meaning of an error of a lock. None is fatal: network file systems fail in many ways (`ENOLCK`, `EIO`,
/// `ESTALE`, even the kernel's private `ENOTSUPP`), and the final check of the file protects it.
fn reason(error: Errno) -> String {
    match error {
        Errno::NOLCK => "the file server grants no locks".to_string(),
        Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL => {
            "this file system has no locks".to_string()
        }
        error => format!("locking failed: {}", io::Error::from(error)),
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
        let exclusive = || take(&writer, FlockOperation::NonBlockingLockExclusive);
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
            take(&held, FlockOperation::NonBlockingLockExclusive),
            Taken::Yes
        );
        let lock = lock_source(&open(kept.path()), FileLocking::Off).unwrap();
        assert!(matches!(lock, SourceLock::SwitchedOff));
    }

    #[test]
    fn whatever_a_file_server_says_of_locks_is_a_reason_and_no_error() {
        for error in [Errno::NOLCK, Errno::OPNOTSUPP, Errno::IO, Errno::STALE] {
            assert!(!reason(error).is_empty());
        }
        assert!(reason(Errno::BADF).contains("locking failed: Bad file descriptor"));
    }
}
