//! Which columns are what: how the header lies over the rows, and where text ends and values
//! begin.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::dialect::Trailing;
use crate::number::Notation;
use crate::options::HeaderOption;
use crate::problem::MatrixError;

/// Some of the first rows, each as its fields.
pub(crate) type Sample<'a> = [Row<'a>];
/// The fields of one, without their quotes.
pub(crate) type Row<'a> = Vec<Cow<'a, [u8]>>;

/// How the header lies over the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alignment {
    /// Fields of a row, without an empty one at the end of every line.
    pub(crate) width: usize,
    /// The header names no column for the genes.
    pub(crate) one_short: bool,
    pub(crate) trailing: Trailing,
}

/// Compares the header with the rows. `corner_is_known`: the header certainly begins with the
/// column of the genes.
pub(crate) fn align(
    header: &[String],
    rows: &Sample<'_>,
    wish: HeaderOption,
    corner_is_known: bool,
) -> Result<Alignment, MatrixError> {
    let named = header.len();
    let ends_empty = named > 1 && header.last().is_some_and(String::is_empty);
    let width = usual_width(rows, named);
    let full = |width, trailing| Alignment {
        width,
        one_short: false,
        trailing,
    };
    let short = |width, trailing| Alignment {
        width,
        one_short: true,
        trailing,
    };
    let rows_end_empty = rows
        .iter()
        .filter(|row| row.len() == width)
        .all(|row| row.last().is_some_and(|field| field.is_empty()));
    let aligned = match wish {
        HeaderOption::Short if ends_empty && width == named => short(named, Trailing::Header),
        HeaderOption::Short => short(named + 1, Trailing::None),
        _ if rows.is_empty() && ends_empty => full(named - 1, Trailing::Header),
        _ if rows.is_empty() => full(named, Trailing::None),
        _ if ends_empty && width + 1 == named => full(width, Trailing::Header),
        _ if ends_empty && width == named && rows_end_empty => {
            full(named - 1, Trailing::Everywhere)
        }
        HeaderOption::Auto if ends_empty && width == named => {
            return Err(MatrixError::refused(
                "the header ends in a separator and has as many fields as the rows: either the \
                 last sample has no name, or the genes' column has none",
                "say which: --header yes or --header short",
            ));
        }
        // Otherwise a separator at the end of the rows would shift all names by one.
        HeaderOption::Auto if width == named + 1 && !rows_end_empty => {
            let first = header.first().map_or("", String::as_str);
            if !corner_is_known && !is_gene_word(first) {
                short(width, Trailing::None)
            } else {
                return Err(MatrixError::refused(
                    format!(
                        "the rows have {width} fields and the header {named}, but it begins with \
                         `{first}`, which looks like the name of the genes' column and not of \
                         the first sample"
                    ),
                    "if the row names are missing in the header: --header short; otherwise name \
                     every column",
                ));
            }
        }
        // Rows that do not fit are reported one by one.
        _ => full(named, Trailing::None),
    };
    Ok(aligned)
}

/// The commonest number of fields. In a draw, what fits the header.
pub(crate) fn usual_width(rows: &Sample<'_>, named: usize) -> usize {
    let count = |width: usize| rows.iter().filter(|row| row.len() == width).count();
    let preference = |width: usize| match width.abs_diff(named) {
        0 => 3,
        1 if width > named => 2,
        1 => 1,
        _ => 0,
    };
    rows.iter()
        .map(Vec::len)
        .max_by_key(|width| (count(*width), preference(*width)))
        .unwrap_or(named)
}

/// Words above the genes' column, none of which is a sample.
fn is_gene_word(name: &str) -> bool {
    const WORDS: [&str; 22] = [
        "gene",
        "genes",
        "geneid",
        "gene_id",
        "gene id",
        "gene_name",
        "gene name",
        "genename",
        "gene_symbol",
        "gene symbol",
        "symbol",
        "hgnc_symbol",
        "hugo_symbol",
        "ensembl_id",
        "ensembl",
        "ensembl_gene_id",
        "id_ref",
        "probe_id",
        "probeid",
        "transcript_id",
        "target_id",
        "feature_id",
    ];
    WORDS
        .iter()
        .any(|word| name.trim().eq_ignore_ascii_case(word))
}

/// Words above columns that say something about genes.
fn is_annotation_word(name: &str) -> bool {
    const WORDS: [&str; 33] = [
        "description",
        "chr",
        "chrom",
        "chromosome",
        "seqname",
        "seqnames",
        "start",
        "end",
        "strand",
        "length",
        "gene_type",
        "gene type",
        "gene_biotype",
        "biotype",
        "type",
        "entrez",
        "entrezid",
        "entrez_id",
        "entrez_gene_id",
        "entrezgene",
        "tx",
        "tx_id",
        "transcript_id(s)",
        "refseq",
        "uniprot",
        "locus",
        "name",
        "id",
        "feature",
        "annotation",
        "gene_description",
        "external_gene_name",
        "cytoband",
    ];
    is_gene_word(name)
        || WORDS
            .iter()
            .any(|word| name.trim().eq_ignore_ascii_case(word))
}

/// How many of the columns behind the genes are text about them. `names` and the fields of
/// `rows` begin with the genes.
///
/// A value that is not a number must not turn a sample into text, so a column of an unknown name is text only
/// if many rows say so and hardly any two of them say the same.
pub(crate) fn leading_text(names: &[String], rows: &Sample<'_>, notation: &Notation) -> usize {
    const ENOUGH: usize = 10;
    let is_text = |column: usize| {
        let (mut numbers, mut words) = (0, Vec::new());
        for field in rows.iter().filter_map(|row| row.get(column)) {
            match notation.field(field) {
                Some(crate::number::Reading::Missing) => {}
                Some(_) => numbers += 1,
                None => words.push(field),
            }
        }
        if is_annotation_word(&names[column]) {
            return words.len() > numbers;
        }
        let lettered = |word: &&&Cow<'_, [u8]>| word.iter().any(u8::is_ascii_alphabetic);
        let lettered = words.iter().filter(lettered).count();
        let distinct = words.iter().collect::<HashSet<_>>().len();
        lettered >= ENOUGH && numbers * 20 < words.len() && distinct * 2 >= words.len()
    };
    let mut text = 0;
    for (column, name) in names.iter().enumerate().skip(1) {
        if is_text(column) {
            text = column;
        } else if !is_annotation_word(name) {
            break;
        }
    }
    // Lengths and the like between the text and the samples.
    while text > 0
        && names
            .get(text + 1)
            .is_some_and(|name| is_annotation_word(name))
    {
        text += 1;
    }
    text
}

/// Whether every one of these is a number, so that a header of them may be a row.
pub(crate) fn all_numbers<'a>(
    mut names: impl Iterator<Item = &'a String>,
    notation: &Notation,
) -> bool {
    names.all(|name| {
        matches!(
            notation.field(name.as_bytes()),
            Some(crate::number::Reading::Number(_))
        )
    })
}
