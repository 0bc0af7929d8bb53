//! Text matrices as they really are: one test for each shape that is met, and for what is made
//! of it.

use crate::reading::{problems, read, read_as, refusal};
use h5lift::matrix::{
    CommentWish, Duplicates, HeaderShape, HeaderWish, Layout, LayoutWish, QuoteWish, SpecialRows,
    Trailing, ValueType, Wishes,
};

const PLAIN: &str = "gene\tS1\tS2\ng1\t1\t2.5\ng2\t-3\t0\n";

fn is_plain(text: impl AsRef<[u8]>) -> crate::reading::Matrix {
    let matrix = read(text).unwrap();
    assert_eq!(matrix.samples, ["S1", "S2"]);
    assert_eq!(matrix.genes, ["g1", "g2"]);
    assert_eq!(matrix.values, [1.0, 2.5, -3.0, 0.0]);
    matrix
}

#[test]
fn plain_with_a_corner_named_or_empty() {
    let named = is_plain(PLAIN);
    assert_eq!(
        named.dialect.header,
        HeaderShape::Full {
            corner: "gene".to_string()
        }
    );
    assert_eq!(named.dialect.describe(), ["tab-separated"]);
    assert!(named.summary.findings.is_empty());
    is_plain(PLAIN.replace("gene", ""));
    is_plain(PLAIN.trim_end());
}

#[test]
fn r_write_table_has_a_header_one_field_short() {
    let matrix = is_plain("S1\tS2\ng1\t1\t2.5\ng2\t-3\t0\n");
    assert_eq!(matrix.dialect.header, HeaderShape::OneShort);
    assert!(matrix.says("one field short (as R's write.table writes it)"));
    let quoted = is_plain("\"S1\"\t\"S2\"\n\"g1\"\t1\t2.5\n\"g2\"\t-3\t0\n");
    assert_eq!(quoted.dialect.header, HeaderShape::OneShort);
    assert!(quoted.says("quoted with \""));
    // R's own default separator.
    is_plain("\"S1\" \"S2\"\n\"g1\" 1 2.5\n\"g2\" -3 0\n");

    for one in ["S1\ng1\t1\ng2\t2\n", "\"S1\"\n\"g1\"\t1\n\"g2\"\t2\n"] {
        let one = read(one).unwrap();
        assert_eq!((one.samples, one.genes.len()), (vec!["S1".to_string()], 2));
    }
    // Samples that are called by numbers.
    let numbers = read("1\t2\t3\ng1\t1\t2\t3\n").unwrap();
    assert_eq!(numbers.samples, ["1", "2", "3"]);
}

#[test]
fn r_col_names_na_and_write_csv() {
    is_plain("\"\"\t\"S1\"\t\"S2\"\n\"g1\"\t1\t2.5\n\"g2\"\t-3\t0\n");
    is_plain("\"\",\"S1\",\"S2\"\n\"g1\",1,2.5\n\"g2\",-3,0\n");
}

#[test]
fn csv_and_semicolons() {
    assert!(is_plain(PLAIN.replace('\t', ",")).says("comma-separated"));
    assert!(is_plain(PLAIN.replace('\t', ";")).says("semicolon-separated"));
    assert!(is_plain(PLAIN.replace('\t', "|")).says("bar-separated"));
    let one = read("gene,S1\na;b,5\nc;d,6\n").unwrap();
    assert_eq!(one.genes, ["a;b", "c;d"]);
    let european = "gene;S1\ng1;1,5\ng2;2,25\n";
    assert!(problems(read(european))[0].help.contains("--decimal ,"));
    let comma = Wishes {
        decimal: b',',
        ..Wishes::default()
    };
    let read = read_as(european, &comma).unwrap();
    assert_eq!(read.values, [1.5, 2.25]);
    assert!(read.says("the decimal mark is a comma"));
}

#[test]
fn quotes_byte_order_marks_and_carriage_returns() {
    is_plain(PLAIN.replace('\n', "\r\n"));
    is_plain(format!("\u{FEFF}{PLAIN}"));
    is_plain("\"gene\"\t\"S1\"\t\"S2\"\r\n\"g1\"\t\"1\"\t\"2.5\"\r\n\"g2\"\t\"-3\"\t\"0\"\r\n");
    let odd = read("g,\"S,\"\"1\"\"\"\n\"a\"\"b\nc\",1\nd\"e,2\n").unwrap();
    assert_eq!(odd.samples, ["S,\"1\""]);
    assert_eq!(odd.genes, ["a\"b\nc", "d\"e"]);
    let raw = Wishes {
        quote: QuoteWish::None,
        ..Wishes::default()
    };
    let kept = read_as("g\t\"S1\n\"a\"\t1\n", &raw).unwrap();
    assert_eq!(
        (kept.samples[0].as_str(), kept.genes[0].as_str()),
        ("\"S1", "\"a\"")
    );
    let single = Wishes {
        quote: QuoteWish::Character(b'\''),
        ..Wishes::default()
    };
    assert_eq!(read_as("g\t'S1'\n'a'\t1\n", &single).unwrap().genes, ["a"]);
}

#[test]
fn quotes_that_are_wrong() {
    let open = problems(read("g\tS1\na\t1\n\"b\t2\nc\t3\n"));
    assert_eq!((open.len(), open[0].line), (1, 3));
    assert!(open[0].message.contains("never closed"));
    assert!(open[0].help.contains("--quote none"));
    let behind = problems(read("g\tS1\n\"a\"x\t1\nb\t2\n\"c\nd\"\t?\ne\t!\n"));
    let places: Vec<_> = behind.iter().map(|p| (p.line, p.column)).collect();
    assert_eq!(places, [(2, 4), (5, 4), (6, 3)]);
}

#[test]
fn gct_1_2_and_its_sizes() {
    let text = "#1.2\n2\t2\nName\tDescription\tS1\tS2\ng1\tTP53\t1\t2.5\ng2\t\"BRCA 1\"\t-3\t0\n";
    let matrix = is_plain(text);
    assert_eq!(matrix.dialect.layout, Layout::Gct12);
    assert_eq!(matrix.dialect.dropped_columns, ["Description"]);
    assert!(
        matrix
            .finding("dropped-columns")
            .unwrap()
            .contains("Description")
    );
    // As spreadsheets leave it behind.
    is_plain(text.replace("#1.2\n2\t2\n", "#1.2\t\t\t\r\n2\t2\t\t\r\n"));
    assert!(refusal(read(text.replace("\n2\t2\n", "\n3\t2\n"))).contains("claims 3 rows"));
    assert!(refusal(read(text.replace("\n2\t2\n", "\n2\t3\n"))).contains("claims 3 samples"));
    assert_eq!(
        problems(read(text.replace("\n2\t2\n", "\nx\t2\n")))[0].line,
        2
    );
    assert_eq!(
        problems(read(text.replace("\n2\t2\n", "\n2\t2\t0\t0\n")))[0].line,
        2
    );
}

#[test]
fn gct_1_3_describes_genes_and_samples() {
    let text = "#1.3\n2\t2\t1\t2\nid\tsymbol\tS1\tS2\ndose\tna\t1.0\thigh\ncell\tna\tA375\tMCF7\n\
                g1\tTP53\t1\t2.5\ng2\t7\t-3\t0\n";
    let matrix = is_plain(text);
    assert_eq!(matrix.dialect.layout, Layout::Gct13);
    assert_eq!(matrix.dialect.skipped_lines, 4);
    assert!(refusal(read(text.replace("\n2\t2\t1\t2\n", "\n2\t2\t1\t9\n"))).contains("cut"));
}

#[test]
fn feature_counts_annotation_is_dropped_and_told() {
    let table = "Geneid\tChr\tStart\tEnd\tStrand\tLength\tdir/a.bam\tdir/b.bam\n\
                 g1\t1;1\t1;5\t3;9\t+;+\t8\t1\t2\ng2\t2\t1\t9\t-\t8\t3\t4\n";
    for head in [
        "# Program:featureCounts v2.0.1; Command:\"featureCounts\" \"-a\"\n",
        "",
    ] {
        let matrix = read(format!("{head}{table}")).unwrap();
        assert_eq!(matrix.dialect.layout, Layout::FeatureCounts);
        assert_eq!(matrix.samples, ["dir/a.bam", "dir/b.bam"]);
        assert_eq!(matrix.values, [1.0, 2.0, 3.0, 4.0]);
        let told = matrix.finding("dropped-columns").unwrap();
        assert!(told.contains("Chr, Start, End, Strand, Length"), "{told}");
    }
    let extra = table
        .replace("Length\t", "Length\tgene_name\t")
        .replace("\t8\t", "\t8\tTP53\t");
    let matrix = read(extra).unwrap();
    assert_eq!(matrix.samples, ["dir/a.bam", "dir/b.bam"]);
}

#[test]
fn leading_text_columns_are_recognised() {
    let matrix = is_plain("gene_id\tgene_name\tS1\tS2\ng1\tTP53\t1\t2.5\ng2\tNA\t-3\t0\n");
    assert_eq!(
        matrix.dialect.layout,
        Layout::LeadingTextColumns { count: 1 }
    );
    assert_eq!(matrix.dialect.dropped_columns, ["gene_name"]);
    assert!(matrix.says("1 column dropped: gene_name"));
    is_plain("tx\tgene_id\tlength\tS1\tS2\ng1\tTP53\t99\t1\t2.5\ng2\tA\t98\t-3\t0\n");
    is_plain(
        "gene_name\tS1\tS2\ng1\tTP53\t1\t2.5\ng2\tX\t-3\t0\n".replace("gene_name", "description"),
    );
}

#[test]
fn a_sample_is_never_taken_for_text() {
    // Few rows say so, and the name is not known: told, not dropped.
    let wrong = problems(read("gene\tS1\tS2\ng1\tlow\t2\ng2\thigh\t3\n"));
    assert_eq!((wrong.len(), wrong[0].line, wrong[0].column), (2, 2, 4));
    assert!(wrong[0].help.contains("--text-columns"));
    let wish = Wishes {
        text_columns: Some(1),
        ..Wishes::default()
    };
    let asked = read_as("gene\tS1\tS2\ng1\tlow\t2\ng2\thigh\t3\n", &wish).unwrap();
    assert_eq!(
        (asked.samples, asked.values),
        (vec!["S2".to_string()], vec![2.0, 3.0])
    );
    // Many rows, each with its own word.
    let mut many = "gene\tAlias\tS1\n".to_string();
    let mut flags = "gene\tS0\tS1\n".to_string();
    for row in 0..30 {
        many += &format!("g{row}\tA{row}\t{row}\n");
        flags += &format!("g{row}\tabsent\t{row}\n");
    }
    assert_eq!(read(many).unwrap().samples, ["S1"]);
    assert_eq!(problems(read(flags)).len(), 20);
}

#[test]
fn xena_keeps_rows_that_are_no_genes_and_reports_them() {
    let text = "Ensembl_ID\tS1\tS2\ng1\t1\t2\n__no_feature\t3\t4\n__ambiguous\t5\t6\n";
    let matrix = read(text).unwrap();
    assert_eq!(matrix.genes, ["g1", "__no_feature", "__ambiguous"]);
    assert!(matrix.finding("special-rows").unwrap().contains("kept"));
    let wish = Wishes {
        special_rows: SpecialRows::Drop,
        ..Wishes::default()
    };
    let dropped = read_as(text, &wish).unwrap();
    assert_eq!(
        (dropped.genes, dropped.values),
        (vec!["g1".to_string()], vec![1.0, 2.0])
    );
}

#[test]
fn geo_series_matrix() {
    let text = "!Series_title\t\"A \"\"study\"\"\"\n!Series_note\t\"open\n\n!Sample_title\t\"a\"\t\"b\"\n\
                !series_matrix_table_begin\n\"ID_REF\"\t\"S1\"\t\"S2\"\n\"g1\"\t1\t2.5\n\
                \"g2\"\t-3\t0\n!series_matrix_table_end\n\n";
    let matrix = is_plain(text);
    assert_eq!(matrix.dialect.layout, Layout::GeoSeries);
    assert_eq!(matrix.dialect.skipped_lines, 5);
    is_plain(text.replace('\n', "\r\n"));
    let cut = text.split("!series_matrix_table_end").next().unwrap();
    assert!(refusal(read(cut)).contains("has no end"));
    let twice = format!("{text}\"ID_REF\"\t\"S3\"\n");
    assert!(refusal(read(twice)).contains("lines follow the end"));
    let nulls = read(text.replace("2.5", "null").replace("-3", "")).unwrap();
    assert_eq!(nulls.summary.tally.missing, 2);
    let without = "!Series_title\t\"x\"\n!series_matrix_table_begin\n\"ID_REF\"\t\"S1\"\n\
                   !series_matrix_table_end\n";
    assert!(refusal(read(without)).contains("no row below"));
}

const STAR: &str = "N_unmapped\t10\t10\t10\nN_multimapping\t1\t1\t1\nN_noFeature\t2\t3\t4\n\
                    N_ambiguous\t5\t6\t7\ng1\t7\t3\t4\ng2\t9\t4\t5\n";

#[test]
fn star_counts() {
    let matrix = read(STAR).unwrap();
    assert_eq!(matrix.dialect.layout, Layout::StarCounts);
    assert_eq!(
        (matrix.samples, matrix.genes),
        (vec!["stem".into()], vec!["g1".into(), "g2".into()])
    );
    assert_eq!(matrix.values, [7.0, 9.0]);
    let codes: Vec<&str> = matrix
        .summary
        .findings
        .iter()
        .map(|f| f.code.as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "sample-named-after-file",
            "assumed-unstranded",
            "special-rows"
        ]
    );
    for (wanted, values) in [
        ("reverse", [4.0, 5.0]),
        ("3", [3.0, 4.0]),
        ("unstranded", [7.0, 9.0]),
    ] {
        let wish = Wishes {
            value_column: Some(wanted.to_string()),
            ..Wishes::default()
        };
        assert_eq!(read_as(STAR, &wish).unwrap().values, values, "{wanted}");
    }
    // Every row has to have all of its fields, though one is read.
    assert_eq!(
        problems(read(STAR.replace("g1\t7\t3\t4", "g1\t7\t3")))[0].line,
        5
    );
    assert_eq!(
        problems(read(STAR.replace("g1\t7\t3\t4", "g1\t7\t3\t4\t5")))[0].line,
        5
    );
    let last = Wishes {
        value_column: Some("reverse".into()),
        ..Wishes::default()
    };
    assert_eq!(
        problems(read_as(
            STAR.replace("g1\t7\t3\t4", "g1\t7\t3\t4\t5"),
            &last
        ))[0]
            .line,
        5
    );
}

#[test]
fn htseq_counts() {
    let text = "g1\t10\ng2\t20\n__no_feature\t5\n__ambiguous\t0\n";
    let matrix = read(text).unwrap();
    assert_eq!(matrix.dialect.layout, Layout::HtseqCounts);
    assert_eq!(
        (matrix.genes.len(), matrix.samples[0].as_str()),
        (2, "stem")
    );
    assert!(matrix.finding("special-rows").unwrap().contains("dropped"));
    // Without them it cannot be told from one sample that is called 10.
    let unclear = "g1\t10\ng2\t20\n";
    let asked = problems(read(unclear));
    assert!(asked[0].message.contains("looks like a row"));
    let no = Wishes {
        header: HeaderWish::No,
        ..Wishes::default()
    };
    assert_eq!(read_as(unclear, &no).unwrap().values, [10.0, 20.0]);
    let yes = Wishes {
        header: HeaderWish::Yes,
        ..Wishes::default()
    };
    assert_eq!(read_as(unclear, &yes).unwrap().samples, ["10"]);
    let htseq = Wishes {
        layout: LayoutWish::HtseqCounts,
        ..Wishes::default()
    };
    assert_eq!(
        read_as(unclear, &htseq).unwrap().dialect.layout,
        Layout::HtseqCounts
    );
}

#[test]
fn a_first_line_of_values_is_not_a_header() {
    for text in ["g1\t1.5\t2.5\ng2\t1\t2\n", "g1\t0\t0\t3\ng2\t1\t2\t3\n"] {
        assert!(problems(read(text))[0].message.contains("looks like a row"));
    }
    let no = Wishes {
        header: HeaderWish::No,
        ..Wishes::default()
    };
    let matrix = read_as("g1\t1.5\t2.5\ng2\t1\t2\n", &no).unwrap();
    assert_eq!((matrix.genes.len(), matrix.samples.len()), (2, 2));
    assert!(matrix.finding("made-up-sample-names").is_some());
}

#[test]
fn tables_of_quantities_are_refused_by_name() {
    for (program, header) in [
        ("Salmon", "Name\tLength\tEffectiveLength\tTPM\tNumReads"),
        ("kallisto", "target_id\tlength\teff_length\test_counts\ttpm"),
        (
            "RSEM",
            "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM",
        ),
        (
            "RSEM",
            "transcript_id\tgene_id\tlength\teffective_length\texpected_count\tTPM\tFPKM\tIsoPct",
        ),
        (
            "StringTie",
            "Gene ID\tGene Name\tReference\tStrand\tStart\tEnd\tCoverage\tFPKM\tTPM",
        ),
    ] {
        let fields = header.split('\t').count();
        let row = format!("t1{}\n", "\t2".repeat(fields - 1));
        let text = format!("{header}\n{row}");
        let reason = refusal(read(&text));
        assert!(
            reason.contains(program) && reason.contains("--value-column"),
            "{reason}"
        );
        let quantity = if program == "kallisto" { "tpm" } else { "TPM" };
        let wish = Wishes {
            value_column: Some(quantity.to_string()),
            ..Wishes::default()
        };
        let matrix = read_as(&text, &wish).unwrap();
        assert_eq!(
            (matrix.samples, matrix.values),
            (vec!["stem".to_string()], vec![2.0])
        );
    }
    let wish = Wishes {
        value_column: Some("tpm".to_string()),
        ..Wishes::default()
    };
    let text = "Name\tLength\tEffectiveLength\tTPM\tNumReads\nt\t1\t2\t3\t4\n";
    assert!(refusal(read_as(text, &wish)).contains("no column is called `tpm`"));
}

#[test]
fn one_column_of_a_matrix_keeps_its_name() {
    let wish = Wishes {
        value_column: Some("S2".to_string()),
        ..Wishes::default()
    };
    let matrix = read_as(PLAIN, &wish).unwrap();
    assert_eq!(
        (matrix.samples, matrix.values),
        (vec!["S2".to_string()], vec![2.5, 0.0])
    );
    assert_eq!(matrix.dialect.dropped_columns, ["S1"]);
}

#[test]
fn separators_at_the_ends_of_lines() {
    let rows_only = problems(read("gene\tS1\tS2\ng1\t1\t2\t\ng2\t3\t4\t\n"));
    assert_eq!(
        (rows_only.len(), rows_only[0].line, rows_only[0].field),
        (2, 2, 4)
    );
    assert!(rows_only[0].message.contains("ends in a separator"));
    let some_rows = problems(read("gene\tS1\tS2\ng1\t1\t2\ng2\t3\t4\t\n"));
    assert_eq!((some_rows.len(), some_rows[0].line), (1, 3));

    let header = is_plain("gene\tS1\tS2\t\ng1\t1\t2.5\ng2\t-3\t0\n");
    assert_eq!(header.dialect.trailing, Trailing::Header);
    assert!(header.says("separator at the end of the header"));

    let everywhere = is_plain("gene\tS1\tS2\t\r\ng1\t1\t2.5\t\r\ng2\t-3\t0\t\r\n");
    assert_eq!(everywhere.dialect.trailing, Trailing::Everywhere);
    let rows = "g\t1\t\n".repeat(300);
    let not_quite = problems(read(format!("gene\tS1\t\n{rows}g3\t3\ng4\t3\t7\n")));
    assert_eq!(
        not_quite.iter().map(|p| p.line).collect::<Vec<_>>(),
        [302, 303]
    );

    assert!(refusal(read("A\tB\t\ng1\t1\t2\n")).contains("--header short"));
}

#[test]
fn short_and_long_rows() {
    let text = "gene\tS1\tS2\tS3\ng1\t1\t2\t3\ng2\t1\t2\ng3\t1\t2\t3\t4\ng4\ng5\t1\t2\t3\n";
    let wrong = problems(read(text));
    let told: Vec<_> = wrong.iter().map(|p| (p.line, p.message.as_str())).collect();
    assert_eq!(
        told,
        [
            (3, "3 fields where 4 are expected"),
            (4, "5 fields where 4 are expected"),
            (5, "1 field where 4 are expected"),
        ]
    );
    assert_eq!(wrong[0].text, "g2→1→2");
    // All rows are short: the header is believed.
    assert_eq!(problems(read("gene\tS1\tS2\ng1\t1\ng2\t2\n")).len(), 2);
}

#[test]
fn names_must_not_shift() {
    // One field short, but the first name is certainly that of the genes.
    let reason = refusal(read("gene_id\tS1\tS2\ng1\t1\t2\t3\ng2\t1\t2\t3\n"));
    assert!(reason.contains("--header short"), "{reason}");
}

#[test]
fn duplicate_samples() {
    let text = "gene\tS\tT\tS\tS\tS.1\ng1\t1\t2\t3\t4\t5\n";
    let wrong = problems(read(text));
    assert_eq!(
        wrong.iter().map(|p| (p.line, p.field)).collect::<Vec<_>>(),
        [(1, 4), (1, 5)]
    );
    assert!(wrong[0].help.contains("--duplicates"));
    let as_wished = |duplicates| {
        let wish = Wishes {
            duplicates,
            ..Wishes::default()
        };
        read_as(text, &wish).unwrap()
    };
    let kept = as_wished(Duplicates::Keep);
    assert_eq!(kept.samples, ["S", "T", "S", "S", "S.1"]);
    assert!(kept.finding("duplicate-sample-names").is_some());
    assert_eq!(
        as_wished(Duplicates::Suffix).samples,
        ["S", "T", "S.2", "S.3", "S.1"]
    );
    let short = problems(read("A\tA\ng1\t1\t2\n"));
    assert_eq!((short[0].field, short[0].column), (2, 3));
}

#[test]
fn duplicate_genes_are_kept() {
    let matrix = read("gene\tS1\na\t1\nb\t2\na\t3\na\t4\nc\t1\nc\t1\n").unwrap();
    assert_eq!(matrix.genes, ["a", "b", "a", "a", "c", "c"]);
}

#[test]
fn names_are_text_and_never_touched() {
    let names = [
        "007",
        "2310009E13",
        "TRUE",
        "1E5",
        "NA",
        "null",
        "nan",
        "",
        " x ",
        "1-Mar",
        "0x1F",
        "é",
        "-0",
        "3'-5'",
        "a b",
        "N/A",
        "1_000",
        "+1",
    ];
    let rows: String = names.iter().map(|name| format!("{name}\t1\n")).collect();
    let matrix = read(format!("gene\tS1\n{rows}")).unwrap();
    assert_eq!(matrix.genes, names);
    let samples = ["007", "1E5x", "TRUE", "NA", "nan", " y "].join("\t");
    let matrix = read(format!("gene\t{samples}\ng\t1\t2\t3\t4\t5\t6\n")).unwrap();
    assert_eq!(matrix.samples.join("\t"), samples);
}

#[test]
fn missing_values() {
    let words = [
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
        "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", " NA ",
    ];
    let rows: String = words.iter().map(|word| format!("g\t{word}\t1\n")).collect();
    let matrix = read(format!("gene\tS1\tS2\n{rows}")).unwrap();
    assert!(matrix.values.iter().step_by(2).all(|value| value.is_nan()));
    assert_eq!(matrix.summary.tally.missing, 20);
    assert_eq!(matrix.summary.tally.missing_by_sample, [20, 0]);
    assert!(
        matrix
            .finding("all-missing-samples")
            .unwrap()
            .contains("S1")
    );
    assert!(
        matrix
            .finding("missing-values")
            .unwrap()
            .starts_with("20 values")
    );
    let last: String = words
        .iter()
        .map(|word| format!("g\t1\t{word}\r\n"))
        .collect();
    let matrix = read(format!("gene\tS1\tS2\r\n{last}")).unwrap();
    assert_eq!(matrix.summary.tally.missing_by_sample, [0, 20]);
    let wish = Wishes {
        na: vec!["-".into(), "-9999".into()],
        ..Wishes::default()
    };
    let matrix = read_as("g\tS1\na\t-\nb\t-9999\nc\t-9999.0\nd\t-999\n", &wish).unwrap();
    assert_eq!(matrix.summary.tally.missing, 3);
}

#[test]
fn infinities() {
    let text = "g\tS1\na\tinf\nb\t-Inf\nc\t+INFINITY\nd\t-infinity\n";
    let matrix = read(text).unwrap();
    let infinite = f64::INFINITY;
    assert_eq!(matrix.values, [infinite, -infinite, infinite, -infinite]);
    assert_eq!(
        (
            matrix.summary.tally.infinite,
            matrix.summary.tally.overflowed
        ),
        (4, 0)
    );
}

#[test]
fn what_is_no_number_is_told_with_line_and_column() {
    let text = "gene\tS1\tS2\ng1\t1\t-\ng2\t.\t2\ng3\t1,234\t5\ng4\tTRUE\t1e\ng5\t1.2.3\t0x1F\n\
                g6\t1 2\t--1\n";
    let wrong = problems(read(text));
    let places: Vec<_> = wrong.iter().map(|p| (p.line, p.column, p.field)).collect();
    assert_eq!(
        places,
        [
            (2, 6, 3),
            (3, 4, 2),
            (4, 4, 2),
            (5, 4, 2),
            (5, 9, 3),
            (6, 4, 2),
            (6, 10, 3),
            (7, 4, 2),
            (7, 8, 3)
        ]
    );
    assert_eq!(wrong[0].message, "`-` is not a number (sample `S2`)");
    assert_eq!(wrong[0].text, "g1→1→-");
    assert_eq!(wrong[0].span, 5..6);
    for (problem, part) in wrong
        .iter()
        .zip(["--na -", "--na .", "--decimal ,", "1 and 0"])
    {
        assert!(problem.help.contains(part), "{problem:?}");
    }
}

#[test]
fn as_many_problems_as_asked_for() {
    let rows: String = (0..100_000).map(|row| format!("g{row}\tx\n")).collect();
    let text = format!("gene\tS1\n{rows}");
    for limit in [1, 20, 5000] {
        let wish = Wishes {
            max_errors: limit,
            block_bytes: 1 << 17,
            ..Wishes::default()
        };
        let wrong = problems(read_as(&text, &wish));
        assert_eq!(wrong.len(), limit);
        assert!(
            wrong
                .iter()
                .zip(2..)
                .all(|(problem, line)| problem.line == line)
        );
    }
}

#[test]
fn problems_far_apart_are_told_together() {
    let rows: String = (0..100_000)
        .map(|row| match row {
            5 => "g5\tx\n".to_string(),
            70_000 => "short\n".to_string(),
            99_999 => "\n".to_string(),
            row => format!("g{row}\t{row}\n"),
        })
        .collect();
    let wish = Wishes {
        block_bytes: 1 << 17,
        ..Wishes::default()
    };
    let wrong = problems(read_as(format!("gene\tS1\n{rows}z\t1\n"), &wish));
    let lines: Vec<u64> = wrong.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [7, 70_002, 100_001]);
}

#[test]
fn what_float32_cannot_hold_is_told() {
    let text = "g\tS1\na\t16777217\nb\t1e39\nc\t16777216\nd\t-1e300\ne\t1e-60\nf\t33554435.0\n";
    let matrix = read(text).unwrap();
    let tally = &matrix.summary.tally;
    assert_eq!(
        (tally.rounded_integers, tally.overflowed, tally.vanished),
        (2, 2, 1)
    );
    assert!(
        matrix
            .finding("rounded-counts")
            .unwrap()
            .contains("--dtype f64")
    );
    let wish = Wishes {
        values: ValueType::F64,
        ..Wishes::default()
    };
    let matrix = read_as(text, &wish).unwrap();
    assert!(matrix.summary.findings.is_empty());
    assert_eq!(matrix.values[..2], [16_777_217.0, 1e39]);
    assert_eq!(
        read_as("g\tS1\na\t1e999\n", &wish)
            .unwrap()
            .summary
            .tally
            .overflowed,
        1
    );
}

#[test]
fn the_wrong_separator_is_an_error() {
    for separator in [b',', b';'] {
        let wish = Wishes {
            separator: Some(separator),
            ..Wishes::default()
        };
        assert!(refusal(read_as(PLAIN, &wish)).contains("no "));
    }
    assert!(refusal(read("one\ntwo\nthree\n")).contains("nothing separates"));
    let contradictory = Wishes {
        separator: Some(b','),
        decimal: b',',
        ..Wishes::default()
    };
    assert!(refusal(read_as(PLAIN, &contradictory)).contains("the same"));
}

#[test]
fn empty_and_header_only() {
    let wish = Wishes {
        allow_empty: true,
        ..Wishes::default()
    };
    for (text, part, samples) in [
        ("", "empty", 0),
        ("\n\n", "empty", 0),
        ("gene\tS1\tS2\n", "no row below", 2),
        ("gene\tS1\tS2", "no row below", 2),
        ("gene\tS1\tS2\n\n", "no row below", 2),
    ] {
        assert!(refusal(read(text)).contains(part), "{text:?}");
        let matrix = read_as(text, &wish).unwrap();
        assert_eq!(
            (matrix.samples.len(), matrix.genes.len()),
            (samples, 0),
            "{text:?}"
        );
    }
    let only_special = "N_unmapped\t1\t2\t3\n";
    assert!(refusal(read(only_special)).contains("no row is left"));
}

#[test]
fn blank_lines_are_nothing_at_the_end_only() {
    is_plain(format!("{PLAIN}\n\r\n  \n"));
    let within = problems(read("gene\tS1\ng1\t1\n\ng2\tx\n"));
    assert_eq!(within.iter().map(|p| p.line).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(problems(read(format!("\n{PLAIN}")))[0].line, 1);
    let at_end = problems(read("gene\tS1\ng1\t1\ng2\tx\n\n\n"));
    assert_eq!((at_end.len(), at_end[0].line), (1, 3));
}

#[test]
fn comments() {
    is_plain(format!("# one\n# two\n{PLAIN}"));
    let header = read("# made by x\n#gene\tS1\tS2\ng1\t1\t2\n").unwrap();
    assert_eq!(header.samples, ["S1", "S2"]);
    assert!(matches!(&header.dialect.header, HeaderShape::Full { corner } if corner == "#gene"));
    let wish = Wishes {
        comment: CommentWish::Prefix("//".to_string()),
        ..Wishes::default()
    };
    let matrix = read_as(
        "// \"x\n//\ngene\tS1\n//\n//y\ng1\t1\n// \"\n#g2\t2\n//",
        &wish,
    )
    .unwrap();
    assert_eq!(matrix.genes, ["g1", "#g2"]);
    let wrong = problems(read_as("gene\tS1\n//\n//y\ng1\tx\n// \"\n#g2\ty\n", &wish));
    assert_eq!(wrong.iter().map(|p| p.line).collect::<Vec<_>>(), [4, 6]);
}

#[test]
fn zero_bytes_in_names_are_refused() {
    let rows = "gene\t1\n".repeat(100);
    let wrong = problems(read(format!("gene\tS1\n{rows}g\u{0}1\t1\n")));
    assert_eq!((wrong[0].line, wrong[0].column), (102, 2));
}

#[test]
fn other_files_are_refused_by_name() {
    for (bytes, part) in [
        (&b"\x89HDF\r\n\x1a\n"[..], "HDF5"),
        (b"PK\x03\x04xxxx", "zip"),
        (b"<!DOCTYPE html>\n<html>", "web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid x\n",
            "git lfs pull",
        ),
        (b"BZh91AY", "bzip2"),
        (b"\x01\x02\x00\x05\x06\x07binary", "binary"),
    ] {
        assert!(refusal(read(bytes)).contains(part), "{part}");
    }
}
