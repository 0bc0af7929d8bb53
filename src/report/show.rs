//! One file in full, for `h5lift show`.
//!
//! The first lines are spelled as h5py prints the same facts, so that both can be compared.

use super::paint::{self, Painter, Tone};
use super::remarks::{self, needs_attention};
use super::terminal::TableStyle;
use super::{escape, quantity, words};
use crate::model::facts::{Carried, ExprFacts, Facts, Mark};
use crate::model::finding::Finding;
use crate::model::in_words::shape_text;
use crate::model::record::{ExprRecord, NamesRecord, Record};
use unicode_width::UnicodeWidthStr;

/// What `show` knows of a file beyond its row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ShowDetails {
    /// Names in the root, as `list(f)` gives them.
    pub datasets: Vec<String>,
    /// Names of the attributes of `/expr`, as `list(f['expr'].attrs)` gives them.
    pub expr_attributes: Vec<String>,
    /// Bytes of the values once decoded.
    pub raw_bytes: Option<u64>,
    /// h5lift's own marks in the root.
    pub mark: Option<Mark>,
    /// What else the file holds.
    pub carried: Carried,
    /// Length of the user block in bytes (0: none).
    pub user_block: u64,
}

impl ShowDetails {
    /// The details in facts, with the two lists that facts do not hold.
    pub fn of(facts: &Facts, datasets: Vec<String>, expr_attributes: Vec<String>) -> Self {
        ShowDetails {
            datasets,
            expr_attributes,
            raw_bytes: facts.expr.as_ref().map(ExprFacts::raw_bytes),
            mark: facts.mark.clone(),
            carried: facts.carried,
            user_block: facts.user_block,
        }
    }
}

/// The text about one file.
pub fn file(record: &Record, details: &ShowDetails, style: &TableStyle) -> String {
    let painter = Painter {
        colour: style.colour,
    };
    let mut text = as_h5py_prints(record, details);
    text.push('\n');
    let mut block = Block::default();
    block.add("File", &escape::path(record));
    block.painted(
        "State",
        painter.paint(
            paint::state(record.state, record.plan.action),
            record.state.word(),
        ) + &format!(", {}", escape::for_terminal(&record.reason)),
    );
    let bytes = quantity::count(record.bytes);
    block.add(
        "Size",
        &format!("{} ({bytes} bytes)", quantity::bytes(record.bytes)),
    );
    block.text("Modified", record.modified.as_deref());
    if let Some(expr) = &record.expr {
        describe_matrix(&mut block, expr, details.raw_bytes);
    }
    block.text("Gene names", record.genes.as_ref().map(names).as_deref());
    block.text(
        "Sample names",
        record.samples.as_ref().map(names).as_deref(),
    );
    block.text("Also holds", also_holds(details).as_deref());
    for finding in &record.findings {
        block.add("Note", &note(finding));
    }
    match &details.mark {
        Some(mark) => describe_mark(&mut block, mark),
        None => block.add("Digest", "none, h5lift did not write this file"),
    }
    block.painted("Plan", painter.paint(paint::deed(record), deed(record)));
    if needs_attention(record) {
        let cause = remarks::cause(record);
        if cause != record.reason {
            block.add("", &cause);
        }
        block.text("Help", remarks::help(record));
    } else {
        for step in &record.plan.steps {
            block.add("", step);
        }
    }
    text + &block.lines(painter)
}

/// `list(f)`, `list(f['expr'].attrs)`, and length and first of both lists of names.
fn as_h5py_prints(record: &Record, details: &ShowDetails) -> String {
    let mut text = format!("Datasets: {}\n", python_list(&details.datasets));
    if record.expr.is_some() {
        text += &format!(
            "Expression attrs: {}\n",
            python_list(&details.expr_attributes)
        );
    }
    for (axis, one, names) in [
        ("Genes", "gene", &record.genes),
        ("Samples", "sample", &record.samples),
    ] {
        if record.expr.is_none() && names.is_none() {
            continue;
        }
        match names {
            Some(names) => {
                text += &format!("{axis}: {}\n", names.count);
                if let Some(first) = names.first.first() {
                    text += &format!("First {one}: {}\n", escape::for_terminal(first));
                }
            }
            None => text += &format!("{axis}: no names\n"),
        }
    }
    text
}

fn describe_matrix(block: &mut Block, expr: &ExprRecord, raw_bytes: Option<u64>) {
    let shape = match expr.shape[..] {
        [genes, samples] => format!("{genes} genes x {samples} samples"),
        _ => shape_text(&expr.shape),
    };
    block.add(
        "Matrix",
        &format!("{} of {shape}, {}", expr.path, expr.dtype),
    );
    let storage = words::storage(expr.storage);
    match &expr.chunks {
        Some(chunks) => block.add("Storage", &format!("{storage}, {}", shape_text(chunks))),
        None => block.add("Storage", storage),
    }
    let filters = if expr.filters.is_empty() {
        "none".to_string()
    } else {
        expr.filters.join(", ")
    };
    block.add("Filters", &filters);
    let mut stored = quantity::bytes(expr.stored_bytes);
    if let Some(raw) = raw_bytes {
        stored += &format!(" of {} raw", quantity::bytes(raw));
        if let Some(change) = quantity::change(raw, expr.stored_bytes) {
            stored += &format!(" ({change})");
        }
    }
    block.add("Stored", &stored);
}

/// `20,000 in attribute+dataset, vlen-utf8: FBgn0000001, FBgn0000002, FBgn0000003 ... FBgn0020000`.
fn names(names: &NamesRecord) -> String {
    let mut text = format!(
        "{} in {}, {}",
        quantity::count(names.count),
        names.place.as_deref().unwrap_or(&names.source),
        names.text_type
    );
    if !names.first.is_empty() {
        text += &format!(": {}", names.first.join(", "));
    }
    let shown = u64::try_from(names.first.len()).unwrap_or(u64::MAX);
    if let Some(last) = names.last.as_ref().filter(|_| names.count > shown) {
        text += &format!(" ... {last}");
    }
    text
}

fn also_holds(details: &ShowDetails) -> Option<String> {
    let mut parts: Vec<String> = details
        .carried
        .kinds()
        .map(|(n, noun)| quantity::counted(n, noun))
        .collect();
    if details.user_block > 0 {
        parts.push(format!(
            "a user block of {}",
            quantity::bytes(details.user_block)
        ));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn note(finding: &Finding) -> String {
    format!("{} ({})", finding.detail, finding.code)
}

/// One sum a line: they do not fit beside each other.
fn describe_mark(block: &mut Block, mark: &Mark) {
    let version = mark.version.as_deref().unwrap_or("unknown");
    block.add("Written by", &format!("h5lift {version}"));
    for (n, part) in mark.digest.split(' ').enumerate() {
        block.add(if n == 0 { "Digest" } else { "" }, part);
    }
}

fn deed(record: &Record) -> &'static str {
    record
        .outcome
        .map_or(record.plan.action.word(), |o| o.word())
}

/// A list of strings as Python prints it.
fn python_list(items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|item| python_string(item)).collect();
    format!("[{}]", items.join(", "))
}

/// Python's `repr`: single quotes, double ones when only single ones occur inside.
fn python_string(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut shown = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c == quote => shown.extend(['\\', c]),
            c if escape::acts_on_display(c) => shown.push_str(&match u32::from(c) {
                code @ ..=0xff => format!("\\x{code:02x}"),
                code @ ..=0xffff => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            }),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

/// Lines of `Key:   value`, values in line.
#[derive(Debug, Default)]
struct Block {
    lines: Vec<(&'static str, String)>,
}

impl Block {
    fn add(&mut self, key: &'static str, value: &str) {
        self.painted(key, escape::for_terminal(value).into_owned());
    }

    fn text(&mut self, key: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(key, value);
        }
    }

    /// A value that is harmless already.
    fn painted(&mut self, key: &'static str, value: String) {
        self.lines.push((key, value));
    }

    fn lines(&self, painter: Painter) -> String {
        let widest = self.lines.iter().map(|(key, _)| key.width() + 1).max();
        let widest = widest.unwrap_or(0);
        let mut text = String::new();
        for (key, value) in &self.lines {
            let key = if key.is_empty() {
                String::new()
            } else {
                format!("{key}:")
            };
            let padding = " ".repeat(widest + 1 - key.width());
            text += &painter.paint(Tone::Quiet, &key);
            text += &padding;
            text += value;
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::model::state::State;

    fn strings(items: &[&str]) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_current_file() {
        let record = sample::current("new/a.h5");
        let details = ShowDetails {
            datasets: strings(&["expr", "gene_names", "sample_names"]),
            expr_attributes: strings(&["n_genes", "n_samples"]),
            raw_bytes: Some(40_000_000),
            mark: Some(Mark {
                conversion: None,
                digest: "h5lift-digest/1 values=01 genes=02 samples=03 rest=04".into(),
                version: Some("0.1.0".into()),
            }),
            carried: Carried {
                attributes: 2,
                groups: 1,
                ..Carried::default()
            },
            user_block: 0,
        };
        assert_eq!(
            file(&record, &details, &TableStyle::default()),
            "\
Datasets: ['expr', 'gene_names', 'sample_names']
Expression attrs: ['n_genes', 'n_samples']
Genes: 20000
First gene: FBgn0000001
Samples: 500
First sample: s1

File:         new/a.h5
State:        current, names are datasets
Size:         19.2 MiB (20,100,000 bytes)
Modified:     2026-02-13T10:00:00Z
Matrix:       /expr of 20000 genes x 500 samples, <f4
Storage:      chunked, 1250 x 32
Filters:      shuffle, gzip
Stored:       19.0 MiB of 38.1 MiB raw (2.01x smaller)
Gene names:   20,000 in dataset, vlen-utf8: FBgn0000001, FBgn0000002, FBgn0000003 ... FBgn0020000
Sample names: 500 in dataset, vlen-utf8: s1, s2, s3 ... s500
Also holds:   2 attributes, 1 group
Written by:   h5lift 0.1.0
Digest:       h5lift-digest/1
              values=01
              genes=02
              samples=03
              rest=04
Plan:         skip
"
        );
    }

    #[test]
    fn a_file_that_lost_its_names() {
        let mut record = sample::refused("archive/d.h5");
        record.outcome = None;
        record.expr = sample::legacy("x").expr;
        let details = ShowDetails {
            datasets: strings(&["expr"]),
            expr_attributes: strings(&["n_genes", "n_samples"]),
            ..ShowDetails::default()
        };
        assert_eq!(
            file(&record, &details, &TableStyle::default()),
            "\
Datasets: ['expr']
Expression attrs: ['n_genes', 'n_samples']
Genes: no names
Samples: no names

File:    archive/d.h5
State:   nameless, /expr is there, but gene_names is nowhere
Size:    1.2 GiB (1,288,490,188 bytes)
Matrix:  /expr of 20000 genes x 500 samples, <f4
Storage: chunked, 1250 x 32
Filters: shuffle, gzip
Stored:  19.0 MiB
Digest:  none, h5lift did not write this file
Plan:    refuse
Help:    the names are not in this file: keep it, and give them with --names-from, a matrix or a list
"
        );
    }

    #[test]
    fn a_file_without_a_matrix_says_so_in_few_lines() {
        let record = sample::skipped("r.h5", State::NotExpression, "no /expr in it");
        let details = ShowDetails {
            datasets: strings(&["corr"]),
            ..ShowDetails::default()
        };
        assert!(file(&record, &details, &TableStyle::default()).starts_with(
            "Datasets: ['corr']\n\nFile:   r.h5\nState:  not-expression, no /expr in it\n"
        ));
    }

    #[test]
    fn lists_are_spelled_as_python_spells_them() {
        for (items, list) in [
            (vec![], "[]"),
            (vec!["a b"], "['a b']"),
            (vec!["it's"], "[\"it's\"]"),
            (vec!["'\""], "['\\'\"']"),
            (
                vec!["a\\b\n\x1b\u{9b}\u{202e}\u{e0041}"],
                "['a\\\\b\\n\\x1b\\x9b\\u202e\\U000e0041']",
            ),
            (vec!["样本"], "['样本']"),
        ] {
            assert_eq!(python_list(&strings(&items)), list);
        }
    }

    #[test]
    fn nothing_from_the_file_acts_on_the_terminal() {
        let details = ShowDetails {
            datasets: strings(&["\x1b[2J"]),
            expr_attributes: strings(&["\u{202e}"]),
            mark: Some(Mark {
                conversion: None,
                digest: "\x07 \x08".into(),
                version: Some("\u{9b}".into()),
            }),
            ..ShowDetails::default()
        };
        for mut record in sample::every_row() {
            record.reason = "\x1b]0;x\x07".into();
            record.expr = sample::legacy("x").expr;
            if let Some(expr) = &mut record.expr {
                expr.dtype = "\x1b".into();
                expr.filters = strings(&["\x1b"]);
            }
            record.genes = Some(NamesRecord {
                source: "dataset".into(),
                place: None,
                count: 9,
                text_type: "\x1b".into(),
                first: strings(&["\n"]),
                last: Some("\r".into()),
            });
            let text = file(&record, &details, &TableStyle::default());
            assert!(
                !text.replace('\n', "").contains(escape::acts_on_display),
                "{text:?}"
            );
            assert!(!text.contains("\n\n\n"));
        }
    }
}
