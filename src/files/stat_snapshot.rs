//! The identity of a file when h5lift inspected it, to find out later whether it has changed.
//!
//! It does not hash: a writer that changes bytes and puts back the modification
//! time is caught by the change time, which no program can set.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

/// Identity, length and times of a file.
///
/// The change time moves whenever the inode changes, and a new hard link is
/// such a change. So [`StatSnapshot::difference`] is for the moments before h5lift
/// links the original to its backup name, and [`StatSnapshot::difference_beyond_links`],
/// which leaves the change time out, for the moment after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StatSnapshot {
    pub device: u64,
    pub inode: u64,
    pub bytes: u64,
    pub modified: Timestamp,
    /// Change time: of content, mode, owner, attributes or links.
    pub changed: Timestamp,
}

/// Seconds since 1970 and nanoseconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Timestamp {
    /// Whole seconds; negative before 1970.
    pub seconds: i64,
    /// 0 to 999,999,999 more.
    pub nanoseconds: i64,
}

impl Timestamp {
    /// As the standard library has it; `None` for times that it cannot hold.
    pub fn time(&self) -> Option<SystemTime> {
        let seconds = Duration::from_secs(self.seconds.unsigned_abs());
        let whole = match self.seconds < 0 {
            true => SystemTime::UNIX_EPOCH.checked_sub(seconds)?,
            false => SystemTime::UNIX_EPOCH.checked_add(seconds)?,
        };
        whole.checked_add(Duration::from_nanos(u64::try_from(self.nanoseconds).ok()?))
    }
}

impl StatSnapshot {
    /// The snapshot of an open file. On a network file system, only opening it again asks the server: the snapshot
    /// of a file that was opened long ago can be old.
    pub fn of(file: &File) -> io::Result<StatSnapshot> {
        Ok(StatSnapshot::from(&file.metadata()?))
    }
}

impl From<&Metadata> for StatSnapshot {
    fn from(metadata: &Metadata) -> Self {
        StatSnapshot {
            device: metadata.dev(),
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified: Timestamp {
                seconds: metadata.mtime(),
                nanoseconds: metadata.mtime_nsec(),
            },
            changed: Timestamp {
                seconds: metadata.ctime(),
                nanoseconds: metadata.ctime_nsec(),
            },
        }
    }
}

impl StatSnapshot {
    /// Whether both belong to one file, changed or not.
    pub fn same_file(&self, other: &StatSnapshot) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// What changed until `later`; `None` when nothing did.
    pub fn difference(&self, later: &StatSnapshot) -> Option<String> {
        self.difference_beyond_links(later).or_else(|| {
            (self.changed != later.changed)
                .then(|| "its content, mode, owner, attributes or links were changed".to_string())
        })
    }

    /// Like [`StatSnapshot::difference`], for a file that h5lift itself has just linked.
    pub fn difference_beyond_links(&self, later: &StatSnapshot) -> Option<String> {
        if !self.same_file(later) {
            Some("another file took its place".to_string())
        } else if self.bytes != later.bytes {
            let (before, now) = (self.bytes, later.bytes);
            Some(format!("its length changed from {before} to {now} bytes"))
        } else if self.modified != later.modified {
            Some("it was written to".to_string())
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn snapshot(path: &Path) -> StatSnapshot {
        StatSnapshot::of(&File::open(path).unwrap()).unwrap()
    }

    fn file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        fs::write(&path, "1234").unwrap();
        // Times tick a few milliseconds apart.
        std::thread::sleep(std::time::Duration::from_millis(20));
        (folder, path)
    }

    #[test]
    fn reading_changes_nothing() {
        let (_folder, path) = file();
        let before = snapshot(&path);
        fs::read(&path).unwrap();
        assert_eq!(before.difference(&snapshot(&path)), None);
    }

    #[test]
    fn every_kind_of_change_is_told() {
        let (_folder, path) = file();
        let before = snapshot(&path);
        fs::write(&path, "12345").unwrap();
        assert_eq!(
            before.difference(&snapshot(&path)).unwrap(),
            "its length changed from 4 to 5 bytes"
        );
        fs::write(&path, "4321").unwrap();
        assert_eq!(
            before.difference(&snapshot(&path)).unwrap(),
            "it was written to"
        );
        fs::write(path.with_extension("new"), "1234").unwrap();
        fs::rename(path.with_extension("new"), &path).unwrap();
        assert_eq!(
            before.difference(&snapshot(&path)).unwrap(),
            "another file took its place"
        );
    }

    #[test]
    fn a_restored_modification_time_hides_nothing() {
        let (_folder, path) = file();
        let before = snapshot(&path);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "4321").unwrap();
        let written = File::options().write(true).open(&path).unwrap();
        written.set_modified(modified).unwrap();
        let later = snapshot(&path);
        assert_eq!(before.difference_beyond_links(&later), None);
        assert!(before.difference(&later).unwrap().contains("content"));
    }

    #[test]
    fn our_own_link_is_a_change_that_can_be_left_out() {
        let (_folder, path) = file();
        let before = snapshot(&path);
        fs::hard_link(&path, path.with_extension("kept")).unwrap();
        let later = snapshot(&path);
        assert!(before.difference(&later).is_some());
        assert_eq!(before.difference_beyond_links(&later), None);
    }

    #[test]
    fn survives_a_ledger() {
        let (_folder, path) = file();
        let before = snapshot(&path);
        let text = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<StatSnapshot>(&text).unwrap(), before);
    }
}
