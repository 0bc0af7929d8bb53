//! One file in full, for `h5lift show`.
//!
//! The first lines are spelled as h5py prints the same facts, so that both can be compared.

pub(crate) mod block;
pub(crate) mod python;

use crate::model::facts::display::shape_text;
use crate::model::facts::{Carried, ExprFacts, Facts, Mark};
use crate::model::record::finding::Finding;
use crate::model::record::{ExprRecord, NamesRecord, Record};
use crate::report::notes;
use crate::report::notes::needs_attention;
use crate::report::show::block::Section;
use crate::report::style;
use crate::report::style::Painter;
use crate::report::terminal::TableStyle;
use crate::report::{escape, quantity, words};

/// What `show` prints of a file beyond its row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ShowDetails {
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
    pub(crate) fn of(facts: &Facts, datasets: Vec<String>, expr_attributes: Vec<String>) -> Self {
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
pub(crate) fn file(record: &Record, details: &ShowDetails, style: &TableStyle) -> String {
    let painter = Painter {
        colour: style.colour,
    };
    let mut text = as_h5py_prints(record, details);
    text.push('\n');
    let mut block = Section::default();
    block.add("File", &escape::path(record));
    block.painted(
        "State",
        painter.paint(
            style::state(record.state, record.plan.action),
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
    block.painted("Plan", painter.paint(style::deed(record), deed(record)));
    if needs_attention(record) {
        let cause = notes::cause(record);
        if cause != record.reason {
            block.add("", &cause);
        }
        block.text("Help", notes::help(record));
    } else {
        for step in &record.plan.steps {
            block.add("", step);
        }
    }
    text + &block.lines(painter)
}

/// `list(f)`, `list(f['expr'].attrs)`, and length and first element of both lists of names.
fn as_h5py_prints(record: &Record, details: &ShowDetails) -> String {
    let mut text = format!("Datasets: {}\n", python::list(&details.datasets));
    if record.expr.is_some() {
        text += &format!(
            "Expression attrs: {}\n",
            python::list(&details.expr_attributes)
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

fn describe_matrix(block: &mut Section, expr: &ExprRecord, raw_bytes: Option<u64>) {
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

/// One sum per line: two do not fit on one line.
fn describe_mark(block: &mut Section, mark: &Mark) {
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

#[cfg(test)]
mod tests;
