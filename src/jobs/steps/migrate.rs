//! One file from its plan to its row: write, prove, commit.

use crate::files::Candidate;
use crate::jobs::context::JobContext;
use crate::jobs::error::{JobError, apply, fail, refused};
use crate::jobs::event::Event;
use crate::jobs::queue::TaskOutcome;
use crate::jobs::steps::finished::is_done_already;
use crate::jobs::steps::inspect::{Inspection, crashed_record, inspect};
use crate::jobs::steps::rewrite::rewrite;
use crate::jobs::target::Target;
use crate::model::plan::Plan;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::{ErrorRecord, PlanRecord, Record};
use crate::model::state::State;

/// The row of a file that was looked at, if this were no rehearsal: links, rights and outputs that are
/// there already change what would be done.
pub fn dry_run(
    context: &JobContext<'_>,
    candidate: &Candidate,
    target: Target<'_>,
    inspection: Inspection,
) -> Record {
    let Inspection {
        mut record,
        plan,
        source,
        ..
    } = inspection;
    let (Plan::Migrate { .. }, Some(source)) = (&plan, &source) else {
        return record;
    };
    let order = target.order(context, candidate, source);
    let error = match is_done_already(context, candidate, &order, &record) {
        Ok(Some(there)) => {
            there.tell(&mut record, &order);
            return record;
        }
        Ok(None) => order.check().err().map(|error| refused(&error)),
        Err(error) => Some(error),
    };
    if let Some(JobError::Failed { error, .. }) = error {
        record.reason.clone_from(&error.message);
        record.plan = PlanRecord {
            action: Action::Refuse,
            steps: Vec::new(),
            hint: error.hint,
        };
    }
    record
}

/// Migrates one file. `is_retry`: this is the second attempt, after which there is no other.
pub fn migrate(
    context: &JobContext<'_>,
    candidate: &Candidate,
    target: Target<'_>,
    is_retry: bool,
) -> TaskOutcome {
    let memory = context.settings.worker.memory;
    let mut told = false;
    let inspection = match inspect(context, candidate) {
        Ok(inspection) => inspection,
        Err(crash) if crash.should_retry(is_retry) => return TaskOutcome::Retry,
        Err(crash) => {
            let mut record = crashed_record(candidate, &crash, memory);
            record.outcome = Some(Outcome::Refused);
            return row(context, record, told);
        }
    };
    let Inspection {
        mut record,
        plan,
        source,
        ..
    } = inspection;
    let (Plan::Migrate { recipe, .. }, Some(source)) = (&plan, &source) else {
        finish_without_work(&mut record, &plan);
        return row(context, record, told);
    };
    match rewrite(
        context,
        candidate,
        target,
        source,
        recipe,
        &mut record,
        &mut told,
    ) {
        Ok(()) => {}
        Err(JobError::Crashed(crash)) if crash.should_retry(is_retry) => return TaskOutcome::Retry,
        Err(JobError::Crashed(crash)) => {
            record.state = State::Damaged;
            record.reason = crash.describe(memory);
            fail(
                &mut record,
                Outcome::Failed,
                crashed_record(candidate, &crash, memory).error,
            );
        }
        Err(error) => apply(&error, &mut record),
    }
    row(context, record, told)
}

/// The row of a file; the ledger gets it unless a commit has told it already.
fn row(context: &JobContext<'_>, record: Record, told: bool) -> TaskOutcome {
    if let (Some(ledger), false) = (context.ledger, told)
        && let Err(error) = ledger.row(&record)
    {
        context.observer.observe(Event::Warning(&error.to_string()));
    }
    TaskOutcome::Row(Box::new(record))
}

/// The outcome of a plan that touches nothing.
fn finish_without_work(record: &mut Record, plan: &Plan) {
    let Plan::Refuse { message, hint } = plan else {
        record.outcome = Some(Outcome::Skipped);
        return;
    };
    record.outcome = Some(Outcome::Refused);
    let error = ErrorRecord {
        kind: record.state.word().to_string(),
        message: message.clone().unwrap_or_else(|| record.reason.clone()),
        hint: Some(hint.clone()),
        places: Vec::new(),
    };
    record.error.get_or_insert(error);
}
