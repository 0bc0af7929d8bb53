//! The guarantees of `--salvage`, without a second reader: rows, exit codes, files that stay.
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

mod support;

use serde_json::{Value, json};
use support::{Archive, h5lift, snapshot};

const DAMAGED: [(&str, &str); 4] = [
    ("in/fletcher32.h5", "chunk-flipped-fletcher32.h5"),
    ("in/gzip.h5", "chunk-flipped-gzip.h5"),
    ("in/integers.h5", "chunk-flipped-int32.h5"),
    ("in/twice.h5", "chunk-flipped-twice.h5"),
];

fn salvage(archive: &Archive, jobs: &str, to: &str) -> Value {
    let arguments = [
        "migrate",
        "in",
        "--salvage",
        "--out-dir",
        to,
        jobs,
        "--format",
        "json",
    ];
    let ran = h5lift(archive.path(), &arguments);
    assert_eq!(ran.code, Some(1), "values were lost: {}", ran.stderr);
    ran.json()
}

#[test]
fn floats_are_salvaged_integers_refused_and_originals_left_alone() {
    let archive = Archive::new(&DAMAGED);
    let before = snapshot(&archive.path().join("in"));
    let report = salvage(&archive, "-j1", "one");
    assert_eq!(
        report["summary"]["by_outcome"],
        json!({"refused": 1, "salvaged": 3})
    );
    let rows = report["files"].as_array().expect("a report has rows");
    let lost: Vec<_> = rows.iter().map(|row| row["lost_chunks"].as_u64()).collect();
    assert_eq!(lost, [Some(1), Some(1), None, Some(2)]);
    for row in rows {
        assert_eq!(row["state"], "damaged", "{row}");
        assert_eq!(
            row["error"].is_null(),
            row["outcome"] == "salvaged",
            "{row}"
        );
    }
    let refusal = rows[2]["error"]["message"].as_str().unwrap_or_default();
    assert!(
        refusal.contains("integers (<i4) have no value"),
        "{refusal}"
    );

    // The same bytes with any number of threads and verifiers.
    salvage(&archive, "-j4", "four");
    let sums = |folder: &str| {
        let seen = snapshot(&archive.path().join(folder)).into_values();
        seen.map(|seen| seen.sha256).collect::<Vec<_>>()
    };
    assert_eq!(sums("one"), sums("four"));
    assert_eq!(sums("one").len(), 3);
    assert_eq!(snapshot(&archive.path().join("in")), before);
}

#[test]
fn it_is_never_done_in_place() {
    let archive = Archive::new(&DAMAGED);
    let before = snapshot(archive.path());
    for arguments in [
        ["migrate", "in", "--salvage", "--in-place"],
        ["migrate", "in", "--in-place", "--salvage"],
    ] {
        assert_eq!(h5lift(archive.path(), &arguments).code, Some(2));
    }
    assert_eq!(snapshot(archive.path()), before);
}

#[test]
fn audit_goes_on_telling_what_was_lost() {
    let archive = Archive::new(&DAMAGED[3..]);
    let migrated = salvage(&archive, "-j1", "new");
    let audit = h5lift(archive.path(), &["audit", "new", "--format", "json"]).json();
    let row = &audit["files"][0];
    assert_eq!(row["state"], "current");
    let told = &row["findings"][0];
    assert_eq!(*told, migrated["files"][0]["findings"][0]);
    assert_eq!(
        told["detail"],
        "2 of 9 chunks of /expr could not be decoded, their values are NaN here: \
         rows 0-15, columns 4-7; rows 32-39, columns 8-9"
    );
}
