//! Samples that are named like genes: a sign that the rows of a table are samples.

use crate::model::lint::EXAMPLES;
use crate::model::lint::issue::shown;
use crate::model::record::finding::Finding;

/// Genes that nearly every list of symbols has, of man and mouse, in upper case and in order.
const SYMBOLS: [&str; 24] = [
    "ACTB", "ACTG1", "B2M", "BRCA1", "BRCA2", "CD4", "CD8A", "EEF1A1", "EGFR", "ERBB2", "FTH1",
    "FTL", "GAPDH", "HPRT1", "KRAS", "MALAT1", "MYC", "PTEN", "RPLP0", "TMSB4X", "TP53", "TSPAN6",
    "VIM", "XIST",
];

/// Prefixes of the ids of genes and transcripts, and how many digits follow at least.
const PREFIXES: [(&str, usize); 9] = [
    ("FBgn", 7),
    ("WBGene", 8),
    ("ENSG", 11),
    ("ENST", 11),
    ("NM_", 5),
    ("NR_", 5),
    ("MGI:", 3),
    ("HGNC:", 1),
    ("RGD:", 3),
];

/// The finding, if samples are named like genes and genes are not.
pub(crate) fn samples_like_genes<'a>(
    genes: impl Iterator<Item = &'a str>,
    samples: impl ExactSizeIterator<Item = &'a str>,
) -> Option<Finding> {
    let all = samples.len();
    let (mut ids, mut symbols, mut examples) = (0, 0, Vec::new());
    for name in samples {
        let (is_id, is_symbol) = (is_gene_id(name), is_common_symbol(name));
        ids += usize::from(is_id);
        symbols += usize::from(is_symbol);
        if (is_id || is_symbol) && examples.len() < EXAMPLES {
            examples.push(shown(name));
        }
    }
    if symbols < 3 && (ids < 2 || ids * 2 < all) {
        return None;
    }
    // A matrix of genes by genes is the same either way round.
    let (seen, like) = genes.take(1000).fold((0, 0), |(seen, like), name| {
        (
            seen + 1,
            like + usize::from(is_gene_id(name) || is_common_symbol(name)),
        )
    });
    if like * 2 > seen {
        return None;
    }
    Some(Finding::new(
        "gene-like-sample-names",
        format!(
            "{} of {all} samples are named like genes ({}): if rows are samples and columns genes, --transpose \
             turns the matrix round",
            ids.max(symbols),
            examples.join(", ")
        ),
    ))
}

/// Ids of Ensembl, `FlyBase`, `WormBase`, TAIR, `RefSeq` and others, and a symbol with an id in parentheses or behind a bar.
fn is_gene_id(name: &str) -> bool {
    if let Some((symbol, rest)) = name.split_once(" (") {
        let id = rest.strip_suffix(')').unwrap_or_default();
        return is_symbol(symbol) && (is_number(id) || is_gene_id(id));
    }
    if let Some((symbol, id)) = name.split_once('|') {
        return is_symbol(symbol) && (is_number(id) || is_gene_id(id))
            || is_gene_id(symbol) && is_symbol(id);
    }
    let digits = |rest: &str| rest.bytes().take_while(u8::is_ascii_digit).count();
    let known = PREFIXES.iter().any(|(prefix, least)| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| digits(rest) >= *least)
    });
    // ENSMUSG00000000001, AT1G01010
    let ensembl = name.strip_prefix("ENS").is_some_and(|rest| {
        let letters = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        (1..=7).contains(&letters) && digits(&rest[letters..]) >= 11
    });
    let tair = match name.as_bytes() {
        [b'A', b'T', b'1'..=b'5' | b'C' | b'M', b'G', rest @ ..] => {
            rest.len() >= 5 && rest[..5].iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    known || ensembl || tair
}

fn is_common_symbol(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SYMBOLS.binary_search(&name.as_str()).is_ok()
}

fn is_symbol(name: &str) -> bool {
    !name.is_empty()
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._@".contains(&byte))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(genes: &[&str], samples: &[&str]) -> bool {
        samples_like_genes(genes.iter().copied(), samples.iter().copied()).is_some()
    }

    #[test]
    fn samples_that_are_genes_are_told() {
        assert!(SYMBOLS.is_sorted());
        let rows = ["ACH-000001", "ACH-000002"];
        for samples in [
            ["TSPAN6 (7105)", "TNMD (64102)", "DPM1 (8813)"],
            ["ENSG00000000003", "ENSMUSG00000000005.2", "S1"],
            ["TP53|7157", "A1BG|1", "?|100130426"],
            ["AT1G01010", "AT1G01020", "AT1G01030"],
            ["Actb", "Gapdh", "Malat1"],
        ] {
            assert!(told(&rows, &samples), "{samples:?}");
        }
    }

    #[test]
    fn samples_that_are_none_are_not() {
        let genes = ["ENSG00000000003", "ENSG00000000005"];
        for samples in [
            ["S1", "S2", "S3"],
            ["Treated (1)", "S2", "S3"],
            ["TP53", "WT", "MYC"],
            ["TCGA-AB-2803-03A", "GSM123456", "SRR000001"],
        ] {
            assert!(!told(&genes, &samples), "{samples:?}");
        }
        // Genes by genes.
        assert!(!told(&genes, &genes));
    }
}
