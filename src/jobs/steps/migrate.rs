//! One file of `migrate`: inspected, and where its plan says so rewritten, verified and committed.

use crate::files::rooted_path::RootedPath;
use crate::files::{Candidate, Commit, Committed, Original, Output, PermissionSource, fetch_start};
use crate::jobs::context::JobContext;
use crate::jobs::error::JobError;
use crate::jobs::queue::TaskOutcome;
use crate::jobs::steps::current;
use crate::jobs::steps::finished::{finished_before, is_done_already};
use crate::jobs::steps::inspect::{Inspection, crashed_record, inspect};
use crate::jobs::steps::new_file;
use crate::jobs::steps::new_file::{FinishedRow, VerifiedFile, is_recorded};
use crate::jobs::steps::prove::prove;
use crate::jobs::steps::source::OpenSource;
use crate::model::plan::Plan;
use crate::model::plan::recipe::Recipe;
use crate::model::protocol::{MigrateRequest, Migrated};
use crate::model::record::finding::Finding;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::{ErrorKind, ErrorRecord, PlanRecord, Record};
use crate::model::state::State;
use std::borrow::Borrow;
use std::path::PathBuf;

/// A file to migrate, and where its new file goes.
#[derive(Debug, Clone)]
pub struct Migration {
    pub candidate: Candidate,
    /// Where its new file goes.
    pub output: Output,
    /// Another file that would become the same one: then neither does.
    pub rival: Option<PathBuf>,
}

impl Migration {
    pub(crate) fn check_rival(&self) -> Result<(), JobError> {
        match &self.rival {
            Some(rival) => {
                let path = &self.candidate.path;
                Err(JobError::collision(path, rival, self.output.path()))
            }
            None => Ok(()),
        }
    }

    /// The folders whose rights new folders on the way to the output get. `original` is the rooted path of the candidate.
    pub(crate) fn permission_source<'a>(
        &'a self,
        context: &'a JobContext<'_>,
        original: &'a RootedPath,
    ) -> PermissionSource<'a> {
        let later = &context.run.new_folders;
        (self.output).permission_source(original, &self.candidate.relative, later)
    }

    /// What puts the new file in place, if the original still is what was read.
    pub(crate) fn commit<'a>(
        &self,
        original: &'a RootedPath,
        source: &'a OpenSource,
    ) -> Commit<'a> {
        Commit {
            output: self.output.clone(),
            original: Some(Original {
                path: original,
                symlink: self.candidate.symlink,
                file: &source.file,
                snapshot: &source.snapshot,
            }),
        }
    }
}

impl Borrow<Candidate> for Migration {
    fn borrow(&self) -> &Candidate {
        &self.candidate
    }
}

/// The row of an inspected file in a dry run: links, rights and existing outputs change what would be done.
pub fn dry_run(context: &JobContext<'_>, migration: &Migration, inspection: Inspection) -> Record {
    let Inspection {
        record,
        plan,
        source,
        ..
    } = inspection;
    let Some(source) = source else {
        return record;
    };
    if let Some(how) = current::wanted(context, migration, &plan, record.state) {
        return match current::announce(migration, how, &source, record.clone()) {
            Ok(record) => record,
            Err(error) => would_refuse(error, record),
        };
    }
    let Plan::Migrate { recipe, .. } = &plan else {
        return record;
    };
    let is_done = || is_done_already(context, migration, &source, recipe, &record);
    let error = match migration.check_rival().and_then(|()| is_done()) {
        Ok(Some(finished)) => return finished_before(record, &migration.output, finished.salvaged),
        Ok(None) => match migration.output.check() {
            Ok(()) => return record,
            Err(error) => JobError::from(&error),
        },
        Err(error) => error,
    };
    would_refuse(error, record)
}

/// The row of a file that a run would refuse.
fn would_refuse(error: JobError, record: Record) -> Record {
    match error {
        JobError::Failed { error, .. } => Record {
            reason: error.message,
            plan: PlanRecord {
                action: Action::Refuse,
                steps: Vec::new(),
                hint: error.hint,
            },
            ..record
        },
        JobError::Crashed(_) => record,
    }
}

/// Migrates one file. `is_retry`: this is the second attempt, after which there is no other.
pub fn migrate(context: &JobContext<'_>, migration: &Migration, is_retry: bool) -> TaskOutcome {
    let memory = context.settings.worker.memory;
    let candidate = &migration.candidate;
    let inspection = match inspect(context, candidate) {
        Ok(inspection) => inspection,
        Err(crash) if crash.should_retry(is_retry) => return TaskOutcome::Retry,
        Err(crash) => {
            let mut record = crashed_record(candidate, &crash, memory);
            record.outcome = Some(match crash.is_of_run() {
                true => Outcome::Failed,
                false => Outcome::Refused,
            });
            return finish(context, FinishedRow::unrecorded(record));
        }
    };
    let Inspection {
        record,
        plan,
        source,
        ..
    } = inspection;
    let provided = source
        .as_ref()
        .zip(current::wanted(context, migration, &plan, record.state));
    if let Some((source, how)) = provided {
        return match current::provide(context, migration, how, source, record.clone()) {
            Ok(row) => finish(context, row),
            Err(error) => finish(context, FinishedRow::unrecorded(error.into_row(record))),
        };
    }
    let (Plan::Migrate { recipe, .. }, Some(source)) = (&plan, &source) else {
        return finish(
            context,
            FinishedRow::unrecorded(finish_without_work(record, &plan)),
        );
    };
    let written = (migration.check_rival())
        .and_then(|()| rewrite(context, migration, source, recipe, &record));
    match written {
        Ok(row) => finish(context, row),
        Err(JobError::Crashed(crash)) if crash.should_retry(is_retry) => TaskOutcome::Retry,
        Err(JobError::Crashed(crash)) => {
            let crashed = crashed_record(candidate, &crash, memory);
            finish(context, FinishedRow::unrecorded(failed_by(record, crashed)))
        }
        Err(error) => finish(context, FinishedRow::unrecorded(error.into_row(record))),
    }
}

/// The row of a file on which a worker ended: it keeps the state that it had, unless damage was found.
fn failed_by(record: Record, crashed: Record) -> Record {
    let mut record = match crashed.state {
        State::Damaged => Record {
            state: State::Damaged,
            reason: crashed.reason,
            ..record
        },
        _ => record,
    };
    record.fail(Outcome::Failed, crashed.error);
    record
}

/// The row of a file; the ledger gets it unless a commit has written it there.
fn finish(context: &JobContext<'_>, row: FinishedRow) -> TaskOutcome {
    if let (Some(ledger), false) = (context.ledger, row.in_ledger) {
        is_recorded(context, &ledger.row(&row.record));
    }
    TaskOutcome::Row(Box::new(row.record))
}

/// The row of a plan that changes nothing.
fn finish_without_work(mut record: Record, plan: &Plan) -> Record {
    let Plan::Refuse { message, hint } = plan else {
        record.outcome = Some(Outcome::Skipped);
        return record;
    };
    record.outcome = Some(
        match record.error.as_ref().is_some_and(ErrorRecord::is_of_run) {
            true => Outcome::Failed,
            false => Outcome::Refused,
        },
    );
    let message = message.as_ref().unwrap_or(&record.reason);
    let kind = ErrorKind::State(record.state);
    let error = ErrorRecord::new(kind, message, Some(hint.clone()));
    record.error.get_or_insert(error);
    record
}

/// Writes the new file of a candidate and commits it. `inspected` is its row so far.
fn rewrite(
    context: &JobContext<'_>,
    migration: &Migration,
    source: &OpenSource,
    recipe: &Recipe,
    inspected: &Record,
) -> Result<FinishedRow, JobError> {
    let Migration {
        candidate, output, ..
    } = migration;
    if let Some(finished) = is_done_already(context, migration, source, recipe, inspected)? {
        let mut record = finished_before(inspected.clone(), output, finished.salvaged);
        record.outcome = Some(Outcome::Skipped);
        return Ok(FinishedRow::unrecorded(record));
    }
    fetch_start(&source.file);
    let rooted = candidate.rooted();
    let like = migration.permission_source(context, &rooted);
    let temporary = new_file::create(context, output, like, source.snapshot.bytes)?;
    let request = MigrateRequest {
        recipe: recipe.clone(),
        budget: context.budget(),
    };
    let written = new_file::write(
        context,
        &temporary,
        &source.file,
        source.snapshot.bytes,
        request,
        &[],
    )?;
    let verified = written.verify(context, &temporary, |written| {
        prove(context, &source.file, &temporary, recipe, written)
    })?;
    let (temporary, verified) = new_file::deliver(context, output, like, temporary, verified)?;
    let row = verified_row(inspected.clone(), &verified);
    let request = migration.commit(&rooted, source);
    Ok(new_file::commit_recorded(
        context,
        &request,
        temporary,
        verified,
        row,
        |row, committed| match committed {
            Ok(committed) => committed_row(row, committed),
            Err(error) => error.into_row(row),
        },
    ))
}

/// The row of a file whose new file is verified.
fn verified_row(mut record: Record, verified: &VerifiedFile<Migrated>) -> Record {
    let written = &verified.reply;
    record.verified = Some(verified.level);
    record.written_as = Some(written.written_as.clone());
    record.digest = Some(written.digest);
    if let Some(salvaged) = &written.salvaged {
        let mark = salvaged.losses.mark(record.salvage());
        record.set_losses(salvaged, &mark.unwrap_or_default());
    }
    record
}

/// The row of a file whose new file is in place.
fn committed_row(mut record: Record, committed: &Committed) -> Record {
    record.outcome = Some(record.outcome_in_place());
    record.output = Some(committed.output.to_string_lossy().into_owned());
    record.backup = committed
        .backup
        .as_ref()
        .map(|path| path.to_string_lossy().into_owned());
    record.bytes_after = Some(committed.bytes);
    let notes = committed.notes.iter();
    record
        .findings
        .extend(notes.map(|note| Finding::new("metadata", note)));
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: State, kind: ErrorKind) -> Record {
        let mut record = Record::new(std::path::Path::new("a.h5"), 1, state, format!("{state:?}"));
        record.error = Some(ErrorRecord::new(kind, "no progress within 30 s", None));
        record
    }

    #[test]
    fn a_deadline_while_writing_does_not_make_a_file_damaged() {
        let healthy = Record {
            error: None,
            ..row(State::Legacy, ErrorKind::Timeout)
        };
        let slow = failed_by(healthy.clone(), row(State::Unsupported, ErrorKind::Timeout));
        assert_eq!(
            (slow.state, slow.outcome, slow.reason.as_str()),
            (State::Legacy, Some(Outcome::Failed), "Legacy")
        );
        assert_eq!(
            slow.error.map(|error| error.kind).as_deref(),
            Some("timeout")
        );

        let broken = failed_by(healthy, row(State::Damaged, ErrorKind::WorkerDied));
        assert_eq!(
            (broken.state, broken.reason.as_str()),
            (State::Damaged, "Damaged")
        );
    }
}
