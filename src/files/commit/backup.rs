//! Keeping the original of a file that is replaced in place.
//!
//! As a hard link, which takes no space and cannot be half-done, or, if that is impossible, as a copy that
//! gets its name only when it is complete and synced. An existing file is never replaced. A crash right after
//! leaves the original under both names; the next run recognises its own backup and continues.
//!
//! Putting originals back is `undo`'s work, not done here.

use crate::files::commit::metadata::copy_metadata;
use crate::files::commit::new_folders::{NewFolders, PermissionSource, in_folder};
use crate::files::commit::temporary::Temporary;
use crate::files::discover::own_names::BACKUP_SUFFIX;
use crate::files::folder::{Entry, Folder, Place};
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::no_hard_links;
use crate::files::rooted_path::RootedPath;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// How an original is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backup {
    /// Beside the new file, with this suffix.
    Suffix(OsString),
    /// In a tree of its own below this folder, under its path below its root.
    Folder(PathBuf),
    None,
}

impl Default for Backup {
    fn default() -> Self {
        Backup::Suffix(BACKUP_SUFFIX.into())
    }
}

impl Backup {
    /// Where the original at `path` is kept; `relative` is its path below its root.
    pub fn path_of(&self, path: &Path, relative: &Path) -> Option<PathBuf> {
        match self {
            Backup::Suffix(suffix) => {
                let mut name = path.as_os_str().to_os_string();
                name.push(suffix);
                Some(PathBuf::from(name))
            }
            Backup::Folder(folder) => Some(folder.join(relative)),
            Backup::None => None,
        }
    }
}

/// What is under the name of the backup before it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BackupState {
    Free,
    /// The original itself, linked by an interrupted run.
    Linked,
    /// A copy of the original, equal in every byte, made by an interrupted run.
    Copied,
    Taken,
}

/// Inspects the file under the name of the backup.
pub(crate) fn backup_state(
    original: &Place,
    metadata: Entry,
    backup: &RootedPath,
) -> Result<BackupState, PathError> {
    let path = backup.path();
    // The folder of a tree of originals comes with the first of them.
    let Some(backup) = place_of(backup, original)? else {
        return Ok(BackupState::Free);
    };
    let Some(there) = backup.stat().at(path, "inspect it")? else {
        return Ok(BackupState::Free);
    };
    if there.identity() == metadata.identity() {
        return Ok(BackupState::Linked);
    }
    let alike = there.is_file()
        && there.bytes() == metadata.bytes()
        && there.modified() == metadata.modified();
    if alike && same_bytes(&original.open()?, &backup.open()?).at(path, "read it")? {
        return Ok(BackupState::Copied);
    }
    Ok(BackupState::Taken)
}

/// Where a backup is, or will be; `None` if its folder is not there.
fn place_of(backup: &RootedPath, original: &Place) -> Result<Option<Place>, PathError> {
    match backup.path().parent() == original.path().parent() {
        true => {
            let name = backup.path().file_name().unwrap_or_default();
            Ok(Some(original.folder().at(name).with_path(backup.path())))
        }
        false => backup.existing_place(),
    }
}

fn same_bytes(one: &File, other: &File) -> io::Result<bool> {
    const BLOCK: u64 = 1 << 20;
    let (mut left, mut right) = (Vec::new(), Vec::new());
    loop {
        left.clear();
        right.clear();
        one.take(BLOCK).read_to_end(&mut left)?;
        other.take(BLOCK).read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// An original that is kept once [`KeptOriginal::stay`] is called.
#[derive(Debug)]
pub(crate) struct KeptOriginal {
    pub(crate) place: Place,
    /// It is the original itself, so the original's change time has moved.
    pub(crate) linked: bool,
    /// This run made it, so this run may remove it.
    made: bool,
    folders: NewFolders,
    notes: Vec<String>,
}

impl KeptOriginal {
    /// The work of an earlier run.
    pub(crate) fn found(place: Place, linked: bool) -> KeptOriginal {
        KeptOriginal {
            place,
            linked,
            made: false,
            folders: NewFolders::default(),
            notes: Vec::new(),
        }
    }

    /// The folders made for it so far.
    pub(crate) fn new_folders(&self) -> &[Place] {
        self.folders.places()
    }

    /// The swap is done: it stays. Returns its path.
    pub(crate) fn stay(&mut self, notes: &mut Vec<String>) -> PathBuf {
        self.folders.keep();
        notes.append(&mut self.notes);
        self.place.path().to_path_buf()
    }

    /// The swap failed: remove it, if `original` still has its own name.
    pub(crate) fn undo(mut self, original: &Place) -> Result<(), PathError> {
        if !self.made {
            return Ok(());
        }
        let path = self.place.path();
        let gone = || Err(io::Error::from(io::ErrorKind::NotFound));
        let here = self.place.stat().and_then(|it| it.map_or_else(gone, Ok));
        let here = here.at(path, "inspect this backup")?;
        let still = original.stat().and_then(|it| it.map_or_else(gone, Ok));
        let still = still.at(original.path(), "inspect it")?;
        if self.linked && here.identity() != still.identity() {
            self.folders.keep();
            let last = io::Error::other("it may be the last name of the original");
            return Err(last).at(path, "remove this backup");
        }
        self.place.remove().at(path, "remove this backup")?;
        std::mem::take(&mut self.folders).remove()
    }
}

/// Keeps `original` under the free name `backup`.
/// The error is `AlreadyExists` when it is free no more.
pub(crate) fn keep(
    original: &Place,
    backup: &RootedPath,
    like: PermissionSource<'_>,
) -> Result<KeptOriginal, PathError> {
    let name = backup.path().file_name().unwrap_or_default();
    let keep = |folder: &Folder| {
        let place = folder.at(name).with_path(backup.path());
        match original.link(&place) {
            Ok(()) => Ok(Some((place, true, Vec::new()))),
            Err(error) if no_hard_links(&error) => {
                let notes = copy(original, &original.open()?, &place)?;
                Ok(Some((place, false, notes)))
            }
            Err(error) => Err(error).at(backup.path(), "keep the original under this name"),
        }
    };
    let ((place, linked, notes), folders) = in_folder(backup, like, keep)?;
    Ok(KeptOriginal {
        place,
        linked,
        made: true,
        folders,
        notes,
    })
}

/// Returns what could not be copied, one sentence each.
fn copy(original: &Place, file: &File, backup: &Place) -> Result<Vec<String>, PathError> {
    let expected = file.metadata().at(original.path(), "inspect it")?.len();
    let mut temporary = Temporary::create_unnamed_in(backup.folder())?;
    // A separate descriptor: the position of `file` belongs to its owner.
    let reader = original.open()?;
    let written =
        copy_bytes(&reader, temporary.file()).at(temporary.path(), "copy the original to it")?;
    if written != expected {
        let short = io::Error::other(format!("{written} bytes were copied instead of {expected}"));
        return Err(short).at(original.path(), "copy it");
    }
    let notes = copy_metadata(file, temporary.file(), backup.path())?.notes;
    temporary.sync()?;
    temporary.let_readers_in();
    temporary
        .rename_to(backup, false)
        .at(backup.path(), "keep the original under this name")?;
    Ok(notes
        .into_iter()
        .map(|note| format!("kept original: {note}"))
        .collect())
}

/// Copies to the end, and leaves holes where the original has them, or could.
fn copy_bytes(mut reader: &File, mut writer: &File) -> io::Result<u64> {
    let metadata = reader.metadata()?;
    if metadata.blocks() * 512 >= metadata.len() {
        return io::copy(&mut reader, &mut writer);
    }
    let mut block = vec![0; 1 << 16];
    let mut copied = 0;
    loop {
        let length = match reader.read(&mut block) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if block[..length].iter().any(|byte| *byte != 0) {
            writer.write_all_at(&block[..length], copied)?;
        }
        copied += length as u64;
    }
    writer.set_len(copied)?;
    Ok(copied)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::source::open_source;
    use std::fs;

    fn keep(path: &Path, backup: &Path) -> Result<KeptOriginal, PathError> {
        let backup = RootedPath::named(backup);
        super::keep(&Place::of(path)?, &backup, PermissionSource::default())
    }

    fn copy(path: &Path, file: &File, backup: &Path) -> Result<Vec<String>, PathError> {
        super::copy(&Place::of(path)?, file, &Place::of(backup)?)
    }

    fn original() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        fs::write(&path, vec![5; 3_000_000]).unwrap();
        (folder, path)
    }

    fn backup_state_of(path: &Path, backup: &Path) -> BackupState {
        let original = Place::of(path).unwrap();
        let entry = original.stat().unwrap().unwrap();
        backup_state(&original, entry, &RootedPath::named(backup)).unwrap()
    }

    #[test]
    fn names_follow_the_choice() {
        let (path, relative) = (Path::new("in/x/a.h5"), Path::new("x/a.h5"));
        let of = |backup: Backup| backup.path_of(path, relative);
        assert_eq!(of(Backup::default()), Some("in/x/a.h5.h5lift-orig".into()));
        assert_eq!(of(Backup::Suffix("~".into())), Some("in/x/a.h5~".into()));
        assert_eq!(
            of(Backup::Folder("kept".into())),
            Some("kept/x/a.h5".into())
        );
        assert_eq!(of(Backup::None), None);
    }

    #[test]
    fn a_link_is_the_original_and_can_be_undone() {
        let (folder, path) = original();
        let backup = folder.path().join("x/y/a.h5");
        let kept = keep(&path, &backup).unwrap();
        assert!(kept.linked);
        assert_eq!(backup_state_of(&path, &backup), BackupState::Linked);
        kept.undo(&Place::of(&path).unwrap()).unwrap();
        assert!(!folder.path().join("x").exists());
        assert_eq!(backup_state_of(&path, &backup), BackupState::Free);
        assert_eq!(fs::read(&path).unwrap().len(), 3_000_000);
    }

    #[test]
    fn a_copy_is_whole_and_carries_metadata() {
        let (folder, path) = original();
        let backup = folder.path().join("a.h5~");
        let notes = copy(&path, &open_source(&path).unwrap(), &backup).unwrap();
        assert!(notes.is_empty());
        assert_eq!(backup_state_of(&path, &backup), BackupState::Copied);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);

        let mut bytes = fs::read(&path).unwrap();
        bytes[2_999_999] = 6;
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, bytes).unwrap();
        let changed = File::options().write(true).open(&path).unwrap();
        changed.set_modified(modified).unwrap();
        assert_eq!(backup_state_of(&path, &backup), BackupState::Taken);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn another_disk_gets_a_copy() {
        let (folder, path) = original();
        let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else {
            return eprintln!("skipped: no /dev/shm");
        };
        let device = |path: &Path| fs::metadata(path).unwrap().dev();
        if device(elsewhere.path()) == device(folder.path()) {
            return eprintln!("skipped: /dev/shm is on the same disk");
        }
        let backup = elsewhere.path().join("x/a.h5");
        let kept = keep(&path, &backup).unwrap();
        assert!(!kept.linked && backup.exists());
        kept.undo(&Place::of(&path).unwrap()).unwrap();
        assert!(!elsewhere.path().join("x").exists());
    }

    #[test]
    fn nothing_that_is_there_is_replaced() {
        let (folder, path) = original();
        let backup = folder.path().join("a.h5~");
        fs::write(&backup, "precious").unwrap();
        assert_eq!(backup_state_of(&path, &backup), BackupState::Taken);
        let file = open_source(&path).unwrap();
        for error in [
            keep(&path, &backup).unwrap_err(),
            copy(&path, &file, &backup).unwrap_err(),
        ] {
            assert_eq!(error.source.kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(fs::read(&backup).unwrap(), b"precious");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
