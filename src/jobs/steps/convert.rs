//! One text matrix from its path to its row: read, write, prove, commit.
//!
//! A text has no second copy of its values to compare with, and a pipe can be read only once. So the
//! proof is that the new file, read back by another process, has the digest that the writer took of
//! the values as they were parsed.

use crate::files::{
    Candidate, Commit, CommitError, Committed, Output, PermissionSource, StatSnapshot, Temporary,
    open_candidate,
};
use crate::jobs::context::JobContext;
use crate::jobs::error::{FailedAs, JobError};
use crate::jobs::pool::crash::{CrashCause, WorkerCrash};
use crate::jobs::pool::input_pipe::open_input;
use crate::jobs::queue::TaskOutcome;
use crate::jobs::steps::finished::{finished_before, inspect_output, inspect_path};
use crate::jobs::steps::inspect::crashed_record;
use crate::jobs::steps::new_file;
use crate::jobs::steps::new_file::WrittenFile;
use crate::jobs::steps::prove::prove_digest;
use crate::model::digest::ContentDigest;
use crate::model::facts::text_matrix::{Compression, Conversion, NamesLayout};
use crate::model::plan::policy::Verification;
use crate::model::protocol::phase::Phase;
use crate::model::protocol::{ConvertRequest, Converted, ReadTextRequest, TextRead};
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use crate::model::state::State;
use crate::model::state::detect;
use hdf5_format::storage::Storage;
use std::borrow::Borrow;
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
    /// Where its new file goes; `None` in a dry run without a destination.
    pub output: Option<Output>,
    /// Another text that would become the same file: then neither does.
    pub rival: Option<PathBuf>,
}

impl Borrow<Candidate> for TextInput {
    fn borrow(&self) -> &Candidate {
        &self.candidate
    }
}

struct OpenText {
    file: File,
    snapshot: StatSnapshot,
}

/// Reports how a text would be read, and the findings about it.
pub(crate) fn inspect_text(
    context: &JobContext<'_>,
    text: &TextInput,
    is_retry: bool,
) -> TaskOutcome {
    let mut record = row(text);
    let read = open(context, text).and_then(|source| match &text.output {
        Some(output) if is_settled(context, text, &source, output)? => Ok(None),
        _ => read(context, text, &source).map(Some),
    });
    match (read, &text.output) {
        (Ok(None), Some(output)) => record = finished_before(record, output, None),
        (Ok(None), None) => {}
        (Ok(Some(read)), _) => record.describe_text(&read.facts, storage_of(&text.conversion)),
        (Err(JobError::Crashed(crash)), _) if crash.should_retry(is_retry || text.pipe) => {
            return TaskOutcome::Retry;
        }
        (Err(error), _) => record = refused_row(context, text, record, error),
    }
    TaskOutcome::Row(Box::new(record))
}

/// Converts one text to its output. `is_retry`: this is the second attempt.
pub(crate) fn convert(
    context: &JobContext<'_>,
    text: &TextInput,
    output: &Output,
    is_retry: bool,
) -> TaskOutcome {
    let record = match make(context, text, output).map_err(|error| *error) {
        Ok(record) => record,
        Err((_, JobError::Crashed(crash))) if crash.should_retry(is_retry || text.pipe) => {
            return TaskOutcome::Retry;
        }
        Err((record, error)) => refused_row(context, text, record, error),
    };
    TaskOutcome::Row(Box::new(record))
}

fn row(text: &TextInput) -> Record {
    let candidate = &text.candidate;
    let mut record = Record::new(&candidate.path, candidate.bytes, State::Text, String::new());
    record.modified = candidate.modified_text();
    record.plan.action = Action::Convert;
    record
}

/// The row of a text from which no file was made.
fn refused_row(
    context: &JobContext<'_>,
    text: &TextInput,
    mut record: Record,
    error: JobError,
) -> Record {
    let (outcome, error) = match error {
        JobError::Crashed(crash) => {
            let memory = context.settings.worker.memory;
            let mut error = crashed_record(&text.candidate, &crash, memory).error;
            // A text is not damaged: a worker that ends while it writes has met a full disk, or a defect.
            if let Some(error) = error
                .as_mut()
                .filter(|error| error.kind == ErrorKind::WorkerDied.word())
            {
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
    record.fail(outcome, error);
    record
}

fn open(context: &JobContext<'_>, text: &TextInput) -> Result<OpenText, JobError> {
    let path = &text.candidate.path;
    let unread = |error: std::io::Error| unread(path, "read it", &error);
    let file = match text.pipe {
        true if path == Path::new(STDIN) => {
            File::from(rustix::io::dup(rustix::stdio::stdin()).map_err(|e| unread(e.into()))?)
        }
        // A pipe with a name, such as a shell makes of <(zcat a.tsv.gz).
        true => {
            open_input(path, &context.settings.worker).map_err(|error| unwritten(path, &error))?
        }
        false => open_candidate(&text.candidate).failed_as(ErrorKind::Open)?,
    };
    Ok(OpenText {
        snapshot: StatSnapshot::of(&file).map_err(unread)?,
        file,
    })
}

/// Nobody has written to a pipe yet.
fn unwritten(path: &Path, error: &std::io::Error) -> JobError {
    match error.kind() {
        std::io::ErrorKind::Interrupted => JobError::Crashed(WorkerCrash {
            phase: Phase::Opening,
            cause: CrashCause::Interrupted,
        }),
        std::io::ErrorKind::TimedOut => {
            let message = format!("{}: {error}", path.display());
            let hint = "start the program that writes it, or give a longer --timeout";
            let hint = Some(hint.to_string());
            JobError::failed(ErrorRecord::new(ErrorKind::Timeout, message, hint))
        }
        _ => unread(path, "read it", error),
    }
}

fn unread(path: &Path, action: &str, error: &std::io::Error) -> JobError {
    let message = format!("{}: cannot {action}: {error}", path.display());
    JobError::failed(ErrorRecord::new(ErrorKind::Open, message, None))
}

/// Whether nothing has to be made, because an earlier run has done so; an error when nothing can be.
fn is_settled(
    context: &JobContext<'_>,
    text: &TextInput,
    source: &OpenText,
    output: &Output,
) -> Result<bool, JobError> {
    if let Some(rival) = &text.rival {
        let path = &text.candidate.path;
        return Err(JobError::collision(path, rival, output.path()));
    }
    if !text.pipe && is_done_already(context, text, source, output.path())? {
        return Ok(true);
    }
    output.check().map_err(|error| JobError::from(&error))?;
    Ok(false)
}

/// The row of a text whose new file is in place, or the row so far and what went wrong.
fn make(
    context: &JobContext<'_>,
    text: &TextInput,
    output: &Output,
) -> Result<Record, Box<(Record, JobError)>> {
    let failed = |error| Box::new((row(text), error));
    let source = open(context, text).map_err(failed)?;
    if is_settled(context, text, &source, output).map_err(failed)? {
        let mut record = finished_before(row(text), output, None);
        record.outcome = Some(Outcome::Skipped);
        return Ok(record);
    }
    let (temporary, written) = write(context, text, output, &source).map_err(failed)?;
    let mut described = row(text);
    described.describe_text(&written.reply.facts, storage_of(&text.conversion));
    let verified = written
        .verify(context, &temporary, |written| match text.conversion.names {
            NamesLayout::Current => prove_digest(context, &temporary, written),
            older => check_layout(context, &temporary, older),
        })
        .and_then(|verified| unchanged(text, &source).map(|()| verified))
        .and_then(|verified| {
            let like = PermissionSource::default();
            new_file::deliver(context, output, like, temporary, verified)
        });
    let (temporary, verified) = match verified {
        Ok(delivered) => delivered,
        Err(error) => return Err(Box::new((described, error))),
    };
    let record = Record {
        verified: Some(verified.level),
        written_as: Some(verified.reply.written_as.clone()),
        digest: Some(verified.reply.digest),
        ..described
    };
    let request = Commit {
        output: output.clone(),
        original: None,
    };
    let ended = |row, committed: Result<&Committed, JobError>| match committed {
        Ok(committed) => Record {
            outcome: Some(Outcome::Converted),
            output: Some(committed.output.to_string_lossy().into_owned()),
            bytes_after: Some(committed.bytes),
            ..row
        },
        Err(error) => refused_row(context, text, row, error),
    };
    Ok(new_file::commit_recorded(context, &request, temporary, verified, record, ended).record)
}

fn write<'a>(
    context: &JobContext<'a>,
    text: &TextInput,
    output: &Output,
    source: &OpenText,
) -> Result<(Temporary, WrittenFile<'a, Converted>), JobError> {
    let bytes = text.candidate.bytes;
    let temporary = new_file::create(context, output, PermissionSource::default(), bytes / 4)?;
    let spool = temporary.spool_beside().failed_as(ErrorKind::Output)?;
    let request = ConvertRequest {
        conversion: text.conversion.clone(),
        budget: context.budget(),
    };
    let written = new_file::write(
        context,
        &temporary,
        &source.file,
        bytes,
        request,
        &[spool.file()],
    )?;
    Ok((temporary, written))
}

/// Files in an older layout carry no digest: another worker checks that the file has that layout.
fn check_layout(
    context: &JobContext<'_>,
    temporary: &Temporary,
    layout: NamesLayout,
) -> Result<Verification, JobError> {
    let facts = inspect_output(
        context,
        &temporary.for_reader().failed_as(ErrorKind::Output)?,
    )??;
    let state = detect::judge(&facts).state;
    let wanted = match layout {
        NamesLayout::Current => State::Current,
        NamesLayout::Legacy => State::Legacy,
        NamesLayout::Hybrid => State::Hybrid,
    };
    match state == wanted {
        true => Ok(Verification::None),
        false => Err(JobError::mismatch(&format!(
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
fn unchanged(text: &TextInput, source: &OpenText) -> Result<(), JobError> {
    if text.pipe {
        return Ok(());
    }
    let path = &text.candidate.path;
    let now =
        StatSnapshot::of(&source.file).map_err(|error| unread(path, "inspect it again", &error))?;
    match source.snapshot.difference(&now) {
        None => Ok(()),
        Some(change) => Err(JobError::from(&CommitError::SourceChanged {
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
    source: &OpenText,
    destination: &Path,
) -> Result<bool, JobError> {
    if context.settings.overwrite || !destination.is_file() {
        return Ok(false);
    }
    let Ok(facts) = inspect_path(context, destination)? else {
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
    source: &OpenText,
) -> Result<TextRead, JobError> {
    let request = ReadTextRequest {
        conversion: text.conversion.clone(),
        budget: context.budget(),
    };
    Ok(context.ask(request, &[&source.file])??)
}
