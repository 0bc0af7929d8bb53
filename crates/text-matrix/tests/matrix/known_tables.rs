//! Tables of programs that are no matrices: refused by name, and read by the option that the message names.

use crate::reading::{read_as, refusal, said};
use text_matrix::ReadOptions;

/// The source, a heading, a row, and the options that read it with the values that come of it.
struct Known {
    source: &'static str,
    heading: &'static str,
    row: &'static str,
    column: &'static str,
    value: f64,
}

#[rustfmt::skip]
const ONE_SAMPLE: &[Known] = &[
    Known { source: "GDC", heading: "gene_id gene_name gene_type unstranded stranded_first stranded_second tpm_unstranded fpkm_unstranded fpkm_uq_unstranded", row: "g1 TP53 protein_coding 9 8 7 1.5 2.5 3.5", column: "stranded_first", value: 8.0 },
    Known { source: "GDC", heading: "#gene unstranded stranded_first stranded_second", row: "g1 9 8 7", column: "stranded_second", value: 7.0 },
    Known { source: "GDC", heading: "miRNA_ID read_count reads_per_million_miRNA_mapped cross-mapped", row: "hsa-let-7a-1 9 1.5 N", column: "read_count", value: 9.0 },
    Known { source: "RSEM", heading: "gene_id raw_count scaled_estimate transcript_id", row: "A1BG|1 9 0.5 uc002qsd.3", column: "raw_count", value: 9.0 },
    Known { source: "Cufflinks", heading: "tracking_id class_code nearest_ref_id gene_id gene_short_name tss_id locus length coverage FPKM FPKM_conf_lo FPKM_conf_hi FPKM_status", row: "g1 - - g1 TP53 TSS1 1:1-9 - - 1.375 1 2 OK", column: "FPKM", value: 1.375 },
    Known { source: "Salmon", heading: "Name Length EffectiveLength TPM NumReads", row: "t1 1 2 3 4", column: "TPM", value: 3.0 },
    Known { source: "Salmon", heading: "\"Name\" \"Length\" \"EffectiveLength\" \"TPM\" \"NumReads\"", row: "t1 1 2 3 4", column: "NumReads", value: 4.0 },
    Known { source: "kallisto", heading: "target_id length eff_length est_counts tpm", row: "t1 1 2 3 4", column: "tpm", value: 4.0 },
    Known { source: "RSEM", heading: "gene_id transcript_id(s) length effective_length expected_count TPM FPKM", row: "g1 t1,t2 1 2 3 4 5", column: "expected_count", value: 3.0 },
    Known { source: "StringTie", heading: "t_id chr strand start end t_name num_exons length gene_id gene_name cov FPKM", row: "1 1 + 5 9 t1 2 4 g1 TP53 1.5 2.5", column: "FPKM", value: 2.5 },
    Known { source: "DESeq2", heading: "gene baseMean log2FoldChange lfcSE stat pvalue padj", row: "g1 11 1 2 3 0.5 0.75", column: "baseMean", value: 11.0 },
    Known { source: "edgeR", heading: "gene logFC logCPM LR PValue FDR", row: "g1 1 2 3 0.5 0.75", column: "logCPM", value: 2.0 },
    Known { source: "limma", heading: "gene logFC AveExpr t P.Value adj.P.Val B", row: "g1 1 2 3 0.5 0.75 6", column: "AveExpr", value: 2.0 },
    Known { source: "Seurat", heading: "gene p_val avg_log2FC pct.1 pct.2 p_val_adj", row: "g1 0.5 2 0.25 0.125 1", column: "avg_log2FC", value: 2.0 },
    Known { source: "a statistical test", heading: "gene log2fc pval qval", row: "g1 2 0.25 0.125", column: "log2fc", value: 2.0 },
    Known { source: "a statistical test", heading: "gene padj", row: "g1 0.25", column: "padj", value: 0.25 },
    Known { source: "a statistical test", heading: "gene symbol log2FoldChange", row: "g1 TP53 0.25", column: "log2FoldChange", value: 0.25 },
    Known { source: "a counting program", heading: "gene_id count tpm fpkm", row: "g1 5 2.5 3.5", column: "tpm", value: 2.5 },
    Known { source: "a counting program", heading: "Geneid Length Counts RPKM", row: "g1 900 5 2.5", column: "Counts", value: 5.0 },
    // R writes no heading above row names.
    Known { source: "DESeq2", heading: "baseMean log2FoldChange lfcSE stat pvalue padj", row: "g1 11 1 2 3 0.5 0.75", column: "padj", value: 0.75 },
    Known { source: "edgeR", heading: "logFC logCPM F PValue FDR", row: "g1 1 2 3 0.5 0.75", column: "logCPM", value: 2.0 },
    Known { source: "Seurat", heading: "p_val avg_log2FC pct.1 pct.2 p_val_adj", row: "g1 0.5 2 0.25 0.125 1", column: "avg_log2FC", value: 2.0 },
    Known { source: "a counting program", heading: "count tpm fpkm", row: "g1 5 2.5 3.5", column: "fpkm", value: 3.5 },
    Known { source: "Expression Atlas", heading: "Gene ID,Gene Name,g1_g2.p-value,g1_g2.log2foldchange", row: "g1 TP53 0.25 2", column: "g1_g2.log2foldchange", value: 2.0 },
];

fn text(known: &Known, separator: &str) -> String {
    let by = if known.heading.contains(',') {
        ","
    } else {
        " "
    };
    let heading = known.heading.split(by).collect::<Vec<_>>().join(separator);
    let row = known.row.split(' ').collect::<Vec<_>>().join(separator);
    format!("{heading}\n{row}\n{row}\n")
}

#[test]
fn quantities_and_statistics_are_no_samples() {
    for known in ONE_SAMPLE {
        // A comma may be in a value of RSEM.
        for separator in ["\t", ";"] {
            let text = text(known, separator);
            let told = refusal(read_as(&text, &ReadOptions::default()));
            assert!(
                told.contains(known.source) && told.contains("--value-column"),
                "{told}"
            );
            let asked = ReadOptions {
                value_column: Some(known.column.to_string()),
                ..ReadOptions::default()
            };
            let matrix =
                read_as(&text, &asked).unwrap_or_else(|error| panic!("{}: {error}", known.source));
            assert_eq!(matrix.samples, ["stem"], "{}", known.source);
            assert_eq!(matrix.values, [known.value; 2], "{}", known.source);
            let gene = if known.heading.starts_with("t_id") {
                "t1"
            } else {
                known.row.split(' ').next().unwrap()
            };
            assert_eq!(matrix.genes[0], gene);
            // What the message proposes is taken as it stands.
            let proposed = told.split("for example --value-column ").nth(1).unwrap();
            let proposed = proposed
                .split(';')
                .next()
                .unwrap()
                .trim_matches('\'')
                .to_string();
            let proposed = ReadOptions {
                value_column: Some(proposed),
                ..ReadOptions::default()
            };
            read_as(&text, &proposed).unwrap();
        }
    }
}

#[test]
fn counts_of_reads_without_a_gene_are_left_out_of_one_sample() {
    let heading = "gene_id\tgene_name\tgene_type\tunstranded\tstranded_first\tstranded_second\ttpm_unstranded";
    let text = format!(
        "# gene-model: GENCODE v36\n{heading}\nN_unmapped\t\t\t9\t8\t7\t\nN_noFeature\t\t\t9\t8\t7\t\n\
                        g1\tTP53\tprotein_coding\t1\t2\t3\t4\n"
    );
    let asked = ReadOptions {
        value_column: Some("stranded_first".to_string()),
        ..ReadOptions::default()
    };
    let matrix = read_as(text, &asked).unwrap();
    assert_eq!(
        (&matrix.genes[..], &matrix.values[..]),
        (&["g1".to_string()][..], &[2.0][..])
    );
    assert!(
        matrix
            .finding("special-rows")
            .unwrap()
            .contains("N_unmapped")
    );
}

#[test]
fn one_column_of_counts_or_a_sample_beside_them_is_a_matrix() {
    for heading in [
        "gene count",
        "gene TPM",
        "gene count S1",
        "gene S1_padj S2_padj",
    ] {
        let values = "\t1".repeat(heading.split(' ').count() - 1);
        let text = format!("{}\ng1{values}\n", heading.replace(' ', "\t"));
        let matrix = read_as(&text, &ReadOptions::default()).unwrap();
        assert_eq!(matrix.samples.len(), values.len() / 2, "{heading}");
    }
}

#[test]
fn samples_behind_statistics_are_read_with_the_option_that_is_named() {
    let text = "gene\tbaseMean\tlog2FoldChange\tpadj\tS1\tS2\ng1\t1\t2\t3\t4\t5\n";
    let told = refusal(read_as(text, &ReadOptions::default()));
    assert!(
        told.contains("DESeq2") && told.contains("--text-columns 3"),
        "{told}"
    );
    let asked = ReadOptions {
        text_columns: Some(3),
        ..ReadOptions::default()
    };
    let matrix = read_as(text, &asked).unwrap();
    assert_eq!(
        (matrix.samples, matrix.values),
        (vec!["S1".into(), "S2".into()], vec![4.0, 5.0])
    );
    // Fewer would leave a statistic among the samples.
    let too_few = ReadOptions {
        text_columns: Some(2),
        ..ReadOptions::default()
    };
    assert!(refusal(read_as(text, &too_few)).contains("DESeq2"));
}

#[test]
fn tables_that_no_option_reads() {
    for (text, part) in [
        (
            "Gene\tGene name\tTissue\tTPM\tpTPM\tnTPM\ng1\tTP53\tbrain\t1\t2\t3\n",
            "Human Protein Atlas",
        ),
        (
            "Gene\tGene name\tCell type\tnTPM\ng1\tTP53\tT-cells\t1\n",
            "Human Protein Atlas",
        ),
        (
            "id\tgene\tchrom\tchromStart\tchromEnd\tstrand\ng1\tTP53\t17\t1\t2\t+\n",
            "Xena",
        ),
        (
            "Status\ta.bam\tb.bam\nAssigned\t1\t2\nUnassigned_Unmapped\t3\t4\n",
            "summary of featureCounts",
        ),
        (
            "tracking_id\tcondition\treplicate\traw_frags\tFPKM\ng1\tq1\t0\t5\t1.5\n",
            "Cufflinks",
        ),
        (
            "Hugo_Symbol\tEntrez_Gene_Id\tChromosome\tVariant_Classification\nTP53\t7157\t17\tSilent\n",
            "MAF",
        ),
    ] {
        let told = said(read_as(text, &ReadOptions::default()));
        assert!(told.contains(part), "{told}");
    }
    let depmap = ",TSPAN6 (7105),TNMD (64102)\nACH-000001,1.5,2.5\nACH-000002,3,4\n";
    let told = said(read_as(depmap, &ReadOptions::default()));
    assert!(
        told.contains("DepMap") && told.contains("--transpose"),
        "{told}"
    );
}

#[test]
fn matrices_that_only_resemble_them_are_read() {
    for (text, samples) in [
        ("gene_id\ttpm_a\ttpm_b\ng1\t1\t2\n", vec!["tpm_a", "tpm_b"]),
        (
            "Gene\tGene name\tA_TPM\tB_TPM\ng1\tTP53\t1\t2\n",
            vec!["A_TPM", "B_TPM"],
        ),
        ("gene\tpvalue\tS1\ng1\t1\t2\n", vec!["pvalue", "S1"]),
        ("tracking_id\tq1_0\tq2_0\ng1\t1\t2\n", vec!["q1_0", "q2_0"]),
        (
            "Hugo_Symbol\tEntrez_Gene_Id\tTCGA-A1\tTCGA-B2\nTP53\t7157\t1\t2\n",
            vec!["TCGA-A1", "TCGA-B2"],
        ),
        (
            "Ensembl_ID\tTCGA-A1\tTCGA-B2\ng1\t1\t2\n",
            vec!["TCGA-A1", "TCGA-B2"],
        ),
        (
            "Gene ID\tGene Name\tbrain\tliver\ng1\tTP53\t1\t2\n",
            vec!["brain", "liver"],
        ),
        ("sgRNA\tGene\tA\tB\ns1\tTP53\t1\t2\n", vec!["A", "B"]),
    ] {
        let matrix = read_as(text, &ReadOptions::default())
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(matrix.samples, samples);
        assert_eq!(matrix.values, [1.0, 2.0]);
    }
}
