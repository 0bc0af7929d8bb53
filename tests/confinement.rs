//! What a worker may still do while it works, as the kernel says.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A conversion whose worker waits for more text.
struct Waiting {
    run: Child,
    folder: tempfile::TempDir,
}

impl Waiting {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut run = Command::new(env!("CARGO_BIN_EXE_h5lift"))
            .args(["convert", "-", "-o", "new.h5", "-j", "2"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("h5lift starts");
        let text = run.stdin.as_mut().expect("a pipe");
        // More than a pipe holds: it is all written only once a worker reads.
        text.write_all(b"gene\ta\tb\n").expect("it reads");
        for row in 0..40_000 {
            writeln!(text, "gene{row}\t{row}\t1").expect("it reads");
        }
        Waiting { run, folder }
    }

    /// The workers of the run, once there is one that works.
    fn workers(&self) -> Vec<PathBuf> {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            let workers = children(self.run.id());
            let is_working = |worker: &PathBuf| threads(worker).len() > 2;
            if workers.iter().any(is_working) {
                return workers;
            }
            assert!(Instant::now() < until, "no worker has begun");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop(self.run.stdin.take());
        self.run.wait().expect("it ends");
    }
}

/// Folders in `/proc` of the processes that a process has started.
fn children(process: u32) -> Vec<PathBuf> {
    let mut children = Vec::new();
    for thread in threads(Path::new(&format!("/proc/{process}"))) {
        let listed = std::fs::read_to_string(thread.join("children")).unwrap_or_default();
        let folders = listed
            .split_whitespace()
            .map(|id| Path::new("/proc").join(id));
        children.extend(folders);
    }
    children
}

fn threads(process: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(process.join("task")).expect("it runs");
    listed.map(|entry| entry.expect("it runs").path()).collect()
}

fn field(status: &str, name: &str) -> String {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.expect("the kernel tells it").trim().to_string()
}

#[test]
fn every_thread_of_a_worker_is_confined() {
    let waiting = Waiting::start();
    let workers = waiting.workers();
    let mut seen = 0;
    for worker in &workers {
        for thread in threads(worker) {
            let status = std::fs::read_to_string(thread.join("status")).expect("it runs");
            let is = |name: &str, value: &str| {
                assert_eq!(
                    field(&status, name),
                    value,
                    "{name} of {}",
                    thread.display()
                );
            };
            is("NoNewPrivs:", "1");
            is("Seccomp:", "2");
            for set in ["CapEff:", "CapPrm:", "CapInh:", "CapAmb:"] {
                is(set, &"0".repeat(16));
            }
            seen += 1;
        }
    }
    assert!(seen >= 3, "{seen} threads of {} workers", workers.len());
}

#[test]
fn a_worker_has_its_own_descriptors_and_those_of_its_request() {
    // What the calling program has open, each process that it starts inherits.
    let open = std::fs::File::open("/proc/version").expect("it is there");
    let kept = rustix::io::fcntl_setfd(&open, rustix::io::FdFlags::empty());
    kept.expect("it is open");
    let waiting = Waiting::start();
    let mut kinds = Vec::new();
    for worker in waiting.workers() {
        for entry in std::fs::read_dir(worker.join("fd")).expect("it runs") {
            // One may be closed meanwhile.
            if let Ok(target) = entry.and_then(|entry| std::fs::read_link(entry.path())) {
                kinds.push(target.to_string_lossy().into_owned());
            }
        }
    }
    let folder = waiting.folder.path().to_string_lossy().into_owned();
    let belongs = |target: &String| {
        ["socket:", "pipe:", "/dev/null"]
            .iter()
            .any(|kind| target.starts_with(kind))
            || target.starts_with(&folder)
    };
    let others: Vec<_> = kinds.iter().filter(|kind| !belongs(kind)).collect();
    assert!(others.is_empty(), "{others:?} among {kinds:?}");
    assert!(
        kinds.iter().any(|kind| kind.starts_with(&folder)),
        "{kinds:?}"
    );
}
