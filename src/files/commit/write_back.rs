//! Writes a large file to the disk while it is being created: otherwise all of it waits until the end, and
//! the disk is idle before.

use crate::files::threads::beside;
use std::fs::File;
use std::io;
use std::ops::RangeInclusive;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The interval at which the file is checked.
const NAP: Duration = Duration::from_millis(5);
/// Bytes that are written to the disk together. What is left at the end delays the next step, and each call
/// waits for the disk; so it is a fraction of the bytes written so far, within these limits.
const STEP: RangeInclusive<u64> = 4 << 20..=32 << 20;
const PART: u64 = 4;

/// Runs `write`, which makes `file` grow, and writes its bytes to the disk meanwhile. If that fails, the file
/// has failed, whatever a later sync returns: the system reports a failed write once.
pub(crate) fn write_back_while<R>(file: &File, write: impl FnOnce() -> R) -> (R, io::Result<()>) {
    let (writing, ended) = channel::<()>();
    let sync = move || {
        let mut done = 0;
        while ended.recv_timeout(NAP) == Err(RecvTimeoutError::Timeout) {
            let length = file.metadata()?.len();
            if length >= done + (done / PART).clamp(*STEP.start(), *STEP.end()) {
                file.sync_data()?;
                done = length;
            }
        }
        Ok(())
    };
    beside(sync, || {
        let written = write();
        drop(writing);
        written
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{Mode, OFlags};
    use std::io::Write;

    fn grow(file: &File) {
        let mut file = file;
        for _ in 0..3 {
            file.write_all(&vec![7; usize::try_from(*STEP.start()).unwrap()])
                .unwrap();
            std::thread::sleep(20 * NAP);
        }
    }

    #[test]
    fn it_takes_no_longer_than_the_writing_and_keeps_what_was_written() {
        let file = tempfile::tempfile().unwrap();
        let (written, synced) = write_back_while(&file, || grow(&file));
        assert_eq!(((), true), (written, synced.is_ok()));
        assert_eq!(file.metadata().unwrap().len(), 3 * STEP.start());
    }

    #[test]
    fn what_cannot_be_brought_to_a_disk_is_told() {
        // An `O_PATH` descriptor has a length, and cannot be synced.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = File::create(&path).unwrap();
        let named: File = rustix::fs::open(&path, OFlags::PATH, Mode::empty())
            .unwrap()
            .into();
        let ((), synced) = write_back_while(&named, || grow(&file));
        assert!(synced.is_err());
    }
}
