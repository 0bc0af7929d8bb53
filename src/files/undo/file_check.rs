//! What is under a name now, held against what the ledger says was there.
//!
//! Bytes decide: device and inode numbers change with a mount, and times can be
//! set. A stamp is taken with them, to see later that nothing moved since.

use crate::files::checksum::Fingerprint;
use crate::files::locks::source::{FileLocking, SourceLock, lock_source};
use crate::files::path_error::{AtPath, PathError};
use crate::files::source::open_source;
use crate::files::stamp::Stamp;
use crate::files::undo::refusal::{Refusal, StepError};
use std::fs;
use std::io;
use std::path::Path;

/// What is under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Nothing.
    Missing,
    /// A link, a folder, a pipe.
    NotAFile,
    /// A file.
    File(Seen),
}

/// A file that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// When its bytes had been read.
    pub(crate) stamp: Stamp,
    /// One of those that were expected; `None`: something else.
    pub(crate) content: Option<Fingerprint>,
}

impl Evidence {
    /// Whether it is a file with just these bytes.
    pub(crate) fn holds(&self, expected: &Fingerprint) -> bool {
        matches!(self, Evidence::File(seen) if seen.content.as_ref() == Some(expected))
    }

    /// Reads after a path and a colon, when it is not what was expected.
    pub(crate) fn in_words(&self) -> &'static str {
        match self {
            Evidence::Missing => "it is not there",
            Evidence::NotAFile => "it is not a regular file",
            Evidence::File(_) => "it is another file than h5lift left there",
        }
    }
}

/// Looks at a name. A file is read through when its length is one of those
/// expected, which spares reading a file that cannot be one of them.
pub(crate) fn look(path: &Path, expected: &[Fingerprint]) -> Result<Evidence, PathError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Evidence::Missing),
        Err(error) => return Err(error).at(path, "look at it"),
        Ok(there) if !there.is_file() => return Ok(Evidence::NotAFile),
        Ok(_) => {}
    }
    let file = open_source(path)?;
    let before = Stamp::of(&file).at(path, "look at it")?;
    if !expected.iter().any(|it| it.bytes == before.bytes) {
        return Ok(Evidence::File(Seen {
            stamp: before,
            content: None,
        }));
    }
    let found = Fingerprint::of(&file).at(path, "read it")?;
    let stamp = Stamp::of(&file).at(path, "look at it")?;
    let unmoved = before.difference(&stamp).is_none();
    Ok(Evidence::File(Seen {
        stamp,
        content: (unmoved && expected.contains(&found)).then_some(found),
    }))
}

/// Refuses a file at which anything moved since it was looked at.
pub(crate) fn check_unmoved(path: &Path, stamp: &Stamp) -> Result<(), StepError> {
    let change = match look(path, &[])? {
        Evidence::File(now) => stamp.difference(&now.stamp),
        other => Some(other.in_words().to_string()),
    };
    match change {
        None => Ok(()),
        Some(cause) => Err(moved(path, cause).into()),
    }
}

/// Like [`check_unmoved`], and keeps polite writers away until the lock is dropped.
pub(crate) fn hold_unmoved(
    path: &Path,
    stamp: &Stamp,
    locking: FileLocking,
) -> Result<SourceLock, StepError> {
    let file = open_source(path)?;
    let lock = lock_source(&file, locking).at(path, "lock it")?;
    if let SourceLock::Held = lock {
        return Err(moved(path, "another process is writing to it".to_string()).into());
    }
    check_unmoved(path, stamp)?;
    Ok(lock)
}

fn moved(path: &Path, cause: String) -> Refusal {
    Refusal {
        path: path.to_path_buf(),
        cause,
        hint: "run again when nothing writes to it".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::locks::source::{Taken, take};
    use rustix::fs::FlockOperation;
    use std::os::unix::fs::symlink;

    #[test]
    fn bytes_decide() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        assert_eq!(look(&path, &[]).unwrap(), Evidence::Missing);
        fs::write(&path, "old").unwrap();
        let old = Fingerprint::of(&open_source(&path).unwrap()).unwrap();
        assert!(look(&path, &[old]).unwrap().holds(&old));
        for other in ["olD", "older"] {
            fs::write(&path, other).unwrap();
            assert!(!look(&path, &[old]).unwrap().holds(&old));
        }
        fs::remove_file(&path).unwrap();
        fs::write(folder.path().join("b.h5"), "old").unwrap();
        symlink("b.h5", &path).unwrap();
        assert_eq!(look(&path, &[old]).unwrap(), Evidence::NotAFile);
    }

    #[test]
    fn what_moves_after_the_look_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        fs::write(&path, "old").unwrap();
        let Evidence::File(seen) = look(&path, &[]).unwrap() else {
            panic!("a file");
        };
        check_unmoved(&path, &seen.stamp).unwrap();
        let lock = hold_unmoved(&path, &seen.stamp, FileLocking::On).unwrap();
        assert!(matches!(lock, SourceLock::Locked(_)));
        let told = || check_unmoved(&path, &seen.stamp).unwrap_err().to_string();
        fs::write(&path, "longer").unwrap();
        let text = format!("{}: its length changed from 3 to 6 bytes", path.display());
        assert_eq!(told(), text);
        fs::remove_file(&path).unwrap();
        assert_eq!(told(), format!("{}: it is not there", path.display()));
    }

    #[test]
    fn a_writer_is_waited_for_by_a_person() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        fs::write(&path, "old").unwrap();
        let writer = fs::File::options().write(true).open(&path).unwrap();
        let stamp = Stamp::of(&writer).unwrap();
        let exclusive = FlockOperation::NonBlockingLockExclusive;
        assert_eq!(take(&writer, exclusive), Taken::Yes);
        let error = hold_unmoved(&path, &stamp, FileLocking::On).unwrap_err();
        assert!(error.to_string().contains("another process"), "{error}");
        assert!(error.hint().contains("run again"));
        hold_unmoved(&path, &stamp, FileLocking::Off).unwrap();
    }
}
