//! The content of a ledger: the commits, how each of them ended, and the row of each file.
//!
//! It is all in memory, a few kilobytes a file, and looks at nothing on the disk:
//! that is done in `recover` for commits that a crash cut off, and by
//! [`crate::files::undo`] and [`crate::files::undo::purge`].

use crate::files::ledger::commit_entry::{CommitEntry, CommitStatus, alike};
use crate::files::ledger::entry::{
    Begun, CommitId, Entry, FileId, Header, LedgerPath, RecordedRoot,
};
use crate::files::ledger::error::LedgerError;
use crate::files::ledger::file_trust::{LedgerTrust, open_existing};
use crate::files::ledger::reading::{TornTail, read_lines};
use crate::files::path_error::{AtPath, PathError};
use crate::files::stat_snapshot::StatSnapshot;
use crate::model::record::finding::Finding;
use crate::model::record::outcome::Outcome;
use crate::model::record::report::Problem;
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// A row's file: its text, and its bytes where that loses some.
type RowKey = (String, Option<String>);

#[derive(Debug, Clone)]
enum Row {
    Of(CommitId),
    Alone(Box<Record>, i64),
}

/// The whole content of a ledger.
#[derive(Debug, Clone)]
pub struct History {
    path: PathBuf,
    header: Option<Header>,
    torn: Option<TornTail>,
    commits: BTreeMap<CommitId, CommitEntry>,
    /// The last commit to each destination that did not fail.
    latest: BTreeMap<PathBuf, CommitId>,
    rows: Vec<Row>,
    row_of: HashMap<RowKey, usize>,
    problems: Vec<Problem>,
    roots: Vec<RecordedRoot>,
    /// The file that it was read from.
    file: FileId,
    /// The last run came to its end.
    finished: bool,
}

impl History {
    /// Reads a ledger and changes nothing, not even a lock: another h5lift may
    /// be writing to it, whose last line can look torn. To show it, not to act on it.
    pub fn read(path: &Path) -> Result<History, LedgerError> {
        let file = crate::files::source::open_source(path)?;
        Ok(History::of(path, &file)?.0)
    }

    /// The same for a ledger that is acted on.
    pub fn read_trusted(path: &Path, trust: LedgerTrust) -> Result<History, LedgerError> {
        let file = open_existing(path, trust)?;
        Ok(History::of(path, &file)?.0)
    }

    /// The other value is the length of all undamaged lines.
    pub(crate) fn of(path: &Path, file: &File) -> Result<(History, u64), LedgerError> {
        let mut history = History {
            path: path.to_path_buf(),
            header: None,
            torn: None,
            commits: BTreeMap::new(),
            latest: BTreeMap::new(),
            rows: Vec::new(),
            row_of: HashMap::new(),
            problems: Vec::new(),
            roots: Vec::new(),
            file: FileId::of(file).at(path, "inspect it")?,
            finished: false,
        };
        let reader = BufReader::with_capacity(1 << 20, file);
        let lines = read_lines(path, reader, |_, json| {
            let entry = serde_json::from_slice(json)
                .map_err(|error| format!("it is not an entry of a ledger: {error}"))?;
            history.take(entry)
        })?;
        history.header = lines.header;
        history.torn = lines.torn;
        Ok((history, lines.length))
    }

    /// Adds an entry. The error says why it cannot follow the earlier ones.
    pub(crate) fn take(&mut self, entry: Entry) -> Result<(), String> {
        match entry {
            Entry::Begun(begun) => self.begin(begun),
            Entry::Done(done) => {
                let status = CommitStatus::Done { made: done.made };
                self.end(done.id, status, Some(done.record))?;
                self.commit_mut(done.id)?.backup = done.backup.map(|LedgerPath(path)| path);
                Ok(())
            }
            Entry::Failed { id, record } => {
                self.end(id, CommitStatus::Failed, Some(record))?;
                self.forget_latest(id);
                Ok(())
            }
            Entry::Undone { id } => {
                self.end(id, CommitStatus::Undone, None)?;
                take_back(&mut self.commit_mut(id)?.begun.record);
                Ok(())
            }
            Entry::Purged { id } => {
                let made = match self.commit_mut(id)?.status {
                    CommitStatus::Done { made } => Some(made),
                    _ => None,
                };
                self.end(id, CommitStatus::Purged { made }, None)?;
                let commit = self.commit_mut(id)?;
                commit.begun.record.backup = None;
                commit.begun.record.findings.push(Finding {
                    code: "purged".to_string(),
                    detail: "the kept original was deleted".to_string(),
                });
                Ok(())
            }
            Entry::Started { .. } => {
                // This run finds them again.
                self.problems.clear();
                self.finished = false;
                Ok(())
            }
            Entry::Finished { .. } => {
                self.finished = true;
                Ok(())
            }
            // A later run finds nothing to do on what an earlier one has made: the row of that says more.
            Entry::Row { record, .. } if self.is_made(&record) => Ok(()),
            Entry::Row { record, at } => {
                self.set_row(key_of(&record), Row::Alone(record, at));
                Ok(())
            }
            Entry::Roots { roots } => {
                let new = roots.into_iter().filter(|it| !self.roots.contains(it));
                let new: Vec<_> = new.collect();
                self.roots.extend(new);
                Ok(())
            }
            Entry::Problem { problem } => {
                self.problems.push(problem);
                Ok(())
            }
        }
    }

    /// Whether a file was skipped whose new file a commit of this ledger has put in place.
    fn is_made(&self, record: &Record) -> bool {
        let row = self.row_of.get(&key_of(record)).map(|at| &self.rows[*at]);
        let commit = match row {
            Some(Row::Of(id)) => self.commits.get(id),
            _ => None,
        };
        record.outcome == Some(Outcome::Skipped)
            && commit.is_some_and(|commit| commit.made().is_some())
    }

    fn begin(&mut self, mut begun: Begun) -> Result<(), String> {
        let id = begun.id;
        if id < self.next_id() {
            return Err(format!("commit {id} begins twice: was this line copied?"));
        }
        // The state until there is an ending.
        begun.record.outcome = Some(Outcome::Failed);
        begun.record.error = Some(ErrorRecord::new(
            ErrorKind::Interrupted,
            "the run ended while it put the new file in place",
            Some("run the same command again: h5lift checks which file is in place".to_string()),
        ));
        self.set_row(key_of(&begun.record), Row::Of(id));
        self.latest.insert(begun.destination().to_path_buf(), id);
        let backup = begun.backup().map(Path::to_path_buf);
        let commit = CommitEntry {
            begun,
            status: CommitStatus::Open,
            backup,
        };
        self.commits.insert(id, commit);
        Ok(())
    }

    fn end(
        &mut self,
        id: CommitId,
        status: CommitStatus,
        record: Option<Box<Record>>,
    ) -> Result<(), String> {
        let commit = self.commit_mut(id)?;
        // `undo` and `purge` follow any status: they look at the disk.
        if record.is_some() && commit.status != CommitStatus::Open {
            return Err(format!("commit {id} ends twice: was this line copied?"));
        }
        commit.status = status;
        if let Some(record) = record {
            commit.begun.record = record;
        }
        // A kept original is no business of a row that came after the commit.
        if !matches!(status, CommitStatus::Purged { .. }) {
            let key = key_of(&commit.begun.record);
            self.set_row(key, Row::Of(id));
        }
        Ok(())
    }

    fn commit_mut(&mut self, id: CommitId) -> Result<&mut CommitEntry, String> {
        self.commits
            .get_mut(&id)
            .ok_or_else(|| format!("commit {id} ends and never began: was a line removed?"))
    }

    /// A failed commit does not hide an earlier one that is in place.
    fn forget_latest(&mut self, id: CommitId) {
        let Some(commit) = self.commits.get(&id) else {
            return;
        };
        let destination = commit.begun.destination().to_path_buf();
        if self.latest.get(&destination) != Some(&id) {
            return;
        }
        let before = self.commits.range(..id).rev().find(|(_, other)| {
            other.begun.destination() == destination && other.status != CommitStatus::Failed
        });
        match before.map(|(earlier, _)| *earlier) {
            Some(earlier) => self.latest.insert(destination, earlier),
            None => self.latest.remove(&destination),
        };
    }

    fn set_row(&mut self, key: RowKey, row: Row) {
        match self.row_of.get(&key) {
            Some(at) => self.rows[*at] = row,
            None => {
                self.row_of.insert(key, self.rows.len());
                self.rows.push(row);
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `None` for a ledger that was begun just now.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// The folders that it records, below which it is about files.
    pub fn roots(&self) -> &[RecordedRoot] {
        &self.roots
    }

    /// Whether it was read from the file in which it was written, and not from a copy.
    pub fn is_at_home(&self) -> bool {
        self.header.as_ref().and_then(|header| header.file) == Some(self.file)
    }

    /// What a crash left of the last line; worth a warning.
    pub fn torn(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// What could not be inspected.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    pub fn commit(&self, id: CommitId) -> Option<&CommitEntry> {
        self.commits.get(&id)
    }

    /// Every commit, in its order.
    pub fn commits(&self) -> impl Iterator<Item = &CommitEntry> {
        self.commits.values()
    }

    /// Commits that were begun and not ended.
    pub fn open_commits(&self) -> impl Iterator<Item = &CommitEntry> {
        self.commits()
            .filter(|commit| commit.status == CommitStatus::Open)
    }

    /// For each new file the last commit that made it, in the order of the
    /// paths. Those that failed made none.
    pub fn latest_commits(&self) -> impl Iterator<Item = &CommitEntry> {
        self.latest.values().filter_map(|id| self.commits.get(id))
    }

    /// The latest row of each file, in the order in which files appeared. After `undo`, a row does not say
    /// any more that anything was done.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.rows.iter().filter_map(|row| match row {
            Row::Alone(record, _) => Some(&**record),
            Row::Of(id) => self.commits.get(id).map(|commit| &*commit.begun.record),
        })
    }

    /// The same with the times at which they were written, in milliseconds since 1970.
    fn dated_records(&self) -> impl Iterator<Item = (i64, &Record)> {
        self.rows.iter().filter_map(|row| match row {
            Row::Alone(record, at) => Some((*at, &**record)),
            Row::Of(id) => {
                let begun = self.commits.get(id).map(|commit| &commit.begun)?;
                Some((begun.at, &*begun.record))
            }
        })
    }

    /// Whether the last run has come to its end.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// The commit that makes work on a source needless: it is done, and the
    /// source (in place: the new file) is what it was then. For a destination
    /// elsewhere ask [`CommitEntry::output_stands`] as well.
    pub fn done(
        &self,
        source: &Path,
        snapshot: &StatSnapshot,
        destination: &Path,
    ) -> Result<Option<&CommitEntry>, PathError> {
        let LedgerPath(source) = LedgerPath::of(source)?;
        let LedgerPath(destination) = LedgerPath::of(destination)?;
        let commit = self
            .latest
            .get(&destination)
            .and_then(|id| self.commits.get(id))
            .filter(|commit| commit.begun.source == source);
        Ok(commit.filter(|commit| {
            let expected = match commit.made() {
                Some(made) if commit.is_in_place() => made,
                Some(_) => commit.begun.source_snapshot,
                None => return false,
            };
            alike(&expected, snapshot)
        }))
    }

    pub(crate) fn next_id(&self) -> CommitId {
        CommitId(self.commits.keys().next_back().map_or(1, |last| last.0 + 1))
    }
}

fn key_of(record: &Record) -> RowKey {
    (record.path.clone(), record.path_bytes.clone())
}

fn take_back(record: &mut Record) {
    record.outcome = None;
    record.forget_new_file();
    record.error = None;
    record.findings.push(Finding {
        code: "undone".to_string(),
        detail: "the migration was undone".to_string(),
    });
}

/// The rows of several ledgers, one per file: the newest one counts, and that of the later ledger if two are as old.
pub(crate) fn merged_records(histories: &[History]) -> Vec<&Record> {
    let mut rows: Vec<(i64, &Record)> = Vec::new();
    let mut row_of = HashMap::new();
    for (at, record) in histories.iter().flat_map(History::dated_records) {
        match row_of.get(&key_of(record)) {
            Some(index) => {
                let row: &mut (i64, &Record) = &mut rows[*index];
                if row.0 <= at {
                    *row = (at, record);
                }
            }
            None => {
                row_of.insert(key_of(record), rows.len());
                rows.push((at, record));
            }
        }
    }
    rows.into_iter().map(|(_, record)| record).collect()
}

/// The commits, by the number of their ledger among these, after which another ledger has a newer one to the same name:
/// only the last one counts.
pub(crate) fn superseded_commits<'a>(
    histories: impl Iterator<Item = &'a History>,
) -> HashSet<(usize, CommitId)> {
    let mut superseded = HashSet::new();
    let mut newest: HashMap<&Path, (i64, usize, CommitId)> = HashMap::new();
    for (ledger, history) in histories.enumerate() {
        for commit in history.latest_commits() {
            let this = (commit.begun.at, ledger, commit.id());
            let before = newest.entry(commit.begun.destination()).or_insert(this);
            if before.0 <= this.0 && *before != this {
                superseded.insert((before.1, before.2));
                *before = this;
            } else if *before != this {
                superseded.insert((this.1, this.2));
            }
        }
    }
    superseded
}
