//! A candidate -> what it is and what would be done: all that `audit` does to a file, and the
//! first half of `migrate`.

use crate::files::{Candidate, is_lack_of_resources, open_candidate};
use crate::jobs::context::JobContext;
use crate::jobs::error::of_run;
use crate::jobs::file_policy::FilePolicy;
use crate::jobs::pool::crash::WorkerCrash;
use crate::jobs::steps::name_sources::{Outside, rescue};
use crate::jobs::steps::source::{OpenSource, Unopened, open};
use crate::model::facts::Facts;
use crate::model::hint::Hint;
use crate::model::names::rules::Rules;
use crate::model::names::source::lost_axes;
use crate::model::plan;
use crate::model::plan::Plan;
use crate::model::plan::decide::{decide, decide_completed};
use crate::model::plan::policy::Charset;
use crate::model::plan::policy::Policy;
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::{InspectRequest, SMALL_FILE};
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use crate::model::state::State;
use crate::model::state::detect;
use crate::model::state::detect::Judgement;
use crate::plain::pieces::Piece;
use crate::plain::{damaged_heap, plain_answers, plain_facts};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::panic::catch_unwind;
use std::time::Duration;

/// A file that was looked at.
#[derive(Debug)]
pub struct Inspection {
    /// Its row, without an outcome.
    pub record: Record,
    /// What is to be done.
    pub plan: Plan,
    /// The file as it was opened, when it could be.
    pub source: Option<OpenSource>,
    /// What a worker saw.
    pub facts: Option<Facts>,
}

impl Inspection {
    /// Replaces the next step that the state alone would give.
    fn set_hint(&mut self, hint: &str) {
        self.plan = plan::refuse(hint);
        self.record.set_plan(&self.plan);
    }
}

/// Inspects a file. The error is a worker's death, which the caller may want to see twice.
pub(crate) fn inspect(
    context: &JobContext<'_>,
    candidate: &Candidate,
) -> Result<Inspection, WorkerCrash> {
    let source = match open(context, candidate) {
        Ok(source) => source,
        Err(unopened) => return Ok(without_source(candidate, unopened)),
    };
    let file = context.settings.of_file(candidate);
    let reply = match plain(context, &source, file.policy) {
        Some(facts) => Ok(Box::new(facts)),
        None => ask(context, &source, file.policy)?,
    };
    match reply {
        Ok(facts) => with_facts(context, candidate, file, source, *facts),
        Err(failure) => Ok(unread(candidate, source, &failure)),
    }
}

/// A file that was not opened, or whose first bytes were enough.
fn without_source(candidate: &Candidate, unopened: Unopened) -> Inspection {
    match unopened {
        Unopened::Judged(judgement) => judged(candidate, &judgement, None),
        Unopened::Piece(Piece { judgement, hint }) => {
            let mut inspection = judged(candidate, &judgement, None);
            inspection.set_hint(hint);
            inspection
        }
        Unopened::Failed(error) => {
            let (state, kind) = match error.source.kind() {
                _ if is_lack_of_resources(&error.source) => {
                    (State::Unsupported, ErrorKind::Resources)
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::NotFound => {
                    (State::Unsupported, ErrorKind::Open)
                }
                _ => (State::Damaged, ErrorKind::Open),
            };
            let reason = format!("it cannot be opened: {}", error.source);
            let mut inspection = judged(candidate, &Judgement::new(state, reason), None);
            inspection.record.plan.hint = Some(error.hint());
            inspection.record.error = Some(ErrorRecord::of(kind, &error));
            inspection
        }
    }
}

/// A file of which everything is known that decides.
fn with_facts(
    context: &JobContext<'_>,
    candidate: &Candidate,
    file: FilePolicy<'_>,
    source: OpenSource,
    facts: Facts,
) -> Result<Inspection, WorkerCrash> {
    let judgement = detect::judge(&facts);
    let mut record = row_of(candidate, &judgement);
    record.describe(&facts);
    let plan = match needs_sources(&judgement, &facts, file) {
        true => from_outside(context, &source, &facts, file, &mut record)?,
        false => decide(&facts, &judgement, file.policy),
    };
    record.set_plan(&plan);
    Ok(Inspection {
        record,
        plan,
        source: Some(source),
        facts: Some(facts),
    })
}

/// A file that a worker could not read.
fn unread(candidate: &Candidate, source: OpenSource, failure: &Failure) -> Inspection {
    let judgement = judge_failure(failure);
    let mut inspection = judged(candidate, &judgement, Some(source));
    if let Some(help) = &failure.help {
        inspection.set_hint(help);
    }
    if let Some((kind, hint)) = of_run(failure.kind) {
        inspection.set_hint(hint);
        let hint = Some(hint.to_string());
        inspection.record.error = Some(ErrorRecord::new(kind, &judgement.reason, hint));
    }
    inspection
}

/// What a small and plain file says of itself, unless more is asked of it.
fn plain(context: &JobContext<'_>, source: &OpenSource, policy: &Policy) -> Option<Facts> {
    match context.settings.lint {
        true => None,
        false => plain_file(
            context,
            &source.file,
            source.snapshot.bytes,
            &policy.rules,
            policy.charset,
        ),
    }
}

/// What a small and plain file of so many bytes says of itself. Its bytes become facts right here: a request would cost more than the
/// look, and nothing of this needs the library.
pub(crate) fn plain_file(
    context: &JobContext<'_>,
    file: &File,
    bytes: u64,
    rules: &Rules,
    charset: Charset,
) -> Option<Facts> {
    if !plain_answers(rules, charset) || bytes > SMALL_FILE {
        return None;
    }
    let _core = context.pool.core(context.sequence);
    let mut content = vec![0; usize::try_from(bytes).ok()?];
    file.read_exact_at(&mut content, 0).ok()?;
    // No bytes are known that make it panic; if there are, a worker looks, and the run goes on.
    catch_unwind(|| plain_facts(&content)).ok().flatten()
}

/// What the library says of a file, by way of a worker.
fn ask(
    context: &JobContext<'_>,
    source: &OpenSource,
    policy: &Policy,
) -> Result<Result<Box<Facts>, Failure>, WorkerCrash> {
    let request = InspectRequest {
        rules: policy.rules.clone(),
        charset: policy.charset,
        lint: context.settings.lint.then(|| context.budget()),
    };
    context.ask(request, &[&source.file])
}

/// Whether the files that were given for their names are consulted.
fn needs_sources(judgement: &Judgement, facts: &Facts, file: FilePolicy<'_>) -> bool {
    let lacks_names = match judgement.state {
        State::Nameless | State::Legacy | State::Hybrid => true,
        State::Incomplete => facts.has_unwritten_names() || file.policy.allow_missing_chunks,
        _ => false,
    };
    lacks_names && !file.sources.is_empty() && !lost_axes(facts).is_empty()
}

/// The plan for a file without names, when others were given for theirs.
fn from_outside(
    context: &JobContext<'_>,
    source: &OpenSource,
    facts: &Facts,
    file: FilePolicy<'_>,
    record: &mut Record,
) -> Result<Plan, WorkerCrash> {
    let (rescue, findings) = match rescue(context, source, facts, file)? {
        Outside::Rescued { rescue, findings } => (rescue, findings),
        Outside::Lost(why) => {
            return Ok(Plan::Refuse {
                message: Some(why),
                hint: "give --names-from the matrix that it was made from, or a list for each lost axis"
                    .to_string(),
            });
        }
    };
    record.findings.extend(findings);
    let whole = rescue.complete(facts);
    let mut plan = decide_completed(&whole, file.policy);
    if let Plan::Migrate { recipe, .. } = &mut plan {
        recipe.given = rescue.given;
    }
    Ok(plan)
}

/// The row of a file that ended its worker twice.
pub(crate) fn crashed_record(candidate: &Candidate, crash: &WorkerCrash, memory: u64) -> Record {
    let (judgement, error) = judge_crash(candidate, crash, memory);
    let mut record = row_of(candidate, &judgement);
    record.set_plan(&Plan::Refuse {
        message: None,
        hint: error.hint.clone().unwrap_or_default(),
    });
    record.error = Some(error);
    record
}

/// What a crash says of a file. A deadline alone is no sign of damage: the file, or the machine, may only be slow.
fn judge_crash(
    candidate: &Candidate,
    crash: &WorkerCrash,
    memory: u64,
) -> (Judgement, ErrorRecord) {
    let mut reason = crash.describe(memory);
    let (state, kind, hint) = match crash.timeout() {
        None if crash.is_of_run() => (
            State::Unsupported,
            ErrorKind::Resources,
            "check the limits on processes, memory and open files (ulimit -a)".to_string(),
        ),
        None => (
            State::Damaged,
            ErrorKind::WorkerDied,
            plan::hint(State::Damaged).to_string(),
        ),
        Some(after) => match damage_in(candidate) {
            Some(damage) => {
                reason = format!("{reason}; {damage}");
                (
                    State::Damaged,
                    ErrorKind::WorkerDied,
                    plan::hint(State::Damaged).to_string(),
                )
            }
            None => (
                State::Unsupported,
                ErrorKind::Timeout,
                format!(
                    "no damage was found: try again with a longer --timeout, {} for instance",
                    longer(after)
                ),
            ),
        },
    };
    let error = ErrorRecord::new(kind, reason.clone(), Some(hint));
    (Judgement::new(state, reason), error)
}

/// Ten times as many seconds, and a minute at least.
fn longer(after: Duration) -> u64 {
    after.as_secs().saturating_mul(10).max(60)
}

/// Damage among the heaps of names, on which the library is known to loop.
fn damage_in(candidate: &Candidate) -> Option<String> {
    // A pipe would be read to its end.
    let is_file = candidate.path.metadata().is_ok_and(|it| it.is_file());
    is_file
        .then(|| open_candidate(candidate).ok())?
        .and_then(|file| damaged_heap(&file))
}

/// What a worker's failure to read says of a file.
pub(crate) fn judge_failure(failure: &Failure) -> Judgement {
    let is_damage = of_run(failure.kind).is_none()
        && !matches!(failure.kind, FailureKind::Unsupported | FailureKind::Memory);
    match is_damage {
        true => Judgement::new(
            State::Damaged,
            format!("{} (while {})", failure.message, failure.phase),
        ),
        false => Judgement::new(State::Unsupported, failure.message.clone()),
    }
}

/// The row of a file, without a plan.
pub(crate) fn row_of(candidate: &Candidate, judgement: &Judgement) -> Record {
    let reason = judgement.reason.clone();
    let mut record = Record::new(&candidate.path, candidate.bytes, judgement.state, reason);
    record.modified = candidate.modified_text();
    record
}

/// What the state alone decides.
fn judged(candidate: &Candidate, judgement: &Judgement, source: Option<OpenSource>) -> Inspection {
    let plan = decide(&Facts::default(), judgement, &Policy::default());
    let mut record = row_of(candidate, judgement);
    record.set_plan(&plan);
    Inspection {
        record,
        plan,
        source,
        facts: None,
    }
}
