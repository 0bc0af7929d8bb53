//! How text matrices are read, if it is not to be detected.

use crate::cli::args::options::Encoding;
use crate::cli::exit::Failure;
use clap::{Args, ValueEnum};
use text_matrix::options::{
    CommentOption, Duplicates, EncodingOption, HeaderOption, LayoutOption, QuoteOption,
    ReadOptions, SummaryRows, ValueType,
};

/// Every detection can be overruled.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading text")]
pub(crate) struct TextOptions {
    /// Field separator: auto, tab, comma, semicolon, space, or one character
    #[arg(
        long,
        value_name = "CHAR",
        default_value = "auto",
        allow_hyphen_values = true
    )]
    sep: String,
    /// Quote character: auto, none, or one character
    #[arg(
        long,
        value_name = "CHAR",
        default_value = "auto",
        allow_hyphen_values = true
    )]
    quote: String,
    /// Prefix of comment lines: auto (# before the header), none, or a prefix
    #[arg(
        long,
        value_name = "PREFIX",
        default_value = "auto",
        allow_hyphen_values = true
    )]
    comment: String,
    /// The decimal mark
    #[arg(long, value_name = "MARK", default_value = ".")]
    decimal: DecimalMark,
    /// Another word for a missing value (repeatable)
    #[arg(long, value_name = "WORD", allow_hyphen_values = true)]
    na: Vec<String>,
    /// Meaning of the first line
    #[arg(long, value_name = "WHAT", default_value = "auto")]
    header: HeaderName,
    /// The layout of the table
    #[arg(long, value_name = "LAYOUT", default_value = "auto")]
    layout: LayoutName,
    /// Number of lines at the front that are not read, such as a title
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: u64,
    /// Column of the gene names, by name or by number from 1
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    gene_column: Option<String>,
    /// Character that groups the digits of values by threes, such as the comma in 1,234,567
    #[arg(long, value_name = "CHAR")]
    thousands: Option<String>,
    /// Number of text columns after the gene names, which are dropped
    #[arg(long, value_name = "N")]
    text_columns: Option<usize>,
    /// Read one column only, by name or by number from 1; the sample is named after the file
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    value_column: Option<String>,
    /// Rows are samples and columns are genes: turn the matrix round
    #[arg(long, conflicts_with = "value_column")]
    transpose: bool,
    /// Samples that share a name
    #[arg(long, value_name = "WHAT", default_value = "error")]
    duplicates: DuplicatesName,
    /// Rows that are not genes, such as N_unmapped and __no_feature
    #[arg(long, value_name = "WHAT", default_value = "auto")]
    special_rows: SpecialRowsName,
    /// Accept a matrix without rows
    #[arg(long)]
    allow_empty: bool,
    /// Type of the values in the new file
    #[arg(long, value_name = "TYPE", default_value = "f32")]
    dtype: TypeName,
    /// Number of problems to show before giving up
    #[arg(long, value_name = "N", default_value_t = 20)]
    max_errors: usize,
}

/// `--decimal`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DecimalMark {
    /// 1.5
    #[value(name = ".", alias = "point")]
    Point,
    /// 1,5
    #[value(name = ",", alias = "comma")]
    Comma,
}

/// `--header`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum HeaderName {
    /// Decide by the rows below
    Auto,
    /// Sample names, with a first field above the gene names
    Yes,
    /// Sample names only, as R's write.table writes them
    Short,
    /// No header
    No,
}

/// `--layout`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum LayoutName {
    /// Detect it
    Auto,
    /// Genes, then values
    Plain,
    /// STAR's ReadsPerGene.out.tab
    Star,
    /// htseq-count
    Htseq,
}

/// `--duplicates`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum DuplicatesName {
    /// Are an error
    Error,
    /// Are kept
    Keep,
    /// Get .1, .2, ...
    Suffix,
}

/// `--special-rows`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SpecialRowsName {
    /// Dropped from the output of one run of STAR or htseq-count, kept in matrices
    Auto,
    /// Kept as genes
    Keep,
    /// Dropped
    Drop,
}

/// `--dtype`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum TypeName {
    /// float32: parsed exactly, then rounded once
    F32,
    /// float64: parsed exactly
    F64,
}

impl TextOptions {
    /// The reader's options.
    pub(crate) fn read_options(&self, encoding: Encoding) -> Result<ReadOptions, Failure> {
        Ok(ReadOptions {
            separator: separator(&self.sep)?,
            quote: match self.quote.as_str() {
                "auto" => QuoteOption::Auto,
                "none" => QuoteOption::None,
                other => QuoteOption::Character(one_byte("--quote", other)?),
            },
            comment: match self.comment.as_str() {
                "auto" => CommentOption::Auto,
                "none" => CommentOption::None,
                prefix => CommentOption::Prefix(prefix.to_string()),
            },
            decimal: match self.decimal {
                DecimalMark::Point => b'.',
                DecimalMark::Comma => b',',
            },
            na: self.na.clone(),
            header: match self.header {
                HeaderName::Auto => HeaderOption::Auto,
                HeaderName::Yes => HeaderOption::Yes,
                HeaderName::Short => HeaderOption::Short,
                HeaderName::No => HeaderOption::No,
            },
            layout: match self.layout {
                LayoutName::Auto => LayoutOption::Auto,
                LayoutName::Plain => LayoutOption::Plain,
                LayoutName::Star => LayoutOption::StarCounts,
                LayoutName::Htseq => LayoutOption::HtseqCounts,
            },
            skip: self.skip,
            gene_column: self.gene_column.clone(),
            thousands: match &self.thousands {
                Some(mark) => Some(one_byte("--thousands", mark)?),
                None => None,
            },
            text_columns: self.text_columns,
            value_column: self.value_column.clone(),
            encoding: match encoding {
                Encoding::Utf8 => EncodingOption::Auto,
                Encoding::Latin1 => EncodingOption::Latin1,
            },
            duplicates: match self.duplicates {
                DuplicatesName::Error => Duplicates::Error,
                DuplicatesName::Keep => Duplicates::Keep,
                DuplicatesName::Suffix => Duplicates::Suffix,
            },
            summary_rows: match self.special_rows {
                SpecialRowsName::Auto => SummaryRows::Auto,
                SpecialRowsName::Keep => SummaryRows::Keep,
                SpecialRowsName::Drop => SummaryRows::Drop,
            },
            transpose: self.transpose,
            allow_empty: self.allow_empty,
            values: match self.dtype {
                TypeName::F32 => ValueType::F32,
                TypeName::F64 => ValueType::F64,
            },
            max_errors: self.max_errors.max(1),
            ..ReadOptions::default()
        })
    }
}

fn separator(text: &str) -> Result<Option<u8>, Failure> {
    Ok(Some(match text {
        "auto" => return Ok(None),
        "tab" | "\\t" => b'\t',
        "comma" => b',',
        "semicolon" => b';',
        "space" => b' ',
        other => one_byte("--sep", other)?,
    }))
}

fn one_byte(option: &str, text: &str) -> Result<u8, Failure> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err(Failure::usage(
            format!("{option} {text:?} is not one ASCII character"),
            format!("h5lift help convert lists the values of {option}"),
        )),
    }
}
