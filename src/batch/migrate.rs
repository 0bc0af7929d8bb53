//! One file from its plan to its row: write, prove, commit.

use super::look::{Lane, Look, dead, look};
use super::pool::Lease;
use super::prove::prove;
use super::run::Step;
use super::stop::{Stop, failed, refused, unexpected};
use crate::archive::Original;
use crate::archive::{Backup, Candidate, Committed, Order, Temporary, commit, space};
use crate::model::digest::ContentDigest;
use crate::model::message::{Reply, Request};
use crate::model::plan::{Plan, Recipe};
use crate::model::policy::Verification;
use crate::model::record::{Action, ErrorRecord, Outcome, Record, WrittenAs};
use crate::model::state::State;
use std::path::Path;

/// Where the new file goes.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// Over the old one, which is kept like this.
    InPlace(&'a Backup),
    /// Under another name.
    Elsewhere(&'a Path),
}

/// Gives a file its turn; `alone` is the second one, after which there is no other.
pub fn migrate(lane: &Lane<'_>, candidate: &Candidate, target: Target<'_>, alone: bool) -> Step {
    let memory = lane.settings.worker.memory;
    let row = |record| Step::Row(Box::new(record));
    let looked = match look(lane, candidate) {
        Ok(looked) => looked,
        Err(death) if death.wants_another_turn(alone) => return Step::Again,
        Err(death) => {
            let mut record = dead(candidate, &death, memory);
            record.outcome = Some(Outcome::Refused);
            return row(record);
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
        return row(record);
    };
    let original = Original {
        path: &candidate.path,
        stamp: &source.stamp,
    };
    match rewrite(lane, candidate, target, original, recipe, &mut record) {
        Ok(()) => row(record),
        Err(Stop::Died(death)) if death.wants_another_turn(alone) => Step::Again,
        Err(Stop::Died(death)) => {
            record.state = State::Damaged;
            record.reason = death.describe(memory);
            fail(
                &mut record,
                Outcome::Failed,
                dead(candidate, &death, memory).error,
            );
            row(record)
        }
        Err(Stop::Failed {
            outcome,
            state,
            error,
        }) => {
            if let Some(state) = state {
                record.state = state;
                record.reason.clone_from(&error.message);
            }
            fail(&mut record, outcome, Some(error));
            row(record)
        }
    }
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
    };
    record.error.get_or_insert(error);
}

fn fail(record: &mut Record, outcome: Outcome, error: Option<ErrorRecord>) {
    record.outcome = Some(outcome);
    record.error = error;
    record.output = None;
    record.written_as = None;
    record.digest = None;
}

fn rewrite(
    lane: &Lane<'_>,
    candidate: &Candidate,
    target: Target<'_>,
    original: Original<'_>,
    recipe: &Recipe,
    record: &mut Record,
) -> Result<(), Stop> {
    let order = match target {
        Target::InPlace(backup) => Order::InPlace {
            original,
            relative: &candidate.relative,
            backup,
        },
        Target::Elsewhere(destination) => Order::Elsewhere {
            original: Some(original),
            destination,
            overwrite: lane.settings.overwrite,
        },
    };
    if is_done_already(lane, candidate, &order)? {
        record.outcome = Some(Outcome::Skipped);
        record.output = Some(order.destination().display().to_string());
        record.plan.action = Action::Skip;
        record.plan.steps = Vec::new();
        record.reason = format!(
            "its new file is there already: {}",
            order.destination().display()
        );
        return Ok(());
    }
    order.check().map_err(|error| refused(&error))?;
    let folder = order.destination().parent().unwrap_or(Path::new("."));
    space::check(folder, original.stamp.bytes)
        .map_err(|error| failed("no-space", error.to_string(), Some(error.hint())))?;
    let temporary = Temporary::create_beside(order.destination())
        .map_err(|error| failed("output", error.to_string(), Some(error.hint())))?;

    let mut writer = lane.pool.take()?;
    let (written_as, digest) = write(lane, &mut writer, candidate, &temporary, recipe)?;
    // The disk takes the file while others read it back; both must succeed before the commit.
    let (verified, synced) = std::thread::scope(|scope| {
        let synced = scope.spawn(|| temporary.sync());
        let verified = prove(lane, candidate, &temporary, recipe, &digest);
        (
            verified,
            synced
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    });
    synced.map_err(|error| failed("output", error.to_string(), Some(error.hint())))?;
    let verified = verified?;
    drop(writer);

    let committed = commit(&order, temporary).map_err(|error| refused(&error))?;
    describe(record, committed, written_as, digest, verified);
    Ok(())
}

/// Whether an earlier run has made this very output: a current file with h5lift's mark and the
/// modification time of the original.
fn is_done_already(
    lane: &Lane<'_>,
    candidate: &Candidate,
    order: &Order<'_>,
) -> Result<bool, Stop> {
    let Order::Elsewhere {
        destination,
        overwrite: false,
        ..
    } = order
    else {
        return Ok(false);
    };
    let modified = |path: &Path| path.symlink_metadata().and_then(|m| m.modified()).ok();
    let (Some(there), Ok(metadata)) = (modified(destination), destination.metadata()) else {
        return Ok(false);
    };
    if there != candidate.modified || !metadata.is_file() {
        return Ok(false);
    }
    let request = Request::Inspect {
        path: destination.to_path_buf(),
        charset: lane.settings.policy.charset,
    };
    match lane.pool.take()?.ask(&request, &mut lane.progress())? {
        Reply::Inspected(facts) => {
            Ok(facts.mark.is_some() && crate::model::detect::judge(&facts).state == State::Current)
        }
        _ => Ok(false),
    }
}

fn write(
    lane: &Lane<'_>,
    writer: &mut Lease<'_>,
    candidate: &Candidate,
    temporary: &Temporary,
    recipe: &Recipe,
) -> Result<(WrittenAs, ContentDigest), Stop> {
    let request = Request::Migrate {
        source: candidate.path.clone(),
        temporary: temporary.path().to_path_buf(),
        recipe: recipe.clone(),
        threads: lane.threads,
        limit: lane.settings.worker.chunk_limit(),
    };
    match writer.ask(&request, &mut lane.progress())? {
        Reply::Migrated { written_as, digest } => Ok((written_as, digest)),
        other => Err(unexpected(other)),
    }
}

fn describe(
    record: &mut Record,
    committed: Committed,
    written_as: WrittenAs,
    digest: ContentDigest,
    verified: Verification,
) {
    record.outcome = Some(Outcome::Migrated);
    record.output = Some(committed.output.to_string_lossy().into_owned());
    record.backup = committed
        .backup
        .map(|path| path.to_string_lossy().into_owned());
    record.bytes_after = Some(committed.bytes);
    record.written_as = Some(written_as);
    record.verified = Some(verified);
    record.digest = Some(digest);
    record
        .findings
        .extend(
            committed
                .notes
                .into_iter()
                .map(|detail| crate::model::record::Finding {
                    code: "metadata".to_string(),
                    detail,
                }),
        );
}
