use super::*;

fn check(question: fn(&str) -> bool, yes: &[&str], no: &[&str]) {
    for name in yes {
        assert!(question(name), "{name:?}");
    }
    for name in no {
        assert!(!question(name), "{name:?}");
    }
}

#[test]
fn headings_in_any_case_and_what_pandas_calls_none() {
    check(
        is_heading,
        &["gene", "Geneid", "Name", "ID_REF", "Length", "Description"],
        &["", "gene_1", "Names", "length_a", "Gene A"],
    );
    check(
        is_heading,
        &[
            "Unnamed: 0",
            "Unnamed: 12",
            "Unnamed: 0_level_1",
            "NumReads",
        ],
        &["Unnamed", "Unnamed: ", "Unnamed: x"],
    );
}

#[test]
fn counters_of_star_and_htseq() {
    check(
        is_counter,
        &[
            "N_unmapped",
            "N_noFeature",
            "__no_feature",
            "__too_low_aQual",
            "not_aligned",
        ],
        &["N_other", "__", "N_unmapped2", "no"],
    );
}

#[test]
fn missing_labels_and_names_that_begin_like_them() {
    check(
        is_missing,
        &["nan", "None", "NA", "#N/A", "#REF!"],
        &["", "NANOG", "NA12878", "none", "NaN1"],
    );
}

#[test]
fn floats_as_programs_print_them_and_ids_that_only_resemble_them() {
    check(
        is_float,
        &[
            "2.3e+19", "2.31E+19", "1e+05", "1e-05", "1.5E3", "7157.0", "12.00", "-1.0",
        ],
        &[
            "",
            ".",
            ".0",
            "7157",
            "007",
            "1E5",
            "2310009E13",
            "1.2",
            "e+5",
            "1e",
            "1e+",
            "1.e+5",
            "1.0.0",
            "2.3e+19x",
            "--1.0",
            "1e5.0",
            "inf",
        ],
    );
}

#[test]
fn dates_of_spreadsheets_and_genes_that_only_resemble_them() {
    check(
        is_date,
        &[
            "1-Mar",
            "2-Sep",
            "10-MAR",
            "1-Sept",
            "Mar-01",
            "1-Mar-01",
            "2-Sep-2001",
            "2001-03-01",
            "2001-03-01 00:00:00",
            "2001-03-01T00:00:00",
            "3/1/2001",
            "31/12/2001",
            "01.03.2021",
            "1-mars",
            "01-Mrz",
            "1. Mrz",
            "01. Mär",
            "1-dic",
            "2-set",
            "1-mrt",
            "1-déc.",
            "1 mars 2021",
            "2001/3/1",
            "3月1日",
            "9월 2일",
        ],
        &[
            "",
            "-",
            "MAR1",
            "MARCH1",
            "SEPT2",
            "sep-1",
            "SEP-1",
            "Sep-1",
            "mar-01",
            "dec-7",
            "HLA-A",
            "NKX2-5",
            "32-Mar",
            "0-Mar",
            "1-Mart",
            "2001-13-01",
            "2001-03-32",
            "1801-03-01",
            "2001-3-01",
            "31/13/2001",
            "1/2/3",
            "1-2-3",
            "1-2",
            "2001-03-01-04",
        ],
    );
}

#[test]
fn paths_of_alignments() {
    check(
        is_path,
        &[
            "/data/x.bam",
            "x.bam",
            "a/x.BAM",
            "./x",
            "../x",
            "~/x",
            "x.cram",
            "\u{e9}.sam",
        ],
        &["", "bam", "x.bam.1", "A/B", "bam.x", "\u{e9}bam"],
    );
}

#[test]
fn blanks_and_what_does_not_show() {
    check(
        has_blanks_around,
        &[" A", "A ", "\tA", "A\u{a0}", " "],
        &["", "A", "A B"],
    );
    check(
        has_unprintable,
        &[
            "A\u{7}",
            "A\nB",
            "\u{feff}A",
            "A\u{200b}",
            "\u{202e}A",
            "\u{7f}",
        ],
        &["", "A B", "\u{e9}\u{1f9ec}", "\u{a0}"],
    );
}

#[test]
fn the_name_that_a_renamed_one_follows() {
    assert_eq!(renamed_after("X.1").as_deref(), Some("X"));
    assert_eq!(renamed_after("X.1.1").as_deref(), Some("X.1"));
    assert_eq!(renamed_after("X.12").as_deref(), Some("X.11"));
    for name in [
        "X",
        "X.",
        ".1",
        "X.0",
        "X.01",
        "X.1a",
        "X.99999999999999999999",
    ] {
        assert_eq!(renamed_after(name), None, "{name}");
    }
}
