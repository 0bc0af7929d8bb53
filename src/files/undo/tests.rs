//! UndoAction after every crash, and after everything that others may have done since.

use super::*;
use crate::files::commit::backup::Backup;
use crate::files::ledger::scene::{NEW, OLD, Scene, Until};
use crate::files::stat_snapshot::StatSnapshot;
use crate::files::undo::refusal::Refusal;
use crate::model::hint::Hint;
use std::os::unix::fs::symlink;

const KEPT: &str = "a.h5.h5lift-orig";

/// The sequence of the command; the decision of its first step and the result.
fn undo(scene: &Scene) -> (UndoAction, Result<Undone, StepError>) {
    let (ledger, mut history) = scene.open();
    ledger.recover(&mut history).unwrap();
    let roots = scene.roots();
    let step = plan_undo(&history, &roots).next().unwrap().unwrap();
    let came_to = step.execute(&ledger, &roots, FileLocking::On, &|_, _| Ok(()));
    (step.decision, came_to)
}

fn refusal(scene: &Scene) -> Refusal {
    match undo(scene) {
        (UndoAction::Refuse(planned), Err(StepError::Refused(told))) => {
            assert_eq!(planned, told);
            told
        }
        other => panic!("{other:?}"),
    }
}

fn assert_undone_for_good(scene: &Scene, files: &[&str]) {
    assert_eq!(scene.files(), files);
    let told = std::fs::read(scene.ledger_path()).unwrap();
    let (decision, came_to) = undo(scene);
    assert!(
        matches!(decision, UndoAction::Nothing { untold: false, .. }),
        "{decision:?}"
    );
    assert_eq!(came_to.unwrap(), Undone::Nothing);
    assert_eq!(std::fs::read(scene.ledger_path()).unwrap(), told);
    assert_eq!(scene.files(), files);
}

fn snapshot(scene: &Scene, name: &str) -> StatSnapshot {
    crate::files::ledger::scene::stamp_of(&scene.at(name))
}

#[test]
fn the_original_comes_back_with_its_own_inode() {
    let scene = Scene::new();
    let before = snapshot(&scene, "a.h5");
    scene.in_place("a.h5", Until::Done);
    assert_eq!(scene.read("a.h5"), NEW);
    let (decision, came_to) = undo(&scene);
    assert!(
        matches!(decision, UndoAction::Restore { .. }),
        "{decision:?}"
    );
    assert_eq!(came_to.unwrap(), Undone::Restore { notes: Vec::new() });
    assert_eq!(scene.read("a.h5"), OLD);
    let after = snapshot(&scene, "a.h5");
    assert_eq!(before.difference_beyond_links(&after), None);
    assert_undone_for_good(&scene, &["a.h5", "b.h5"]);
    // The row says no more that it was done, and the next migration does it again.
    let history = scene.history();
    assert_eq!(history.records().next().unwrap().outcome, None);
    scene.in_place("a.h5", Until::Done);
    assert!(matches!(undo(&scene).1.unwrap(), Undone::Restore { .. }));
}

#[test]
fn a_plan_changes_nothing() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Swapped);
    let ledger = std::fs::read(scene.ledger_path()).unwrap();
    let mut history = scene.history();
    history.recover().unwrap();
    let roots = scene.roots();
    let steps: Vec<_> = plan_undo(&history, &roots).map(Result::unwrap).collect();
    assert!(steps[0].to_string().contains("put the original back from"));
    assert_eq!(std::fs::read(scene.ledger_path()).unwrap(), ledger);
    assert_eq!(scene.files(), ["a.h5", KEPT, "b.h5"]);
}

#[test]
fn after_a_crash_of_the_migration() {
    for until in [Until::Begun, Until::Kept] {
        let scene = Scene::new();
        scene.in_place("a.h5", until);
        let (ledger, mut history) = scene.open();
        ledger.recover(&mut history).unwrap();
        assert!(plan_undo(&history, &scene.roots()).next().is_none());
        assert_eq!(scene.read("a.h5"), OLD);
    }
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Swapped);
    assert!(matches!(undo(&scene).1.unwrap(), Undone::Restore { .. }));
    assert_eq!(scene.read("a.h5"), OLD);
    assert_undone_for_good(&scene, &["a.h5", "b.h5"]);
}

#[test]
fn after_a_crash_of_an_undo() {
    // After the rename, before the ledger was updated.
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    std::fs::rename(scene.at(KEPT), scene.at("a.h5")).unwrap();
    let (decision, came_to) = undo(&scene);
    assert!(matches!(decision, UndoAction::Nothing { untold: true, .. }));
    assert_eq!(came_to.unwrap(), Undone::Nothing);
    assert_undone_for_good(&scene, &["a.h5", "b.h5"]);

    // From another disk: the copy is in place, the kept original is still there.
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    scene.write("a.h5", OLD);
    assert_eq!(undo(&scene).1.unwrap(), Undone::Nothing);
    assert_undone_for_good(&scene, &["a.h5", KEPT, "b.h5"]);
}

#[test]
fn what_comes_after_an_undo_is_not_its_business() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    undo(&scene).1.unwrap();
    scene.write("a.h5", b"written anew");
    assert_undone_for_good(&scene, &["a.h5", "b.h5"]);

    let scene = Scene::new();
    scene.elsewhere("a.h5", "out.h5", Until::Done);
    undo(&scene).1.unwrap();
    scene.write("out.h5", b"written anew");
    assert_undone_for_good(&scene, &["a.h5", "b.h5", "out.h5"]);
}

#[test]
fn a_file_that_changed_since_is_left_alone() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    // As long as before.
    let changed = NEW.to_ascii_uppercase();
    scene.write("a.h5", &changed);
    let told = refusal(&scene);
    assert_eq!(told.path, scene.at("a.h5"));
    assert_eq!(told.cause, "it is not the file that h5lift left there");
    assert!(told.hint.contains(KEPT), "{}", told.hint);
    assert_eq!(scene.read("a.h5"), changed);
    assert_eq!(scene.read(KEPT), OLD);

    std::fs::remove_file(scene.at("a.h5")).unwrap();
    assert_eq!(refusal(&scene).cause, "it is not there");
    scene.write("moved.h5", NEW);
    symlink("moved.h5", scene.at("a.h5")).unwrap();
    assert_eq!(refusal(&scene).cause, "it is not a regular file");
    assert_eq!(scene.read(KEPT), OLD);
}

#[test]
fn a_kept_original_that_is_not_the_original_is_left_alone() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    scene.write(KEPT, &OLD.to_ascii_uppercase());
    let told = refusal(&scene);
    assert!(told.cause.contains("is not what it was"), "{}", told.cause);
    std::fs::remove_file(scene.at(KEPT)).unwrap();
    let told = refusal(&scene);
    assert!(told.cause.contains("is not there"), "{}", told.cause);
    assert!(told.hint.contains("run undo again"));
    assert_eq!(scene.read("a.h5"), NEW);
}

#[test]
fn without_a_kept_original_there_is_no_way_back() {
    let scene = Scene::keeping(Backup::None);
    scene.in_place("a.h5", Until::Done);
    let told = refusal(&scene);
    assert!(told.cause.contains("--no-backup"), "{}", told.cause);
    assert_eq!(scene.read("a.h5"), NEW);
}

#[test]
fn what_changes_between_plan_and_deed_is_noticed() {
    for name in ["a.h5", KEPT] {
        let scene = Scene::new();
        scene.in_place("a.h5", Until::Done);
        let (ledger, history) = scene.open();
        let step = plan_undo(&history, &scene.roots()).next().unwrap().unwrap();
        scene.write(name, b"quick");
        let error = step
            .execute(&ledger, &scene.roots(), FileLocking::On, &|_, _| Ok(()))
            .unwrap_err();
        assert!(error.to_string().contains("length changed"), "{error}");
        assert!(error.hint().contains("run again"));
        assert_eq!(scene.read(name), b"quick");
        assert_eq!(scene.files(), ["a.h5", KEPT, "b.h5"]);
    }
}

#[test]
fn a_new_file_elsewhere_is_removed_while_its_source_is_there() {
    for until in [Until::Swapped, Until::Done] {
        let scene = Scene::new();
        scene.elsewhere("a.h5", "out.h5", until);
        let (decision, came_to) = undo(&scene);
        assert!(
            matches!(decision, UndoAction::Remove { .. }),
            "{decision:?}"
        );
        assert_eq!(came_to.unwrap(), Undone::Removed { notes: Vec::new() });
        assert_undone_for_good(&scene, &["a.h5", "b.h5"]);
    }
}

#[test]
fn a_source_may_be_a_link_but_not_one_to_nowhere() {
    let scene = Scene::new();
    symlink("a.h5", scene.at("link.h5")).unwrap();
    scene.elsewhere("link.h5", "out.h5", Until::Done);
    std::fs::rename(scene.at("a.h5"), scene.at("moved.h5")).unwrap();
    assert!(refusal(&scene).cause.contains("not a regular file"));
    std::fs::rename(scene.at("moved.h5"), scene.at("a.h5")).unwrap();
    assert!(matches!(undo(&scene).1.unwrap(), Undone::Removed { .. }));
    assert_undone_for_good(&scene, &["a.h5", "b.h5", "link.h5"]);
}

#[test]
fn a_removal_that_the_ledger_was_not_told_of() {
    let scene = Scene::new();
    scene.elsewhere("a.h5", "out.h5", Until::Done);
    std::fs::remove_file(scene.at("out.h5")).unwrap();
    assert_eq!(undo(&scene).1.unwrap(), Undone::Nothing);
    assert_undone_for_good(&scene, &["a.h5", "b.h5"]);
}

#[test]
fn the_last_copy_of_anything_is_left_alone() {
    let scene = Scene::new();
    scene.elsewhere("a.h5", "out.h5", Until::Done);
    scene.write("a.h5", &OLD.to_ascii_uppercase());
    assert!(refusal(&scene).cause.contains("all that is left"));
    std::fs::remove_file(scene.at("a.h5")).unwrap();
    let told = refusal(&scene);
    assert!(told.cause.contains("a.h5: it is not there"), "{told}");
    scene.write("a.h5", OLD);
    scene.write("out.h5", &NEW.to_ascii_uppercase());
    assert!(
        refusal(&scene)
            .cause
            .contains("not the file that h5lift left")
    );
    assert_eq!(scene.read("out.h5"), NEW.to_ascii_uppercase());
}

#[test]
fn a_folder_that_is_not_mounted_is_not_undone() {
    let scene = Scene::new();
    std::fs::create_dir(scene.at("out")).unwrap();
    scene.elsewhere("a.h5", "out/a.h5", Until::Done);
    std::fs::rename(scene.at("out"), scene.at("unmounted")).unwrap();
    assert_eq!(refusal(&scene).cause, "its folder is not there");
    std::fs::rename(scene.at("unmounted"), scene.at("out")).unwrap();
    assert!(matches!(undo(&scene).1.unwrap(), Undone::Removed { .. }));
}

#[test]
fn only_the_last_migration_to_a_name_is_taken_back() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    std::fs::rename(scene.at(KEPT), scene.at("first")).unwrap();
    scene.in_place("a.h5", Until::Done);
    let (ledger, history) = scene.open();
    let roots = scene.roots();
    let steps: Vec<_> = plan_undo(&history, &roots).map(Result::unwrap).collect();
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].id.0, 2);
    drop(ledger);
    assert_eq!(scene.read("first"), OLD);
}
