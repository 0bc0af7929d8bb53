//! What can be suspicious about a name: the code and the sentence of each kind, and the number of names.

use crate::model::layout::Axis;
use crate::model::lint::EXAMPLES;
use crate::model::lint::name_pattern::{has_blanks_around, has_unprintable};
use crate::model::record::finding::Finding;

/// Characters of a name that an example shows.
const SHOWN: usize = 60;

/// One kind of suspicious name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameIssue {
    Duplicate,
    Renamed,
    Empty,
    Missing,
    Heading,
    Counter,
    Float,
    Date,
    Path,
    Padded,
    Unprintable,
    Long,
}

impl NameIssue {
    /// All of them, in the order of a report.
    pub(crate) const ALL: [NameIssue; 12] = [
        NameIssue::Duplicate,
        NameIssue::Renamed,
        NameIssue::Empty,
        NameIssue::Missing,
        NameIssue::Heading,
        NameIssue::Counter,
        NameIssue::Float,
        NameIssue::Date,
        NameIssue::Path,
        NameIssue::Padded,
        NameIssue::Unprintable,
        NameIssue::Long,
    ];

    /// Whether this is reported without `--lint`: such a name does not identify a gene or sample.
    pub(crate) fn is_ambiguity(self) -> bool {
        matches!(self, NameIssue::Duplicate | NameIssue::Empty)
    }

    /// The word before `-gene-names` in a report: it never changes.
    fn word(self) -> &'static str {
        match self {
            NameIssue::Duplicate => "duplicate",
            NameIssue::Renamed => "renamed",
            NameIssue::Empty => "empty",
            NameIssue::Missing => "missing",
            NameIssue::Heading => "heading",
            NameIssue::Counter => "counter",
            NameIssue::Float => "float",
            NameIssue::Date => "date",
            NameIssue::Path => "path",
            NameIssue::Padded => "padded",
            NameIssue::Unprintable => "unprintable",
            NameIssue::Long => "long",
        }
    }

    /// The word for the names in a report. Duplicate and empty ones had none before `--lint` existed, and
    /// keep their text.
    fn subject(self, axis: Axis) -> String {
        match self {
            NameIssue::Duplicate | NameIssue::Empty => "name".to_string(),
            _ => format!("{} name", axis.noun()),
        }
    }

    /// The verb for one name, and for several.
    fn predicates(self) -> (&'static str, &'static str) {
        match self {
            NameIssue::Duplicate => ("occurs twice or more", "occur twice or more"),
            NameIssue::Renamed => (
                "looks like a duplicate that was renamed",
                "look like duplicates that were renamed",
            ),
            NameIssue::Empty => ("is empty", "are empty"),
            NameIssue::Missing => ("stands for a missing label", "stand for missing labels"),
            NameIssue::Heading => (
                "is the heading of another column",
                "are headings of other columns",
            ),
            NameIssue::Counter => (
                "is a counter of reads without a gene",
                "are counters of reads without a gene",
            ),
            NameIssue::Float => (
                "looks like a float, not like an id",
                "look like floats, not like ids",
            ),
            NameIssue::Date => (
                "looks like a date that a spreadsheet made",
                "look like dates that a spreadsheet made",
            ),
            NameIssue::Path => (
                "is the path of an alignment file",
                "are paths of alignment files",
            ),
            NameIssue::Padded => ("has blanks around it", "have blanks around them"),
            NameIssue::Unprintable => (
                "holds control or invisible characters",
                "hold control or invisible characters",
            ),
            NameIssue::Long => ("is longer than 255 bytes", "are longer than 255 bytes"),
        }
    }
}

/// How many names are suspicious in one way, and the first few different ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct IssueCounts {
    count: u64,
    examples: Vec<String>,
}

impl IssueCounts {
    pub(crate) fn add(&mut self, name: &str) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            let example = shown(name);
            if !self.examples.contains(&example) {
                self.examples.push(example);
            }
        }
    }

    /// Adds what another one counted.
    pub(crate) fn merge(&mut self, other: &IssueCounts) {
        self.count += other.count;
        self.examples.extend(other.examples.iter().cloned());
        self.examples.truncate(EXAMPLES);
    }

    /// `None` if there is nothing to report.
    pub(crate) fn finding(&self, issue: NameIssue, axis: Axis) -> Option<Finding> {
        let subject = issue.subject(axis);
        let (one, many) = issue.predicates();
        let mut detail = match self.count {
            0 => return None,
            1 => format!("1 {subject} {one}"),
            n => format!("{n} {subject}s {many}"),
        };
        if issue != NameIssue::Empty {
            detail.push_str(": ");
            detail.push_str(&self.examples.join(", "));
        }
        Some(Finding {
            code: format!("{}-{}-names", issue.word(), axis.noun()),
            detail,
        })
    }
}

/// A name in a sentence; in quotes where it would be invisible without them.
pub(crate) fn shown(name: &str) -> String {
    let quoted = name.is_empty() || has_blanks_around(name) || has_unprintable(name);
    let short = match name.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_string(),
    };
    if quoted { format!("{short:?}") } else { short }
}
