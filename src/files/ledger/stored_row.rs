//! The row of a file, as a line of a ledger holds it.
//!
//! Rows of an archive differ in little but numbers, paths and names. What is left of a row without these is its *form*, the text
//! of a [`pattern`]. A ledger holds each form once, in a line before the first row of that form. Digests, names and findings are
//! beside the form, and a path that the line of a commit has in full is not repeated. When a ledger has as many forms as
//! it may have, a row of another form is stored as a whole.

use crate::model::digest::ContentDigest;
use crate::model::record::finding::Finding;
use crate::model::record::modified::{seconds_of, text_of};
use crate::model::record::outcome::Outcome;
use crate::model::record::pattern;
use crate::model::record::{NamesRecord, Record};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// They are all in memory.
const MOST_FORMS: usize = 4096;
/// Bytes of a form. A row without its numbers and names has some 1,200.
const LONGEST_FORM: usize = 16 << 10;

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StoredRow {
    /// One of a form.
    Row(Box<FormRow>),
    /// One without a form.
    Record(Box<Record>),
}

/// A row without what its form says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FormRow {
    /// The number of its form.
    form: u32,
    /// The numbers to put into it.
    numbers: Vec<u64>,
    #[serde(flatten)]
    path: RowPath,
    /// The path's bytes in hexadecimal, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    /// Modification time of the file, if it has one of 1970 or later: seconds since then and nanoseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<(i64, i32)>,
    /// What was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// Of the genes' names the last one and the first few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    genes: Option<Names>,
    /// The same of the samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    samples: Option<Names>,
    /// The four sums of the content digest (128 bytes) in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
}

type Names = Vec<Option<String>>;

/// The path of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum RowPath {
    /// As it was given.
    Path(String),
    /// That many bytes at the end of the line's `source`.
    Tail(usize),
}

/// The forms of a ledger.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forms {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
}

impl Forms {
    /// Adds the next one, as a line of a ledger gives it.
    pub(crate) fn push(&mut self, number: u32, text: String) -> Result<(), String> {
        if self.texts.len() == MOST_FORMS || text.len() > LONGEST_FORM {
            return Err("it has more forms, or longer ones, than h5lift writes".to_string());
        }
        if usize::try_from(number) != Ok(self.texts.len()) {
            return Err(format!(
                "form {number} is out of order: was a line removed or copied?"
            ));
        }
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        Ok(())
    }

    /// The number of a form, and whether it is new; `None` if no more forms are kept.
    fn number_of(&mut self, text: &str) -> Option<(u32, bool)> {
        if let Some(number) = self.numbers.get(text) {
            return Some((*number, false));
        }
        let number = u32::try_from(self.texts.len()).ok()?;
        self.push(number, text.to_string()).ok()?;
        Some((number, true))
    }

    /// A row for a line, in which `source` is the path of the file in full; also the number and text of its form, if the ledger does not have that yet.
    pub(crate) fn pack(
        &mut self,
        record: &Record,
        source: Option<&Path>,
    ) -> (StoredRow, Option<(u32, String)>) {
        self.pack_by_form(record, source)
            .unwrap_or_else(|| (StoredRow::Record(Box::new(record.clone())), None))
    }

    fn pack_by_form(
        &mut self,
        record: &Record,
        source: Option<&Path>,
    ) -> Option<(StoredRow, Option<(u32, String)>)> {
        let mut rest = record.clone();
        let path = std::mem::take(&mut rest.path);
        let is_tail = source.is_some_and(|source| ends_with(source, &path));
        // As text it would make a form of each number of its zeros.
        let modified = rest.modified.as_deref().and_then(seconds_of);
        if modified.is_some() {
            rest.modified = None;
        }
        let mut row = FormRow {
            form: 0,
            numbers: Vec::new(),
            path_bytes: rest.path_bytes.take(),
            modified,
            outcome: rest.outcome.take(),
            genes: take_names(&mut rest.genes),
            samples: take_names(&mut rest.samples),
            digest: rest.digest.take().map(|digest| base64_of(&digest)),
            findings: std::mem::take(&mut rest.findings),
            path: RowPath::Tail(path.len()),
        };
        let json = serde_json::to_string(&rest).ok()?;
        let form = pattern::take_out(&json, &path, &mut row.numbers);
        if !is_tail {
            row.path = RowPath::Path(path);
        }
        let (number, is_new) = self.number_of(&form)?;
        row.form = number;
        Some((
            StoredRow::Row(Box::new(row)),
            is_new.then_some((number, form)),
        ))
    }

    /// Whether the form of a row is there.
    pub(crate) fn check(&self, row: &StoredRow) -> Result<(), String> {
        match row {
            StoredRow::Row(row) => self.text(row.form).map(|_| ()),
            StoredRow::Record(_) => Ok(()),
        }
    }

    fn text(&self, form: u32) -> Result<&str, String> {
        let text = usize::try_from(form)
            .ok()
            .and_then(|form| self.texts.get(form));
        let text = text.ok_or_else(|| format!("its row is of form {form}, which is not there"))?;
        Ok(text)
    }

    /// The row of a line.
    pub(crate) fn unpack(&self, row: StoredRow, source: Option<&Path>) -> Result<Record, String> {
        let row = match row {
            StoredRow::Record(record) => return Ok(*record),
            StoredRow::Row(row) => *row,
        };
        let path = row
            .path
            .text(source)
            .ok_or("its path is not that of a file")?;
        let form = self.text(row.form)?;
        let json = pattern::put_back(form, &path, &mut row.numbers.into_iter());
        let record = json.and_then(|json| serde_json::from_str::<Record>(&json).ok());
        let mut record = record.ok_or_else(|| format!("it is not a row of form {}", row.form))?;
        record.path = path;
        record.path_bytes = row.path_bytes;
        if let Some(modified) = row.modified {
            record.modified = Some(text_of(modified).ok_or("its time is not a time")?);
        }
        record.outcome = row.outcome;
        put_names(&mut record.genes, row.genes);
        put_names(&mut record.samples, row.samples);
        record.digest = match row.digest {
            Some(text) => Some(digest_of(&text).ok_or("its digest is not a digest")?),
            None => None,
        };
        record.findings = row.findings;
        Ok(record)
    }
}

impl StoredRow {
    /// The path, and its bytes where the text loses some.
    pub(crate) fn path(&self, source: Option<&Path>) -> Result<(String, Option<&str>), String> {
        match self {
            StoredRow::Record(record) => Ok((record.path.clone(), record.path_bytes.as_deref())),
            StoredRow::Row(row) => {
                let path = row
                    .path
                    .text(source)
                    .ok_or("its path is not that of a file")?;
                Ok((path, row.path_bytes.as_deref()))
            }
        }
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self {
            StoredRow::Record(record) => record.outcome,
            StoredRow::Row(row) => row.outcome,
        }
    }
}

impl RowPath {
    fn text(&self, source: Option<&Path>) -> Option<String> {
        match self {
            RowPath::Path(path) => Some(path.clone()),
            RowPath::Tail(bytes) => {
                let source = source?.to_str()?;
                let start = source.len().checked_sub(*bytes)?;
                source.get(start..).map(str::to_string)
            }
        }
    }
}

fn ends_with(source: &Path, path: &str) -> bool {
    source.to_str().is_some_and(|source| source.ends_with(path))
}

fn take_names(names: &mut Option<NamesRecord>) -> Option<Names> {
    let names = names.as_mut()?;
    let last = names.last.take();
    let first = std::mem::take(&mut names.first);
    Some(
        std::iter::once(last)
            .chain(first.into_iter().map(Some))
            .collect(),
    )
}

fn put_names(names: &mut Option<NamesRecord>, texts: Option<Names>) {
    if let (Some(names), Some(texts)) = (names, texts) {
        let mut texts = texts.into_iter();
        names.last = texts.next().flatten();
        names.first = texts.flatten().collect();
    }
}

fn base64_of(digest: &ContentDigest) -> String {
    let ContentDigest {
        values,
        genes,
        samples,
        rest,
    } = digest;
    STANDARD_NO_PAD.encode([*values, *genes, *samples, *rest].as_flattened())
}

fn digest_of(text: &str) -> Option<ContentDigest> {
    let bytes = STANDARD_NO_PAD.decode(text).ok()?;
    let (sums, []) = bytes.as_chunks::<32>() else {
        return None;
    };
    let [values, genes, samples, rest] = *sums else {
        return None;
    };
    Some(ContentDigest {
        values,
        genes,
        samples,
        rest,
    })
}

#[cfg(test)]
mod tests;
