//! What the top of a page says of all rows: gathered while they come, of a size that does not depend on their number.

use crate::model::record::Record;
use crate::model::record::outcome::Outcome;
use crate::model::state::State;
use crate::report::causes::Causes;
use crate::report::folders::Folders;
use crate::report::html::Timing;
use crate::report::html::matrix_shape;
use crate::report::words::deed;
use crate::report::{escape, json, words};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

/// Kinds of findings that are distinguished; the program has fewer.
const MOST_FINDINGS: usize = 100;
/// The slowest files that the time line shows.
const SLOWEST: usize = 20;
/// Columns of the time line's curve.
pub(super) const SPANS: usize = 100;

/// A number of files and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl Amount {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

#[derive(Debug, Default)]
pub(super) struct Overview {
    pub(super) states: BTreeMap<State, BTreeMap<&'static str, Amount>>,
    pub(super) findings: BTreeMap<String, u64>,
    /// Matrices by the powers of two of genes and samples.
    pub(super) shapes: BTreeMap<[u32; 2], u64>,
    pub(super) folders: Folders,
    pub(super) causes: Causes,
    /// Files with a new file, and the bytes of both.
    pub(super) rewritten: Amount,
    pub(super) bytes_after: u64,
    /// Files that were done, by how much of them was verified.
    pub(super) verified: BTreeMap<&'static str, u64>,
    pub(super) timeline: Timeline,
    lines: Sha256,
}

/// When files were in work.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// The longest first.
    pub(super) slowest: Vec<Slow>,
    /// Files that were done in each span.
    pub(super) done: Vec<u64>,
    /// Length of a span.
    pub(super) span: Duration,
    pub(super) end: Duration,
}

/// A file that took long.
#[derive(Debug)]
pub(super) struct Slow {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) deed: &'static str,
    pub(super) timing: Timing,
}

impl Overview {
    /// Adds a row and returns the number of its cause, as [`Causes::add`] does.
    pub(super) fn add(&mut self, record: &Record, timing: Option<Timing>) -> usize {
        let cause = self.causes.add(record);
        let deeds = self.states.entry(record.state).or_default();
        deeds.entry(deed(record)).or_default().add(record.bytes);
        for finding in &record.findings {
            if self.findings.len() < MOST_FINDINGS || self.findings.contains_key(&finding.code) {
                *self.findings.entry(finding.code.clone()).or_default() += 1;
            }
        }
        if let Some(shape) = matrix_shape(record) {
            let powers = shape.map(|length| length.checked_ilog2().unwrap_or(0));
            *self.shapes.entry(powers).or_default() += 1;
        }
        self.folders.add(record, cause > 0);
        if let Some(after) = record.bytes_after {
            self.rewritten.add(record.bytes);
            self.bytes_after = self.bytes_after.saturating_add(after);
        }
        let is_done = matches!(
            record.outcome,
            Some(Outcome::Migrated | Outcome::Converted | Outcome::Salvaged)
        );
        if let (true, Some(verified)) = (is_done, record.verified) {
            *self
                .verified
                .entry(words::verification(verified))
                .or_default() += 1;
        }
        if let Some(timing) = timing {
            self.timeline.add(record, timing);
        }
        self.lines.update(json::line(record));
        cause
    }

    /// SHA-256 of all rows as lines of JSON.
    pub(super) fn digest(&self) -> [u8; 32] {
        self.lines.clone().finalize().into()
    }

    /// Files of a state.
    pub(super) fn state(&self, state: State) -> Amount {
        let deeds = self.states.get(&state).into_iter().flatten();
        deeds.fold(Amount::default(), |sum, (_, more)| Amount {
            files: sum.files + more.files,
            bytes: sum.bytes.saturating_add(more.bytes),
        })
    }

    /// Words of what was done or would be, with the files of each.
    pub(super) fn deeds(&self) -> BTreeMap<&'static str, u64> {
        let mut sums = BTreeMap::new();
        for (word, amount) in self.states.values().flatten() {
            *sums.entry(*word).or_default() += amount.files;
        }
        sums
    }
}

impl Timeline {
    fn add(&mut self, record: &Record, timing: Timing) {
        let end = timing.started + timing.took;
        self.end = self.end.max(end);
        self.count(end);
        let is_slow = self.slowest.len() < SLOWEST
            || self
                .slowest
                .last()
                .is_some_and(|last| last.timing.took < timing.took);
        if is_slow {
            let place = self
                .slowest
                .partition_point(|slow| slow.timing.took >= timing.took);
            let slow = Slow {
                path: escape::path(record).into_owned(),
                bytes: record.bytes,
                deed: deed(record),
                timing,
            };
            self.slowest.insert(place, slow);
            self.slowest.truncate(SLOWEST);
        }
    }

    /// The length of the run is not known while rows come, so spans double when they no longer reach.
    fn count(&mut self, end: Duration) {
        if self.done.is_empty() {
            self.done = vec![0; SPANS];
            self.span = Duration::from_millis(10);
        }
        let mut place = end.as_nanos() / self.span.as_nanos();
        while place >= SPANS as u128 {
            self.done = (0..SPANS)
                .map(|span| {
                    let pair = self.done.iter().skip(2 * span).take(2);
                    pair.sum()
                })
                .collect();
            self.span *= 2;
            place = end.as_nanos() / self.span.as_nanos();
        }
        if let Some(count) = usize::try_from(place)
            .ok()
            .and_then(|at| self.done.get_mut(at))
        {
            *count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn sums_are_those_of_the_rows() {
        let report = sample::migration();
        let mut overview = Overview::default();
        let causes: Vec<usize> = report
            .files
            .iter()
            .map(|record| overview.add(record, None))
            .collect();
        assert_eq!(causes, [0, 0, 0, 1, 2]);
        for (state, files) in &report.summary.by_state {
            assert_eq!(overview.state(*state).files, *files);
        }
        assert_eq!(Some(overview.bytes_after), report.summary.bytes_after);
        assert_eq!(overview.rewritten.files, 2);
        assert_eq!(overview.verified["full"], 2);
        assert_eq!(overview.deeds().values().sum::<u64>(), 5);
    }

    #[test]
    fn the_digest_is_that_of_the_lines() {
        let mut overview = Overview::default();
        let mut lines = Vec::new();
        for record in sample::every_row() {
            overview.add(&record, None);
            lines.extend(json::line(&record));
        }
        assert_eq!(overview.digest(), <[u8; 32]>::from(Sha256::digest(&lines)));
    }

    #[test]
    fn the_time_line_keeps_the_slowest_and_counts_all() {
        let mut timeline = Timeline::default();
        for number in 0..1000_u64 {
            let timing = Timing {
                started: Duration::from_millis(number * 50),
                took: Duration::from_millis(number * 37 % 1000),
            };
            timeline.add(&sample::legacy("a.h5"), timing);
        }
        assert_eq!(timeline.done.iter().sum::<u64>(), 1000);
        let took: Vec<u128> = timeline
            .slowest
            .iter()
            .map(|slow| slow.timing.took.as_millis())
            .collect();
        let slowest: Vec<u128> = (980..1000).rev().collect();
        assert_eq!(took, slowest);
        assert!(timeline.span * u32::try_from(SPANS).unwrap() > timeline.end);
    }
}
