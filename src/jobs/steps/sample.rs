//! Some files of an audit, chosen by size, of which a few chunks are encoded to estimate the work.

use crate::files::{Candidate, open_candidate};
use crate::jobs::context::JobContext;
use crate::jobs::steps::inspect::Inspection;
use crate::model::estimate::{Estimate, Share, Work};
use crate::model::plan::Plan;
use crate::model::plan::recipe::{NewStorage, Recipe};
use crate::model::protocol::{SampleRequest, Sampled};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Files that are sampled of those whose values are encoded anew: enough that the range is narrow.
const MOST_ENCODED: usize = 24;
/// The same of those whose chunks are copied: only their speed is looked for.
const MOST_COPIED: usize = 6;
/// An estimate must not take longer than people wait for an audit.
const LONGEST: Duration = Duration::from_secs(2);
/// Less work is done before an estimate of it is read.
const LEAST_BYTES: u64 = 16 << 20;

/// Chooses files while an audit runs.
#[derive(Debug, Default)]
pub(crate) struct Sampler(Mutex<Kinds>);

#[derive(Debug, Default)]
struct Kinds {
    encoded: Kind,
    copied: Kind,
}

#[derive(Debug, Default)]
struct Kind {
    work: Work,
    /// The highest keys first.
    chosen: Vec<Chosen>,
}

#[derive(Debug)]
struct Chosen {
    key: f64,
    candidate: Candidate,
    recipe: Recipe,
}

impl Sampler {
    /// Takes note of a file that was looked at.
    pub(crate) fn add(&self, candidate: &Candidate, inspection: &Inspection) {
        let (Plan::Migrate { recipe, .. }, Some(facts)) = (&inspection.plan, &inspection.facts)
        else {
            return;
        };
        let Some(expr) = &facts.expr else { return };
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (kind, most) = match recipe.storage {
            NewStorage::Reencode { .. } => (&mut kinds.encoded, MOST_ENCODED),
            NewStorage::Verbatim | NewStorage::Empty => (&mut kinds.copied, MOST_COPIED),
        };
        let raw_bytes = expr.raw_bytes();
        kind.work.add(candidate.bytes, expr.stored_bytes, raw_bytes);
        if raw_bytes > 0 {
            kind.choose(most, key(candidate, raw_bytes), candidate, recipe);
        }
    }

    /// Samples the chosen files. `None` if there is little to do, or no file could be sampled.
    pub(crate) fn estimate(&self, context: &JobContext<'_>) -> Option<Estimate> {
        let kinds = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if kinds.encoded.work.bytes + kinds.copied.work.bytes < LEAST_BYTES {
            return None;
        }
        let end = Instant::now() + LONGEST;
        let measure = |kind: &Kind| Share {
            work: kind.work,
            samples: kind
                .chosen
                .iter()
                .take_while(|_| Instant::now() < end && !context.settings.worker.interrupt.is_set())
                .filter_map(|chosen| sample(context, chosen))
                .collect(),
        };
        Estimate::of(
            &measure(&kinds.encoded),
            &measure(&kinds.copied),
            context.settings.jobs,
        )
    }
}

impl Kind {
    /// Keeps the file if its key is among the highest.
    fn choose(&mut self, most: usize, key: f64, candidate: &Candidate, recipe: &Recipe) {
        let place = self.chosen.partition_point(|it| it.key >= key);
        if place < most {
            let chosen = Chosen {
                key,
                candidate: candidate.clone(),
                recipe: recipe.clone(),
            };
            self.chosen.insert(place, chosen);
            self.chosen.truncate(most);
        }
    }
}

/// A file that cannot be read any more is left out.
fn sample(context: &JobContext<'_>, chosen: &Chosen) -> Option<Sampled> {
    let file = open_candidate(&chosen.candidate).ok()?;
    let request = SampleRequest {
        recipe: chosen.recipe.clone(),
        budget: context.budget(),
    };
    let sampled = context.ask(request, &[&file]).ok()?.ok()?;
    (sampled.raw_bytes > 0).then_some(sampled)
}

/// Weighted sampling without replacement (Efraimidis and Spirakis 2006): the files with the highest u^(1/weight), where u
/// is uniform. Here u comes from the path, so that an audit of the same files has the same sample.
fn key(candidate: &Candidate, weight: u64) -> f64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in candidate.path.as_os_str().as_encoded_bytes() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The high bits of FNV-1a depend on few of the last bytes.
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^= hash >> 32;
    let uniform = (float(hash >> 11) + 1.0) / float(1 << 53);
    // The same order as u^(1/weight), which is 1.0 for any weight above 2^53.
    uniform.ln() / float(weight)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "weights need no more than 53 bits"
)]
fn float(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::time::SystemTime;

    fn candidate(number: u64) -> Candidate {
        Candidate {
            path: PathBuf::from(format!("archive/{number}.h5")),
            relative: PathBuf::new(),
            root: 0,
            named: false,
            symlink: false,
            bytes: 1,
            modified: SystemTime::UNIX_EPOCH,
            links: 1,
            device: 0,
            inode: number,
            follow_links: false,
        }
    }

    #[test]
    fn large_files_are_chosen_more_often_and_equal_ones_alike() {
        // Of 3,000 files, every tenth is 20 times as large as the others, so two thirds of the bytes are in these.
        let mut keys: Vec<(f64, bool)> = (0..3000)
            .map(|number| {
                let is_large = number % 10 == 0;
                let weight = if is_large { 20_000 } else { 1000 };
                (key(&candidate(number), weight), is_large)
            })
            .collect();
        assert!(keys.iter().all(|(key, _)| *key <= 0.0 && key.is_finite()));
        keys.sort_by(|a, b| b.0.total_cmp(&a.0));
        let large = keys[..200].iter().filter(|(_, is_large)| *is_large).count();
        assert!((110..160).contains(&large), "{large}");
    }
}
