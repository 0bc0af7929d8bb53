//! Putting a kept original back over the new file.
//!
//! By a rename, which includes its metadata and is one atomic step; from another disk by a copy that is
//! complete, verified and synced before it gets the name, as in a commit. A crash leaves the one file or the
//! other, complete.

use crate::files::checksum::Fingerprint;
use crate::files::commit::metadata::copy_metadata;
use crate::files::commit::sync_folder_of;
use crate::files::commit::temporary::Temporary;
use crate::files::folder::Place;
use crate::files::path_error::{AtPath, PathError};
use crate::files::stat_snapshot::StatSnapshot;
use std::io;

/// `original` is the snapshot of the kept file. Returns what could not be done completely, one sentence each.
pub(crate) fn restore(
    backup: &Place,
    original: &StatSnapshot,
    place: &Place,
) -> Result<Vec<String>, PathError> {
    let mut notes = Vec::new();
    match backup.rename(place) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            return copy_back(backup, place);
        }
        // A file server that lost its answer is asked again, and then knows no such name.
        Err(_) if is_there(place, original) => {}
        Err(error) => return Err(error).at(place.path(), "put the original back"),
    }
    sync_folder_of(place, &mut notes)?;
    sync_folder_of(backup, &mut notes)?;
    Ok(notes)
}

fn is_there(place: &Place, original: &StatSnapshot) -> bool {
    let there = place.stat().ok().flatten();
    there.is_some_and(|there| there.identity() == (original.device, original.inode))
}

fn copy_back(backup: &Place, place: &Place) -> Result<Vec<String>, PathError> {
    let file = backup.open()?;
    let expected = Fingerprint::of(&file).at(backup.path(), "read it")?;
    let mut temporary = Temporary::create_unnamed_in(place.folder())?;
    // The descriptor's position is still at the start.
    io::copy(&mut &file, &mut temporary.file()).at(temporary.path(), "copy the original to it")?;
    let mut notes = copy_metadata(&file, temporary.file(), place.path())?.notes;
    temporary.sync()?;
    if Fingerprint::of(temporary.file()).at(temporary.path(), "read it")? != expected {
        let other = io::Error::other("its copy differs from it");
        return Err(other).at(backup.path(), "copy it");
    }
    temporary.let_readers_in();
    temporary
        .rename_to(place, true)
        .at(place.path(), "put the original back")?;
    sync_folder_of(place, &mut notes)?;
    backup
        .remove()
        .at(backup.path(), "remove it, now that its copy is in place")?;
    sync_folder_of(backup, &mut notes)?;
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::source::open_source;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::Path;

    fn restore(
        backup: &Path,
        original: &StatSnapshot,
        path: &Path,
    ) -> Result<Vec<String>, PathError> {
        super::restore(&Place::of(backup)?, original, &Place::of(path)?)
    }

    fn files() -> (tempfile::TempDir, StatSnapshot) {
        let folder = tempfile::tempdir().unwrap();
        let backup = folder.path().join("a.h5~");
        fs::write(folder.path().join("a.h5"), "the new file").unwrap();
        fs::write(&backup, "old").unwrap();
        fs::set_permissions(&backup, fs::Permissions::from_mode(0o640)).unwrap();
        let snapshot = StatSnapshot::of(&open_source(&backup).unwrap()).unwrap();
        (folder, snapshot)
    }

    #[test]
    fn renamed_or_copied_the_original_is_back_with_its_metadata() {
        for copied in [false, true] {
            let (folder, snapshot) = files();
            let [path, backup] = ["a.h5", "a.h5~"].map(|name| folder.path().join(name));
            let notes = match copied {
                false => restore(&backup, &snapshot, &path).unwrap(),
                true => {
                    copy_back(&Place::of(&backup).unwrap(), &Place::of(&path).unwrap()).unwrap()
                }
            };
            assert!(notes.is_empty(), "{notes:?}");
            assert_eq!(fs::read(&path).unwrap(), b"old");
            let now = StatSnapshot::of(&open_source(&path).unwrap()).unwrap();
            assert_eq!(now.modified, snapshot.modified);
            assert_eq!(now.same_file(&snapshot), !copied);
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn what_a_lost_answer_did_counts() {
        let (folder, snapshot) = files();
        let [path, backup] = ["a.h5", "a.h5~"].map(|name| folder.path().join(name));
        fs::rename(&backup, &path).unwrap();
        restore(&backup, &snapshot, &path).unwrap();
        fs::write(&path, "x").unwrap();
        fs::remove_file(&path).unwrap();
        assert!(restore(&backup, &snapshot, &path).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn from_another_disk_by_a_copy() {
        let (folder, _) = files();
        let path = folder.path().join("a.h5");
        let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else {
            return eprintln!("skipped: no /dev/shm");
        };
        let backup = elsewhere.path().join("a.h5");
        fs::copy(folder.path().join("a.h5~"), &backup).unwrap();
        let snapshot = StatSnapshot::of(&open_source(&backup).unwrap()).unwrap();
        restore(&backup, &snapshot, &path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert!(!backup.exists());
    }
}
