//! One file from its plan to its row: write, prove, commit.

use crate::files::Candidate;
use crate::jobs::context::Lane;
use crate::jobs::error::{Stop, apply, fail, refused};
use crate::jobs::event::Event;
use crate::jobs::queue::Step;
use crate::jobs::steps::finished::is_done_already;
use crate::jobs::steps::inspect::{Look, dead, look};
use crate::jobs::steps::rewrite::rewrite;
use crate::jobs::target::Target;
use crate::model::plan::Plan;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::{ErrorRecord, PlanRecord, Record};
use crate::model::state::State;

/// The row of a file that was looked at, if this were no rehearsal: links, rights and outputs that are
/// there already change what would be done.
pub fn rehearse(
    lane: &Lane<'_>,
    candidate: &Candidate,
    target: Target<'_>,
    looked: Look,
) -> Record {
    let Look {
        mut record,
        plan,
        source,
        ..
    } = looked;
    let (Plan::Migrate { .. }, Some(source)) = (&plan, &source) else {
        return record;
    };
    let order = target.order(lane, candidate, source);
    let stop = match is_done_already(lane, candidate, &order, &record) {
        Ok(Some(there)) => {
            there.tell(&mut record, &order);
            return record;
        }
        Ok(None) => order.check().err().map(|error| refused(&error)),
        Err(stop) => Some(stop),
    };
    if let Some(Stop::Failed { error, .. }) = stop {
        record.reason.clone_from(&error.message);
        record.plan = PlanRecord {
            action: Action::Refuse,
            steps: Vec::new(),
            hint: error.hint,
        };
    }
    record
}

/// Gives a file its turn; `alone` is the second one, after which there is no other.
pub fn migrate(lane: &Lane<'_>, candidate: &Candidate, target: Target<'_>, alone: bool) -> Step {
    let memory = lane.settings.worker.memory;
    let mut told = false;
    let looked = match look(lane, candidate) {
        Ok(looked) => looked,
        Err(death) if death.wants_another_turn(alone) => return Step::Again,
        Err(death) => {
            let mut record = dead(candidate, &death, memory);
            record.outcome = Some(Outcome::Refused);
            return row(lane, record, told);
        }
    };
    let Look {
        mut record,
        plan,
        source,
        ..
    } = looked;
    let (Plan::Migrate { recipe, .. }, Some(source)) = (&plan, &source) else {
        settle(&mut record, &plan);
        return row(lane, record, told);
    };
    match rewrite(
        lane,
        candidate,
        target,
        source,
        recipe,
        &mut record,
        &mut told,
    ) {
        Ok(()) => {}
        Err(Stop::Died(death)) if death.wants_another_turn(alone) => return Step::Again,
        Err(Stop::Died(death)) => {
            record.state = State::Damaged;
            record.reason = death.describe(memory);
            fail(
                &mut record,
                Outcome::Failed,
                dead(candidate, &death, memory).error,
            );
        }
        Err(stop) => apply(&stop, &mut record),
    }
    row(lane, record, told)
}

/// The row of a file; the ledger gets it unless a commit has told it already.
fn row(lane: &Lane<'_>, record: Record, told: bool) -> Step {
    if let (Some(ledger), false) = (lane.ledger, told)
        && let Err(error) = ledger.row(&record)
    {
        lane.observer.observe(Event::Warning(&error.to_string()));
    }
    Step::Row(Box::new(record))
}

/// The outcome of a plan that touches nothing.
fn settle(record: &mut Record, plan: &Plan) {
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
