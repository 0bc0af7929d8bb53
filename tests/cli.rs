//! The contract of the command line, as data: `tests/cmd/*.trycmd` hold commands, exit codes and output.
//!
//! All of them run in one folder of copied fixtures, so none of them writes where another one reads. After a
//! change of the texts, review what `TRYCMD=overwrite` makes of the cases.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot lay out its files must fail"
)]

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use support::{Archive, FIXTURES, h5lift, snapshot};
use trycmd::TestCases;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/*.trycmd");

/// Everything is in one test: where trycmd runs its commands is a property of the process.
#[test]
fn the_command_line_keeps_its_contract() {
    let archive = Archive::new(&[
        ("archive/batch-1/hybrid.h5", "hybrid.h5"),
        ("archive/batch-1/plain.h5", "values-f64.h5"),
        ("archive/batch-2/conflict.h5", "conflict-one-name.h5"),
        ("archive/batch-2/nameless.h5", "nameless-both.h5"),
        ("archive/batch-2/truncated.h5", "truncated-half.h5"),
        ("archive/cells.h5", "foreign.h5ad"),
        ("archive/current.h5", "current.h5"),
        ("archive/table.h5", "not-text.h5"),
        ("done/current.h5", "current.h5"),
        ("more/batch-1/hybrid.h5", "hybrid-toy.h5"),
        ("replace/hybrid.h5", "hybrid.h5"),
        ("latin1.h5", "names-vlen-latin1.h5"),
        ("contiguous.h5", "current-contiguous.h5"),
        ("empty/readme.txt", "not-text.h5"),
        ("odd/genes.h5", "oddity-genes.h5"),
        ("odd/samples.h5", "oddity-samples.h5"),
        ("odd/values.h5", "oddity-nan-sample.h5"),
        ("odd/counts.h5", "oddity-inexact-counts.h5"),
        ("odd/duplicate.h5", "text-duplicate.h5"),
        ("flipped.h5", "chunk-flipped-gzip.h5"),
        ("ledgers/kept/a.h5", "hybrid.h5"),
        ("ledgers/purged/a.h5", "hybrid.h5"),
        ("ledgers/lost/a.h5", "hybrid.h5"),
        ("lines/two\nlines.h5", "current.h5"),
    ]);
    std::os::unix::fs::symlink("nowhere.json", archive.path().join("link.json"))
        .expect("the folder was just made");
    std::fs::create_dir(archive.path().join("notes")).expect("the folder was just made");
    std::env::set_current_dir(archive.path()).expect("the folder was just made");
    let inputs = archive.path().join("archive");
    let before = (snapshot(&inputs), snapshot(Path::new(FIXTURES)));
    cases().case(CASES).run();

    // trycmd skips what it cannot run; a wrong case must be detected for the right ones to count.
    let wrong = archive.path().join("wrong.trycmd");
    for case in [
        "$ h5lift --version\nh5lift is fine\n",
        "$ h5lift audit done --check\n? 3\n...\n",
    ] {
        std::fs::write(&wrong, format!("```console\n{case}```\n")).expect("it is a folder of ours");
        let ran = std::panic::catch_unwind(|| cases().case(&wrong).run());
        assert!(
            ran.is_err() || std::env::var_os("TRYCMD").is_some(),
            "{case}"
        );
    }
    let after = (snapshot(&inputs), snapshot(Path::new(FIXTURES)));
    assert_eq!(after, before, "no case may touch its inputs");
}

fn cases() -> TestCases {
    let cases = TestCases::new();
    cases
        .register_bin("h5lift", Path::new(env!("CARGO_BIN_EXE_h5lift")))
        .env("COLUMNS", "100");
    cases
}

#[test]
fn a_folder_that_cannot_be_read_is_said_and_the_rest_is_done() {
    let archive = Archive::new(&[
        ("a/legacy.h5", "square.h5"),
        ("a/closed/legacy.h5", "square.h5"),
    ]);
    let closed = archive.path().join("a/closed");
    let mode = |mode| std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(mode));
    mode(0o000).expect("it is a folder of ours");
    if std::fs::read_dir(&closed).is_ok() {
        println!("skipped: this user (root?) may read a folder of mode 000");
        return;
    }
    let audit = h5lift(archive.path(), &["audit", "a", "--format", "json"]);
    let migrate = h5lift(archive.path(), &["migrate", "a", "--out-dir", "new"]);
    let checked = h5lift(archive.path(), &["audit", "a", "--check"]);
    mode(0o755).expect("it is a folder of ours");
    for ran in [&audit, &migrate, &checked] {
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(
            said.contains("a/closed") && said.contains("Permission denied"),
            "{ran:?}"
        );
    }
    let report = audit.json();
    assert_eq!(report["summary"]["files"], 1);
    assert_eq!(report["problems"][0]["path"], "a/closed");
    assert!(report["problems"][0]["hint"].is_string());
    assert!(archive.path().join("new/legacy.h5").exists());
}

#[test]
fn every_command_has_its_help_page_among_the_cases() {
    let pages = include_str!("cmd/help-pages.trycmd");
    let folder = Archive::new(&[]);
    let help = h5lift(folder.path(), &["--help"]).stdout;
    let commands = help.split("Commands:\n").nth(1).expect("it lists them");
    let commands: Vec<&str> = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        let case = format!("\n$ h5lift help {command}\n");
        assert!(pages.contains(&case), "{command}");
    }
}
