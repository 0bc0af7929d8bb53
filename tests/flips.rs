//! The output of a worker is not trusted: with one bit of it flipped before the verification, a new file is
//! refused, and the old one stays.
//!
//! `H5LIFT_FLIPS` is the number of bits; a few by default.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

mod support;

use h5lift::files::{Output, RunLock, Walk, WalkItem, WalkOptions};
use h5lift::jobs::context::JobContext;
use h5lift::jobs::event::Unobserved;
use h5lift::jobs::interrupt::Interrupt;
use h5lift::jobs::pool::Pool;
use h5lift::jobs::queue::TaskOutcome;
use h5lift::jobs::settings::{IfCurrent, Settings, WorkerSettings};
use h5lift::jobs::steps::migrate::{Migration, migrate};
use h5lift::model::plan::policy::{Policy, Verification};
use h5lift::model::record::Record;
use h5lift::model::record::outcome::Outcome;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use support::{Archive, h5lift, snapshot};

/// A worker that lets the real one write, and flips a bit of the new file before it is read back: the bit
/// whose number, modulo the number of bits, is in the file `bit`. Files come as descriptors with the request.
const SABOTEUR: &str = r#"#!/usr/bin/env python3
import os, socket, subprocess, sys
here = os.path.dirname(os.path.abspath(sys.argv[0]))
parent = socket.socket(fileno=os.dup(0))
ours, of_worker = socket.socketpair()
with open(here + "/worker") as name:
    worker = subprocess.Popen([name.read(), *sys.argv[1:]], stdin=of_worker)
of_worker.close()

def flip(descriptor):
    with open(f"/proc/self/fd/{descriptor}", "r+b") as new, open(here + "/bit") as bit:
        bit = int(bit.read())
        at = bit // 8 % os.fstat(new.fileno()).st_size
        new.seek(at)
        byte = new.read(1)[0]
        new.seek(at)
        new.write(bytes([byte ^ 1 << bit % 8]))
    with open(here + "/flipped", "w") as flipped:
        flipped.write(str(at))

while True:
    message, files, _, _ = socket.recv_fds(parent, 1 << 20, 8)
    if not message:
        break
    if b'"index":0' in message.partition(b'"request":"compare"')[2]:
        flip(files[1])
    socket.send_fds(ours, [message], files) if files else ours.sendall(message)
    for file in files:
        os.close(file)
"#;

/// Each in another storage, so that each part of the verification is tested.
const FIXTURES: [&str; 4] = [
    "names-vlen-utf8.h5",
    "storage-contiguous.h5",
    "storage-gzip-shuffle.h5",
    "extra-groups.h5",
];

struct Scene {
    archive: Archive,
    program: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let files: Vec<_> = FIXTURES.iter().map(|name| (*name, *name)).collect();
        let archive = Archive::new(&files);
        let tools = archive.path().join("tools");
        std::fs::create_dir(&tools).expect("the folder is ours");
        let program = tools.join("saboteur");
        std::fs::write(&program, SABOTEUR).expect("the folder is ours");
        std::fs::write(tools.join("worker"), env!("CARGO_BIN_EXE_h5lift")).expect("it is ours");
        std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("it is ours");
        Scene { archive, program }
    }

    fn settings(&self) -> Settings {
        Settings {
            rules: Default::default(),
            jobs: 1,
            worker: WorkerSettings {
                program: self.program.clone(),
                memory: 2 << 30,
                timeout: Duration::from_secs(30),
                interrupt: Interrupt::default(),
            },
            locking: h5lift::files::FileLocking::On,
            min_age: Duration::ZERO,
            lint: false,
            sources: Default::default(),
            policy: Policy::default(),
            verification: Verification::Full,
            overwrite: false,
            if_current: IfCurrent::Skip,
            tmp_dir: None,
        }
    }

    fn migrate(&self, name: &str, pool: &Pool, settings: &Settings) -> Record {
        let path = self.archive.path().join(name);
        let walk = Walk::new(vec![path], &WalkOptions::default()).expect("the options are good");
        let candidate = walk
            .filter_map(|found| match found {
                WalkItem::Candidate(candidate) => Some(candidate),
                WalkItem::Problem(_) => None,
            })
            .next()
            .expect("the file is there");
        let (warned, run) = (AtomicBool::new(false), RunLock::default());
        let context = JobContext::only(settings, pool, &Unobserved, 1, &warned, &run);
        let output = Output::InPlace {
            path: candidate.path.clone(),
            relative: candidate.relative.clone(),
            backup: None,
            follow_links: false,
        };
        match migrate(
            &context,
            &Migration {
                candidate,
                output,
                rival: None,
            },
            true,
        ) {
            TaskOutcome::Row(record) => *record,
            TaskOutcome::Retry => panic!("a retry asks for no other"),
        }
    }
}

#[test]
fn a_bit_that_flips_before_the_proof_is_found() {
    let wanted: u64 = match std::env::var("H5LIFT_FLIPS") {
        Ok(count) => count.parse().expect("H5LIFT_FLIPS is a number"),
        Err(_) => 60,
    };
    let scene = Scene::new();
    let tools = scene.archive.path().join("tools");
    let settings = scene.settings();
    let pool = Pool::new(settings.worker.clone(), settings.jobs);
    let before = snapshot(scene.archive.path());
    // A stride that is coprime to any size in bits visits the whole file.
    let mut missed = Vec::new();
    for number in 0..wanted {
        let bit = number * 7_368_787 + 12_345;
        std::fs::write(tools.join("bit"), bit.to_string()).expect("the folder is ours");
        let name = FIXTURES[usize::try_from(number % 4).expect("it is small")];
        let record = scene.migrate(name, &pool, &settings);
        let flipped = std::fs::read_to_string(tools.join("flipped")).expect("a bit was flipped");
        std::fs::remove_file(tools.join("flipped")).expect("it was there");
        if record.outcome == Some(Outcome::Migrated) {
            missed.push(format!("{name}, byte {}", flipped.trim()));
            restore(scene.archive.path(), name);
        }
    }
    println!("{wanted} bits flipped, {} not found", missed.len());
    let after = snapshot(scene.archive.path());
    for name in FIXTURES {
        assert_eq!(
            after[Path::new(name)].sha256,
            before[Path::new(name)].sha256,
            "{name}"
        );
    }
    assert_eq!(missed, [""; 0]);
}

#[test]
fn without_a_flip_they_migrate() {
    let scene = Scene::new();
    let arguments = ["migrate", ".", "--in-place", "--format", "json"];
    let ran = h5lift(scene.archive.path(), &arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(ran.json()["summary"]["by_outcome"], json!({"migrated": 4}));
}

fn restore(folder: &Path, name: &str) {
    let fixture = Path::new(support::FIXTURES).join(name);
    std::fs::copy(fixture, folder.join(name)).expect("the fixture is there");
}
