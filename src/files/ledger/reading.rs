//! The lines of a ledger, each with its checksum verified.
//!
//! A crash can tear what was not synced: some lines at the end, which a file system may write in any order. That tail is reported and
//! ignored. A damaged line before one that was written after a later sync is an error.

use crate::files::ledger::commit_line::DoneLine;
use crate::files::ledger::entry::{CommitId, Entry, Header, SCHEMA};
use crate::files::ledger::error::LedgerError;
use crate::files::ledger::line::unseal;
use crate::files::path_error::AtPath;
use std::fs::File;
use std::io;
use std::io::{BufRead, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What a header begins with, whatever its version.
const OPENING: &[u8] = b"{\"ledger\":\"h5lift.ledger/";

/// No line that h5lift writes comes near: what one says of a file takes a few kilobytes.
const LONGEST_LINE: u64 = 16 << 20;

/// More than is written between two syncs.
const LONGEST_TAIL: usize = 64 << 20;

/// Bytes that hold a line of most files.
const USUAL_LINE: usize = 2 << 10;
const CHANGED: &str = "it was changed meanwhile";

/// The end of a ledger that a crash left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// Its first line, from 1.
    pub line: u64,
    /// What is left of it and of those after it.
    pub bytes: Vec<u8>,
}

/// What was read besides the entries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    /// `None`: the file is empty, or holds a torn header.
    pub(crate) header: Option<Header>,
    /// Bytes of all undamaged lines.
    pub(crate) length: u64,
    pub(crate) torn: Option<TornTail>,
}

/// Gives each entry's JSON with the offset of its line to `take`, whose error text is
/// what is wrong with that line. It returns the number of a commit that begins there.
pub(crate) fn read_lines(
    path: &Path,
    mut reader: impl BufRead,
    mut take: impl FnMut(u64, &[u8]) -> Result<Option<CommitId>, String>,
) -> Result<Lines, LedgerError> {
    let mut lines = Lines {
        header: None,
        length: 0,
        torn: None,
    };
    let damaged = |line, cause: String| LedgerError::Damaged {
        path: path.to_path_buf(),
        line,
        cause,
    };
    let mut line = Vec::new();
    let mut last_begun = None;
    for number in 1.. {
        line.clear();
        let mut bounded = (&mut reader).take(LONGEST_LINE);
        bounded.read_until(b'\n', &mut line).at(path, "read it")?;
        if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            let cause =
                format!("it is longer than {LONGEST_LINE} bytes, and no line of a ledger is");
            return Err(damaged(number, cause));
        }
        if line.is_empty() {
            break;
        }
        if let Some(torn) = &mut lines.torn {
            if shows_a_sync(&line, last_begun) || torn.bytes.len() > LONGEST_TAIL {
                let cause = "it is damaged: its checksum is wrong".to_string();
                return Err(damaged(torn.line, cause));
            }
            torn.bytes.extend_from_slice(&line);
            continue;
        }
        let is_header = number == 1;
        match unseal(&line) {
            Some(entry) if is_header => lines.header = Some(read_header(path, &entry)?),
            Some(entry) => {
                let begun = take(lines.length, &entry).map_err(|cause| damaged(number, cause))?;
                last_begun = begun.or(last_begun);
            }
            None if is_header && !may_be_header(&line) => {
                return Err(LedgerError::NotALedger {
                    path: path.to_path_buf(),
                });
            }
            None => {
                lines.torn = Some(TornTail {
                    line: number,
                    bytes: std::mem::take(&mut line),
                });
                continue;
            }
        }
        lines.length += line.len() as u64;
    }
    Ok(lines)
}

/// Whether a line shows that a damaged one before it had reached the disk: a commit, of which the last one before the damage is given,
/// begins with a sync, and `undo` and `purge` act on a ledger that was read.
fn shows_a_sync(line: &[u8], last_begun: Option<CommitId>) -> bool {
    let entry = unseal(line).and_then(|json| serde_json::from_slice::<Entry>(&json).ok());
    match entry {
        Some(Entry::Done(DoneLine { id, .. }) | Entry::Failed { id, .. }) => Some(id) > last_begun,
        Some(Entry::Undone { .. } | Entry::Purged { .. }) => true,
        _ => false,
    }
}

/// The entry's JSON of the line at an offset, which has been read before.
pub(crate) fn entry_at(file: &File, offset: u64) -> io::Result<Vec<u8>> {
    let mut line = vec![0; USUAL_LINE];
    let mut length = 0;
    loop {
        let read = file.read_at(&mut line[length..], offset + length as u64)?;
        if let Some(end) = memchr::memchr(b'\n', &line[length..length + read]) {
            let entry = unseal(&line[..=length + end]);
            return entry.ok_or_else(|| io::Error::other(CHANGED));
        }
        length += read;
        if read == 0 || length as u64 >= LONGEST_LINE {
            return Err(io::Error::other(CHANGED));
        }
        line.resize(length * 2, 0);
    }
}

/// Whether a file begins like a ledger.
pub(crate) fn is_ledger(file: &File) -> io::Result<bool> {
    let mut opening = [0; OPENING.len()];
    match file.read_exact_at(&mut opening, 0) {
        Ok(()) => Ok(opening == OPENING),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn may_be_header(line: &[u8]) -> bool {
    line.starts_with(OPENING) || OPENING.starts_with(line)
}

fn read_header(path: &Path, entry: &[u8]) -> Result<Header, LedgerError> {
    let header: Header = serde_json::from_slice(entry).map_err(|_| LedgerError::NotALedger {
        path: path.to_path_buf(),
    })?;
    if header.ledger != SCHEMA {
        return Err(LedgerError::Version {
            path: path.to_path_buf(),
            found: header.ledger,
        });
    }
    Ok(header)
}
