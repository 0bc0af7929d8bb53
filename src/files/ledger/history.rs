//! The content of a ledger: the commits, how each of them ended, and the row of each file.
//!
//! Of each file only keys, times and the places of its lines are in memory, some hundred bytes: commits and rows are read from the
//! ledger again when they are wanted. It looks at nothing else on the disk:
//! that is done in `recover` for commits that a crash cut off, and by
//! [`crate::files::undo`] and [`crate::files::undo::purge`].

use crate::files::ledger::commit_entry::{CommitEntry, CommitStatus, Later};
use crate::files::ledger::commit_line::{BegunLine, DoneLine};
use crate::files::ledger::entry::{CommitId, Entry, FileId, Header, RecordedRoot};
use crate::files::ledger::error::LedgerError;
use crate::files::ledger::file_trust::{LedgerTrust, open_existing};
use crate::files::ledger::key_table::{Key, KeyTable, key_of};
use crate::files::ledger::reading::{TornTail, entry_at, read_lines};
use crate::files::ledger::stored_row::{Forms, StoredRow};
use crate::files::path_error::AtPath;
use crate::model::record::Record;
use crate::model::record::outcome::Outcome;
use crate::model::record::report::Problem;
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A commit, as it is in memory.
#[derive(Debug, Clone)]
struct Commit {
    id: CommitId,
    at: i64,
    destination: Key,
    /// The commit before it to the same destination.
    before: Option<u32>,
    row: u32,
    /// The place of its first line.
    begun: u64,
    /// The place of the line that says how it ended.
    ended: Option<u64>,
    status: CommitStatus,
    /// What came after that, from the first one on.
    later: [Option<Later>; MOST_LATER],
}

/// Undone, purged, undone and so on is of no use.
const MOST_LATER: usize = 4;

/// The row of a file, as it is in memory.
#[derive(Debug, Clone)]
struct Row {
    key: Key,
    from: RowFrom,
}

#[derive(Debug, Clone, Copy)]
enum RowFrom {
    Commit(u32),
    Line { place: u64, at: i64 },
}

/// The whole content of a ledger.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    file: File,
    header: Option<Header>,
    torn: Option<TornTail>,
    forms: Forms,
    commits: Vec<Commit>,
    /// The last commit to each destination that did not fail.
    latest: KeyTable,
    rows: Vec<Row>,
    row_of: KeyTable,
    /// Endings that are in no line, by the number of their commit here.
    recovered: HashMap<u32, Entry>,
    problems: Vec<Problem>,
    roots: Vec<RecordedRoot>,
    /// The file that it was read from.
    file_id: FileId,
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
            file: file.try_clone().at(path, "read it")?,
            header: None,
            torn: None,
            forms: Forms::default(),
            commits: Vec::new(),
            latest: KeyTable::default(),
            rows: Vec::new(),
            row_of: KeyTable::default(),
            recovered: HashMap::new(),
            problems: Vec::new(),
            roots: Vec::new(),
            file_id: FileId::of(file).at(path, "inspect it")?,
            finished: false,
        };
        let reader = BufReader::with_capacity(1 << 20, file);
        let lines = read_lines(path, reader, |place, json| {
            let entry = entry_of(json)?;
            let begun = match &entry {
                Entry::Begun(begun) => Some(begun.id),
                _ => None,
            };
            history.take(place, entry)?;
            Ok(begun)
        })?;
        history.header = lines.header;
        history.torn = lines.torn;
        Ok((history, lines.length))
    }

    /// Adds the entry at that place. The error says why it cannot follow the earlier ones.
    fn take(&mut self, place: u64, entry: Entry) -> Result<(), String> {
        match entry {
            Entry::Form { form, text } => self.forms.push(form, text)?,
            Entry::Begun(begun) => self.begin(place, &begun)?,
            Entry::Done(DoneLine { id, .. }) => {
                self.end(id, CommitStatus::Done)?.ended = Some(place);
            }
            Entry::Failed { id, .. } => {
                self.end(id, CommitStatus::Failed)?.ended = Some(place);
                self.forget_latest(id);
            }
            Entry::Undone { id } => {
                let number = self.take_later(id, Later::Undone)?;
                let row = self.commits[index(number)].row;
                self.rows[index(row)].from = RowFrom::Commit(number);
            }
            // A kept original is no business of a row that came after the commit.
            Entry::Purged { id } => {
                self.take_later(id, Later::Purged)?;
            }
            Entry::Started { .. } => {
                // This run finds them again.
                self.problems.clear();
                self.finished = false;
            }
            Entry::Finished { .. } => self.finished = true,
            Entry::Row { at, row } => self.take_row(place, at, &row)?,
            Entry::Roots { roots } => {
                for root in roots {
                    if !self.roots.contains(&root) {
                        self.roots.push(root);
                    }
                }
            }
            Entry::Problem { problem } => self.problems.push(problem),
        }
        Ok(())
    }

    /// Adds how an open commit ended, which is in no line, or in one that was written after this was read.
    pub(crate) fn take_recovered(&mut self, entry: Entry) -> Result<(), LedgerError> {
        let number = self.take_ending(&entry).map_err(|cause| self.bad(cause))?;
        self.recovered.insert(number, entry);
        Ok(())
    }

    fn take_ending(&mut self, entry: &Entry) -> Result<u32, String> {
        let id = match entry {
            Entry::Done(DoneLine { id, .. }) => {
                self.end(*id, CommitStatus::Done)?;
                *id
            }
            Entry::Failed { id, .. } => {
                self.end(*id, CommitStatus::Failed)?;
                self.forget_latest(*id);
                *id
            }
            _ => return Err("it does not end a commit".to_string()),
        };
        self.number_of(id)
    }

    fn begin(&mut self, place: u64, begun: &BegunLine) -> Result<(), String> {
        let id = begun.id;
        if id < self.next_id() {
            return Err(format!("commit {id} begins twice: was this line copied?"));
        }
        let number = u32::try_from(self.commits.len()).map_err(|_| "it has too many commits")?;
        let (path, bytes) = begun.row_path()?;
        self.forms.check(&begun.row)?;
        let row = self.set_row(row_key(&path, bytes), RowFrom::Commit(number))?;
        let destination = key_of(&[begun.destination().as_os_str().as_bytes()]);
        let commits = &self.commits;
        let before = self
            .latest
            .get(destination, |it| commits[index(it)].destination);
        self.commits.push(Commit {
            id,
            at: begun.at,
            destination,
            before,
            row,
            begun: place,
            ended: None,
            status: CommitStatus::Open,
            later: [None; MOST_LATER],
        });
        let commits = &self.commits;
        self.latest.set(number, |it| commits[index(it)].destination);
        Ok(())
    }

    fn end(&mut self, id: CommitId, status: CommitStatus) -> Result<&mut Commit, String> {
        let number = self.number_of(id)?;
        let commit = &mut self.commits[index(number)];
        if commit.status != CommitStatus::Open {
            return Err(format!("commit {id} ends twice: was this line copied?"));
        }
        commit.status = status;
        self.rows[index(commit.row)].from = RowFrom::Commit(number);
        Ok(commit)
    }

    /// `undo` and `purge` follow any status: they look at the disk.
    fn take_later(&mut self, id: CommitId, what: Later) -> Result<u32, String> {
        let number = self.number_of(id)?;
        let commit = &mut self.commits[index(number)];
        commit.status = match what {
            Later::Undone => CommitStatus::Undone,
            Later::Purged => CommitStatus::Purged,
        };
        if commit.later.iter().flatten().last() != Some(&what) {
            match commit.later.iter_mut().find(|it| it.is_none()) {
                Some(free) => *free = Some(what),
                None => commit.later[MOST_LATER - 1] = Some(what),
            }
        }
        Ok(number)
    }

    fn take_row(&mut self, place: u64, at: i64, row: &StoredRow) -> Result<(), String> {
        let (path, bytes) = row.path(None)?;
        self.forms.check(row)?;
        let key = row_key(&path, bytes);
        // A later run finds nothing to do on what an earlier one has made: the row of that says more.
        if row.outcome() == Some(Outcome::Skipped) && self.is_made(key) {
            return Ok(());
        }
        self.set_row(key, RowFrom::Line { place, at })?;
        Ok(())
    }

    /// Whether the row of a file is that of a commit whose new file is in place.
    fn is_made(&self, key: Key) -> bool {
        let row = self.row_of.get(key, |it| self.rows[index(it)].key);
        let Some(RowFrom::Commit(number)) = row.map(|row| self.rows[index(row)].from) else {
            return false;
        };
        let commit = &self.commits[index(number)];
        let is_done = commit.ended.is_some() || self.recovered.contains_key(&number);
        match commit.status {
            CommitStatus::Done => true,
            CommitStatus::Purged => is_done && !commit.later.contains(&Some(Later::Undone)),
            CommitStatus::Open | CommitStatus::Failed | CommitStatus::Undone => false,
        }
    }

    /// The keys of files whose row is that of a commit whose new file is in place: a row that says less is of no use.
    pub(crate) fn made(&self) -> impl Iterator<Item = Key> {
        let keys = self.rows.iter().map(|row| row.key);
        keys.filter(|key| self.is_made(*key))
    }

    /// A failed commit does not hide an earlier one that is in place.
    fn forget_latest(&mut self, id: CommitId) {
        let Ok(number) = self.number_of(id) else {
            return;
        };
        let commits = &self.commits;
        let key = |it: u32| commits[index(it)].destination;
        let destination = key(number);
        if self.latest.get(destination, key) != Some(number) {
            return;
        }
        let mut before = commits[index(number)].before;
        while let Some(earlier) = before
            && commits[index(earlier)].status == CommitStatus::Failed
        {
            before = commits[index(earlier)].before;
        }
        match before {
            Some(earlier) => self.latest.set(earlier, key),
            None => self.latest.remove(destination, key),
        }
    }

    fn set_row(&mut self, key: Key, from: RowFrom) -> Result<u32, String> {
        let rows = &self.rows;
        if let Some(number) = self.row_of.get(key, |it| rows[index(it)].key) {
            self.rows[index(number)].from = from;
            return Ok(number);
        }
        let number = u32::try_from(self.rows.len()).map_err(|_| "it has too many rows")?;
        self.rows.push(Row { key, from });
        let rows = &self.rows;
        self.row_of.set(number, |it| rows[index(it)].key);
        Ok(number)
    }

    fn number_of(&self, id: CommitId) -> Result<u32, String> {
        let found = self.commits.binary_search_by_key(&id, |commit| commit.id);
        let number = found.ok().and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| format!("commit {id} ends but never began: was a line removed?"))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `None` for a ledger that was begun just now.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    pub(crate) fn forms(&self) -> &Forms {
        &self.forms
    }

    /// The folders that it records, below which it is about files.
    pub fn roots(&self) -> &[RecordedRoot] {
        &self.roots
    }

    /// Whether it was read from the file in which it was written, and not from a copy.
    pub fn is_at_home(&self) -> bool {
        self.header.as_ref().and_then(|header| header.file) == Some(self.file_id)
    }

    /// What a crash left of the last line; worth a warning.
    pub fn torn(&self) -> Option<&TornTail> {
        self.torn.as_ref()
    }

    /// What could not be inspected.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the last run has come to its end.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    pub(crate) fn next_id(&self) -> CommitId {
        CommitId(self.commits.last().map_or(1, |last| last.id.0 + 1))
    }

    /// Commits that were begun and not ended.
    pub fn open_commits(&self) -> impl Iterator<Item = Result<CommitEntry, LedgerError>> {
        let open = |(_, commit): &(u32, &Commit)| commit.status == CommitStatus::Open;
        let open = self.numbered_commits().filter(open);
        open.map(|(number, _)| self.commit(number))
    }

    /// Whether any commit could be undone.
    pub(crate) fn has_commits(&self) -> bool {
        self.latest_numbers().next().is_some()
    }

    /// For each new file the last commit that made it, in their order. Those that failed made none.
    pub fn latest_commits(&self) -> impl Iterator<Item = Result<CommitEntry, LedgerError>> {
        self.latest_numbers().map(|(number, _)| self.commit(number))
    }

    /// Of these commits their numbers, destinations and times.
    pub(crate) fn latest_destinations(&self) -> impl Iterator<Item = (CommitId, Key, i64)> {
        self.latest_numbers()
            .map(|(_, commit)| (commit.id, commit.destination, commit.at))
    }

    fn latest_numbers(&self) -> impl Iterator<Item = (u32, &Commit)> {
        let key = |it: u32| self.commits[index(it)].destination;
        let latest = move |(number, commit): &(u32, &Commit)| {
            self.latest.get(commit.destination, key) == Some(*number)
        };
        self.numbered_commits().filter(latest)
    }

    fn numbered_commits(&self) -> impl Iterator<Item = (u32, &Commit)> {
        (0..).zip(&self.commits)
    }

    /// How many rows there are.
    pub(crate) fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The key and time of a row.
    pub(crate) fn row(&self, number: usize) -> (Key, i64) {
        let row = &self.rows[number];
        let at = match row.from {
            RowFrom::Commit(number) => self.commits[index(number)].at,
            RowFrom::Line { at, .. } => at,
        };
        (row.key, at)
    }

    /// The latest row of a file; rows are in the order in which files appeared. After `undo`, a row does not say
    /// any more that anything was done.
    pub(crate) fn record(&self, number: usize) -> Result<Record, LedgerError> {
        match self.rows[number].from {
            RowFrom::Commit(number) => Ok(self.commit(number)?.record),
            RowFrom::Line { place, .. } => match self.entry(place)? {
                Entry::Row { row, .. } => self.forms.unpack(row, None).map_err(|it| self.bad(it)),
                _ => Err(self.bad("it was changed meanwhile".to_string())),
            },
        }
    }

    fn commit(&self, number: u32) -> Result<CommitEntry, LedgerError> {
        let commit = &self.commits[index(number)];
        let changed = || self.bad("it was changed meanwhile".to_string());
        let Entry::Begun(begun) = self.entry(commit.begun)? else {
            return Err(changed());
        };
        let begun = begun.into_begun(&self.forms).map_err(|it| self.bad(it))?;
        let ending = match (commit.ended, self.recovered.get(&number)) {
            (Some(place), _) => Some(self.entry(place)?),
            (None, recovered) => recovered.cloned(),
        };
        let mut entry = CommitEntry::open(begun);
        match ending {
            None => {}
            Some(Entry::Done(done)) => {
                let ending = done.ending(&entry.begun).map_err(|it| self.bad(it))?;
                entry.status = CommitStatus::Done;
                (entry.backup, entry.record) = ending;
            }
            Some(Entry::Failed { row, .. }) => {
                let record = (*entry.begun.record).clone();
                entry.status = CommitStatus::Failed;
                entry.record = row.apply(record).map_err(|it| self.bad(it))?;
            }
            Some(_) => return Err(changed()),
        }
        for later in commit.later.into_iter().flatten() {
            entry.take_later(later);
        }
        Ok(entry)
    }

    /// Every commit, in its order.
    #[cfg(test)]
    pub(crate) fn commits(&self) -> impl Iterator<Item = CommitEntry> {
        let commits = self.numbered_commits();
        commits.map(|(number, _)| self.commit(number).unwrap())
    }

    /// The latest row of each file.
    #[cfg(test)]
    pub(crate) fn records(&self) -> impl Iterator<Item = Record> {
        (0..self.row_count()).map(|number| self.record(number).unwrap())
    }

    fn entry(&self, place: u64) -> Result<Entry, LedgerError> {
        let json = entry_at(&self.file, place).at(&self.path, "read it")?;
        entry_of(&json).map_err(|cause| self.bad(cause))
    }

    fn bad(&self, cause: String) -> LedgerError {
        LedgerError::Unreadable {
            path: self.path.clone(),
            cause,
        }
    }
}

fn entry_of(json: &[u8]) -> Result<Entry, String> {
    serde_json::from_slice(json).map_err(|error| format!("it is not an entry of a ledger: {error}"))
}

/// The key of the file that a row is about.
pub(crate) fn row_key(path: &str, bytes: Option<&str>) -> Key {
    key_of(&[path.as_bytes(), bytes.unwrap_or_default().as_bytes()])
}

/// No ledger has more lines than a pointer has values.
fn index(number: u32) -> usize {
    number as usize
}
