//! Walks over real folders.

use super::*;
use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

fn tree(files: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        put(folder.path().join(file));
    }
    folder
}

fn put(path: PathBuf) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "x").unwrap();
}

fn walk_with(roots: &[PathBuf], options: &WalkOptions) -> (Vec<Candidate>, Vec<Problem>) {
    let (mut candidates, mut problems) = (Vec::new(), Vec::new());
    for found in Walk::new(roots.to_vec(), options).unwrap() {
        match found {
            WalkItem::Candidate(candidate) => candidates.push(candidate),
            WalkItem::Problem(problem) => problems.push(problem),
        }
    }
    (candidates, problems)
}

/// Relative paths of a walk that met no problem.
fn walk(roots: &[PathBuf], options: &WalkOptions) -> Vec<String> {
    let (candidates, problems) = walk_with(roots, options);
    assert_eq!(problems, []);
    let text = |it: &Candidate| it.relative.to_string_lossy().into_owned();
    candidates.iter().map(text).collect()
}

fn following() -> WalkOptions {
    WalkOptions {
        follow_symlinks: true,
        ..WalkOptions::default()
    }
}

#[test]
fn sorted_by_bytes_in_each_folder() {
    let folder = tree(&["b.h5", "a/z.h5", "a.h5", "B.h5", "a/b/c.hdf5", "note.txt"]);
    let root = folder.path().to_path_buf();
    let found = walk(std::slice::from_ref(&root), &WalkOptions::default());
    assert_eq!(found, ["B.h5", "a/b/c.hdf5", "a/z.h5", "a.h5", "b.h5"]);

    let (candidates, _) = walk_with(std::slice::from_ref(&root), &WalkOptions::default());
    assert_eq!(candidates[1].path, root.join("a/b/c.hdf5"));
    assert_eq!((candidates[1].root, candidates[1].bytes), (0, 1));
    assert!(!candidates[1].named && !candidates[1].symlink);
    assert_eq!(candidates[1].links, 1);
}

#[test]
fn odd_names_come_through_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        &b"a\nb.h5"[..],
        b"caf\xe9.h5",
        "🧬.h5".as_bytes(),
        b" .h5",
        b"-o.h5",
    ];
    for name in names {
        put(folder.path().join(std::ffi::OsStr::from_bytes(name)));
    }
    let (found, problems) = walk_with(&[folder.path().into()], &WalkOptions::default());
    assert!(problems.is_empty());
    let found: BTreeSet<_> = found
        .iter()
        .map(|it| it.relative.as_os_str().as_bytes().to_vec())
        .collect();
    assert_eq!(found, names.iter().map(|name| name.to_vec()).collect());
}

#[test]
fn hidden_zarr_and_own_files_stay_out_unless_named() {
    let folder = tree(&[
        ".git/a.h5",
        "x.zarr/a.h5",
        ".hidden.h5",
        "a.h5",
        "a.h5.h5lift-orig",
        "run.jsonl",
        ".h5lift-0123456789abcdef.tmp",
    ]);
    let at = |name: &str| folder.path().join(name);
    let everything = WalkOptions {
        include: vec!["*".into(), ".*".into()],
        ..WalkOptions::default()
    };
    assert_eq!(walk(&[at("")], &WalkOptions::default()), ["a.h5"]);
    assert_eq!(walk(&[at("")], &everything), [".hidden.h5", "a.h5"]);

    let named = [
        at(".git"),
        at("x.zarr"),
        at(".hidden.h5"),
        at("a.h5.h5lift-orig"),
    ];
    assert_eq!(
        walk(&named, &WalkOptions::default()),
        ["a.h5", "a.h5", ".hidden.h5", "a.h5.h5lift-orig"]
    );
    let (found, problems) = walk_with(
        &[at(".h5lift-0123456789abcdef.tmp")],
        &WalkOptions::default(),
    );
    assert!(found.is_empty());
    assert!(problems[0].message.contains("temporary file of h5lift"));
}

#[test]
fn a_named_file_is_taken_whatever_the_options_say() {
    let folder = tree(&["matrix.dat"]);
    let options = WalkOptions {
        exclude: vec!["*".into()],
        ..WalkOptions::default()
    };
    let (found, _) = walk_with(&[folder.path().join("matrix.dat")], &options);
    assert_eq!(found[0].relative, Path::new("matrix.dat"));
    assert!(found[0].named);
}

#[test]
fn overlapping_and_repeated_roots_give_each_file_once() {
    let folder = tree(&["a.h5", "sub/b.h5", "sub/.deep/c.h5"]);
    let at = |name: &str| folder.path().join(name);
    symlink(at("sub"), at("alias")).unwrap();
    let roots = [
        at("sub/b.h5"),
        at(""),
        at("."),
        at("sub/../sub"),
        at("alias"),
        at("sub/.deep"),
        at("a.h5"),
    ];
    let (found, problems) = walk_with(&roots, &WalkOptions::default());
    assert!(problems.is_empty());
    let found: Vec<_> = found
        .iter()
        .map(|it| (it.root, it.relative.to_str().unwrap()))
        .collect();
    assert_eq!(found, [(0, "b.h5"), (1, "a.h5"), (5, "c.h5")]);
}

#[test]
fn hard_links_are_files_of_their_own() {
    let folder = tree(&["a.h5"]);
    fs::hard_link(folder.path().join("a.h5"), folder.path().join("b.h5")).unwrap();
    let (found, _) = walk_with(&[folder.path().into()], &following());
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].links, 2);
    assert_eq!(found[0].inode, found[1].inode);
}

#[test]
fn links_are_counted_but_not_taken_unless_followed_or_named() {
    let outside = tree(&["away/b.h5", "c.h5"]);
    let folder = tree(&["z.h5"]);
    let at = |name: &str| folder.path().join(name);
    symlink(at("z.h5"), at("a-link.h5")).unwrap();
    symlink(outside.path().join("away"), at("folder")).unwrap();
    symlink(outside.path().join("away/b.h5"), at("b-link.h5")).unwrap();
    symlink(outside.path().join("c.h5"), at("c-link.h5")).unwrap();
    symlink("nothing", at("broken.h5")).unwrap();
    symlink("/etc/hostname", at("not-wanted.txt")).unwrap();

    let mut plain = Walk::new(vec![at("")], &WalkOptions::default()).unwrap();
    assert_eq!(plain.by_ref().count(), 1);
    assert_eq!(plain.symlinks_passed_over(), 4);

    // z.h5 and b.h5 under their own names although their links sort first.
    let (found, problems) = walk_with(&[at("")], &following());
    let found: Vec<_> = found
        .iter()
        .map(|it| (it.relative.to_str().unwrap(), it.symlink))
        .collect();
    assert_eq!(
        found,
        [("z.h5", false), ("folder/b.h5", false), ("c-link.h5", true)]
    );
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].message, "a symbolic link to nothing");

    let (found, _) = walk_with(&[at("b-link.h5")], &WalkOptions::default());
    assert!(found[0].symlink && found[0].named);
    assert_eq!((found[0].bytes, found[0].links), (1, 1));
    let (found, problems) = walk_with(&[at("broken.h5")], &WalkOptions::default());
    assert!(found.is_empty());
    assert_eq!(problems[0].message, "a symbolic link to nothing");
}

#[test]
fn loops_of_links_are_problems_and_end() {
    let outside = tree(&["out.h5"]);
    let folder = tree(&["deep/a.h5"]);
    let at = |name: &str| folder.path().join(name);
    symlink("..", at("deep/up")).unwrap();
    symlink("self.h5", at("self.h5")).unwrap();
    symlink(outside.path(), at("out")).unwrap();
    symlink(folder.path(), outside.path().join("back")).unwrap();
    let (found, problems) = walk_with(&[at("")], &following());
    let found: Vec<_> = found
        .iter()
        .map(|it| it.relative.to_str().unwrap())
        .collect();
    assert_eq!(found, ["deep/a.h5", "out/out.h5"]);
    let mut looping: Vec<_> = problems
        .iter()
        .map(|it| &it.path[at("").as_os_str().len()..])
        .collect();
    looping.sort();
    assert_eq!(looping, ["deep/up", "out/back", "self.h5"]);
    assert!(problems.iter().all(|it| it.message.contains("leads back")));
}

#[test]
fn two_links_to_one_folder_in_many_layers_do_not_multiply() {
    let folder = tempfile::tempdir().unwrap();
    let layer = |number: usize| folder.path().join(format!("layer{number}"));
    for number in 0..40 {
        put(layer(number).join("a.h5"));
        symlink(layer(number + 1), layer(number).join("one")).unwrap();
        symlink(layer(number + 1), layer(number).join("two")).unwrap();
    }
    put(layer(40).join("a.h5"));
    let (found, problems) = walk_with(&[layer(0)], &following());
    assert_eq!((found.len(), problems.len()), (41, 0));
}

#[test]
fn missing_roots_are_problems_with_a_fixed_message() {
    let folder = tree(&["a.h5"]);
    let missing = folder.path().join("missing.h5");
    let below_file = folder.path().join("a.h5/b.h5");
    let roots = [missing.clone(), below_file, folder.path().join("a.h5")];
    let (found, problems) = walk_with(&roots, &WalkOptions::default());
    assert_eq!(found.len(), 1);
    assert_eq!(problems[0].message, NO_SUCH_PATH);
    assert_eq!(problems[0].path, missing.to_str().unwrap());
    assert!(problems[1].message.contains("Not a directory"));
    assert!(problems.iter().all(|problem| problem.hint.is_some()));
}

#[cfg(target_os = "linux")]
#[test]
fn pipes_are_passed_over_and_problems_when_named() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = tree(&["a.h5"]);
    let pipe = folder.path().join("pipe.h5");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
    assert_eq!(
        walk(&[folder.path().into()], &WalkOptions::default()),
        ["a.h5"]
    );
    let (found, problems) = walk_with(&[pipe], &WalkOptions::default());
    assert!(found.is_empty());
    assert_eq!(problems[0].message, "a socket, pipe or device");
}

/// Root may read everything, but a path that is too long fails for every user.
#[test]
fn a_folder_that_cannot_be_opened_is_a_problem_and_the_walk_goes_on() {
    use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
    let folder = tree(&["z.h5"]);
    let name = "d".repeat(250);
    let mut inner = openat(CWD, folder.path(), OFlags::RDONLY, Mode::empty()).unwrap();
    for _ in 0..20 {
        mkdirat(&inner, &name, Mode::RWXU).unwrap();
        inner = openat(&inner, &name, OFlags::RDONLY, Mode::empty()).unwrap();
    }
    let twice = [folder.path().to_path_buf(), folder.path().to_path_buf()];
    let (found, problems) = walk_with(&twice, &WalkOptions::default());
    assert_eq!(found.len(), 1);
    assert_eq!(problems.len(), 1, "once, although the root was given twice");
    assert!(problems[0].message.starts_with("cannot be inspected: "));
    assert!(problems[0].hint.as_ref().unwrap().contains("too long"));
}

#[test]
fn a_folder_that_vanishes_during_the_walk_is_a_problem() {
    let folder = tree(&["a.h5", "b/c.h5", "d.h5"]);
    let mut walk = Walk::new(vec![folder.path().into()], &WalkOptions::default()).unwrap();
    assert!(matches!(walk.next(), Some(WalkItem::Candidate(_))));
    fs::remove_dir_all(folder.path().join("b")).unwrap();
    fs::remove_file(folder.path().join("d.h5")).unwrap();
    let rest: Vec<_> = walk.collect();
    assert_eq!(rest.len(), 2);
    for found in rest {
        let WalkItem::Problem(problem) = found else {
            panic!("{found:?}")
        };
        assert_eq!(problem.message, "it was removed while h5lift inspected it");
    }
}

#[test]
fn empty_paths_are_usage_problems_and_no_roots_are_none() {
    let options = WalkOptions::default();
    let problem = Walk::new(vec![PathBuf::new()], &options).unwrap_err();
    assert_eq!(problem, UsageProblem::EmptyPath);
    assert_eq!(Walk::new(Vec::new(), &options).unwrap().count(), 0);
}

#[test]
fn modification_times_are_spelled_as_rfc_3339() {
    let folder = tree(&["a.h5"]);
    let path = folder.path().join("a.h5");
    let time = UNIX_EPOCH + std::time::Duration::from_secs(1_770_976_800);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(time).unwrap();
    let (found, _) = walk_with(&[path], &WalkOptions::default());
    assert_eq!(found[0].modified_text().unwrap(), "2026-02-13T10:00:00Z");
}
