//! Commits that are killed: a child process aborts at each step.

use crate::files::commit::tests::*;
use crate::files::folder::Folder;
use crate::files::remove_leftovers;
use crate::files::source::open_source;
use std::ffi::OsStr;
use std::process::Command;

const CRASH_STEP: &str = "H5LIFT_TEST_CRASH_STEP";
const CRASH_FOLDER: &str = "H5LIFT_TEST_CRASH_FOLDER";
const CRASH_BACKUP: &str = "H5LIFT_TEST_CRASH_BACKUP";

/// The child of the test below; does nothing on its own.
#[test]
#[ignore = "it aborts; started by another test"]
fn crash_child() {
    let (Some(step), Some(folder)) = (std::env::var_os(CRASH_STEP), std::env::var_os(CRASH_FOLDER))
    else {
        return;
    };
    let crash_at = STEPS[step.to_str().unwrap().parse::<usize>().unwrap()];
    let path = Path::new(&folder).join("sub/a.h5");
    let backup = match std::env::var_os(CRASH_BACKUP) {
        Some(folder) => Backup::Folder(folder.into()),
        None => Backup::default(),
    };
    let snapshot = stamp_of(&path);
    let relative = PathBuf::from("sub/a.h5");
    let (rooted, file) = (RootedPath::named(&path), open_source(&path).unwrap());
    let request = Commit {
        original: Some(Original {
            path: &rooted,
            symlink: false,
            file: &file,
            snapshot: &snapshot,
        }),
        output: Output::InPlace {
            path: path.clone(),
            backup: backup.path_of(&path, &relative),
            relative,
            follow_links: false,
        },
    };
    let _ = commit_watched(
        &request,
        finished(&path),
        &RunLock::default(),
        &mut |step| {
            if step == crash_at {
                std::process::abort();
            }
            Ok(())
        },
    );
}

/// `module::tests::crash_child`, without the name of the crate.
fn crash_child_name() -> String {
    let module = module_path!();
    let inside = module.split_once("::").map_or(module, |(_, inside)| inside);
    format!("{inside}::crash_child")
}

fn crash(scene: &Scene, step: usize, backup: Option<&OsStr>) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", &crash_child_name(), "--ignored", "--nocapture"])
        .env(CRASH_STEP, step.to_string())
        .env(CRASH_FOLDER, scene.folder.path());
    if let Some(backup) = backup {
        child.env(CRASH_BACKUP, backup);
    }
    let output = child.output().unwrap();
    assert!(
        std::os::unix::process::ExitStatusExt::signal(&output.status).is_some(),
        "it did not crash: {output:?}"
    );
}

#[test]
fn a_crash_at_any_step_leaves_a_whole_file_and_the_next_run_goes_on() {
    let elsewhere = tempfile::tempdir_in("/dev/shm").ok();
    for (number, step) in STEPS.iter().enumerate() {
        for copied in [false, true] {
            let mut scene = Scene::new(Backup::default());
            if copied {
                let Some(elsewhere) = &elsewhere else {
                    eprintln!("skipped for copies: no /dev/shm");
                    continue;
                };
                scene.backup = Backup::Folder(elsewhere.path().join(number.to_string()));
            }
            let folder = match &scene.backup {
                Backup::Folder(folder) => Some(folder.as_os_str()),
                _ => None,
            };
            crash(&scene, number, folder);

            let swapped = *step == CommitStep::SyncFolder;
            assert_eq!(scene.read(), if swapped { NEW } else { OLD }, "{step:?}");
            let sub = scene.at("sub");
            let temporaries = scene
                .files()
                .iter()
                .filter(|file| is_temporary_name(Path::new(file).file_name().unwrap()))
                .count();
            assert_eq!(temporaries, usize::from(!swapped), "{step:?}");
            assert_eq!(
                remove_leftovers(&Folder::open(&sub).unwrap())
                    .unwrap()
                    .len(),
                temporaries
            );

            let kept = scene
                .backup
                .path_of(&scene.path, Path::new("sub/a.h5"))
                .unwrap();
            if !swapped {
                scene.snapshot = stamp_of(&scene.path);
                let committed = scene.run(&scene.in_place()).unwrap();
                assert_eq!(committed.backup.as_ref(), Some(&kept), "{step:?}");
            }
            assert_eq!(scene.read(), NEW);
            assert_eq!(fs::read(&kept).unwrap(), OLD);
            let expected = if copied { 1 } else { 2 };
            assert_eq!(scene.files().len(), expected, "{step:?}");
        }
    }
}
