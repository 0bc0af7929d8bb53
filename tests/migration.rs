//! What a migration into a new tree promises, on every fixture that there is.
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::{Archive, FIXTURES, Seen, h5lift, snapshot};

/// Long enough for a busy machine, short enough for the fixtures that never come to an end.
const TIMEOUT: &str = "3";

/// `(file, state, action)` of `testdata/fixtures.tsv`, in the order of a walk.
fn catalogue() -> Vec<(String, String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/fixtures.tsv");
    let text = std::fs::read_to_string(path).expect("the catalogue can be read");
    let mut rows: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split('\t').map(str::to_string);
            let mut cell = || cells.next().expect("a row has three cells at least");
            (cell(), cell(), cell())
        })
        .collect();
    rows.sort();
    rows
}

/// The arguments of a command on all fixtures.
fn on_all(command: &str, more: &[&str]) -> Vec<String> {
    let mut arguments = vec![command, FIXTURES, "--format", "json", "--timeout", TIMEOUT];
    for name in ["*.gctx", "*.h5ad", "*.loom"] {
        arguments.extend(["--include", name]);
    }
    arguments.iter().chain(more).map(ToString::to_string).collect()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_default()
}

fn file_name(row: &Value) -> &str {
    let path = text(row, "path");
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn rows(report: &Value) -> &[Value] {
    report["files"].as_array().expect("a report has rows")
}

fn counted<'a>(words: impl Iterator<Item = &'a str>) -> Value {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for word in words.filter(|word| !word.is_empty()) {
        *counts.entry(word).or_default() += 1;
    }
    serde_json::json!(counts)
}

fn assert_sums(report: &Value) {
    let (rows, summary) = (rows(report), &report["summary"]);
    let sum = |key: &str| -> u64 { rows.iter().filter_map(|row| row[key].as_u64()).sum() };
    assert_eq!(summary["files"], rows.len());
    assert_eq!(summary["bytes"], sum("bytes"));
    assert_eq!(summary["bytes_after"].as_u64().unwrap_or(0), sum("bytes_after"));
    assert_eq!(summary["by_state"], counted(rows.iter().map(|row| text(row, "state"))));
    assert_eq!(summary["by_outcome"], counted(rows.iter().map(|row| text(row, "outcome"))));
    assert_eq!(summary["by_action"], counted(rows.iter().map(|row| text(&row["plan"], "action"))));
}

#[test]
fn every_fixture_has_one_row_and_originals_stay_as_they_are() {
    let archive = Archive::new(&[]);
    let before = snapshot(Path::new(FIXTURES));
    let catalogue = catalogue();
    let names: Vec<_> = catalogue.iter().map(|(name, ..)| name.as_str()).collect();

    let audit = h5lift(archive.path(), &on_all("audit", &[]));
    assert_eq!(audit.code, Some(0), "{}", audit.stderr);
    let first = h5lift(archive.path(), &on_all("migrate", &["--out-dir", "new"]));
    assert_eq!(first.code, Some(1), "some fixtures are refused: {}", first.stderr);
    let migrated = snapshot(&archive.path().join("new"));
    let second = h5lift(archive.path(), &on_all("migrate", &["--out-dir", "new"]));
    assert_eq!(second.code, Some(1), "they still are: {}", second.stderr);

    for report in [audit.json(), first.json(), second.json()] {
        assert_sums(&report);
        assert_eq!(rows(&report).iter().map(file_name).collect::<Vec<_>>(), names);
        assert_eq!(report["problems"], serde_json::json!([]));
    }
    let mut expected = Vec::new();
    for (row, (name, state, action)) in rows(&first.json()).iter().zip(&catalogue) {
        let outcome = match action.as_str() {
            "migrate" => &["migrated"][..],
            "skip" => &["skipped"],
            // Damage inside of a chunk is only seen when it is read.
            _ => &["refused", "failed"],
        };
        assert_eq!(text(row, "state"), state, "{name}: {row}");
        assert!(outcome.contains(&text(row, "outcome")), "{name}: {row}");
        assert_eq!(row["output"].is_string(), action == "migrate", "{name}: {row}");
        assert_eq!(row["error"].is_object(), action == "refuse", "{name}: {row}");
        if action == "migrate" {
            assert_eq!(row["verified"], "full", "{name}");
            expected.push(PathBuf::from(name));
        }
    }
    assert_eq!(migrated.keys().cloned().collect::<Vec<_>>(), expected, "these files and no other");
    for (before, after) in rows(&first.json()).iter().zip(rows(&second.json())) {
        let outcome = match text(before, "outcome") {
            "migrated" => "skipped",
            other => other,
        };
        assert_eq!(text(after, "outcome"), outcome, "{after}");
    }
    assert_eq!(snapshot(&archive.path().join("new")), migrated, "the second run touched something");
    assert_eq!(snapshot(Path::new(FIXTURES)), before, "an original was touched");
}

#[test]
fn the_same_bytes_whatever_the_number_of_jobs_and_wherever_it_is() {
    let fixtures = [
        "count-4091.h5",
        "dimension-scales.h5",
        "extra-groups.h5",
        "hybrid-40x8.h5",
        "link-hard.h5",
        "storage-chunked.h5",
        "storage-contiguous.h5",
        "storage-lzf.h5",
        "values-f64.h5",
    ];
    let files = |folder: &str| -> Vec<(String, &str)> {
        fixtures.iter().map(|name| (format!("{folder}/{name}"), *name)).collect()
    };
    let copies = [files("here"), files("there/with/another name")].concat();
    let copies: Vec<_> = copies.iter().map(|(path, name)| (path.as_str(), *name)).collect();
    let archive = Archive::new(&copies);
    for arguments in [
        ["migrate", "here", "--out-dir", "one", "-j1", "-q"],
        ["migrate", "here", "--out-dir", "four", "-j4", "-q"],
        ["migrate", "there/with/another name", "--out-dir", "elsewhere", "-j3", "-q"],
    ] {
        let ran = h5lift(archive.path(), &arguments);
        assert_eq!((ran.code, ran.stdout, ran.stderr), (Some(0), String::new(), String::new()));
    }
    for name in fixtures {
        // Alone, a file gets all the threads that there are.
        let (input, output) = (format!("here/{name}"), format!("alone/{name}"));
        let ran = h5lift(archive.path(), &["migrate", &input, "-o", &output, "-j4", "-q"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    let digests = |folder: &str| -> BTreeMap<PathBuf, String> {
        let seen = snapshot(&archive.path().join(folder)).into_iter();
        seen.map(|(path, Seen { sha256, .. })| (path, sha256)).collect()
    };
    let expected = digests("one");
    assert_eq!(expected.len(), fixtures.len());
    for folder in ["four", "elsewhere", "alone"] {
        assert_eq!(digests(folder), expected, "{folder}");
    }
}

#[test]
fn a_second_run_over_finished_work_does_nothing() {
    let files = [("a/x.h5", "square.h5"), ("a/b/y.h5", "hybrid.h5"), ("a/c.h5", "current.h5")];
    let archive = Archive::new(&files);
    let arguments = ["migrate", "a", "--out-dir", "new", "--format", "json"];
    let first = h5lift(archive.path(), &arguments);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    assert_eq!(first.json()["summary"]["by_outcome"], serde_json::json!({"migrated": 2, "skipped": 1}));
    let before = snapshot(archive.path());
    let second = h5lift(archive.path(), &arguments);
    assert_eq!((second.code, second.stderr.as_str()), (Some(0), ""));
    assert_eq!(second.json()["summary"]["by_outcome"], serde_json::json!({"skipped": 3}));
    assert_eq!(snapshot(archive.path()), before);

    // Work that is not finished is: a lost file, and a changed original.
    std::fs::remove_file(archive.path().join("new/x.h5")).expect("it was made");
    let third = h5lift(archive.path(), &arguments);
    assert_eq!(third.json()["summary"]["by_outcome"], serde_json::json!({"migrated": 1, "skipped": 2}));
}

#[test]
fn mode_and_modification_time_survive_in_a_new_tree() {
    use std::os::unix::fs::PermissionsExt;
    let archive = Archive::new(&[("a/x.h5", "square.h5")]);
    let old = archive.path().join("a/x.h5");
    let file = std::fs::File::options().write(true).open(&old).expect("it is ours");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_456_000);
    file.set_modified(long_ago).expect("it is ours");
    file.set_permissions(std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    assert_eq!(h5lift(archive.path(), &["migrate", "a", "--out-dir", "new", "-q"]).code, Some(0));
    let seen = snapshot(archive.path());
    let (old, new) = (&seen[Path::new("a/x.h5")], &seen[Path::new("new/x.h5")]);
    assert_eq!((new.mode, new.modified), (old.mode, old.modified));
    assert_eq!((new.mode & 0o777, new.modified.0), (0o640, 1_000_000_000));
    assert_ne!(new.sha256, old.sha256);
}

#[test]
fn a_dry_run_touches_nothing_and_plans_what_a_run_does() {
    let files = [("a/x.h5", "square.h5"), ("a/y.h5", "nameless-both.h5"), ("a/z.h5", "current.h5")];
    let archive = Archive::new(&files);
    let before = snapshot(archive.path());
    for destination in [&["--out-dir", "new"][..], &["--in-place"]] {
        let arguments = [&["migrate", "a", "--dry-run", "--format", "json"], destination].concat();
        let dry = h5lift(archive.path(), &arguments);
        assert_eq!((dry.code, dry.stderr.as_str()), (Some(0), ""));
        let report = dry.json();
        assert_sums(&report);
        let plan = serde_json::json!({"migrate": 1, "refuse": 1, "skip": 1});
        assert_eq!(report["summary"]["by_action"], plan);
        assert!(rows(&report).iter().all(|row| row["outcome"].is_null()));
        assert_eq!(snapshot(archive.path()), before);
    }
    let ran = h5lift(archive.path(), &["migrate", "a", "--out-dir", "new", "--format", "json"]);
    let outcomes = serde_json::json!({"migrated": 1, "refused": 1, "skipped": 1});
    assert_eq!(ran.json()["summary"]["by_outcome"], outcomes);
}
