//! Programs that are known by the header of their table. Some write one sample, with quantities of different
//! kinds as columns: read as a matrix they would make `Length` and `TPM` samples.

/// The program, and some of the names of its columns, of which all are there.
const TABLES: [(&str, &[&str]); 5] = [
    (
        "Salmon",
        &["Name", "Length", "EffectiveLength", "TPM", "NumReads"],
    ),
    (
        "kallisto",
        &["target_id", "length", "eff_length", "est_counts", "tpm"],
    ),
    (
        "RSEM",
        &[
            "transcript_id",
            "gene_id",
            "length",
            "effective_length",
            "expected_count",
            "TPM",
        ],
    ),
    (
        "RSEM",
        &[
            "gene_id",
            "transcript_id(s)",
            "length",
            "effective_length",
            "expected_count",
            "TPM",
        ],
    ),
    (
        "StringTie",
        &[
            "Gene ID",
            "Gene Name",
            "Reference",
            "Strand",
            "Coverage",
            "FPKM",
            "TPM",
        ],
    ),
];

/// The program that writes a table with such a header.
pub(crate) fn program(names: &[String]) -> Option<&'static str> {
    TABLES
        .iter()
        .find(|(_, columns)| {
            columns
                .iter()
                .all(|column| names.iter().any(|n| n == column))
        })
        .map(|(program, _)| *program)
}

/// Whether the header is that of featureCounts.
pub(crate) fn is_feature_counts(names: &[String]) -> bool {
    names.starts_with(&["Geneid", "Chr", "Start", "End", "Strand", "Length"].map(String::from))
}
