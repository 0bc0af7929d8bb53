//! Outputs that an earlier run has made.

use crate::files::{Candidate, Order};
use crate::jobs::context::JobContext;
use crate::jobs::error::JobError;
use crate::jobs::pool::crash::WorkerCrash;
use crate::model::facts::Facts;
use crate::model::names::requested::has_wished_form;
use crate::model::names::rules::Rules;
use crate::model::protocol::InspectRequest;
use crate::model::protocol::failure::Failure;
use crate::model::record::outcome::Action;
use crate::model::record::{PlanRecord, Record};
use crate::model::state::State;
use std::path::Path;

/// An output that an earlier run has made.
pub(crate) struct Finished {
    /// What it tells of lost chunks.
    salvaged: Option<String>,
}

impl Finished {
    /// The row of the file.
    pub(crate) fn tell(self, record: &mut Record, order: &Order<'_>) {
        finished_before(record, order);
        if let Some(mark) = self.salvaged {
            record.tell_salvage(&mark);
        }
    }
}

/// The output, when an earlier run has made it: a current file with h5lift's mark, names in the form
/// that is wished for, and the modification time of the original. One that has lost more than the original is finished only
/// for who would lose as much again.
pub(crate) fn is_done_already(
    context: &JobContext<'_>,
    candidate: &Candidate,
    order: &Order<'_>,
    record: &Record,
) -> Result<Option<Finished>, JobError> {
    let Order::Elsewhere {
        destination,
        overwrite: false,
        ..
    } = order
    else {
        return Ok(None);
    };
    let modified = |path: &Path| path.symlink_metadata().and_then(|m| m.modified()).ok();
    let (Some(there), Ok(metadata)) = (modified(destination), destination.metadata()) else {
        return Ok(None);
    };
    if there != candidate.modified || !metadata.is_file() {
        return Ok(None);
    }
    match inspect_output(context, destination)? {
        Ok(facts) => {
            let is_ours = facts.mark.is_some()
                && crate::model::state::detect::judge(&facts).state == State::Current;
            let would_be_made =
                context.settings.policy.salvage || facts.salvaged.as_deref() == record.salvage();
            let has_form = has_wished_form(&facts, &context.settings.policy);
            Ok((is_ours && would_be_made && has_form).then_some(Finished {
                salvaged: facts.salvaged,
            }))
        }
        Err(_) => Ok(None),
    }
}

/// The row of a file whose output an earlier run has made.
pub(crate) fn finished_before(record: &mut Record, order: &Order<'_>) {
    let output = order.destination().display();
    record.output = Some(output.to_string());
    record.reason = format!("its new file is there already: {output}");
    record.plan = PlanRecord {
        action: Action::Skip,
        steps: Vec::new(),
        hint: None,
    };
}

/// What a worker says of an output, finished or not.
pub(crate) fn inspect_output(
    context: &JobContext<'_>,
    output: &Path,
) -> Result<Result<Box<Facts>, Failure>, WorkerCrash> {
    context.ask(InspectRequest {
        path: output.to_path_buf(),
        rules: Rules::default(),
        charset: context.settings.policy.charset,
        lint: None,
    })
}
