//! The guarantees of a migration into a new tree.
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

mod support;

use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::{Archive, Seen, h5lift, snapshot};

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
        fixtures
            .iter()
            .map(|name| (format!("{folder}/{name}"), *name))
            .collect()
    };
    let copies = [files("here"), files("there/with/another name")].concat();
    let copies: Vec<_> = copies
        .iter()
        .map(|(path, name)| (path.as_str(), *name))
        .collect();
    let archive = Archive::new(&copies);
    for arguments in [
        ["migrate", "here", "--out-dir", "one", "-j1", "-q"],
        ["migrate", "here", "--out-dir", "four", "-j4", "-q"],
        [
            "migrate",
            "there/with/another name",
            "--out-dir",
            "elsewhere",
            "-j3",
            "-q",
        ],
    ] {
        let ran = h5lift(archive.path(), &arguments);
        assert_eq!(
            (ran.code, ran.stdout, ran.stderr),
            (Some(0), String::new(), String::new())
        );
    }
    for name in fixtures {
        // Alone, a file gets all threads.
        let (input, output) = (format!("here/{name}"), format!("alone/{name}"));
        let ran = h5lift(
            archive.path(),
            &["migrate", &input, "-o", &output, "-j4", "-q"],
        );
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    let digests = |folder: &str| -> BTreeMap<PathBuf, String> {
        let seen = snapshot(&archive.path().join(folder)).into_iter();
        seen.map(|(path, Seen { sha256, .. })| (path, sha256))
            .collect()
    };
    let expected = digests("one");
    assert_eq!(expected.len(), fixtures.len());
    for folder in ["four", "elsewhere", "alone"] {
        assert_eq!(digests(folder), expected, "{folder}");
    }
}

#[test]
fn a_second_run_over_finished_work_does_nothing() {
    let files = [
        ("a/x.h5", "square.h5"),
        ("a/b/y.h5", "hybrid.h5"),
        ("a/c.h5", "current.h5"),
    ];
    let archive = Archive::new(&files);
    let arguments = ["migrate", "a", "--out-dir", "new", "--format", "json"];
    let first = h5lift(archive.path(), &arguments);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        first.json()["summary"]["by_outcome"],
        json!({"migrated": 2, "skipped": 1})
    );
    let before = snapshot(archive.path());
    let second = h5lift(archive.path(), &arguments);
    assert_eq!((second.code, second.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        second.json()["summary"]["by_outcome"],
        json!({"skipped": 3})
    );
    assert_eq!(snapshot(archive.path()), before);

    // Only unfinished work is done: a lost file, and a changed original.
    std::fs::remove_file(archive.path().join("new/x.h5")).expect("it was made");
    let third = h5lift(archive.path(), &arguments);
    assert_eq!(
        third.json()["summary"]["by_outcome"],
        json!({"migrated": 1, "skipped": 2})
    );
}

#[test]
fn mode_and_modification_time_survive_in_a_new_tree() {
    use std::os::unix::fs::PermissionsExt;
    let archive = Archive::new(&[("a/x.h5", "square.h5")]);
    let old = archive.path().join("a/x.h5");
    let file = std::fs::File::options()
        .write(true)
        .open(&old)
        .expect("it is ours");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_456_000);
    file.set_modified(long_ago).expect("it is ours");
    file.set_permissions(std::fs::Permissions::from_mode(0o640))
        .expect("it is ours");
    assert_eq!(
        h5lift(archive.path(), &["migrate", "a", "--out-dir", "new", "-q"]).code,
        Some(0)
    );
    let seen = snapshot(archive.path());
    let (old, new) = (&seen[Path::new("a/x.h5")], &seen[Path::new("new/x.h5")]);
    assert_eq!((new.mode, new.modified), (old.mode, old.modified));
    assert_eq!((new.mode & 0o777, new.modified.0), (0o640, 1_000_000_000));
    assert_ne!(new.sha256, old.sha256);
}

#[test]
fn a_dry_run_touches_nothing_and_plans_what_a_run_does() {
    let files = [
        ("a/x.h5", "square.h5"),
        ("a/y.h5", "nameless-both.h5"),
        ("a/z.h5", "current.h5"),
    ];
    let archive = Archive::new(&files);
    let before = snapshot(archive.path());
    for destination in [&["--out-dir", "new"][..], &["--in-place"]] {
        let arguments = [
            &["migrate", "a", "--dry-run", "--format", "json"],
            destination,
        ]
        .concat();
        let dry = h5lift(archive.path(), &arguments);
        assert_eq!((dry.code, dry.stderr.as_str()), (Some(0), ""));
        let report = dry.json();
        let plan = json!({"migrate": 1, "refuse": 1, "skip": 1});
        assert_eq!(report["summary"]["by_action"], plan);
        assert_eq!(report["summary"]["by_outcome"], json!({}));
        assert_eq!(snapshot(archive.path()), before);
    }
    let ran = h5lift(
        archive.path(),
        &["migrate", "a", "--out-dir", "new", "--format", "json"],
    );
    let outcomes = json!({"migrated": 1, "refused": 1, "skipped": 1});
    assert_eq!(ran.json()["summary"]["by_outcome"], outcomes);
}
