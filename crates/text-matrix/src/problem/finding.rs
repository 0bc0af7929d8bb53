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
    let (number, them) = match counts.rounded_integers {
        1 => ("a whole number", "it"),
        _ => ("whole numbers", "them"),
    };
    add(
        "rounded-counts",
        counts.rounded_integers,
        &format!("{number} above 16777216 that float32 had to round (--dtype f64 keeps {them})"),
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
    let names = listed(&names);
    let detail = match (special.len(), dropped) {
        (1, true) => format!("1 row counts reads that belong to no gene and was dropped: {names}"),
        (1, false) => {
            format!("1 row counts reads that belong to no gene and was kept as a gene: {names}")
        }
        (rows, true) => {
            format!("{rows} rows count reads that belong to no gene and were dropped: {names}")
        }
        (rows, false) => {
            format!(
                "{rows} rows count reads that belong to no gene and were kept as genes: {names}"
            )
        }
    };
    findings.push(Finding::new("special-rows", detail));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular() {
        let told = |rounded_integers| {
            let counts = ValueCounts {
                rounded_integers,
                ..ValueCounts::default()
            };
            let mut findings = Vec::new();
            of_values(&counts, 3, &[], &mut findings);
            findings.remove(0).detail
        };
        let end = "above 16777216 that float32 had to round (--dtype f64 keeps";
        assert_eq!(told(1), format!("1 value is a whole number {end} it)"));
        assert_eq!(told(2), format!("2 values are whole numbers {end} them)"));
        let rows = |count, dropped| {
            let row = (SummaryRow::Htseq, "__no_feature".to_string());
            let mut findings = Vec::new();
            of_special(&vec![row; count], dropped, &mut findings);
            findings.remove(0).detail
        };
        assert!(
            rows(1, false)
                .starts_with("1 row counts reads that belong to no gene and was kept as a gene: ")
        );
        assert!(
            rows(2, true)
                .starts_with("2 rows count reads that belong to no gene and were dropped: ")
        );
    }
}
