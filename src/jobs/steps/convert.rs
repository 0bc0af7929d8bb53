//! One text matrix from its path to its row: read, write, prove, commit.
//!
//! A text has no second copy of its values to compare with, and a pipe can be read only once. So the
//! proof is that the new file, read back by another process, has the digest that the writer took of
//! the values as they were parsed.

use crate::files::commit::space;
use crate::files::{
    Candidate, CommitError, Order, PermissionSource, StatSnapshot, Temporary, commit,
    open_candidate, source_fd_path,
};
use crate::jobs::context::JobContext;
use crate::jobs::error::{JobError, fail, failed, refused};
use crate::jobs::queue::TaskOutcome;
use crate::jobs::steps::finished::{finished_before, inspect_output};
use crate::jobs::steps::inspect::crashed_record;
use crate::jobs::steps::prove::{Proved, prove_digest, while_provers_start};
use crate::model::digest::ContentDigest;
use crate::model::facts::text_matrix::{Compression, Conversion, NamesLayout};
use crate::model::plan::policy::Verification;
use crate::model::protocol::{ConvertRequest, Converted, ReadTextRequest, TextRead};
use crate::model::record::Record;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::state::State;
use crate::model::state::detect;
use hdf5_format::storage::Storage;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Stands for what comes in through stdin.
pub(crate) const STDIN: &str = "-";

#[derive(Debug)]
pub(crate) struct TextInput {
    /// Where its row says it is.
    pub candidate: Candidate,
    /// It comes through a pipe: read once, and never again.
    pub pipe: bool,
    /// What is to be made of it.
    pub conversion: Conversion,
}

struct OpenSource {
    file: File,
    /// By which path workers open it.
    fd_path: PathBuf,
    snapshot: StatSnapshot,
}

/// Says how a text would be read, and what is odd about it.
pub(crate) fn inspect_text(
    context: &JobContext<'_>,
    text: &TextInput,
    is_retry: bool,
) -> TaskOutcome {
    let inspection = open(text).and_then(|source| read(context, text, &source));
    let mut record = row(text);
    match inspection {
        Ok(read) => record.describe_text(&read.facts, storage_of(&text.conversion)),
        Err(JobError::Crashed(crash)) if crash.should_retry(is_retry || text.pipe) => {
            return TaskOutcome::Retry;
        }
        Err(error) => refuse(context, text, error, &mut record),
    }
    TaskOutcome::Row(Box::new(record))
}

/// Converts one text. `is_retry`: this is the second attempt.
pub(crate) fn convert(
    context: &JobContext<'_>,
    text: &TextInput,
    destination: &Path,
    is_retry: bool,
) -> TaskOutcome {
    let mut record = row(text);
    match make(context, text, destination, &mut record) {
        Ok(()) => {}
        Err(JobError::Crashed(crash)) if crash.should_retry(is_retry || text.pipe) => {
            return TaskOutcome::Retry;
        }
        Err(error) => refuse(context, text, error, &mut record),
    }
    TaskOutcome::Row(Box::new(record))
}

fn row(text: &TextInput) -> Record {
    let candidate = &text.candidate;
    let mut record = Record::new(&candidate.path, candidate.bytes, State::Text, String::new());
    record.modified = candidate.modified_text();
    record.plan.action = Action::Convert;
    record
}

fn refuse(context: &JobContext<'_>, text: &TextInput, error: JobError, record: &mut Record) {
    let (outcome, error) = match error {
        JobError::Crashed(crash) => {
            let mut error =
                crashed_record(&text.candidate, &crash, context.settings.worker.memory).error;
            if let Some(error) = &mut error {
                let next = "check that the destination's disk has free space; if it has, please report this";
                error.hint = Some(next.to_string());
            }
            (Outcome::Failed, error)
        }
        JobError::Failed { outcome, error, .. } => (outcome, Some(error)),
    };
    if let Some(error) = &error {
        record.reason.clone_from(&error.message);
        record.plan.hint.clone_from(&error.hint);
    }
    record.plan.action = Action::Refuse;
    fail(record, outcome, error);
}

fn open(text: &TextInput) -> Result<OpenSource, JobError> {
    let path = &text.candidate.path;
    let unread = |error: std::io::Error| {
        let message = format!("{}: cannot read it: {error}", path.display());
        failed("open", message, None)
    };
    let file = match text.pipe {
        true if path == Path::new(STDIN) => {
            File::from(rustix::io::dup(rustix::stdio::stdin()).map_err(|e| unread(e.into()))?)
        }
        // A pipe with a name, such as a shell makes of <(zcat a.tsv.gz).
        true => File::open(path).map_err(unread)?,
        false => open_candidate(&text.candidate)
            .map_err(|error| failed("open", error.to_string(), Some(error.hint())))?,
    };
    Ok(OpenSource {
        fd_path: source_fd_path(&file, path),
        snapshot: StatSnapshot::of(&file).map_err(unread)?,
        file,
    })
}

fn make(
    context: &JobContext<'_>,
    text: &TextInput,
    destination: &Path,
    record: &mut Record,
) -> Result<(), JobError> {
    let order = Order::Elsewhere {
        original: None,
        destination,
        overwrite: context.settings.overwrite,
    };
    let source = open(text)?;
    if !text.pipe && is_done_already(context, text, &source, destination)? {
        record.outcome = Some(Outcome::Skipped);
        finished_before(record, &order);
        return Ok(());
    }
    order.check().map_err(|error| refused(&error))?;
    let output =
        |error: crate::files::PathError| failed("output", error.to_string(), Some(error.hint()));
    let folder = destination.parent().unwrap_or(Path::new("."));
    space::check(folder, text.candidate.bytes / 4)
        .map_err(|error| failed("no-space", error.to_string(), Some(error.hint())))?;
    let temporary =
        Temporary::create_beside(destination, PermissionSource::default()).map_err(output)?;
    let spool = Temporary::spool_beside(destination).map_err(output)?;
    let mut writer = context.worker()?;
    let request = ConvertRequest {
        input: source.fd_path.clone(),
        temporary: temporary.fd_path(),
        spool: spool.fd_path(),
        conversion: text.conversion.clone(),
        budget: context.budget(),
    };
    let (reply, begun_sync) = temporary.write_back_while(text.candidate.bytes, || {
        while_provers_start(context, || writer.ask(request, &mut context.progress()))
    });
    let Converted {
        facts,
        written_as,
        digest,
        crc32,
    } = reply??;
    let written = Proved {
        digest,
        salvaged: None,
        crc32,
    };
    drop(spool);
    let writer = writer.kept_after(temporary.file());
    record.describe_text(&facts, storage_of(&text.conversion));
    let (verified, synced) = temporary.sync_while(|| match text.conversion.names {
        NamesLayout::Current => prove_digest(context, &temporary, &written),
        older => look_again(context, &temporary, older),
    });
    begun_sync.and(synced).map_err(output)?;
    let verified = verified?;
    drop(writer);
    unchanged(text, &source)?;
    let committed =
        commit(&order, temporary, context.run).map_err(|error: CommitError| refused(&error))?;
    record.verified = Some(verified);
    record.written_as = Some(written_as);
    record.digest = Some(written.digest);
    record.outcome = Some(Outcome::Converted);
    record.output = Some(committed.output.to_string_lossy().into_owned());
    record.bytes_after = Some(committed.bytes);
    Ok(())
}

/// Files in an older layout carry no digest; that they are what they should be another worker says.
fn look_again(
    context: &JobContext<'_>,
    temporary: &Temporary,
    layout: NamesLayout,
) -> Result<Verification, JobError> {
    let facts = inspect_output(context, &temporary.fd_path())??;
    let state = detect::judge(&facts).state;
    let wanted = match layout {
        NamesLayout::Current => State::Current,
        NamesLayout::Legacy => State::Legacy,
        NamesLayout::Hybrid => State::Hybrid,
    };
    match state == wanted {
        true => Ok(Verification::None),
        false => Err(crate::jobs::error::mismatch(&format!(
            "the new file is {state} and not {wanted}"
        ))),
    }
}

fn storage_of(conversion: &Conversion) -> Storage {
    match conversion.compression {
        Compression::None => Storage::Contiguous,
        Compression::Gzip | Compression::Lzf => Storage::Chunked,
    }
}

/// Somebody may have written to the text while it was read.
fn unchanged(text: &TextInput, source: &OpenSource) -> Result<(), JobError> {
    if text.pipe {
        return Ok(());
    }
    let path = &text.candidate.path;
    let now = StatSnapshot::of(&source.file).map_err(|error| {
        let message = format!("{}: cannot inspect it again: {error}", path.display());
        failed("open", message, None)
    })?;
    match source.snapshot.difference(&now) {
        None => Ok(()),
        Some(change) => Err(refused(&CommitError::SourceChanged {
            path: path.clone(),
            change,
        })),
    }
}

/// Whether an earlier run has made this output of this text: with the same options, and holding
/// what the text says today. Times prove nothing: those of unpacked archives are often all the same.
fn is_done_already(
    context: &JobContext<'_>,
    text: &TextInput,
    source: &OpenSource,
    destination: &Path,
) -> Result<bool, JobError> {
    if context.settings.overwrite || !destination.is_file() {
        return Ok(false);
    }
    let Ok(facts) = inspect_output(context, destination)? else {
        return Ok(false);
    };
    let is_current = detect::judge(&facts).state == State::Current;
    let Some(mark) = facts.mark.filter(|_| is_current) else {
        return Ok(false);
    };
    let held = mark.digest.parse::<ContentDigest>();
    let (Ok(held), true) = (held, mark.conversion == Some(text.conversion.mark())) else {
        return Ok(false);
    };
    let said = read(context, text, source)?;
    Ok((said.digest.values, said.digest.genes, said.digest.samples)
        == (held.values, held.genes, held.samples))
}

/// Reads all of a text, and makes nothing of it.
fn read(
    context: &JobContext<'_>,
    text: &TextInput,
    source: &OpenSource,
) -> Result<TextRead, JobError> {
    Ok(context.ask(ReadTextRequest {
        input: source.fd_path.clone(),
        conversion: text.conversion.clone(),
        budget: context.budget(),
    })??)
}
