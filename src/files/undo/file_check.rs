//! The file under a name, compared with the ledger's record of it.
//!
//! Bytes decide: device and inode numbers change with a mount, and times can be set. A [`StatSnapshot`] is
//! taken with them, to detect later changes.

use crate::files::checksum::Fingerprint;
use crate::files::folder::Place;
use crate::files::locks::source::{FileLocking, SourceLock, lock_source};
use crate::files::path_error::{AtPath, PathError};
use crate::files::stat_snapshot::StatSnapshot;
use crate::files::undo::refusal::{Refusal, StepError};
use std::fs::File;
use std::io;
use std::path::Path;

/// What is under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileCheck {
    Missing,
    /// A link, a folder, a pipe.
    NotAFile,
    File(CheckedFile),
}

/// A file that was inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CheckedFile {
    /// When its bytes had been read.
    pub(crate) snapshot: StatSnapshot,
    /// One of the expected ones; `None`: something else.
    pub(crate) content: Option<Fingerprint>,
}

impl FileCheck {
    /// Whether it is a file with just these bytes.
    pub(crate) fn holds(&self, expected: &Fingerprint) -> bool {
        matches!(self, FileCheck::File(seen) if seen.content.as_ref() == Some(expected))
    }

    /// Reads after a path and a colon, if it is not the expected file.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            FileCheck::Missing => "it is not there",
            FileCheck::NotAFile => "it is not a regular file",
            FileCheck::File(_) => "it is not the file that h5lift left there",
        }
    }
}

/// Inspects the file at a path.
pub(crate) fn check_file(path: &Path, expected: &[Fingerprint]) -> Result<FileCheck, PathError> {
    match Place::of(path) {
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(FileCheck::Missing),
        place => check_place(&place?, expected),
    }
}

/// Inspects the file under a name. It is read completely only if its length is one of the expected ones.
pub(crate) fn check_place(place: &Place, expected: &[Fingerprint]) -> Result<FileCheck, PathError> {
    let path = place.path();
    match place.stat().at(path, "inspect it")? {
        None => return Ok(FileCheck::Missing),
        Some(there) if !there.is_file() => return Ok(FileCheck::NotAFile),
        Some(_) => {}
    }
    let file = place.open()?;
    let before = StatSnapshot::of(&file).at(path, "inspect it")?;
    if !expected.iter().any(|it| it.bytes == before.bytes) {
        return Ok(FileCheck::File(CheckedFile {
            snapshot: before,
            content: None,
        }));
    }
    let found = Fingerprint::of(&file).at(path, "read it")?;
    let snapshot = StatSnapshot::of(&file).at(path, "inspect it")?;
    let unmoved = before.difference(&snapshot).is_none();
    Ok(FileCheck::File(CheckedFile {
        snapshot,
        content: (unmoved && expected.contains(&found)).then_some(found),
    }))
}

/// Refuses a file that has changed since it was inspected.
pub(crate) fn check_unmoved(path: &Path, snapshot: &StatSnapshot) -> Result<(), StepError> {
    check_place_unmoved(&Place::of(path)?, snapshot)
}

/// The same for a file in an open folder.
pub(crate) fn check_place_unmoved(place: &Place, snapshot: &StatSnapshot) -> Result<(), StepError> {
    let path = place.path();
    let change = match check_place(place, &[])? {
        FileCheck::File(now) => snapshot.difference(&now.snapshot),
        other => Some(other.describe().to_string()),
    };
    match change {
        None => Ok(()),
        Some(cause) => Err(moved(path, cause).into()),
    }
}

/// A file that is as it was inspected, and that writers who lock do not write to.
#[derive(Debug)]
pub(crate) struct HeldFile {
    pub(crate) file: File,
    _lock: SourceLock,
}

/// Like [`check_unmoved`], and excludes writers that lock until the lock is dropped.
pub(crate) fn hold_unmoved(
    place: &Place,
    snapshot: &StatSnapshot,
    locking: FileLocking,
) -> Result<HeldFile, StepError> {
    let path = place.path();
    let file = place.open()?;
    let lock = lock_source(&file, locking).at(path, "lock it")?;
    if let SourceLock::Held = lock {
        return Err(moved(path, "another process is writing to it".to_string()).into());
    }
    // What was opened, and what has the name now.
    let opened = StatSnapshot::of(&file).at(path, "inspect it")?;
    if let Some(change) = snapshot.difference(&opened) {
        return Err(moved(path, change).into());
    }
    check_place_unmoved(place, snapshot)?;
    Ok(HeldFile { file, _lock: lock })
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
    use crate::files::source::open_source;
    use crate::model::hint::Hint;
    use rustix::fs::FlockOperation;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn bytes_decide() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        assert_eq!(check_file(&path, &[]).unwrap(), FileCheck::Missing);
        fs::write(&path, "old").unwrap();
        let old = Fingerprint::of(&open_source(&path).unwrap()).unwrap();
        assert!(check_file(&path, &[old]).unwrap().holds(&old));
        for other in ["olD", "older"] {
            fs::write(&path, other).unwrap();
            assert!(!check_file(&path, &[old]).unwrap().holds(&old));
        }
        fs::remove_file(&path).unwrap();
        fs::write(folder.path().join("b.h5"), "old").unwrap();
        symlink("b.h5", &path).unwrap();
        assert_eq!(check_file(&path, &[old]).unwrap(), FileCheck::NotAFile);
    }

    #[test]
    fn what_moves_after_the_look_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        fs::write(&path, "old").unwrap();
        let FileCheck::File(seen) = check_file(&path, &[]).unwrap() else {
            panic!("a file");
        };
        check_unmoved(&path, &seen.snapshot).unwrap();
        let place = Place::of(&path).unwrap();
        let held = hold_unmoved(&place, &seen.snapshot, FileLocking::On).unwrap();
        assert!(matches!(held._lock, SourceLock::Locked(_)));
        let told = || {
            check_unmoved(&path, &seen.snapshot)
                .unwrap_err()
                .to_string()
        };
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
        let snapshot = StatSnapshot::of(&writer).unwrap();
        let place = Place::of(&path).unwrap();
        let exclusive = FlockOperation::NonBlockingLockExclusive;
        assert_eq!(take(&writer, exclusive), Taken::Yes);
        let error = hold_unmoved(&place, &snapshot, FileLocking::On).unwrap_err();
        assert!(error.to_string().contains("another process"), "{error}");
        assert!(error.hint().contains("run again"));
        hold_unmoved(&place, &snapshot, FileLocking::Off).unwrap();
    }
}
