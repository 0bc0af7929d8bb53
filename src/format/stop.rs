//! Why reading ends early.

use super::suspicion::{Suspicion, SuspicionKind};
use std::io;

/// What ends the reading of a structure before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The operating system could not read.
    Io(io::Error),
    /// It is something that is not looked at here, for whatever reason.
    NotUnderstood,
    /// It is what all this is for.
    Suspicious(Suspicion),
}

impl Stop {
    /// Something wrong, before it is known whose names it spoils.
    pub(super) fn suspicious(heap: u64, offset: u64, kind: SuspicionKind) -> Self {
        Stop::Suspicious(Suspicion {
            place: String::new(),
            offset,
            heap,
            kind,
        })
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Io(error)
    }
}

/// Goes on after what is not looked at: that is `None`.
pub(super) fn understood<T>(outcome: Result<T, Stop>) -> Result<Option<T>, Stop> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(Stop::NotUnderstood) => Ok(None),
        Err(stop) => Err(stop),
    }
}
