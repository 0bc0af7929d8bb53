//! Reports, ledgers and new files never take the place of what a run reads, or of each other: exit code 2, nothing touched.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test without its files must fail"
)]

mod support;

use std::fs;
use std::fs::Permissions;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use support::{Archive, h5lift, snapshot};

const TABLE: &str = "gene\ts1\ts2\nA\t1\t2\nB\t3\t4\n";

/// An archive, a table, a list, rules, and an HDF5 file and a ledger whose names are those of reports.
fn archive() -> Archive {
    let archive = Archive::new(&[
        ("a/x.h5", "hybrid.h5"),
        ("a/y.json", "hybrid.h5"),
        ("b/z.h5", "hybrid.h5"),
    ]);
    let at = |name: &str| archive.path().join(name);
    fs::write(at("t.tsv"), TABLE).unwrap();
    fs::write(at("list.tsv"), "a/x.h5\n").unwrap();
    fs::write(at("rules.tsv"), "matrix = \"/expr\"\n").unwrap();
    fs::write(at("names.tsv"), TABLE).unwrap();
    fs::hard_link(at("t.tsv"), at("hard.tsv")).unwrap();
    symlink("t.tsv", at("soft.tsv")).unwrap();
    let ran = h5lift(
        archive.path(),
        &["migrate", "b", "--in-place", "--ledger", "l.jsonl", "-q"],
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    archive
}

#[test]
fn what_is_read_is_not_written() {
    let archive = archive();
    let before = snapshot(archive.path());
    for command in [
        "convert t.tsv -o t.h5 --report t.tsv",
        "convert t.tsv -o t.h5 --report ./a/../t.tsv",
        "convert t.tsv -o t.h5 --report hard.tsv",
        "convert t.tsv -o t.h5 --report soft.tsv",
        "convert t.tsv --dry-run --report t.tsv",
        "audit a/y.json --report a/y.json",
        "audit a/y.json --format tsv -q --report a/y.json",
        "audit a --include *.json --format jsonl --report a/y.json",
        "audit a --report a/y.json",
        "audit --files-from list.tsv --report list.tsv",
        "audit a --rules rules.tsv --report rules.tsv",
        "audit a --names-from names.tsv --report names.tsv",
        "migrate a --names-from names.tsv --out-dir new --report names.tsv",
        "migrate a --out-dir new --dry-run --report a/y.json",
        "migrate a/x.h5 -o list.tsv --overwrite --files-from list.tsv",
        "migrate a/x.h5 -o rules.tsv --overwrite --rules rules.tsv",
        "migrate a/x.h5 -o l.jsonl --overwrite --ledger l.jsonl",
        "migrate a --in-place --ledger list.tsv --files-from list.tsv",
        "migrate a --out-dir new --ledger m.jsonl --report m.jsonl",
        "migrate a --out-dir new --report m.json --report ./m.json",
        "migrate a/x.h5 -o new.json --report new.json",
        "migrate a --in-place --backup-dir kept --ledger kept/x.h5",
        "report l.jsonl --report l.jsonl",
        "audit a --report l.jsonl",
        "verify a/y.json --report a/y.json",
        "verify a/x.h5 a/y.json --report a/y.json",
        "toy -o toy.h5 --report toy.tsv",
    ] {
        let arguments: Vec<&str> = command.split(' ').collect();
        let ran = h5lift(archive.path(), &arguments);
        assert_eq!(ran.code, Some(2), "{command}: {ran:?}");
        assert!(ran.stderr.contains("help: "), "{command}: {ran:?}");
        assert_eq!(snapshot(archive.path()), before, "{command}");
    }
}

#[test]
fn a_report_replaces_a_regular_file_and_keeps_its_mode() {
    let archive = archive();
    let report = archive.path().join("r.jsonl");
    let run = || {
        h5lift(
            archive.path(),
            &["audit", "a", "--report", "r.jsonl", "--format", "json"],
        )
    };
    let ran = run();
    assert_eq!(ran.code, Some(0));
    let rows = ran.json()["files"].as_array().unwrap().len();
    assert_eq!(fs::read_to_string(&report).unwrap().lines().count(), rows);
    let first = fs::metadata(&report).unwrap();
    fs::set_permissions(&report, Permissions::from_mode(0o640)).unwrap();
    assert_eq!(run().code, Some(0));
    let second = fs::metadata(&report).unwrap();
    assert_ne!(first.ino(), second.ino(), "it is renamed, not truncated");
    assert_eq!(second.mode() & 0o777, 0o640);
    assert_eq!(first.len(), second.len());
    let left = snapshot(archive.path());
    assert!(
        !left.keys().any(|it| it.to_string_lossy().ends_with(".tmp")),
        "{left:?}"
    );
}

#[test]
fn a_run_that_cannot_begin_leaves_the_report_of_the_one_before() {
    let archive = archive();
    let before = "the report of another run";
    fs::write(archive.path().join("r.json"), before).unwrap();
    let ran = h5lift(
        archive.path(),
        &[
            "migrate",
            "a",
            "--in-place",
            "--ledger",
            "t.tsv",
            "--report",
            "r.json",
        ],
    );
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(
        fs::read_to_string(archive.path().join("r.json")).unwrap(),
        before
    );
}

#[test]
fn links_and_folders_are_not_replaced_by_a_report() {
    let archive = archive();
    let at = |name: &str| archive.path().join(name);
    fs::write(at("precious.txt"), "precious").unwrap();
    symlink("precious.txt", at("link.json")).unwrap();
    symlink("nowhere", at("broken.json")).unwrap();
    fs::create_dir(at("folder.json")).unwrap();
    let before = snapshot(archive.path());
    for name in ["link.json", "broken.json", "folder.json"] {
        let ran = h5lift(archive.path(), &["audit", "a", "--report", name]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("it is a "), "{ran:?}");
    }
    assert_eq!(snapshot(archive.path()), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_gets_its_report_directly() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let archive = archive();
    let pipe = archive.path().join("pipe.jsonl");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            let mut text = String::new();
            fs::File::open(pipe)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap();
            text
        }
    });
    let ran = h5lift(
        archive.path(),
        &["audit", "a", "--report", "pipe.jsonl", "-q"],
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(reader.join().unwrap().contains("a/x.h5"));
    assert!(fs::symlink_metadata(pipe).is_ok());
}
