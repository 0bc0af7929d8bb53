//! Purge: the conditions for deleting an original.

use super::*;
use crate::files::commit::backup::Backup;
use crate::files::ledger::scene::{NEW, OLD, Scene, Until};
use crate::files::undo::decision::UndoAction;
use crate::files::undo::{Undone, plan_undo};
use crate::model::hint::Hint;
use std::fs;

const KEPT: &str = "a.h5.h5lift-orig";

fn purge(scene: &Scene, proof: &PurgeProof) -> Result<Purged, StepError> {
    let (ledger, mut history) = scene.open();
    ledger.recover(&mut history).unwrap();
    let step = plan_purge(&history, &scene.roots())
        .next()
        .unwrap()
        .unwrap();
    step.execute(&ledger, &scene.roots(), proof, FileLocking::On)
}

fn refusal(scene: &Scene) -> Refusal {
    match purge(scene, &PurgeProof::Verified) {
        Err(StepError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_proved_original_is_deleted_once() {
    for until in [Until::Swapped, Until::Done] {
        let scene = Scene::new();
        scene.in_place("a.h5", until);
        let bytes = OLD.len() as u64;
        let notes = Vec::new();
        assert_eq!(
            purge(&scene, &PurgeProof::Verified).unwrap(),
            Purged::Deleted { bytes, notes }
        );
        assert_eq!(scene.files(), ["a.h5", "b.h5"]);
        assert_eq!(scene.read("a.h5"), NEW);
        let told = fs::read(scene.ledger_path()).unwrap();
        assert_eq!(
            purge(&scene, &PurgeProof::Verified).unwrap(),
            Purged::Nothing
        );
        assert_eq!(fs::read(scene.ledger_path()).unwrap(), told);

        let history = scene.history();
        let row = history.records().next().unwrap();
        assert_eq!(row.backup, None);
        assert_eq!(row.findings.last().unwrap().code, "purged");
        // It still is done, and cannot be undone.
        let undo = plan_undo(&history, &scene.roots()).next().unwrap().unwrap();
        assert!(undo.to_string().contains("h5lift purge"), "{undo}");
    }
}

#[test]
fn without_a_proof_nothing_is_deleted() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let proof = PurgeProof::Missing("gene names differ".to_string());
    let error = purge(&scene, &proof).unwrap_err();
    assert!(error.to_string().contains("gene names differ"), "{error}");
    assert!(error.hint().contains("keep it"));
    assert_eq!(scene.read(KEPT), OLD);
}

#[test]
fn a_new_file_that_changed_keeps_its_original() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    scene.write("a.h5", &NEW.to_ascii_uppercase());
    assert!(refusal(&scene).cause.contains("all that is left"));
    fs::remove_file(scene.at("a.h5")).unwrap();
    assert!(refusal(&scene).cause.contains("it is not there"));
    fs::hard_link(scene.at(KEPT), scene.at("a.h5")).unwrap();
    assert!(refusal(&scene).cause.contains("is the original itself"));
    assert_eq!(scene.read(KEPT), OLD);
}

#[test]
fn a_kept_original_that_changed_is_not_ours_to_delete() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    scene.write(KEPT, &OLD.to_ascii_uppercase());
    let told = refusal(&scene);
    assert_eq!(told.path, scene.at(KEPT));
    assert!(
        told.cause.contains("not the file that h5lift left"),
        "{told}"
    );
    assert_eq!(scene.read(KEPT), OLD.to_ascii_uppercase());
}

#[test]
fn what_changes_between_plan_and_deed_is_noticed() {
    for name in ["a.h5", KEPT] {
        let scene = Scene::new();
        scene.in_place("a.h5", Until::Done);
        let (ledger, history) = scene.open();
        let step = plan_purge(&history, &scene.roots())
            .next()
            .unwrap()
            .unwrap();
        scene.write(name, b"quick");
        let done = step.execute(
            &ledger,
            &scene.roots(),
            &PurgeProof::Verified,
            FileLocking::On,
        );
        let error = done.unwrap_err();
        assert!(error.to_string().contains("length changed"), "{error}");
        assert_eq!(scene.files(), ["a.h5", KEPT, "b.h5"]);
    }
}

#[test]
fn a_crash_before_the_ledger_was_told() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    fs::remove_file(scene.at(KEPT)).unwrap();
    assert_eq!(
        purge(&scene, &PurgeProof::Verified).unwrap(),
        Purged::Nothing
    );
    let row = scene.history().records().next().unwrap().clone();
    assert_eq!(row.findings.last().unwrap().code, "purged");
}

#[test]
fn a_backup_folder_that_is_not_mounted_is_not_purged() {
    let kept = tempfile::tempdir().unwrap();
    let folder = kept.path().join("kept");
    let scene = Scene::keeping(Backup::Folder(folder.clone()));
    scene.in_place("a.h5", Until::Done);
    fs::rename(&folder, kept.path().join("unmounted")).unwrap();
    assert_eq!(refusal(&scene).cause, "its folder is not there");
    fs::rename(kept.path().join("unmounted"), &folder).unwrap();
    let purged = purge(&scene, &PurgeProof::Verified).unwrap();
    assert!(matches!(purged, Purged::Deleted { .. }), "{purged:?}");
}

#[test]
fn what_was_undone_or_kept_nothing_has_nothing_to_purge() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let (ledger, history) = scene.open();
    let undone = plan_undo(&history, &scene.roots())
        .next()
        .unwrap()
        .unwrap()
        .execute(&ledger, &scene.roots(), FileLocking::On, &|_, _| Ok(()));
    assert!(matches!(undone.unwrap(), Undone::Restore { .. }));
    drop(ledger);
    let told = fs::read(scene.ledger_path()).unwrap();
    assert_eq!(
        purge(&scene, &PurgeProof::Verified).unwrap(),
        Purged::Nothing
    );
    assert_eq!(fs::read(scene.ledger_path()).unwrap(), told);
    assert_eq!(scene.read("a.h5"), OLD);

    let scene = Scene::keeping(Backup::None);
    scene.in_place("a.h5", Until::Done);
    assert!(
        plan_purge(&scene.history(), &scene.roots())
            .next()
            .is_none()
    );
}

#[test]
fn undo_offers_no_original_that_was_purged() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    purge(&scene, &PurgeProof::Verified).unwrap();
    fs::remove_file(scene.at("a.h5")).unwrap();
    let (history, roots) = (scene.history(), scene.roots());
    match plan_undo(&history, &roots)
        .next()
        .unwrap()
        .unwrap()
        .decision
    {
        UndoAction::Refuse(refusal) => {
            assert_eq!(refusal.cause, "it is not there");
            assert!(refusal.hint.contains("a backup of your own"), "{refusal:?}");
        }
        other => panic!("{other:?}"),
    }
}
