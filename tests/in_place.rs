//! The guarantees of a migration in place: the original is kept, or nothing is touched.
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

mod support;

use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};
use support::{Archive, FIXTURES, h5lift, snapshot};

#[test]
fn the_original_is_kept_and_the_new_file_holds_all_of_it() {
    let archive = Archive::new(&[("a/x.h5", "hybrid.h5"), ("a/b/y.h5", "storage-lzf.h5")]);
    let before = snapshot(&archive.path().join("a"));
    let ran = h5lift(
        archive.path(),
        &["migrate", "a", "--in-place", "--format", "json"],
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    for row in ran.json()["files"].as_array().expect("a report has rows") {
        assert_eq!(row["outcome"], "migrated", "{row}");
        assert_eq!(row["output"], row["path"], "{row}");
        let kept = format!(
            "{}.h5lift-orig",
            row["path"].as_str().expect("a path is text")
        );
        assert_eq!(row["backup"], kept, "{row}");
    }
    let after = snapshot(&archive.path().join("a"));
    let names: Vec<_> = after
        .keys()
        .map(|path| path.display().to_string())
        .collect();
    assert_eq!(
        names,
        [
            "b",
            "b/y.h5",
            "b/y.h5.h5lift-orig",
            "x.h5",
            "x.h5.h5lift-orig"
        ]
    );
    for name in ["x.h5", "b/y.h5"] {
        let kept = format!("{name}.h5lift-orig");
        let (old, new, kept_as) = (
            &before[Path::new(name)],
            &after[Path::new(name)],
            &after[Path::new(&kept)],
        );
        assert_eq!(kept_as.sha256, old.sha256, "{name}");
        assert_ne!(new.sha256, old.sha256, "{name}");
        let (name, kept) = (format!("a/{name}"), format!("a/{kept}"));
        for arguments in [
            &["verify", &kept, &name][..],
            &["verify", &name],
            &["audit", &name, "--check"],
        ] {
            let proof = h5lift(archive.path(), arguments);
            assert_eq!(proof.code, Some(0), "{arguments:?}: {proof:?}");
        }
        let proof = h5lift(archive.path(), &["verify", &kept, &kept]);
        assert_eq!(proof.code, Some(1), "an old file is no new one: {proof:?}");
    }
}

#[test]
fn a_second_run_in_place_does_nothing() {
    let archive = Archive::new(&[("a/x.h5", "hybrid.h5"), ("a/b/y.h5", "square.h5")]);
    assert_eq!(
        h5lift(archive.path(), &["migrate", "a", "--in-place", "-q"]).code,
        Some(0)
    );
    let before = snapshot(archive.path());
    let again = h5lift(
        archive.path(),
        &["migrate", "a", "--in-place", "--format", "json"],
    );
    assert_eq!((again.code, again.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        again.json()["summary"]["by_outcome"],
        json!({"skipped": 2}),
        "kept originals are no candidates"
    );
    assert_eq!(snapshot(archive.path()), before);
}

#[test]
fn mode_and_modification_time_survive() {
    let archive = Archive::new(&[("a/x.h5", "hybrid.h5")]);
    let path = archive.path().join("a/x.h5");
    let file = std::fs::File::options()
        .write(true)
        .open(&path)
        .expect("it is ours");
    let long_ago = UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_000);
    file.set_modified(long_ago).expect("it is ours");
    file.set_permissions(std::fs::Permissions::from_mode(0o604))
        .expect("it is ours");
    drop(file);
    let before = snapshot(archive.path());
    assert_eq!(
        h5lift(archive.path(), &["migrate", "a", "--in-place", "-q"]).code,
        Some(0)
    );
    let after = snapshot(archive.path());
    let old = &before[Path::new("a/x.h5")];
    for name in ["a/x.h5", "a/x.h5.h5lift-orig"] {
        let new = &after[Path::new(name)];
        assert_eq!((new.mode, new.modified), (old.mode, old.modified), "{name}");
    }
    assert_ne!(after[Path::new("a/x.h5")].sha256, old.sha256);
}

#[test]
fn originals_go_where_they_were_told_to() {
    let archive = Archive::new(&[
        ("a/b/x.h5", "hybrid.h5"),
        ("c/x.h5", "hybrid.h5"),
        ("d/x.h5", "hybrid.h5"),
    ]);
    let original = &snapshot(archive.path())[Path::new("c/x.h5")].sha256;
    for (arguments, kept) in [
        (
            &["migrate", "a", "--in-place", "--backup-dir", "kept", "-q"][..],
            Some("kept/b/x.h5"),
        ),
        (
            &[
                "migrate",
                "c",
                "--in-place",
                "--backup-suffix",
                ".before",
                "-q",
            ],
            Some("c/x.h5.before"),
        ),
        (&["migrate", "d", "--in-place", "--no-backup", "-q"], None),
    ] {
        let before = snapshot(archive.path());
        assert_eq!(
            h5lift(archive.path(), arguments).code,
            Some(0),
            "{arguments:?}"
        );
        let after = snapshot(archive.path());
        let new: Vec<_> = after
            .iter()
            .filter(|(path, _)| !before.contains_key(*path))
            .collect();
        let files: Vec<_> = new
            .iter()
            .filter(|(path, _)| archive.path().join(path).is_file())
            .collect();
        let found: Vec<_> = files
            .iter()
            .map(|(path, seen)| (path.as_path(), &seen.sha256))
            .collect();
        let expected: Vec<_> = kept
            .iter()
            .map(|path| (Path::new(*path), original))
            .collect();
        assert_eq!(found, expected, "{arguments:?}");
    }
}

#[test]
fn an_original_that_cannot_be_kept_stays() {
    let archive = Archive::new(&[("a/x.h5", "hybrid.h5"), ("a/x.h5.h5lift-orig", "square.h5")]);
    let before = snapshot(archive.path());
    let ran = h5lift(archive.path(), &["migrate", "a", "--in-place"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(
        ran.stdout
            .contains("a/x.h5.h5lift-orig, which is already there"),
        "{ran:?}"
    );
    let after = snapshot(archive.path());
    assert_eq!(before[Path::new("a/x.h5")], after[Path::new("a/x.h5")]);
    assert_eq!(
        before[Path::new("a/x.h5.h5lift-orig")],
        after[Path::new("a/x.h5.h5lift-orig")]
    );
}

#[test]
fn linked_files_are_refused_and_elsewhere_they_migrate() {
    let archive = Archive::new(&[("hard/x.h5", "hybrid.h5"), ("soft/target.hdf", "hybrid.h5")]);
    let path = |name: &str| archive.path().join(name);
    std::fs::hard_link(path("hard/x.h5"), path("hard/y.h5")).expect("both are ours");
    std::os::unix::fs::symlink("target.hdf", path("soft/link.h5")).expect("the folder is ours");
    let before = snapshot(archive.path());
    for (file, cause, step) in [
        ("hard/x.h5", "2 names (hard links)", "--out-dir"),
        ("hard/y.h5", "2 names (hard links)", "--out-dir"),
        (
            "soft/link.h5",
            "a symbolic link to target.hdf",
            "name the file itself",
        ),
    ] {
        let ran = h5lift(
            archive.path(),
            &["migrate", file, "--in-place", "--format", "json"],
        );
        assert_eq!(ran.code, Some(1), "{file}: {ran:?}");
        let row = &ran.json()["files"][0];
        assert_eq!(
            (&row["outcome"], &row["error"]["kind"]),
            (&json!("refused"), &json!("linked")),
            "{row}"
        );
        let said = |key: &str, words: &str| {
            row["error"][key]
                .as_str()
                .is_some_and(|text| text.contains(words))
        };
        assert!(
            said("message", file) && said("message", cause) && said("hint", step),
            "{row}"
        );
    }
    // A walk ignores symbolic links: the file to which they lead has its own row.
    let walked = h5lift(archive.path(), &["audit", "soft", "--format", "json"]).json();
    assert_eq!(walked["summary"]["files"], 1);
    assert_eq!(snapshot(archive.path()), before);
    for (input, output) in [
        ("hard/y.h5", "new/hard.h5"),
        ("soft/link.h5", "new/soft.h5"),
    ] {
        assert_eq!(
            h5lift(archive.path(), &["migrate", input, "-o", output, "-q"]).code,
            Some(0)
        );
        assert!(
            path(output)
                .symlink_metadata()
                .expect("it was made")
                .is_file()
        );
    }
}

#[test]
fn what_is_refused_or_fails_stays_as_it_is() {
    let archive = Archive::new(&[]);
    let names = [
        "chunk-flipped-gzip.h5",
        "conflict-order.h5",
        "inconsistent-count.h5",
        "truncated-half.h5",
    ];
    for name in names {
        std::fs::copy(Path::new(FIXTURES).join(name), archive.path().join(name))
            .expect("it is there");
    }
    let before = snapshot(archive.path());
    let ran = h5lift(
        archive.path(),
        &["migrate", ".", "--in-place", "--format", "json"],
    );
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(
        ran.json()["summary"]["by_outcome"],
        json!({"refused": 3, "failed": 1})
    );
    assert_eq!(
        snapshot(archive.path()),
        before,
        "neither a file nor a temporary one"
    );
}
