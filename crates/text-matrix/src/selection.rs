//! Which columns are read as values.

use crate::columns::{Sample, leading_text};
use crate::dialect::{Layout, listed};
use crate::finding::Finding;
use crate::known_tables;
use crate::number::Notation;
use crate::options::{LayoutOption, ReadOptions};
use crate::preamble::Kind;
use crate::problem::MatrixError;
use crate::rows::Selection;

/// The layout, and what follows from it.
pub(crate) struct Chosen {
    pub(crate) layout: Layout,
    pub(crate) selection: Selection,
    pub(crate) findings: Vec<Finding>,
}

/// Chooses among the columns `names`, of which the first is that of the genes.
pub(crate) fn choose(
    names: &[String],
    rows: &Sample<'_>,
    kind: Kind,
    headless: bool,
    notation: &Notation,
    options: &ReadOptions,
) -> Result<Chosen, MatrixError> {
    let program = (options.layout == LayoutOption::Auto)
        .then(|| known_tables::program(names))
        .flatten();
    let feature_counts =
        options.layout == LayoutOption::Auto && known_tables::is_feature_counts(names);
    let text = match options.text_columns {
        Some(count) => count,
        None => match kind {
            Kind::Gct(sizes) => sizes.gene_columns,
            Kind::Star => 0,
            // Attributes that were asked for stand behind the lengths.
            Kind::Table if feature_counts => leading_text(names, rows, notation).max(5),
            Kind::Table | Kind::Geo { .. } | Kind::Htseq => leading_text(names, rows, notation),
        },
    };
    let first = text.saturating_add(1);
    let layout = match kind {
        Kind::Gct(sizes) if sizes.version == 2 => Layout::Gct12,
        Kind::Gct(_) => Layout::Gct13,
        Kind::Geo { .. } => Layout::GeoSeries,
        Kind::Star => Layout::StarCounts,
        Kind::Htseq => Layout::HtseqCounts,
        Kind::Table => match program {
            Some(program) => Layout::QuantTable { program },
            None if feature_counts => Layout::FeatureCounts,
            None if headless && names.len() - first.min(names.len()) == 1 => Layout::HtseqCounts,
            None if text > 0 => Layout::LeadingTextColumns { count: text },
            None => Layout::Plain,
        },
    };
    let mut findings = Vec::new();
    let selection = match (&options.value_column, layout) {
        (Some(wanted), _) => Selection::Only(column(names, wanted)?),
        (None, Layout::QuantTable { program }) => {
            return Err(MatrixError::refused(
                format!(
                    "this is a table of {program} for one sample: its columns are quantities \
                     ({}), not samples",
                    listed(&names[1..])
                ),
                "say which quantity with --value-column; the matrix of many samples is made by \
                 tximport or the like",
            ));
        }
        (None, Layout::StarCounts) => {
            findings.push(Finding::new(
                "assumed-unstranded",
                "the unstranded counts of STAR were taken; --value-column forward or reverse \
                 takes the others",
            ));
            Selection::Only(1)
        }
        (None, _) => Selection::From(first),
    };
    let (Selection::From(least) | Selection::Only(least)) = selection;
    if least >= names.len() {
        return Err(MatrixError::refused(
            match names.len() {
                0 | 1 => "there is a column of genes and none of a sample".to_string(),
                _ => format!(
                    "no column is left for samples: {} would be text about genes",
                    listed(&names[1..])
                ),
            },
            "--sep says what separates the fields, --text-columns how many columns behind the \
             genes are no samples",
        ));
    }
    if let (Selection::From(first), true) = (selection, text > 0) {
        findings.push(Finding::new(
            "dropped-columns",
            format!(
                "{} between the genes and the samples were not taken over: {}",
                if text == 1 {
                    "1 column".to_string()
                } else {
                    format!("{text} columns")
                },
                listed(&names[1..first])
            ),
        ));
    }
    Ok(Chosen {
        layout,
        selection,
        findings,
    })
}

/// The column of that name or, when none has it, of that number, from 1.
fn column(names: &[String], wanted: &str) -> Result<usize, MatrixError> {
    let mut named = (1..names.len()).filter(|index| names[*index] == wanted);
    if let Some(found) = named.next() {
        if named.next().is_some() {
            return Err(MatrixError::refused(
                format!("several columns are called `{wanted}`"),
                "give its number with --value-column, counted from 1",
            ));
        }
        return Ok(found);
    }
    match wanted.parse::<usize>() {
        Ok(number) if (2..=names.len()).contains(&number) => Ok(number - 1),
        _ => Err(MatrixError::refused(
            format!("no column is called `{wanted}`"),
            format!("there are {}", listed(&names[1..])),
        )),
    }
}
