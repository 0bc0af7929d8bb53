//! How far a batch is: events in, numbers and sentences out. No terminal, no clock.

use crate::cli::progress::phrase::{About, Phrase};
use crate::cli::progress::work::{Work, is_about_values};
use crate::jobs::event::Event;
use crate::model::record::outcome::Outcome;
use crate::report::quantity;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The speed is that of the last half minute: a slow disk shows, one small file does not.
const WINDOW: Duration = Duration::from_secs(30);
/// Samples are no closer than this, so that the window stays short.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);
/// An estimate from less than this is a guess.
const SHORTEST_BASIS: Duration = Duration::from_secs(2);
/// An estimate follows what the speed says within a third of the time that is left, and within these limits: one large
/// file does not make it jump, and near the end it is right.
const SETTLES_WITHIN: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(20)];
/// A file that takes longer than this is named.
const SLOW: Duration = Duration::from_secs(10);

/// Sums of what has happened.
#[derive(Debug, Default)]
pub(crate) struct BatchProgress {
    total: Option<Amount>,
    done: Amount,
    not_done: u64,
    reads_values: bool,
    slots: Vec<Option<Work>>,
    /// Files that only wait for the disk.
    waiting: Amount,
    started: Option<Instant>,
    samples: VecDeque<(Instant, Amount)>,
    /// The time left as it was last told, and when.
    told: Option<(Instant, Duration)>,
}

/// How far a batch is, in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numbers {
    pub files: Option<u64>,
    pub files_done: u64,
    pub not_done: u64,
    pub bytes: Option<u64>,
    pub bytes_done: u64,
    pub bytes_per_second: Option<u64>,
    pub left: Option<Duration>,
}

/// Files, and their bytes on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Amount {
    files: u64,
    bytes: u64,
}

impl BatchProgress {
    /// A batch of this many files at a time.
    pub(crate) fn new(jobs: usize) -> Self {
        BatchProgress {
            slots: std::iter::repeat_with(|| None).take(jobs).collect(),
            ..BatchProgress::default()
        }
    }

    pub(crate) fn take(&mut self, event: &Event<'_>, now: Instant) {
        match *event {
            Event::Started { files, bytes } => {
                self.total = Some(Amount { files, bytes });
                self.samples.push_back((now, Amount::default()));
                self.started = Some(now);
            }
            Event::FileStarted { slot, path, bytes } => {
                *self.slot(slot) = Some(Work::begun(path, bytes, now));
            }
            Event::FileProgress { slot, phase, done } => {
                self.reads_values |= is_about_values(phase);
                if let Some(work) = self.slot(slot) {
                    (work.phase, work.done, work.heard) = (phase, done, now);
                }
            }
            Event::FileWaits { slot } => {
                if let Some(work) = self.slot(slot).take() {
                    self.waiting.files += 1;
                    self.waiting.bytes = self.waiting.bytes.saturating_add(work.length);
                }
            }
            Event::FileDone { slot, record } => {
                let work = slot.and_then(|slot| self.slot(slot).take());
                let length = work.map_or(record.bytes, |work| work.length);
                if slot.is_none() {
                    self.waiting.files = self.waiting.files.saturating_sub(1);
                    self.waiting.bytes = self.waiting.bytes.saturating_sub(length);
                }
                self.done.files += 1;
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

    fn slot(&mut self, slot: usize) -> &mut Option<Work> {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, || None);
        }
        &mut self.slots[slot]
    }

    /// The files in work, by slot; `None` while a slot has none.
    pub(crate) fn slots(&self) -> &[Option<Work>] {
        &self.slots
    }

    /// Files to do in all, once they are known.
    pub(crate) fn files(&self) -> Option<u64> {
        self.total.map(|total| total.files)
    }

    /// Notes the time, for the speed; to be called now and then.
    pub(crate) fn sample(&mut self, now: Instant) {
        let is_due = |(at, _): &(Instant, Amount)| now.duration_since(*at) >= SAMPLE_EVERY;
        if self.total.is_some() && self.samples.back().is_none_or(is_due) {
            self.samples.push_back((now, self.so_far()));
            self.told = self.left(now).map(|left| (now, left));
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
        let in_work = self.slots.iter().flatten().map(Work::share);
        let proved = self.done.bytes.saturating_add(self.waiting.bytes);
        let bytes = in_work.fold(proved, u64::saturating_add);
        Amount {
            files: self.done.files,
            bytes: self.total.map_or(bytes, |total| bytes.min(total.bytes)),
        }
    }

    /// Thousandths of the work that are done.
    pub(crate) fn thousandths(&self) -> u64 {
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

    /// An audit reads names only: the length of a file says nothing about its work.
    fn counts_bytes(&self) -> bool {
        self.reads_values && self.total.is_some_and(|total| total.bytes > 0)
    }

    /// How far it is, in phrases.
    pub(crate) fn phrases(&self, now: Instant) -> Vec<Phrase> {
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
        if self.waiting.files > 0 {
            let text = format!("{} wait for the disk", quantity::count(self.waiting.files));
            phrases.push(Phrase::new(About::Waiting, text));
        }
        if self.counts_bytes() {
            let (done, all) = (quantity::bytes(so_far.bytes), quantity::bytes(total.bytes));
            phrases.push(Phrase::new(About::Bytes, format!("{done} of {all}")));
        }
        phrases.extend(self.pace(now));
        phrases
    }

    fn pace(&self, now: Instant) -> Vec<Phrase> {
        let mut phrases = Vec::new();
        if let Some(speed) = self.bytes_per_second(now) {
            let text = format!("{}/s", quantity::bytes(speed));
            phrases.push(Phrase::new(About::Speed, text));
        }
        if let Some(time) = self.left(now) {
            let text = format!("about {} left", quantity::estimate(time));
            phrases.push(Phrase::new(About::TimeLeft, text));
        }
        phrases
    }

    /// What was done since the beginning of the window, and the time of it.
    fn gained(&self, now: Instant) -> Option<(Amount, Duration)> {
        let (at, then) = self.samples.front()?;
        let time = now.duration_since(*at);
        let so_far = self.so_far();
        let gained = Amount {
            files: so_far.files.saturating_sub(then.files),
            bytes: so_far.bytes.saturating_sub(then.bytes),
        };
        (time >= SHORTEST_BASIS).then_some((gained, time))
    }

    fn bytes_per_second(&self, now: Instant) -> Option<u64> {
        let (gained, time) = self.gained(now).filter(|_| self.counts_bytes())?;
        Some(per_second(gained.bytes, time))
    }

    /// The time left: what the speed says, moved towards by what was told before.
    fn left(&self, now: Instant) -> Option<Duration> {
        let total = self.total?;
        let (gained, time) = self.gained(now)?;
        let so_far = self.so_far();
        let whole_time = now.duration_since(self.started?);
        let (left, recent, all) = match self.counts_bytes() {
            true => (total.bytes - so_far.bytes, gained.bytes, so_far.bytes),
            false => (
                total.files.saturating_sub(so_far.files),
                gained.files,
                so_far.files,
            ),
        };
        let new = time_left(left, [(recent, time), (all, whole_time)])?;
        let Some((at, told)) = self.told else {
            return Some(new);
        };
        let since = now.duration_since(at);
        let expected = told.saturating_sub(since);
        let [least, most] = SETTLES_WITHIN;
        let settles = (new / 3).clamp(least, most);
        let weight = since.as_secs_f64() / (since + settles).as_secs_f64();
        let moved = expected.as_secs_f64() * (1.0 - weight) + new.as_secs_f64() * weight;
        Duration::try_from_secs_f64(moved).ok()
    }

    /// The file that has been in work for the longest time, if that is long.
    pub(crate) fn slowest(&self, now: Instant) -> Option<&Work> {
        let oldest = self.slots.iter().flatten().min_by_key(|work| work.begun)?;
        (now.saturating_duration_since(oldest.begun) >= SLOW).then_some(oldest)
    }

    /// The same as the phrases, for programs.
    pub(crate) fn numbers(&self, now: Instant) -> Numbers {
        Numbers {
            files: self.total.map(|total| total.files),
            files_done: self.done.files,
            not_done: self.not_done,
            bytes: self.total.map(|total| total.bytes),
            bytes_done: self.so_far().bytes,
            bytes_per_second: self.bytes_per_second(now),
            left: self.left(now),
        }
    }
}

fn per_second(amount: u64, time: Duration) -> u64 {
    let speed = u128::from(amount) * 1000 / time.as_millis().max(1);
    u64::try_from(speed).unwrap_or(u64::MAX)
}

/// At the mean of two speeds, each an amount and the time that it took: that of the last half minute and that of the whole run,
/// so that one slow file does not seem to last for ever. `None` if nothing is left, if nothing moves, or if the estimate is too
/// long to be useful.
fn time_left(left: u64, speeds: [(u64, Duration); 2]) -> Option<Duration> {
    let [(recent, window), (all, whole)] =
        speeds.map(|(amount, time)| (u128::from(amount), time.as_millis().max(1)));
    let moved = recent * whole + all * window;
    if left == 0 || recent == 0 {
        return None;
    }
    let milliseconds = (2 * u128::from(left)).checked_mul(window * whole)? / moved;
    let time = Duration::from_millis(u64::try_from(milliseconds).ok()?);
    (time < Duration::from_secs(1000 * 86_400)).then_some(time)
}

#[cfg(test)]
mod tests;
