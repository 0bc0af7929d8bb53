//! Commits on a real disk, stopped at every step, by an error and by a crash.

pub(crate) mod crash;

use super::*;
use crate::files::PermissionSource;
use crate::files::RunLock;
use crate::files::commit::backup::Backup;
use crate::files::discover::own_names::is_temporary_name;
use crate::files::frozen::Frozen;
use crate::files::source::open_source;
use crate::model::hint::Hint;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use tempfile::TempDir;

const OLD: &[u8] = b"the old file";
const NEW: &[u8] = b"the new file, which is longer";
const STEPS: [CommitStep; 7] = [
    CommitStep::Dress,
    CommitStep::Sync,
    CommitStep::Compare,
    CommitStep::Keep,
    CommitStep::CompareAgain,
    CommitStep::Swap,
    CommitStep::SyncFolder,
];

struct Scene {
    folder: TempDir,
    path: PathBuf,
    rooted: RootedPath,
    file: File,
    snapshot: StatSnapshot,
    backup: Backup,
}

impl Scene {
    fn new(backup: Backup) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/a.h5");
        fs::create_dir(folder.path().join("sub")).unwrap();
        fs::write(&path, OLD).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let snapshot = stamp_of(&path);
        Scene {
            folder,
            rooted: RootedPath::named(&path),
            file: open_source(&path).unwrap(),
            path,
            snapshot,
            backup,
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn original(&self) -> Original<'_> {
        Original {
            path: &self.rooted,
            symlink: false,
            file: &self.file,
            snapshot: &self.snapshot,
        }
    }

    fn in_place(&self) -> Commit<'_> {
        let relative = PathBuf::from("sub/a.h5");
        Commit {
            original: Some(self.original()),
            output: Output::InPlace {
                backup: self.backup.path_of(&self.path, &relative),
                path: self.path.clone(),
                relative,
                follow_links: false,
            },
        }
    }

    fn run(&self, request: &Commit<'_>) -> Result<Committed, CommitError> {
        let finished = finished(request.output.path());
        commit(request, finished, &RunLock::default())
    }

    fn read(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    /// Every file below the folder, by its relative path.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let below = path.strip_prefix(self.folder.path()).unwrap();
                    files.push(below.to_str().unwrap().to_string());
                }
            }
        }
        files.sort();
        files
    }
}

fn stamp_of(path: &Path) -> StatSnapshot {
    StatSnapshot::of(&open_source(path).unwrap()).unwrap()
}

/// A temporary file with the new content, as a worker leaves it.
fn finished(destination: &Path) -> Temporary {
    let temporary = Temporary::create_beside(destination, PermissionSource::default()).unwrap();
    fs::write(temporary.path(), NEW).unwrap();
    temporary
}

fn stop() -> CommitError {
    CommitError::NotAFile {
        path: PathBuf::from("stopped"),
        kind: "stopped",
    }
}

#[test]
fn in_place_keeps_the_original_and_its_metadata() {
    for (backup, kept_at) in [
        (Backup::default(), Some("sub/a.h5.h5lift-orig")),
        (Backup::Suffix("~".into()), Some("sub/a.h5~")),
        (Backup::None, None),
    ] {
        let scene = Scene::new(backup);
        let committed = scene.run(&scene.in_place()).unwrap();
        assert_eq!(committed.output, scene.path);
        assert_eq!(committed.bytes, NEW.len() as u64);
        assert_eq!(committed.backup, kept_at.map(|name| scene.at(name)));
        assert_eq!(committed.notes, [""; 0]);
        assert_eq!(scene.read(), NEW);
        let snapshot = stamp_of(&scene.path);
        assert_eq!(snapshot.modified, scene.snapshot.modified);
        assert_eq!(fs::metadata(&scene.path).unwrap().mode() & 0o7777, 0o640);
        let mut files = vec!["sub/a.h5".to_string()];
        if let Some(kept_at) = kept_at {
            files.push(kept_at.to_string());
            assert_eq!(fs::read(scene.at(kept_at)).unwrap(), OLD);
            assert_eq!(stamp_of(&scene.at(kept_at)).inode, scene.snapshot.inode);
        }
        assert_eq!(scene.files(), files);
    }
}

#[test]
fn a_backup_folder_keeps_the_tree() {
    let mut scene = Scene::new(Backup::None);
    scene.backup = Backup::Folder(scene.at("kept"));
    let committed = scene.run(&scene.in_place()).unwrap();
    assert_eq!(committed.backup, Some(scene.at("kept/sub/a.h5")));
    assert_eq!(scene.files(), ["kept/sub/a.h5", "sub/a.h5"]);
    assert_eq!(fs::read(scene.at("kept/sub/a.h5")).unwrap(), OLD);
}

#[cfg(target_os = "linux")]
#[test]
fn a_backup_folder_on_another_disk_gets_a_copy_with_metadata() {
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else {
        return eprintln!("skipped: no /dev/shm");
    };
    let scene = Scene::new(Backup::Folder(elsewhere.path().join("kept")));
    let committed = scene.run(&scene.in_place()).unwrap();
    let kept = committed.backup.unwrap();
    assert_eq!(fs::read(&kept).unwrap(), OLD);
    assert_eq!(stamp_of(&kept).modified, scene.snapshot.modified);
    assert_eq!(fs::metadata(&kept).unwrap().mode() & 0o7777, 0o640);
    assert_eq!(scene.read(), NEW);
}

#[test]
fn elsewhere_makes_folders_and_replaces_only_when_told() {
    let scene = Scene::new(Backup::None);
    let destination = scene.at("out/deep/a.h5");
    let request = |overwrite| Commit {
        original: Some(scene.original()),
        output: Output::named(destination.clone(), overwrite),
    };
    scene.run(&request(false)).unwrap();
    assert_eq!(fs::read(&destination).unwrap(), NEW);
    assert_eq!(fs::metadata(&destination).unwrap().mode() & 0o7777, 0o640);
    assert_eq!(scene.read(), OLD);

    fs::write(&destination, "precious").unwrap();
    let error = scene.run(&request(false)).unwrap_err();
    assert!(matches!(error, CommitError::Exists { .. }));
    assert_eq!(fs::read(&destination).unwrap(), b"precious");
    scene.run(&request(true)).unwrap();
    assert_eq!(fs::read(&destination).unwrap(), NEW);
    assert_eq!(scene.files(), ["out/deep/a.h5", "sub/a.h5"]);
}

#[test]
fn what_appears_meanwhile_is_never_replaced() {
    let scene = Scene::new(Backup::default());
    let destination = scene.at("new.h5");
    let request = Commit {
        original: None,
        output: Output::named(destination.clone(), false),
    };
    let error = commit_watched(
        &request,
        finished(&destination),
        &RunLock::default(),
        &mut |step| {
            if step == CommitStep::Swap {
                fs::write(&destination, "precious").unwrap();
            }
            Ok(())
        },
    )
    .unwrap_err();
    assert!(matches!(error, CommitError::Exists { .. }));
    assert_eq!(fs::read(&destination).unwrap(), b"precious");
    assert_eq!(scene.files(), ["new.h5", "sub/a.h5"]);

    let error = commit_watched(
        &scene.in_place(),
        finished(&scene.path),
        &RunLock::default(),
        &mut |step| {
            if step == CommitStep::Keep {
                fs::write(scene.at("sub/a.h5.h5lift-orig"), "precious").unwrap();
            }
            Ok(())
        },
    )
    .unwrap_err();
    assert!(matches!(error, CommitError::BackupExists { .. }));
    assert_eq!(scene.read(), OLD);
    assert_eq!(
        fs::read(scene.at("sub/a.h5.h5lift-orig")).unwrap(),
        b"precious"
    );
}

#[test]
fn a_file_without_an_original_is_an_ordinary_one() {
    let scene = Scene::new(Backup::None);
    let destination = scene.at("made.h5");
    let request = Commit {
        original: None,
        output: Output::named(destination.clone(), false),
    };
    scene.run(&request).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    fs::write(scene.at("plain"), "").unwrap();
    assert_eq!(mode(&destination), mode(&scene.at("plain")));
}

#[test]
fn links_and_folders_are_not_replaced_even_when_told() {
    let scene = Scene::new(Backup::None);
    symlink(&scene.path, scene.at("link.h5")).unwrap();
    for (name, kind) in [("link.h5", "a symbolic link"), ("sub", "a folder")] {
        let destination = scene.at(name);
        let request = Commit {
            original: None,
            output: Output::named(destination.clone(), true),
        };
        let error = scene.run(&request).unwrap_err();
        assert!(error.to_string().contains(kind), "{error}");
    }
    assert_eq!(scene.files(), ["link.h5", "sub/a.h5"]);
}

#[test]
fn linked_originals_are_refused_before_the_work() {
    let scene = Scene::new(Backup::default());
    let link = scene.at("link.h5");
    symlink(&scene.path, &link).unwrap();
    let output = Output::InPlace {
        backup: scene.backup.path_of(&link, Path::new("link.h5")),
        path: link.clone(),
        relative: "link.h5".into(),
        follow_links: false,
    };
    let error = output.check().unwrap_err();
    assert!(matches!(error, CommitError::SymbolicLink { .. }));
    assert!(error.hint().contains("sub/a.h5"), "{}", error.hint());

    fs::hard_link(&scene.path, scene.at("other.h5")).unwrap();
    let error = scene.in_place().output.check().unwrap_err();
    assert!(matches!(error, CommitError::HardLinks { links: 2, .. }));
    assert!(scene.run(&scene.in_place()).is_err());
    assert_eq!(scene.files(), ["link.h5", "other.h5", "sub/a.h5"]);
    assert_eq!(scene.read(), OLD);
}

#[test]
fn an_existing_backup_is_never_replaced() {
    let scene = Scene::new(Backup::default());
    let backup = scene.at("sub/a.h5.h5lift-orig");
    fs::write(&backup, "precious").unwrap();
    let error = scene.in_place().output.check().unwrap_err();
    assert!(matches!(error, CommitError::BackupExists { .. }));
    assert!(error.hint().contains("--backup-suffix"));
    assert!(scene.run(&scene.in_place()).is_err());
    assert_eq!(fs::read(&backup).unwrap(), b"precious");
    assert_eq!(scene.read(), OLD);
}

#[test]
fn a_backup_of_an_interrupted_run_is_taken_for_our_own() {
    // Linked.
    let mut scene = Scene::new(Backup::default());
    let backup = scene.at("sub/a.h5.h5lift-orig");
    fs::hard_link(&scene.path, &backup).unwrap();
    scene.snapshot = stamp_of(&scene.path);
    let committed = scene.run(&scene.in_place()).unwrap();
    assert_eq!(committed.backup.as_ref(), Some(&backup));
    assert_eq!(
        (scene.read(), fs::read(&backup).unwrap()),
        (NEW.to_vec(), OLD.to_vec())
    );

    // Copied.
    let scene = Scene::new(Backup::default());
    let backup = scene.at("sub/a.h5.h5lift-orig");
    fs::write(&backup, OLD).unwrap();
    let copied = File::options().write(true).open(&backup).unwrap();
    copied
        .set_modified(fs::metadata(&scene.path).unwrap().modified().unwrap())
        .unwrap();
    scene.run(&scene.in_place()).unwrap();
    assert_eq!(
        (scene.read(), fs::read(&backup).unwrap()),
        (NEW.to_vec(), OLD.to_vec())
    );

    // A third name belongs to another user.
    let mut scene = Scene::new(Backup::default());
    for name in ["sub/a.h5.h5lift-orig", "third.h5"] {
        fs::hard_link(&scene.path, scene.at(name)).unwrap();
    }
    scene.snapshot = stamp_of(&scene.path);
    let error = scene.in_place().output.check().unwrap_err();
    assert!(matches!(error, CommitError::HardLinks { links: 3, .. }));
}

#[test]
fn a_source_that_changed_during_the_work_stops_everything() {
    let changes: [fn(&Path); 4] = [
        |path| fs::write(path, "other").unwrap(),
        |path| {
            let mut file = File::options().append(true).open(path).unwrap();
            file.write_all(b"!").unwrap();
        },
        |path| fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap(),
        |path| {
            fs::write(path.with_extension("new"), OLD).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        },
    ];
    for backup in [Backup::default(), Backup::None] {
        for change in changes {
            let scene = Scene::new(backup.clone());
            let temporary = finished(&scene.path);
            std::thread::sleep(std::time::Duration::from_millis(10));
            change(&scene.path);
            let now = scene.read();
            let error = commit(&scene.in_place(), temporary, &RunLock::default()).unwrap_err();
            assert!(
                matches!(error, CommitError::SourceChanged { .. }),
                "{error}"
            );
            assert_eq!(scene.files(), ["sub/a.h5"]);
            assert_eq!(scene.read(), now);
        }
    }
}

#[test]
fn a_source_that_changes_while_it_is_kept_stops_the_swap() {
    let scene = Scene::new(Backup::default());
    let error = commit_watched(
        &scene.in_place(),
        finished(&scene.path),
        &RunLock::default(),
        &mut |step| {
            if step == CommitStep::CompareAgain {
                fs::write(&scene.path, "grown by somebody").unwrap();
            }
            Ok(())
        },
    )
    .unwrap_err();
    assert!(matches!(error, CommitError::SourceChanged { .. }));
    assert_eq!(scene.read(), b"grown by somebody");
    assert_eq!(scene.files(), ["sub/a.h5"]);
}

#[test]
fn the_last_name_of_an_original_is_not_removed() {
    let scene = Scene::new(Backup::default());
    let error = commit_watched(
        &scene.in_place(),
        finished(&scene.path),
        &RunLock::default(),
        &mut |step| {
            if step == CommitStep::CompareAgain {
                fs::write(scene.at("other"), "theirs").unwrap();
                fs::rename(scene.at("other"), &scene.path).unwrap();
            }
            Ok(())
        },
    )
    .unwrap_err();
    assert!(matches!(error, CommitError::BackupLeft { .. }), "{error}");
    assert!(
        error.to_string().contains("another file took its place"),
        "{error}"
    );
    assert_eq!(fs::read(scene.at("sub/a.h5.h5lift-orig")).unwrap(), OLD);
    assert_eq!(scene.read(), b"theirs");
}

#[test]
fn a_temporary_file_that_is_gone_or_not_ours_is_noticed() {
    let scene = Scene::new(Backup::default());
    let temporary = finished(&scene.path);
    fs::remove_file(temporary.path()).unwrap();
    fs::write(temporary.path(), "an impostor").unwrap();
    let error = commit(&scene.in_place(), temporary, &RunLock::default()).unwrap_err();
    assert!(matches!(error, CommitError::TemporaryLost { .. }));
    assert_eq!(scene.read(), OLD);
}

#[test]
fn an_error_at_any_step_leaves_everything_as_it_was() {
    for backup in [
        Backup::default(),
        Backup::Folder("kept".into()),
        Backup::None,
    ] {
        for stopped_at in &STEPS[..STEPS.len() - 1] {
            let mut scene = Scene::new(backup.clone());
            if let Backup::Folder(folder) = &backup {
                scene.backup = Backup::Folder(scene.folder.path().join(folder));
            }
            let error = commit_watched(
                &scene.in_place(),
                finished(&scene.path),
                &RunLock::default(),
                &mut |step| match step == *stopped_at {
                    true => Err(stop()),
                    false => Ok(()),
                },
            );
            assert!(error.is_err());
            assert_eq!(scene.read(), OLD, "{stopped_at:?}");
            assert_eq!(scene.files(), ["sub/a.h5"], "{stopped_at:?}");
            assert!(!scene.at("kept").exists(), "{stopped_at:?}");
            assert_eq!(fs::metadata(&scene.path).unwrap().nlink(), 1);
        }
    }
}

#[test]
fn a_swap_that_the_disk_refuses_leaves_the_original_where_it_was() {
    let mut scene = Scene::new(Backup::None);
    scene.backup = Backup::Folder(scene.at("kept"));
    let refuse = |scene: &Scene| {
        let mut frozen = None;
        let error = commit_watched(
            &scene.in_place(),
            finished(&scene.path),
            &RunLock::default(),
            &mut |step| {
                if step == CommitStep::Swap {
                    frozen = Frozen::folder(&scene.at("sub"));
                }
                Ok(())
            },
        );
        frozen.is_some().then(|| error.unwrap_err())
    };
    let Some(error) = refuse(&scene) else {
        return eprintln!("skipped: no folder can be frozen here");
    };
    assert!(
        error
            .to_string()
            .contains("cannot put the new file in place"),
        "{error}"
    );
    assert_eq!(scene.read(), OLD);
    assert!(!scene.at("kept").exists());

    // Here the backup lies in the frozen folder, and has to stay.
    let scene = Scene::new(Backup::default());
    let error = refuse(&scene).unwrap();
    assert!(matches!(error, CommitError::BackupLeft { .. }), "{error}");
    assert_eq!(scene.read(), OLD);
    assert_eq!(fs::read(scene.at("sub/a.h5.h5lift-orig")).unwrap(), OLD);
}

#[test]
fn readers_are_not_turned_away_from_the_new_file() {
    use crate::files::locks::source::{FileLocking, SourceLock, lock_source};
    let scene = Scene::new(Backup::None);
    commit_watched(
        &scene.in_place(),
        finished(&scene.path),
        &RunLock::default(),
        &mut |step| {
            if step == CommitStep::SyncFolder {
                let lock =
                    lock_source(&open_source(&scene.path).unwrap(), FileLocking::On).unwrap();
                assert!(matches!(lock, SourceLock::Locked(_)), "{lock:?}");
            }
            Ok(())
        },
    )
    .unwrap();
}

#[test]
fn every_error_names_a_path_and_a_next_step() {
    let path = || PathBuf::from("in/a.h5");
    let system = || PathError {
        path: path(),
        action: "sync it",
        source: io::Error::other("disk on fire"),
    };
    let errors = [
        CommitError::SourceChanged {
            path: path(),
            change: "it was written to".into(),
        },
        CommitError::SymbolicLink {
            path: path(),
            target: "b.h5".into(),
        },
        CommitError::HardLinks {
            path: path(),
            links: 2,
        },
        CommitError::BackupExists {
            original: path(),
            backup: "in/a.h5~".into(),
        },
        CommitError::Exists { path: path() },
        CommitError::NoSafeRename {
            path: path(),
            source: io::Error::other("no"),
        },
        CommitError::TemporaryLost { path: path() },
        CommitError::BackupLeft {
            cause: Box::new(CommitError::Exists { path: path() }),
            left: system(),
        },
        CommitError::NotDurable {
            output: path(),
            backup: None,
            source: system(),
        },
        CommitError::Path(system()),
    ];
    for error in errors {
        assert!(error.to_string().starts_with("in/a.h5: "), "{error}");
        assert!(error.hint().len() > 10, "{error}");
    }
    let changed = CommitError::SourceChanged {
        path: path(),
        change: "it was written to".into(),
    };
    assert_eq!(
        changed.to_string(),
        "in/a.h5: it was written to while h5lift worked on it"
    );
}
