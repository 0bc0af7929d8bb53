use super::*;
use crate::worker::open_file;
use rustix::fs::{AtFlags, CWD, Mode, statat};
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Runs a task in a confined thread of this process.
fn confined<T: Send>(task: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            confine().unwrap();
            task()
        });
        thread.join().unwrap()
    })
}

/// A field of a thread's status.
fn status(thread: i32, field: &str) -> String {
    let path = format!("/proc/self/task/{thread}/status");
    let text = std::fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.unwrap_or_default().trim().to_string()
}

#[test]
fn opening_connecting_changing_modes_and_executing_fail() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["old", "other"] {
        std::fs::write(path(name), name).unwrap();
        std::fs::set_permissions(path(name), PermissionsExt::from_mode(0o600)).unwrap();
    }
    let old = File::open(path("old")).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let parent = rustix::process::getppid().unwrap();
    let denied = |error: io::Error| {
        let kinds = [ErrorKind::Unsupported, ErrorKind::PermissionDenied];
        assert!(kinds.contains(&error.kind()), "{error:?}");
    };
    confined(|| {
        denied(File::open(path("other")).unwrap_err());
        denied(File::open(path("old")).unwrap_err());
        denied(File::create(path("fresh")).unwrap_err());
        denied(std::fs::remove_file(path("other")).unwrap_err());
        denied(std::fs::rename(path("old"), path("moved")).unwrap_err());
        denied(std::net::TcpStream::connect(address).unwrap_err());
        denied(std::net::UdpSocket::bind("127.0.0.1:0").unwrap_err());
        denied(
            std::os::unix::net::UnixStream::pair()
                .map(drop)
                .unwrap_err(),
        );
        let open = Mode::from_raw_mode(0o4777);
        denied(rustix::fs::chmod(path("other"), open).unwrap_err().into());
        denied(rustix::fs::fchmod(&old, open).unwrap_err().into());
        // Whether a path exists, and how long the file is.
        denied(std::fs::metadata(path("other")).unwrap_err());
        for flags in [AtFlags::EMPTY_PATH, AtFlags::SYMLINK_NOFOLLOW] {
            denied(statat(CWD, path("other"), flags).unwrap_err().into());
        }
        denied(Command::new("/bin/true").status().unwrap_err());
        let signal = rustix::process::Signal::WINCH;
        denied(
            rustix::process::kill_process(parent, signal)
                .unwrap_err()
                .into(),
        );
        // What a worker needs.
        assert_eq!(io::read_to_string(&old).unwrap(), "old");
        assert_eq!(open_file::length(&old).unwrap(), 3);
        assert!(open_file::is_regular(&old).unwrap());
        // Threads inherit it.
        let inside =
            std::thread::scope(|scope| scope.spawn(|| File::open(path("other"))).join().unwrap());
        denied(inside.unwrap_err());
    });
    let mode = |name: &str| path(name).metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("old"), mode("other")), (0o600, 0o600));
    assert!(File::open(path("other")).is_ok(), "others are not confined");
}

#[test]
fn a_confined_thread_has_no_capabilities_and_gains_none() {
    let (told, asked) = std::sync::mpsc::channel();
    let (done, wait) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            confine().unwrap();
            told.send(rustix::thread::gettid().as_raw_nonzero().get())
                .unwrap();
            wait.recv().unwrap();
        });
        let id = asked.recv().unwrap();
        for field in ["CapEff:", "CapPrm:", "CapInh:", "CapAmb:"] {
            assert_eq!(status(id, field), "0".repeat(16), "{field}");
        }
        assert_eq!(status(id, "NoNewPrivs:"), "1");
        assert_eq!(status(id, "Seccomp:"), "2");
        if rustix::process::geteuid().is_root() {
            assert_eq!(status(id, "CapBnd:"), "0".repeat(16));
        }
        done.send(()).unwrap();
        thread.join().unwrap();
    });
}
