//! Something unusual that prevents nothing, but that the user should know.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something unusual in a file that does not prevent its migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// A stable word for its kind.
    pub code: String,
    /// One sentence about this file.
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
