//! Facts as a person reads them in the middle of a sentence.

use crate::model::facts::MatrixElsewhere;
use crate::model::facts::names::{NamesProblem, Unit};
use crate::model::names::joined::Notation;

/// `20000 x 500`, or `(scalar)`.
pub(crate) fn shape_text(shape: &[u64]) -> String {
    if shape.is_empty() {
        return "(scalar)".to_string();
    }
    let numbers: Vec<String> = shape.iter().map(u64::to_string).collect();
    numbers.join(" x ")
}

/// `a matrix with names elsewhere: /brain/expr (20 x 8)`, as many as a person would read.
pub(crate) fn matrices_text(matrices: &[MatrixElsewhere]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = matrices
        .iter()
        .take(SHOWN)
        .map(|matrix| {
            let lacks = matrix
                .lacks
                .map(|axis| format!(", no {} names", axis.noun()));
            format!(
                "{} ({}{})",
                matrix.path,
                shape_text(&matrix.shape),
                lacks.unwrap_or_default()
            )
        })
        .collect();
    if matrices.len() > SHOWN {
        shown.push(format!("{} more", matrices.len() - SHOWN));
    }
    match matrices.len() {
        1 => format!("a matrix with names elsewhere: {}", shown.join(", ")),
        n => format!("{n} matrices with names elsewhere: {}", shown.join(", ")),
    }
}

/// A problem with a list of names, as the end of a sentence.
pub(crate) fn problem_text(problem: &NamesProblem) -> String {
    match problem {
        NamesProblem::NotText { dtype } => format!("of type {dtype}, not text"),
        NamesProblem::OneString { parts } => one_string(parts),
        NamesProblem::Ambiguous { ways } => {
            let ways: Vec<String> = ways.iter().map(Notation::to_string).collect();
            format!(
                "one string, and {} split it into names that fit",
                ways.join(" as well as ")
            )
        }
        NamesProblem::Pickle => "a pickle, which is a program and is never run".to_string(),
        NamesProblem::PartMissing { name } => format!("incomplete: {name} is missing"),
        NamesProblem::NotAList { shape } => {
            format!("an array of shape {}, not a list", shape_text(shape))
        }
        NamesProblem::NeverWritten { missing, of, .. } if missing == of => {
            "empty: its names were never written".to_string()
        }
        NamesProblem::NeverWritten { missing, of, unit } => {
            let unit = match unit {
                Unit::Chunks => "chunks",
                Unit::Names => "names",
            };
            format!("not all there: {missing} of {of} {unit} were never written")
        }
        NamesProblem::Table { fields } if fields.is_empty() => {
            "a table without a field of text".to_string()
        }
        NamesProblem::Table { fields } => format!(
            "a table with {} fields of text ({})",
            fields.len(),
            fields.join(", ")
        ),
        NamesProblem::Quantity { attribute } => {
            format!("a list of quantities, as its attribute {attribute} says, not of names")
        }
        NamesProblem::NotUtf8 {
            index,
            offset,
            shown,
        } => {
            let number = index.saturating_add(1);
            format!("not UTF-8: name {number} ({shown}) has an undecodable byte at offset {offset}")
        }
        NamesProblem::ContainsNul { index } => {
            let number = index.saturating_add(1);
            format!("not storable as text: name {number} contains a NUL byte")
        }
    }
}

/// `one string, not a list of names that fits: 4 between commas`.
fn one_string(parts: &[(Notation, u64)]) -> String {
    if parts.is_empty() {
        return "one string, not a list of names".to_string();
    }
    let parts: Vec<String> = parts
        .iter()
        .map(|(notation, n)| match notation {
            bracketed if bracketed.is_bracketed() => format!("{n} in {bracketed}"),
            separators => format!("{n} between {separators}"),
        })
        .collect();
    format!(
        "one string, not a list of names that fits: {}",
        parts.join(", ")
    )
}
