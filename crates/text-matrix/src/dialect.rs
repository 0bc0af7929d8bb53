//! How one matrix is written: what was detected, or requested, before the first row.

use crate::input::encoding::Encoding;
use crate::input::source::Compression;

/// The program that writes a matrix like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Gene names, then one column for each sample.
    Plain,
    /// The Broad Institute's GCT 1.2: sizes, and a description behind each name.
    Gct12,
    /// GCT 1.3: any number of descriptions of genes and of samples.
    Gct13,
    /// featureCounts: five columns of annotation behind the gene names.
    FeatureCounts,
    /// The table of a GEO series matrix.
    GeoSeries,
    /// Gene names, then other text about the genes, as nf-core and tximport write.
    LeadingTextColumns {
        /// Number of columns before the values, the gene column among them.
        count: usize,
    },
    /// STAR's `ReadsPerGene.out.tab`: no header, counts by three rules.
    StarCounts,
    /// htseq-count: no header, gene and count.
    HtseqCounts,
    /// One sample, its columns quantities of one kind each.
    QuantTable {
        /// Salmon, kallisto, RSEM or StringTie.
        program: &'static str,
    },
}

impl Layout {
    fn sentence(self) -> Option<String> {
        Some(match self {
            Layout::Plain | Layout::LeadingTextColumns { .. } => return None,
            Layout::Gct12 => "GCT 1.2".to_string(),
            Layout::Gct13 => "GCT 1.3".to_string(),
            Layout::FeatureCounts => "output of featureCounts".to_string(),
            Layout::GeoSeries => "a GEO series matrix".to_string(),
            Layout::StarCounts => "gene counts of STAR, one sample".to_string(),
            Layout::HtseqCounts => "output of htseq-count, one sample".to_string(),
            Layout::QuantTable { program } => format!("output of {program}, one sample"),
        })
    }
}

/// The header, compared with the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderShape {
    /// As many fields as the rows; the first one stands above the gene names.
    Full {
        /// Text of the header above the gene column, often empty.
        corner: String,
    },
    /// One field fewer than the rows, as R's `write.table` writes it.
    OneShort,
    /// The first line is a row.
    Absent,
}

/// How the matrix is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// The program that writes like this.
    pub layout: Layout,
    /// How the file is compressed.
    pub compression: Compression,
    /// How its bytes are text.
    pub encoding: Encoding,
    /// Byte between two fields.
    pub separator: u8,
    /// Several separators in a row are one: the columns are aligned with blanks.
    pub aligned: bool,
    /// What may enclose a field.
    pub quote: Option<u8>,
    /// Whether the header uses it.
    pub quotes_seen: bool,
    /// Byte of the decimal mark, `.` or `,`.
    pub decimal: u8,
    /// The header, compared with the rows.
    pub header: HeaderShape,
    /// Separators at the end: of the header only, or of every line.
    pub trailing: Trailing,
    /// Lines before the first row that are not read.
    pub skipped_lines: u64,
    /// The column of the gene names, if it is not the first one.
    pub gene_column: Option<String>,
    /// Columns that are not read, by name, in order.
    pub dropped_columns: Vec<String>,
    /// The one column that is read, by name, when it is only one.
    pub value_column: Option<String>,
    /// Rows are samples, and columns genes.
    pub transposed: bool,
    /// Rows that are no genes are dropped.
    pub drops_summary_rows: bool,
}

/// Separators at the ends of lines without a field after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trailing {
    /// None.
    None,
    /// One at the end of the header, which means nothing.
    Header,
    /// One at the end of every line.
    Everywhere,
}

impl Dialect {
    /// What was decided, in plain sentences; the first one is always there.
    pub fn describe(&self) -> Vec<String> {
        let mut said = vec![match self.aligned {
            true => "columns aligned with blanks".to_string(),
            false => format!("{}-separated", separator_word(self.separator)),
        }];
        let mut say = |sentence: String| said.push(sentence);
        if let Some(sentence) = self.layout.sentence() {
            say(sentence);
        }
        match self.compression {
            Compression::None => {}
            Compression::Gzip => say("compressed with gzip".to_string()),
            Compression::Bgzip => say("compressed with bgzip".to_string()),
            Compression::Zstd => say("compressed with zstd".to_string()),
        }
        match self.encoding {
            Encoding::Utf8 => {}
            Encoding::Utf16Le | Encoding::Utf16Be => say("the text is UTF-16".to_string()),
            Encoding::Latin1 => say("the text is read as latin-1".to_string()),
        }
        match self.quote {
            Some(quote) if self.quotes_seen => {
                say(format!("fields may be quoted with {}", char::from(quote)));
            }
            Some(_) => {}
            None => say("quotes are characters as any other".to_string()),
        }
        if self.decimal != b'.' {
            say("the decimal mark is a comma".to_string());
        }
        match &self.header {
            HeaderShape::Full { .. } => {}
            HeaderShape::OneShort => {
                say("the header is one field short (as R's write.table writes it)".to_string());
            }
            HeaderShape::Absent => say("there is no header".to_string()),
        }
        if self.transposed {
            say("its rows are samples and its columns genes, which were turned round".to_string());
        }
        match self.trailing {
            Trailing::None => {}
            Trailing::Header => say("a separator at the end of the header was ignored".to_string()),
            Trailing::Everywhere => {
                say("an empty column at the end, or several, is dropped".to_string());
            }
        }
        match self.skipped_lines {
            0 => {}
            1 => say("1 line that is neither header nor row was skipped".to_string()),
            n => say(format!(
                "{n} lines that are neither header nor rows were skipped"
            )),
        }
        if let Some(column) = &self.gene_column {
            say(format!("the genes are named by column {column}"));
        }
        if let Some(column) = &self.value_column {
            say(format!("the values are column {column}"));
        }
        match self.dropped_columns.as_slice() {
            [] => {}
            [one] => say(format!("1 column dropped: {one}")),
            many => say(format!("{} columns dropped: {}", many.len(), listed(many))),
        }
        if self.drops_summary_rows {
            say("rows that are no genes (N_unmapped, __no_feature, ...) are dropped".to_string());
        }
        said
    }
}

impl std::fmt::Display for Dialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe().join("; "))
    }
}

/// The first few, and how many more.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(crate) fn separator_word(separator: u8) -> String {
    match separator {
        b'\t' => "tab".to_string(),
        b',' => "comma".to_string(),
        b';' => "semicolon".to_string(),
        b' ' => "space".to_string(),
        b'|' => "bar".to_string(),
        other => char::from(other).to_string(),
    }
}
