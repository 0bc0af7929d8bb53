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

#[test]
fn ledgers_of_shards_belong_together_and_a_missing_one_is_said() {
    let names: Vec<String> = (0..12).map(|number| format!("tree/{number}.h5")).collect();
    let files: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), "square.h5"))
        .collect();
    let archive = Archive::new(&files);
    let before = snapshot(&archive.path().join("tree"));
    let lift = |shard: &str, more: &[&str]| {
        let arguments = [
            "migrate",
            "tree",
            "--in-place",
            "--ledger",
            "lift.jsonl",
            "--shard",
            shard,
            "-q",
        ];
        h5lift(archive.path(), &[&arguments[..], more].concat())
    };
    for shard in ["1/3", "2/3", "3/3"] {
        assert_eq!(lift(shard, &[]).code, Some(0));
    }
    let ledgers = [
        "lift.1-of-3.jsonl",
        "lift.2-of-3.jsonl",
        "lift.3-of-3.jsonl",
    ];
    let report = |ledgers: &[&str]| {
        let arguments = [&["report"], ledgers, &["--format", "json"]].concat();
        h5lift(archive.path(), &arguments)
    };
    // A second run over the same shard says nothing new.
    assert_eq!(lift("2/3", &[]).code, Some(0));
    let merged = report(&ledgers);
    assert_eq!(merged.code, Some(0), "{merged:?}");
    assert_eq!(merged.json()["summary"]["by_outcome"]["migrated"], 12);
    let incomplete = report(&ledgers[..1]);
    assert_eq!(incomplete.code, Some(1));
    assert!(
        incomplete.stderr.contains("shards 2-3 of 3 missing"),
        "{incomplete:?}"
    );

    // Other options, inputs, or numbers of shards are another run.
    let other = lift("2/3", &["--verify", "fast"]);
    assert_eq!(other.code, Some(2), "{other:?}");
    assert!(other.stderr.contains("verify=fast"), "{other:?}");
    assert_eq!(lift("2/4", &[]).code, Some(0));
    let mixed = report(&["lift.1-of-3.jsonl", "lift.2-of-4.jsonl"]);
    assert_eq!(mixed.code, Some(2), "{mixed:?}");
    let whole = h5lift(
        archive.path(),
        &[
            "migrate",
            "tree",
            "--in-place",
            "--ledger",
            "lift.2-of-3.jsonl",
            "-q",
        ],
    );
    assert_eq!(whole.code, Some(2), "{whole:?}");
    assert!(whole.stderr.contains("everything"), "{whole:?}");

    let undone = h5lift(archive.path(), &[&["undo"], &ledgers[..]].concat());
    assert_eq!(undone.code, Some(0), "{undone:?}");
    let same = |path: &Path, seen: &support::Seen| before[path].sha256 == seen.sha256;
    let after = snapshot(&archive.path().join("tree"));
    assert_eq!(after.len(), 12);
    assert!(after.iter().all(|(path, seen)| same(path, seen)));
}

#[test]
fn of_two_ledgers_the_later_migration_to_a_name_counts() {
    let archive = Archive::new(&[("tree/a.h5", "square.h5")]);
    let at = |path: &str| archive.path().join(path);
    let old = snapshot(&at("tree"));
    let lift = |ledger: &str| {
        let arguments = [
            "migrate",
            "tree",
            "--out-dir",
            "new",
            "--overwrite",
            "--ledger",
            ledger,
            "-q",
        ];
        assert_eq!(h5lift(archive.path(), &arguments).code, Some(0));
    };
    lift("first.jsonl");
    lift("second.jsonl");
    // In any order: the new file is that of the second one.
    let undone = h5lift(archive.path(), &["undo", "second.jsonl", "first.jsonl"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert_eq!(undone.stdout.lines().count(), 1, "{undone:?}");
    assert!(!at("new/a.h5").exists());
    assert_eq!(snapshot(&at("tree")), old);
}

/// The rows of a report of lines, by path.
fn rows(text: &str) -> std::collections::BTreeMap<String, serde_json::Value> {
    let row = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let rows = text.lines().map(row);
    rows.map(|row| (row["path"].as_str().unwrap().to_string(), row))
        .collect()
}

#[test]
fn a_ledger_has_the_rows_of_the_run_in_little_room() {
    let names: Vec<String> = (0..40).map(|number| format!("tree/{number}.h5")).collect();
    let fixtures = ["hybrid.h5", "storage-contiguous.h5", "nameless-both.h5"];
    let files: Vec<(&str, &str)> = (names.iter().zip(fixtures.iter().cycle()))
        .map(|(name, fixture)| (name.as_str(), *fixture))
        .collect();
    let archive = Archive::new(&files);
    let lift = [
        "migrate",
        "tree",
        "--in-place",
        "--ledger",
        "l.jsonl",
        "--format",
        "jsonl",
    ];
    let ran = h5lift(archive.path(), &lift);
    let told = rows(&ran.stdout);
    assert_eq!(told.len(), 40, "{ran:?}");
    let report = || {
        let report = h5lift(archive.path(), &["report", "l.jsonl", "--format", "jsonl"]);
        rows(&report.stdout)
    };
    assert_eq!(report(), told);
    let ledger = archive.path().join("l.jsonl");
    let of_commits: usize = fs::read_to_string(&ledger)
        .unwrap()
        .lines()
        .filter(|line| line.contains("\"begun\"") || line.contains("\"done\""))
        .map(|line| line.len() + 1)
        .sum();
    let commits = told.values().filter(|row| row["outcome"] == "migrated");
    let each = of_commits / commits.count();
    assert!(each <= 1200, "{each} bytes a file");

    // A run that finds the same files finished has nothing to add about them.
    let before = fs::metadata(&ledger).unwrap().len();
    h5lift(archive.path(), &lift);
    let text = fs::read_to_string(&ledger).unwrap();
    let (_, added) = text.split_at(usize::try_from(before).unwrap());
    assert!(!added.contains("\"skipped\""), "{added}");
    assert_eq!(report(), told);
}
