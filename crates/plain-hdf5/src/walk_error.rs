//! Why reading ends early.

use crate::suspicion::{Suspicion, SuspicionKind};
use std::io;

/// What ends the reading of a structure before its end.
#[derive(Debug)]
pub enum WalkError {
    /// The operating system could not read.
    Io(io::Error),
    /// Something that is not checked here, for whatever reason.
    NotUnderstood,
    /// The problem that this crate searches for.
    Suspicious(Suspicion),
}

impl WalkError {
    /// Something wrong, before it is known whose names it affects.
    pub(crate) fn suspicious(heap: u64, offset: u64, kind: SuspicionKind) -> Self {
        WalkError::Suspicious(Suspicion {
            place: String::new(),
            offset,
            heap,
            kind,
        })
    }
}

impl From<io::Error> for WalkError {
    fn from(error: io::Error) -> Self {
        WalkError::Io(error)
    }
}

/// Continues after something that is not checked: that is `None`.
pub(crate) fn understood<T>(outcome: Result<T, WalkError>) -> Result<Option<T>, WalkError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(WalkError::NotUnderstood) => Ok(None),
        Err(stop) => Err(stop),
    }
}
