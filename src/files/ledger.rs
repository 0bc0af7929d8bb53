//! The ledger: what was about to be done and what was done, one line each.
//!
//! It is the memory between runs. A migration writes [`Begun`] before each commit, and syncs it, so that after a crash the disk
//! shows how the commit ended; then an ending. One sync serves all commits that wait for one. `undo` and `purge` learn from it
//! what they may touch, `report` what to show.
//!
//! Lines are only appended, by one process at a time. Each has a checksum: `line` defines how it is checked.
//! The first is a [`Header`], the others are one [`Entry`] each, and [`History`] is the state that they add
//! up to.
//!
//! A ledger proves nothing about the disk. Commands that act on it check the disk first.

pub(crate) mod commit_entry;
pub(crate) mod commit_line;
pub(crate) mod entry;
pub(crate) mod error;
pub(crate) mod file_trust;
pub(crate) mod group_sync;
pub(crate) mod history;
pub(crate) mod key_table;
pub(crate) mod line;
pub(crate) mod merge;
pub(crate) mod reading;
pub(crate) mod recover;
pub(crate) mod run_identity;
#[cfg(test)]
pub(crate) mod scene;
pub(crate) mod shard_set;
pub(crate) mod stored_row;
pub(crate) mod writer_lock;

pub(crate) use crate::files::ledger::commit_entry::{CommitEntry, CommitStatus};
pub(crate) use crate::files::ledger::entry::{
    Begun, CommitId, Entry, FileId, Header, LedgerPath, Line as LedgerLine, NewFile, RecordedRoot,
    SCHEMA,
};
pub(crate) use crate::files::ledger::error::LedgerError;
pub(crate) use crate::files::ledger::file_trust::LedgerTrust;
pub(crate) use crate::files::ledger::history::History;
pub(crate) use crate::files::ledger::merge::{merged_records, superseded_commits};
pub(crate) use crate::files::ledger::reading::{TornTail, is_ledger};
pub(crate) use crate::files::ledger::recover::{RecoveredCommit, Verdict};
pub(crate) use crate::files::ledger::run_identity::{RunIdentity, ledger_of_shard};
pub(crate) use crate::files::ledger::shard_set::check_shards;

use crate::files::commit::Committed;
use crate::files::folder::Folder;
use crate::files::ledger::commit_line::{BegunLine, DoneLine, RowChanges};
use crate::files::ledger::file_trust::open_or_create;
use crate::files::ledger::group_sync::{GroupSync, SyncFailure};
use crate::files::ledger::history::row_key;
use crate::files::ledger::key_table::Key;
use crate::files::ledger::stored_row::Forms;
use crate::files::ledger::writer_lock::WriterLock;
use crate::files::locks::source::{Taken, take};
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::sync_folder;
use crate::files::source::folder_of;
use crate::model::record::Record;
use crate::model::record::outcome::Outcome;
use crate::model::record::report::Problem;
use rustix::fs::{FlockOperation, OFlags};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Suffix of the file beside the ledger that keeps a torn last line.
const TORN_SUFFIX: &str = ".torn";
const ROOTS_PER_LINE: usize = 100;

/// A ledger that is open for writing, shared by all jobs.
#[derive(Debug)]
pub struct Ledger {
    path: PathBuf,
    writer: Mutex<Writer>,
    /// A descriptor of its own, so that lines are appended while it is synced.
    synced: File,
    group: GroupSync,
    /// The files that earlier runs have finished.
    made: HashSet<Key>,
    _lock: WriterLock,
}

#[derive(Debug)]
struct Writer {
    file: File,
    /// Bytes of whole lines.
    length: u64,
    next: CommitId,
    forms: Forms,
    /// Commits of this run that have not ended.
    open: HashMap<CommitId, Begun>,
    /// Folders of this run that are not recorded yet.
    roots: Vec<PathBuf>,
    /// Those that are.
    recorded: Vec<RecordedRoot>,
    /// A write failed so that the content of the file is unknown.
    broken: bool,
    /// Something is missing that should be there.
    incomplete: bool,
}

impl Ledger {
    /// Opens a ledger, or begins one, and reads it. A torn last line is moved to a file beside it.
    pub fn open(path: &Path, trust: LedgerTrust) -> Result<(Ledger, History), LedgerError> {
        Ledger::open_locked(path, trust, None, take)
    }

    /// The same for a migration, which a ledger of another shard refuses.
    pub(crate) fn open_for(
        path: &Path,
        trust: LedgerTrust,
        run: RunIdentity,
    ) -> Result<(Ledger, History), LedgerError> {
        Ledger::open_locked(path, trust, Some(run), take)
    }

    fn open_locked(
        path: &Path,
        trust: LedgerTrust,
        run: Option<RunIdentity>,
        take: fn(&File, FlockOperation) -> Taken,
    ) -> Result<(Ledger, History), LedgerError> {
        let file = open_or_create(path, OFlags::RDWR | OFlags::APPEND, trust)?;
        let taken = take(&file, FlockOperation::NonBlockingLockExclusive);
        let lock = WriterLock::new(path, &file, &taken)?;
        check_name(path, &file)?;
        let (history, length) = History::of(path, &file)?;
        let begun_for = history.header().and_then(|header| header.run.as_ref());
        if let (Some(begun_for), Some(run)) = (begun_for, &run)
            && let Some(why) = begun_for.forbids(run)
        {
            return Err(LedgerError::OtherRun {
                path: path.to_path_buf(),
                why,
            });
        }
        let synced = file.try_clone().at(path, "open it again")?;
        let writer = Writer {
            file,
            length,
            next: history.next_id(),
            forms: history.forms().clone(),
            open: HashMap::new(),
            roots: Vec::new(),
            recorded: history.roots().to_vec(),
            broken: false,
            incomplete: false,
        };
        if let Some(torn) = history.torn() {
            keep_aside(path, torn, trust)?;
            writer.cut_back().at(path, "cut off its torn last line")?;
            writer.file.sync_all().at(path, "sync it")?;
        }
        let ledger = Ledger {
            path: path.to_path_buf(),
            writer: Mutex::new(writer),
            synced,
            group: GroupSync::default(),
            made: match run {
                Some(_) => history.made().collect(),
                None => HashSet::new(),
            },
            _lock: lock,
        };
        match (history.header(), run) {
            (None, run) => ledger.begin_file(run)?,
            (Some(_), Some(_)) => {
                let at = now();
                ledger.with_writer(|writer, path| writer.append(path, &Entry::Started { at }))?;
            }
            (Some(_), None) => {}
        }
        Ok((ledger, history))
    }

    fn begin_file(&self, run: Option<RunIdentity>) -> Result<(), LedgerError> {
        self.with_writer(|writer, path| {
            let header = Header {
                ledger: SCHEMA.to_string(),
                h5lift: env!("CARGO_PKG_VERSION").to_string(),
                started: jiff::Timestamp::now().to_string(),
                file: Some(FileId::of(&writer.file).at(path, "inspect it")?),
                run,
            };
            writer.append(path, &header)
        })?;
        self.sync()?;
        // A folder that cannot be synced does not prevent the work.
        let folder = Folder::open(folder_of(&self.path))?;
        sync_folder(&folder).at(&self.path, "sync its folder")?;
        Ok(())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folders below which this run will replace or create files. They are recorded once they exist, and when there is a
    /// commit to record.
    pub(crate) fn set_roots(&self, roots: Vec<PathBuf>) -> Result<(), LedgerError> {
        self.with_writer(|writer, _| {
            writer.roots = roots;
            Ok(())
        })
    }

    /// To be called right before a commit; when it returns, the entry and all before it are on the disk.
    pub fn begin(&self, mut begun: Begun) -> Result<CommitId, LedgerError> {
        let id = self.with_writer(|writer, path| {
            writer.record_roots(path)?;
            begun.id = writer.next;
            begun.at = now();
            let (line, form) = BegunLine::of(&begun, &mut writer.forms);
            writer.append_with_form(path, form, &Entry::Begun(line))?;
            writer.next = CommitId(writer.next.0 + 1);
            let id = begun.id;
            writer.open.insert(id, begun);
            Ok(id)
        })?;
        self.sync()?;
        Ok(id)
    }

    /// The commit is complete. It is on the disk after the next sync, as a row is: if it is lost, the disk shows how the commit
    /// ended.
    pub fn done(
        &self,
        id: CommitId,
        committed: &Committed,
        record: &Record,
    ) -> Result<(), LedgerError> {
        let backup = committed.backup.as_deref().map(LedgerPath::of);
        let backup = backup.transpose()?.map(|LedgerPath(path)| path);
        self.with_writer(|writer, path| {
            // A folder for kept originals comes with the first of them.
            writer.record_roots(path)?;
            let begun = writer.take_open(path, id)?;
            let done = DoneLine::of(&begun, backup.as_deref(), record);
            writer.append(path, &Entry::Done(done))
        })
    }

    /// The commit failed and changed nothing. Not for
    /// [`crate::files::CommitError::NotDurable`]: that one is left without a status,
    /// for the next run to look at the disk, and its row is written by
    /// [`Ledger::row`].
    pub fn failed(&self, id: CommitId, record: &Record) -> Result<(), LedgerError> {
        self.with_writer(|writer, path| {
            let begun = writer.take_open(path, id)?;
            let row = RowChanges::between(&begun.record, record);
            writer.append(path, &Entry::Failed { id, row })
        })?;
        self.sync()
    }

    /// A file without a commit. It is on the disk after the next other entry, or after [`Ledger::finish`]: if
    /// it is lost, the file is inspected again.
    ///
    /// That nothing is to be done about a file which an earlier run has finished is not written: it would hide nothing of the row
    /// of that run.
    pub fn row(&self, record: &Record) -> Result<(), LedgerError> {
        let key = || row_key(&record.path, record.path_bytes.as_deref());
        if record.outcome == Some(Outcome::Skipped) && self.made.contains(&key()) {
            return Ok(());
        }
        self.with_writer(|writer, path| {
            let (row, form) = writer.forms.pack(record, None);
            writer.append_with_form(path, form, &Entry::Row { row, at: now() })
        })
    }

    /// All files of the run have their rows; on the disk like a row.
    pub(crate) fn finished(&self, files: u64) -> Result<(), LedgerError> {
        self.with_writer(|writer, path| writer.append(path, &Entry::Finished { files }))
    }

    /// Something that could not be inspected; on the disk like a row.
    pub fn problem(&self, problem: &Problem) -> Result<(), LedgerError> {
        let problem = problem.clone();
        self.with_writer(|writer, path| writer.append(path, &Entry::Problem { problem }))
    }

    /// `undo` has reverted it.
    pub(crate) fn undone(&self, id: CommitId) -> Result<(), LedgerError> {
        self.write(&Entry::Undone { id })
    }

    /// `purge` has deleted the kept original.
    pub(crate) fn purged(&self, id: CommitId) -> Result<(), LedgerError> {
        self.write(&Entry::Purged { id })
    }

    /// Inspects the disk for every commit that a crash left without a status,
    /// and writes down what it says. To be called before anything else is done.
    pub fn recover(&self, history: &mut History) -> Result<Vec<RecoveredCommit>, LedgerError> {
        recover::recover(history, |entry| self.write(entry))
    }

    /// Syncs everything and gives up the lock. The error also reports an earlier one: a run whose ledger is
    /// incomplete has failed.
    pub fn finish(self) -> Result<(), LedgerError> {
        self.sync()?;
        self.with_writer(|writer, path| match writer.incomplete {
            true => Err(LedgerError::Incomplete {
                path: path.to_path_buf(),
            }),
            false => Ok(()),
        })
    }

    fn write(&self, entry: &Entry) -> Result<(), LedgerError> {
        self.with_writer(|writer, path| writer.append(path, entry))?;
        self.sync()
    }

    /// Brings all lines so far to the disk, together with those of other threads.
    fn sync(&self) -> Result<(), LedgerError> {
        let (upto, under_way) =
            self.with_writer(|writer, _| Ok((writer.length, writer.open.len())))?;
        let reached = self.group.reach(upto, under_way > 1, || {
            let length = self.with_writer(|writer, _| Ok(writer.length));
            let upto = length.map_err(io::Error::other)?;
            self.synced.sync_data().map(|()| upto)
        });
        let Err(failure) = reached else { return Ok(()) };
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.broken = true;
        match failure {
            SyncFailure::Now(error) => Err(error).at(&self.path, "sync it")?,
            SyncFailure::Before => Err(LedgerError::Broken {
                path: self.path.clone(),
            }),
        }
    }

    fn with_writer<T>(
        &self,
        work: impl FnOnce(&mut Writer, &Path) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let broken = || LedgerError::Broken {
            path: self.path.clone(),
        };
        // A thread that panicked in here may have left half a line.
        let mut writer = self.writer.lock().map_err(|_| broken())?;
        if writer.broken {
            return Err(broken());
        }
        let done = work(&mut writer, &self.path);
        writer.incomplete |= done.is_err();
        done
    }
}

impl Writer {
    fn append(&mut self, path: &Path, entry: &impl Serialize) -> Result<(), LedgerError> {
        let line = line::seal(entry).at(path, "write to this ledger")?;
        self.append_bytes(path, &line)
    }

    /// An entry with a row, after the form of that if it is new.
    fn append_with_form(
        &mut self,
        path: &Path,
        form: Option<(u32, String)>,
        entry: &Entry,
    ) -> Result<(), LedgerError> {
        let mut lines = Vec::new();
        if let Some((form, text)) = form {
            lines = line::seal(&Entry::Form { form, text }).at(path, "write to this ledger")?;
        }
        lines.extend(line::seal(entry).at(path, "write to this ledger")?);
        let written = self.append_bytes(path, &lines);
        // The form may be missing in the ledger.
        self.broken |= written.is_err();
        written
    }

    /// Lines that cannot be written completely are removed again.
    fn append_bytes(&mut self, path: &Path, lines: &[u8]) -> Result<(), LedgerError> {
        if let Err(error) = self.file.write_all(lines) {
            self.broken = self.cut_back().is_err();
            return Err(error).at(path, "write to this ledger")?;
        }
        self.length += lines.len() as u64;
        Ok(())
    }

    fn take_open(&mut self, path: &Path, id: CommitId) -> Result<Begun, LedgerError> {
        self.open
            .remove(&id)
            .ok_or_else(|| LedgerError::Unreadable {
                path: path.to_path_buf(),
                cause: format!("commit {id} is not one of this run"),
            })
    }

    fn record_roots(&mut self, path: &Path) -> Result<(), LedgerError> {
        let mut roots = Vec::new();
        for root in std::mem::take(&mut self.roots) {
            let folder = match Folder::open(&root) {
                Err(error) if error.source.kind() == io::ErrorKind::NotFound => {
                    self.roots.push(root);
                    continue;
                }
                opened => opened?,
            };
            let (device, inode) = folder.identity()?;
            let LedgerPath(path) = LedgerPath::of(&root)?;
            let found = RecordedRoot {
                path,
                device,
                inode,
            };
            if !self.recorded.contains(&found) {
                roots.push(found.clone());
                self.recorded.push(found);
            }
        }
        // A line has a limit.
        for roots in roots.chunks(ROOTS_PER_LINE) {
            let roots = roots.to_vec();
            self.append(path, &Entry::Roots { roots })?;
        }
        Ok(())
    }

    fn cut_back(&self) -> io::Result<()> {
        self.file.set_len(self.length)
    }
}

/// The time, in milliseconds since 1970.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// It may have been moved or replaced between opening and locking.
fn check_name(path: &Path, file: &File) -> Result<(), PathError> {
    let open = file.metadata().at(path, "inspect it")?;
    let there = fs::metadata(path).at(path, "inspect it")?;
    if (open.dev(), open.ino()) == (there.dev(), there.ino()) {
        return Ok(());
    }
    let replaced = io::Error::other("something replaced it at this moment");
    Err(replaced).at(path, "lock this ledger")
}

fn keep_aside(path: &Path, torn: &TornTail, trust: LedgerTrust) -> Result<(), LedgerError> {
    let mut aside = path.as_os_str().to_os_string();
    aside.push(TORN_SUFFIX);
    let aside = PathBuf::from(aside);
    let mut file = open_or_create(&aside, OFlags::WRONLY | OFlags::APPEND, trust)?;
    let kept = file
        .write_all(&torn.bytes)
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all());
    Ok(kept.at(&aside, "keep the torn last line of the ledger here")?)
}

#[cfg(test)]
mod tests;
