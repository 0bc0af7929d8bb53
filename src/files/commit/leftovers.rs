//! What crashed runs left in a folder.
//!
//! The name of a temporary file says which process made it. If that was a process of this machine, the file is a leftover
//! when the process is gone. Otherwise only time can tell: after [`FOREIGN_AGE`] without a change it is one. A lock decides
//! nothing alone, because locks of some network file systems reach no other machine; but a file that is locked stays.

use crate::files::discover::own_names::{TemporaryOwner, temporary_owner};
use crate::files::folder::{Folder, Place};
use crate::files::locks::owner::Life;
use crate::files::locks::source::{Taken, take};
use crate::files::path_error::{AtPath, PathError};
use rustix::fs::{Dir, FlockOperation, Mode, OFlags, openat};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

/// How old a temporary file of another machine, or of an unknown one, must be.
const FOREIGN_AGE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Removes the temporary files that crashed runs left in a folder, and lists them. Files that are in use,
/// that other users own, or that cannot be locked stay.
pub(crate) fn remove_leftovers(folder: &Folder) -> Result<Vec<PathBuf>, PathError> {
    let path = folder.path();
    let mut removed = Vec::new();
    let listed = folder.readable().and_then(|open| Ok(Dir::new(open)?));
    for entry in listed.at(path, "list it")? {
        let entry = entry.at(path, "list it")?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if let Some(owner) = temporary_owner(name) {
            let least_age = match owner {
                TemporaryOwner::Process(tag) => match tag.life() {
                    Life::Runs => continue,
                    Life::Gone => Duration::ZERO,
                    Life::Unknown => FOREIGN_AGE,
                },
                TemporaryOwner::Unnamed => FOREIGN_AGE,
            };
            let place = folder.at(name);
            if remove_if_free(&place, least_age).at(place.path(), "remove it")? {
                removed.push(place.path().to_path_buf());
            }
        }
    }
    removed.sort();
    Ok(removed)
}

fn remove_if_free(place: &Place, least_age: Duration) -> io::Result<bool> {
    // NFS grants an exclusive lock only on a file that is open for writing.
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(place.folder(), place.name(), flags, Mode::empty()) {
        Ok(file) => File::from(file),
        Err(error) => {
            return match io::Error::from(error) {
                // Missing, another user's, a folder, or a link: none is a leftover of h5lift.
                error if leave_alone(&error) => Ok(false),
                error => Err(error),
            };
        }
    };
    let metadata = file.metadata()?;
    let age = metadata.modified()?.elapsed().unwrap_or_default();
    if !metadata.is_file() || age < least_age {
        return Ok(false);
    }
    match take(&file, FlockOperation::NonBlockingLockExclusive) {
        Taken::Yes | Taken::Unavailable(_) => {}
        Taken::Held => return Ok(false),
    }
    // It may have been put in place between opening and locking.
    if !place.leads_to((metadata.dev(), metadata.ino()))? {
        return Ok(false);
    }
    match place.remove() {
        Ok(()) => Ok(true),
        Err(error) if leave_alone(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn leave_alone(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(
        Errno::from_io_error(error),
        Some(Errno::NOENT | Errno::ACCESS | Errno::PERM | Errno::ISDIR | Errno::LOOP | Errno::NXIO)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::discover::own_names::{temporary_name, temporary_name_of};
    use crate::files::locks::owner::NameTag;
    use std::fs;
    use std::path::Path;

    fn remove_leftovers(path: &Path) -> Result<Vec<PathBuf>, PathError> {
        super::remove_leftovers(&Folder::open(path)?)
    }

    use crate::files::{PermissionSource, Temporary};
    use std::os::unix::fs::symlink;

    #[test]
    fn leftovers_go_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let live = Temporary::create_beside(&at("a.h5"), PermissionSource::default()).unwrap();
        let dead = at(&temporary_name_of(NameTag::gone(), 1));
        fs::write(&dead, "half").unwrap();
        // Its process runs, whatever its lock says.
        fs::write(at(&temporary_name(4)), "half").unwrap();
        for bystander in [
            "a.h5",
            ".h5lift-1.tmp",
            ".h5lift-0123456789ABCDEF.tmp",
            "x.tmp",
        ] {
            fs::write(at(bystander), "").unwrap();
        }
        fs::create_dir(at(&temporary_name_of(NameTag::gone(), 2))).unwrap();
        symlink(at("a.h5"), at(&temporary_name_of(NameTag::gone(), 3))).unwrap();

        assert_eq!(
            remove_leftovers(folder.path()).unwrap(),
            std::slice::from_ref(&dead)
        );
        assert!(!dead.exists() && live.is_in_place().unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 8);
        let readers = Temporary::create_beside(&at("b.h5"), PermissionSource::default()).unwrap();
        readers.let_readers_in();
        assert!(remove_leftovers(folder.path()).unwrap().is_empty());
        assert!(readers.is_in_place().unwrap());
    }

    #[test]
    fn files_of_other_machines_and_versions_go_when_they_are_old() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            temporary_name_of(NameTag::elsewhere(), 1),
            ".h5lift-0123456789abcdef.tmp".to_string(),
        ];
        for (age, expected) in [(Duration::ZERO, 0), (FOREIGN_AGE, 2)] {
            for name in &names {
                let file = File::create(folder.path().join(name)).unwrap();
                let then = std::time::SystemTime::now() - age;
                file.set_modified(then).unwrap();
            }
            assert_eq!(remove_leftovers(folder.path()).unwrap().len(), expected);
        }
    }

    #[test]
    fn a_missing_folder_has_no_leftovers_to_hide() {
        let error = remove_leftovers(Path::new("no/such/folder")).unwrap_err();
        assert!(error.to_string().contains("cannot open this folder"));
    }

    #[test]
    fn cleaners_never_take_a_file_that_was_just_made() {
        let folder = tempfile::tempdir().unwrap();
        let busy = std::sync::atomic::AtomicBool::new(true);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while busy.load(std::sync::atomic::Ordering::Relaxed) {
                    remove_leftovers(folder.path()).unwrap();
                }
            });
            for _ in 0..300 {
                let temporary = Temporary::create_beside(
                    &folder.path().join("a.h5"),
                    PermissionSource::default(),
                )
                .unwrap();
                assert!(temporary.is_in_place().unwrap());
                temporary.discard().unwrap();
            }
            busy.store(false, std::sync::atomic::Ordering::Relaxed);
        });
    }
}
