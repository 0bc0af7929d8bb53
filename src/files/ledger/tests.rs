//! Ledgers on a real disk: written, torn, damaged, contended.

use super::*;
use crate::files::Fingerprint;
use crate::files::checksum::Sha256Sum;
use crate::files::ledger::entry::Placement;
use crate::files::ledger::scene::{NEW, Scene, Until, endings, open_error, record};
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
    assert_eq!(header.ledger, "h5lift.ledger/2");
    assert!(header.started.parse::<jiff::Timestamp>().is_ok());
    assert_eq!(history.torn(), None);
    assert_eq!(history.problems(), [problem]);
    let done = |id| (CommitId(id), CommitStatus::Done);
    assert_eq!(endings(&history), [done(1), done(2)]);
    let commit = history.commits().next().unwrap();
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
    assert_eq!(run.stdout, b"None\nform\nbegun\ndone\n");
}

#[test]
fn a_torn_last_line_is_told_and_kept_aside_wherever_it_is_torn() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let whole = fs::read(scene.ledger_path()).unwrap();
    let ends: Vec<_> = (0..whole.len()).filter(|at| whole[*at] == b'\n').collect();
    let starts = [0, ends[0] + 1, ends[1] + 1, ends[2] + 1];
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
            // The header, the form, the two lines of the commit.
            assert_eq!(again.commits().count(), usize::from(line == 3));
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
    let ids: Vec<_> = scene.history().commits().map(|it| it.id()).collect();
    assert_eq!(ids, [CommitId(1), CommitId(2)]);
}

#[test]
fn a_run_goes_on_after_lines_that_were_written_in_another_order() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    let synced = fs::read(scene.ledger_path()).unwrap().len();
    let (ledger, _) = scene.open();
    for name in ["c.h5", "d.h5", "e.h5"] {
        ledger.row(&record(Path::new(name))).unwrap();
    }
    ledger.finish().unwrap();
    // As a file system leaves it that has written the last block, and not the one before.
    let mut torn = fs::read(scene.ledger_path()).unwrap();
    torn[synced..synced + 40].fill(0);
    fs::write(scene.ledger_path(), &torn).unwrap();
    let history = scene.history();
    assert_eq!(history.torn().unwrap().bytes, &torn[synced..]);
    scene.in_place("b.h5", Until::Done);
    let ids: Vec<_> = scene.history().commits().map(|it| it.id()).collect();
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
    for version in ["h5lift.ledger/1", "h5lift.ledger/3"] {
        let header = Header {
            ledger: version.to_string(),
            h5lift: "9.0.0".to_string(),
            started: String::new(),
            file: None,
            run: None,
        };
        scene.write("other", &line::seal(&header).unwrap());
        let error = open_error(&scene.at("other"));
        assert!(error.to_string().contains(version), "{error}");
    }
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
        (vec![0, 2], 2, "which is not there"),
        (vec![0, 1, 1], 3, "out of order"),
        (vec![0, 1, 3], 3, "never began"),
        (vec![0, 1, 2, 3, 3], 5, "ends twice"),
        (vec![0, 1, 2, 2], 4, "begins twice"),
        (vec![0, 1, 2, 3, 0], 5, "not an entry"),
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
        looked.recover().unwrap();
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
        let commit = again.commits().next().unwrap();
        assert_eq!(commit.status == CommitStatus::Done, new);
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
        let commit = history.commits().next().unwrap();
        assert_eq!(commit.status == CommitStatus::Done, new);
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
fn a_failed_commit_hides_no_earlier_one() {
    let scene = Scene::new();
    scene.in_place("a.h5", Until::Done);
    fs::remove_file(scene.at("a.h5.h5lift-orig")).unwrap();
    scene.in_place("a.h5", Until::Failed);
    let latest = |history: &History| history.latest_commits().next().unwrap().unwrap().id();
    assert_eq!(latest(&scene.history()), CommitId(1));
    scene.in_place("a.h5", Until::Begun);
    assert_eq!(latest(&scene.history()), CommitId(3));
    assert_eq!(scene.history().latest_commits().count(), 1);
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
    let bytes: Vec<_> = rows.map(|row| row.unwrap().bytes).collect();
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
        let old = Fingerprint { bytes: numbers.2, sha256: Sha256Sum(sum) };
        let backup = kept.map(LedgerPath);
        let mut record = record(&source);
        record.modified = Some("2026-02-13T10:00:00.000000001Z".to_string());
        let begun = Begun {
            id: CommitId(numbers.0),
            at: numbers.3,
            source: source.clone(),
            old,
            placement: match in_place {
                true => Placement::InPlace { backup: backup.clone() },
                false => Placement::Elsewhere { destination: LedgerPath(source) },
            },
            new: NewFile { device: numbers.1, inode: numbers.2, content: old },
            record: Box::new(record.clone()),
        };
        let mut forms = Forms::default();
        let (line, form) = BegunLine::of(&begun, &mut forms);
        let (number, text) = form.unwrap();
        record.outcome = Some(Outcome::Migrated);
        record.bytes_after = Some(1);
        let kept = backup.as_ref().map(|path| path.0.as_path());
        let done = DoneLine::of(&begun, kept, &record);
        let (row, _) = forms.pack(&record, None);
        let failed = RowChanges::between(&begun.record, &record);
        for entry in [
            Entry::Form { form: number, text },
            Entry::Begun(line.clone()),
            Entry::Done(done.clone()),
            Entry::Failed { id: CommitId(7), row: failed },
            Entry::Undone { id: CommitId(7) },
            Entry::Purged { id: CommitId(7) },
            Entry::Row { row, at: 1 },
            Entry::Started { at: 2 },
            Entry::Finished { files: 3 },
        ] {
            let sealed = line::seal(&entry).unwrap();
            prop_assert!(sealed.is_ascii());
            let json = line::unseal(&sealed).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Entry>(&json).unwrap(), entry);
        }
        prop_assert_eq!(&line.into_begun(&forms).unwrap(), &begun);
        prop_assert_eq!(done.ending(&begun).unwrap(), (backup.map(|path| path.0), record));
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
