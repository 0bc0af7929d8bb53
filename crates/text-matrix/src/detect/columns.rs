//! What a column is, by its heading and by its first values.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::number::{Notation, Reading};

/// Some of the first rows, each as its fields.
pub(crate) type Sample<'a> = [Row<'a>];
/// The fields of one, without their quotes.
pub(crate) type Row<'a> = Vec<Cow<'a, [u8]>>;

/// Headings of a column that names genes, as [`normalised`].
#[rustfmt::skip]
const GENES: &[&str] = &[
    "gene", "genes", "geneid", "geneids", "genename", "genenames", "genesymbol", "genesymbols", "symbol", "symbols",
    "hgncsymbol", "hgnc", "hugosymbol", "mgisymbol", "approvedsymbol", "ensembl", "ensemblid", "ensemblgeneid", "ensg", "ensgid",
    "entrez", "entrezid", "entrezgeneid", "entrezgene", "ncbigeneid", "geneaccession", "accession", "locustag", "orf",
    "idref", "probe", "probeid", "probesetid", "probeset", "transcript", "transcriptid", "targetid", "trackingid",
    "featureid", "feature", "refseq", "refseqid", "uniprot", "uniprotid", "protein", "proteinid", "mirna", "mirnaid",
    "externalgenename", "geneshortname", "hgncid", "mgiid", "systematicname", "sgrna", "otu", "otuid", "gennummer",
    "gen", "gène", "gén", "gensymbol", "genname", "genestableid", "genestableidversion", "transcriptstableid",
    "transcriptstableidversion", "ncbigeneformerlyentrezgeneid", "ncbigene",
];

/// Headings of a column that describes genes whatever its values are, besides [`GENES`].
#[rustfmt::skip]
const DESCRIPTIONS: &[&str] = &[
    "chr", "chrom", "chromosome", "chromosomename", "chromosom", "chromosomes", "cromosoma", "seqname", "seqnames", "seqid",
    "start", "startposition", "genestart", "genestartbp", "txstart", "chromstart", "startpos",
    "end", "endposition", "geneend", "geneendbp", "txend", "chromend", "endpos",
    "strand", "strang", "brin", "length", "genelength", "genelengthbp", "transcriptlength", "exonlength", "exonlengths",
    "efflength", "effectivelength", "len", "länge", "longueur", "longitud", "lengthkb", "width",
    "genelen", "lengthbp", "mergedlength", "medianlength", "meanlength", "averagelength", "avglength", "cdslength",
    "txlength", "txlen", "transcriptlengthincludingutrsandcds", "lunghezza", "comprimento", "长度",
    "chromosomescaffoldname", "染色体", "transcriptstartbp", "transcriptendbp", "tss", "transcriptionstartsitetss",
    "biotype", "genebiotype", "genetype", "transcriptbiotype", "transcripttype", "description", "genedescription",
    "beschreibung", "descripción", "descrizione",
    "exoncount", "exonnumber", "numexons", "nexons", "gccontent", "genepercentgccontent", "percentagegccontent",
    "percentgc", "gcpercent", "genegccontent", "cytoband",
    "position", "genomicposition", "positionbp", "bpposition", "basepair", "basepairs", "gweight",
    // What scanpy keeps of genes.
    "ncells", "ncellsbycounts", "ncounts", "meancounts", "totalcounts", "log1pmeancounts", "log1ptotalcounts",
    "pctdropoutbycounts",
    "maplocation", "taxid", "transcriptids", "geneversion", "genesource", "unigene",
];

/// Headings of a column that describes genes when its values are text.
#[rustfmt::skip]
const DESCRIPTIONS_OF_TEXT: &[&str] = &[
    "name", "id", "type", "tx", "txid", "locus", "annotation", "identifier", "class", "function", "product", "alias",
    "aliases", "synonym", "synonyms", "pathway", "family", "status", "note", "title", "category", "band", "source", "organism",
    "species", "level",
];

/// Headings of a column that describes genes or is a sample: germinal centres, the total RNA, a positive control.
const AMBIGUOUS: &[&str] = &["bp", "gc", "pos", "total"];

/// Headings of positions: nothing that names a gene.
const POSITIONS: &[&str] = &[
    "chr",
    "chrom",
    "chromosome",
    "chromosomename",
    "chromosom",
    "seqname",
    "seqnames",
    "start",
    "end",
];

/// A heading in small letters and digits: `Gene ID`, `gene.id` and `#"gene_id"` are the same.
pub(crate) fn normalised(heading: &str) -> String {
    let letters = heading.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether this is the heading of a column that names genes.
pub(crate) fn is_gene_heading(name: &str) -> bool {
    GENES.contains(&normalised(name).as_str())
}

/// Whether this is the heading of a column of ids of any kind, or of names.
pub(crate) fn is_id_heading(name: &str) -> bool {
    let heading = normalised(name);
    GENES.contains(&heading.as_str())
        || [
            "x",
            "name",
            "names",
            "rowname",
            "rownames",
            "identifier",
            "row",
            "key",
            "sample",
        ]
        .contains(&heading.as_str())
        || heading.ends_with("id")
        || heading.ends_with("ids")
}

/// Whether this is the heading of a column that describes genes whatever its values are.
pub(crate) fn is_annotation(name: &str) -> bool {
    let heading = normalised(name);
    GENES.contains(&heading.as_str()) || DESCRIPTIONS.contains(&heading.as_str())
}

fn may_be_annotation(name: &str) -> bool {
    is_annotation(name) || DESCRIPTIONS_OF_TEXT.contains(&normalised(name).as_str())
}

/// Whether a column of numbers with this heading may describe genes or be a sample.
pub(crate) fn is_ambiguous(name: &str) -> bool {
    AMBIGUOUS.contains(&normalised(name).as_str())
}

/// Whether this is the heading of a chromosome or a position on it.
pub(crate) fn is_position(name: &str) -> bool {
    POSITIONS.contains(&normalised(name).as_str())
}

/// Whether a column has no heading, or the one that pandas makes up.
pub(crate) fn is_unnamed(name: &str) -> bool {
    name.trim().is_empty() || name.trim().starts_with("Unnamed: ")
}

/// The first values of one column.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub(crate) numbers: usize,
    pub(crate) missing: usize,
    /// Neither numbers nor missing.
    pub(crate) words: usize,
    /// Words with a letter in them.
    lettered: usize,
    distinct_words: usize,
    /// All numbers are written without a point or an exponent.
    pub(crate) whole: bool,
    /// All numbers are whole, or printed with an exponent as programs do with ids like 2310009E13.
    pub(crate) may_be_ids: bool,
    /// Each number is one more than that before, and the first one is 0 or 1.
    pub(crate) counts_rows: bool,
    /// Most numbers come several times.
    pub(crate) repeats: bool,
}

impl Values {
    /// Looks at column `index` of `rows`.
    pub(crate) fn of(rows: &Sample<'_>, index: usize, notation: &Notation) -> Values {
        let mut values = Values::default();
        let (mut words, mut digits) = (HashSet::new(), HashSet::new());
        let mut count: Option<u64> = None;
        (values.whole, values.counts_rows) = (true, true);
        values.may_be_ids = true;
        for field in rows.iter().filter_map(|row| row.get(index)) {
            let field = field.trim_ascii();
            match notation.field(field) {
                Some(Reading::Missing) => {
                    values.missing += 1;
                    values.counts_rows = false;
                }
                Some(_) => {
                    values.numbers += 1;
                    values.whole &= is_whole(field);
                    values.may_be_ids &=
                        is_whole(field) || field.contains(&b'e') || field.contains(&b'E');
                    let number = std::str::from_utf8(field)
                        .ok()
                        .and_then(|text| text.parse::<u64>().ok());
                    values.counts_rows &= match (number, count) {
                        (Some(number), None) => number <= 1,
                        (Some(number), Some(before)) => number == before.wrapping_add(1),
                        (None, _) => false,
                    };
                    count = number;
                    digits.insert(field);
                }
                None => {
                    values.words += 1;
                    values.counts_rows = false;
                    values.lettered += usize::from(field.iter().any(u8::is_ascii_alphabetic));
                    words.insert(field);
                }
            }
        }
        values.counts_rows &= values.numbers > 0;
        values.repeats = digits.len() * 2 < values.numbers;
        values.distinct_words = words.len();
        values
    }

    /// Numbers, apart from missing values.
    pub(crate) fn are_numbers(&self) -> bool {
        self.numbers > 0 && self.words == 0
    }

    /// Mostly numbers: a value that is none is a mistake in one row.
    pub(crate) fn are_mostly_numbers(&self) -> bool {
        self.numbers > self.words
    }

    pub(crate) fn are_words(&self) -> bool {
        self.lettered > self.numbers && self.words > self.numbers
    }
}

/// Digits alone, or `7157.0`, which pandas makes of an integer beside a missing one.
fn is_whole(field: &[u8]) -> bool {
    let digits = field.strip_suffix(b".0").unwrap_or(field);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
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

/// How many of the columns behind column `gene` describe genes and are no samples.
///
/// A value that is no number must not turn a sample into text, so a column of an unknown heading is text only
/// when many rows say so and hardly any two of them say the same.
pub(crate) fn leading_annotation(
    names: &[String],
    rows: &Sample<'_>,
    gene: usize,
    notation: &Notation,
) -> usize {
    const ENOUGH: usize = 10;
    let is_text = |column: usize| {
        if is_annotation(&names[column]) {
            return true;
        }
        let values = Values::of(rows, column, notation);
        if may_be_annotation(&names[column]) {
            return values.words > values.numbers;
        }
        values.lettered >= ENOUGH
            && values.numbers * 20 < values.words
            && values.distinct_words * 2 >= values.words
    };
    let mut text = 0;
    for (column, name) in names.iter().enumerate().skip(gene + 1) {
        if is_text(column) {
            text = column - gene;
        } else if !may_be_annotation(name) {
            break;
        }
    }
    text
}

/// How many columns at the end describe genes, `first` being that of the first sample.
pub(crate) fn trailing_annotation(
    names: &[String],
    rows: &Sample<'_>,
    first: usize,
    notation: &Notation,
) -> usize {
    let describes = |column: usize| {
        is_annotation(&names[column])
            || may_be_annotation(&names[column]) && Values::of(rows, column, notation).are_words()
    };
    let behind = (first + 1..names.len()).rev();
    behind.take_while(|column| describes(*column)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(columns: &[&[&'static str]]) -> Vec<Row<'static>> {
        (0..columns[0].len())
            .map(|row| {
                let field = |column: &&[&'static str]| Cow::Borrowed(column[row].as_bytes());
                columns.iter().map(field).collect()
            })
            .collect()
    }

    fn values(fields: &[&'static str]) -> Values {
        Values::of(&rows(&[fields]), 0, &Notation::new(b'.', &[]))
    }

    #[test]
    fn headings_are_known_in_any_case_and_quoting() {
        for heading in [
            "Gene ID",
            "gene_id",
            "GENE.ID",
            "#'gene-id'",
            " Gene Symbol ",
        ] {
            assert!(is_gene_heading(heading), "{heading}");
        }
        for heading in [
            "Chr",
            "'start'",
            "ENTREZ_GENE_ID",
            "Gene Biotype",
            "Länge",
            "Entrez_Gene_Id",
        ] {
            assert!(is_annotation(heading), "{heading}");
        }
        for heading in ["Chr1_KO", "End_1", "Length_2h", "S1", "", "startle", "Type"] {
            assert!(!is_annotation(heading), "{heading}");
        }
    }

    #[test]
    fn row_numbers_begin_with_0_or_1_and_leave_nothing_out() {
        assert!(values(&["0", "1", "2"]).counts_rows);
        assert!(values(&["1", "2", "3"]).counts_rows);
        for others in [
            &["2", "3", "4"][..],
            &["1", "3", "4"],
            &["1", "2", "x"],
            &["1", "", "2"],
            &["1.0", "2.0"],
        ] {
            assert!(!values(others).counts_rows, "{others:?}");
        }
        assert!(values(&["7157.0", "12"]).whole);
        assert!(!values(&["-3", "12"]).whole);
        assert!(!values(&["1e5", "12"]).whole);
    }
}
