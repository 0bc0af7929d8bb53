//! Destinations for real candidates.

use super::*;
use crate::files::discover::candidate::WalkItem;
use crate::files::{Walk, WalkOptions};
use std::fs;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

fn tree(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    folder
}

fn candidates(roots: &[PathBuf]) -> Vec<Candidate> {
    let walk = Walk::new(roots.to_vec(), &WalkOptions::default()).unwrap();
    walk.map(|found| match found {
        WalkItem::Candidate(candidate) => candidate,
        WalkItem::Problem(problem) => panic!("{problem:?}"),
    })
    .collect()
}

fn plan(roots: &[PathBuf], destination: &Destination) -> Result<Vec<PathBuf>, DestinationError> {
    let outputs = plan_outputs(&candidates(roots), destination, false)?;
    Ok(outputs.iter().map(|it| it.path().to_path_buf()).collect())
}

#[test]
fn a_tree_is_kept() {
    let folder = tree(&["in/a.h5", "in/sub/b.h5", "c.h5"]);
    let at = |name: &str| folder.path().join(name);
    let outputs = plan(&[at("in"), at("c.h5")], &Destination::Tree(at("out"))).unwrap();
    assert_eq!(
        outputs,
        [at("out/a.h5"), at("out/sub/b.h5"), at("out/c.h5")]
    );
    assert!(!at("out").exists());
    assert!(plan(&[], &Destination::Tree(at("out"))).unwrap().is_empty());
}

#[test]
fn inputs_of_one_output_are_rivals_and_the_others_are_not() {
    let folder = tree(&["one/a.h5", "one/b.h5", "two/a.h5", "three/a.h5"]);
    let at = |name: &str| folder.path().join(name);
    let found = candidates(&[at("one"), at("two"), at("three/a.h5")]);
    let outputs = plan_outputs(&found, &Destination::Tree(at("out")), false).unwrap();
    let expected = [
        (0, at("two/a.h5")),
        (2, at("one/a.h5")),
        (3, at("one/a.h5")),
    ];
    assert_eq!(rivals(&found, &outputs), expected.into_iter().collect());
    assert!(rivals(&found[..2], &outputs[..2]).is_empty());
}

#[test]
fn originals_that_would_be_kept_under_one_name_are_named() {
    let folder = tree(&["one/a.h5", "two/a.h5"]);
    let at = |name: &str| folder.path().join(name);
    let kept = Destination::InPlace(Backup::Folder(at("kept")));
    let error = plan(&[at("one"), at("two")], &kept).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("one/a.h5") && text.contains("two/a.h5"),
        "{text}"
    );
}

#[test]
fn a_folder_inside_of_a_root_is_refused_however_it_is_spelled() {
    let folder = tree(&["in/sub/a.h5"]);
    let at = |name: &str| folder.path().join(name);
    symlink(at("in"), at("alias")).unwrap();
    for out in [
        "in",
        "in/out",
        "in/sub/../new",
        "alias/out",
        "new/../in/out",
    ] {
        let error = plan(&[at("in")], &Destination::Tree(at(out))).unwrap_err();
        assert!(
            matches!(error, DestinationError::InsideRoot { .. }),
            "{out}: {error}"
        );
        let kept = Destination::InPlace(Backup::Folder(at(out)));
        let error = plan(&[at("in")], &kept).unwrap_err();
        assert!(
            matches!(error, DestinationError::InsideRoot { .. }),
            "{out}: {error}"
        );
    }
    for out in ["into", "in/../out", "."] {
        assert!(
            plan(&[at("in")], &Destination::Tree(at(out))).is_ok(),
            "{out}"
        );
    }
}

#[test]
fn an_output_is_never_an_input() {
    let folder = tree(&["in/a.h5", "in/sub/b.h5"]);
    let at = |name: &str| folder.path().join(name);
    symlink(at("in/a.h5"), at("link.h5")).unwrap();
    symlink(at("in"), at("alias")).unwrap();
    let over = |roots: &[PathBuf], destination| {
        let error = plan_outputs(&candidates(roots), &destination, true).unwrap_err();
        assert!(
            matches!(error, DestinationError::OverInput { .. }),
            "{error}"
        );
    };
    over(&[at("in/a.h5")], Destination::Tree(at("in")));
    over(&[at("in/a.h5")], Destination::Tree(at("alias")));
    over(&[at("in/a.h5")], Destination::File(at("in/../alias/a.h5")));
    over(&[at("link.h5")], Destination::File(at("in/a.h5")));
    over(&[at("link.h5")], Destination::File(at("link.h5")));
    // A link that points to the input is replaced as a link, not followed.
    let outputs = plan_outputs(
        &candidates(&[at("in/a.h5")]),
        &Destination::File(at("link.h5")),
        true,
    );
    assert_eq!(outputs.unwrap()[0].path(), at("link.h5"));
}

#[test]
fn one_output_takes_one_input() {
    let folder = tree(&["a.h5", "b.h5", "there.h5"]);
    let at = |name: &str| folder.path().join(name);
    let error = plan(&[at("a.h5"), at("b.h5")], &Destination::File(at("c.h5"))).unwrap_err();
    assert!(matches!(error, DestinationError::NotOne { count: 2, .. }));
    let error = plan(&[], &Destination::File(at("c.h5"))).unwrap_err();
    assert!(matches!(error, DestinationError::NotOne { count: 0, .. }));

    // It may be what an earlier run has made: the batch looks.
    assert!(plan(&[at("a.h5")], &Destination::File(at("there.h5"))).is_ok());

    for out in [at(""), at("new/")] {
        let error = plan(&[at("a.h5")], &Destination::File(out)).unwrap_err();
        assert!(matches!(error, DestinationError::Folder { .. }), "{error}");
    }
    assert_eq!(
        plan(&[at("a.h5")], &Destination::File(at("x/c.h5"))).unwrap(),
        [at("x/c.h5")]
    );
}

#[test]
fn in_place_outputs_are_the_inputs_and_suffixes_are_checked() {
    let folder = tree(&["a.h5"]);
    let at = |name: &str| folder.path().join(name);
    let with = |suffix: &str| {
        let backup = Backup::Suffix(suffix.into());
        plan(&[at("a.h5")], &Destination::InPlace(backup))
    };
    assert_eq!(with(".bak").unwrap(), [at("a.h5")]);
    assert_eq!(with("~").unwrap(), [at("a.h5")]);
    for bad in ["", "/x", ".h5", "-old.HDF5"] {
        assert!(
            matches!(with(bad), Err(DestinationError::Suffix { .. })),
            "{bad:?}"
        );
    }
    let default = plan(&[at("a.h5")], &Destination::InPlace(Backup::default()));
    assert_eq!(default.unwrap(), [at("a.h5")]);
    let over = plan(&[at("a.h5")], &Destination::InPlace(Backup::Folder(at(""))));
    assert!(matches!(over, Err(DestinationError::OverInput { .. })));
}

#[test]
fn the_root_of_a_candidate_is_what_was_given() {
    let mut candidate = candidates(&[tree(&["a.h5"]).path().into()]).remove(0);
    candidate.path = "x/y/a.h5".into();
    candidate.relative = "y/a.h5".into();
    assert_eq!(root_of(&candidate), Path::new("x"));
    candidate.path = "./y/a.h5".into();
    assert_eq!(root_of(&candidate), Path::new("."));
}

/// As behind a bind mount or on a disk that folds case: another path, one file.
#[test]
fn an_input_is_known_again_by_its_inode() {
    let folder = tree(&["a.h5"]);
    let output = Destination::File(folder.path().join("a.h5"));
    let mut candidate = candidates(&[folder.path().join("a.h5")]).remove(0);
    candidate.path = folder.path().join("A.h5");
    let error = plan_outputs(&[candidate.clone()], &output, true).unwrap_err();
    assert!(
        matches!(error, DestinationError::OverInput { .. }),
        "{error}"
    );
    // With more names than one, another name may be replaced.
    candidate.links = 2;
    assert!(plan_outputs(&[candidate], &output, true).is_ok());
}
