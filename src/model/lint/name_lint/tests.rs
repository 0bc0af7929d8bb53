use super::*;

fn findings<'n>(axis: Axis, names: impl IntoIterator<Item = &'n str>) -> Vec<(String, String)> {
    let mut lint = NameLint::new(axis);
    for name in names {
        lint.see(name);
    }
    lint.findings()
        .into_iter()
        .map(|finding| (finding.code, finding.detail))
        .collect()
}

fn genes(names: &[&str]) -> Vec<(String, String)> {
    findings(Axis::Genes, names.iter().copied())
}

fn samples(names: &[&str]) -> Vec<(String, String)> {
    findings(Axis::Samples, names.iter().copied())
}

fn told(code: &str, detail: &str) -> Vec<(String, String)> {
    vec![(code.to_string(), detail.to_string())]
}

#[test]
fn ordinary_names_are_not_remarkable() {
    let usual = [
        "FBgn0000001",
        "TP53",
        "MAR1",
        "2310009E13",
        "007",
        "HLA-A",
        "A B",
        "\u{3b2}",
    ];
    assert!(genes(&usual).is_empty());
    assert!(samples(&["S1", "S2.1", "TCGA-02-0001", "1-Mar", "2001-03-01"]).is_empty());
    assert!(genes(&["gene", "Length", "/a", "x.bam"]).is_empty());
    assert!(genes(&[]).is_empty());
}

#[test]
fn duplicates_are_counted_once_each_with_three_examples() {
    assert_eq!(
        genes(&["a", "b", "a", "a", "b", "c"]),
        told("duplicate-gene-names", "2 names occur twice or more: a, b")
    );
    assert_eq!(
        samples(&["x", "x"]),
        told("duplicate-sample-names", "1 name occurs twice or more: x")
    );
    let many = ["a", "b", "c", "d", "a", "b", "c", "d"];
    assert_eq!(genes(&many)[0].1, "4 names occur twice or more: a, b, c");
}

#[test]
fn empty_names_are_counted_and_are_duplicates_too() {
    assert_eq!(
        genes(&["a", ""]),
        told("empty-gene-names", "1 name is empty")
    );
    let two = genes(&["", "a", ""]);
    assert_eq!(two[0].1, "1 name occurs twice or more: \"\"");
    assert_eq!(
        two[1],
        ("empty-gene-names".into(), "2 names are empty".into())
    );
}

#[test]
fn renamed_duplicates_need_all_the_names_before_them() {
    assert_eq!(
        samples(&["X", "Y", "X.1", "X.2", "Z.1"]),
        told(
            "renamed-sample-names",
            "2 sample names look like duplicates that were renamed: X.1, X.2"
        )
    );
    // A versioned id beside one without a version.
    assert!(genes(&["ENSG00000000003", "ENSG00000000003.14"]).is_empty());
}

#[test]
fn headings_and_paths_are_about_samples() {
    assert_eq!(
        samples(&["Geneid", "S1", "Unnamed: 3", "Length"]),
        told(
            "heading-sample-names",
            "3 sample names are headings of other columns: Geneid, Unnamed: 3, Length"
        )
    );
    assert_eq!(
        samples(&["/data/x.bam", "S1"]),
        told(
            "path-sample-names",
            "1 sample name is the path of an alignment file: /data/x.bam"
        )
    );
}

#[test]
fn counters_and_dates_are_about_genes() {
    assert_eq!(
        genes(&["N_unmapped", "TP53", "__no_feature"]),
        told(
            "counter-gene-names",
            "2 gene names are counters of reads without a gene: N_unmapped, __no_feature"
        )
    );
    assert_eq!(
        genes(&["1-Mar", "TP53"]),
        told(
            "date-gene-names",
            "1 gene name looks like a date that a spreadsheet made: 1-Mar"
        )
    );
}

#[test]
fn missing_labels_show_each_spelling_once() {
    let all = genes(&["nan", "nan", "None", "nan"]);
    assert_eq!(
        all[1],
        (
            "missing-gene-names".into(),
            "4 gene names stand for missing labels: nan, None".into()
        )
    );
}

#[test]
fn floats_are_told_of_both_axes() {
    let detail = |noun| format!("2 {noun} names look like floats, not like ids: 2.3e+19, 7157.0");
    let names = ["2.3e+19", "7157.0"];
    assert_eq!(genes(&names), told("float-gene-names", &detail("gene")));
    assert_eq!(
        samples(&names),
        told("float-sample-names", &detail("sample"))
    );
}

#[test]
fn what_cannot_be_seen_is_shown_in_quotes() {
    assert_eq!(
        genes(&[" A", "B"]),
        told(
            "padded-gene-names",
            "1 gene name has blanks around it: \" A\""
        )
    );
    assert_eq!(
        genes(&["A\u{7}B"]),
        told(
            "unprintable-gene-names",
            "1 gene name holds control or invisible characters: \"A\\u{7}B\""
        )
    );
    let codes: Vec<String> = samples(&["gene "]).into_iter().map(|told| told.0).collect();
    assert_eq!(codes, ["heading-sample-names", "padded-sample-names"]);
}

#[test]
fn long_names_are_shown_shortened() {
    let edge = "\u{e9}".repeat(127);
    assert!(genes(&[&edge]).is_empty());
    let long = "\u{e9}".repeat(128);
    let expected = format!(
        "1 gene name is longer than 255 bytes: {}...",
        "\u{e9}".repeat(60)
    );
    assert_eq!(genes(&[&long]), told("long-gene-names", &expected));
}

#[test]
fn made_up_names_are_told_only_when_all_are() {
    let numbered = |prefix: &str, n: usize| -> Vec<String> {
        (0..n).map(|i| format!("{prefix}{i}")).collect()
    };
    let names = numbered("toy_gene_", 12);
    assert_eq!(
        findings(Axis::Genes, names.iter().map(String::as_str)),
        told(
            "made-up-gene-names",
            "all 12 gene names are generated: toy_gene_0 to toy_gene_11"
        )
    );
    let index = numbered("", 3);
    assert_eq!(
        findings(Axis::Samples, index.iter().map(String::as_str)),
        told(
            "made-up-sample-names",
            "all 3 sample names are generated: 0 to 2"
        )
    );
    for not in [
        &["gene_0"][..],
        &["gene_0", "gene_2"],
        &["gene_0", "gene_1", "TP53"],
        &["gene_1", "gene_2"],
        &["gene_0", "sample_1"],
        &["gene_0", "gene_01"],
        &["day0", "day1"],
        &["s_10", "s_11"],
    ] {
        assert!(genes(not).is_empty(), "{not:?}");
    }
}

#[test]
fn numbers_of_days_are_dates_only_among_other_names() {
    let mut names = vec!["TP53"; 20];
    names[7] = "43891";
    let told = genes(&names);
    let date = told.iter().find(|(code, _)| code == "date-gene-names");
    assert_eq!(
        date.map(|(_, detail)| detail.as_str()),
        Some("1 gene name looks like a date that a spreadsheet made: 43891")
    );
    let entrez = ["43891", "7157", "675", "672"];
    assert!(genes(&entrez).is_empty());
    assert!(
        samples(&names)
            .iter()
            .all(|(code, _)| code != "date-sample-names")
    );
}
