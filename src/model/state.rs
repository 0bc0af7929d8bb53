//! The state of a file in an audit: one word, spelled the same in every report.

pub mod detect;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The state of a file. `Damaged` beats all others.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Names only in attributes.
    Legacy,
    /// Names in attributes and in datasets, equal.
    Hybrid,
    /// Names in attributes and in datasets, and they differ.
    Conflict,
    /// Already the new layout.
    Current,
    /// `/expr` exists, the names of one or both axes do not.
    Nameless,
    /// Counts, shape and name lengths disagree.
    Inconsistent,
    /// Name lengths match the axes the other way round.
    Transposed,
    /// A healthy HDF5 file without `/expr`.
    NotExpression,
    /// A known other layout.
    Foreign,
    /// No HDF5 signature.
    NotHdf5,
    /// Needs what this build lacks.
    Unsupported,
    /// Chunks of `/expr` were never written.
    Incomplete,
    /// Another process holds it, or its header says open for writing.
    Busy,
    /// Not an HDF5 file, and none is expected: a table of names and numbers for `convert`.
    Text,
    /// The library reports an error, crashes or exhausts its memory on it, it is cut short, or its heaps or chunk index are damaged.
    Damaged,
}

impl State {
    /// Every state, in the order in which reports list them.
    pub const ALL: [State; 15] = [
        State::Legacy,
        State::Hybrid,
        State::Conflict,
        State::Current,
        State::Nameless,
        State::Inconsistent,
        State::Transposed,
        State::NotExpression,
        State::Foreign,
        State::NotHdf5,
        State::Unsupported,
        State::Incomplete,
        State::Busy,
        State::Text,
        State::Damaged,
    ];

    /// The word that stands for the state in every report.
    pub fn word(self) -> &'static str {
        match self {
            State::Legacy => "legacy",
            State::Hybrid => "hybrid",
            State::Conflict => "conflict",
            State::Current => "current",
            State::Nameless => "nameless",
            State::Inconsistent => "inconsistent",
            State::Transposed => "transposed",
            State::NotExpression => "not-expression",
            State::Foreign => "foreign",
            State::NotHdf5 => "not-hdf5",
            State::Unsupported => "unsupported",
            State::Incomplete => "incomplete",
            State::Busy => "busy",
            State::Text => "text",
            State::Damaged => "damaged",
        }
    }

    /// Whether a plain `migrate` leaves the file alone without that being a failure.
    pub fn is_skipped(self) -> bool {
        matches!(
            self,
            State::Current | State::NotExpression | State::Foreign | State::NotHdf5
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_what_serde_writes() {
        for state in State::ALL {
            let json = serde_json::to_string(&state).unwrap();
            assert_eq!(json, format!("\"{}\"", state.word()));
        }
    }
}
