//! The decisions about a text, put together: the dialect to report, and how rows are read.

use crate::detect::first_lines::{FirstLines, Parts};
use crate::detect::header::HeaderRow;
use crate::detect::preamble::PreambleKind;
use crate::detect::{Evidence, Verdict, judge};
use crate::dialect::{Dialect, HeaderShape, Layout, Trailing, listed};
use crate::number::Notation;
use crate::options::{CommentOption, ReadOptions, SummaryRows};
use crate::problem::finding::Finding;
use crate::problem::{MatrixError, quoted};
use crate::rows::RowPlan;
use crate::rows::field::Marks;

/// Everything that is known before the first row.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) dialect: Dialect,
    pub(crate) rows: RowPlan,
    /// Where the first row begins, and its line.
    pub(crate) start: usize,
    pub(crate) line: u64,
    /// The number of rows that a GCT file claims.
    pub(crate) declared_rows: Option<u64>,
    /// A line marks the end of the table.
    pub(crate) ends_marked: bool,
    pub(crate) findings: Vec<Finding>,
}

/// A matrix without genes and without samples.
pub(crate) fn nothing(first: FirstLines<'_>, options: &ReadOptions) -> Plan {
    let marks = Marks {
        separator: options.separator.unwrap_or(b'\t'),
        quote: None,
        runs: false,
    };
    Plan {
        dialect: Dialect {
            layout: Layout::Plain,
            compression: first.compression,
            encoding: first.encoding,
            separator: marks.separator,
            aligned: false,
            quote: marks.quote,
            quotes_seen: false,
            decimal: options.decimal,
            header: HeaderShape::Absent,
            trailing: Trailing::None,
            skipped_lines: 0,
            gene_column: None,
            dropped_columns: Vec::new(),
            value_column: None,
            transposed: options.transpose,
            drops_summary_rows: false,
        },
        rows: RowPlan {
            marks,
            notation: Notation::of(options),
            comment: None,
            quote_is_given: false,
            width: 1,
            trailing: 0,
            gene: 0,
            first: 1,
            samples: Vec::new(),
            transposed: options.transpose,
            drop_summary_rows: false,
            max_problems: options.max_errors.max(1),
        },
        start: first.text.len(),
        line: 1,
        declared_rows: None,
        ends_marked: false,
        findings: Vec::new(),
    }
}

impl Parts<'_, '_> {
    /// Judges the first lines; `None` when more of them are needed.
    pub(crate) fn plan(self) -> Result<Option<Plan>, MatrixError> {
        let Some(header) = self.header()? else {
            return Ok(None);
        };
        let Some(below) = self.below(&header)? else {
            return Ok(None);
        };
        let Some(sampled) = self.sample(below)? else {
            return Ok(None);
        };
        if self.options.separator.is_some() && header.fields.len() == 1 {
            self.check_separates(&sampled.rows)?;
        }
        let verdict = judge(&Evidence {
            first_line: &header,
            rows: &sampled.rows,
            lines: &sampled.lines,
            kind: self.preamble.kind,
            has_htseq_rows: self.has_htseq_rows(),
            stem: self.first.stem,
            notation: &self.notation,
            options: self.options,
        })?;
        let is_headless = verdict.header == HeaderShape::Absent;
        if !is_headless && sampled.rows.is_empty() && !self.options.allow_empty {
            return Err(MatrixError::refused(
                "there is a header, and no row below it",
                "--allow-empty makes a matrix without genes of it",
            ));
        }
        let start = match is_headless {
            true => (self.preamble.start, self.preamble.line),
            false => below,
        };
        self.with(verdict, &header, start).map(Some)
    }

    fn with(
        self,
        mut verdict: Verdict,
        header: &HeaderRow<'_>,
        (start, line): (usize, u64),
    ) -> Result<Plan, MatrixError> {
        let first = verdict.first;
        let quote_is_given = self.quote_is_given();
        let mut samples = match verdict.named_after_file {
            true => vec![self.first.stem.to_string()],
            false => verdict.names[first..first + verdict.samples].to_vec(),
        };
        self.check_size_line(&verdict, &samples)?;
        let mut findings = Vec::new();
        // Fields of the header are one less where it is short.
        let short = usize::from(verdict.header == HeaderShape::OneShort);
        // Columns of a table that is turned round are genes, which may share a name.
        if !self.options.transpose {
            header.settle_duplicates(
                &mut samples,
                first - short.min(first),
                self.options.duplicates,
                self.options.max_errors,
                &mut findings,
            )?;
            note_names(&verdict, &samples, self.first.stem, &mut findings);
        }
        findings.append(&mut verdict.findings);
        let dialect = self.dialect(&verdict, header, line);
        Ok(Plan {
            rows: RowPlan {
                marks: self.marks,
                notation: self.notation,
                comment: match &self.options.comment {
                    CommentOption::Prefix(prefix) => Some(prefix.as_bytes().to_vec()),
                    CommentOption::Auto | CommentOption::None => None,
                },
                quote_is_given,
                width: verdict.names.len(),
                trailing: verdict.trailing_fields,
                gene: verdict.gene,
                first,
                samples,
                transposed: self.options.transpose,
                drop_summary_rows: dialect.drops_summary_rows,
                max_problems: self.options.max_errors.max(1),
            },
            dialect,
            start,
            line,
            declared_rows: match self.preamble.kind {
                PreambleKind::Gct(sizes) => Some(sizes.rows),
                _ => None,
            },
            ends_marked: self.preamble.kind == PreambleKind::Geo { marked: true },
            findings,
        })
    }
}

impl Parts<'_, '_> {
    /// A GCT file says how many samples it has.
    fn check_size_line(&self, verdict: &Verdict, samples: &[String]) -> Result<(), MatrixError> {
        match self.preamble.kind {
            PreambleKind::Gct(sizes)
                if sizes.samples != samples.len() && verdict.value_column.is_none() =>
            {
                Err(MatrixError::refused(
                    format!(
                        "the size line of the GCT file claims {} samples, and the header names {}",
                        sizes.samples,
                        samples.len()
                    ),
                    "correct the size line or the header; --skip 2 reads the table without the size line",
                ))
            }
            _ => Ok(()),
        }
    }

    /// How the text is written; `line` is the first one below the header.
    fn dialect(&self, verdict: &Verdict, header: &HeaderRow<'_>, line: u64) -> Dialect {
        let header_line = u64::from(verdict.header != HeaderShape::Absent);
        let samples = verdict.first..verdict.first + verdict.samples;
        let is_read = |column: usize| column == verdict.gene || samples.contains(&column);
        let dropped = (verdict.names.iter().enumerate())
            .filter(|(column, _)| !is_read(*column))
            .map(|(_, name)| name.clone())
            .collect();
        Dialect {
            layout: verdict.layout,
            compression: self.first.compression,
            encoding: self.first.encoding,
            separator: self.marks.separator,
            aligned: self.marks.runs,
            quote: self.marks.quote,
            quotes_seen: header.fields.iter().any(|field| field.quoted),
            decimal: self.options.decimal,
            header: verdict.header.clone(),
            trailing: verdict.trailing,
            skipped_lines: (line - 1).saturating_sub(header_line),
            gene_column: (verdict.gene > 0).then(|| verdict.names[verdict.gene].clone()),
            dropped_columns: dropped,
            value_column: verdict
                .value_column
                .map(|column| verdict.names[column].clone()),
            transposed: self.options.transpose,
            drops_summary_rows: match self.options.summary_rows {
                SummaryRows::Auto => matches!(
                    verdict.layout,
                    Layout::StarCounts | Layout::HtseqCounts | Layout::QuantTable { .. }
                ),
                SummaryRows::Keep => false,
                SummaryRows::Drop => true,
            },
        }
    }
}

/// What is odd about the names of the samples.
fn note_names(verdict: &Verdict, samples: &[String], stem: &str, findings: &mut Vec<Finding>) {
    let mut add = |code: &str, detail: String| findings.push(Finding::new(code, detail));
    let empty = samples.iter().filter(|name| name.is_empty()).count();
    match empty {
        0 => {}
        1 => add("empty-sample-names", "1 name is empty".to_string()),
        n => add("empty-sample-names", format!("{n} names are empty")),
    }
    if verdict.named_after_file {
        add(
            "sample-named-after-file",
            format!(
                "the file names no sample, so that it is called {}",
                quoted(stem.as_bytes())
            ),
        );
    } else if verdict.header == HeaderShape::Absent {
        add(
            "made-up-sample-names",
            format!(
                "the file names no samples, so that they are called {}",
                listed(samples)
            ),
        );
    }
}
