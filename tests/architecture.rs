//! The walls: which room may name what, read from the sources themselves.
//!
//! The compiler knows nothing of rooms. What it cannot refuse is refused here, with every
//! place at once; and made-up sources show that each rule can fail.

#[path = "architecture/manners.rs"]
mod manners;
#[path = "architecture/pages.rs"]
mod pages;
#[path = "architecture/paths.rs"]
mod paths;
#[path = "architecture/tokens.rs"]
mod tokens;
#[path = "architecture/walls.rs"]
mod walls;

use manners::{bad_programs, machine_words};
use pages::{Page, pages_below};
use walls::crossings;

#[test]
fn no_room_reaches_through_a_wall() {
    let pages = pages_below(&["src"], &["rs"]);
    assert!(pages.len() > 50, "only {} sources were found", pages.len());
    assert_none(&crossings(&pages));
}

#[test]
fn every_program_is_short_and_has_a_name() {
    let pages = pages_below(
        &["src", "tests", "testdata", "docs", "benches"],
        &["rs", "py", "sh"],
    );
    assert!(
        pages.len() > 100,
        "only {} programs were found",
        pages.len()
    );
    assert_none(&bad_programs(&pages));
}

#[test]
fn nothing_is_true_on_one_machine_only() {
    let pages = pages_below(
        &["src", "testdata", "docs", "README.md", "CHANGELOG.md"],
        &[],
    );
    assert!(pages.iter().any(|page| page.path == "README.md"));
    assert!(
        pages
            .iter()
            .any(|page| page.path == "testdata/legacy/hybrid.h5")
    );
    assert_none(&machine_words(&pages));
}

#[test]
fn each_wall_can_fail() {
    for (path, source, complaint) in [
        (
            "src/worker/a.rs",
            "use hdf5::File;",
            "hdf5 is named outside of src/h5/",
        ),
        (
            "src/cli/a.rs",
            "let x = ::hdf5_sys::h5::H5open();",
            "hdf5_sys is named outside",
        ),
        (
            "src/model/a.rs",
            "extern crate hdf5;",
            "hdf5 is named outside of src/h5/",
        ),
        (
            "src/batch/a.rs",
            "use {std::io, indicatif::ProgressBar};",
            "indicatif is named outside",
        ),
        (
            "src/report/a.rs",
            "console::strip_ansi_codes(x)",
            "console is named outside of src/cli/",
        ),
        (
            "src/model/a.rs",
            "#[derive(clap::ValueEnum)] enum A {}",
            "clap is named outside",
        ),
        (
            "src/report/a.rs",
            "use clap_complete as c;",
            "clap_complete is named outside",
        ),
        (
            "src/main.rs",
            "use clap_mangen::Man;",
            "clap_mangen is named outside of src/cli/",
        ),
        (
            "src/worker/a.rs",
            "fn f() { unsafe { g() } }",
            "unsafe code outside of src/h5/",
        ),
        (
            "src/lib.rs",
            "unsafe impl Send for A {}",
            "unsafe code outside of src/h5/",
        ),
        (
            "src/batch/a.rs",
            "use crate::worker::serve;",
            "batch has no arrow to worker",
        ),
        (
            "src/batch/a.rs",
            "use crate::{model::facts, h5::{self}};",
            "batch has no arrow to h5",
        ),
        (
            "src/batch/a/b.rs",
            "use super::super::super::report::Format;",
            "no arrow to report",
        ),
        (
            "src/batch/a.rs",
            "mod tests { use super::super::super::cli; }",
            "no arrow to cli",
        ),
        (
            "src/model/mod.rs",
            "use super::codec::lzf;",
            "model has no arrow to codec",
        ),
        (
            "src/archive/a.rs",
            "h5lift::batch::run::run();",
            "archive has no arrow to batch",
        ),
        (
            "src/cli/show.rs",
            "crate::worker::serve::serve();",
            "cli has no arrow to worker",
        ),
        (
            "src/main.rs",
            "h5lift::worker::serve::serve();",
            "main has no arrow to worker",
        ),
        (
            "src/codec/a.rs",
            "pub(in crate::model) fn f() {}",
            "codec has no arrow to model",
        ),
        (
            "src/cli/a.rs",
            "use crate as root;",
            "root gets another name",
        ),
        ("src/cli/a.rs", "use crate::*;", "root is imported whole"),
        ("src/common/a.rs", "", "common is no room of the house"),
    ] {
        let found = crossings(&[page(path, source)]);
        assert_eq!(found.len(), 1, "{path} {source}: {found:?}");
        assert!(found[0].contains(complaint), "{path} {source}: {found:?}");
        assert!(found[0].starts_with(path), "{found:?}");
    }
}

#[test]
fn what_is_allowed_or_only_talked_about_is_no_complaint() {
    for (path, source) in [
        (
            "src/h5/file.rs",
            "use hdf5_sys::h5; unsafe { h5::H5open() }; use crate::model;",
        ),
        (
            "src/cli/mod.rs",
            "use clap::Parser; mod worker; use worker::Worker; use super::cli;",
        ),
        ("src/cli/worker.rs", "use crate::worker::serve::serve;"),
        (
            "src/cli/output.rs",
            "Report { hdf5: crate::hdf5_version(), console: 1 }",
        ),
        (
            "src/worker/a.rs",
            "use crate::{codec::lzf, h5::file::File}; pub(crate) fn f() {}",
        ),
        (
            "src/codec/a.rs",
            "#![forbid(unsafe_code)] mod tests { use super::super::known as k; }",
        ),
        (
            "src/model/a.rs",
            "// unsafe crate::worker\n/* /* hdf5:: */ clap:: */ /// unsafe",
        ),
        (
            "src/model/a.rs",
            r##"f("unsafe \" crate::cli", r#"hdf5::" x"#, b"clap::", '"')"##,
        ),
        (
            "src/model/a.rs",
            "fn f<'unsafe_>(x: &'a str) -> char { '\\'' } fn hdf5() {}",
        ),
        ("src/lib.rs", "pub use crate::h5::version; pub mod worker;"),
    ] {
        assert_none(&crossings(&[page(path, source)]));
    }
}

#[test]
fn a_file_that_is_a_module_of_another_name_is_resolved_from_there() {
    let parent = page(
        "src/codec/pipeline.rs",
        "#[cfg(test)]\n#[path = \"pipeline_tests.rs\"]\nmod tests;",
    );
    let fine = page("src/codec/pipeline_tests.rs", "use super::super::deflate;");
    assert_none(&crossings(&[parent.clone(), fine]));
    let wrong = page(
        "src/codec/pipeline_tests.rs",
        "use super::super::super::model;",
    );
    assert_eq!(crossings(&[parent, wrong]).len(), 1);
}

#[test]
fn every_place_is_named_and_not_only_the_first() {
    let source = "use hdf5::File;\nuse clap::Args;\n\nfn f() { unsafe {} }\nuse crate::cli;\n";
    let found = crossings(&[
        page("src/model/a.rs", source),
        page("src/codec/b.rs", source),
    ]);
    let lines: Vec<_> = found
        .iter()
        .filter(|it| it.starts_with("src/model/a.rs:"))
        .collect();
    assert_eq!((found.len(), lines.len()), (8, 4), "{found:#?}");
    assert!(found.contains(&"src/codec/b.rs:4: unsafe code outside of src/h5/".to_string()));
}

#[test]
fn bad_manners_are_noticed() {
    let long = page("src/model/a.rs", &"\n".repeat(601));
    let fitting = page("src/model/a.rs", &"\n".repeat(600));
    assert_eq!(bad_programs(&[long]).len(), 1);
    assert_none(&bad_programs(&[fitting, page("src/worker/commit.rs", "")]));
    for path in [
        "src/util.rs",
        "src/cli/path_helpers.rs",
        "tests/common/mod.rs",
        "src/file-manager.rs",
    ] {
        assert_eq!(bad_programs(&[page(path, "")]).len(), 1, "{path}");
    }
    for text in [
        "see\n/Users/notes",
        "run /home/me/bin/python",
        "from https://PyPI.org/simple",
    ] {
        assert_eq!(machine_words(&[page("docs/a.md", text)]).len(), 1, "{text}");
    }
    assert_none(&machine_words(&[page(
        "README.md",
        "the workers of /expr read /tmp and crates",
    )]));
}

fn page(path: &str, text: &str) -> Page {
    Page {
        path: path.to_string(),
        bytes: text.as_bytes().to_vec(),
    }
}

fn assert_none(complaints: &[String]) {
    assert!(
        complaints.is_empty(),
        "{} complaints:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}
