//! The files of one request, and nothing else: external links, external storage and virtual
//! datasets cannot lead a worker anywhere, whatever the library makes of a file.
//!
//! Files are opened here and handed on open. Then the thread that serves the request
//! gives up, by Landlock, every right to open other files, to make or remove any, to connect
//! and to signal; threads that it starts inherit that. A kernel without Landlock (before 5.13,
//! or switched off) leaves the worker as it was: h5lift follows no such links by itself.

use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use std::fs::File;
use std::path::Path;

/// Opens a file to read; the descriptor itself cannot write.
pub(crate) fn source(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| WorkerError::new(FailureKind::Open, error.to_string()))
}

/// Opens a file of the parent's, which is there, to be overwritten.
pub(crate) fn output(path: &Path) -> Result<File> {
    File::options()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|error| WorkerError::new(FailureKind::Output, error.to_string()))
}

/// From here on this thread can open nothing but these.
pub(crate) fn confine(readable: &[&File], writable: &[&File]) -> Result<()> {
    landlock(readable, writable).map(drop).map_err(|error| {
        let message = format!("the worker cannot be confined: {error}");
        WorkerError::new(FailureKind::Internal, message)
    })
}

#[cfg(target_os = "linux")]
fn landlock(
    readable: &[&File],
    writable: &[&File],
) -> std::result::Result<landlock::RestrictionStatus, landlock::RulesetError> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, Ruleset,
        RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
    };
    /// The newest whose rights are known here; older kernels give up what they know.
    const KNOWN: ABI = ABI::V6;
    let read = readable
        .iter()
        // A pipe has no path that could be opened.
        .filter(|file| file.metadata().is_ok_and(|metadata| metadata.is_file()))
        .map(|file| Ok::<_, RulesetError>(PathBeneath::new(*file, AccessFs::ReadFile)));
    let write = writable.iter().map(|file| {
        let rights = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate;
        Ok(PathBeneath::new(*file, rights))
    });
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(read.chain(write))?
        .restrict_self()
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn landlock(_: &[&File], _: &[&File]) -> std::result::Result<(), std::convert::Infallible> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::os::fd::AsRawFd;

    /// As the kernel says when it is asked to confine a thread to nothing.
    fn kernel_has_landlock() -> bool {
        let asked = std::thread::spawn(|| landlock(&[], &[]));
        let enforced = |status: landlock::RestrictionStatus| {
            status.ruleset != landlock::RulesetStatus::NotEnforced
        };
        asked.join().is_ok_and(|status| status.is_ok_and(enforced))
    }

    #[test]
    fn a_confined_thread_opens_its_files_again_and_no_other() {
        if !kernel_has_landlock() {
            eprintln!("skipped: this kernel has no Landlock");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["old", "new", "other"] {
            std::fs::write(path(name), name).unwrap();
        }
        let (old, new) = (source(&path("old")).unwrap(), output(&path("new")).unwrap());
        std::thread::scope(|scope| {
            let confined = scope.spawn(|| {
                confine(&[&old], &[&new]).unwrap();
                let again = |file: &File| format!("/dev/fd/{}", file.as_raw_fd());
                assert!(File::open(again(&old)).is_ok());
                assert!(File::create(again(&new)).is_ok(), "it may be truncated");
                let denied = |opened: std::io::Result<File>| {
                    assert_eq!(opened.unwrap_err().kind(), ErrorKind::PermissionDenied);
                };
                denied(File::options().write(true).open(again(&old)));
                denied(File::open(path("other")));
                denied(File::create(path("fresh")));
                assert!(std::fs::remove_file(path("other")).is_err());
                assert!(std::fs::rename(path("new"), path("moved")).is_err());
                assert!(std::net::TcpStream::connect("127.0.0.1:9").is_err());
                // Threads inherit it.
                let inside = std::thread::scope(|scope| {
                    scope.spawn(|| File::open(path("other"))).join().unwrap()
                });
                denied(inside);
            });
            confined.join().unwrap();
        });
        assert!(File::open(path("other")).is_ok(), "others are not confined");
    }
}
