//! Which column holds the genes, which are annotation and which are samples.

use super::{Evidence, Verdict};
use crate::detect::columns::{
    Sample, Values, is_ambiguous, is_annotation, is_gene_heading, is_id_heading, is_position,
    is_unnamed, leading_annotation, trailing_annotation,
};
use crate::detect::header::Alignment;
use crate::detect::known_tables;
use crate::detect::known_tables::{Form, KnownTable};
use crate::detect::preamble::PreambleKind;
use crate::dialect::{HeaderShape, Layout, Trailing, listed};
use crate::options::LayoutOption;
use crate::problem::diagnostic::shell;
use crate::problem::finding::Finding;
use crate::problem::{MatrixError, quoted};

/// The columns, once it is known whether they have headings.
pub(super) struct Columns<'c, 'e, 'a> {
    pub(super) evidence: &'c Evidence<'e, 'a>,
    pub(super) names: Vec<String>,
    pub(super) rows: &'c Sample<'c>,
    pub(super) aligned: Alignment,
    pub(super) headless: bool,
}

impl Columns<'_, '_, '_> {
    pub(super) fn judge(self) -> Result<Verdict, MatrixError> {
        let options = self.evidence.options;
        let kind = self.evidence.kind;
        if options.transpose && kind != PreambleKind::Table {
            return Err(MatrixError::refused(
                "files of this kind have genes in rows and samples in columns",
                "leave --transpose out",
            ));
        }
        let guess = options.layout == LayoutOption::Auto
            && kind == PreambleKind::Table
            && !self.headless
            && !options.transpose;
        let known = guess.then(|| known_tables::find(&self.names)).flatten();
        if guess {
            self.refuse_other_tables(known)?;
        }
        let mut findings = Vec::new();
        let gene = self.gene_column(known, &mut findings)?;
        let feature_counts = guess && known_tables::is_feature_counts(&self.names);
        let (first, end) = self.samples(gene, feature_counts, known.is_some())?;
        let known = known.filter(|known| self.is_still(known, gene, first, end));
        if let (Some(known), None) = (known, &options.value_column) {
            return Err(known.refusal(&self.names, gene));
        }
        let value_column = self.only_value_column(gene, &mut findings)?;
        let text = first.saturating_sub(gene + 1);
        let layout = self.layout(known, feature_counts, end.saturating_sub(first), text);
        if value_column.is_none() {
            self.note_dropped(gene, first, end, &mut findings);
            if first >= end {
                return Err(self.nothing_left());
            }
        }
        let dropped = match (self.aligned.trailing, self.aligned.trailing_fields) {
            (Trailing::Header, _) => {
                Some("the header ends in a separator, which was ignored".to_string())
            }
            (_, 0) => None,
            (_, 1) => Some("1 empty column at the end was dropped".to_string()),
            (_, n) => Some(format!("{n} empty columns at the end were dropped")),
        };
        findings.extend(dropped.map(|detail| Finding::new("empty-columns", detail)));
        let one_sample = matches!(
            layout,
            Layout::StarCounts | Layout::HtseqCounts | Layout::QuantTable { .. }
        );
        let (first, samples) = match value_column {
            Some(column) => (column, 1),
            None => (first, end - first),
        };
        Ok(Verdict {
            header: match (self.headless, self.aligned.one_short) {
                (true, _) => HeaderShape::Absent,
                (false, true) => HeaderShape::OneShort,
                (false, false) => HeaderShape::Full {
                    corner: self.names.first().cloned().unwrap_or_default(),
                },
            },
            trailing: self.aligned.trailing,
            trailing_fields: self.aligned.trailing_fields,
            names: self.names,
            gene,
            first,
            named_after_file: one_sample && samples == 1,
            samples,
            layout,
            value_column,
            findings,
        })
    }

    /// The one column that is read of a table of a single sample, if there are several.
    fn only_value_column(
        &self,
        gene: usize,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<usize>, MatrixError> {
        match (&self.evidence.options.value_column, self.evidence.kind) {
            (Some(wanted), _) => self.value_column(wanted, gene).map(Some),
            (None, PreambleKind::Star) if self.names.len() > 1 => {
                findings.push(Finding::new(
                    "assumed-unstranded",
                    "the unstranded counts of STAR were taken; --value-column forward or reverse takes the \
                     others",
                ));
                Ok(Some(1))
            }
            (None, _) => Ok(None),
        }
    }

    /// `text`: how many columns between the genes and the samples are dropped.
    fn layout(
        &self,
        known: Option<&KnownTable>,
        feature_counts: bool,
        samples: usize,
        text: usize,
    ) -> Layout {
        match self.evidence.kind {
            PreambleKind::Gct(sizes) if sizes.version == 2 => Layout::Gct12,
            PreambleKind::Gct(_) => Layout::Gct13,
            PreambleKind::Geo { .. } => Layout::GeoSeries,
            PreambleKind::Star => Layout::StarCounts,
            PreambleKind::Htseq => Layout::HtseqCounts,
            PreambleKind::Table => match known {
                Some(known) => Layout::QuantTable {
                    program: known.source,
                },
                None if feature_counts => Layout::FeatureCounts,
                None if self.headless && !self.evidence.options.transpose && samples == 1 => {
                    Layout::HtseqCounts
                }
                None if text > 0 => Layout::LeadingTextColumns { count: text },
                None => Layout::Plain,
            },
        }
    }

    fn values(&self, column: usize) -> Values {
        Values::of(self.rows, column, self.evidence.notation)
    }

    /// Tables that are known by more than their headings.
    fn refuse_other_tables(&self, known: Option<&KnownTable>) -> Result<(), MatrixError> {
        if known_tables::is_feature_counts_summary(&self.names, self.rows) {
            return Err(MatrixError::refused(
                "this is the summary of featureCounts: its rows are numbers of reads, not genes",
                "convert the table of counts beside it",
            ));
        }
        if !self.evidence.options.transpose
            && known.is_none()
            && known_tables::is_depmap(&self.names, self.rows)
        {
            return Err(MatrixError::refused(
                "this is a table of DepMap: cell lines are its rows and genes its columns",
                "--transpose reads it with genes as rows",
            ));
        }
        Ok(())
    }

    /// Whether such a table is refused, whatever was asked for: options may leave its quantities out.
    fn is_still(&self, known: &KnownTable, gene: usize, first: usize, end: usize) -> bool {
        let options = self.evidence.options;
        if options.value_column.is_some()
            || options.text_columns.is_none() && options.gene_column.is_none()
        {
            return true;
        }
        let behind = first > gene && first < end;
        known.form != Form::Statistics
            || !behind
            || self.names[first..end].iter().any(|name| known.claims(name))
    }

    /// The column that names the genes.
    fn gene_column(
        &self,
        known: Option<&KnownTable>,
        findings: &mut Vec<Finding>,
    ) -> Result<usize, MatrixError> {
        if let Some(wanted) = &self.evidence.options.gene_column {
            return column(&self.names, wanted, "--gene-column", 0);
        }
        if self.evidence.kind != PreambleKind::Table {
            return Ok(0);
        }
        if let Some(known) = known {
            return Ok(known.gene_column(&self.names));
        }
        let heading = self.names.first().map_or("", String::as_str);
        // What is only text needs no further look.
        let values = self.values(0);
        let is_named = !self.headless && is_gene_heading(heading);
        let names_behind =
            (1..self.names.len()).find(|column| !self.values(*column).are_mostly_numbers());
        if !self.headless && is_position(heading) {
            return Err(self.first_is_position(heading));
        }
        if values.numbers + values.words == 0
            && values.missing > 1
            && !is_named
            && !is_id_heading(heading)
            && self.are_empty(0)
        {
            return Err(self.no_genes("the first column is empty", names_behind));
        }
        if !values.are_numbers() || is_named && values.may_be_ids {
            return Ok(0);
        }
        self.beside_numbers(&values, heading, names_behind, findings)
    }

    fn first_is_position(&self, heading: &str) -> MatrixError {
        let gene = self.names.iter().position(|name| is_gene_heading(name));
        MatrixError::refused(
            format!(
                "the first column is {}, which names no genes",
                quoted(heading.as_bytes())
            ),
            match gene {
                Some(gene) => format!(
                    "--gene-column {} takes their names from there",
                    shell(self.names[gene].as_bytes())
                ),
                None => "if a column names the regions: --gene-column NAME; otherwise write one before the \
                         first column"
                    .to_string(),
            },
        )
    }

    /// The column that names the genes, where the first one holds numbers: they may be ids, or numbers of rows in front of
    /// the names.
    fn beside_numbers(
        &self,
        values: &Values,
        heading: &str,
        names_behind: Option<usize>,
        findings: &mut Vec<Finding>,
    ) -> Result<usize, MatrixError> {
        let shown = quoted(heading.as_bytes());
        if self.headless || !values.whole {
            let what = match (self.headless, heading.is_empty()) {
                (true, _) | (_, true) => {
                    "the first column holds numbers, which name no genes".to_string()
                }
                _ => format!("the first column, {shown}, holds numbers, which name no genes"),
            };
            return Err(self.no_genes(&what, names_behind));
        }
        let is_index = is_unnamed(heading) || values.counts_rows;
        if let Some(gene) = names_behind
            && is_index
            && self.values(gene).are_words()
        {
            if values.counts_rows && is_gene_heading(&self.names[gene]) {
                findings.push(Finding::new(
                    "row-numbers",
                    format!(
                        "the first column numbers the rows and was dropped; the genes are named by column \
                         {} ({})",
                        gene + 1,
                        self.names[gene]
                    ),
                ));
                return Ok(gene);
            }
            let what = match values.counts_rows {
                true => "the first column numbers the rows",
                false => "the first column holds numbers, and a column of names follows",
            };
            return Err(self.no_genes(what, Some(gene)));
        }
        if values.counts_rows {
            return Err(self.no_genes(
                "the first column numbers the rows, and no column names genes",
                names_behind,
            ));
        }
        if !(is_unnamed(heading) || is_id_heading(heading)) || values.repeats {
            return Err(self.no_genes(
                &format!("the first column, {shown}, holds numbers as the others do, and no column names genes"),
                names_behind,
            ));
        }
        Ok(0)
    }

    fn are_empty(&self, column: usize) -> bool {
        self.rows
            .iter()
            .all(|row| row.get(column).is_none_or(|field| field.is_empty()))
    }

    fn no_genes(&self, reason: &str, names: Option<usize>) -> MatrixError {
        let option = |column: usize| match self.names[column].trim() {
            "" => format!("--gene-column {}", column + 1),
            name if self.headless => format!(
                "--header no --gene-column {}",
                column + usize::from(name.is_empty()) + 1
            ),
            name => format!("--gene-column {}", shell(name.as_bytes())),
        };
        let first = match self.headless {
            true => "--header no --gene-column 1",
            false => "--gene-column 1",
        };
        let help = match names {
            Some(column) => format!(
                "{} takes the names of column {}; {first} takes the numbers as names",
                option(column),
                column + 1
            ),
            None => format!(
                "{first} takes the numbers as names of genes; a table without names of genes cannot be read"
            ),
        };
        MatrixError::refused(reason, help)
    }

    /// The columns of the samples, from the first to the one behind the last.
    fn samples(
        &self,
        gene: usize,
        feature_counts: bool,
        is_known: bool,
    ) -> Result<(usize, usize), MatrixError> {
        let (names, rows, notation) = (&self.names, self.rows, self.evidence.notation);
        let width = names.len();
        if let Some(count) = self.evidence.options.text_columns {
            return Ok(((gene + 1).saturating_add(count).min(width), width));
        }
        let leading = match self.evidence.kind {
            PreambleKind::Gct(sizes) => {
                return Ok(((gene + 1 + sizes.gene_columns).min(width), width));
            }
            PreambleKind::Star => 0,
            // Attributes that were asked for follow the lengths.
            PreambleKind::Table if feature_counts => {
                leading_annotation(names, rows, gene, notation).max(5 - gene.min(5))
            }
            PreambleKind::Table | PreambleKind::Geo { .. } | PreambleKind::Htseq => {
                leading_annotation(names, rows, gene, notation)
            }
        };
        let first = gene + 1 + leading;
        let end = width - trailing_annotation(names, rows, first, notation);
        if self.evidence.options.value_column.is_some() || self.headless || is_known {
            return Ok((first.min(end), end));
        }
        if first >= end && gene > 1 {
            // The genes are named behind the samples.
            let first = (0..gene)
                .take_while(|column| self.is_no_sample(*column))
                .count();
            return Ok((first, gene));
        }
        if let Some(lost) = (0..gene).find(|column| !self.is_no_sample(*column))
            && first < end
        {
            return Err(MatrixError::refused(
                format!(
                    "column {} ({}) holds numbers and comes before the column of genes",
                    lost + 1,
                    quoted(names[lost].as_bytes())
                ),
                "--text-columns 0 reads the columns behind the genes only; otherwise move the column of genes to \
                 the front",
            ));
        }
        if let Some(column) = (first..end).find(|column| is_annotation(&names[*column])) {
            return Err(MatrixError::refused(
                format!(
                    "column {} ({}) describes genes and is between samples",
                    column + 1,
                    quoted(names[column].as_bytes())
                ),
                format!("--text-columns {leading} reads it as a sample; otherwise remove it"),
            ));
        }
        // A table of one sample has no other column.
        if first + 1 < end && is_ambiguous(&names[first]) && !self.evidence.options.transpose {
            return Err(MatrixError::refused(
                format!(
                    "column {} ({}) may describe genes or be a sample",
                    first + 1,
                    quoted(names[first].as_bytes())
                ),
                format!(
                    "--text-columns {} drops it, --text-columns {leading} reads it as a sample",
                    leading + 1
                ),
            ));
        }
        Ok((first, end))
    }

    /// Row numbers, text or annotation.
    fn is_no_sample(&self, column: usize) -> bool {
        let values = self.values(column);
        is_annotation(&self.names[column])
            || !values.are_mostly_numbers()
            || column == 0
                && values.whole
                && (is_unnamed(&self.names[column]) || values.counts_rows)
    }

    fn value_column(&self, wanted: &str, gene: usize) -> Result<usize, MatrixError> {
        let found = column(&self.names, wanted, "--value-column", gene)?;
        if found == gene {
            return Err(MatrixError::refused(
                format!("column {wanted} names the genes"),
                format!("there are {}", listed(&self.names)),
            ));
        }
        Ok(found)
    }

    fn note_dropped(&self, gene: usize, first: usize, end: usize, findings: &mut Vec<Finding>) {
        let mut note = |columns: &[String], place: &str| {
            let (count, were) = match columns.len() {
                0 => return,
                1 => ("1 column".to_string(), "was"),
                n => (format!("{n} columns"), "were"),
            };
            findings.push(Finding::new(
                "dropped-columns",
                format!("{count} {place} {were} not taken over: {}", listed(columns)),
            ));
        };
        let names = &self.names;
        if gene < first {
            note(&names[gene + 1..first], "between the genes and the samples");
            note(&names[end..], "behind the samples");
        } else {
            note(&names[..first], "before the samples");
        }
    }

    fn nothing_left(&self) -> MatrixError {
        MatrixError::refused(
            match self.names.len() {
                0 | 1 => "there is a column of genes and none of a sample".to_string(),
                _ => format!(
                    "no column is left for samples: {} would be text about genes",
                    listed(&self.names[1..])
                ),
            },
            "--sep says what separates the fields, --text-columns how many columns behind the genes are no \
             samples",
        )
    }
}

/// The column of that name or, when none has it, of that number, from 1. `gene` is no answer by name.
fn column(names: &[String], wanted: &str, option: &str, gene: usize) -> Result<usize, MatrixError> {
    let is_value = option == "--value-column";
    let candidates = || (0..names.len()).filter(|index| !is_value || *index != gene);
    let mut named = candidates().filter(|index| names[*index] == wanted);
    if let Some(found) = named.next() {
        if named.next().is_some() {
            return Err(MatrixError::refused(
                format!("several columns are called {}", quoted(wanted.as_bytes())),
                format!("give its number with {option}, counted from 1"),
            ));
        }
        return Ok(found);
    }
    let shown: Vec<String> = candidates().map(|index| names[index].clone()).collect();
    match wanted.parse::<usize>() {
        Ok(number) if (1..=names.len()).contains(&number) => Ok(number - 1),
        _ => Err(MatrixError::refused(
            format!("no column is called {}", quoted(wanted.as_bytes())),
            format!("there are {}", listed(&shown)),
        )),
    }
}
