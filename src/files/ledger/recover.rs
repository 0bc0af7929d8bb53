//! After a crash: how did the commits without a recorded ending end?
//!
//! The disk decides, and the result is recorded as the ending. If the disk gives no clear answer (the folder
//! is not mounted, the file has changed since), the commit stays open and is checked again the next time.

use crate::files::ledger::commit_entry::CommitEntry;
use crate::files::ledger::entry::{CommitId, Done, Entry, LedgerPath, Placement};
use crate::files::ledger::history::History;
use crate::files::path_error::PathError;
use crate::files::source::folder_of;
use crate::files::undo::file_check::{FileCheck, check_file};
use crate::model::record::finding::Finding;
use crate::model::record::outcome::Outcome;
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use std::convert::Infallible;
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
    pub fn recover(&mut self) -> Vec<RecoveredCommit> {
        match recover(self, |_| Ok::<(), Infallible>(())) {
            Ok(recovered) => recovered,
            Err(never) => match never {},
        }
    }
}

/// Checks the disk for every open commit, and passes the result to `write` and then to the history.
#[expect(
    clippy::expect_used,
    reason = "the entry ends a commit that this very history has open"
)]
pub(crate) fn recover<E>(
    history: &mut History,
    write: impl Fn(&Entry) -> Result<(), E>,
) -> Result<Vec<RecoveredCommit>, E> {
    let judged: Vec<_> = history
        .open_commits()
        .map(|commit| {
            let (verdict, entry) = judge(commit);
            let recovered = RecoveredCommit {
                id: commit.id(),
                destination: commit.begun.destination().to_path_buf(),
                verdict,
            };
            (recovered, entry)
        })
        .collect();
    let mut all = Vec::new();
    for (recovered, entry) in judged {
        if let Some(entry) = entry {
            write(&entry)?;
            history.take(entry).expect("an ending of an open commit");
        }
        all.push(recovered);
    }
    Ok(all)
}

fn judge(commit: &CommitEntry) -> (Verdict, Option<Entry>) {
    let begun = &commit.begun;
    let (new, original) = (begun.new.content, begun.original());
    let destination = begun.destination();
    match check_file(destination, &[new, original]) {
        Err(error) => (Verdict::Unseen(error), None),
        Ok(FileCheck::File(seen)) if seen.content == Some(new) => {
            let backup = commit.backup.clone().filter(|path| {
                check_file(path, &[original]).is_ok_and(|evidence| evidence.holds(&original))
            });
            let done = Entry::Done(Done {
                id: commit.id(),
                made: seen.snapshot,
                record: Box::new(done_record(commit, backup.as_ref())),
                backup: backup.map(LedgerPath),
            });
            (Verdict::New, Some(done))
        }
        Ok(FileCheck::File(seen))
            if seen.snapshot.inode == begun.new.inode
                && seen.snapshot.device == begun.new.device =>
        {
            let why = "it is the new file, changed since";
            (Verdict::Unclear(why.to_string()), None)
        }
        Ok(evidence) => match &begun.placement {
            Placement::InPlace { .. } if !evidence.holds(&original) => {
                (Verdict::Unclear(evidence.describe().to_string()), None)
            }
            Placement::Elsewhere { .. } if !folder_of(destination).is_dir() => {
                let why = "its folder is not there";
                (Verdict::Unclear(why.to_string()), None)
            }
            _ => {
                let failed = Entry::Failed {
                    id: commit.id(),
                    record: Box::new(failed_record(commit)),
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
