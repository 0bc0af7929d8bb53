//! `migrate --ledger`, and the commands that use the ledger: `undo`, `purge` and `report`.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test without its files must fail"
)]

mod support;

use std::fs;
use std::path::Path;
use support::{Archive, h5lift, snapshot};

const FILES: [(&str, &str); 3] = [
    ("a/x.h5", "hybrid.h5"),
    ("a/y.h5", "storage-contiguous.h5"),
    ("a/z.h5", "nameless-both.h5"),
];

/// An archive that was migrated in place with a ledger, and its state before.
fn migrated() -> (Archive, Vec<Vec<u8>>) {
    let archive = Archive::new(&FILES);
    let before = contents(archive.path());
    let ran = h5lift(
        archive.path(),
        &["migrate", "a", "--in-place", "--ledger", "l.jsonl", "-q"],
    );
    assert_eq!(ran.code, Some(1), "one file has no names: {ran:?}");
    assert_ne!(contents(archive.path()), before);
    (archive, before)
}

fn contents(folder: &Path) -> Vec<Vec<u8>> {
    FILES
        .iter()
        .map(|(path, _)| fs::read(folder.join(path)).unwrap())
        .collect()
}

#[test]
fn undo_puts_every_original_back_and_a_second_one_does_nothing() {
    let (archive, before) = migrated();
    let dry = h5lift(archive.path(), &["undo", "l.jsonl", "--dry-run"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert_ne!(contents(archive.path()), before, "a dry run does nothing");
    let ran = h5lift(archive.path(), &["undo", "l.jsonl"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(contents(archive.path()), before);
    let now = snapshot(&archive.path().join("a"));
    let again = h5lift(archive.path(), &["undo", "l.jsonl"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(snapshot(&archive.path().join("a")), now);
}

#[test]
fn undo_leaves_alone_what_somebody_changed_since() {
    let (archive, before) = migrated();
    let path = archive.path().join("a/x.h5");
    let mut changed = fs::read(&path).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&path, &changed).unwrap();
    let ran = h5lift(archive.path(), &["undo", "l.jsonl"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("a/x.h5"), "{ran:?}");
    assert_eq!(fs::read(&path).unwrap(), changed);
    assert_eq!(
        contents(archive.path())[1],
        before[1],
        "the other is put back"
    );
}

#[test]
fn purge_deletes_originals_that_the_new_files_stand_for_and_no_others() {
    let (archive, _) = migrated();
    let damaged = archive.path().join("a/x.h5");
    let mut bytes = fs::read(&damaged).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&damaged, bytes).unwrap();
    let ran = h5lift(archive.path(), &["purge", "l.jsonl"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let kept = |name: &str| {
        archive
            .path()
            .join(format!("a/{name}.h5lift-orig"))
            .exists()
    };
    assert!(kept("x.h5"), "its new file is not what it was");
    assert!(!kept("y.h5"));
    let undo = h5lift(archive.path(), &["undo", "l.jsonl"]);
    assert_eq!(undo.code, Some(1), "{undo:?}");
    assert!(undo.stderr.contains("purge"), "{undo:?}");
}

#[test]
fn report_tells_each_file_once_also_from_two_ledgers() {
    let (archive, _) = migrated();
    let again = h5lift(
        archive.path(),
        &[
            "migrate",
            "a",
            "--in-place",
            "--ledger",
            "second.jsonl",
            "-q",
        ],
    );
    assert_eq!(again.code, Some(1), "{again:?}");
    let ran = h5lift(
        archive.path(),
        &["report", "l.jsonl", "second.jsonl", "--format", "json"],
    );
    let report = ran.json();
    assert_eq!(report["files"].as_array().unwrap().len(), 3, "{ran:?}");
    assert_eq!(report["summary"]["by_outcome"]["refused"], 1);
}

#[test]
fn a_ledger_that_is_none_is_a_usage_error_and_nothing_is_touched() {
    let archive = Archive::new(&FILES);
    fs::write(archive.path().join("notes.jsonl"), "dear diary\n").unwrap();
    let before = snapshot(archive.path());
    for arguments in [
        &["migrate", "a", "--in-place", "--ledger", "notes.jsonl"][..],
        &["undo", "notes.jsonl"],
        &["undo", "nowhere.jsonl"],
        &["purge", "notes.jsonl"],
        &["report", "nowhere.jsonl"],
    ] {
        let ran = h5lift(archive.path(), arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.contains("help:"), "{ran:?}");
    }
    assert_eq!(snapshot(archive.path()), before);
}
