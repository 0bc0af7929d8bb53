//! What will happen to a file.
//!
//! `audit` prints this and stops; `migrate` executes it.

pub mod chunking;
pub mod decide;
pub(crate) mod nameless;
pub(crate) mod new_storage;
pub(crate) mod orientation;
pub mod policy;
pub mod recipe;
pub(crate) mod steps;

use crate::model::plan::recipe::Recipe;
use crate::model::state::State;

/// What will happen to a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    Migrate {
        recipe: Box<Recipe>,
        steps: Vec<String>,
    },
    /// Leave it; that is no failure.
    Skip,
    /// Leave it; a user has to decide.
    Refuse {
        /// What prevents it, if the state alone does not say so.
        message: Option<String>,
        hint: String,
    },
}

/// The next step for a state that `migrate` refuses.
pub fn hint(state: State) -> &'static str {
    match state {
        State::Nameless => {
            "the names are not in this file: keep it, and give them with --names-from, a matrix or a list"
        }
        State::Inconsistent => {
            "compare with the matrix that it was made from; one of these numbers is wrong"
        }
        State::Transposed => "use --transpose, which makes genes its rows",
        State::Unsupported => {
            "rewrite that object with the program that wrote it, without what is missing here"
        }
        State::Incomplete => {
            "the writer was interrupted: make the file again from its source, or take it as it is with --allow-missing-chunks"
        }
        State::Busy => {
            "run it again when the writer of the file is done; `h5clear -s` removes the mark of a writer that died"
        }
        State::Damaged => "restore it from a backup; h5lift has not changed it",
        State::NotHdf5 => "check what it is; h5lift reads HDF5 files only",
        _ => "nothing has to be done",
    }
}

/// A refusal whose reason is the state alone.
pub(crate) fn refuse(hint: &str) -> Plan {
    Plan::Refuse {
        message: None,
        hint: hint.to_string(),
    }
}
