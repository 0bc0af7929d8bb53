//! A candidate -> what it is and what would be done: all that `audit` does to a file, and the
//! first half of `migrate`.

use crate::files::Candidate;
use crate::jobs::context::Lane;
use crate::jobs::pool::crash::Death;
use crate::jobs::steps::source::{Source, Unopened, open};
use crate::jobs::steps::sources::{Outside, rescue};
use crate::model::facts::Facts;
use crate::model::plan;
use crate::model::plan::Plan;
use crate::model::plan::decide::{decide, decide_completed};
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::{Reading, Reply, Request, SMALL_FILE};
use crate::model::record::{ErrorRecord, Record};
use crate::model::state::State;
use crate::model::state::detect;
use crate::model::state::detect::Judgement;
use crate::plain::{plain_answers, plain_facts};
use std::os::unix::fs::FileExt;
use std::panic::catch_unwind;

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

/// Looks at a file. The error is a worker's death, which the caller may want to see twice.
pub(crate) fn look(lane: &Lane<'_>, candidate: &Candidate) -> Result<Look, Death> {
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
                _ => decide(&facts, &judgement, &lane.settings.policy),
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
    let mut plan = decide_completed(&whole, &lane.settings.policy);
    if let Plan::Migrate { recipe, .. } = &mut plan {
        recipe.given = rescue.given;
    }
    Ok(plan)
}

/// The row of a file that ended its worker twice.
pub(crate) fn dead(candidate: &Candidate, death: &Death, memory: u64) -> Record {
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
pub(crate) fn judge_failure(failure: &Failure) -> Judgement {
    let reason = format!("{} (while {})", failure.message, failure.phase);
    match failure.kind {
        FailureKind::Unsupported | FailureKind::Memory => {
            Judgement::new(State::Unsupported, failure.message.clone())
        }
        _ => Judgement::new(State::Damaged, reason),
    }
}

fn judged(mut record: Record, judgement: &Judgement, source: Option<Source>) -> Look {
    let plan = decide(
        &Facts::default(),
        judgement,
        &crate::model::plan::policy::Policy::default(),
    );
    record.set_plan(&plan);
    Look {
        record,
        plan,
        source,
        facts: None,
    }
}
