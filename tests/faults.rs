//! One bad file, one dead worker, a reader that goes away: each costs its own row, or nothing.
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

mod support;

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{Archive, FIXTURES, Ran, h5lift, snapshot};

fn rows(ran: &Ran) -> Vec<Value> {
    ran.json()["files"]
        .as_array()
        .expect("a report has rows")
        .clone()
}

#[test]
fn a_file_that_hangs_the_library_costs_its_own_deadline_and_row() {
    let files = [
        ("a/a.h5", "square.h5"),
        ("a/hangs.h5", "heap-zeroed-sector-dense.h5"),
        ("a/z.h5", "hybrid.h5"),
    ];
    let archive = Archive::new(&files);
    let begun = Instant::now();
    let arguments = [
        "migrate",
        "a",
        "--out-dir",
        "new",
        "--timeout",
        "1",
        "--format",
        "json",
    ];
    let ran = h5lift(archive.path(), &arguments);
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "took {:?}",
        begun.elapsed()
    );
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let outcomes: Vec<_> = rows(&ran)
        .iter()
        .map(|row| row["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["migrated", "refused", "migrated"]);
    let row = &rows(&ran)[1];
    assert_eq!(row["state"], "damaged");
    let reason = row["reason"].as_str().expect("a reason is text");
    assert!(
        reason.contains("while reading names") && reason.contains("no progress within 1 s"),
        "{reason}"
    );
    assert!(row["error"]["hint"].is_string(), "{row}");
    let made: Vec<_> = snapshot(&archive.path().join("new")).into_keys().collect();
    assert_eq!(
        made,
        [Path::new("a.h5"), Path::new("z.h5")],
        "no temporary file is left"
    );
}

#[test]
fn a_heap_that_would_hang_the_library_is_named_at_once() {
    for (file, said) in [
        (
            "heap-zeroed-sector.h5",
            "attribute gene_names of /expr: names heap at offset",
        ),
        ("heap-zeroed-sector.h5", "object of size 0 at offset"),
        ("heap-zeroed-sector-hybrid.h5", "object of size 0 at offset"),
        ("heap-length-bomb.h5", "4294967280 bytes"),
        (
            "heap-signature-lost.h5",
            "no heap of names begins at offset",
        ),
    ] {
        let archive = Archive::new(&[("x.h5", file)]);
        let ran = h5lift(
            archive.path(),
            &["audit", "x.h5", "--format", "json", "--timeout", "20"],
        );
        let row = &rows(&ran)[0];
        assert_eq!(row["state"], "damaged", "{row}");
        let reason = row["reason"].as_str().expect("a reason is text");
        assert!(
            reason.contains(said) && !reason.contains("no progress"),
            "{reason}"
        );
    }
}

#[test]
fn the_least_memory_suffices() {
    let archive = Archive::new(&[
        ("x.h5", "hybrid-40x8.h5"),
        ("bomb.h5", "heap-length-bomb.h5"),
    ]);
    let arguments = [
        "migrate",
        ".",
        "--out-dir",
        "../new",
        "--memory",
        "256M",
        "--format",
        "json",
    ];
    let folder = archive.path().join("old");
    std::fs::create_dir(&folder).expect("the folder is ours");
    for name in ["x.h5", "bomb.h5"] {
        std::fs::rename(archive.path().join(name), folder.join(name)).expect("both are ours");
    }
    let ran = h5lift(&folder, &arguments);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let found: Vec<_> = rows(&ran)
        .iter()
        .map(|row| [row["state"].clone(), row["outcome"].clone()])
        .collect();
    assert_eq!(
        found,
        [["damaged", "refused"], ["hybrid", "migrated"]].map(|row| row.map(Value::from))
    );
}

/// Runs a copy of h5lift that may not be executed any more before it has read any path, so that no worker starts.
#[cfg(target_os = "linux")]
fn without_workers(archive: &Archive, arguments: &[&str]) -> Ran {
    let program = archive.path().join("h5lift");
    std::fs::copy(env!("CARGO_BIN_EXE_h5lift"), &program).expect("both are below target/");
    let mut child = Command::new(&program)
        .args(arguments)
        .args(["--files-from", "-"])
        .current_dir(archive.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("h5lift can be started");
    let unusable = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&program, unusable).expect("it was just made");
    let mut list = child.stdin.take().expect("it is piped");
    list.write_all(b"x.h5\n").expect("h5lift reads its list");
    drop(list);
    let ran = child.wait_with_output().expect("h5lift ends").into();
    std::fs::remove_file(&program).expect("it was just made");
    ran
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_cannot_be_started_is_said_and_nothing_is_made() {
    let archive = Archive::new(&[("x.h5", "hybrid.h5")]);
    let before = snapshot(archive.path());
    let ran = without_workers(&archive, &["migrate", "--out-dir", "new"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(
        said.contains("worker") && said.contains("Permission denied"),
        "{said}"
    );
    assert_eq!(snapshot(archive.path()), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_worker_that_cannot_be_started_says_nothing_of_the_file() {
    let archive = Archive::new(&[("x.h5", "hybrid.h5")]);
    for arguments in [&["audit"][..], &["migrate", "--in-place"]] {
        let ran = without_workers(&archive, arguments);
        assert_eq!(ran.code, Some(1), "it could not look: {ran:?}");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(
            !said.contains("damaged") && !said.contains("restore it from a backup"),
            "{said}"
        );
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let archive = Archive::new(&[("a/x.h5", "hybrid.h5"), ("a/y.h5", "square.h5")]);
    for arguments in [
        &["audit", "a"][..],
        &["audit", "a", "--format", "json"],
        &["audit", "a", "--format", "jsonl"],
        &["audit", "a", "--format", "tsv"],
        &["show", "a/x.h5"],
        &["man"],
        &["licenses"],
        &["completions", "zsh"],
        &["migrate", "a", "--out-dir", "new", "--format", "jsonl"],
        &["verify", "a/x.h5", "new/x.h5"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_h5lift"));
        command
            .args(arguments)
            .current_dir(archive.path())
            .stdout(writer)
            .stderr(Stdio::piped());
        let ran = Ran::from(command.output().expect("h5lift can be started"));
        assert_eq!(
            (ran.code, ran.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
    assert!(
        archive.path().join("new/y.h5").exists(),
        "the work is done though nobody listens"
    );
}

#[test]
fn a_reader_that_leaves_halfway_gets_whole_lines() {
    let archive = Archive::new(&[("a/x.h5", "hybrid.h5"), ("a/y.h5", "square.h5")]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_h5lift"))
        .args(["audit", "a", "--format", "jsonl"])
        .current_dir(archive.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("h5lift can be started");
    let mut first = [0; 16];
    child
        .stdout
        .take()
        .expect("it is piped")
        .read_exact(&mut first)
        .expect("there is a row");
    assert_eq!(&first, br#"{"path":"a/x.h5""#);
    assert_eq!(child.wait().expect("h5lift ends").code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text_migrate() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let archive = Archive::new(&[("a/sub/x.h5", "hybrid.h5")]);
    let name = OsStr::from_bytes(b"caf\xe9 \x1b[31m\n\xf0\x9f\xa7\xac.h5");
    let original = Path::new(FIXTURES).join("square.h5");
    std::fs::copy(&original, archive.path().join("a").join(name)).expect("the fixture is there");
    let arguments = ["migrate", "a", "--out-dir", "new", "--format", "json"];
    let ran = h5lift(archive.path(), &arguments);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let odd = rows(&ran)
        .into_iter()
        .find(|row| row["path_bytes"].is_string())
        .expect("one path is no text");
    let hex: String = "a/"
        .bytes()
        .chain(name.as_bytes().iter().copied())
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        (&odd["path_bytes"], &odd["outcome"]),
        (&json!(hex), &json!("migrated"))
    );
    let new = archive.path().join("new").join(name);
    let proof = h5lift(
        archive.path(),
        &[OsStr::new("verify"), original.as_os_str(), new.as_os_str()],
    );
    assert_eq!(proof.code, Some(0), "{proof:?}");
    // Neither the escape nor the newline of the name reaches the terminal.
    assert!(
        !proof.stdout.contains('\x1b') && proof.stdout.contains("\\x1b[31m"),
        "{proof:?}"
    );
    let in_place = h5lift(archive.path(), &["migrate", "a", "--in-place"]);
    assert_eq!(in_place.code, Some(0), "{in_place:?}");
    assert!(!in_place.stdout.contains('\x1b'), "{in_place:?}");
    let kept = [name.as_bytes(), b".h5lift-orig"].concat();
    assert!(
        archive
            .path()
            .join("a")
            .join(OsStr::from_bytes(&kept))
            .exists()
    );
}
