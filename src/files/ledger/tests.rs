//! Ledgers on a real disk: written, torn, damaged, contended.

use super::*;
use crate::files::ledger::entry::Placement;
use crate::files::ledger::scene::{NEW, OLD, Scene, Until, endings, open_error, record, stamp_of};
use crate::model::hint::Hint;
use crate::model::record::outcome::Outcome;
use proptest::prelude::*;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;

#[test]
fn what_was_written_is_read_again() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    scene.elsewhere("b.h5", "out.h5", Until::Done);
    let (ledger, _) = scene.open();
    ledger.row(&record(Path::new("c.h5"))).unwrap();
    let problem = Problem {
        path: "x".to_string(),
        message: "it cannot be listed".to_string(),
        hint: None,
    };
    ledger.problem(&problem).unwrap();
    ledger.finish().unwrap();

    let history = scene.history();
    let header = history.header().unwrap();
    assert_eq!(header.ledger, "h5lift.ledger/1");
    assert!(header.started.parse::<jiff::Timestamp>().is_ok());
    assert_eq!(history.torn(), None);
    assert_eq!(history.problems(), [problem]);
    let made = |name: &str| CommitStatus::Done {
        made: stamp_of(&scene.at(name)),
    };
    let expected = [(CommitId(1), made("a.h5")), (CommitId(2), made("out.h5"))];
    assert_eq!(endings(&history), expected);
    let commit = history.commit(CommitId(1)).unwrap();
    assert!(commit.is_in_place());
    assert_eq!(commit.backup, Some(scene.at("a.h5.h5lift-orig")));
    let outcomes: Vec<_> = history.records().map(|record| record.outcome).collect();
    assert_eq!(
        outcomes,
        [Some(Outcome::Migrated), Some(Outcome::Migrated), None]
    );
}

#[test]
fn python_can_prove_it() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let program = "import hashlib, json, sys\n\
        for line in open(sys.argv[1], 'rb'):\n\
        \x20   entry = line[:-27] + b'}'\n\
        \x20   assert hashlib.sha256(entry).hexdigest()[:16] == json.loads(line)['sum']\n\
        \x20   print(json.loads(line).get('entry'))\n";
    let run = std::process::Command::new("python3")
        .args(["-c", program])
        .arg(scene.ledger_path())
        .output();
    let Ok(run) = run else {
        return eprintln!("skipped: no python3");
    };
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    assert_eq!(run.stdout, b"None\nbegun\ndone\n");
}

#[test]
fn a_torn_last_line_is_told_and_kept_aside_wherever_it_is_torn() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let whole = fs::read(scene.ledger_path()).unwrap();
    let ends: Vec<_> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
    let starts = [0, ends[0] + 1, ends[1] + 1];
    let aside = scene.at("run.jsonl.torn");
    for (line, (start, end)) in starts.iter().zip(&ends).enumerate() {
        for cut in *start..=*end {
            fs::write(scene.ledger_path(), &whole[..cut]).unwrap();
            let history = match cut - start {
                0 => None,
                _ => Some(scene.history()),
            };
            // Reading changes nothing.
            assert_eq!(fs::read(scene.ledger_path()).unwrap(), &whole[..cut]);
            let (ledger, again) = scene.open();
            drop(ledger);
            if let Some(history) = history {
                let torn = history.torn().unwrap();
                assert_eq!(torn.line, line as u64 + 1);
                assert_eq!(torn.bytes, &whole[*start..cut]);
                let kept = fs::read(&aside).unwrap();
                assert_eq!(kept, [&whole[*start..cut], b"\n"].concat());
                fs::remove_file(&aside).unwrap();
            }
            assert_eq!(again.commits().count(), line.saturating_sub(1));
            let now = fs::read(scene.ledger_path()).unwrap();
            if line > 0 {
                assert_eq!(now, &whole[..*start]);
            }
            assert_eq!(scene.history().torn(), None);
        }
    }
}

#[test]
fn a_run_goes_on_after_a_torn_line() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let mut torn = fs::read(scene.ledger_path()).unwrap();
    // As some file systems leave a block that was never written.
    torn.extend([0; 300]);
    fs::write(scene.ledger_path(), torn).unwrap();
    scene.in_place("b.h5", Until::Done);
    let ids: Vec<_> = scene.history().commits().map(CommitEntry::id).collect();
    assert_eq!(ids, [CommitId(1), CommitId(2)]);
}

#[test]
fn a_flipped_byte_before_the_last_line_is_an_error_with_its_line() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let whole = fs::read(scene.ledger_path()).unwrap();
    let mut line = 1;
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap();
    for at in 0..last {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(scene.ledger_path(), &damaged).unwrap();
        for error in [
            History::read(&scene.ledger_path()).unwrap_err(),
            open_error(&scene.ledger_path()),
        ] {
            match error {
                LedgerError::Damaged { line: told, .. } => assert_eq!(told, line, "byte {at}"),
                LedgerError::NotALedger { .. } => assert!(at < 25, "byte {at}"),
                other => panic!("byte {at}: {other}"),
            }
        }
        assert_eq!(fs::read(scene.ledger_path()).unwrap(), damaged);
        line += u64::from(whole[at] == b'\n');
    }
    let error = LedgerError::Damaged {
        path: "run.jsonl".into(),
        line: 2,
        cause: "it is damaged".into(),
    };
    assert_eq!(error.to_string(), "run.jsonl:2: it is damaged");
    assert!(error.hint().contains("restore it from a copy"));
}

#[test]
fn there_is_one_writer() {
    let scene = Scene::new();
    let (first, _) = scene.open();
    let error = open_error(&scene.ledger_path());
    assert!(matches!(error, LedgerError::InUse { .. }), "{error}");
    assert!(error.hint().contains("--ledger"));
    // A process that only reads is admitted.
    assert_eq!(scene.history().commits().count(), 0);
    drop(first);
    scene.open();
}

#[test]
fn where_nothing_can_be_locked_a_file_stands_for_the_lock() {
    let unavailable = |_: &File, _| Taken::Unavailable("no locks".to_string());
    let scene = Scene::new();
    let lock = scene.at("run.jsonl.lock");
    let (first, _) = Ledger::open_locked(
        &scene.ledger_path(),
        LedgerTrust::Checked,
        None,
        unavailable,
    )
    .unwrap();
    let error = Ledger::open_locked(
        &scene.ledger_path(),
        LedgerTrust::Checked,
        None,
        unavailable,
    )
    .unwrap_err();
    assert!(matches!(error, LedgerError::LockFile { .. }), "{error}");
    assert!(error.hint().contains("run.jsonl.lock"), "{}", error.hint());
    // The second one has not taken the first one's lock away.
    assert!(lock.exists());
    drop(first);
    assert!(!lock.exists());
    Ledger::open_locked(
        &scene.ledger_path(),
        LedgerTrust::Checked,
        None,
        unavailable,
    )
    .unwrap();
}

#[test]
fn other_files_are_left_alone() {
    let scene = Scene::new();
    for bytes in [&b"\x89HDF\r\n\x1a\n"[..], b"{\"path\": \"a.h5\"}\n", b"\n"] {
        scene.write("other", bytes);
        let error = open_error(&scene.at("other"));
        assert!(matches!(error, LedgerError::NotALedger { .. }), "{error}");
        assert_eq!(scene.read("other"), bytes);
    }
    let header = Header {
        ledger: "h5lift.ledger/2".to_string(),
        h5lift: "9.0.0".to_string(),
        started: String::new(),
        file: None,
        run: None,
    };
    scene.write("other", &line::seal(&header).unwrap());
    let error = open_error(&scene.at("other"));
    assert!(error.to_string().contains("h5lift.ledger/2"), "{error}");
    let error = open_error(scene.folder.path());
    assert!(matches!(error, LedgerError::NotALedger { .. }), "{error}");
}

#[test]
fn a_ledger_that_was_pieced_together_is_an_error() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let whole = fs::read_to_string(scene.ledger_path()).unwrap();
    let lines: Vec<_> = whole.split_inclusive('\n').collect();
    for (pieces, line, cause) in [
        (vec![0, 2], 2, "never began"),
        (vec![0, 1, 2, 2], 4, "ends twice"),
        (vec![0, 1, 1], 3, "begins twice"),
        (vec![0, 1, 2, 0], 4, "not an entry"),
    ] {
        let text: String = pieces.iter().map(|piece| lines[*piece]).collect();
        scene.write("run.jsonl", text.as_bytes());
        let error = History::read(&scene.ledger_path()).unwrap_err().to_string();
        assert!(error.contains(&format!(".jsonl:{line}: ")), "{error}");
        assert!(error.contains(cause), "{error}");
    }
}

#[test]
fn a_link_to_a_ledger_is_refused() {
    let scene = Scene::new();
    scene.open();
    symlink("run.jsonl", scene.at("link.jsonl")).unwrap();
    let error = open_error(&scene.at("link.jsonl"));
    assert!(matches!(error, LedgerError::Untrusted { .. }), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_leaves_whole_lines() {
    // The device that is always full takes the place of the open ledger.
    let scene = Scene::new();
    let (ledger, _) = scene.open();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let good = std::mem::replace(&mut ledger.writer.lock().unwrap().file, full);
    let error = ledger.row(&record(Path::new("a.h5"))).unwrap_err();
    assert!(error.to_string().contains("cannot write to this ledger"));
    // A device cannot be cut back: nothing more is written.
    ledger.writer.lock().unwrap().file = good;
    let error = ledger.row(&record(Path::new("a.h5"))).unwrap_err();
    assert!(matches!(error, LedgerError::Broken { .. }), "{error}");
    drop(ledger);
    assert_eq!(scene.history().records().count(), 0);
}

#[test]
fn threads_write_whole_lines() {
    let scene = Scene::new();
    let (ledger, _) = scene.open();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let ledger = &ledger;
            scope.spawn(move || {
                for number in 0..25 {
                    let path = format!("{thread}/{number}.h5");
                    ledger.row(&record(Path::new(&path))).unwrap();
                }
            });
        }
    });
    drop(ledger);
    assert_eq!(scene.history().records().count(), 100);
}

#[test]
fn after_a_crash_the_disk_tells_how_a_commit_ended() {
    for (until, new) in [
        (Until::Begun, false),
        (Until::Kept, false),
        (Until::Swapped, true),
    ] {
        let scene = Scene::new();
        scene.in_place("a.h5", until);
        let mut looked = scene.history();
        assert_eq!(looked.open_commits().count(), 1);
        let row = looked.records().next().unwrap();
        assert_eq!(row.outcome, Some(Outcome::Failed));
        assert_eq!(row.error.as_ref().unwrap().kind, "interrupted");
        let before = fs::read(scene.ledger_path()).unwrap();
        looked.recover();
        assert_eq!(fs::read(scene.ledger_path()).unwrap(), before);

        let (ledger, mut history) = scene.open();
        let recovered = ledger.recover(&mut history).unwrap();
        assert_eq!(recovered.len(), 1);
        assert_eq!(
            matches!(recovered[0].verdict, Verdict::New),
            new,
            "{until:?}"
        );
        drop(ledger);
        let again = scene.history();
        assert_eq!(endings(&again), endings(&history));
        assert_eq!(endings(&again), endings(&looked));
        let commit = again.commit(CommitId(1)).unwrap();
        assert_eq!(commit.made().is_some(), new);
        assert_eq!(commit.record().outcome.unwrap().is_failure(), !new);
        assert_eq!(commit.record().error.is_some(), !new);
        if new {
            assert_eq!(commit.backup, Some(scene.at("a.h5.h5lift-orig")));
            assert_eq!(commit.record().bytes_after, Some(NEW.len() as u64));
        }
    }
}

#[test]
fn after_a_crash_elsewhere_as_well() {
    for (until, new) in [(Until::Begun, false), (Until::Swapped, true)] {
        let scene = Scene::new();
        scene.elsewhere("a.h5", "out.h5", until);
        let (ledger, mut history) = scene.open();
        let recovered = ledger.recover(&mut history).unwrap();
        assert_eq!(matches!(recovered[0].verdict, Verdict::New), new);
        assert_eq!(matches!(recovered[0].verdict, Verdict::Old), !new);
        let commit = history.commit(CommitId(1)).unwrap();
        assert_eq!(commit.output_stands().unwrap(), new);
    }
}

#[test]
fn where_the_folder_is_not_mounted_a_commit_stays_open() {
    let scene = Scene::new();
    fs::create_dir(scene.at("out")).unwrap();
    scene.elsewhere("a.h5", "out/a.h5", Until::Swapped);
    fs::rename(scene.at("out"), scene.at("unmounted")).unwrap();
    let (ledger, mut history) = scene.open();
    let recovered = ledger.recover(&mut history).unwrap();
    assert!(matches!(&recovered[0].verdict, Verdict::Unclear(why) if why.contains("folder")));
    fs::rename(scene.at("unmounted"), scene.at("out")).unwrap();
    let recovered = ledger.recover(&mut history).unwrap();
    assert!(matches!(recovered[0].verdict, Verdict::New));
    assert!(ledger.recover(&mut history).unwrap().is_empty());
}

#[test]
fn what_is_unclear_stays_open() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Swapped);
    scene.write("a.h5", b"somebody was quicker");
    let (ledger, mut history) = scene.open();
    let recovered = ledger.recover(&mut history).unwrap();
    let Verdict::Unclear(why) = &recovered[0].verdict else {
        panic!("{recovered:?}");
    };
    assert!(why.contains("changed since"), "{why}");
    fs::remove_file(scene.at("a.h5")).unwrap();
    let recovered = ledger.recover(&mut history).unwrap();
    assert!(matches!(&recovered[0].verdict, Verdict::Unclear(why) if why.contains("not there")));
    assert_eq!(history.open_commits().count(), 1);
}

#[test]
fn what_is_done_needs_no_second_look_until_it_changes() {
    let scene = Scene::new();
    let done = |source: &str, destination: &str| {
        let snapshot = stamp_of(&scene.at(source));
        scene
            .history()
            .done(&scene.at(source), &snapshot, &scene.at(destination))
            .unwrap()
            .map(CommitEntry::id)
    };
    fs::hard_link(scene.at("b.h5"), scene.at("c.h5")).unwrap();
    scene.in_place("a.h5", Until::Done);
    scene.elsewhere("b.h5", "out.h5", Until::Done);
    assert_eq!(done("c.h5", "out.h5"), None);
    assert_eq!(done("a.h5", "a.h5"), Some(CommitId(1)));
    assert_eq!(done("b.h5", "out.h5"), Some(CommitId(2)));
    assert_eq!(done("b.h5", "other.h5"), None);
    assert_eq!(done("a.h5", "out.h5"), None);
    let history = scene.history();
    let mut snapshot = stamp_of(&scene.at("a.h5"));
    snapshot.device += 1;
    let a = scene.at("a.h5");
    assert!(history.done(&a, &snapshot, &a).unwrap().is_some());

    // Times tick a few milliseconds apart.
    std::thread::sleep(std::time::Duration::from_millis(20));
    scene.write("a.h5", NEW);
    scene.write("b.h5", OLD);
    assert_eq!(done("a.h5", "a.h5"), None);
    assert_eq!(done("b.h5", "out.h5"), None);
    let commit = history.commit(CommitId(2)).unwrap();
    assert!(commit.output_stands().unwrap());
    fs::remove_file(scene.at("out.h5")).unwrap();
    assert!(!commit.output_stands().unwrap());
}

#[test]
fn a_failed_commit_hides_no_earlier_one() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    fs::remove_file(scene.at("a.h5.h5lift-orig")).unwrap();
    scene.in_place("a.h5", Until::Begun);
    let (ledger, history) = scene.open();
    let mut failed = record(&scene.at("a.h5"));
    failed.outcome = Some(Outcome::Failed);
    ledger.failed(CommitId(2), &failed).unwrap();
    drop(ledger);
    let latest = |history: &History| history.latest_commits().map(CommitEntry::id).next();
    assert_eq!(latest(&history), Some(CommitId(2)));
    assert_eq!(latest(&scene.history()), Some(CommitId(1)));
}

#[test]
fn the_rows_of_shards_are_merged_and_the_later_one_counts() {
    let (one, two) = (Scene::new(), Scene::new());
    let mut row = record(Path::new("shared.h5"));
    for (scene, bytes) in [(&one, 1), (&two, 2)] {
        row.bytes = bytes;
        let (ledger, _) = scene.open();
        ledger.row(&row).unwrap();
        ledger.row(&record(&scene.at("a.h5"))).unwrap();
    }
    let histories = [one.history(), two.history()];
    let rows = merged_records(&histories);
    let bytes: Vec<_> = rows.iter().map(|row| row.bytes).collect();
    assert_eq!(bytes, [2, 12, 12]);
}

fn odd_path() -> impl Strategy<Value = PathBuf> {
    let odd = prop_oneof![
        4 => 1_u8..=255,
        1 => Just(b'\n'),
        1 => Just(b'"'),
        1 => Just(0xff),
    ];
    proptest::collection::vec(odd, 1..40).prop_map(|name| {
        let bytes = [&b"/data/"[..], &name].concat();
        PathBuf::from(OsString::from_vec(bytes))
    })
}

proptest! {
    #[test]
    fn entries_with_odd_paths_read_back_equal(
        source in odd_path(),
        kept in proptest::option::of(odd_path()),
        in_place: bool,
        sum: [u8; 32],
        numbers: (u64, u64, u64, i64),
    ) {
        let snapshot = StatSnapshot {
            device: numbers.0,
            inode: numbers.1,
            bytes: numbers.2,
            modified: crate::files::stat_snapshot::Timestamp { seconds: numbers.3, nanoseconds: 999_999_999 },
            changed: crate::files::stat_snapshot::Timestamp { seconds: 0, nanoseconds: 1 },
        };
        let sha256 = crate::files::checksum::Sha256Sum(sum);
        let backup = kept.clone().map(LedgerPath);
        let record = Box::new(record(&source));
        let begun = Begun {
            id: CommitId(numbers.0),
            at: 0,
            source: source.clone(),
            source_snapshot: snapshot,
            source_sha256: sha256,
            placement: match in_place {
                true => Placement::InPlace { backup: backup.clone() },
                false => Placement::Elsewhere { destination: LedgerPath(source) },
            },
            new: NewFile {
                device: numbers.1,
                inode: numbers.2,
                content: crate::files::Fingerprint { bytes: numbers.0, sha256 },
            },
            record: record.clone(),
        };
        let done = Done { id: begun.id, made: snapshot, backup, record: record.clone() };
        for entry in [
            Entry::Begun(begun),
            Entry::Done(done),
            Entry::Failed { id: CommitId(7), record: record.clone() },
            Entry::Undone { id: CommitId(7) },
            Entry::Purged { id: CommitId(7) },
            Entry::Row { record, at: 1 },
            Entry::Started { at: 2 },
            Entry::Finished { files: 3 },
        ] {
            let sealed = line::seal(&entry).unwrap();
            prop_assert!(sealed.is_ascii());
            let json = line::unseal(&sealed).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Entry>(&json).unwrap(), entry);
        }
    }
}

#[test]
fn a_salvage_that_a_crash_cut_off_is_told_as_one() {
    let mut scene = Scene::new();
    scene.lost_chunks = Some(2);
    scene.elsewhere("a.h5", "out.h5", Until::Swapped);
    scene.elsewhere("b.h5", "other.h5", Until::Begun);
    let (ledger, mut history) = scene.open();
    assert_eq!(ledger.recover(&mut history).unwrap().len(), 2);
    let told: Vec<_> = history
        .records()
        .map(|record| (record.outcome, record.lost_chunks))
        .collect();
    let expected = [
        (Some(Outcome::Salvaged), Some(2)),
        (Some(Outcome::Failed), None),
    ];
    assert_eq!(told, expected);
}
