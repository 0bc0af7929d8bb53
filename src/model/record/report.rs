//! The document around the rows: `--format json` prints one [`Report`].
//!
//! Keys are stable; a change of meaning bumps [`SCHEMA`].

use crate::model::estimate::Estimate;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::{ErrorKind, ErrorRecord, Record};
use crate::model::state::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Name and version of the report's layout.
pub(crate) const SCHEMA: &str = "h5lift.report/1";

/// Something that prevented h5lift from inspecting a part of its input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Path at which the problem was met.
    pub path: String,
    /// One sentence that says what was wrong.
    pub message: String,
    /// One sentence that says what the user can do next.
    pub hint: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Report {
    /// Name and version of this form.
    pub schema: String,
    /// `audit`, `migrate`, ...
    pub command: String,
    /// Version of h5lift.
    pub h5lift: String,
    /// Version of the HDF5 library.
    pub hdf5: String,
    /// Version of the zlib inside; `null` if HDF5 is an installed one, which brings its own.
    #[serde(default)]
    pub zlib: Option<String>,
    /// Features of this build of h5lift: `static` if HDF5 and zlib are inside.
    #[serde(default)]
    pub features: Vec<String>,
    /// The paths that the user gave.
    pub roots: Vec<String>,
    /// Wall time of the run, in seconds.
    pub elapsed_seconds: f64,
    /// The totals of the rows.
    pub summary: Summary,
    /// What the migration would cost, only of an audit that has sampled some of the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// What could not be inspected.
    pub problems: Vec<Problem>,
    /// The rows; if they were streamed, only those with errors are left.
    pub files: Vec<Record>,
}

/// The totals of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Summary {
    /// Number of rows.
    pub files: u64,
    /// Sum of the lengths of the files, in bytes.
    pub bytes: u64,
    /// Rows for each state that occurs.
    pub by_state: BTreeMap<State, u64>,
    /// Rows for each action that occurs.
    pub by_action: BTreeMap<Action, u64>,
    /// Rows for each outcome that occurs.
    pub by_outcome: BTreeMap<Outcome, u64>,
    /// Bytes of the new files; `None` when there are none.
    pub bytes_after: Option<u64>,
    /// Rows of files that the system did not let h5lift read.
    #[serde(skip)]
    pub unread: u64,
}

impl Summary {
    /// Adds one row to the totals.
    pub(crate) fn add(&mut self, record: &Record) {
        self.files += 1;
        self.bytes += record.bytes;
        *self.by_state.entry(record.state).or_default() += 1;
        *self.by_action.entry(record.plan.action).or_default() += 1;
        if let Some(outcome) = record.outcome {
            *self.by_outcome.entry(outcome).or_default() += 1;
        }
        if let Some(bytes) = record.bytes_after {
            *self.bytes_after.get_or_insert(0) += bytes;
        }
        let is_unread = |error: &ErrorRecord| error.is(ErrorKind::Open) || error.is_of_run();
        self.unread += u64::from(record.error.as_ref().is_some_and(is_unread));
    }

    pub(crate) fn outcome(&self, outcome: Outcome) -> u64 {
        self.by_outcome.get(&outcome).copied().unwrap_or(0)
    }
}
