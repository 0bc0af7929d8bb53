//! Tables of programs and databases that are no matrices of genes and samples, known by their headings. Read
//! as a matrix, their quantities, statistics or regions would become samples.

use crate::detect::columns::{Sample, is_annotation, normalised};
use crate::dialect::listed;
use crate::problem::MatrixError;

/// What the rows and columns of such a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Columns are quantities of one sample.
    OneSample,
    /// Columns are statistics of a comparison.
    Statistics,
    /// A row for each gene and sample, variant or segment.
    Long,
    /// Columns describe genes or probes; there are no values.
    Annotation,
}

/// One kind of table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KnownTable {
    /// The program or database.
    pub(crate) source: &'static str,
    pub(crate) form: Form,
    /// Headings as [`normalised`], all of which are there. A `*` stands for any begin.
    headings: &'static [&'static str],
    /// The column of genes, if it is not the first one.
    pub(crate) genes: Option<&'static str>,
    /// The quantities that are proposed, the usual one first.
    quantities: &'static [&'static str],
}

const fn table(
    source: &'static str,
    form: Form,
    headings: &'static [&'static str],
    quantities: &'static [&'static str],
) -> KnownTable {
    KnownTable {
        source,
        form,
        headings,
        genes: None,
        quantities,
    }
}

impl KnownTable {
    /// The same table with its genes in another column than the first.
    const fn with_genes(mut self, genes: &'static str) -> Self {
        self.genes = Some(genes);
        self
    }
}

/// The first one that fits counts, so that tables with more headings come first.
#[rustfmt::skip]
const TABLES: &[KnownTable] = &[
    // Quantities of one sample.
    table("Salmon", Form::OneSample, &["name", "length", "effectivelength", "tpm", "numreads"], &["tpm"]),
    table("Sailfish", Form::OneSample, &["name", "length", "tpm", "numreads"], &["tpm"]),
    table("kallisto", Form::OneSample, &["targetid", "length", "efflength", "estcounts", "tpm"], &["tpm"]),
    table("RSEM", Form::OneSample, &["transcriptid", "geneid", "length", "effectivelength", "expectedcount", "tpm"], &["tpm"]),
    table("RSEM", Form::OneSample, &["geneid", "transcriptids", "length", "effectivelength", "expectedcount", "tpm"], &["tpm"]),
    table("RSEM (TCGA)", Form::OneSample, &["geneid", "rawcount", "scaledestimate"], &["rawcount"]),
    table("RSEM (TCGA)", Form::OneSample, &["geneid", "normalizedcount"], &["normalizedcount"]),
    table("RPKM counts (TCGA)", Form::OneSample, &["gene", "rawcounts", "medianlengthnormalized", "rpkm"], &["rpkm"]),
    table("StringTie", Form::OneSample, &["geneid", "genename", "reference", "strand", "coverage", "fpkm", "tpm"], &["tpm"]),
    table("StringTie (Ballgown)", Form::OneSample, &["tid", "tname", "geneid", "cov", "fpkm"], &["fpkm"]).with_genes("tname"),
    table("Cufflinks", Form::OneSample, &["trackingid", "classcode", "locus", "*fpkm"], &["fpkm", "*fpkm"]),
    table("Cufflinks", Form::OneSample, &["trackingid", "*countvariance", "*count"], &["*count"]),
    table("eXpress", Form::OneSample, &["bundleid", "targetid", "totcounts", "fpkm"], &["tpm", "fpkm"]).with_genes("targetid"),
    table("Oarfish", Form::OneSample, &["tname", "len", "numreads"], &["numreads"]),
    table("NanoCount", Form::OneSample, &["transcriptname", "estcount", "tpm"], &["tpm"]),
    table("the GDC (STAR counts)", Form::OneSample, &["unstranded", "strandedfirst", "strandedsecond"], &["unstranded"]),
    table("the GDC (miRNA)", Form::OneSample, &["mirnaid", "readcount", "readspermillionmirnamapped"], &["readspermillionmirnamapped"]),
    table("the GDC (copy number)", Form::OneSample, &["geneid", "chromosome", "copynumber", "mincopynumber", "maxcopynumber"], &["copynumber"]),
    table("the GDC (protein arrays)", Form::OneSample, &["agid", "peptidetarget", "proteinexpression"], &["proteinexpression"]).with_genes("peptidetarget"),
    // Statistics.
    table("DESeq2", Form::Statistics, &["basemean", "log2foldchange"], &["log2foldchange"]),
    table("edgeR", Form::Statistics, &["logfc", "logcpm"], &["logfc"]),
    table("limma", Form::Statistics, &["logfc", "aveexpr"], &["logfc"]),
    table("limma (GEO2R)", Form::Statistics, &["adjpval", "pvalue", "logfc"], &["logfc"]),
    table("Seurat", Form::Statistics, &["pval", "pct1", "pct2"], &["avglog2fc", "avglogfc"]),
    table("scanpy", Form::Statistics, &["names", "logfoldchanges", "pvals"], &["logfoldchanges"]).with_genes("names"),
    table("sleuth", Form::Statistics, &["targetid", "pval", "qval"], &["b"]),
    table("Cuffdiff", Form::Statistics, &["testid", "sample1", "sample2", "value1", "value2"], &["value1"]),
    table("Expression Atlas (a comparison)", Form::Statistics, &["geneid", "genename", "*pvalue", "*log2foldchange"], &["*log2foldchange"]),
    table("GSEA", Form::Statistics, &["nes", "nompval", "fdrqval"], &["nes"]),
    table("MAGeCK", Form::Statistics, &["negscore", "pospvalue", "negfdr"], &["neglfc"]),
    // Rows that are no genes.
    table("Cufflinks (read groups)", Form::Long, &["trackingid", "condition", "replicate"], &[]),
    table("sleuth", Form::Long, &["targetid", "sample", "estcounts", "tpm"], &[]),
    table("the Human Protein Atlas", Form::Long, &["gene", "genename", "ntpm"], &[]),
    table("the Human Protein Atlas", Form::Long, &["gene", "genename", "tpm", "ptpm"], &[]),
    table("the Human Protein Atlas", Form::Long, &["gene", "genename", "level", "reliability"], &[]),
    table("mutations (MAF)", Form::Long, &["hugosymbol", "variantclassification"], &[]),
    table("copy number segments", Form::Long, &["chrom", "locstart", "locend", "segmean"], &[]),
    table("copy number segments (GDC)", Form::Long, &["chromosome", "start", "end", "segmentmean"], &[]),
    table("Xena (probe map)", Form::Annotation, &["id", "gene", "chrom", "chromstart", "chromend"], &[]),
    table("GTEx (samples)", Form::Annotation, &["sampid", "smts"], &[]),
];

/// Headings of statistics. Two of them in one table are no samples, whatever program wrote it.
#[rustfmt::skip]
const STATISTICS: &[&str] = &[
    "log2foldchange", "logfoldchange", "log2fc", "logfc", "foldchange", "avglog2fc", "avglogfc", "basemean",
    "lfcse", "logcpm", "aveexpr", "pvalue", "pval", "padj", "pvaluadj", "pvaladj", "pvalueadj", "padjusted", "adjpval",
    "adjpvalue", "fdr", "qvalue", "qval", "zscore", "oddsratio", "teststat",
];

/// Statistics whose headings mean something else in other tables.
const FURTHER_STATISTICS: &[&str] = &["stat", "t", "b", "f", "lr", "pct1", "pct2", "se"];

/// Headings of quantities. Two of them and nothing else are those of one sample, whatever program wrote it.
#[rustfmt::skip]
const QUANTITIES: &[&str] = &[
    "tpm", "fpkm", "rpkm", "cpm", "fpkmuq", "count", "counts", "rawcount", "rawcounts", "readcount", "readcounts",
    "reads", "numreads", "estcounts", "expectedcount", "normalizedcount", "normalizedcounts", "coverage", "cov",
];

static ANY_QUANTITIES: KnownTable = table("a counting program", Form::OneSample, &[], QUANTITIES);
static ANY_STATISTICS: KnownTable = table("a statistical test", Form::Statistics, &[], STATISTICS);

/// More columns than that are a matrix of many samples.
const MOST_COLUMNS: usize = 2000;

/// The kind of table that has such headings.
pub(crate) fn find(names: &[String]) -> Option<&'static KnownTable> {
    if names.len() > MOST_COLUMNS {
        return None;
    }
    let headings: Vec<String> = names.iter().map(|name| normalised(name)).collect();
    let known = TABLES.iter().find(|table| {
        let is_there = |wanted: &&str| headings.iter().any(|heading| fits(heading, wanted));
        table.headings.iter().all(is_there)
    });
    // Two columns of a name and a count are a sample that is called so, except in TCGA's files.
    let known = known.filter(|table| {
        table.headings.len() > 2 || table.form != Form::OneSample || names.len() == 2
    });
    known.or_else(|| by_every_heading(names, &headings))
}

/// Tables of no known program that hold statistics or quantities, and nothing else that could be a sample.
fn by_every_heading(names: &[String], headings: &[String]) -> Option<&'static KnownTable> {
    let statistics = (headings.iter().skip(1))
        .filter(|heading| STATISTICS.contains(&heading.as_str()))
        .count();
    let described = (names.iter().skip(1))
        .filter(|name| is_annotation(name))
        .count();
    let samples = names.len().saturating_sub(1 + described);
    if statistics >= 2 || statistics == 1 && samples == 1 {
        return Some(&ANY_STATISTICS);
    }
    let is_quantity = |heading: &String| QUANTITIES.contains(&heading.as_str());
    let quantities = headings
        .iter()
        .skip(1)
        .filter(|heading| is_quantity(heading));
    let count = quantities.count();
    // One column of counts is a sample that has no other name.
    (count >= 2 && count == samples).then_some(&ANY_QUANTITIES)
}

fn fits(heading: &str, wanted: &str) -> bool {
    match wanted.strip_prefix('*') {
        Some(end) => heading.ends_with(end),
        None => heading == wanted,
    }
}

impl KnownTable {
    /// The column of genes, by the table's headings.
    pub(crate) fn gene_column(&self, names: &[String]) -> usize {
        let wanted = self.genes.unwrap_or_default();
        names
            .iter()
            .position(|name| normalised(name) == wanted)
            .unwrap_or(0)
    }

    /// Why it is refused, and what reads it.
    pub(crate) fn refusal(&self, names: &[String], gene: usize) -> MatrixError {
        let source = self.source;
        let others: Vec<String> = (names.iter().enumerate())
            .filter(|(index, _)| *index != gene)
            .map(|(_, name)| name.clone())
            .collect();
        match self.form {
            Form::OneSample => MatrixError::refused(
                format!(
                    "this is a table of {source} for one sample: its columns are quantities ({}), not samples",
                    listed(&others)
                ),
                format!(
                    "say which quantity with --value-column{}; the sample is named after the file",
                    self.example(names)
                ),
            ),
            Form::Statistics => {
                let reason = format!(
                    "this is a result of {source}: {} are statistics, not samples",
                    listed(&statistics(names))
                );
                let help = match self.leading_statistics(names, gene) {
                    Some(count) => format!(
                        "--text-columns {count} drops the first {count} columns behind the genes and reads \
                         the others as samples; --value-column reads one column"
                    ),
                    None => format!(
                        "convert the matrix that was tested; one column is read with --value-column{}",
                        self.example(names)
                    ),
                };
                MatrixError::refused(reason, help)
            }
            Form::Long => MatrixError::refused(
                format!(
                    "this is a table of {source}: several rows belong to one gene, and its columns ({}) are \
                     no samples",
                    listed(&others)
                ),
                "make a table with a row for each gene and a column for each sample of it first, for example \
                 with pivot_wider in R or pivot in pandas",
            ),
            Form::Annotation => MatrixError::refused(
                format!(
                    "this is a table of {source}: it describes rows of another file and holds no values"
                ),
                "convert the file with the values",
            ),
        }
    }

    /// ` NAME` of the quantity that is mostly meant, as the table spells it.
    fn example(&self, names: &[String]) -> String {
        let found = (self.quantities.iter())
            .find_map(|wanted| names.iter().find(|name| fits(&normalised(name), wanted)));
        match found {
            Some(name) => format!(
                ", for example --value-column {}",
                crate::problem::diagnostic::shell(name.as_bytes())
            ),
            None => String::new(),
        }
    }

    /// How many columns behind the genes are dropped so that samples are left, if statistics and descriptions
    /// come first.
    fn leading_statistics(&self, names: &[String], gene: usize) -> Option<usize> {
        let behind = &names[gene + 1..];
        let is_passed = |name: &&String| self.claims(name) || is_annotation(name);
        let count = behind.iter().take_while(is_passed).count();
        let samples = &behind[count..];
        let is_left = samples
            .iter()
            .any(|name| self.claims(name) || is_annotation(name));
        (count > 0 && samples.len() >= 2 && !is_left).then_some(count)
    }

    /// Whether a column of such a table is no sample.
    pub(crate) fn claims(&self, name: &str) -> bool {
        let heading = normalised(name);
        let is_own = self.headings.iter().any(|wanted| fits(&heading, wanted));
        is_statistic(name) || is_own && !is_annotation(name)
    }
}

/// Whether a heading is that of a value and not of the genes: R leaves out the heading of row names.
pub(crate) fn is_value_heading(name: &str) -> bool {
    let heading = normalised(name);
    STATISTICS.contains(&heading.as_str()) || QUANTITIES.contains(&heading.as_str())
}

/// Whether a heading is that of a statistic, in a table that has some.
fn is_statistic(name: &str) -> bool {
    let heading = normalised(name);
    STATISTICS.contains(&heading.as_str()) || FURTHER_STATISTICS.contains(&heading.as_str())
}

fn statistics(names: &[String]) -> Vec<String> {
    let known = |name: &&String| is_statistic(name);
    let found: Vec<String> = names.iter().filter(known).cloned().collect();
    match found.is_empty() {
        true => names.to_vec(),
        false => found,
    }
}

/// Whether rows are cell lines of DepMap, and columns genes: `ACH-000001` and `TP53 (7157)`.
pub(crate) fn is_depmap(names: &[String], rows: &Sample<'_>) -> bool {
    let is_line = |name: &[u8]| name.starts_with(b"ACH-") && name.len() == 10;
    let lines = rows
        .iter()
        .filter_map(|row| row.first())
        .filter(|name| is_line(name))
        .count();
    let is_gene = |name: &&String| {
        let number = name
            .strip_suffix(')')
            .and_then(|name| name.rsplit_once(" ("));
        number.is_some_and(|(_, digits)| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let looked_at = &names[..names.len().min(200)];
    let genes = looked_at.iter().filter(is_gene).count();
    lines * 2 > rows.len() && genes * 2 >= looked_at.len().saturating_sub(1)
}

/// Whether the headings are those of featureCounts.
pub(crate) fn is_feature_counts(names: &[String]) -> bool {
    names.starts_with(&["Geneid", "Chr", "Start", "End", "Strand", "Length"].map(String::from))
}

/// Whether this is the summary that featureCounts writes beside its table.
pub(crate) fn is_feature_counts_summary(names: &[String], rows: &Sample<'_>) -> bool {
    let is_status = |row: &Vec<std::borrow::Cow<'_, [u8]>>| {
        row.first()
            .is_some_and(|name| name.starts_with(b"Assigned") || name.starts_with(b"Unassigned_"))
    };
    names.first().is_some_and(|name| name == "Status")
        && !rows.is_empty()
        && rows.iter().all(is_status)
}
