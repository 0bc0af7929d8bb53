//! Opening an original: read-only, without waiting, and only when it is a file.
//!
//! It does not lock ([`crate::files::locks::source`]) and does not look inside
//! ([`crate::files::signature`]).

use crate::files::discover::candidate::Candidate;
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::read_ahead;
use crate::files::recent_folders::RecentFolders;
use crate::files::stat_snapshot::StatSnapshot;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io;
use std::path::Path;

/// Opens a regular file for reading; a symbolic link is followed.
///
/// It may have been replaced by a pipe: `O_NONBLOCK` keeps the open from waiting for its other end, and has
/// no effect on a file.
pub(crate) fn open_source(path: &Path) -> Result<File, PathError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty()).at(path, "open it")?);
    if !file.metadata().at(path, "inspect it")?.is_file() {
        let odd = io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
        return Err(odd).at(path, "read it");
    }
    Ok(file)
}

/// Opens what a walk met. A link that took the place of a file since then is not followed.
pub(crate) fn open_candidate(candidate: &Candidate) -> Result<File, PathError> {
    open_with_snapshot(candidate, &RecentFolders::default()).map(|(file, _)| file)
}

/// The same with what it is, in a folder that was perhaps opened a moment ago.
pub(crate) fn open_with_snapshot(
    candidate: &Candidate,
    recent: &RecentFolders,
) -> Result<(File, StatSnapshot), PathError> {
    candidate.rooted().open_in(recent, candidate.symlink)
}

/// Bytes at each end of a file that an inspection reads: headers are at its start, name heaps often at its
/// end.
const END: u64 = 128 << 10;
/// Bytes that the disk is asked for before a file is read from start to end. The system reads ahead from
/// there on.
const START: u64 = 8 << 20;

/// Asks the disk for everything that an inspection needs at once, instead of one piece after the other.
pub(crate) fn fetch_ends(file: &File, bytes: u64) {
    read_ahead(file, 0, END.min(bytes));
    let tail = bytes.saturating_sub(END).max(END);
    read_ahead(file, tail, bytes.saturating_sub(tail));
}

/// Asks the disk for a file that will be read completely, before the readers are ready.
pub(crate) fn fetch_start(file: &File) {
    read_ahead(file, 0, START);
}

/// The folder that a path is in; `.` for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) => Path::new("."),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_source_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.h5");
        std::fs::write(&path, "old").unwrap();
        let mut file = open_source(&path).unwrap();
        assert!(file.write_all(b"new").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn pipes_and_folders_are_refused_without_waiting() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe.h5");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        for path in [pipe.as_path(), folder.path()] {
            let error = open_source(path).unwrap_err();
            assert!(error.to_string().contains("not a regular file"), "{error}");
        }
    }

    #[test]
    fn a_bare_name_is_in_the_current_folder() {
        assert_eq!(folder_of(Path::new("a.h5")), Path::new("."));
        assert_eq!(folder_of(Path::new("x/a.h5")), Path::new("x"));
        assert_eq!(folder_of(Path::new("/a.h5")), Path::new("/"));
        assert_eq!(folder_of(Path::new("/")), Path::new("/"));
    }
}
