//! A run that is one of many: its shard, its signals, its locks, and outputs that workflow engines wait for.
#![expect(clippy::expect_used, reason = "a test without its files must fail")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Archive, Ran, h5lift, snapshot};

/// Copies of one file: `tree/{number}.h5`.
fn archive_of(files: usize) -> Archive {
    let names: Vec<String> = (0..files)
        .map(|number| format!("tree/{number}.h5"))
        .collect();
    let files: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), "square.h5"))
        .collect();
    Archive::new(&files)
}

fn paths(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let rows = report["files"].as_array().expect("a report has rows");
    let path = |row: &serde_json::Value| row["path"].as_str().expect("a path is text").to_string();
    rows.iter().map(path).collect()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_h5lift"));
    command.args(arguments).current_dir(folder);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn shards_share_a_tree_and_each_file_is_in_one() {
    let archive = archive_of(20);
    for (prefix, is_streamed) in [("", true), ("", false), ("slice:", true), ("slice:", false)] {
        let mut met = BTreeSet::new();
        let mut files = 0;
        for number in 1..=3 {
            let shard = format!("{prefix}{number}/3");
            // `--quiet` and JSON lines need no row twice, so that candidates are streamed.
            let format = if is_streamed { "tsv" } else { "json" };
            let ran = h5lift(
                archive.path(),
                &["audit", "tree", "--shard", &shard, "--format", format],
            );
            assert_eq!(ran.code, Some(0), "{ran:?}");
            let found: Vec<String> = match is_streamed {
                true => ran
                    .stdout
                    .lines()
                    .skip(1)
                    .map(|line| line.split('\t').next().unwrap_or("").to_string())
                    .collect(),
                false => paths(&ran),
            };
            files += found.len();
            met.extend(found);
        }
        assert_eq!((files, met.len()), (20, 20), "{prefix}");
    }
    let ran = h5lift(
        archive.path(),
        &[
            "migrate",
            "tree",
            "--out-dir",
            "new",
            "--shard",
            "100000/100000",
        ],
    );
    assert_eq!(ran.code, Some(0), "an empty shard is done: {ran:?}");
    assert!(!archive.path().join("new").exists());
}

#[test]
fn auto_takes_the_shard_of_the_task_and_never_the_whole_tree() {
    let archive = archive_of(4);
    let run = |shard: &str, variables: &[(&str, &str)]| -> Ran {
        let arguments = [
            "migrate",
            "tree",
            "--out-dir",
            "new",
            "--shard",
            shard,
            "--format",
            "json",
        ];
        let mut command = command(archive.path(), &arguments);
        command.envs(variables.iter().copied());
        command.output().expect("h5lift can be started").into()
    };
    for shard in ["auto", "auto/4"] {
        let ran = run(shard, &[("SGE_TASK_ID", "undefined")]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.stderr.contains("no array task"), "{ran:?}");
        assert!(!archive.path().join("new").exists());
    }
    let mut done = 0;
    for index in ["0", "1"] {
        let variables = [
            ("AWS_BATCH_JOB_ARRAY_INDEX", index),
            ("AWS_BATCH_JOB_ARRAY_SIZE", "2"),
        ];
        let ran = run("auto", &variables);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        done += paths(&ran).len();
    }
    assert_eq!(done, 4);
    assert_eq!(snapshot(&archive.path().join("new")).len(), 4);
}

#[test]
fn a_folder_is_verified_with_its_originals_by_shards() {
    let archive = archive_of(6);
    h5lift(archive.path(), &["migrate", "tree", "--out-dir", "new"]);
    let mut verified = 0;
    for shard in ["1/2", "2/2"] {
        let ran = h5lift(
            archive.path(),
            &[
                "verify", "tree", "new", "--shard", shard, "--format", "json",
            ],
        );
        assert_eq!(ran.code, Some(0), "{ran:?}");
        verified += paths(&ran).len();
    }
    assert_eq!(verified, 6);
    let whole = h5lift(archive.path(), &["verify", "new", "--quiet"]);
    assert_eq!(whole.code, Some(0), "{whole:?}");
    // The new file of another file is not one of this.
    std::fs::copy(
        archive.path().join("new/1.h5"),
        archive.path().join("tree/0.h5"),
    )
    .expect("both are ours");
    std::fs::remove_file(archive.path().join("tree/1.h5")).expect("it is ours");
    let ran = h5lift(
        archive.path(),
        &["verify", "tree", "new", "--format", "json"],
    );
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.json()["summary"]["by_outcome"]["failed"], 1);
}

#[test]
fn a_file_that_needs_nothing_has_an_output_too_if_that_is_wanted() {
    let archive = Archive::new(&[
        ("tree/current.h5", "current.h5"),
        ("tree/sub/legacy.h5", "square.h5"),
    ]);
    let at = |path: &str| archive.path().join(path);
    let one = |how: &str| {
        h5lift(
            archive.path(),
            &[
                "migrate",
                "tree/current.h5",
                "-o",
                "out.h5",
                "--if-current",
                how,
                "-q",
            ],
        )
    };
    let skipped = one("skip");
    assert_eq!(skipped.code, Some(0));
    assert!(skipped.stderr.contains("--if-current copy"), "{skipped:?}");
    assert!(!at("out.h5").exists());

    for how in ["copy", "link"] {
        let folder = [
            "migrate",
            "tree",
            "--out-dir",
            how,
            "--if-current",
            how,
            "--format",
            "json",
        ];
        let dry = h5lift(archive.path(), &[&folder[..], &["--dry-run"]].concat());
        assert!(dry.stdout.contains("it would be"), "{dry:?}");
        assert!(!at(how).exists());
        let inode = |path: &Path| {
            snapshot(path)
                .into_values()
                .map(|seen| seen.inode)
                .collect::<BTreeSet<u64>>()
        };
        for round in 0..2 {
            let ran = h5lift(archive.path(), &folder);
            assert_eq!(ran.code, Some(0), "{ran:?}");
            let outcomes = &ran.json()["summary"]["by_outcome"];
            assert_eq!(outcomes["skipped"], 1 + round, "{ran:?}");
        }
        let [old, new] = ["tree", how].map(|folder| snapshot(&at(folder)));
        let name = Path::new("current.h5");
        assert_eq!(
            (&old[name].sha256, old[name].modified),
            (&new[name].sha256, new[name].modified)
        );
        assert_eq!(old[name].inode == new[name].inode, how == "link");
        assert_eq!(inode(&at(how)).len(), 3);
        // Another file under that name is not replaced.
        std::fs::remove_file(at(how).join("current.h5")).expect("it is ours");
        std::fs::write(at(how).join("current.h5"), "other").expect("it is ours");
        let ran = h5lift(archive.path(), &folder);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(
            std::fs::read(at(how).join("current.h5")).expect("it is there"),
            b"other"
        );
        let ran = h5lift(archive.path(), &[&folder[..], &["--overwrite"]].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(snapshot(&at(how))[name].sha256, old[name].sha256);
    }
    let ran = h5lift(
        archive.path(),
        &["migrate", "tree", "--in-place", "--if-current", "copy"],
    );
    assert_eq!(ran.code, Some(2));
}

fn signal(name: &str, process: &Child) {
    let sent = Command::new("kill")
        .arg(name)
        .arg(process.id().to_string())
        .status();
    assert!(sent.expect("kill can be started").success(), "{name}");
}

/// A run in place that has finished its first file.
fn begun(archive: &Archive) -> Child {
    let arguments = [
        "migrate",
        "tree",
        "--in-place",
        "--format",
        "json",
        "--ledger",
        "lift.jsonl",
    ];
    let process = command(archive.path(), &arguments)
        .spawn()
        .expect("h5lift can be started");
    let begun = Instant::now();
    while done(archive) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no file is done");
        std::thread::sleep(Duration::from_millis(1));
    }
    process
}

/// Originals that are kept.
fn done(archive: &Archive) -> usize {
    let names = names(&archive.path().join("tree"));
    names.iter().filter(|name| name.ends_with("-orig")).count()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("it is ours");
    entries
        .map(|entry| {
            let name = entry.expect("it can be listed").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect()
}

#[test]
fn warnings_of_schedulers_end_a_run_in_order_and_the_next_one_goes_on() {
    for signals in [
        &["-TERM", "-TERM", "-CONT"][..],
        &["-USR1"],
        &["-USR2"],
        &["-XCPU"],
        &["-INT"],
    ] {
        let archive = archive_of(300);
        let process = begun(&archive);
        for name in signals {
            signal(name, &process);
            std::thread::sleep(Duration::from_millis(2));
        }
        let ran: Ran = process.wait_with_output().expect("it ends").into();
        assert_eq!(ran.code, Some(130), "{signals:?}: {ran:?}");
        assert!(
            ran.stderr.contains("skipped if you go on: h5lift migrate"),
            "{ran:?}"
        );
        let rows = paths(&ran).len();
        assert!(rows > 0 && rows < 300, "{rows} rows");
        assert_eq!(rows, done(&archive), "{signals:?}");
        let left = names(&archive.path().join("tree"));
        assert!(!left.iter().any(|name| name.starts_with('.')), "{left:?}");
        if *signals == ["-USR1"] {
            let again = h5lift(
                archive.path(),
                &[
                    "migrate",
                    "tree",
                    "--in-place",
                    "-q",
                    "--ledger",
                    "lift.jsonl",
                ],
            );
            assert_eq!(again.code, Some(0), "{again:?}");
            assert_eq!(done(&archive), 300);
        }
    }
}

#[test]
fn only_a_second_interrupt_stops_at_once() {
    // It waits for the end of its input.
    let archive = archive_of(0);
    std::fs::create_dir_all(archive.path()).expect("it is ours");
    let mut run = command(
        archive.path(),
        &["convert", "-", "-o", "x.h5", "--timeout", "600"],
    );
    for (signals, is_stopped) in [(&["-INT", "-INT"][..], true), (&["-CONT"], false)] {
        let mut process = run
            .stdin(Stdio::piped())
            .spawn()
            .expect("h5lift can be started");
        std::thread::sleep(Duration::from_millis(300));
        for name in signals {
            signal(name, &process);
        }
        if !is_stopped {
            let mut stdin = process.stdin.take().expect("it is piped");
            std::io::Write::write_all(&mut stdin, b"gene\ta\tb\nx\t1\t2\ny\t3\t4\n")
                .expect("it reads");
        }
        let ran: Ran = process.wait_with_output().expect("it ends").into();
        assert_eq!(ran.code, Some(if is_stopped { 130 } else { 0 }), "{ran:?}");
    }
}

#[test]
fn a_run_that_was_suspended_longer_than_its_time_limit_goes_on() {
    let archive = archive_of(0);
    let arguments = ["convert", "-", "-o", "x.h5", "--timeout", "2"];
    let mut process = command(archive.path(), &arguments)
        .stdin(Stdio::piped())
        .spawn()
        .expect("h5lift can be started");
    std::thread::sleep(Duration::from_millis(300));
    let children = || {
        let path = format!("/proc/{0}/task/{0}/children", process.id());
        std::fs::read_to_string(path).unwrap_or_default()
    };
    let workers = children();
    let all: Vec<String> = workers
        .split_whitespace()
        .map(String::from)
        .chain([process.id().to_string()])
        .collect();
    let send = |name: &str| {
        let sent = Command::new("kill").arg(name).args(&all).status();
        assert!(sent.expect("kill can be started").success(), "{name}");
    };
    send("-STOP");
    std::thread::sleep(Duration::from_secs(3));
    send("-CONT");
    let mut stdin = process.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut stdin, b"gene\ta\tb\nx\t1\t2\ny\t3\t4\n").expect("it reads");
    drop(stdin);
    let ran: Ran = process.wait_with_output().expect("it ends").into();
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

/// What the shell of `sbatch` gets.
fn printed_command(ran: &Ran) -> String {
    let line = ran
        .stdout
        .rsplit("--wrap=")
        .next()
        .expect("there is a command");
    let shown = Command::new("sh")
        .arg("-c")
        .arg(format!("printf %s {line}"))
        .output();
    String::from_utf8_lossy(&shown.expect("sh can be started").stdout).into_owned()
}

#[test]
fn a_plan_says_how_to_submit_and_changes_nothing() {
    let archive = Archive::new(&[
        ("a tree/a.h5", "square.h5"),
        ("a tree/b.h5", "hybrid.h5"),
        ("a tree/c.h5", "current.h5"),
    ]);
    let before = snapshot(archive.path());
    let ran = h5lift(archive.path(), &["plan", "a tree", "--target", "2h"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.starts_with("2 files of"), "{ran:?}");
    for part in [
        "sbatch --array=1-1 ",
        "--time=04:00:00",
        "a tree",
        "--shard auto",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {ran:?}");
    }
    // The shell of sbatch gets the path as it was given.
    let wrapped = printed_command(&ran);
    assert!(
        wrapped.starts_with("exec h5lift migrate 'a tree' --in-place"),
        "{wrapped}"
    );
    // The command that is printed takes the same files.
    let ran = h5lift(
        archive.path(),
        &["plan", "a tree", "--exclude", "b*", "--target", "2h"],
    );
    let command = printed_command(&ran).replace("exec h5lift ", "");
    let words = Command::new("sh")
        .arg("-c")
        .arg(format!("printf '%s\\n' {command}"))
        .output();
    let words = String::from_utf8_lossy(&words.expect("sh can be started").stdout).into_owned();
    let mut words: Vec<&str> = words.lines().collect();
    words.extend(["--dry-run", "--format", "tsv"]);
    let words: Vec<&str> = words
        .into_iter()
        .map(|word| if word == "auto" { "1/1" } else { word })
        .collect();
    let dry = h5lift(archive.path(), &words);
    assert!(
        dry.stdout.contains("a.h5") && !dry.stdout.contains("b.h5"),
        "{words:?}: {dry:?}"
    );
    assert_eq!(
        h5lift(archive.path(), &["plan", "a tree", "--target", "soon"]).code,
        Some(2)
    );
    assert_eq!(snapshot(archive.path()), before);
}
