//! One file that is to be migrated: written, proved, and put in its place.

use crate::files::commit::space;
use crate::files::ledger::CommitId;
use crate::files::{
    Begun, Candidate, CommitError, Committed, Fingerprint, Ledger, LedgerError, NewFile, Order,
    Original, PermissionSource, Temporary, commit, fetch_start,
};
use crate::jobs::context::JobContext;
use crate::jobs::error::{JobError, apply, failed, refused};
use crate::jobs::event::Event;
use crate::jobs::pool::Lease;
use crate::jobs::steps::finished::is_done_already;
use crate::jobs::steps::prove::{Proved, join, prove, while_provers_start};
use crate::jobs::steps::source::OpenSource;
use crate::jobs::target::Target;
use crate::model::plan::recipe::Recipe;
use crate::model::protocol::{MigrateRequest, Migrated};
use crate::model::record::finding::Finding;
use crate::model::record::outcome::Outcome;
use crate::model::record::{Record, WrittenAs};
use std::path::Path;

/// Makes the new file of a candidate and commits it. `record` says afterwards what was done, `told` whether the
/// ledger knows.
pub(crate) fn rewrite(
    context: &JobContext<'_>,
    candidate: &Candidate,
    target: Target<'_>,
    source: &OpenSource,
    recipe: &Recipe,
    record: &mut Record,
    told: &mut bool,
) -> Result<(), JobError> {
    let order = target.order(context, candidate, source);
    let original = Original {
        path: &candidate.path,
        snapshot: &source.snapshot,
    };
    if let Some(there) = is_done_already(context, candidate, &order, record)? {
        record.outcome = Some(Outcome::Skipped);
        there.tell(record, &order);
        return Ok(());
    }
    fetch_start(&source.file);
    order.check().map_err(|error| refused(&error))?;
    let folder = order.destination().parent().unwrap_or(Path::new("."));
    space::check(folder, original.snapshot.bytes)
        .map_err(|error| failed("no-space", error.to_string(), Some(error.hint())))?;
    let like = match target {
        Target::InPlace(_) => PermissionSource::default(),
        Target::Elsewhere(_) => PermissionSource::of(&candidate.path, &candidate.relative),
    };
    let temporary = Temporary::create_beside(order.destination(), like)
        .map_err(|error| failed("output", error.to_string(), Some(error.hint())))?;

    let fd_path = source.fd_path();
    let mut writer = context.worker()?;
    // The bytes are in the page cache while they are read anyway: the sums cost little now.
    let ((written, begun_sync), old_sum) = std::thread::scope(|scope| {
        let sum = context
            .ledger
            .map(|_| scope.spawn(|| Fingerprint::of(&source.file)));
        let written = temporary.write_back_while(source.snapshot.bytes, || {
            write(context, &mut writer, &fd_path, &temporary, recipe)
        });
        (written, sum.map(join))
    });
    let (written_as, written) = written?;
    let writer = writer.kept_after(temporary.file());
    // The disk takes the file while others read it back; both must succeed before the commit.
    let ((verified, synced), new_file) = std::thread::scope(|scope| {
        let new_file = context
            .ledger
            .map(|_| scope.spawn(|| NewFile::of(temporary.file())));
        let proved =
            temporary.sync_while(|| prove(context, &fd_path, &temporary, recipe, &written));
        (proved, new_file.map(join))
    });
    begun_sync
        .and(synced)
        .map_err(|error| failed("output", error.to_string(), Some(error.hint())))?;
    record.verified = Some(verified?);
    record.written_as = Some(written_as);
    record.digest = Some(written.digest);
    if let Some(salvaged) = &written.salvaged {
        let mark = salvaged.losses.mark(record.salvage());
        record.set_losses(salvaged, &mark.unwrap_or_default());
    }
    drop(writer);

    let begun = begin(context, &order, &original, old_sum, new_file, record)?;
    let committed = commit(&order, temporary, context.run).map_err(|error| {
        let job_error = refused(&error);
        // A new file whose name may not survive a power cut is left to the next run to judge.
        if let (Some((ledger, id)), false) =
            (begun, matches!(error, CommitError::NotDurable { .. }))
        {
            let mut ended = record.clone();
            apply(&job_error, &mut ended);
            *told = tell(context, &ledger.failed(id, &ended));
        }
        job_error
    })?;
    describe(record, &committed);
    if let Some((ledger, id)) = begun {
        *told = tell(context, &ledger.done(id, &committed, record));
    }
    Ok(())
}

/// Whether the ledger took it; if not, somebody should know.
fn tell(context: &JobContext<'_>, result: &Result<(), LedgerError>) -> bool {
    if let Err(error) = result {
        context.observer.observe(Event::Warning(&error.to_string()));
    }
    result.is_ok()
}

/// Writes down what is about to be done, when there is a ledger.
fn begin<'a>(
    context: &JobContext<'a>,
    order: &Order<'_>,
    original: &Original<'_>,
    old_sum: Option<std::io::Result<Fingerprint>>,
    new_file: Option<std::io::Result<NewFile>>,
    record: &Record,
) -> Result<Option<(&'a Ledger, CommitId)>, JobError> {
    let (Some(ledger), Some(old_sum), Some(new_file)) = (context.ledger, old_sum, new_file) else {
        return Ok(None);
    };
    let unread = |error: std::io::Error| failed("ledger", format!("its checksum: {error}"), None);
    let (old_sum, new_file) = (old_sum.map_err(unread)?, new_file.map_err(unread)?);
    let begun = Begun::new(order, original, old_sum.sha256, new_file, record)
        .map_err(|error| failed("ledger", error.to_string(), Some(error.hint())))?;
    ledger
        .begin(begun)
        .map(|id| Some((ledger, id)))
        .map_err(|error| failed("ledger", error.to_string(), Some(error.hint())))
}

fn write(
    context: &JobContext<'_>,
    writer: &mut Lease<'_>,
    source: &Path,
    temporary: &Temporary,
    recipe: &Recipe,
) -> Result<(WrittenAs, Proved), JobError> {
    let request = MigrateRequest {
        source: source.to_path_buf(),
        temporary: temporary.fd_path(),
        recipe: recipe.clone(),
        budget: context.budget(),
    };
    let Migrated {
        written_as,
        digest,
        salvaged,
        crc32,
    } = while_provers_start(context, || writer.ask(request, &mut context.progress()))??;
    let written = Proved {
        digest,
        salvaged,
        crc32,
    };
    Ok((written_as, written))
}

fn describe(record: &mut Record, committed: &Committed) {
    record.outcome = Some(record.outcome_in_place());
    record.output = Some(committed.output.to_string_lossy().into_owned());
    record.backup = committed
        .backup
        .as_ref()
        .map(|path| path.to_string_lossy().into_owned());
    record.bytes_after = Some(committed.bytes);
    record
        .findings
        .extend(committed.notes.iter().map(|detail| Finding {
            code: "metadata".to_string(),
            detail: detail.clone(),
        }));
}
