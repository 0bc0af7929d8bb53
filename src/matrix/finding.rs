//! Oddities that hinder nothing but that somebody should know.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::dialect::listed;
use super::special::Special;
use super::tally::Tally;
pub use crate::model::record::Finding;

/// Genes as they come by: which were there before. Keeps no names but those of a few examples,
/// only 128 bits of each, which in a million of them coincide once in 10^26 files.
#[derive(Debug, Default)]
pub(crate) struct Genes {
    seen: HashMap<(u64, u64), bool>,
    duplicates: u64,
    examples: Vec<String>,
    empty: u64,
}

const EXAMPLES: usize = 7;

impl Genes {
    pub(crate) fn see(&mut self, name: &str) {
        self.empty += u64::from(name.is_empty());
        let key = (hash(name, 0), hash(name, 1));
        match self.seen.get_mut(&key) {
            None => {
                self.seen.insert(key, false);
            }
            Some(told) if !*told => {
                *told = true;
                self.duplicates += 1;
                if self.examples.len() < EXAMPLES {
                    self.examples.push(name.to_string());
                }
            }
            Some(_) => {}
        }
    }

    pub(crate) fn findings(&self, findings: &mut Vec<Finding>) {
        if self.duplicates > 0 {
            let head = match self.duplicates {
                1 => "1 name occurs twice or more".to_string(),
                n => format!("{n} names occur twice or more"),
            };
            let names = listed(&self.examples);
            findings.push(Finding::new(
                "duplicate-gene-names",
                format!("{head}: {names}"),
            ));
        }
        if self.empty > 0 {
            let detail = match self.empty {
                1 => "1 name is empty".to_string(),
                n => format!("{n} names are empty"),
            };
            findings.push(Finding::new("empty-gene-names", detail));
        }
    }
}

fn hash(name: &str, salt: u8) -> u64 {
    let mut hasher = DefaultHasher::new();
    (salt, name).hash(&mut hasher);
    hasher.finish()
}

/// What the values hold that somebody should know.
pub(crate) fn of_values(tally: &Tally, rows: u64, samples: &[String], findings: &mut Vec<Finding>) {
    let mut add = |code: &str, count: u64, what: &str| {
        if count > 0 {
            let noun = if count == 1 { "value is" } else { "values are" };
            findings.push(Finding::new(code, format!("{count} {noun} {what}")));
        }
    };
    add("missing-values", tally.missing, "missing and became NaN");
    add("infinite-values", tally.infinite, "written as infinite");
    add(
        "overflowed-values",
        tally.overflowed,
        "too large for the type and became infinite",
    );
    add(
        "vanished-values",
        tally.vanished,
        "not 0 but too small for the type and became 0",
    );
    add(
        "rounded-counts",
        tally.rounded_integers,
        "whole numbers above 16777216 that float32 had to round (--dtype f64 keeps them)",
    );
    let empty: Vec<String> = samples
        .iter()
        .zip(&tally.missing_by_sample)
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

/// Rows that count reads of no gene.
pub(crate) fn of_special(
    special: &[(Special, String)],
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
