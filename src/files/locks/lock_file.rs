//! A lock that holds across machines: a file that only one process can create, and that says which one did.
//!
//! A crash leaves it behind. The next process takes it over if its owner is gone for certain: a process of this machine that
//! has ended, or an earlier start of the same task of a scheduler ([`Owner::life`]). Otherwise a user has to decide.
//!
//! A lock is taken over under a claim, a second such file named after the content of the lock: only one process can
//! make it, and one that comes late finds another content in the lock.
//!
//! All of these files are names in one open folder. None of them is created, read, replaced or removed through a link.

use crate::files::commit::temporary::random_number;
use crate::files::discover::own_names::temporary_name;
use crate::files::folder::Place;
use crate::files::locks::owner::{Life, Owner};
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::rename_no_replace;
use crate::model::digest::hex;
use rustix::fs::Mode;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::io::{Read, Write};
use std::time::Duration;

/// Anyone can create a file of that name.
const LONGEST_TEXT: u64 = 4 << 10;
/// How often others may come first.
const ATTEMPTS: usize = 50;
const NAP: Duration = Duration::from_millis(10);
/// Other users may see who holds it.
const READABLE: Mode = Mode::RUSR
    .union(Mode::WUSR)
    .union(Mode::RGRP)
    .union(Mode::ROTH);

#[derive(Debug)]
pub(crate) struct LockFile {
    place: Place,
    id: String,
}

/// Why there is no lock.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The file exists; its owner in words.
    Held { by: String },
    /// The system refused to create it.
    Path(PathError),
}

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    #[serde(flatten)]
    owner: Owner,
    /// Another one for each lock.
    id: String,
}

/// What is under the name of a lock.
enum Found {
    Nothing,
    Content(Content),
    /// Unreadable, or by an older version.
    Text(String),
}

impl LockFile {
    pub(crate) fn take(place: &Place) -> Result<LockFile, Refused> {
        let mut by = String::new();
        for _ in 0..ATTEMPTS {
            if let Some(lock) = create(place).map_err(Refused::Path)? {
                return Ok(lock);
            }
            by = match read(place) {
                Found::Nothing => continue,
                Found::Content(content) if content.owner.life() == Life::Gone => {
                    match take_over(place, &content.id).map_err(Refused::Path)? {
                        Some(lock) => return Ok(lock),
                        None => content.owner.to_string(),
                    }
                }
                Found::Content(content) => {
                    let by = content.owner.to_string();
                    return Err(Refused::Held { by });
                }
                Found::Text(text) => return Err(Refused::Held { by: text }),
            };
            std::thread::sleep(NAP);
        }
        Err(Refused::Held { by })
    }

    /// Who holds a lock, if it is held by a process that may still run.
    pub(crate) fn holder(place: &Place) -> Option<String> {
        match read(place) {
            Found::Nothing => None,
            Found::Content(content) => {
                (content.owner.life() != Life::Gone).then(|| content.owner.to_string())
            }
            Found::Text(text) => Some(text),
        }
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        if is_of(&self.place, &self.id) {
            // The next run takes over one that stays.
            let _ = self.place.remove();
        }
    }
}

/// Creates the file with its content at once; `None` if there is one.
fn create(place: &Place) -> Result<Option<LockFile>, PathError> {
    let (written, id) = write(place)?;
    match rename_no_replace(&written, place) {
        Ok(()) => Ok(Some(lock(place, id))),
        Err(error) => {
            // It has the name of a temporary file, and the next run removes it if this fails.
            let _ = written.remove();
            match error.kind() {
                io::ErrorKind::AlreadyExists => Ok(None),
                // Neither hard links nor a rename that replaces nothing.
                io::ErrorKind::Unsupported => create_in_two_steps(place),
                _ => Err(error).at(place.path(), "create this lock file"),
            }
        }
    }
}

fn create_in_two_steps(place: &Place) -> Result<Option<LockFile>, PathError> {
    match place.create_new(READABLE) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(error).at(place.path(), "create this lock file"),
        Ok(file) => Ok(Some(lock(place, fill(&file, place)?))),
    }
}

/// Replaces the lock of a process that is gone; `None` if another process was faster.
fn take_over(place: &Place, gone: &str) -> Result<Option<LockFile>, PathError> {
    let claim = beside(place, gone);
    let Some(claimed) = create(&claim)? else {
        if let Found::Content(content) = read(&claim)
            && content.owner.life() == Life::Gone
        {
            claim.remove().at(claim.path(), "remove this lock file")?;
        }
        return Ok(None);
    };
    if !is_of(place, gone) {
        return Ok(None);
    }
    let (written, id) = write(place)?;
    written
        .rename(place)
        .at(place.path(), "take over this lock file")?;
    drop(claimed);
    Ok(is_of(place, &id).then(|| lock(place, id)))
}

fn lock(place: &Place, id: String) -> LockFile {
    LockFile {
        place: place.clone(),
        id,
    }
}

/// A file with the content of a new lock, under a temporary name beside it, and the id in it.
fn write(place: &Place) -> Result<(Place, String), PathError> {
    let name = temporary_name(random_number());
    let written = place.folder().at(OsStr::new(&name));
    let file = written
        .create_new(READABLE)
        .at(place.path(), "create this lock file")?;
    let id = fill(&file, place)?;
    Ok((written, id))
}

/// Writes the content of a new lock and returns the id in it. Without the sync, a power cut could leave a lock without an owner,
/// which no run would take over.
fn fill(mut file: &File, place: &Place) -> Result<String, PathError> {
    let (text, id) = content();
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .at(place.path(), "write this lock file")?;
    Ok(id)
}

fn content() -> (String, String) {
    let id = hex(&random_number().to_be_bytes());
    let content = Content {
        owner: Owner::this().clone(),
        id: id.clone(),
    };
    // Text and numbers always have a spelling.
    let text = serde_json::to_string(&content).unwrap_or_default() + "\n";
    (text, id)
}

fn read(place: &Place) -> Found {
    let mut text = String::new();
    // Anyone may have put a link or a pipe there.
    match place.open() {
        Err(error) if error.source.kind() == io::ErrorKind::NotFound => return Found::Nothing,
        // If it cannot be read, it still counts as held.
        Err(_) => {}
        Ok(file) => {
            let _ = file.take(LONGEST_TEXT).read_to_string(&mut text);
        }
    }
    match serde_json::from_str(&text) {
        Ok(content) => Found::Content(content),
        Err(_) => Found::Text(text.trim().to_string()),
    }
}

fn is_of(place: &Place, id: &str) -> bool {
    matches!(read(place), Found::Content(content) if content.id == id)
}

fn beside(place: &Place, suffix: &str) -> Place {
    let mut name = place.name().to_os_string();
    name.push(".");
    name.push(suffix);
    place.folder().at(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::folder::Folder;
    use std::fs;
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A lock of a process that has this owner.
    fn leave(place: &Place, change: impl FnOnce(&mut Owner)) {
        let mut owner = Owner::this().clone();
        change(&mut owner);
        let id = "0123456789abcdef".to_string();
        let text = serde_json::to_string(&Content { owner, id }).unwrap();
        fs::write(place.path(), text).unwrap();
    }

    fn lock_in(folder: &Path) -> Place {
        Folder::open(folder).unwrap().at(OsStr::new("lock"))
    }

    fn names(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn one_process_holds_it_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let place = lock_in(folder.path());
        let first = LockFile::take(&place).unwrap();
        assert!(LockFile::holder(&place).unwrap().contains("process"));
        assert!(
            matches!(LockFile::take(&place), Err(Refused::Held { by }) if by.contains("process"))
        );
        drop(first);
        assert_eq!(names(folder.path()), 0);
        LockFile::take(&place).unwrap();
    }

    #[test]
    fn the_lock_of_a_process_that_is_gone_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let place = lock_in(folder.path());
        leave(&place, |owner| owner.started += 1);
        assert_eq!(LockFile::holder(&place), None);
        let lock = LockFile::take(&place).unwrap();
        assert!(LockFile::holder(&place).is_some());
        assert_eq!(names(folder.path()), 1);
        drop(lock);
        assert_eq!(names(folder.path()), 0);
    }

    #[test]
    fn the_lock_of_another_machine_or_version_stays() {
        let folder = tempfile::tempdir().unwrap();
        let place = lock_in(folder.path());
        leave(&place, |owner| {
            owner.machine = "another".to_string();
            owner.host = "node-7".to_string();
        });
        assert!(
            matches!(LockFile::take(&place), Err(Refused::Held { by }) if by.contains("node-7"))
        );
        fs::write(place.path(), "h5lift, process 7 on node-7\n").unwrap();
        assert!(
            matches!(LockFile::take(&place), Err(Refused::Held { by }) if by.contains("node-7"))
        );
        assert_eq!(names(folder.path()), 1);
    }

    #[test]
    fn a_link_under_its_name_is_neither_followed_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = lock_in(folder.path());
        let elsewhere = folder.path().join("elsewhere");
        for is_there in [false, true] {
            std::os::unix::fs::symlink(&elsewhere, place.path()).unwrap();
            assert!(matches!(LockFile::take(&place), Err(Refused::Held { .. })));
            assert_eq!(elsewhere.exists(), is_there);
            fs::remove_file(place.path()).unwrap();
            leave(&lock_in(folder.path()), |owner| owner.started += 1);
            fs::rename(place.path(), &elsewhere).unwrap();
        }
    }

    #[test]
    fn a_folder_that_was_moved_is_still_the_one_that_is_locked() {
        let top = tempfile::tempdir().unwrap();
        let [ours, moved] = ["ours", "moved"].map(|name| top.path().join(name));
        fs::create_dir(&ours).unwrap();
        let place = lock_in(&ours);
        fs::rename(&ours, &moved).unwrap();
        fs::create_dir(&ours).unwrap();
        let lock = LockFile::take(&place).unwrap();
        assert_eq!((names(&ours), names(&moved)), (0, 1));
        drop(lock);
        assert_eq!((names(&ours), names(&moved)), (0, 0));
    }

    #[test]
    fn of_many_that_take_over_one_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = lock_in(folder.path());
        let (inside, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        for _ in 0..20 {
            leave(&place, |owner| owner.started += 1);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        if let Ok(lock) = LockFile::take(&place) {
                            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two at once");
                            std::thread::sleep(Duration::from_millis(1));
                            inside.fetch_sub(1, Ordering::SeqCst);
                            taken.fetch_add(1, Ordering::SeqCst);
                            drop(lock);
                        }
                    });
                }
            });
            assert_eq!(names(folder.path()), 0);
        }
        assert!(taken.into_inner() >= 20);
    }
}
