//! Outputs that an earlier run has made.

use crate::files::{Output, open_source};
use crate::jobs::context::JobContext;
use crate::jobs::error::{JobError, unopened};
use crate::jobs::pool::crash::WorkerCrash;
use crate::jobs::steps::inspect::plain_file;
use crate::jobs::steps::migrate::Migration;
use crate::jobs::steps::source::OpenSource;
use crate::model::facts::Facts;
use crate::model::names::requested::{has_requested_form, requested_form};
use crate::model::names::rules::Rules;
use crate::model::plan::policy::{Policy, Verification};
use crate::model::plan::recipe::{GivenNames, Recipe};
use crate::model::protocol::failure::Failure;
use crate::model::protocol::{CompareRequest, InspectRequest, Part};
use crate::model::record::outcome::Action;
use crate::model::record::{PlanRecord, Record};
use crate::model::state::State;
use crate::model::state::detect;
use std::fs::File;
use std::path::Path;

/// An output that an earlier run has made.
pub(crate) struct Finished {
    /// What it records of lost chunks.
    pub salvaged: Option<String>,
}

/// The output, when an earlier run has made it: a current file with h5lift's mark, names in the form
/// that was requested, and the modification time of the original. One that has lost more than the original is finished only
/// for a run with `--salvage`, and one that a choice of the user decides only if it holds what this choice asks for.
pub(crate) fn is_done_already(
    context: &JobContext<'_>,
    migration: &Migration,
    source: &OpenSource,
    recipe: &Recipe,
    record: &Record,
) -> Result<Option<Finished>, JobError> {
    let Output::Elsewhere {
        path,
        overwrite: false,
        ..
    } = &migration.output
    else {
        return Ok(None);
    };
    let Ok(there) = path.symlink_metadata() else {
        return Ok(None);
    };
    let is_file =
        there.is_file() || (there.is_symlink() && path.metadata().is_ok_and(|it| it.is_file()));
    if there.modified().ok() != Some(migration.candidate.modified) || !is_file {
        return Ok(None);
    }
    let Ok(facts) = inspect_path(context, path)? else {
        return Ok(None);
    };
    let policy = context.settings.of_file(&migration.candidate).policy;
    let is_ours = facts.mark.is_some() && detect::judge(&facts).state == State::Current;
    let would_be_made = policy.salvage || facts.salvaged.as_deref() == record.salvage();
    let is_as_asked = is_ours
        && would_be_made
        && is_as_large(record, &facts)
        && has_requested_form(&facts, policy)
        && (!is_of_choice(policy, recipe, record) || {
            // Nobody asked for another form of the names.
            let form = requested_form(&facts, policy);
            let recipe = Recipe {
                form,
                ..recipe.clone()
            };
            holds(context, &source.file, path, recipe)?
        });
    Ok(is_as_asked.then_some(Finished {
        salvaged: facts.salvaged,
    }))
}

/// Whether options decide what the new file holds: a run with others makes another one.
fn is_of_choice(policy: &Policy, recipe: &Recipe, record: &Record) -> bool {
    record.state == State::Conflict
        || recipe.transpose
        || recipe.given != GivenNames::default()
        || policy.rules != Rules::default()
}

/// Whether a file is what a recipe makes of another one.
fn holds(
    context: &JobContext<'_>,
    old: &File,
    new: &Path,
    recipe: Recipe,
) -> Result<bool, WorkerCrash> {
    let Ok(new) = open_source(new) else {
        return Ok(false);
    };
    let request = CompareRequest {
        level: Verification::Fast,
        rules: Rules::default(),
        given: GivenNames::default(),
        charset: recipe.charset,
        recipe: Some(Box::new(recipe)),
        crc32: None,
        part: Part::WHOLE,
        budget: context.budget(),
    };
    let reply = context.ask(request, &[old, &new])?;
    Ok(reply.is_ok_and(|verified| verified.verify_report.contradiction().is_none()))
}

/// Whether a file can hold the matrix of another one, perhaps turned: files of one archive often have one
/// modification time.
fn is_as_large(record: &Record, new: &Facts) -> bool {
    let sorted = |shape: &[u64]| {
        let mut shape = shape.to_vec();
        shape.sort_unstable();
        shape
    };
    match (&record.expr, &new.expr) {
        (Some(old), Some(new)) => sorted(&old.shape) == sorted(&new.shape),
        _ => true,
    }
}

/// The row of a file whose output an earlier run has made, and what that records of lost chunks.
pub(crate) fn finished_before(
    mut record: Record,
    output: &Output,
    salvaged: Option<String>,
) -> Record {
    let path = output.path().display();
    record.output = Some(path.to_string());
    record.reason = format!("its new file is there already: {path}");
    record.plan = PlanRecord {
        action: Action::Skip,
        steps: Vec::new(),
        hint: None,
    };
    if let Some(mark) = salvaged {
        record.tell_salvage(&mark);
    }
    record
}

/// Whether an open file is HDF5 and carries h5lift's mark, or is a copy of its source, which had none; the error says why not.
pub(crate) fn has_mark(context: &JobContext<'_>, file: &File, is_copy: bool) -> Result<(), String> {
    let facts = match inspect_output(context, file) {
        Ok(Ok(facts)) => facts,
        Ok(Err(failure)) => return Err(failure.message),
        Err(crash) => return Err(crash.describe(context.settings.worker.memory)),
    };
    match facts.mark {
        Some(_) => Ok(()),
        None if is_copy => Ok(()),
        None => Err("it carries no digest of h5lift".to_string()),
    }
}

/// What an output that is there says of itself.
pub(crate) fn inspect_path(
    context: &JobContext<'_>,
    output: &Path,
) -> Result<Result<Box<Facts>, Failure>, WorkerCrash> {
    let file = match open_source(output) {
        Ok(file) => file,
        Err(error) => return Ok(Err(unopened(&error))),
    };
    let bytes = file.metadata().map_or(u64::MAX, |there| there.len());
    let charset = context.settings.policy.charset;
    match plain_file(context, &file, bytes, &Rules::default(), charset) {
        Some(facts) => Ok(Ok(Box::new(facts))),
        None => inspect_output(context, &file),
    }
}

/// What a worker says of an output, finished or not.
pub(crate) fn inspect_output(
    context: &JobContext<'_>,
    output: &File,
) -> Result<Result<Box<Facts>, Failure>, WorkerCrash> {
    let request = InspectRequest {
        rules: Rules::default(),
        charset: context.settings.policy.charset,
        lint: None,
    };
    context.ask(request, &[output])
}
