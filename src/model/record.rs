//! The row of every report: `--format jsonl` and the ledger are [`Record`]s.
//!
//! Keys are stable; a change of meaning bumps [`SCHEMA`](crate::model::record::report::SCHEMA).

pub(crate) mod error;
pub(crate) mod finding;
pub(crate) mod findings;
pub(crate) mod modified;
pub mod outcome;
pub(crate) mod parts;
pub(crate) mod pattern;
pub(crate) mod report;

pub(crate) use crate::model::record::error::{ErrorKind, ErrorRecord};
pub(crate) use crate::model::record::parts::{ExprRecord, NamesRecord, PlanRecord, WrittenAs};

use crate::model::digest::ContentDigest;
use crate::model::facts::Facts;
use crate::model::facts::text_matrix::{NamesSeen, TextFacts};
use crate::model::layout::Axis;
use crate::model::plan::Plan;
use crate::model::plan::policy::Verification;
use crate::model::record::finding::Finding;
use crate::model::record::findings::findings;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::salvage::Salvaged;
use crate::model::state::State;
use hdf5_format::storage::Storage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One file, in every report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Path as given or found in a walk; undecodable bytes replaced (see `path_bytes`).
    pub path: String,
    /// The path's bytes in hexadecimal, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_bytes: Option<String>,
    /// What the file is, decided from its facts.
    pub state: State,
    /// One sentence that says why the file has this state.
    pub reason: String,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// Modification time, RFC 3339 in UTC.
    pub modified: Option<String>,
    /// The expression matrix, if one was found.
    pub expr: Option<ExprRecord>,
    /// The names of the genes, which are the rows.
    pub genes: Option<NamesRecord>,
    /// The names of the samples, which are the columns.
    pub samples: Option<NamesRecord>,
    /// What is unusual in the file and does not prevent its migration.
    pub findings: Vec<Finding>,
    /// What a run would do with the file.
    pub plan: PlanRecord,
    /// What the run did with the file; null in an audit.
    pub outcome: Option<Outcome>,
    /// Path of the new file.
    pub output: Option<String>,
    /// Path of the kept original, after a migration in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// Length of the new file, in bytes.
    pub bytes_after: Option<u64>,
    /// How the new `/expr` is stored.
    pub written_as: Option<WrittenAs>,
    /// How the new file was compared with the old one.
    pub verified: Option<Verification>,
    /// SHA-256 over the content of the new file, independent of how it is stored (docs/digest.md).
    pub digest: Option<ContentDigest>,
    /// How many chunks of `/expr` were given up, in a migration with `--salvage`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_chunks: Option<u64>,
    /// Why the file failed or was refused.
    pub error: Option<ErrorRecord>,
    /// Whether this run has copied or linked a file that needs nothing to its output. In no report: `reason` says it.
    #[serde(skip)]
    pub provided: bool,
}

impl Record {
    /// A row of a file of which only the state is known yet.
    pub fn new(path: &std::path::Path, bytes: u64, state: State, reason: String) -> Self {
        Record {
            path: path.to_string_lossy().into_owned(),
            path_bytes: path
                .to_str()
                .is_none()
                .then(|| crate::model::digest::hex(path.as_os_str().as_encoded_bytes())),
            state,
            reason,
            bytes,
            modified: None,
            expr: None,
            genes: None,
            samples: None,
            findings: Vec::new(),
            plan: PlanRecord {
                action: Action::Skip,
                steps: Vec::new(),
                hint: None,
            },
            outcome: None,
            output: None,
            backup: None,
            bytes_after: None,
            written_as: None,
            verified: None,
            digest: None,
            lost_chunks: None,
            error: None,
            provided: false,
        }
    }

    /// Adds the facts of a worker.
    pub fn describe(&mut self, facts: &Facts) {
        self.expr = facts.expr.as_ref().map(|expr| ExprRecord {
            path: expr.path().to_string(),
            shape: expr.shape.clone(),
            dtype: expr.dtype.clone(),
            storage: expr.storage,
            chunks: expr.chunks.clone(),
            filters: expr.filters.iter().map(|f| f.name.clone()).collect(),
            stored_bytes: expr.stored_bytes,
        });
        self.genes = NamesRecord::of(&facts.genes, Axis::Genes);
        self.samples = NamesRecord::of(&facts.samples, Axis::Samples);
        self.findings = findings(facts);
    }

    /// Records that chunks were given up. The losses of an earlier salvage are part of the new mark.
    pub fn set_losses(&mut self, salvaged: &Salvaged, mark: &str) {
        self.state = State::Damaged;
        self.reason = salvaged.reason();
        self.lost_chunks = Some(salvaged.losses.count());
        self.tell_salvage(mark);
    }

    /// Ends as failed or refused, without a new file.
    pub fn fail(&mut self, outcome: Outcome, error: Option<ErrorRecord>) {
        self.forget_new_file();
        self.outcome = Some(outcome);
        self.error = error;
    }

    /// Removes everything about a new file.
    pub fn forget_new_file(&mut self) {
        self.output = None;
        self.backup = None;
        self.bytes_after = None;
        self.written_as = None;
        self.verified = None;
        self.digest = None;
        self.forget_losses();
    }

    /// Removes that record, if the migration failed.
    pub fn forget_losses(&mut self) {
        if self.lost_chunks.take().is_some() {
            self.findings.retain(|it| it.code != Finding::SALVAGED);
        }
    }

    /// Replaces the finding about lost chunks by this one.
    pub fn tell_salvage(&mut self, mark: &str) {
        self.findings.retain(|it| it.code != Finding::SALVAGED);
        self.findings.push(Finding::new(Finding::SALVAGED, mark));
    }

    /// What is reported about lost chunks.
    pub fn salvage(&self) -> Option<&str> {
        let told = self.findings.iter().find(|it| it.code == Finding::SALVAGED);
        told.map(|finding| finding.detail.as_str())
    }

    /// The outcome of having the new file in place.
    pub fn outcome_in_place(&self) -> Outcome {
        match self.lost_chunks {
            Some(_) => Outcome::Salvaged,
            None => Outcome::Migrated,
        }
    }

    /// Adds the result of reading a text matrix.
    pub fn describe_text(&mut self, facts: &TextFacts, storage: Storage) {
        self.expr = Some(ExprRecord {
            path: crate::model::layout::EXPR_PATH.to_string(),
            shape: facts.shape.to_vec(),
            dtype: facts.dtype.clone(),
            storage,
            chunks: None,
            filters: Vec::new(),
            stored_bytes: 0,
        });
        let names = |seen: &NamesSeen, count| NamesRecord {
            source: "text".to_string(),
            place: None,
            count,
            text_type: "text".to_string(),
            first: seen.first.clone(),
            last: seen.last.clone(),
        };
        self.genes = Some(names(&facts.genes, facts.shape[0]));
        self.samples = Some(names(&facts.samples, facts.shape[1]));
        self.reason = facts.dialect.join("; ");
        self.findings.clone_from(&facts.findings);
    }

    /// Adds what is to be done.
    pub fn set_plan(&mut self, plan: &Plan) {
        self.plan = match plan {
            Plan::Migrate { steps, .. } => PlanRecord {
                action: Action::Migrate,
                steps: steps.clone(),
                hint: None,
            },
            Plan::Skip => PlanRecord {
                action: Action::Skip,
                steps: Vec::new(),
                hint: None,
            },
            Plan::Refuse { message, hint } => PlanRecord {
                action: Action::Refuse,
                steps: message.iter().cloned().collect(),
                hint: Some(hint.clone()),
            },
        };
    }

    /// The names of one axis.
    pub fn names(&self, axis: Axis) -> Option<&NamesRecord> {
        match axis {
            Axis::Genes => self.genes.as_ref(),
            Axis::Samples => self.samples.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::salvage::{Losses, Rectangle};

    #[test]
    fn losses_are_told_once_and_taken_back_when_nothing_came_of_them() {
        let path = std::path::Path::new("a.h5");
        let mut record = Record::new(path, 1, State::Legacy, String::new());
        record.findings.push(Finding::new("no-gene-count", "none"));
        record.tell_salvage("long ago");
        assert_eq!(record.outcome_in_place(), Outcome::Migrated);
        let salvaged = Salvaged {
            losses: Losses {
                chunks: 9,
                lost: [Rectangle::from([0, 0, 1, 1])].into(),
            },
            first: "the chunk".to_string(),
        };
        record.set_losses(&salvaged, "long ago; and later");
        assert_eq!(record.salvage(), Some("long ago; and later"));
        assert_eq!(record.findings.len(), 2);
        assert_eq!(
            (record.state, record.lost_chunks),
            (State::Damaged, Some(1))
        );
        assert_eq!(record.outcome_in_place(), Outcome::Salvaged);
        assert!(Outcome::Salvaged.is_failure());
        record.forget_losses();
        assert_eq!((record.salvage(), record.lost_chunks), (None, None));
        assert_eq!(record.findings.len(), 1);
    }
}
