//! What a migration would cost, estimated from a sample. Pure.
//!
//! Files whose chunks are copied keep their size. Of the others, a sample says which part of the raw bytes is left. Files are
//! sampled in proportion to their raw bytes, so the mean of their ratios is that of all bytes, and the spread of these ratios says
//! how far it may be off.

use crate::model::protocol::Sampled;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Half the width of a range at least: headers, and names that are no longer kept twice, are in no sample.
const LEAST_MARGIN: f64 = 0.05;
/// Fewer files say nothing about the others.
const LEAST_FILES: usize = 3;

/// What the files that a migration would rewrite need, estimated from a sample of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Estimate {
    /// Files that would be rewritten.
    pub files: u64,
    /// Their bytes now.
    pub bytes: u64,
    /// Their bytes afterwards.
    pub bytes_after: u64,
    /// Two standard errors less; `null` if the sample is too small to say.
    pub bytes_after_least: Option<u64>,
    /// Two standard errors more.
    pub bytes_after_most: Option<u64>,
    /// Time to read, encode and verify with this number of `jobs`. Waiting for the disk comes on top.
    pub seconds: f64,
    /// Threads at work.
    pub jobs: usize,
    /// Files of which values were read for this estimate.
    pub sampled_files: u64,
    /// Raw bytes of these values.
    pub sampled_bytes: u64,
}

/// Sums over files that are rewritten alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) files: u64,
    /// Lengths of the files.
    pub(crate) bytes: u64,
    /// The matrices in them as stored.
    pub(crate) stored_bytes: u64,
    /// The matrices once decoded.
    pub(crate) raw_bytes: u64,
}

impl Work {
    pub(crate) fn add(&mut self, bytes: u64, stored_bytes: u64, raw_bytes: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.stored_bytes = self.stored_bytes.saturating_add(stored_bytes);
        self.raw_bytes = self.raw_bytes.saturating_add(raw_bytes);
    }
}

/// Files that are rewritten alike, and what was measured of some.
#[derive(Debug, Clone, Default)]
pub(crate) struct Share {
    pub(crate) work: Work,
    pub(crate) samples: Vec<Sampled>,
}

impl Share {
    /// Mean and standard error of stored bytes for each raw byte. All files: no error.
    fn ratio(&self) -> (f64, Option<f64>) {
        let ratios: Vec<f64> = self
            .samples
            .iter()
            .map(|it| float(it.stored_bytes) / float(it.raw_bytes.max(1)))
            .collect();
        let number = float(ratios.len() as u64);
        let mean = ratios.iter().sum::<f64>() / number.max(1.0);
        if ratios.len() as u64 == self.work.files {
            return (mean, Some(0.0));
        }
        if ratios.len() < LEAST_FILES {
            return (mean, None);
        }
        let squares: f64 = ratios.iter().map(|ratio| (ratio - mean).powi(2)).sum();
        (mean, Some((squares / (number - 1.0) / number).sqrt()))
    }

    /// Seconds of one thread for all files.
    fn seconds(&self) -> f64 {
        let (raw, time) = self.samples.iter().fold((0, 0), |(raw, time), it| {
            (raw + it.raw_bytes, time + it.nanoseconds)
        });
        float(self.work.raw_bytes) * float(time) / float(raw.max(1)) / 1e9
    }

    fn is_known(&self) -> bool {
        self.work.raw_bytes == 0 || !self.samples.is_empty()
    }
}

impl Estimate {
    /// Of files whose values are encoded anew, and of files whose chunks are copied. `None` if there is no sample of one of them.
    pub(crate) fn of(encoded: &Share, copied: &Share, jobs: usize) -> Option<Estimate> {
        let is_sampled = !encoded.samples.is_empty() || !copied.samples.is_empty();
        if !is_sampled || !encoded.is_known() || !copied.is_known() {
            return None;
        }
        let raw = float(encoded.work.raw_bytes);
        let (ratio, error) = encoded.ratio();
        // Names, headers and other objects.
        let others = encoded.work.bytes.saturating_sub(encoded.work.stored_bytes);
        let fixed = float(copied.work.bytes + others);
        let middle = raw * ratio;
        let margin = error.map(|error| (2.0 * error * raw).max(LEAST_MARGIN * (fixed + middle)));
        let samples = || encoded.samples.iter().chain(&copied.samples);
        Some(Estimate {
            files: encoded.work.files + copied.work.files,
            bytes: encoded.work.bytes + copied.work.bytes,
            bytes_after: whole(fixed + middle),
            bytes_after_least: margin.map(|margin| whole(fixed + middle - margin)),
            bytes_after_most: margin.map(|margin| whole(fixed + middle + margin)),
            seconds: (encoded.seconds() + copied.seconds()) / float(jobs.max(1) as u64),
            jobs,
            sampled_files: samples().count() as u64,
            sampled_bytes: samples().map(|it| it.raw_bytes).sum(),
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "an estimate needs no more than 53 bits"
)]
fn float(n: u64) -> f64 {
    n as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and there are no bytes below 0"
)]
fn whole(bytes: f64) -> u64 {
    bytes.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(raw_bytes: u64, stored_bytes: u64) -> Sampled {
        Sampled {
            raw_bytes,
            stored_bytes,
            nanoseconds: raw_bytes * 10,
        }
    }

    fn share(files: u64, samples: &[(u64, u64)]) -> Share {
        let mut work = Work::default();
        for _ in 0..files {
            work.add(1_100_000, 1_000_000, 4_000_000);
        }
        Share {
            work,
            samples: samples
                .iter()
                .map(|(raw, stored)| sampled(*raw, *stored))
                .collect(),
        }
    }

    #[test]
    fn copied_files_keep_about_their_size() {
        let estimate = Estimate::of(&Share::default(), &share(10, &[(1000, 0)]), 2).unwrap();
        assert_eq!((estimate.files, estimate.bytes), (10, 11_000_000));
        assert_eq!(estimate.bytes_after, 11_000_000);
        assert_eq!(estimate.bytes_after_least, Some(10_450_000));
        // 40 MB at 10 ns a byte on two threads.
        assert!((estimate.seconds - 0.2).abs() < 1e-9);
    }

    #[test]
    fn a_range_is_as_wide_as_the_ratios_are_different() {
        let alike = share(100, &[(1000, 500), (2000, 1000), (4000, 2000)]);
        let estimate = Estimate::of(&alike, &Share::default(), 1).unwrap();
        assert_eq!(estimate.bytes_after, 10_000_000 + 200_000_000);
        assert_eq!(estimate.bytes_after_least, Some(199_500_000));
        assert_eq!(estimate.bytes_after_most, Some(220_500_000));
        assert_eq!((estimate.sampled_files, estimate.sampled_bytes), (3, 7000));

        let different = share(100, &[(1000, 400), (1000, 500), (1000, 600)]);
        let estimate = Estimate::of(&different, &Share::default(), 1).unwrap();
        // Two standard errors: 2 x 0.1 / sqrt(3) of 400 MB.
        let most = estimate.bytes_after_most.unwrap();
        assert!(
            most.abs_diff(10_000_000 + 200_000_000 + 46_188_022) < 2,
            "{most}"
        );
    }

    #[test]
    fn without_a_sample_nothing_is_said() {
        assert_eq!(Estimate::of(&share(9, &[]), &share(9, &[(1, 0)]), 1), None);
        assert_eq!(Estimate::of(&Share::default(), &Share::default(), 1), None);
        let few = Estimate::of(&share(9, &[(1000, 500)]), &Share::default(), 1).unwrap();
        assert_eq!(few.bytes_after_least, None);
        let all = Estimate::of(&share(1, &[(1000, 500)]), &Share::default(), 1).unwrap();
        assert!(all.bytes_after_least.is_some());
    }
}
