//! What `--salvage` gave up: chunks of `/expr` that cannot be decoded. Pure.
//!
//! The new file records it permanently, in an attribute of its root
//! ([`crate::model::layout::MARK_SALVAGED`]), and the text of that attribute follows from the list of lost
//! chunks alone. So a verification can tell a correct mark from a wrong one.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// How many lost rectangles are listed; of the others only the number is reported.
const SPELLED_OUT: usize = 20;

/// A part of the matrix: the values of one lost chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "[u64; 4]", into = "[u64; 4]")]
pub struct Rectangle {
    pub row: u64,
    pub column: u64,
    /// Number of rows, at least one.
    pub rows: u64,
    /// Number of columns, at least one.
    pub columns: u64,
}

impl From<[u64; 4]> for Rectangle {
    fn from([row, column, rows, columns]: [u64; 4]) -> Self {
        Rectangle {
            row,
            column,
            rows,
            columns,
        }
    }
}

impl From<Rectangle> for [u64; 4] {
    fn from(it: Rectangle) -> Self {
        [it.row, it.column, it.rows, it.columns]
    }
}

impl fmt::Display for Rectangle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = |start: u64, length: u64| start.saturating_add(length.saturating_sub(1));
        write!(
            f,
            "rows {}-{}, columns {}-{}",
            self.row,
            last(self.row, self.rows),
            self.column,
            last(self.column, self.columns)
        )
    }
}

/// The lost chunks of a matrix, usually none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Losses {
    /// Chunks that the matrix has.
    pub chunks: u64,
    /// What the lost ones held.
    pub lost: BTreeSet<Rectangle>,
}

impl Losses {
    pub fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }

    /// How many chunks were lost.
    pub fn count(&self) -> u64 {
        self.lost.len() as u64
    }

    /// Adds what other workers found in their parts of the same matrix.
    pub fn merge(&mut self, other: Losses) {
        self.chunks = self.chunks.max(other.chunks);
        self.lost.extend(other.lost);
    }

    /// The mark that the new file must have, if the old one has `old`; `None` if nothing was ever lost.
    pub fn mark(&self, old: Option<&str>) -> Option<String> {
        match (old, self.is_empty()) {
            (old, true) => old.map(str::to_string),
            (None, false) => Some(self.to_string()),
            (Some(old), false) => Some(format!("{old}; and later {self}")),
        }
    }
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} chunks of /expr could not be decoded, their values are NaN here: ",
            self.count(),
            self.chunks
        )?;
        for (index, rectangle) in self.lost.iter().take(SPELLED_OUT).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{rectangle}")?;
        }
        match self.lost.len().saturating_sub(SPELLED_OUT) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// What was lost between an old file and a new one, and the first of it in detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salvaged {
    pub losses: Losses,
    /// Which chunk was the first, which genes and samples it held, and what is wrong with it.
    pub first: String,
}

impl Salvaged {
    /// Why the old file counts as damaged.
    pub fn reason(&self) -> String {
        match self.losses.count() {
            0 | 1 => self.first.clone(),
            2 => format!("{}; and another chunk is lost, too", self.first),
            n => format!("{}; and {} other chunks are lost, too", self.first, n - 1),
        }
    }
}

/// The losses that a worker found when it read both files again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// The mark of the old file.
    pub old_mark: Option<String>,
    /// The mark of the new file.
    pub new_mark: Option<String>,
    /// Chunks of the old file that cannot be decoded, and are NaN in the new one.
    pub losses: Losses,
}

impl VerifyReport {
    /// Adds the losses of another worker, which has read another part of the same files.
    pub fn merge(&mut self, other: VerifyReport) {
        self.old_mark = self.old_mark.take().or(other.old_mark);
        self.new_mark = self.new_mark.take().or(other.new_mark);
        self.losses.merge(other.losses);
    }

    /// What the mark of the new file wrongly says, or wrongly lacks.
    pub fn contradiction(&self) -> Option<String> {
        let expected = self.losses.mark(self.old_mark.as_deref());
        if self.new_mark == expected {
            return None;
        }
        let shown = |mark: &Option<String>| match mark {
            Some(text) => format!("\"{text}\""),
            None => "nothing".to_string(),
        };
        Some(format!(
            "the new file tells {} of lost chunks where {} would be true",
            shown(&self.new_mark),
            shown(&expected)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn losses(count: u64) -> Losses {
        Losses {
            chunks: 300,
            lost: (0..count)
                .map(|n| Rectangle::from([16 * n, 7, 16, 3]))
                .collect(),
        }
    }

    #[test]
    fn the_mark_spells_out_some_and_counts_the_others() {
        assert_eq!(
            losses(2).mark(None).unwrap(),
            "2 of 300 chunks of /expr could not be decoded, their values are NaN here: \
             rows 0-15, columns 7-9; rows 16-31, columns 7-9"
        );
        let text = losses(300).to_string();
        assert!(
            text.ends_with("rows 304-319, columns 7-9; and 280 more"),
            "{text}"
        );
        assert_eq!(text.matches("rows").count(), SPELLED_OUT);
    }

    #[test]
    fn an_older_mark_is_never_lost() {
        assert_eq!(losses(0).mark(None), None);
        assert_eq!(losses(0).mark(Some("old")).unwrap(), "old");
        let both = losses(1).mark(Some("old")).unwrap();
        assert!(
            both.starts_with("old; and later 1 of 300 chunks of /expr"),
            "{both}"
        );
    }

    #[test]
    fn parts_of_a_proof_add_up_to_the_whole() {
        let part = |rectangles: &[[u64; 4]], mark: Option<&str>| VerifyReport {
            old_mark: None,
            new_mark: mark.map(str::to_string),
            losses: Losses {
                chunks: 300,
                lost: rectangles.iter().copied().map(Rectangle::from).collect(),
            },
        };
        let mark = losses(2).to_string();
        // A chunk at the border of two parts is found by both.
        let mut verify_report = part(&[[0, 7, 16, 3]], Some(&mark));
        assert!(verify_report.contradiction().is_some());
        verify_report.merge(part(&[[0, 7, 16, 3], [16, 7, 16, 3]], Some(&mark)));
        assert_eq!(verify_report.losses, losses(2));
        assert_eq!(verify_report.contradiction(), None);
        verify_report.new_mark = None;
        let said = verify_report.contradiction().unwrap();
        assert!(said.contains("tells nothing"), "{said}");
    }

    #[test]
    fn a_rectangle_is_four_numbers_in_a_message() {
        let json = serde_json::to_string(&losses(1)).unwrap();
        assert_eq!(json, r#"{"chunks":300,"lost":[[0,7,16,3]]}"#);
        assert_eq!(serde_json::from_str::<Losses>(&json).unwrap(), losses(1));
    }
}
