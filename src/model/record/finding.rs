//! Something odd that hinders nothing, but that somebody should know.

use serde::{Deserialize, Serialize};

/// An oddity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable word.
    pub code: String,
    /// The sentence.
    pub detail: String,
}

impl Finding {
    /// The code of what a salvage could not read, now or in an earlier life of the file.
    pub const SALVAGED: &str = "salvaged";

    /// A finding of this code.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Finding {
            code: code.to_string(),
            detail: detail.into(),
        }
    }
}
