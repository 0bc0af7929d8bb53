//! What is to be done with a file, and what was done.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a plan does with a file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Write the file anew in the new layout.
    Migrate,
    /// Leave it; it needs no work.
    Skip,
    /// Leave it; a user has to decide.
    Refuse,
    /// Make an HDF5 file of a text matrix.
    Convert,
}

impl Action {
    /// The word of the report.
    pub fn word(self) -> &'static str {
        match self {
            Action::Migrate => "migrate",
            Action::Skip => "skip",
            Action::Refuse => "refuse",
            Action::Convert => "convert",
        }
    }
}

/// What was done with a file.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The new file is in place.
    Migrated,
    /// The new file is in place, with NaN for the values that cannot be decoded.
    Salvaged,
    /// The file needed no work.
    Skipped,
    /// A user has to decide.
    Refused,
    /// It was tried, and nothing was changed.
    Failed,
    /// `verify`: the two files hold the same.
    Verified,
    /// `convert`: the new file is in place.
    Converted,
}

impl Outcome {
    /// The word of the report.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Migrated => "migrated",
            Outcome::Salvaged => "salvaged",
            Outcome::Skipped => "skipped",
            Outcome::Refused => "refused",
            Outcome::Failed => "failed",
            Outcome::Verified => "verified",
            Outcome::Converted => "converted",
        }
    }

    /// Whether the exit status has to report it.
    pub fn is_failure(self) -> bool {
        matches!(self, Outcome::Refused | Outcome::Failed | Outcome::Salvaged)
    }
}
