//! What the first line and the columns are: judged together, once, before a row is read.
//!
//! A heading, a row of counts, a column of names and a column of row numbers can look the same when each is
//! looked at alone. What is not beyond doubt is an error that names the option which decides, so that a number
//! never becomes a name in silence, nor a quantity a sample.

pub(crate) mod columns;
pub(crate) mod first_lines;
pub(crate) mod header;
pub(crate) mod known_tables;
pub(crate) mod plan;
pub(crate) mod preamble;
pub(crate) mod row_samples;
pub(crate) mod separator;
pub(crate) mod validate;
pub(crate) mod wrong_format;

mod column_roles;

use crate::detect::columns::{Row, Sample, Values, is_gene_heading, is_unnamed, usual_width};
use crate::detect::header::{Alignment, HeaderRow, align};
use crate::detect::preamble::PreambleKind;
use crate::dialect::{HeaderShape, Layout, Trailing, listed};
use crate::number::{Notation, Reading};
use crate::options::{HeaderOption, ReadOptions};
use crate::problem::diagnostic::shell;
use crate::problem::finding::Finding;
use crate::problem::{MatrixError, quoted};
use column_roles::Columns;
use std::borrow::Cow;

/// All that is judged by.
pub(crate) struct Evidence<'e, 'a> {
    /// The first line that is no comment.
    pub(crate) first_line: &'e HeaderRow<'a>,
    /// Rows below it.
    pub(crate) rows: &'e Sample<'a>,
    /// The line of each of them.
    pub(crate) lines: &'e [u64],
    pub(crate) kind: PreambleKind,
    /// Rows as htseq-count writes them are among the first ones.
    pub(crate) has_htseq_rows: bool,
    /// The name of the file, without its ending.
    pub(crate) stem: &'e str,
    pub(crate) notation: &'e Notation,
    pub(crate) options: &'e ReadOptions,
}

/// What everything is.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Of every column.
    pub(crate) names: Vec<String>,
    pub(crate) header: HeaderShape,
    pub(crate) trailing: Trailing,
    /// Empty fields at the end of every row.
    pub(crate) trailing_fields: usize,
    /// The column of the gene names, from 0.
    pub(crate) gene: usize,
    /// The column of the first sample.
    pub(crate) first: usize,
    pub(crate) samples: usize,
    pub(crate) layout: Layout,
    /// The one column that was asked for.
    pub(crate) value_column: Option<usize>,
    /// The file is one sample.
    pub(crate) named_after_file: bool,
    pub(crate) findings: Vec<Finding>,
}

/// Judges the first line, the first column and the headings.
pub(crate) fn judge(evidence: &Evidence<'_, '_>) -> Result<Verdict, MatrixError> {
    evidence.refuse_title()?;
    if evidence.first_line_is_row()? {
        let first: Row<'_> = (evidence.first_line.names.iter())
            .map(|name| Cow::Borrowed(name.as_bytes()))
            .collect();
        let rows: Vec<Row<'_>> = std::iter::once(first)
            .chain(evidence.rows.iter().cloned())
            .collect();
        let names = evidence.made_up_names(&rows);
        let aligned = Alignment::of_rows(names.len());
        return Columns {
            evidence,
            names,
            rows: &rows,
            aligned,
            headless: true,
        }
        .judge();
    }
    let names = &evidence.first_line.names;
    let corner_is_value =
        (names.first()).is_some_and(|corner| known_tables::is_value_heading(corner));
    let corner_is_known = evidence.kind != PreambleKind::Table
        || !corner_is_value && known_tables::find(names).is_some();
    let aligned = align(
        names,
        evidence.rows,
        evidence.notation,
        evidence.options.header,
        corner_is_known,
    )?;
    let mut names = names.clone();
    if aligned.one_short {
        names.insert(0, String::new());
    }
    names.truncate(aligned.width);
    Columns {
        evidence,
        names,
        rows: evidence.rows,
        aligned,
        headless: false,
    }
    .judge()
}

impl Evidence<'_, '_> {
    /// A line with one field above rows of several is the title of a table.
    fn refuse_title(&self) -> Result<(), MatrixError> {
        let names = &self.first_line.names;
        let mut filled = names.iter().filter(|name| !name.trim().is_empty());
        let (Some(title), None) = (filled.next(), filled.next()) else {
            return Ok(());
        };
        if self.kind != PreambleKind::Table || self.options.header != HeaderOption::Auto {
            return Ok(());
        }
        let width = usual_width(self.rows, names.len());
        let is_heading = |row: &Row<'_>| {
            let words = row
                .iter()
                .skip(1)
                .filter(|field| self.notation.field(field).is_none());
            row.len() + 1 >= width && words.count() > 0
        };
        // R's heading of a single sample has one field as well.
        let rows_have_numbers = (1..width)
            .any(|column| Values::of(self.rows, column, self.notation).are_mostly_numbers());
        let below = self
            .rows
            .iter()
            .position(is_heading)
            .filter(|row| *row < 20 && rows_have_numbers);
        if below.is_none() && (names.len() > 1 || width < 3) {
            return Ok(());
        }
        let table = below.or((!self.rows.is_empty()).then_some(0));
        let skip = table
            .and_then(|row| self.lines.get(row))
            .map_or(1, |line| line - 1);
        let word = title.split_whitespace().next().unwrap_or(title);
        Err(self
            .first_line
            .problem(
                0,
                &format!("this line is no heading: it has 1 field, and the rows have {width}"),
                &format!(
                    "--skip {skip} begins with line {}; --comment {} passes over lines that begin so",
                    skip + 1,
                    shell(word.as_bytes())
                ),
            )
            .into())
    }

    /// Whether there is no heading.
    fn first_line_is_row(&self) -> Result<bool, MatrixError> {
        match self.options.header {
            HeaderOption::No => return Ok(true),
            HeaderOption::Yes | HeaderOption::Short => return Ok(false),
            HeaderOption::Auto => {}
        }
        match self.kind {
            PreambleKind::Star | PreambleKind::Htseq => return Ok(true),
            PreambleKind::Gct(_) | PreambleKind::Geo { .. } => return Ok(false),
            PreambleKind::Table => {}
        }
        let names = &self.first_line.names;
        let [corner, others @ ..] = names.as_slice() else {
            return Ok(false);
        };
        // One field short, it is as R writes it, whatever the samples are called.
        if others.is_empty() || usual_width(self.rows, names.len()) > names.len() {
            return Ok(false);
        }
        let numeric = |column: &usize| {
            self.rows.is_empty()
                || Values::of(self.rows, *column, self.notation).are_mostly_numbers()
        };
        let above: Vec<&String> = (1..names.len())
            .filter(numeric)
            .map(|column| &names[column])
            .collect();
        let is_number = |name: &&String| {
            matches!(
                self.notation.field(name.as_bytes()),
                Some(Reading::Number(_) | Reading::Infinite(_))
            )
        };
        let numbers: Vec<&String> = above.iter().copied().filter(is_number).collect();
        let words = above
            .iter()
            .filter(|name| self.notation.field(name.as_bytes()).is_none())
            .count();
        let first_column = Values::of(self.rows, 0, self.notation);
        if numbers.is_empty() || corner.trim().is_empty() {
            return Ok(false);
        }
        let is_whole = |name: &&String| name.trim().bytes().all(|byte| byte.is_ascii_digit());
        if is_corner_word(corner) && (words > 0 || above.iter().all(is_whole)) {
            return Ok(false);
        }
        if words == 0 && is_number(&corner) && first_column.are_numbers() {
            return Err(self.first_line.problem(
                0,
                "the first line and the first column hold numbers, as all others do: there are neither \
                 names of samples nor of genes",
                "--header no --gene-column 1 reads the first line as a row and the first column as names of \
                 genes, --header yes --gene-column 1 reads the first line as names of samples",
            ).into());
        }
        let is_like_names = self.looks_like_names(corner);
        if words > 0 {
            return match is_like_names && numbers.len() * 2 >= above.len() {
                true => Err(self.row_or_heading(corner, &numbers, true)),
                false => Ok(false),
            };
        }
        if names.len() <= 3 && self.has_htseq_rows && numbers.len() == above.len() {
            return Ok(true);
        }
        let whole: Option<Vec<u64>> = (numbers.iter())
            .map(|name| name.trim().parse().ok())
            .collect();
        let is_series = whole.is_some_and(|whole| {
            let steps = || whole.windows(2).map(|pair| pair[1].checked_sub(pair[0]));
            // Samples that are numbered, or patients in order.
            whole.len() > 1 && steps().all(|step| step == Some(1))
                || whole.len() >= 5 && steps().all(|step| step.is_some_and(|step| step > 0))
        });
        match is_series && numbers.len() == above.len() && !is_like_names {
            true => Ok(false),
            false => Err(self.row_or_heading(corner, &numbers, is_like_names)),
        }
    }

    fn row_or_heading(
        &self,
        corner: &str,
        numbers: &[&String],
        is_like_names: bool,
    ) -> MatrixError {
        let shown: Vec<String> = numbers.iter().map(|name| (*name).clone()).collect();
        let like = match is_like_names {
            true => format!(
                ", and it begins with {}, as the rows below do",
                quoted(corner.as_bytes())
            ),
            false => String::new(),
        };
        let at = self
            .first_line
            .names
            .iter()
            .position(|name| name == numbers[0])
            .unwrap_or(0);
        let column = usual_width(self.rows, 2).max(2);
        self.first_line.problem(
            at,
            &format!(
                "the first line looks like a row: where samples are named, it has numbers ({}){like}",
                listed(&shown)
            ),
            match column {
                2 => "--header no reads it as a row, --header yes as names; --layout htseq reads the output of \
                      htseq-count",
                _ => "--header no reads it as a row, --header yes as names",
            },
        ).into()
    }

    /// Whether many of the names in the first column have the letters and digits where `corner` has them.
    fn looks_like_names(&self, corner: &str) -> bool {
        let shape = shape_of(corner.as_bytes());
        let same = |row: &&Row<'_>| row.first().is_some_and(|name| shape_of(name) == shape);
        let count = self.rows.iter().filter(same).count();
        count > 0 && count * 3 >= self.rows.len()
    }

    /// Names of columns without any.
    fn made_up_names(&self, rows: &Sample<'_>) -> Vec<String> {
        let width = usual_width(rows, 0);
        let mut names = vec![String::new()];
        if self.kind == PreambleKind::Star {
            names.extend(["unstranded", "forward", "reverse"].map(String::from));
        } else if width == 2 {
            names.push(self.stem.to_string());
        } else {
            names.extend((1..width).map(|number| format!("column_{}", number + 1)));
        }
        names
    }
}

/// `A9` of `TP53` and `ABC1`: runs of capitals, small letters and digits, and everything else.
fn shape_of(name: &[u8]) -> Vec<u8> {
    let mut shape: Vec<u8> = name
        .iter()
        .map(|byte| match byte {
            b'0'..=b'9' => b'9',
            b'A'..=b'Z' => b'A',
            b'a'..=b'z' => b'a',
            other => *other,
        })
        .collect();
    shape.dedup();
    shape
}

/// Words above the names of genes, which no gene is called.
fn is_corner_word(corner: &str) -> bool {
    let heading = corner.trim().to_ascii_lowercase();
    let ends = ["_id", " id", ".id", "-id", "_ids"]
        .iter()
        .any(|end| heading.ends_with(end));
    is_gene_heading(corner)
        || is_unnamed(corner)
        || ends
        || [
            "x",
            "#",
            "id",
            "ids",
            "name",
            "names",
            "row",
            "rows",
            "row.names",
            "rownames",
            "index",
            "sample",
            "samples",
        ]
        .contains(&heading.as_str())
}
