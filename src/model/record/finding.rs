//! Something unusual that prevents nothing, but that the user should know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An oddity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// A stable word.
    pub code: String,
    /// The sentence.
    pub detail: String,
}

impl Finding {
    /// The code of losses of a salvage, in this run or in an earlier one.
    pub const SALVAGED: &str = "salvaged";

    /// A finding of this code.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Finding {
            code: code.to_string(),
            detail: detail.into(),
        }
    }
}
