//! The names of one axis, seen one after another.
//!
//! Memory does not grow with the length of names: they are kept as fingerprints of 64 bits, since most are
//! needed only to notice that one recurs. Among two million different names, two have the same fingerprint
//! once in ten million runs; the keys are random, so that no file can be crafted whose names do.

use crate::model::layout::Axis;
use crate::model::lint::distinct::Distinct;
use crate::model::lint::issue::{IssueCounts, NameIssue};
use crate::model::lint::name_pattern::{
    has_blanks_around, has_unprintable, is_counter, is_date, is_day_number, is_float, is_heading,
    is_missing, is_path, renamed_after,
};
use crate::model::record::finding::Finding;
use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Bytes of the longest unremarkable name: the maximum of a file name.
const LONGEST: usize = 255;

/// What is reported about the names of an axis without `--lint`: those that do not identify a gene or sample.
/// Nearly all lists have none, which is detected at a fraction of the cost.
pub(crate) fn ambiguities<'a>(
    axis: Axis,
    names: impl ExactSizeIterator<Item = Cow<'a, str>> + Clone,
) -> Vec<Finding> {
    let mut seen = Distinct::with_room(names.len());
    if names
        .clone()
        .all(|name| !name.is_empty() && seen.is_new(&name))
    {
        return Vec::new();
    }
    let mut lint = NameLint::new(axis);
    for name in names {
        lint.see(&name);
    }
    lint.ambiguities()
}

/// Checks the names of one axis.
#[derive(Debug)]
pub(crate) struct NameLint {
    axis: Axis,
    seen: HashSet<u64>,
    /// Those of them that recurred.
    repeated: HashSet<u64>,
    key: RandomState,
    counts: [IssueCounts; NameIssue::ALL.len()],
    numbering: Numbering,
    numbers: NumericNames,
}

/// Names that are numbers. Where hardly any are, those of days were dates.
#[derive(Debug, Default)]
struct NumericNames {
    names: u64,
    numbers: u64,
    days: IssueCounts,
}

impl NameLint {
    /// For the names of `axis`.
    pub(crate) fn new(axis: Axis) -> Self {
        NameLint {
            axis,
            seen: HashSet::new(),
            repeated: HashSet::new(),
            key: RandomState::new(),
            counts: std::array::from_fn(|_| IssueCounts::default()),
            numbering: Numbering::default(),
            numbers: NumericNames::default(),
        }
    }

    /// Examines the next name, in the order of the axis.
    pub(crate) fn see(&mut self, name: &str) {
        self.numbering.see(name);
        self.numbers.see(name);
        if self.is_second(name) {
            self.add(NameIssue::Duplicate, name);
        }
        if name.is_empty() {
            self.add(NameIssue::Empty, name);
            return;
        }
        if renamed_after(name).is_some_and(|earlier| self.was_seen(&earlier)) {
            self.add(NameIssue::Renamed, name);
        }
        if name.len() > LONGEST {
            self.add(NameIssue::Long, name);
        }
        if has_blanks_around(name) {
            self.add(NameIssue::Padded, name);
        }
        if has_unprintable(name) {
            self.add(NameIssue::Unprintable, name);
        }
        // Blanks are ignored: ` gene` is a heading as well.
        if let Some(issue) = self.resemblance(name.trim()) {
            self.add(issue, name);
        }
    }

    /// The findings, in a fixed order.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        self.tallied(|_| true)
            .chain(self.numbering.finding(self.axis))
            .collect()
    }

    /// What is reported without `--lint`: names that do not identify a gene or sample.
    pub(crate) fn ambiguities(&self) -> Vec<Finding> {
        self.tallied(NameIssue::is_ambiguity).collect()
    }

    fn tallied(&self, wanted: impl Fn(NameIssue) -> bool) -> impl Iterator<Item = Finding> {
        let tallied = NameIssue::ALL.into_iter().zip(&self.counts);
        tallied
            .filter(move |(issue, _)| wanted(*issue))
            .filter_map(|(issue, counts)| match (issue, self.axis) {
                (NameIssue::Date, Axis::Genes) => {
                    let dates = self.numbers.with_days(counts);
                    dates.finding(issue, self.axis)
                }
                _ => counts.finding(issue, self.axis),
            })
    }

    /// What else the name could be. A sample may be named after a day or a counter, a gene after a column.
    fn resemblance(&self, name: &str) -> Option<NameIssue> {
        let is_gene = self.axis == Axis::Genes;
        if is_missing(name) {
            Some(NameIssue::Missing)
        } else if is_float(name) {
            Some(NameIssue::Float)
        } else if is_gene && is_counter(name) {
            Some(NameIssue::Counter)
        } else if is_gene && is_date(name) {
            Some(NameIssue::Date)
        } else if !is_gene && is_heading(name) {
            Some(NameIssue::Heading)
        } else if !is_gene && is_path(name) {
            Some(NameIssue::Path)
        } else {
            None
        }
    }

    fn add(&mut self, issue: NameIssue, name: &str) {
        self.counts[issue as usize].add(name);
    }

    /// Whether the name comes for the second time, not for the third.
    fn is_second(&mut self, name: &str) -> bool {
        let fingerprint = self.key.hash_one(name);
        !self.seen.insert(fingerprint) && self.repeated.insert(fingerprint)
    }

    fn was_seen(&self, name: &str) -> bool {
        self.seen.contains(&self.key.hash_one(name))
    }
}

impl NumericNames {
    fn see(&mut self, name: &str) {
        self.names += 1;
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            self.numbers += 1;
            if is_day_number(name) {
                self.days.add(name);
            }
        }
    }

    /// Adds the days to `dates`, unless numbers are the names here, as Entrez ids are.
    fn with_days(&self, dates: &IssueCounts) -> IssueCounts {
        let mut dates = dates.clone();
        if self.numbers * 10 <= self.names {
            dates.merge(&self.days);
        }
        dates
    }
}

/// Whether all names so far are `gene_0`, `gene_1`, ..., which programs make up when they find no
/// names, or `0`, `1`, ..., the index of a table that has none.
#[derive(Debug, Default)]
enum Numbering {
    #[default]
    Unseen,
    Holds {
        prefix: String,
        names: u64,
    },
    Broken,
}

impl Numbering {
    fn see(&mut self, name: &str) {
        let holds = match self {
            Numbering::Unseen => {
                // `s0` and `day0` are real names.
                let prefix = name.strip_suffix('0');
                if let Some(prefix) = prefix.filter(|p| p.is_empty() || p.ends_with('_')) {
                    *self = Numbering::Holds {
                        prefix: prefix.to_string(),
                        names: 1,
                    };
                    return;
                }
                false
            }
            Numbering::Holds { prefix, names } => {
                let number = name.strip_prefix(prefix.as_str());
                let holds = number.is_some_and(|number| number == names.to_string());
                *names += 1;
                holds
            }
            Numbering::Broken => return,
        };
        if !holds {
            *self = Numbering::Broken;
        }
    }

    /// One name alone, `sample_0`, is no series.
    fn finding(&self, axis: Axis) -> Option<Finding> {
        let Numbering::Holds { prefix, names } = self else {
            return None;
        };
        let last = names.checked_sub(1).filter(|last| *last > 0)?;
        let noun = axis.noun();
        Some(Finding {
            code: format!("made-up-{noun}-names"),
            detail: format!("all {names} {noun} names are generated: {prefix}0 to {prefix}{last}"),
        })
    }
}

#[cfg(test)]
mod tests;
