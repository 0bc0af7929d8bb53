//! Unusual facts that prevent nothing but that the user should know.

use crate::dialect::listed;
use crate::number::value_counts::ValueCounts;
use crate::summary_rows::SummaryRow;
use serde::{Deserialize, Serialize};

/// Something odd about a text that does not hinder its reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable word, such as `missing-values`.
    pub code: String,
    /// A sentence with numbers and names.
    pub detail: String,
}

impl Finding {
    /// A finding of this code.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Finding {
            code: code.to_string(),
            detail: detail.into(),
        }
    }
}

/// What the user should know about the values.
pub(crate) fn of_values(
    counts: &ValueCounts,
    rows: u64,
    samples: &[String],
    findings: &mut Vec<Finding>,
) {
    let mut add = |code: &str, count: u64, what: &str| {
        if count > 0 {
            let noun = if count == 1 { "value is" } else { "values are" };
            findings.push(Finding::new(code, format!("{count} {noun} {what}")));
        }
    };
    add("missing-values", counts.missing, "missing and became NaN");
    add("infinite-values", counts.infinite, "written as infinite");
    add(
        "overflowed-values",
        counts.overflowed,
        "too large for the type and became infinite",
    );
    add(
        "vanished-values",
        counts.vanished,
        "not 0 but too small for the type and became 0",
    );
    add(
        "rounded-counts",
        counts.rounded_integers,
        "whole numbers above 16777216 that float32 had to round (--dtype f64 keeps them)",
    );
    let empty: Vec<String> = samples
        .iter()
        .zip(&counts.missing_by_sample)
        .filter(|(_, missing)| rows > 0 && **missing == rows)
        .map(|(name, _)| name.clone())
        .collect();
    if !empty.is_empty() {
        findings.push(Finding::new(
            "all-missing-samples",
            format!("{} without a single value: {}", empty.len(), listed(&empty)),
        ));
    }
}

/// Rows of separators at the end, as spreadsheets leave them.
pub(crate) fn of_separator_rows(count: u64, findings: &mut Vec<Finding>) {
    let detail = match count {
        0 => return,
        1 => "1 row of separators alone at the end was dropped".to_string(),
        n => format!("{n} rows of separators alone at the end were dropped"),
    };
    findings.push(Finding::new("separator-rows", detail));
}

/// Rows that count reads of no gene.
pub(crate) fn of_special(
    special: &[(SummaryRow, String)],
    dropped: bool,
    findings: &mut Vec<Finding>,
) {
    if special.is_empty() {
        return;
    }
    let mut names: Vec<String> = special.iter().map(|(_, name)| name.clone()).collect();
    names.dedup();
    let what = if dropped { "dropped" } else { "kept as genes" };
    findings.push(Finding::new(
        "special-rows",
        format!(
            "{} rows count reads that belong to no gene and were {what}: {}",
            special.len(),
            listed(&names)
        ),
    ));
}
