//! Names of the samples, byte for byte.

use std::collections::{HashMap, HashSet};

use crate::dialect::listed;
use crate::field::{Field, Marks, line_at};
use crate::finding::Finding;
use crate::options::Duplicates;
use crate::problem::{MatrixError, Problem, Spot, quoted};

/// The header's fields as text, and where they are.
pub(crate) struct Header<'a> {
    pub(crate) text: &'a [u8],
    /// Where it begins in `text`, and its line.
    pub(crate) start: usize,
    pub(crate) line: u64,
    pub(crate) fields: Vec<Field>,
    pub(crate) names: Vec<String>,
}

impl<'a> Header<'a> {
    /// Takes the fields of the line at `start`.
    pub(crate) fn read(
        text: &'a [u8],
        start: usize,
        line: u64,
        marks: Marks,
        fields: Vec<Field>,
    ) -> Result<Self, MatrixError> {
        let mut header = Header {
            text,
            start,
            line,
            fields,
            names: Vec::new(),
        };
        for index in 0..header.fields.len() {
            let content = marks.content(text, &header.fields[index]).into_owned();
            let wrong = |message: &str, help: &str| {
                let problem = header.problem(index, message, help);
                Err(MatrixError::from(problem))
            };
            if content.contains(&0) {
                return wrong(
                    "a zero byte within a sample name",
                    "HDF5 ends a name there: remove it",
                );
            }
            match String::from_utf8(content) {
                Ok(name) => header.names.push(name),
                Err(_) => {
                    return wrong(
                        "a sample name that is not UTF-8",
                        "say what it is, for example --encoding latin1",
                    );
                }
            }
        }
        Ok(header)
    }

    /// Something is wrong with field `index`.
    pub(crate) fn problem(&self, index: usize, message: &str, help: &str) -> Problem {
        let spot = self.fields.get(index).map_or(0..0, |field| {
            field.content.start - self.start..field.content.end - self.start
        });
        Spot {
            line: line_at(self.text, self.start),
            number: self.line,
            bytes: spot,
            field: index as u64 + 1,
        }
        .problem(message, help)
    }

    /// Deals with samples of the same name; `first` is the field of the first one.
    pub(crate) fn settle_duplicates(
        &self,
        samples: &mut [String],
        first: usize,
        wish: Duplicates,
        max_problems: usize,
        findings: &mut Vec<Finding>,
    ) -> Result<(), MatrixError> {
        let mut seen: HashMap<&str, usize> = HashMap::with_capacity(samples.len());
        let mut again = Vec::new();
        for (index, name) in samples.iter().enumerate() {
            match seen.get(name.as_str()) {
                Some(before) => again.push((index, *before)),
                None => {
                    seen.insert(name, index);
                }
            }
        }
        if again.is_empty() {
            return Ok(());
        }
        if wish == Duplicates::Error {
            let problems = again
                .iter()
                .take(max_problems.max(1))
                .map(|(index, before)| {
                    self.problem(
                        first + index,
                        &format!(
                            "sample {} occurs twice: fields {} and {}",
                            quoted(samples[*index].as_bytes()),
                            first + before + 1,
                            first + index + 1
                        ),
                        "rename one, or --duplicates keep, or --duplicates suffix",
                    )
                });
            return Err(MatrixError::Problems {
                problems: problems.collect(),
                more: again.len() > max_problems,
            });
        }
        let mut names: Vec<String> = again.iter().map(|(at, _)| samples[*at].clone()).collect();
        names.sort();
        names.dedup();
        let mut detail = match names.len() {
            1 => format!("1 name occurs twice or more: {}", names[0]),
            n => format!("{n} names occur twice or more: {}", listed(&names)),
        };
        if wish == Duplicates::Suffix {
            add_suffixes(samples, again.iter().map(|(index, _)| *index));
            detail.push_str("; the later ones were given a suffix");
        }
        findings.push(Finding::new("duplicate-sample-names", detail));
        Ok(())
    }
}

/// `S`, `S.1`, `S.2`, ..., without making new duplicates.
fn add_suffixes(samples: &mut [String], again: impl Iterator<Item = usize>) {
    let mut taken: HashSet<String> = samples.iter().cloned().collect();
    let mut next: HashMap<String, usize> = HashMap::new();
    for index in again {
        let base = samples[index].clone();
        let number = next.entry(base.clone()).or_insert(1);
        let name = loop {
            let name = format!("{base}.{number}");
            *number += 1;
            if taken.insert(name.clone()) {
                break name;
            }
        };
        samples[index] = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_avoid_names_that_are_there() {
        let mut samples = ["S", "S", "S.1", "S", "T", "S.1"].map(String::from);
        add_suffixes(&mut samples, [1, 3, 5].into_iter());
        assert_eq!(samples, ["S", "S.2", "S.1", "S.3", "T", "S.1.1"]);
    }
}
