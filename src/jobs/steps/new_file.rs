//! A new file of `migrate` or `convert`: created, written, verified, committed. The two differ in the requests that
//! write and verify it, and in their rows.

use crate::files::commit::delivery::{DeliveryError, deliver as deliver_checked};
use crate::files::commit::space;
use crate::files::ledger::CommitId;
use crate::files::threads::beside;
use crate::files::{
    Begun, Commit, CommitError, Committed, Fingerprint, Folder, Ledger, LedgerError, NewFile,
    Output, PathError, PermissionSource, Temporary, commit,
};
use crate::jobs::context::JobContext;
use crate::jobs::error::{FailedAs, JobError};
use crate::jobs::event::Event;
use crate::jobs::pool::Lease;
use crate::jobs::steps::prove::while_provers_start;
use crate::model::plan::policy::Verification;
use crate::model::protocol::failure::{Failure, FailureKind};
use crate::model::protocol::{Converted, Migrated, Request};
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use std::fs::File;
use std::io;
use std::path::Path;

/// A file of this size keeps its place among the files in work while it is copied from the folder of `--tmp-dir`.
const SLOW_COPY: u64 = 4 << 20;
/// A smaller file is hashed before a thread could have started.
const LONG_HASH: u64 = 256 << 10;

/// Checks the output and the free space, and creates the temporary file: in the folder of `--tmp-dir`, or beside the output.
pub(crate) fn create(
    context: &JobContext<'_>,
    output: &Output,
    like: PermissionSource<'_>,
    needed: u64,
) -> Result<Temporary, JobError> {
    let Some(tmp_dir) = &context.settings.tmp_dir else {
        return create_beside(context, output, like, needed);
    };
    let there = output.check_in(&context.run.recent_folders);
    there.map_err(|error| JobError::from(&error))?;
    let folder = output.path().parent().unwrap_or(Path::new("."));
    space::check(folder, needed).failed_as(ErrorKind::NoSpace)?;
    let folder = Folder::open(tmp_dir).failed_as(ErrorKind::Output)?;
    space::check_in(&folder, needed).failed_as(ErrorKind::NoSpace)?;
    Temporary::create_called(&folder, tmp_dir).failed_as(ErrorKind::Output)
}

/// Checks the output and the free space, and creates the temporary file beside the output.
pub(crate) fn create_beside(
    context: &JobContext<'_>,
    output: &Output,
    like: PermissionSource<'_>,
    needed: u64,
) -> Result<Temporary, JobError> {
    let there = output.check_in(&context.run.recent_folders);
    if let Some(folder) = there.map_err(|error| JobError::from(&error))? {
        space::check_in(&folder, needed).failed_as(ErrorKind::NoSpace)?;
        let created = match output {
            Output::InPlace { path, .. } => Temporary::create_called(&folder, path),
            Output::Elsewhere { .. } => Temporary::create_in(&folder),
        };
        match created {
            // Another process has removed it meanwhile.
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => {}
            created => return created.failed_as(ErrorKind::Output),
        }
    }
    let folder = output.path().parent().unwrap_or(Path::new("."));
    space::check(folder, needed).failed_as(ErrorKind::NoSpace)?;
    let temporary = match output {
        Output::InPlace { .. } => Temporary::create_to_replace(&output.rooted()),
        Output::Elsewhere { .. } => Temporary::create(&output.rooted(), like),
    };
    temporary.failed_as(ErrorKind::Output)
}

/// A temporary file that a worker has written.
pub(crate) struct WrittenFile<'a, T> {
    /// What the worker says of it.
    pub reply: T,
    /// Its length.
    bytes: u64,
    /// Kept until the file is verified, so that other processes verify it.
    writer: Option<Lease<'a>>,
    synced: Result<(), PathError>,
    source: Option<io::Result<Fingerprint>>,
}

/// Lets a worker write the temporary file; its request is about the source, that file, and perhaps others. Meanwhile large files go to the disk, and with a ledger the source, which
/// is in the page cache now, is hashed.
pub(crate) fn write<'a, R: Request>(
    context: &JobContext<'a>,
    temporary: &Temporary,
    source: &File,
    bytes: u64,
    request: R,
    scratch: &[&File],
) -> Result<WrittenFile<'a, R::Reply>, JobError> {
    let mut writer = context.worker()?;
    let new = temporary.for_writer().failed_as(ErrorKind::Output)?;
    let files = [&[source, &new], scratch].concat();
    // What is on another disk is copied, and only the copy has to be durable.
    let written_back = if is_local(context) { 0 } else { bytes };
    let hash = || Fingerprint::of(source);
    let ((reply, synced), source) = hash_for_ledger(context, bytes, hash, || {
        temporary.write_back_while(written_back, || {
            while_provers_start(context, || {
                writer.ask(request, &files, &mut context.progress())
            })
        })
    });
    let reply = reply?.map_err(|failure| of_tmp_dir(context, failure))?;
    let bytes = temporary.bytes().failed_as(ErrorKind::Output)?;
    Ok(WrittenFile {
        reply,
        bytes,
        writer: writer.kept_after(bytes),
        synced,
        source,
    })
}

/// A temporary file that other workers have read back.
pub(crate) struct VerifiedFile<T> {
    /// What the worker that wrote it says of it.
    pub reply: T,
    /// How much was verified.
    pub level: Verification,
    /// Its length.
    bytes: u64,
    sums: Option<(io::Result<Fingerprint>, io::Result<NewFile>)>,
}

impl<T> WrittenFile<'_, T> {
    /// Syncs the file while other workers verify it; both must succeed before the commit. Once it is verified, it
    /// only waits for the disk.
    pub(crate) fn verify(
        self,
        context: &JobContext<'_>,
        temporary: &Temporary,
        verify: impl FnOnce(&T) -> Result<Verification, JobError>,
    ) -> Result<VerifiedFile<T>, JobError> {
        let WrittenFile {
            reply,
            bytes,
            writer,
            ..
        } = self;
        let (synced_bytes, is_delivered_first) = match is_local(context) {
            true => (0, bytes >= SLOW_COPY),
            false => (bytes, false),
        };
        let ((level, new_file), synced) = temporary.sync_while(synced_bytes, || {
            let hash = || NewFile::of(temporary.file());
            let verified = hash_for_ledger(context, bytes, hash, || verify(&reply));
            drop(writer);
            if verified.0.is_ok() && !is_delivered_first {
                context.wait_for_disk();
            }
            verified
        });
        self.synced.and(synced).failed_as(ErrorKind::Output)?;
        let level = level?;
        Ok(VerifiedFile {
            reply,
            level,
            bytes,
            sums: self.source.zip(new_file),
        })
    }
}

/// Runs `work`. If there is a ledger, a large file is hashed meanwhile, and a small one afterwards.
fn hash_for_ledger<R, T: Send>(
    context: &JobContext<'_>,
    bytes: u64,
    hash: impl FnOnce() -> T + Send,
    work: impl FnOnce() -> R,
) -> (R, Option<T>) {
    if context.ledger.is_none() {
        return (work(), None);
    }
    if bytes < LONG_HASH {
        let done = work();
        return (done, Some(hash()));
    }
    let (done, hash) = beside(hash, work);
    (done, Some(hash))
}

/// Whether new files are written on another disk than that of their destination.
fn is_local(context: &JobContext<'_>) -> bool {
    context.settings.tmp_dir.is_some()
}

/// Says which disk a worker could not write to.
fn of_tmp_dir(context: &JobContext<'_>, failure: Failure) -> Failure {
    match &context.settings.tmp_dir {
        Some(folder) if failure.kind == FailureKind::Output => Failure {
            message: format!("{} [--tmp-dir {}]", failure.message, folder.display()),
            help: Some(format!(
                "check {}: is it full? give another --tmp-dir, or fewer --jobs",
                folder.display()
            )),
            ..failure
        },
        _ => failure,
    }
}

/// A new file whose bytes the writer has summed up.
pub(crate) trait Summed {
    /// The CRC-32 of all of them.
    fn crc32(&self) -> u32;
}

impl Summed for Migrated {
    fn crc32(&self) -> u32 {
        self.crc32
    }
}

impl Summed for Converted {
    fn crc32(&self) -> u32 {
        self.crc32
    }
}

/// Brings a file that was written and verified in the folder of `--tmp-dir` beside its destination, and checks the copy.
pub(crate) fn deliver<T: Summed>(
    context: &JobContext<'_>,
    output: &Output,
    like: PermissionSource<'_>,
    temporary: Temporary,
    mut file: VerifiedFile<T>,
) -> Result<(Temporary, VerifiedFile<T>), JobError> {
    let Some(tmp_dir) = &context.settings.tmp_dir else {
        return Ok((temporary, file));
    };
    let copy = create_beside(context, output, like, file.bytes)?;
    let verified = (temporary.file(), file.bytes, file.reply.crc32());
    match deliver_checked(verified, tmp_dir, &copy) {
        Ok(new_file) => {
            if let Some((_, sum)) = &mut file.sums {
                *sum = Ok(new_file);
            }
            Ok((copy, file))
        }
        Err(DeliveryError::Path(error)) => Err(error).failed_as(ErrorKind::Output),
        Err(differs) => {
            let hint =
                "check the disk or file server of the destination; the old file is unchanged";
            let kind = ErrorKind::Mismatch;
            let error = ErrorRecord::new(kind, differs.to_string(), Some(hint.to_string()));
            Err(JobError::failed(error))
        }
    }
}

/// Copies a file byte for byte, and reads both back.
pub(crate) fn copy(
    context: &JobContext<'_>,
    temporary: &Temporary,
    source: &File,
) -> Result<VerifiedFile<()>, JobError> {
    temporary.copy_from(source).failed_as(ErrorKind::Output)?;
    let read = |error| {
        let message = format!("the copy cannot be compared: {error}");
        JobError::failed(ErrorRecord::new(ErrorKind::Output, message, None))
    };
    let old = Fingerprint::of(source).map_err(read)?;
    let new = NewFile::of(temporary.file()).map_err(read)?;
    if new.content != old {
        return Err(JobError::mismatch("the copy differs from the file"));
    }
    Ok(VerifiedFile {
        reply: (),
        bytes: new.content.bytes,
        level: Verification::None,
        sums: context.ledger.map(|_| (Ok(old), Ok(new))),
    })
}

/// The row of a file, and whether the ledger has it.
#[derive(Debug)]
pub(crate) struct FinishedRow {
    pub record: Record,
    /// Otherwise it is still to be written there.
    pub in_ledger: bool,
}

impl FinishedRow {
    /// The row of a file without a commit: the ledger does not have it yet.
    pub(crate) fn unrecorded(record: Record) -> Self {
        FinishedRow {
            record,
            in_ledger: false,
        }
    }
}

/// Puts a verified file in place, and records that before and after. `row` is the one before the commit, and `ended` makes the
/// one after it.
pub(crate) fn commit_recorded<T>(
    context: &JobContext<'_>,
    request: &Commit<'_>,
    temporary: Temporary,
    file: VerifiedFile<T>,
    row: Record,
    ended: impl FnOnce(Record, Result<&Committed, JobError>) -> Record,
) -> FinishedRow {
    context.wait_for_disk();
    let begun = match begin(context, request, file, &row) {
        Ok(begun) => begun,
        Err(error) => {
            return FinishedRow::unrecorded(ended(row, Err(error)));
        }
    };
    match commit(request, temporary, context.run) {
        Ok(committed) => {
            let record = ended(row, Ok(&committed));
            let in_ledger = begun.is_some_and(|(ledger, id)| {
                is_recorded(context, &ledger.done(id, &committed, &record))
            });
            FinishedRow { record, in_ledger }
        }
        Err(error) => {
            let record = ended(row, Err(JobError::from(&error)));
            // A new file whose name may not survive a power cut gets its result from the next run.
            let is_over = !matches!(error, CommitError::NotDurable { .. });
            let in_ledger = begun
                .filter(|_| is_over)
                .is_some_and(|(ledger, id)| is_recorded(context, &ledger.failed(id, &record)));
            FinishedRow { record, in_ledger }
        }
    }
}

/// Whether the ledger could be written; a warning if not.
pub(crate) fn is_recorded(context: &JobContext<'_>, result: &Result<(), LedgerError>) -> bool {
    if let Err(error) = result {
        context.observer.observe(Event::Warning(&error.to_string()));
    }
    result.is_ok()
}

/// Records what is about to be done, when there is a ledger.
fn begin<'a, T>(
    context: &JobContext<'a>,
    request: &Commit<'_>,
    file: VerifiedFile<T>,
    record: &Record,
) -> Result<Option<(&'a Ledger, CommitId)>, JobError> {
    let (Some(ledger), Some((source, new_file)), Some(original)) =
        (context.ledger, file.sums, &request.original)
    else {
        return Ok(None);
    };
    let unread = |error: io::Error| {
        let message = format!("its checksum: {error}");
        JobError::failed(ErrorRecord::new(ErrorKind::Ledger, message, None))
    };
    let (source, new_file) = (source.map_err(unread)?, new_file.map_err(unread)?);
    let begun = Begun::new(&request.output, original, source.sha256, new_file, record)
        .failed_as(ErrorKind::Ledger)?;
    let id = ledger.begin(begun).failed_as(ErrorKind::Ledger)?;
    Ok(Some((ledger, id)))
}
