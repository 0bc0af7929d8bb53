//! Several ledgers as one: of each file, the newest row or commit counts.

use crate::files::ledger::entry::CommitId;
use crate::files::ledger::error::LedgerError;
use crate::files::ledger::history::History;
use crate::files::ledger::key_table::{Key, KeyTable};
use crate::model::record::Record;
use std::collections::{HashMap, HashSet};

/// A row of one of the ledgers.
#[derive(Debug, Clone, Copy)]
struct MergedRow {
    ledger: usize,
    row: usize,
}

/// The rows of several ledgers, one per file: the newest one counts, and that of the later ledger if two are as old.
pub(crate) fn merged_records(
    histories: &[History],
) -> impl Iterator<Item = Result<Record, LedgerError>> {
    let rows = merged_rows(histories);
    rows.into_iter()
        .map(|it| histories[it.ledger].record(it.row))
}

fn merged_rows(histories: &[History]) -> Vec<MergedRow> {
    let mut rows: Vec<MergedRow> = Vec::new();
    let mut row_of = KeyTable::default();
    for (ledger, history) in histories.iter().enumerate() {
        for row in 0..history.row_count() {
            let (key, at) = history.row(row);
            let told = |it: MergedRow| histories[it.ledger].row(it.row);
            let key_at = |rows: &[MergedRow], it: u32| told(rows[it as usize]).0;
            // One ledger has one row a file.
            let before = match ledger {
                0 => None,
                _ => row_of.get(key, |it| key_at(&rows, it)),
            };
            match before {
                Some(number) => {
                    let there = &mut rows[number as usize];
                    if told(*there).1 <= at {
                        *there = MergedRow { ledger, row };
                    }
                }
                None => {
                    rows.push(MergedRow { ledger, row });
                    if let (true, Ok(number)) = (histories.len() > 1, u32::try_from(rows.len() - 1))
                    {
                        row_of.set(number, |it| key_at(&rows, it));
                    }
                }
            }
        }
    }
    rows
}

/// The commits, by the number of their ledger among these, after which another ledger has a newer one to the same name:
/// only the last one counts.
pub(crate) fn superseded_commits<'a>(
    histories: impl ExactSizeIterator<Item = &'a History>,
) -> HashSet<(usize, CommitId)> {
    let mut superseded = HashSet::new();
    // One ledger has one such commit a name.
    if histories.len() < 2 {
        return superseded;
    }
    let mut newest: HashMap<Key, (i64, usize, CommitId)> = HashMap::new();
    for (ledger, history) in histories.enumerate() {
        for (id, destination, at) in history.latest_destinations() {
            let this = (at, ledger, id);
            let before = newest.entry(destination).or_insert(this);
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
