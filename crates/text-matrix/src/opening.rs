//! The decisions, put together: the dialect to report and the plan to read by.

use crate::columns;
use crate::columns::{Alignment, usual_width};
use crate::dialect::{Dialect, HeaderShape, Layout, Trailing, listed};
use crate::field::Marks;
use crate::finding::Finding;
use crate::head::{Head, Sniffer};
use crate::header::Header;
use crate::known_tables;
use crate::number::Notation;
use crate::options::{CommentOption, ReadOptions, SummaryRows};
use crate::preamble::Kind;
use crate::problem::{MatrixError, quoted};
use crate::rows::{RowPlan, Selection};
use crate::selection::choose;

/// Everything that is known before the first row.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) dialect: Dialect,
    pub(crate) plan: RowPlan,
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
pub(crate) fn nothing(head: Head<'_>, options: &ReadOptions) -> Opening {
    let marks = Marks {
        separator: options.separator.unwrap_or(b'\t'),
        quote: None,
    };
    Opening {
        dialect: Dialect {
            layout: Layout::Plain,
            compression: head.compression,
            encoding: head.encoding,
            separator: marks.separator,
            quote: marks.quote,
            quotes_seen: false,
            decimal: options.decimal,
            header: HeaderShape::Absent,
            trailing: Trailing::None,
            skipped_lines: 0,
            dropped_columns: Vec::new(),
            value_column: None,
            drops_summary_rows: false,
        },
        plan: RowPlan {
            marks,
            notation: Notation::new(options.decimal, &options.na),
            comment: None,
            width: 1,
            trailing: false,
            selection: Selection::From(1),
            samples: Vec::new(),
            drop_summary_rows: false,
            max_problems: options.max_errors.max(1),
        },
        start: head.text.len(),
        line: 1,
        declared_rows: None,
        ends_marked: false,
        findings: Vec::new(),
    }
}

/// Names of columns, and how they lie over the rows.
pub(crate) struct Table {
    /// Of every column, that of the genes first.
    pub(crate) names: Vec<String>,
    pub(crate) shape: HeaderShape,
    pub(crate) trailing: Trailing,
    /// Where the first row begins, and its line.
    pub(crate) start: usize,
    pub(crate) line: u64,
}

impl Sniffer<'_> {
    /// Names for columns that have none.
    pub(crate) fn headless(
        &self,
        rows: &columns::Sample<'_>,
        (start, line): (usize, u64),
    ) -> Table {
        let width = usual_width(rows, 0);
        let mut names = vec![String::new()];
        if self.preamble.kind == Kind::Star {
            names.extend(["unstranded", "forward", "reverse"].map(String::from));
        } else if width == 2 {
            names.push(self.head.stem.to_string());
        } else {
            names.extend((1..width).map(|number| format!("column_{}", number + 1)));
        }
        Table {
            names,
            shape: HeaderShape::Absent,
            trailing: Trailing::None,
            start,
            line,
        }
    }

    pub(crate) fn headed(
        &self,
        header: &Header<'_>,
        rows: &columns::Sample<'_>,
        (start, line): (usize, u64),
    ) -> Result<Table, MatrixError> {
        let corner_is_known = self.preamble.kind != Kind::Table
            || known_tables::program(&header.names).is_some()
            || known_tables::is_feature_counts(&header.names);
        let Alignment {
            width,
            one_short,
            trailing,
        } = columns::align(&header.names, rows, self.options.header, corner_is_known)?;
        let mut names = header.names.clone();
        let shape = if one_short {
            names.insert(0, String::new());
            HeaderShape::OneShort
        } else {
            HeaderShape::Full {
                corner: names.first().cloned().unwrap_or_default(),
            }
        };
        names.truncate(width);
        Ok(Table {
            names,
            shape,
            trailing,
            start,
            line,
        })
    }

    pub(crate) fn opening(
        mut self,
        table: Table,
        header: &Header<'_>,
        rows: &columns::Sample<'_>,
    ) -> Result<Opening, MatrixError> {
        let width = table.names.len();
        let chosen = choose(
            &table.names,
            rows,
            self.preamble.kind,
            table.shape == HeaderShape::Absent,
            &self.notation,
            self.options,
        )?;
        let value_column = match chosen.selection {
            Selection::Only(index) => Some(table.names[index].clone()),
            Selection::From(_) => None,
        };
        let one_file_one_sample = matches!(
            chosen.layout,
            Layout::StarCounts | Layout::HtseqCounts | Layout::QuantTable { .. }
        );
        let first = match chosen.selection {
            Selection::From(first) | Selection::Only(first) => first,
        };
        let mut samples = match chosen.selection {
            Selection::From(_) if one_file_one_sample && width - first == 1 => {
                vec![self.head.stem.to_string()]
            }
            Selection::From(first) => table.names[first..].to_vec(),
            Selection::Only(_) if one_file_one_sample => vec![self.head.stem.to_string()],
            Selection::Only(index) => vec![table.names[index].clone()],
        };
        if let Kind::Gct(sizes) = self.preamble.kind
            && sizes.samples != samples.len()
        {
            return Err(MatrixError::refused(
                format!(
                    "the second line claims {} samples, and the header names {}",
                    sizes.samples,
                    samples.len()
                ),
                "the header or the second line is wrong",
            ));
        }
        // Fields of the header are one less where it is short.
        let short = usize::from(table.shape == HeaderShape::OneShort);
        header.settle_duplicates(
            &mut samples,
            first - short,
            self.options.duplicates,
            self.options.max_errors,
            &mut self.findings,
        )?;
        self.note_names(&table, &samples, one_file_one_sample);
        self.findings.extend(chosen.findings);
        let drop_summary_rows = match self.options.summary_rows {
            SummaryRows::Auto => {
                matches!(chosen.layout, Layout::StarCounts | Layout::HtseqCounts)
            }
            SummaryRows::Keep => false,
            SummaryRows::Drop => true,
        };
        let header_line = u64::from(table.shape != HeaderShape::Absent);
        let dropped = match chosen.selection {
            Selection::From(first) => table.names[1..first].to_vec(),
            Selection::Only(index) => {
                let mut others = table.names[1..].to_vec();
                others.remove(index - 1);
                others
            }
        };
        let quote = self.marks.quote;
        let quotes_seen = header.fields.iter().any(|field| field.quoted);
        Ok(Opening {
            dialect: Dialect {
                layout: chosen.layout,
                compression: self.head.compression,
                encoding: self.head.encoding,
                separator: self.marks.separator,
                quote,
                quotes_seen,
                decimal: self.options.decimal,
                header: table.shape,
                trailing: table.trailing,
                skipped_lines: (table.line - 1).saturating_sub(header_line),
                dropped_columns: dropped,
                value_column,
                drops_summary_rows: drop_summary_rows,
            },
            plan: RowPlan {
                marks: self.marks,
                notation: self.notation,
                comment: match &self.options.comment {
                    CommentOption::Prefix(prefix) => Some(prefix.as_bytes().to_vec()),
                    CommentOption::Auto | CommentOption::None => None,
                },
                width,
                trailing: table.trailing == Trailing::Everywhere,
                selection: chosen.selection,
                samples,
                drop_summary_rows,
                max_problems: self.options.max_errors.max(1),
            },
            start: table.start,
            line: table.line,
            declared_rows: match self.preamble.kind {
                Kind::Gct(sizes) => Some(sizes.rows),
                _ => None,
            },
            ends_marked: self.preamble.kind == Kind::Geo { marked: true },
            findings: self.findings,
        })
    }

    /// What is suspicious about the names of the samples.
    fn note_names(&mut self, table: &Table, samples: &[String], named_after_file: bool) {
        let mut add = |code: &str, detail: String| self.findings.push(Finding::new(code, detail));
        let empty = samples.iter().filter(|name| name.is_empty()).count();
        match empty {
            0 => {}
            1 => add("empty-sample-names", "1 name is empty".to_string()),
            n => add("empty-sample-names", format!("{n} names are empty")),
        }
        if named_after_file {
            let name = quoted(self.head.stem.as_bytes());
            add(
                "sample-named-after-file",
                format!("the file names no sample, so that it is called {name}"),
            );
        } else if table.shape == HeaderShape::Absent {
            add(
                "made-up-sample-names",
                format!(
                    "the file names no samples, so that they are called {}",
                    listed(samples)
                ),
            );
        }
    }
}
