//! The heading: how it lies over the rows, and names of the samples, byte for byte.

use std::collections::{HashMap, HashSet};

use crate::detect::columns::{Sample, Values, is_gene_heading, usual_width};
use crate::dialect::{Trailing, listed};
use crate::number::Notation;
use crate::options::{Duplicates, HeaderOption};
use crate::problem::finding::Finding;
use crate::problem::{MatrixError, Spot, TextProblem, quoted};
use crate::rows::field::{Field, Marks, line_at};

/// The header's fields as text, and where they are.
pub(crate) struct HeaderRow<'a> {
    pub(crate) text: &'a [u8],
    /// Where it begins in `text`, and its line.
    pub(crate) start: usize,
    pub(crate) line: u64,
    pub(crate) fields: Vec<Field>,
    pub(crate) names: Vec<String>,
}

impl<'a> HeaderRow<'a> {
    /// Takes the fields of the line at `start`.
    pub(crate) fn read(
        text: &'a [u8],
        start: usize,
        line: u64,
        marks: Marks,
        fields: Vec<Field>,
    ) -> Result<Self, MatrixError> {
        let mut header = HeaderRow {
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
    pub(crate) fn problem(&self, index: usize, message: &str, help: &str) -> TextProblem {
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

/// How the header lies over the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alignment {
    /// Fields of a row, without empty ones at the end of every line.
    pub(crate) width: usize,
    /// The header names no column for the genes.
    pub(crate) one_short: bool,
    pub(crate) trailing: Trailing,
    /// How many fields at the end of every row are empty and have no heading.
    pub(crate) trailing_fields: usize,
}

impl Alignment {
    /// Rows without a header.
    pub(crate) fn of_rows(width: usize) -> Alignment {
        Alignment {
            width,
            one_short: false,
            trailing: Trailing::None,
            trailing_fields: 0,
        }
    }
}

/// Whether most rows of the usual length hold nothing from column `content` on.
fn are_mostly_empty(rows: &Sample<'_>, width: usize, content: usize) -> bool {
    let usual = || rows.iter().filter(|row| row.len() == width);
    let empty = usual().filter(|row| row[content..].iter().all(|field| field.is_empty()));
    empty.count() * 2 >= usual().count()
}

/// Compares the header with the rows. `corner_is_known`: the header certainly begins with the
/// column of the genes.
pub(crate) fn align(
    header: &[String],
    rows: &Sample<'_>,
    notation: &Notation,
    wanted: HeaderOption,
    corner_is_known: bool,
) -> Result<Alignment, MatrixError> {
    let named = header.len();
    // The first field stays: it is that of the genes, which is often empty.
    let unnamed = header[1.min(named)..]
        .iter()
        .rev()
        .take_while(|name| name.is_empty())
        .count();
    let content = named - unnamed;
    let width = usual_width(rows, named);
    let full = |width| Alignment::of_rows(width);
    let header_only = |width| Alignment {
        trailing: Trailing::Header,
        ..Alignment::of_rows(width)
    };
    let short = |width, trailing| Alignment {
        one_short: true,
        trailing,
        ..Alignment::of_rows(width)
    };
    // Fields at the end that are empty in all rows of the usual length.
    let empty = (rows.iter().filter(|row| row.len() == width))
        .map(|row| {
            row.iter()
                .rev()
                .take_while(|field| field.is_empty())
                .count()
        })
        .min()
        .unwrap_or(width);
    let aligned = match wanted {
        HeaderOption::Short if unnamed == 1 && width == named => short(named, Trailing::Header),
        HeaderOption::Short => short(named + 1, Trailing::None),
        _ if rows.is_empty() && unnamed > 0 => header_only(content),
        _ if rows.is_empty() => full(named),
        _ if unnamed > 0 && width == content => header_only(content),
        _ if unnamed > 1
            && content < width
            && width <= named
            && are_mostly_empty(rows, width, content) =>
        {
            Alignment {
                trailing: Trailing::Everywhere,
                trailing_fields: width - content,
                ..full(content)
            }
        }
        _ if unnamed > 0 && content < width && width <= named && empty > 0 => Alignment {
            trailing: Trailing::Everywhere,
            trailing_fields: empty.min(width - content),
            ..full(width - empty.min(width - content))
        },
        HeaderOption::Auto if unnamed == 1 && width == named => {
            return Err(MatrixError::refused(
                "the header ends in a separator and has as many fields as the rows: either the \
                 last sample has no name, or the genes' column has none",
                "say which: --header yes or --header short",
            ));
        }
        // Otherwise a separator at the end of the rows would shift all names by one.
        HeaderOption::Auto if width == named + 1 && empty == 0 => {
            let first = header.first().map_or("", String::as_str);
            // R writes a table with a column of genes so, its own row names in front of it.
            let is_data_frame = width > 2
                && Values::of(rows, 0, notation).are_numbers()
                && Values::of(rows, 1, notation).are_words();
            if is_data_frame || !corner_is_known && !is_gene_heading(first) {
                short(width, Trailing::None)
            } else {
                return Err(MatrixError::refused(
                    format!(
                        "the rows have {width} fields and the header {named}, but it begins with \
                         `{first}`, which looks like the name of the genes' column and not of \
                         the first sample"
                    ),
                    "if the row names are missing in the header: --header short; otherwise name \
                     every column",
                ));
            }
        }
        // What does not fit is reported row by row.
        _ => full(named),
    };
    Ok(aligned)
}

/// `S`, `S.1`, `S.2`, ..., without making new duplicates.
pub(crate) fn add_suffixes(samples: &mut [String], again: impl Iterator<Item = usize>) {
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
