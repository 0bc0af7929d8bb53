//! Every fixture, compared with the catalogue: one row each, totals that add up, unchanged originals.
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::{Archive, FIXTURES, h5lift, snapshot};

/// Long enough for a busy machine, short enough for the fixtures that never end.
const TIMEOUT: &str = "2";

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
    arguments
        .iter()
        .chain(more)
        .map(ToString::to_string)
        .collect()
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
    assert_eq!(
        summary["bytes_after"].as_u64().unwrap_or(0),
        sum("bytes_after")
    );
    assert_eq!(
        summary["by_state"],
        counted(rows.iter().map(|row| text(row, "state")))
    );
    assert_eq!(
        summary["by_outcome"],
        counted(rows.iter().map(|row| text(row, "outcome")))
    );
    assert_eq!(
        summary["by_action"],
        counted(rows.iter().map(|row| text(&row["plan"], "action")))
    );
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
    assert_eq!(
        first.code,
        Some(1),
        "some fixtures are refused: {}",
        first.stderr
    );
    let migrated = snapshot(&archive.path().join("new"));
    let second = h5lift(archive.path(), &on_all("migrate", &["--out-dir", "new"]));
    assert_eq!(second.code, Some(1), "they still are: {}", second.stderr);

    for report in [audit.json(), first.json(), second.json()] {
        assert_sums(&report);
        assert_eq!(
            rows(&report).iter().map(file_name).collect::<Vec<_>>(),
            names
        );
        assert_eq!(report["problems"], serde_json::json!([]));
    }
    let mut expected = Vec::new();
    for (row, (name, state, action)) in rows(&first.json()).iter().zip(&catalogue) {
        let outcome = match action.as_str() {
            "migrate" => &["migrated"][..],
            "skip" => &["skipped"],
            // Damage inside of a chunk is detected only if it is read.
            _ => &["refused", "failed"],
        };
        assert_eq!(text(row, "state"), state, "{name}: {row}");
        assert!(outcome.contains(&text(row, "outcome")), "{name}: {row}");
        assert_eq!(
            row["output"].is_string(),
            action == "migrate",
            "{name}: {row}"
        );
        assert_eq!(
            row["error"].is_object(),
            action == "refuse",
            "{name}: {row}"
        );
        if action == "migrate" {
            assert_eq!(row["verified"], "full", "{name}");
            expected.push(PathBuf::from(name));
        }
    }
    assert_eq!(
        migrated.keys().cloned().collect::<Vec<_>>(),
        expected,
        "these files and no other"
    );
    for (before, after) in rows(&first.json()).iter().zip(rows(&second.json())) {
        let outcome = match text(before, "outcome") {
            "migrated" => "skipped",
            other => other,
        };
        assert_eq!(text(after, "outcome"), outcome, "{after}");
    }
    assert_eq!(
        snapshot(&archive.path().join("new")),
        migrated,
        "the second run touched something"
    );
    assert_eq!(
        snapshot(Path::new(FIXTURES)),
        before,
        "an original was touched"
    );
}
