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

/// Sums of what has happened.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    total: Option<Amount>,
    done: Amount,
    not_done: u64,
    reads_values: bool,
    slots: Vec<Option<Work>>,
    samples: VecDeque<(Instant, Amount)>,
}

/// Files, and their bytes on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Amount {
    files: u64,
    bytes: u64,
}

impl Tally {
    /// A tally of this many files at a time.
    pub(crate) fn new(jobs: usize) -> Self {
        Tally {
            slots: std::iter::repeat_with(|| None).take(jobs).collect(),
            ..Tally::default()
        }
    }

    pub(crate) fn take(&mut self, event: &Event<'_>, now: Instant) {
        match *event {
            Event::Started { files, bytes } => {
                self.total = Some(Amount { files, bytes });
                self.samples.push_back((now, Amount::default()));
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
            Event::FileDone { slot, record } => {
                let work = self.slot(slot).take();
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
        let bytes = in_work.fold(self.done.bytes, u64::saturating_add);
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

fn per_second(amount: u64, time: Duration) -> u64 {
    let speed = u128::from(amount) * 1000 / time.as_millis().max(1);
    u64::try_from(speed).unwrap_or(u64::MAX)
}

/// `None` if nothing is left, if nothing moves, or if the estimate is too long to be useful.
fn time_left(left: u64, gained: u64, time: Duration) -> Option<Duration> {
    if left == 0 || gained == 0 {
        return None;
    }
    let milliseconds = u128::from(left) * time.as_millis() / u128::from(gained);
    let time = Duration::from_millis(u64::try_from(milliseconds).ok()?);
    (time < Duration::from_secs(1000 * 86_400)).then_some(time)
}

#[cfg(test)]
mod tests;
