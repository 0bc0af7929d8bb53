//! A candidate -> what it is and what would be done: all that `audit` does to a file, and the
//! first half of `migrate`.

use super::event::{Event, Observer};
use super::pool::{Lease, Pool};
use super::process::Death;
use super::run::Share;
use super::settings::Settings;
use super::sources::{Outside, rescue};
use crate::archive::{
    Candidate, Ledger, PathError, RunLock, Signature, SourceLock, Stamp, fetch_ends, lock_source,
    open_with_stamp, sniff, way_to_source,
};
use crate::format::{plain_answers, plain_facts};
use crate::model::detect::{self, Judgement};
use crate::model::facts::Facts;
use crate::model::message::{Failure, FailureKind, Progress, Reading, Reply, Request, SMALL_FILE};
use crate::model::plan::{self, Plan};
use crate::model::record::{ErrorRecord, Record};
use crate::model::state::State;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

/// What a lane works with.
#[derive(Clone, Copy)]
pub struct Lane<'a> {
    /// What the batch is run with.
    pub settings: &'a Settings,
    /// Where workers come from.
    pub pool: &'a Pool,
    /// Who watches.
    pub observer: &'a dyn Observer,
    /// Number of the lane.
    pub number: usize,
    /// Threads that its workers may use.
    pub share: Share<'a>,
    /// How many turns had begun before this one.
    pub begun: u64,
    /// Where commits are written down before and after.
    pub ledger: Option<&'a Ledger>,
    /// The folders that this run has for itself.
    pub run: &'a RunLock,
    /// Whether somebody was told that files cannot be locked there: once is enough.
    pub warned: &'a AtomicBool,
}

impl std::fmt::Debug for Lane<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane")
            .field("number", &self.number)
            .field("share", &self.share)
            .finish_non_exhaustive()
    }
}

impl<'a> Lane<'a> {
    /// The one lane of a command about one file at a time, without a ledger.
    pub fn only(
        settings: &'a Settings,
        pool: &'a Pool,
        observer: &'a dyn Observer,
        threads: usize,
        warned: &'a AtomicBool,
        run: &'a RunLock,
    ) -> Self {
        Lane {
            settings,
            pool,
            observer,
            number: 0,
            share: Share::all(threads),
            begun: 0,
            ledger: None,
            run,
            warned,
        }
    }

    /// A worker for this file.
    pub fn worker(&self) -> Result<Lease<'a>, Death> {
        self.pool.take(self.begun)
    }
}

impl Lane<'_> {
    /// A lock is a courtesy to programs that lock, too; what counts is that the file is still the
    /// same at the end, so its lack is told, and keeps nobody from working.
    fn warn_of_missing_locks(&self, path: &Path, why: &str) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            self.observer.observe(Event::Warning(&format!(
                "{}: not locked while it is read: {why}; files are looked at again before they are replaced",
                path.display()
            )));
        }
    }

    /// Passes signs of life on to the observer.
    pub fn progress(&self) -> impl FnMut(Progress) + '_ {
        |progress| {
            self.observer.observe(Event::FileProgress {
                lane: self.number,
                phase: progress.phase,
                done: progress.done,
            });
        }
    }
}

/// A file that was looked at.
#[derive(Debug)]
pub struct Look {
    /// Its row, without an outcome.
    pub record: Record,
    /// What is to be done.
    pub plan: Plan,
    /// The file as it was opened, when it could be.
    pub source: Option<Source>,
    /// What a worker saw.
    pub facts: Option<Facts>,
}

/// An original, open read-only and locked where that works.
#[derive(Debug)]
pub struct Source {
    /// What it was when it was opened.
    pub stamp: Stamp,
    /// Open as long as it is worked on.
    pub file: File,
    path: PathBuf,
    _lock: SourceLock,
}

impl Source {
    /// By which path workers open that very file.
    pub fn way(&self) -> PathBuf {
        way_to_source(&self.file, &self.path)
    }
}

/// Looks at a file. The error is a worker's death, which the caller may want to see twice.
pub fn look(lane: &Lane<'_>, candidate: &Candidate) -> Result<Look, Death> {
    let blank = |state, reason: String| {
        let mut record = Record::new(&candidate.path, candidate.bytes, state, reason);
        record.modified = candidate.modified_text();
        record
    };
    let source = match open(lane, candidate) {
        Ok(source) => source,
        Err(Unopened::Judged(judgement)) => {
            return Ok(judged(
                blank(judgement.state, judgement.reason.clone()),
                &judgement,
                None,
            ));
        }
        Err(Unopened::Failed(error)) => {
            let mut look = judged(
                blank(
                    State::Damaged,
                    format!("it cannot be opened: {}", error.source),
                ),
                &Judgement::new(State::Damaged, ""),
                None,
            );
            look.record.plan.hint = Some(error.hint());
            look.record.error = Some(ErrorRecord {
                kind: "open".to_string(),
                message: error.to_string(),
                hint: Some(error.hint()),
                places: Vec::new(),
            });
            return Ok(look);
        }
    };
    let reply = match plain(lane, &source) {
        Some(facts) => Reply::Inspected(Box::new(facts)),
        None => ask(lane, &source)?,
    };
    let look = match reply {
        Reply::Inspected(facts) => {
            let judgement = detect::judge(&facts);
            let mut record = blank(judgement.state, judgement.reason.clone());
            record.describe(&facts);
            let plan = match judgement.state {
                State::Nameless if !lane.settings.sources.is_empty() => {
                    from_outside(lane, &source, &facts, &mut record)?
                }
                _ => plan::decide(&facts, &judgement, &lane.settings.policy),
            };
            record.set_plan(&plan);
            Look {
                record,
                plan,
                source: Some(source),
                facts: Some(*facts),
            }
        }
        Reply::Failed(failure) => {
            let judgement = judge_failure(&failure);
            judged(
                blank(judgement.state, judgement.reason.clone()),
                &judgement,
                Some(source),
            )
        }
        other => {
            let judgement = Judgement::new(State::Damaged, format!("unexpected answer {other:?}"));
            judged(
                blank(judgement.state, judgement.reason.clone()),
                &judgement,
                Some(source),
            )
        }
    };
    Ok(look)
}

/// What a small and plain file says of itself. Its bytes become facts right here: a request would cost
/// more than the look, and nothing of this needs the library.
fn plain(lane: &Lane<'_>, source: &Source) -> Option<Facts> {
    let policy = &lane.settings.policy;
    let is_answered = plain_answers(&policy.rules, policy.charset) && !lane.settings.lint;
    if !is_answered || source.stamp.bytes > SMALL_FILE {
        return None;
    }
    let _core = lane.pool.core(lane.begun);
    let mut bytes = vec![0; usize::try_from(source.stamp.bytes).ok()?];
    source.file.read_exact_at(&mut bytes, 0).ok()?;
    // No bytes are known that make it panic; if there are, a worker looks, and the run goes on.
    catch_unwind(|| plain_facts(&bytes)).ok().flatten()
}

/// What the library says of a file, by way of a worker.
fn ask(lane: &Lane<'_>, source: &Source) -> Result<Reply, Death> {
    let request = Request::Inspect {
        path: source.way(),
        rules: lane.settings.policy.rules.clone(),
        charset: lane.settings.policy.charset,
        lint: lane.settings.lint.then(|| Reading {
            threads: lane.share.now(),
            limit: lane.settings.worker.chunk_limit(),
        }),
    };
    lane.worker()?.ask(&request, &mut lane.progress())
}

/// The plan for a file without names, when others were given for theirs.
fn from_outside(
    lane: &Lane<'_>,
    source: &Source,
    facts: &Facts,
    record: &mut Record,
) -> Result<Plan, Death> {
    let (rescue, findings) = match rescue(lane, source, facts)? {
        Outside::Rescued { rescue, findings } => (rescue, findings),
        Outside::Lost(why) => {
            return Ok(Plan::Refuse {
                message: Some(why),
                hint: "give the matrix that it was made from, or a list for each lost axis"
                    .to_string(),
            });
        }
    };
    record.findings.extend(findings);
    let whole = rescue.complete(facts);
    let mut plan = plan::decide_completed(&whole, &lane.settings.policy);
    if let Plan::Migrate { recipe, .. } = &mut plan {
        recipe.given = rescue.given;
    }
    Ok(plan)
}

/// The row of a file that ended its worker twice.
pub fn dead(candidate: &Candidate, death: &Death, memory: u64) -> Record {
    let reason = death.describe(memory);
    let mut record = Record::new(
        &candidate.path,
        candidate.bytes,
        State::Damaged,
        reason.clone(),
    );
    record.modified = candidate.modified_text();
    record.set_plan(&Plan::Refuse {
        message: None,
        hint: plan::hint(State::Damaged).to_string(),
    });
    record.error = Some(ErrorRecord {
        kind: "worker-died".to_string(),
        message: reason,
        hint: Some(plan::hint(State::Damaged).to_string()),
        places: Vec::new(),
    });
    record
}

/// What a worker's failure to read says of a file.
pub fn judge_failure(failure: &Failure) -> Judgement {
    let reason = format!("{} (while {})", failure.message, failure.phase);
    match failure.kind {
        FailureKind::Unsupported | FailureKind::Memory => {
            Judgement::new(State::Unsupported, failure.message.clone())
        }
        _ => Judgement::new(State::Damaged, reason),
    }
}

fn judged(mut record: Record, judgement: &Judgement, source: Option<Source>) -> Look {
    let plan = plan::decide(
        &Facts::default(),
        judgement,
        &crate::model::policy::Policy::default(),
    );
    record.set_plan(&plan);
    Look {
        record,
        plan,
        source,
        facts: None,
    }
}

enum Unopened {
    Judged(Judgement),
    Failed(PathError),
}

/// Opens, sniffs and locks; what the first bytes already say no worker is asked.
fn open(lane: &Lane<'_>, candidate: &Candidate) -> Result<Source, Unopened> {
    let path = &candidate.path;
    let system = |action| {
        move |source| {
            Unopened::Failed(PathError {
                path: path.clone(),
                action,
                source,
            })
        }
    };
    let (file, stamp) = open_with_stamp(candidate).map_err(Unopened::Failed)?;
    fetch_ends(&file, stamp.bytes);
    let signature = sniff(&file).map_err(system("read it"))?;
    let judged = |state, reason: &str| Err(Unopened::Judged(Judgement::new(state, reason)));
    match &signature {
        Signature::Other(reason) => return judged(State::NotHdf5, reason),
        Signature::Hdf5 {
            open_for_writing: true,
            ..
        } => {
            return judged(
                State::Busy,
                "its header says that it is open for writing: a writer is at work, or died",
            );
        }
        Signature::Hdf5 { .. } => {}
    }
    if let Some(reason) = too_young(&stamp, lane.settings.min_age, SystemTime::now()) {
        return judged(State::Busy, &reason);
    }
    let lock = lock_source(&file, lane.settings.locking).map_err(system("lock it"))?;
    match &lock {
        SourceLock::Held => return judged(State::Busy, "another process holds a lock on it"),
        SourceLock::Unavailable(why) => lane.warn_of_missing_locks(path, why),
        SourceLock::Locked(_) | SourceLock::SwitchedOff => {}
    }
    if let Some(truncation) = signature.truncation(stamp.bytes) {
        return judged(State::Damaged, &truncation);
    }
    Ok(Source {
        stamp,
        path: path.clone(),
        file,
        _lock: lock,
    })
}

/// Why a file that was changed a moment ago is left alone: its writer may not be done.
fn too_young(stamp: &Stamp, least: Duration, now: SystemTime) -> Option<String> {
    if least.is_zero() {
        return None;
    }
    let changed = stamp.modified.time()?;
    match now.duration_since(changed) {
        Ok(age) if age >= least => None,
        Ok(age) => Some(format!(
            "it was changed {} s ago, and --min-age is {} s",
            age.as_secs(),
            least.as_secs()
        )),
        Err(_) => Some("its modification time lies in the future, so its age is unknown".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Moment;

    #[test]
    fn only_what_was_changed_a_moment_ago_is_too_young() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let young = |seconds, least| {
            let modified = Moment {
                seconds,
                nanoseconds: 0,
            };
            let stamp = Stamp {
                device: 0,
                inode: 0,
                bytes: 0,
                modified,
                changed: modified,
            };
            too_young(&stamp, Duration::from_secs(least), now)
        };
        assert_eq!(young(999, 0), None);
        assert_eq!(young(940, 60), None);
        assert_eq!(
            young(941, 60).unwrap(),
            "it was changed 59 s ago, and --min-age is 60 s"
        );
        assert!(young(1001, 60).unwrap().contains("future"));
        assert_eq!(young(-5, 60), None);
    }
}
