//! How far a batch is: events in, numbers and sentences out. No terminal, no clock of its own.

use crate::batch::event::Event;
use crate::model::outcome::Outcome;
use crate::model::phase::Phase;
use crate::report::{escape, quantity};
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

/// The speed is that of the last half minute: a slow disk shows, one small file does not.
const WINDOW: Duration = Duration::from_secs(30);
/// Samples are no closer than this, so that the window stays short.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);
/// An estimate from less than this is a guess.
const SHORTEST_BASIS: Duration = Duration::from_secs(2);

/// Sums of what has happened.
#[derive(Debug, Default)]
pub(super) struct Tally {
    total: Option<Amount>,
    done: Amount,
    not_done: u64,
    reads_values: bool,
    lanes: Vec<Option<Work>>,
    samples: VecDeque<(Instant, Amount)>,
}

/// Files, and their bytes on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Amount {
    files: u64,
    bytes: u64,
}

/// A file in work.
#[derive(Debug)]
pub(super) struct Work {
    /// The file, harmless to a terminal.
    pub path: String,
    /// What its worker is doing.
    pub phase: Phase,
    /// Bytes of raw values done in this phase.
    pub done: u64,
    /// When its worker last gave a sign of life.
    pub heard: Instant,
    length: u64,
}

/// A part of the sentence that tells how far a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    /// What it is about.
    pub about: About,
    /// Its words.
    pub text: String,
}

/// What a phrase is about, the most dispensable first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// Bytes done, which a bar shows as well.
    Bytes,
    /// Bytes a second.
    Speed,
    /// Time to the end.
    TimeLeft,
    /// Files that failed or were refused.
    NotDone,
    /// Files done.
    Files,
}

impl Tally {
    /// A tally of this many files at a time.
    pub(super) fn new(jobs: usize) -> Self {
        Tally {
            lanes: std::iter::repeat_with(|| None).take(jobs).collect(),
            ..Tally::default()
        }
    }

    /// Takes in what happened.
    pub(super) fn take(&mut self, event: &Event<'_>, now: Instant) {
        match *event {
            Event::Started { files, bytes } => {
                self.total = Some(Amount { files, bytes });
                self.samples.push_back((now, Amount::default()));
            }
            Event::FileStarted { lane, path, bytes } => {
                *self.lane(lane) = Some(Work {
                    path: shown(path),
                    phase: Phase::Starting,
                    done: 0,
                    heard: now,
                    length: bytes,
                });
            }
            Event::FileProgress { lane, phase, done } => {
                self.reads_values |= is_about_values(phase);
                if let Some(work) = self.lane(lane) {
                    (work.phase, work.done, work.heard) = (phase, done, now);
                }
            }
            Event::FileDone { lane, record } => {
                let work = self.lane(lane).take();
                self.done.files += 1;
                let length = work.map_or(record.bytes, |work| work.length);
                self.done.bytes = self.done.bytes.saturating_add(length);
                match record.outcome {
                    Some(
                        Outcome::Migrated
                        | Outcome::Salvaged
                        | Outcome::Verified
                        | Outcome::Converted,
                    ) => {
                        self.reads_values = true;
                    }
                    Some(Outcome::Refused | Outcome::Failed) => self.not_done += 1,
                    Some(Outcome::Skipped) | None => {}
                }
            }
            Event::Warning(_) => {}
        }
    }

    fn lane(&mut self, lane: usize) -> &mut Option<Work> {
        if self.lanes.len() <= lane {
            self.lanes.resize_with(lane + 1, || None);
        }
        &mut self.lanes[lane]
    }

    /// The files in work, by lane; `None` while a lane has none.
    pub(super) fn lanes(&self) -> &[Option<Work>] {
        &self.lanes
    }

    /// Files to do in all, once they are known.
    pub(super) fn files(&self) -> Option<u64> {
        self.total.map(|total| total.files)
    }

    /// Notes the time, for the speed; to be called now and then.
    pub(super) fn sample(&mut self, now: Instant) {
        let is_due = |(at, _): &(Instant, Amount)| now.duration_since(*at) >= SAMPLE_EVERY;
        if self.total.is_some() && self.samples.back().is_none_or(is_due) {
            self.samples.push_back((now, self.so_far()));
        }
        // The first sample older than the window is its edge.
        while self
            .samples
            .get(1)
            .is_some_and(|(at, _)| now.duration_since(*at) >= WINDOW)
        {
            self.samples.pop_front();
        }
    }

    /// What is done, files in work by their share.
    fn so_far(&self) -> Amount {
        let in_work = self.lanes.iter().flatten().map(Work::share);
        let bytes = in_work.fold(self.done.bytes, u64::saturating_add);
        Amount {
            files: self.done.files,
            bytes: self.total.map_or(bytes, |total| bytes.min(total.bytes)),
        }
    }

    /// Thousandths of the work that are done.
    pub(super) fn thousandths(&self) -> u64 {
        let Some(total) = self.total else { return 0 };
        let so_far = self.so_far();
        let (done, all) = if self.counts_bytes() {
            (so_far.bytes, total.bytes)
        } else {
            (so_far.files, total.files)
        };
        let share = u128::from(done) * 1000 / u128::from(all.max(1));
        u64::try_from(share.min(1000)).unwrap_or(1000)
    }

    /// An audit reads names only: the length of a file says nothing of its work.
    fn counts_bytes(&self) -> bool {
        self.reads_values && self.total.is_some_and(|total| total.bytes > 0)
    }

    /// How far it is, in phrases.
    pub(super) fn phrases(&self, now: Instant) -> Vec<Phrase> {
        let Some(total) = self.total else {
            let text = match self.done.files {
                0 => "looking for files".to_string(),
                files => format!("{} so far", quantity::counted(files, "file")),
            };
            return vec![Phrase::new(About::Files, text)];
        };
        let so_far = self.so_far();
        let (done, all) = (quantity::count(so_far.files), total.files);
        let mut phrases = vec![Phrase::new(
            About::Files,
            format!("{done} of {}", quantity::counted(all, "file")),
        )];
        if self.not_done > 0 {
            let text = format!("{} not done", quantity::count(self.not_done));
            phrases.push(Phrase::new(About::NotDone, text));
        }
        if self.counts_bytes() {
            let (done, all) = (quantity::bytes(so_far.bytes), quantity::bytes(total.bytes));
            phrases.push(Phrase::new(About::Bytes, format!("{done} of {all}")));
        }
        phrases.extend(self.pace(total, so_far, now));
        phrases
    }

    fn pace(&self, total: Amount, so_far: Amount, now: Instant) -> Vec<Phrase> {
        let mut phrases = Vec::new();
        let Some((at, then)) = self.samples.front() else {
            return phrases;
        };
        let time = now.duration_since(*at);
        if time < SHORTEST_BASIS {
            return phrases;
        }
        let (left, gained) = if self.counts_bytes() {
            let gained = so_far.bytes.saturating_sub(then.bytes);
            let speed = format!("{}/s", quantity::bytes(per_second(gained, time)));
            phrases.push(Phrase::new(About::Speed, speed));
            (total.bytes - so_far.bytes, gained)
        } else {
            let left = total.files.saturating_sub(so_far.files);
            (left, so_far.files.saturating_sub(then.files))
        };
        if let Some(time) = time_left(left, gained, time) {
            let text = format!("about {} left", quantity::estimate(time));
            phrases.push(Phrase::new(About::TimeLeft, text));
        }
        phrases
    }
}

impl Phrase {
    fn new(about: About, text: String) -> Self {
        Phrase { about, text }
    }
}

/// Phrases as one sentence.
pub(super) fn sentence(phrases: &[Phrase]) -> String {
    let texts: Vec<&str> = phrases.iter().map(|phrase| phrase.text.as_str()).collect();
    texts.join(", ")
}

impl Work {
    /// Whether `done` counts rows: a pipe has no length to hold its bytes against.
    pub(super) fn counts_rows(&self) -> bool {
        self.phase == Phase::ReadingText && self.length == 0
    }

    /// The part of the file's length that is done: half for writing, half for proving; all of it for
    /// looking at values, after which nothing comes.
    ///
    /// Raw values are more than the file where it is compressed, so this runs ahead of the work
    /// and then waits, but it never exceeds the file and never goes back.
    fn share(&self) -> u64 {
        let half = self.length / 2;
        match self.phase {
            Phase::Starting | Phase::Opening | Phase::Listing | Phase::ReadingNames => 0,
            Phase::ReadingText if self.counts_rows() => 0,
            Phase::ReadingValues => self.done.min(self.length),
            Phase::WritingValues | Phase::ReadingText => (self.done / 2).min(half),
            Phase::CarryingOver | Phase::Closing | Phase::ComparingObjects => half,
            Phase::ComparingValues => half + (self.done / 2).min(half),
        }
    }
}

fn is_about_values(phase: Phase) -> bool {
    matches!(
        phase,
        Phase::ReadingValues | Phase::WritingValues | Phase::ComparingValues | Phase::ReadingText
    )
}

fn per_second(amount: u64, time: Duration) -> u64 {
    let speed = u128::from(amount) * 1000 / time.as_millis().max(1);
    u64::try_from(speed).unwrap_or(u64::MAX)
}

/// `None` when nothing is left, or nothing moves, or it would take longer than anybody waits.
fn time_left(left: u64, gained: u64, time: Duration) -> Option<Duration> {
    if left == 0 || gained == 0 {
        return None;
    }
    let milliseconds = u128::from(left) * time.as_millis() / u128::from(gained);
    let time = Duration::from_millis(u64::try_from(milliseconds).ok()?);
    (time < Duration::from_secs(1000 * 86_400)).then_some(time)
}

fn shown(path: &Path) -> String {
    escape::path_text(path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::Record;
    use crate::model::state::State;
    use std::path::PathBuf;

    const MIB: u64 = 1 << 20;

    struct Batch {
        tally: Tally,
        begun: Instant,
    }

    impl Batch {
        fn of(files: u64, bytes: u64) -> Self {
            let begun = Instant::now();
            let mut tally = Tally::new(2);
            tally.take(&Event::Started { files, bytes }, begun);
            Batch { tally, begun }
        }

        fn at(&self, seconds: u64) -> Instant {
            self.begun + Duration::from_secs(seconds)
        }

        fn start(&mut self, lane: usize, bytes: u64) {
            let path = PathBuf::from("a\n.h5");
            let event = Event::FileStarted {
                lane,
                path: &path,
                bytes,
            };
            self.tally.take(&event, self.begun);
        }

        fn progress(&mut self, lane: usize, phase: Phase, done: u64) {
            let event = Event::FileProgress { lane, phase, done };
            self.tally.take(&event, self.begun);
        }

        fn finish(&mut self, lane: usize, outcome: Option<Outcome>) {
            let mut record = Record::new("a".as_ref(), 7, State::Legacy, String::new());
            record.outcome = outcome;
            let record = &record;
            self.tally
                .take(&Event::FileDone { lane, record }, self.begun);
        }

        fn sentence(&self, seconds: u64) -> String {
            super::sentence(&self.tally.phrases(self.at(seconds)))
        }
    }

    #[test]
    fn before_the_walk_is_over_there_is_nothing_to_count() {
        let tally = Tally::new(2);
        assert_eq!(
            sentence(&tally.phrases(Instant::now())),
            "looking for files"
        );
        assert_eq!(tally.thousandths(), 0);
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
        assert_eq!(batch.tally.thousandths(), 292);
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
        assert_eq!(batch.tally.thousandths(), 333);
    }

    #[test]
    fn an_audit_that_reads_values_counts_bytes() {
        let mut batch = Batch::of(2, 100);
        batch.start(0, 60);
        batch.progress(0, Phase::ReadingValues, 30);
        assert!(batch.tally.counts_bytes());
        assert_eq!(batch.tally.thousandths(), 300);
        batch.progress(0, Phase::ReadingValues, 9000);
        assert_eq!(batch.tally.thousandths(), 600);
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
            let now = batch.tally.thousandths();
            assert!(now >= last, "{phase:?}");
            if batch.tally.counts_bytes() {
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
            batch.tally.sample(now);
        }
        assert!(batch.tally.samples.len() <= 32);
        assert_eq!(
            batch.sentence(100),
            "1 of 1,000 files, 100 MiB of 1000 MiB, 0 B/s"
        );
    }

    #[test]
    fn lanes_hold_harmless_names_and_empty_when_done() {
        let mut batch = Batch::of(9, 90);
        batch.start(5, 10);
        assert_eq!(batch.tally.lanes().len(), 6);
        let path = |tally: &Tally| tally.lanes()[5].as_ref().map(|work| work.path.clone());
        assert_eq!(path(&batch.tally).unwrap(), "a\\n.h5");
        batch.finish(5, None);
        assert_eq!(path(&batch.tally), None);
    }

    #[test]
    fn odd_totals_divide_nothing_by_zero() {
        for (files, bytes) in [(0, 0), (1, 0), (0, 1), (1, u64::MAX)] {
            let mut batch = Batch::of(files, bytes);
            batch.start(0, u64::MAX);
            batch.progress(0, Phase::ComparingValues, u64::MAX);
            assert!(batch.tally.thousandths() <= 1000);
            batch.sentence(10);
        }
    }
}
