//! Temporary files on a real disk.

use super::*;
use crate::files::discover::own_names::is_temporary_name;
use crate::files::frozen::Frozen;
use crate::model::hint::Hint;
use std::fs;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Both kinds, each in a folder of its own.
fn kinds() -> [fn(&Path) -> Temporary; 2] {
    [
        |destination| Temporary::create_unnamed_beside(destination).unwrap(),
        |destination| Temporary::create_beside(destination, PermissionSource::default()).unwrap(),
    ]
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_without_a_name_can_be_opened_by_others_and_put_in_place() {
    // Beside the binary, because the system's temporary folder may be on another kind of file system.
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    for replace in [false, true] {
        let destination = folder.path().join("a.h5");
        let mut temporary = Temporary::create_unnamed_beside(&destination).unwrap();
        if !matches!(temporary.name, Name::None) {
            return eprintln!("skipped: no unnamed files here");
        }
        let text = format!("new, {replace}");
        fs::write(temporary.path(), &text).unwrap();
        assert_eq!(
            names(folder.path()),
            if replace { vec!["a.h5"] } else { vec![] }
        );
        if replace {
            let error = temporary
                .rename_to(&Place::of(&destination).unwrap(), false)
                .unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        }
        temporary
            .rename_to(&Place::of(&destination).unwrap(), replace)
            .unwrap();
        drop(temporary);
        assert_eq!(fs::read_to_string(&destination).unwrap(), text);
        assert_eq!(names(folder.path()), ["a.h5"]);
    }
}

#[test]
fn a_replacement_is_called_after_what_it_replaces() {
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let destination = folder.path().join("a.h5");
    fs::write(&destination, "old").unwrap();
    let mut temporary = Temporary::create_to_replace(&RootedPath::named(&destination)).unwrap();
    if !matches!(temporary.name, Name::None) {
        return eprintln!("skipped: no unnamed files here");
    }
    assert_eq!(temporary.path(), destination);
    // A worker writes it, and another one reads it.
    io::Write::write_all(&mut temporary.for_writer().unwrap(), b"new").unwrap();
    assert_eq!(
        io::read_to_string(temporary.for_reader().unwrap()).unwrap(),
        "new"
    );
    assert_eq!(names(folder.path()), ["a.h5"]);
    let place = Place::of(&destination).unwrap();
    temporary.rename_to(&place, true).unwrap();
    assert_eq!(fs::read_to_string(&destination).unwrap(), "new");
    assert_eq!(names(folder.path()), ["a.h5"]);
}

#[test]
fn a_replacement_that_fails_leaves_no_name() {
    for create in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let mut temporary = create(&folder.path().join("a.h5"));
        // A file cannot replace a folder.
        fs::create_dir(folder.path().join("a.h5")).unwrap();
        assert!(
            temporary
                .rename_to(&Place::of(&folder.path().join("a.h5")).unwrap(), true)
                .is_err()
        );
        drop(temporary);
        assert_eq!(names(folder.path()), ["a.h5"]);
    }
}

#[test]
fn private_and_gone_on_drop() {
    for create in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let temporary = create(&folder.path().join("a.h5"));
        let metadata = temporary.file().metadata().unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.len()), (0o600, 0));
        drop(temporary);
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn named_exactly_and_gone_on_drop() {
    let folder = tempfile::tempdir().unwrap();
    let temporary =
        Temporary::create_beside(&folder.path().join("a.h5"), PermissionSource::default()).unwrap();
    assert_eq!(temporary.path().parent(), Some(folder.path()));
    assert!(is_temporary_name(temporary.path().file_name().unwrap()));
    let metadata = temporary.file().metadata().unwrap();
    assert_eq!((metadata.mode() & 0o7777, metadata.len()), (0o600, 0));
    drop(temporary);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn folders_made_for_it_go_with_it_unless_used() {
    let folder = tempfile::tempdir().unwrap();
    let destination = folder.path().join("x/y/a.h5");
    drop(Temporary::create_beside(&destination, PermissionSource::default()).unwrap());
    assert!(names(folder.path()).is_empty());

    Temporary::create_beside(&destination, PermissionSource::default())
        .unwrap()
        .discard()
        .unwrap();
    assert!(names(folder.path()).is_empty());

    let temporary = Temporary::create_beside(&destination, PermissionSource::default()).unwrap();
    fs::write(folder.path().join("x/other"), "").unwrap();
    temporary.discard().unwrap();
    assert_eq!(names(&folder.path().join("x")), ["other"]);

    let mut temporary =
        Temporary::create_beside(&destination, PermissionSource::default()).unwrap();
    temporary
        .rename_to(&Place::of(&destination).unwrap(), false)
        .unwrap();
    let made = temporary.take_folders();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].path(), folder.path().join("x/y"));
    drop(temporary);
    assert!(destination.exists());
}

#[test]
fn a_folder_that_is_a_file_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = Temporary::create_beside(
        &folder.path().join("file/new/a.h5"),
        PermissionSource::default(),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("/file: cannot create this folder"),
        "{error}"
    );
}

#[test]
fn a_failed_removal_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let temporary =
        Temporary::create_beside(&folder.path().join("a.h5"), PermissionSource::default()).unwrap();
    let Some(_frozen) = Frozen::folder(folder.path()) else {
        return eprintln!("skipped: no folder can be frozen here");
    };
    let error = temporary.discard().unwrap_err();
    assert!(error.to_string().contains("cannot remove it"), "{error}");
    assert!(error.hint().contains("rights"), "{}", error.hint());
}

#[test]
fn a_folder_that_takes_no_files_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_frozen) = Frozen::folder(folder.path()) else {
        return eprintln!("skipped: no folder can be frozen here");
    };
    let error = Temporary::create_beside(&folder.path().join("a.h5"), PermissionSource::default())
        .unwrap_err();
    assert_eq!(error.path, folder.path());
    assert!(
        error
            .to_string()
            .contains("cannot create a temporary file in it")
    );
}

#[test]
fn what_took_its_name_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for discard in [false, true] {
        let temporary =
            Temporary::create_beside(&folder.path().join("a.h5"), PermissionSource::default())
                .unwrap();
        let path = temporary.path().to_path_buf();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert!(!temporary.is_in_place().unwrap());
        match discard {
            true => temporary.discard().unwrap(),
            false => drop(temporary),
        }
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
    }
}

#[test]
fn many_threads_share_folders_that_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let destination = folder.path().join(format!("x/y/{number}.h5"));
            scope.spawn(move || {
                for _ in 0..200 {
                    let temporary =
                        Temporary::create_beside(&destination, PermissionSource::default())
                            .unwrap();
                    assert!(temporary.is_in_place().unwrap());
                    temporary.discard().unwrap();
                }
            });
        }
    });
    assert!(names(&folder.path().join("")).len() <= 1);
}

#[test]
fn the_ordinary_mode_is_that_of_a_new_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain");
    fs::write(&path, "").unwrap();
    let plain = fs::metadata(&path).unwrap().mode() & 0o7777;
    assert_eq!(
        ordinary_mode(&Folder::open(folder.path()).unwrap()).unwrap(),
        plain
    );
    assert_eq!(names(folder.path()), ["plain"]);
}
