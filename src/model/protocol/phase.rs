//! What a worker is doing.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a worker is doing; part of the message if it crashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Before the first heartbeat.
    Starting,
    /// Opening the file.
    Opening,
    /// Listing objects, attributes and storage.
    Listing,
    /// Reading gene and sample names.
    ReadingNames,
    /// Looking at values.
    ReadingValues,
    /// Reading, encoding and writing values.
    WritingValues,
    /// Carrying over everything else.
    CarryingOver,
    /// Closing the new file.
    Closing,
    /// Comparing everything but the values.
    ComparingObjects,
    ComparingValues,
    /// Reading, parsing and encoding a text matrix.
    ReadingText,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Starting => "starting",
            Phase::Opening => "opening it",
            Phase::Listing => "listing its objects",
            Phase::ReadingNames => "reading names",
            Phase::ReadingValues => "reading values",
            Phase::WritingValues => "writing values",
            Phase::CarryingOver => "carrying over other objects",
            Phase::Closing => "closing the new file",
            Phase::ComparingObjects => "comparing objects",
            Phase::ComparingValues => "comparing values",
            Phase::ReadingText => "reading the text",
        })
    }
}
