//! Text matrices as they really are: one test for each shape that is met, and for what is made
//! of it.

use crate::reading::{PLAIN, is_plain, problems, read, read_as, refusal};
use text_matrix::{
    HeaderOption, HeaderShape, Layout, LayoutOption, QuoteOption, ReadOptions, SummaryRows,
};

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
    let comma = ReadOptions {
        decimal: b',',
        ..ReadOptions::default()
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
    let raw = ReadOptions {
        quote: QuoteOption::None,
        ..ReadOptions::default()
    };
    let kept = read_as("g\t\"S1\n\"a\"\t1\n", &raw).unwrap();
    assert_eq!(
        (kept.samples[0].as_str(), kept.genes[0].as_str()),
        ("\"S1", "\"a\"")
    );
    let single = ReadOptions {
        quote: QuoteOption::Character(b'\''),
        ..ReadOptions::default()
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

/// Text written without quotes around fields, whose row 3 begins one and row `last` ends one, in column 1 or 2.
fn with_stray_quotes(rows: usize, last: usize, in_genes: bool) -> String {
    let row = |row: usize| {
        let (before, behind) = match row {
            3 => ("\"", ""),
            row if row == last => ("", "\""),
            _ => ("", ""),
        };
        match in_genes {
            true => format!("{before}g{row}{behind}\tp\t{row}.5\t1\n"),
            false => format!("g{row}\t{before}about protein {row}{behind}\t{row}.5\t1\n"),
        }
    };
    "gene_id\tdescription\tS1\tS2\n".to_string() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn stray_quotes_swallow_no_rows() {
    let with_quote = |quote| ReadOptions {
        quote,
        block_bytes: 1 << 17,
        ..ReadOptions::default()
    };
    let auto = with_quote(QuoteOption::Auto);
    for (rows, last, in_genes) in [
        (12, 9, false),
        (12, 4, true),
        (30_000, 29_000, false),
        (30_000, 29_000, true),
    ] {
        let text = with_stray_quotes(rows, last, in_genes);
        let wrong = problems(read_as(&text, &auto));
        let column = if in_genes { 1 } else { 4 };
        assert_eq!(
            (wrong.len(), wrong[0].line, wrong[0].column),
            (1, 5, column)
        );
        assert!(wrong[0].help.contains("--quote none"), "{wrong:?}");
        let plain = read_as(&text, &with_quote(QuoteOption::None)).unwrap();
        assert_eq!(plain.genes.len(), rows);
        let given = read_as(&text, &with_quote(QuoteOption::Character(b'"'))).unwrap();
        assert_eq!(given.genes.len(), rows - (last - 3));
    }
    // Far behind the lines by which the text is judged.
    let far = with_stray_quotes(0, 0, false)
        + &"g\tp\t1\t2\n".repeat(50_000)
        + "g\t\"p\t1\t2\ng\tp\"\t1\t2\n";
    assert_eq!(problems(read_as(far, &auto))[0].line, 50_002);
    let header = "gene\t\"about\tS1\tS2\na\tx\t1\t2\nb\ty\"\t3\t4\nc\tz\t5\t6\n";
    assert_eq!(problems(read(header))[0].line, 1);
    let short = "\"S1\tS2\na\t1\t2\nb\"\t3\t4\nc\t5\t6\n";
    assert_eq!(problems(read(short))[0].line, 1);
}

#[test]
fn line_breaks_within_quotes_are_read() {
    let text =
        "gene,description,S1,S2\na,\"one, two\nthree, four\",1,2.5\n\"b\nc\",\"x,y,z\nw\",-3,0\n";
    let matrix = read(text).unwrap();
    assert_eq!(matrix.genes, ["a", "b\nc"]);
    assert_eq!(matrix.values, [1.0, 2.5, -3.0, 0.0]);
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
    // Few rows say so, and the name is not known: reported, not dropped.
    let wrong = problems(read("gene\tS1\tS2\ng1\tlow\t2\ng2\thigh\t3\n"));
    assert_eq!((wrong.len(), wrong[0].line, wrong[0].column), (2, 2, 4));
    assert!(wrong[0].help.contains("--text-columns"));
    let wish = ReadOptions {
        text_columns: Some(1),
        ..ReadOptions::default()
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
    let wish = ReadOptions {
        summary_rows: SummaryRows::Drop,
        ..ReadOptions::default()
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
    assert_eq!(nulls.summary.counts.missing, 2);
    let without = "!Series_title\t\"x\"\n!series_matrix_table_begin\n\"ID_REF\"\t\"S1\"\n\
                   !series_matrix_table_end\n";
    assert!(refusal(read(without)).contains("no row below"));
}

#[test]
fn a_layout_that_is_asked_for_needs_its_columns() {
    for layout in [LayoutOption::StarCounts, LayoutOption::HtseqCounts] {
        let options = ReadOptions {
            layout,
            header: HeaderOption::Yes,
            separator: Some(b' '),
            ..ReadOptions::default()
        };
        let reason = refusal(read_as("one \ntwo \n", &options));
        assert!(reason.contains("none of a sample"), "{reason}");
    }
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
        let wish = ReadOptions {
            value_column: Some(wanted.to_string()),
            ..ReadOptions::default()
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
    let last = ReadOptions {
        value_column: Some("reverse".into()),
        ..ReadOptions::default()
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
    // Without them it cannot be distinguished from one sample that is called 10.
    let unclear = "g1\t10\ng2\t20\n";
    let asked = problems(read(unclear));
    assert!(asked[0].message.contains("looks like a row"));
    let no = ReadOptions {
        header: HeaderOption::No,
        ..ReadOptions::default()
    };
    assert_eq!(read_as(unclear, &no).unwrap().values, [10.0, 20.0]);
    let yes = ReadOptions {
        header: HeaderOption::Yes,
        ..ReadOptions::default()
    };
    assert_eq!(read_as(unclear, &yes).unwrap().samples, ["10"]);
    let htseq = ReadOptions {
        layout: LayoutOption::HtseqCounts,
        ..ReadOptions::default()
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
    let no = ReadOptions {
        header: HeaderOption::No,
        ..ReadOptions::default()
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
        let wish = ReadOptions {
            value_column: Some(quantity.to_string()),
            ..ReadOptions::default()
        };
        let matrix = read_as(&text, &wish).unwrap();
        assert_eq!(
            (matrix.samples, matrix.values),
            (vec!["stem".to_string()], vec![2.0])
        );
    }
    let wish = ReadOptions {
        value_column: Some("tpm".to_string()),
        ..ReadOptions::default()
    };
    let text = "Name\tLength\tEffectiveLength\tTPM\tNumReads\nt\t1\t2\t3\t4\n";
    assert!(refusal(read_as(text, &wish)).contains("no column is called `tpm`"));
}

#[test]
fn one_column_of_a_matrix_keeps_its_name() {
    let wish = ReadOptions {
        value_column: Some("S2".to_string()),
        ..ReadOptions::default()
    };
    let matrix = read_as(PLAIN, &wish).unwrap();
    assert_eq!(
        (matrix.samples, matrix.values),
        (vec!["S2".to_string()], vec![2.5, 0.0])
    );
    assert_eq!(matrix.dialect.dropped_columns, ["S1"]);
}
