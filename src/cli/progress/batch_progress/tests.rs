use super::*;
use crate::cli::progress::phrase::sentence;
use crate::model::protocol::phase::Phase;
use crate::model::record::Record;
use crate::model::state::State;
use std::path::PathBuf;

const MIB: u64 = 1 << 20;

struct Batch {
    batch: BatchProgress,
    begun: Instant,
}

impl Batch {
    fn of(files: u64, bytes: u64) -> Self {
        let begun = Instant::now();
        let mut batch = BatchProgress::new(2);
        batch.take(&Event::Started { files, bytes }, begun);
        Batch { batch, begun }
    }

    fn at(&self, seconds: u64) -> Instant {
        self.begun + Duration::from_secs(seconds)
    }

    fn start(&mut self, slot: usize, bytes: u64) {
        let path = PathBuf::from("a\n.h5");
        let event = Event::FileStarted {
            slot,
            path: &path,
            bytes,
        };
        self.batch.take(&event, self.begun);
    }

    fn progress(&mut self, slot: usize, phase: Phase, done: u64) {
        let event = Event::FileProgress { slot, phase, done };
        self.batch.take(&event, self.begun);
    }

    fn finish(&mut self, slot: usize, outcome: Option<Outcome>) {
        let mut record = Record::new("a".as_ref(), 7, State::Legacy, String::new());
        record.outcome = outcome;
        let record = &record;
        self.batch.take(
            &Event::FileDone {
                slot: Some(slot),
                record,
            },
            self.begun,
        );
    }

    fn sentence(&self, seconds: u64) -> String {
        sentence(&self.batch.phrases(self.at(seconds)))
    }
}

#[test]
fn before_the_walk_is_over_there_is_nothing_to_count() {
    let batch = BatchProgress::new(2);
    assert_eq!(
        sentence(&batch.phrases(Instant::now())),
        "looking for files"
    );
    assert_eq!(batch.thousandths(), 0);
}

#[test]
fn a_migration_counts_bytes() {
    let mut batch = Batch::of(300, 4096 * MIB);
    for _ in 0..120 {
        batch.start(0, 10 * MIB);
        batch.finish(0, Some(Outcome::Migrated));
    }
    assert_eq!(
        batch.sentence(14),
        "120 of 300 files, 1.2 GiB of 4.0 GiB, 85.7 MiB/s, about 33 s left"
    );
    assert_eq!(batch.batch.thousandths(), 292);
}

#[test]
fn an_audit_counts_files() {
    let mut batch = Batch::of(300, 4096 * MIB);
    for _ in 0..100 {
        batch.start(1, 10 * MIB);
        batch.progress(1, Phase::ReadingNames, 0);
        batch.finish(1, None);
    }
    assert_eq!(batch.sentence(1), "100 of 300 files");
    assert_eq!(batch.sentence(10), "100 of 300 files, about 20 s left");
    assert_eq!(batch.batch.thousandths(), 333);
}

#[test]
fn an_audit_that_reads_values_counts_bytes() {
    let mut batch = Batch::of(2, 100);
    batch.start(0, 60);
    batch.progress(0, Phase::ReadingValues, 30);
    assert!(batch.batch.counts_bytes());
    assert_eq!(batch.batch.thousandths(), 300);
    batch.progress(0, Phase::ReadingValues, 9000);
    assert_eq!(batch.batch.thousandths(), 600);
}

#[test]
fn what_was_not_done_is_counted() {
    let mut batch = Batch::of(3, 30);
    batch.finish(0, Some(Outcome::Failed));
    batch.finish(0, Some(Outcome::Refused));
    batch.finish(0, Some(Outcome::Skipped));
    assert_eq!(batch.sentence(0), "3 of 3 files, 2 not done");
}

#[test]
fn a_file_in_work_counts_by_its_share_and_never_goes_back() {
    let mut batch = Batch::of(1, 100);
    batch.start(0, 100);
    let mut last = 0;
    for (phase, done, share) in [
        (Phase::Listing, 0, 0),
        (Phase::WritingValues, 60, 300),
        (Phase::WritingValues, 9000, 500),
        (Phase::Closing, 0, 500),
        (Phase::ComparingValues, 0, 500),
        (Phase::ComparingValues, 60, 800),
        (Phase::ComparingValues, 9000, 1000),
    ] {
        batch.progress(0, phase, done);
        let now = batch.batch.thousandths();
        assert!(now >= last, "{phase:?}");
        if batch.batch.counts_bytes() {
            assert_eq!(now, share, "{phase:?}");
        }
        last = now;
    }
}

#[test]
fn the_speed_is_that_of_the_last_half_minute() {
    let mut batch = Batch::of(1000, 1000 * MIB);
    batch.start(0, 100 * MIB);
    batch.finish(0, Some(Outcome::Migrated));
    for second in 1..=100 {
        let now = batch.at(second);
        batch.batch.sample(now);
    }
    assert!(batch.batch.samples.len() <= 32);
    assert_eq!(
        batch.sentence(100),
        "1 of 1,000 files, 100 MiB of 1000 MiB, 0 B/s"
    );
}

#[test]
fn slots_hold_harmless_names_and_empty_when_done() {
    let mut batch = Batch::of(9, 90);
    batch.start(5, 10);
    assert_eq!(batch.batch.slots().len(), 6);
    let path = |batch: &BatchProgress| batch.slots()[5].as_ref().map(|work| work.path.clone());
    assert_eq!(path(&batch.batch).unwrap(), "a\\n.h5");
    batch.finish(5, None);
    assert_eq!(path(&batch.batch), None);
}

#[test]
fn odd_totals_divide_nothing_by_zero() {
    for (files, bytes) in [(0, 0), (1, 0), (0, 1), (1, u64::MAX)] {
        let mut batch = Batch::of(files, bytes);
        batch.start(0, u64::MAX);
        batch.progress(0, Phase::ComparingValues, u64::MAX);
        assert!(batch.batch.thousandths() <= 1000);
        batch.sentence(10);
    }
}

/// A batch whose files take what their length says but for one, which takes ten times as long.
#[test]
fn one_slow_file_does_not_make_the_estimate_jump() {
    let files = 400_u64;
    let begun = Instant::now();
    let mut batch = BatchProgress::new(1);
    let bytes = files * MIB;
    batch.take(&Event::Started { files, bytes }, begun);
    let path = PathBuf::from("a.h5");
    let mut record = Record::new("a".as_ref(), MIB, State::Legacy, String::new());
    record.outcome = Some(Outcome::Migrated);
    let (mut left, mut at) = (Vec::new(), begun);
    for number in 0..files {
        let started = Event::FileStarted {
            slot: 0,
            path: &path,
            bytes: MIB,
        };
        batch.take(&started, at);
        let seconds = if number == 100 { 60 } else { 1 };
        for second in 1..=seconds {
            at += Duration::from_secs(1);
            let progress = Event::FileProgress {
                slot: 0,
                phase: Phase::ReadingValues,
                done: MIB * second / seconds,
            };
            batch.take(&progress, at);
            batch.sample(at);
            left.push(batch.numbers(at).left.map_or(0, |left| left.as_secs()));
        }
        let record = &record;
        batch.take(
            &Event::FileDone {
                slot: Some(0),
                record,
            },
            at,
        );
    }
    // Once there is a basis, no second changes it by more than a tenth and what has passed.
    for pair in left[10..].windows(2) {
        let jump = pair[1].abs_diff(pair[0].saturating_sub(1));
        assert!(jump <= pair[0] / 10 + 2, "{pair:?}");
    }
    // It is right before that file, and again when that file has left the window.
    assert!(left[90].abs_diff(310) < 20, "{}", left[90]);
    assert!(left[300].abs_diff(159) < 30, "{}", left[300]);
    assert!(left[left.len() - 5] < 9, "{}", left[left.len() - 5]);
}

#[test]
fn a_file_is_named_when_it_takes_long() {
    let mut batch = Batch::of(2, 2 * MIB);
    batch.start(1, MIB);
    assert!(batch.batch.slowest(batch.at(9)).is_none());
    let slowest = batch.batch.slowest(batch.at(10)).unwrap();
    assert_eq!(slowest.path, "a\\n.h5");
    batch.finish(1, Some(Outcome::Migrated));
    assert!(batch.batch.slowest(batch.at(99)).is_none());
}
