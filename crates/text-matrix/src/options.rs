//! The user's options for reading a text matrix. Every detection can be overruled here.

use serde::{Deserialize, Serialize};

/// How samples with the same name are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Duplicates {
    /// Report an error that names both lines.
    #[default]
    Error,
    /// Keep all of them.
    Keep,
    /// The later ones get `.1`, `.2`, ..., skipping names that are taken.
    Suffix,
}

/// The type of the values that the reader hands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ValueType {
    /// Parsed exactly, then rounded once more.
    #[default]
    F32,
    /// Parsed exactly.
    F64,
}

/// Character encoding of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum EncodingOption {
    /// A byte order mark or the pattern of zero bytes decides; else UTF-8.
    #[default]
    Auto,
    /// UTF-8, whatever it looks like.
    Utf8,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// ISO 8859-1: one byte, one character. Never guessed, since every byte is valid.
    Latin1,
}

/// Which character quotes a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum QuoteOption {
    /// `"`, where a field begins with it.
    #[default]
    Auto,
    /// A quote is a character as any other.
    None,
    /// Another ASCII character.
    Character(u8),
}

/// Meaning of the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum HeaderOption {
    /// Decide by the rows below.
    #[default]
    Auto,
    /// Sample names, with a first field above the gene names.
    Yes,
    /// Sample names only: one field fewer than the rows.
    Short,
    /// The first line is a row.
    No,
}

/// Lines that begin with a prefix and are not read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CommentOption {
    /// `#`, before the header only.
    #[default]
    Auto,
    /// No line is a comment.
    None,
    /// Lines that begin with this prefix are comments, wherever they are.
    Prefix(String),
}

/// The layout, when it is not to be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LayoutOption {
    /// Detect the layout from the first lines.
    #[default]
    Auto,
    /// Genes, then values, whatever it looks like.
    Plain,
    /// STAR's `ReadsPerGene.out.tab`.
    StarCounts,
    /// htseq-count: gene and count, no header.
    HtseqCounts,
}

/// `N_unmapped`, `__no_feature` and the like: counts of reads that belong to no gene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SummaryRows {
    /// Dropped from the output of one run of STAR or htseq-count, kept in matrices.
    #[default]
    Auto,
    /// Summary rows (`__no_feature`, `N_unmapped`) are kept as genes.
    Keep,
    /// Summary rows are dropped, and reported.
    Drop,
}

/// All that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadOptions {
    /// One ASCII character between fields; guessed when absent.
    pub separator: Option<u8>,
    /// Which character quotes a field.
    pub quote: QuoteOption,
    /// Which lines are comments.
    pub comment: CommentOption,
    /// The decimal mark, `.` or `,`. Never guessed: `1,234` is two numbers.
    pub decimal: u8,
    /// Words for a missing value besides the usual ones.
    pub na: Vec<String>,
    /// Meaning of the first line.
    pub header: HeaderOption,
    /// Layout of the text, if it is not to be detected.
    pub layout: LayoutOption,
    /// Lines at the front that are not read.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u64,
    /// The column of the gene names, by name or by number from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gene_column: Option<String>,
    /// What groups digits by threes in values: `1,234,567`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<u8>,
    /// How many columns behind the gene names are text and are dropped; guessed when absent.
    pub text_columns: Option<usize>,
    /// The one column to read, by name or by number from 1; the sample is named after the file.
    pub value_column: Option<String>,
    /// Character encoding of the text.
    pub encoding: EncodingOption,
    /// Samples with the same name.
    pub duplicates: Duplicates,
    /// Rows that are no genes.
    #[serde(rename = "special_rows")]
    pub summary_rows: SummaryRows,
    /// Whether rows are samples and columns genes, so that the reader's rows are the samples of the matrix. In no
    /// mark of a file that was made without it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub transpose: bool,
    /// Whether a matrix without rows is accepted.
    pub allow_empty: bool,
    /// The type of the values.
    pub values: ValueType,
    /// Problems to collect before giving up.
    pub max_errors: usize,
    /// Bytes of text in a block. It does not affect the file, so it is in no mark and no request.
    #[serde(skip, default = "usual_block_bytes")]
    pub block_bytes: usize,
    /// The longest line, in bytes, that is accepted.
    pub longest_line: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks like this")]
fn is_false(option: &bool) -> bool {
    !option
}

fn usual_block_bytes() -> usize {
    2 << 20
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            separator: None,
            quote: QuoteOption::Auto,
            comment: CommentOption::Auto,
            decimal: b'.',
            na: Vec::new(),
            header: HeaderOption::Auto,
            layout: LayoutOption::Auto,
            skip: 0,
            gene_column: None,
            thousands: None,
            text_columns: None,
            value_column: None,
            encoding: EncodingOption::Auto,
            duplicates: Duplicates::Error,
            summary_rows: SummaryRows::Auto,
            transpose: false,
            allow_empty: false,
            values: ValueType::F32,
            max_errors: 20,
            block_bytes: usual_block_bytes(),
            longest_line: 256 << 20,
        }
    }
}
