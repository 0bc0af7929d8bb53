//! A file that needs no migration, where an output is wanted all the same: workflow engines take a missing output for a
//! failure, and a tree without it is incomplete.

use crate::files::{Committed, Output, link_output, output_holds};
use crate::jobs::context::JobContext;
use crate::jobs::error::{FailedAs, JobError};
use crate::jobs::settings::IfCurrent;
use crate::jobs::steps::migrate::Migration;
use crate::jobs::steps::new_file;
use crate::jobs::steps::new_file::FinishedRow;
use crate::jobs::steps::source::OpenSource;
use crate::model::plan::Plan;
use crate::model::record::outcome::Outcome;
use crate::model::record::{ErrorKind, Record};
use crate::model::state::State;

/// What `--if-current` asks for this file, if it asks for anything.
pub(crate) fn wanted(
    context: &JobContext<'_>,
    migration: &Migration,
    plan: &Plan,
    state: State,
) -> Option<IfCurrent> {
    let is_elsewhere = matches!(migration.output, Output::Elsewhere { .. });
    let is_current = *plan == Plan::Skip && state == State::Current;
    let wanted = context.settings.if_current;
    (is_elsewhere && is_current && wanted != IfCurrent::Skip).then_some(wanted)
}

/// The row of a dry run.
pub(crate) fn announce(
    migration: &Migration,
    how: IfCurrent,
    source: &OpenSource,
    mut record: Record,
) -> Result<Record, JobError> {
    migration.check_rival()?;
    if is_there(migration, source)? {
        return Ok(there_already(record, migration));
    }
    let output = &migration.output;
    output.check().map_err(|error| JobError::from(&error))?;
    record.reason = format!(
        "{}; it would be {} to {}",
        record.reason,
        how.done(),
        output.path().display()
    );
    Ok(record)
}

/// Copies or links the file to its output.
pub(crate) fn provide(
    context: &JobContext<'_>,
    migration: &Migration,
    how: IfCurrent,
    source: &OpenSource,
    record: Record,
) -> Result<FinishedRow, JobError> {
    migration.check_rival()?;
    if is_there(migration, source)? {
        let mut record = there_already(record, migration);
        record.outcome = Some(Outcome::Skipped);
        return Ok(FinishedRow::unrecorded(record));
    }
    match how {
        IfCurrent::Copy => copy(context, migration, source, &record),
        IfCurrent::Link | IfCurrent::Skip => {
            let rooted = migration.candidate.rooted();
            let like = migration.permission_source(context, &rooted);
            link_output(&source.file, &rooted, &migration.output, like)
                .map_err(|error| JobError::from(&error))?;
            Ok(FinishedRow::unrecorded(provided(record, how, migration)))
        }
    }
}

fn copy(
    context: &JobContext<'_>,
    migration: &Migration,
    source: &OpenSource,
    record: &Record,
) -> Result<FinishedRow, JobError> {
    let rooted = migration.candidate.rooted();
    let like = migration.permission_source(context, &rooted);
    let output = &migration.output;
    let temporary = new_file::create_beside(context, output, like, source.snapshot.bytes)?;
    let copied = new_file::copy(context, &temporary, &source.file)?;
    let request = migration.commit(&rooted, source);
    let ended = |row, committed: Result<&Committed, JobError>| match committed {
        Ok(_) => provided(row, IfCurrent::Copy, migration),
        Err(error) => error.into_row(row),
    };
    let row = record.clone();
    Ok(new_file::commit_recorded(
        context, &request, temporary, copied, row, ended,
    ))
}

/// Whether the output is a copy or another name of this very file. Length and modification time decide, as in rsync:
/// nothing is replaced in any case.
fn is_there(migration: &Migration, source: &OpenSource) -> Result<bool, JobError> {
    output_holds(&migration.output, &source.snapshot).failed_as(ErrorKind::Output)
}

fn provided(mut record: Record, how: IfCurrent, migration: &Migration) -> Record {
    let path = migration.output.path().display();
    record.outcome = Some(Outcome::Skipped);
    record.reason = format!("{}; {} to {path}", record.reason, how.done());
    record.output = Some(path.to_string());
    record.provided = true;
    record
}

fn there_already(mut record: Record, migration: &Migration) -> Record {
    let path = migration.output.path().display();
    record.reason = format!("{}; it is there already: {path}", record.reason);
    record.output = Some(path.to_string());
    record
}
