//! Rows to bytes. Every exporter is a pure function: it opens nothing, prints nothing and depends only on its arguments, so
//! the same report gives the same bytes.
//!
//! | module | what it makes |
//! |---|---|
//! | [`terminal`] | the table for people, with [`summary`] at its end |
//! | [`show`] | one file in full |
//! | [`json`] | the whole report as one document, or one row as one line |
//! | [`html`] | a page with pictures and a table of all rows |
//! | [`multiqc`] | a section of a MultiQC report |
//! | [`list`] | paths for `--files-from` |
//! | [`tsv`] | one row per line, for `cut`, `awk` and data frames |
//!
//! The parts below them: [`escape`] (nothing from a file reaches a terminal unescaped), [`quantity`] (bytes, durations and counts as
//! text), [`columns`] (aligned rows), [`notes`] (lines below a row), [`causes`] and [`folders`] (rows in groups), [`shorten`], [`style`] (colours by
//! meaning), [`words`].

pub(crate) mod causes;
pub(crate) mod columns;
pub(crate) mod escape;
pub(crate) mod folders;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod list;
pub(crate) mod multiqc;
pub(crate) mod notes;
pub(crate) mod places;
pub(crate) mod quantity;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod shorten;
pub(crate) mod show;
pub(crate) mod style;
pub(crate) mod summary;
pub(crate) mod terminal;
pub(crate) mod tsv;
pub(crate) mod words;

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// A table for people.
    #[default]
    Table,
    /// One document.
    Json,
    /// One row per line, as JSON.
    Jsonl,
    /// One row per line, as fields between tabs.
    Tsv,
}

impl Format {
    /// Every format, in the order in which the help lists them.
    pub(crate) const ALL: [Format; 4] = [Format::Table, Format::Json, Format::Jsonl, Format::Tsv];

    /// The word on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Tsv => "tsv",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Format::ALL
            .into_iter()
            .find(|format| format.word() == text)
            .ok_or_else(|| "expected table, json, jsonl or tsv".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for format in Format::ALL {
            assert_eq!(format.word().parse(), Ok(format));
        }
        assert!("html".parse::<Format>().is_err());
    }
}
