//! What a worker gives up before it gets its first file: every right to open, create or remove files, to connect, and to
//! signal other processes. Files come to it open, through its socket.
//!
//! A kernel without Landlock (before 5.13, or switched off) leaves the worker as it was: h5lift follows no external links
//! by itself.

use std::io;

/// Confines this thread and those that it starts from here on. The whole process is confined if it is called in the
/// first thread before there is a second.
pub(crate) fn confine() -> io::Result<()> {
    landlock().map(drop).map_err(io::Error::other)
}

#[cfg(target_os = "linux")]
fn landlock() -> Result<landlock::RestrictionStatus, landlock::RulesetError> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, Scope,
    };
    /// The newest whose rights are known here; older kernels give up what they know.
    const KNOWN: ABI = ABI::V6;
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .restrict_self()
}

#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn landlock() -> Result<(), std::convert::Infallible> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::ErrorKind;

    /// As the kernel says when it is asked to confine a thread.
    fn kernel_has_landlock() -> bool {
        let asked = std::thread::spawn(landlock);
        let enforced = |status: landlock::RestrictionStatus| {
            status.ruleset != landlock::RulesetStatus::NotEnforced
        };
        asked.join().is_ok_and(|status| status.is_ok_and(enforced))
    }

    #[test]
    fn a_confined_thread_reads_what_is_open_and_opens_nothing() {
        if !kernel_has_landlock() {
            eprintln!("skipped: this kernel has no Landlock");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["old", "other"] {
            std::fs::write(path(name), name).unwrap();
        }
        let old = File::open(path("old")).unwrap();
        std::thread::scope(|scope| {
            let confined = scope.spawn(|| {
                confine().unwrap();
                assert_eq!(io::read_to_string(&old).unwrap(), "old");
                let denied = |opened: io::Result<File>| {
                    assert_eq!(opened.unwrap_err().kind(), ErrorKind::PermissionDenied);
                };
                denied(File::open(path("old")));
                denied(File::create(path("fresh")));
                assert!(std::fs::remove_file(path("other")).is_err());
                assert!(std::fs::rename(path("old"), path("moved")).is_err());
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
