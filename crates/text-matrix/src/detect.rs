//! What the first line and the columns are: judged together, once, before a row is read.
//!
//! A heading, a row of counts, a column of names and a column of row numbers can look the same when each is
//! looked at alone. What is not beyond doubt is an error that names the option which decides, so that a number
//! never becomes a name in silence, nor a quantity a sample.

use crate::columns::{
    Row, Sample, Values, is_annotation, is_gene_heading, is_id_heading, is_position, is_unnamed,
    leading_annotation, trailing_annotation, usual_width,
};
use crate::diagnostic::shell;
use crate::dialect::{HeaderShape, Layout, Trailing, listed};
use crate::finding::Finding;
use crate::header::{Alignment, Header, align};
use crate::known_tables;
use crate::known_tables::{Form, KnownTable};
use crate::number::{Notation, Reading};
use crate::options::{HeaderOption, LayoutOption, ReadOptions};
use crate::preamble::Kind;
use crate::problem::{MatrixError, quoted};
use std::borrow::Cow;

/// All that is judged by.
pub(crate) struct Evidence<'e, 'a> {
    /// The first line that is no comment.
    pub(crate) first_line: &'e Header<'a>,
    /// Rows below it.
    pub(crate) rows: &'e Sample<'a>,
    /// The line of each of them.
    pub(crate) lines: &'e [u64],
    pub(crate) kind: Kind,
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
    let corner_is_known = evidence.kind != Kind::Table || known_tables::find(names).is_some();
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
        if self.kind != Kind::Table || self.options.header != HeaderOption::Auto {
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
            Kind::Star | Kind::Htseq => return Ok(true),
            Kind::Gct(_) | Kind::Geo { .. } => return Ok(false),
            Kind::Table => {}
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
        if self.kind == Kind::Star {
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

/// The columns, once it is known whether they have headings.
struct Columns<'c, 'e, 'a> {
    evidence: &'c Evidence<'e, 'a>,
    names: Vec<String>,
    rows: &'c Sample<'c>,
    aligned: Alignment,
    headless: bool,
}

impl Columns<'_, '_, '_> {
    fn judge(self) -> Result<Verdict, MatrixError> {
        let options = self.evidence.options;
        let kind = self.evidence.kind;
        if options.transpose && kind != Kind::Table {
            return Err(MatrixError::refused(
                "files of this kind have genes in rows and samples in columns",
                "leave --transpose out",
            ));
        }
        let guess = options.layout == LayoutOption::Auto
            && kind == Kind::Table
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
        let value_column = match (&options.value_column, kind) {
            (Some(wanted), _) => Some(self.value_column(wanted, gene)?),
            (None, Kind::Star) if self.names.len() > 1 => {
                findings.push(Finding::new(
                    "assumed-unstranded",
                    "the unstranded counts of STAR were taken; --value-column forward or reverse takes the \
                     others",
                ));
                Some(1)
            }
            (None, _) => None,
        };
        let text = first.saturating_sub(gene + 1);
        let layout = match kind {
            Kind::Gct(sizes) if sizes.version == 2 => Layout::Gct12,
            Kind::Gct(_) => Layout::Gct13,
            Kind::Geo { .. } => Layout::GeoSeries,
            Kind::Star => Layout::StarCounts,
            Kind::Htseq => Layout::HtseqCounts,
            Kind::Table => match known {
                Some(known) => Layout::QuantTable {
                    program: known.source,
                },
                None if feature_counts => Layout::FeatureCounts,
                None if self.headless && !self.evidence.options.transpose && end - first == 1 => {
                    Layout::HtseqCounts
                }
                None if text > 0 => Layout::LeadingTextColumns { count: text },
                None => Layout::Plain,
            },
        };
        if value_column.is_none() {
            self.note_dropped(gene, first, end, &mut findings);
            if first >= end {
                return Err(self.nothing_left());
            }
        }
        if self.aligned.trailing_fields > 1 {
            findings.push(Finding::new(
                "empty-columns",
                format!(
                    "{} empty columns at the end were dropped",
                    self.aligned.trailing_fields
                ),
            ));
        }
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
        if self.evidence.kind != Kind::Table {
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
            let gene = self.names.iter().position(|name| is_gene_heading(name));
            return Err(MatrixError::refused(
                format!(
                    "the first column is {}, which names no genes",
                    quoted(heading.as_bytes())
                ),
                match gene {
                    Some(gene) => format!("--gene-column {} takes their names from there", shell(self.names[gene].as_bytes())),
                    None => "if a column names the regions: --gene-column NAME; otherwise write one before the \
                             first column".to_string(),
                },
            ));
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
            Kind::Gct(sizes) => return Ok(((gene + 1 + sizes.gene_columns).min(width), width)),
            Kind::Star => 0,
            // Attributes that were asked for follow the lengths.
            Kind::Table if feature_counts => {
                leading_annotation(names, rows, gene, notation).max(5 - gene.min(5))
            }
            Kind::Table | Kind::Geo { .. } | Kind::Htseq => {
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
            let count = match columns.len() {
                0 => return,
                1 => "1 column".to_string(),
                n => format!("{n} columns"),
            };
            findings.push(Finding::new(
                "dropped-columns",
                format!("{count} {place} were not taken over: {}", listed(columns)),
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
