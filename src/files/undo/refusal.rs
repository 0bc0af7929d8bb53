//! Why `undo` and `purge` leave a file alone, and their errors.

use crate::files::ledger::error::LedgerError;
use crate::files::path_error::PathError;
use crate::model::hint::Hint;
use std::path::PathBuf;
use thiserror::Error;

/// A user has to decide; nothing was touched.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {cause}", path.display())]
pub(crate) struct Refusal {
    /// What is left alone.
    pub path: PathBuf,
    /// Why; reads after the path and a colon.
    pub cause: String,
    pub hint: String,
}

impl From<PathError> for Refusal {
    fn from(error: PathError) -> Refusal {
        Refusal {
            cause: format!("cannot {}: {}", error.action, error.source),
            hint: error.hint(),
            path: error.path,
        }
    }
}

/// Why a step failed.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    /// Nothing was touched.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The system refused an operation. Planning again shows how far it came.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It was done, but the ledger could not be updated. Planning again finds it done.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Hint for StepError {
    fn hint(&self) -> String {
        match self {
            StepError::Refused(refusal) => refusal.hint.clone(),
            StepError::Path(error) => error.hint(),
            StepError::Ledger(error) => error.hint(),
        }
    }
}
