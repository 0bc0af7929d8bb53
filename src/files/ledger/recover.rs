//! After a crash: how did the commits without a recorded ending end?
//!
//! The disk decides, and the result is recorded as the ending. If the disk gives no clear answer (the folder
//! is not mounted, the file has changed since), the commit stays open and is checked again the next time.

use crate::files::ledger::commit_entry::CommitEntry;
use crate::files::ledger::commit_line::{DoneLine, RowChanges};
use crate::files::ledger::entry::{CommitId, Entry, Placement};
use crate::files::ledger::error::LedgerError;
use crate::files::ledger::history::History;
use crate::files::path_error::PathError;
use crate::files::source::folder_of;
use crate::files::undo::file_check::{FileCheck, check_file};
use crate::model::record::finding::Finding;
use crate::model::record::outcome::Outcome;
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use std::path::PathBuf;

/// How a commit without a recorded ending ended.
#[derive(Debug)]
pub struct RecoveredCommit {
    pub id: CommitId,
    /// Where its new file was to go.
    pub destination: PathBuf,
    /// What is there.
    pub verdict: Verdict,
}

/// What is in place after a crash.
#[derive(Debug)]
pub enum Verdict {
    New,
    /// What was there before.
    Old,
    /// Something else; why.
    Unclear(String),
    /// The system refused to read it.
    Unseen(PathError),
}

impl History {
    /// Like [`crate::files::ledger::Ledger::recover`], in memory only: for a look that changes
    /// nothing.
    pub fn recover(&mut self) -> Result<Vec<RecoveredCommit>, LedgerError> {
        recover(self, |_| Ok(()))
    }
}

/// Checks the disk for every open commit, and passes the result to `write` and then to the history.
pub(crate) fn recover(
    history: &mut History,
    write: impl Fn(&Entry) -> Result<(), LedgerError>,
) -> Result<Vec<RecoveredCommit>, LedgerError> {
    let open: Vec<CommitEntry> = history.open_commits().collect::<Result<_, _>>()?;
    let mut all = Vec::new();
    for commit in open {
        let (verdict, entry) = judge(&commit);
        if let Some(entry) = entry {
            write(&entry)?;
            history.take_recovered(entry)?;
        }
        all.push(RecoveredCommit {
            id: commit.id(),
            destination: commit.begun.destination().to_path_buf(),
            verdict,
        });
    }
    Ok(all)
}

fn judge(commit: &CommitEntry) -> (Verdict, Option<Entry>) {
    let begun = &commit.begun;
    let (new, original) = (begun.new.content, begun.old);
    let destination = begun.destination();
    match check_file(destination, &[new, original]) {
        Err(error) => (Verdict::Unseen(error), None),
        Ok(FileCheck::File(seen)) if seen.content == Some(new) => {
            let backup = commit.backup.clone().filter(|path| {
                check_file(path, &[original]).is_ok_and(|check| check.holds(&original))
            });
            let record = done_record(commit, backup.as_ref());
            let done = DoneLine::of(begun, backup.as_deref(), &record);
            (Verdict::New, Some(Entry::Done(done)))
        }
        Ok(FileCheck::File(seen))
            if seen.snapshot.inode == begun.new.inode
                && seen.snapshot.device == begun.new.device =>
        {
            let why = "it is the new file, changed since";
            (Verdict::Unclear(why.to_string()), None)
        }
        Ok(check) => match &begun.placement {
            Placement::InPlace { .. } if !check.holds(&original) => {
                (Verdict::Unclear(check.describe().to_string()), None)
            }
            Placement::Elsewhere { .. } if !folder_of(destination).is_dir() => {
                let why = "its folder is not there";
                (Verdict::Unclear(why.to_string()), None)
            }
            _ => {
                let failed = Entry::Failed {
                    id: commit.id(),
                    row: RowChanges::between(&begun.record, &failed_record(commit)),
                };
                (Verdict::Old, Some(failed))
            }
        },
    }
}

fn done_record(commit: &CommitEntry, backup: Option<&PathBuf>) -> Record {
    let begun = &commit.begun;
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let mut record = commit.record().clone();
    record.outcome = Some(record.outcome_in_place());
    record.error = None;
    record.output = Some(text(begun.destination()));
    record.backup = backup.map(|path| text(path));
    record.bytes_after = Some(begun.new.content.bytes);
    record.findings.push(Finding {
        code: "interrupted".to_string(),
        detail: "the run ended right after it; the new file was found in place".to_string(),
    });
    record
}

/// Says no more than is true: nothing was put in place.
fn failed_record(commit: &CommitEntry) -> Record {
    let mut record = commit.record().clone();
    let error = ErrorRecord::new(
        ErrorKind::Interrupted,
        "the run ended before the new file was in place; nothing was changed",
        Some("run the same command again".to_string()),
    );
    record.fail(Outcome::Failed, Some(error));
    record
}
