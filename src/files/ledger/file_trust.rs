//! Files of a ledger: created for their user alone, and refused when somebody else could have written them.
//!
//! `undo` and `purge` do what a ledger says, and anyone can compute its sums. So who may write it decides.

use crate::files::ledger::error::LedgerError;
use crate::files::path_error::AtPath;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether a ledger that somebody else could have written is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LedgerTrust {
    /// It is refused.
    #[default]
    Checked,
    /// The user knows who wrote it (`--trust-ledger`).
    Given,
}

/// For its owner alone.
const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);
/// How often a file may come and go between two calls.
const ATTEMPTS: usize = 16;

/// Opens a file for appending, and for reading if `more` says so, or creates it.
pub(crate) fn open_or_create(
    path: &Path,
    access: OFlags,
    trust: LedgerTrust,
) -> Result<File, LedgerError> {
    for _ in 0..ATTEMPTS {
        let create = OFlags::CREATE | OFlags::EXCL;
        match open(path, access | create) {
            Err(Errno::EXIST) => {}
            created => return Ok(File::from(created.at(path, "create it")?)),
        }
        match open(path, access) {
            Err(Errno::NOENT) => {}
            opened => return checked(path, opened, trust),
        }
    }
    let busy = io::Error::other("something creates and removes it again and again");
    Err(busy).at(path, "open it")?
}

/// Opens a file that is there for reading.
pub(crate) fn open_existing(path: &Path, trust: LedgerTrust) -> Result<File, LedgerError> {
    checked(path, open(path, OFlags::RDONLY), trust)
}

fn open(path: &Path, access: OFlags) -> rustix::io::Result<std::os::fd::OwnedFd> {
    let always = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(path, access | always, PRIVATE)
}

fn checked(
    path: &Path,
    opened: rustix::io::Result<std::os::fd::OwnedFd>,
    trust: LedgerTrust,
) -> Result<File, LedgerError> {
    let file = match opened {
        Err(Errno::LOOP) => {
            return Err(untrusted(path, "it is a symbolic link".to_string()));
        }
        // A folder that is opened for writing, a pipe that nobody reads.
        Err(Errno::ISDIR | Errno::NXIO) => return Err(no_ledger(path)),
        opened => File::from(opened.at(path, "open this ledger")?),
    };
    let metadata = file.metadata().at(path, "inspect it")?;
    if !metadata.is_file() {
        return Err(no_ledger(path));
    }
    match (trust, doubt(&metadata)) {
        (LedgerTrust::Checked, Some(cause)) => Err(untrusted(path, cause)),
        _ => Ok(file),
    }
}

/// Why somebody else could have written a file.
fn doubt(metadata: &Metadata) -> Option<String> {
    let me = rustix::process::geteuid().as_raw();
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != me && owner != 0 {
        Some(format!("user {owner} owns it, and you are user {me}"))
    } else if mode & 0o022 != 0 {
        Some(format!("its mode {mode:04o} lets others write to it"))
    } else if metadata.nlink() != 1 {
        Some(format!(
            "it has {} hard links, so others may have a name for it",
            metadata.nlink()
        ))
    } else {
        None
    }
}

fn untrusted(path: &Path, cause: String) -> LedgerError {
    LedgerError::Untrusted {
        path: path.to_path_buf(),
        cause,
    }
}

fn no_ledger(path: &Path) -> LedgerError {
    LedgerError::NotALedger {
        path: path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::fs::Permissions;
    use std::io::Write;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn append(path: &Path, trust: LedgerTrust) -> Result<File, LedgerError> {
        open_or_create(path, OFlags::RDWR | OFlags::APPEND, trust)
    }

    #[test]
    fn a_new_file_is_for_its_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.jsonl");
        append(&path, LedgerTrust::Checked)
            .unwrap()
            .write_all(b"x")
            .unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        append(&path, LedgerTrust::Checked)
            .unwrap()
            .write_all(b"y")
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"xy");
    }

    #[test]
    fn what_others_can_write_is_refused_unless_the_user_knows_better() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.jsonl");
        fs::write(&path, "").unwrap();
        for mode in [0o620, 0o602, 0o666] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = append(&path, LedgerTrust::Checked).unwrap_err();
            assert!(error.to_string().contains("lets others write"), "{error}");
            open_existing(&path, LedgerTrust::Checked).unwrap_err();
            append(&path, LedgerTrust::Given).unwrap();
        }
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        append(&path, LedgerTrust::Checked).unwrap();
        fs::hard_link(&path, folder.path().join("second")).unwrap();
        append(&path, LedgerTrust::Checked).unwrap_err();
    }

    #[test]
    fn links_are_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("l.jsonl");
        fs::write(folder.path().join("target"), "").unwrap();
        for target in ["target", "nowhere"] {
            symlink(target, &path).unwrap();
            for trust in [LedgerTrust::Checked, LedgerTrust::Given] {
                let error = append(&path, trust).unwrap_err();
                assert!(error.to_string().contains("symbolic link"), "{error}");
            }
            fs::remove_file(&path).unwrap();
        }
        assert!(!folder.path().join("nowhere").exists());
        append(folder.path(), LedgerTrust::Given).unwrap_err();
    }
}
