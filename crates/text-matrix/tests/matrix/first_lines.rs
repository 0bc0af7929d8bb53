//! What is a heading, a column of genes and a sample, judged by the first lines together: what is plain is read, and
//! what is not is an error that names the option which decides.

use crate::reading::{Matrix, read_as, said};
use text_matrix::{HeaderOption, ReadOptions};

const ROWS: usize = 60;

fn genes() -> Vec<String> {
    (0..ROWS).map(|row| format!("ENSG{row:011}")).collect()
}

fn symbols() -> Vec<String> {
    (0..ROWS).map(|row| format!("SYM{row}")).collect()
}

fn numbers(first: usize) -> Vec<String> {
    (first..first + ROWS)
        .map(|number| number.to_string())
        .collect()
}

fn counts() -> Vec<Vec<String>> {
    let count = |row: usize, column: usize| ((row * 389 + column * 977 + 11) % 1000).to_string();
    (0..ROWS)
        .map(|row| (0..3).map(|column| count(row, column)).collect())
        .collect()
}

fn decimals() -> Vec<Vec<String>> {
    let decimal = |count: &String| format!("{}", count.parse::<f64>().unwrap() / 8.0 - 20.0);
    counts()
        .iter()
        .map(|row| row.iter().map(decimal).collect())
        .collect()
}

/// Columns with their headings, then samples, as text in which `|` separates.
fn table(columns: &[(&str, Vec<String>)], samples: &[&str], values: &[Vec<String>]) -> String {
    let headings: Vec<&str> = columns
        .iter()
        .map(|(heading, _)| *heading)
        .chain(samples.iter().copied())
        .collect();
    let mut text = format!("{}\n", headings.join("|"));
    for (row, values) in values.iter().enumerate() {
        let mut fields: Vec<&str> = columns
            .iter()
            .map(|(_, column)| column[row].as_str())
            .collect();
        fields.extend(values.iter().map(String::as_str));
        text += &format!("{}\n", fields.join("|"));
    }
    text
}

const SAMPLES: [&str; 3] = ["S1", "S2", "S3"];

/// In every separator, quoted or not, and at every length up to more than a block.
fn everywhere(text: &str, long: bool, judge: impl Fn(&str)) {
    for separator in ["\t", ",", ";"] {
        judge(&text.replace('|', separator));
    }
    let quoted = |line: &str| {
        let quoted: Vec<String> = line
            .split('|')
            .map(|field| match field.parse::<f64>() {
                Ok(_) => field.to_string(),
                Err(_) => format!("\"{field}\""),
            })
            .collect();
        quoted.join(",")
    };
    judge(
        &text
            .lines()
            .map(|line| quoted(line) + "\n")
            .collect::<String>(),
    );
    if long {
        let (first, rows) = text.split_once('\n').unwrap();
        let many = rows.repeat((3 << 20) / rows.len());
        judge(&format!("{first}\n{many}").replace('|', "\t"));
    }
}

fn options(change: impl Fn(&mut ReadOptions)) -> ReadOptions {
    let mut options = ReadOptions::default();
    change(&mut options);
    options
}

fn read(text: &str, change: impl Fn(&mut ReadOptions)) -> Matrix {
    read_as(text, &options(change)).unwrap_or_else(|error| {
        panic!(
            "{error}: {:?}\n{}",
            error.help(),
            text.lines().take(3).collect::<Vec<_>>().join("\n")
        )
    })
}

#[track_caller]
fn is_refused(text: &str, parts: &[&str]) {
    let told = said(read_as(text, &ReadOptions::default()));
    for part in parts {
        assert!(
            told.contains(part),
            "{part} is not in: {told}\n{}",
            text.lines().next().unwrap()
        );
    }
}

/// A table of `columns` x `values` is read so.
#[track_caller]
fn is_read(matrix: &Matrix, gene: &str, samples: &[&str], value: f64) {
    assert_eq!(matrix.genes.len(), ROWS);
    assert_eq!((matrix.genes[0].as_str(), matrix.values[0]), (gene, value));
    assert_eq!(matrix.samples, samples);
}

#[test]
fn a_row_in_place_of_a_heading_is_refused() {
    let mut names = symbols();
    names[0] = "TSPAN6".to_string();
    for values in [counts(), decimals()] {
        let whole = table(&[("x", names.clone())], &[], &values);
        let rows = whole.split_once('\n').unwrap().1;
        everywhere(rows, true, |text| {
            is_refused(text, &["looks like a row", "--header no", "--header yes"]);
        });
    }
    // Ids and names, and rows of htseq-count.
    let whole = table(&[("x", genes()), ("y", names)], &[], &counts());
    let rows = whole.split_once('\n').unwrap().1;
    everywhere(rows, false, |text| {
        is_refused(text, &["looks like a row", "--header no"]);
    });
    let htseq = format!("{rows}__no_feature||1|2|3\n__ambiguous||1|2|3\n");
    everywhere(&htseq, false, |text| is_refused(text, &["--header no"]));
    // A missing value among them, and values that are infinite.
    for first in [
        "TSPAN6|NA|7|8\n",
        "TSPAN6|1|inf|8\n",
        "SYM9|-|7|8\n",
        "SYM9|NA|NA|NA\n",
    ] {
        let text = first.to_string()
            + table(&[("x", symbols())], &[], &counts())
                .split_once('\n')
                .unwrap()
                .1;
        let told = said(read_as(text.replace('|', "\t"), &ReadOptions::default()));
        assert!(
            told.contains("--header no") || told.contains("occurs twice"),
            "{first}: {told}"
        );
    }
}

#[test]
fn options_decide_what_the_first_line_is() {
    let whole = table(&[("x", symbols())], &[], &counts());
    let rows = whole.split_once('\n').unwrap().1.replace('|', "\t");
    let row = read(&rows, |options| options.header = HeaderOption::No);
    is_read(&row, "SYM0", &["column_2", "column_3", "column_4"], 11.0);
    let heading = read(&rows, |options| options.header = HeaderOption::Yes);
    assert_eq!(
        (heading.genes.len(), heading.genes[0].as_str()),
        (59, "SYM1")
    );
    assert_eq!(heading.samples, ["11", "988", "965"]);
}

#[test]
fn samples_may_be_called_by_numbers() {
    for corner in ["", "gene", "Gene ID", "id", "sample", "Symbol", "probe_id"] {
        for samples in [["1", "2", "3"], ["101", "305", "204"], ["7", "3", "12"]] {
            let text = table(&[(corner, symbols())], &samples, &counts());
            everywhere(&text, false, |text| {
                is_read(&read(text, |_| {}), "SYM0", &samples, 11.0);
            });
        }
    }
    // Decimals may be values even there, unless nothing names the column of genes.
    let text = table(&[("", symbols())], &["0.5", "1", "2.5"], &counts()).replace('|', "\t");
    is_read(&read(&text, |_| {}), "SYM0", &["0.5", "1", "2.5"], 11.0);
    is_refused(&format!("gene{text}"), &["--header yes"]);
    // No word that is known, but in order, and unlike the names below.
    let text = table(&[("locus_x", symbols())], &["1", "2", "3"], &counts()).replace('|', "\t");
    is_read(&read(&text, |_| {}), "SYM0", &["1", "2", "3"], 11.0);
    // As R writes them, one field short.
    for samples in [["1", "2", "3"], ["11", "988", "965"], ["1.0", "1.5", "2.5"]] {
        let text = table(&[("x", symbols())], &samples, &counts())
            .replace("x|", "")
            .replace('|', "\t");
        is_read(&read(&text, |_| {}), "SYM0", &samples, 11.0);
    }
}

#[test]
fn numbers_alone_are_refused() {
    for values in [counts(), decimals()] {
        let rows: String = values.iter().map(|row| row.join("|") + "\n").collect();
        everywhere(&rows, true, |text| {
            is_refused(text, &["--header no --gene-column 1"]);
        });
        let tabs = rows.replace('|', "\t");
        let first = values[0][0].clone();
        let matrix = read(&tabs, |options| {
            options.header = HeaderOption::No;
            options.gene_column = Some("1".to_string());
        });
        assert_eq!(
            (
                matrix.genes.len(),
                matrix.genes[0].clone(),
                matrix.samples.len()
            ),
            (ROWS, first, 2)
        );
        // The header alone says nothing of the genes.
        let told = said(read_as(
            &tabs,
            &options(|options| options.header = HeaderOption::No),
        ));
        assert!(told.contains("--gene-column 1"), "{told}");
    }
}

#[test]
fn a_table_without_genes_is_refused() {
    for (samples, values) in [
        (["SRR1", "SRR2", "SRR3"], counts()),
        (["S1", "S2", "S3"], decimals()),
        (["speed", "dist", "time"], counts()),
        (["control", "treated", "mock"], decimals()),
    ] {
        let text = table(&[], &samples, &values);
        everywhere(&text, false, |text| {
            is_refused(text, &["names", "--gene-column 1"]);
        });
        let matrix = read(&text.replace('|', "\t"), |options| {
            options.gene_column = Some("1".to_string());
        });
        assert_eq!((matrix.genes.len(), matrix.samples.len()), (ROWS, 2));
    }
    // Numbers of rows are no names either.
    for corner in ["", "Unnamed: 0", "X", "row", "index"] {
        for first in [0, 1] {
            let text = table(&[(corner, numbers(first))], &SAMPLES, &counts());
            everywhere(&text, false, |text| {
                is_refused(text, &["numbers the rows", "--gene-column 1"]);
            });
        }
    }
}

#[test]
fn ids_may_be_numbers() {
    for corner in [
        "",
        "gene_id",
        "Entrez Gene ID",
        "entrezgene",
        "GeneID",
        "ID_REF",
        "probe_id",
        "OTU ID",
    ] {
        let text = table(&[(corner, numbers(7001))], &SAMPLES, &decimals());
        everywhere(&text, false, |text| {
            is_read(&read(text, |_| {}), "7001", &SAMPLES, -18.625);
        });
    }
    let text = table(&[("entrez", numbers(1))], &SAMPLES, &counts()).replace('|', "\t");
    is_read(&read(&text, |_| {}), "1", &SAMPLES, 11.0);
    // As pandas writes ids beside a missing one.
    let floats = (0..ROWS).map(|row| format!("{}.0", 7001 + row)).collect();
    let text = table(&[("gene_id", floats)], &SAMPLES, &counts()).replace('|', "\t");
    is_read(&read(&text, |_| {}), "7001.0", &SAMPLES, 11.0);
    // 2310009E13, as a spreadsheet writes it.
    let damaged = read("gene\tS1\n7157.0\t1\n2.3e+19\t2\n", |_| {});
    assert_eq!(damaged.genes, ["7157.0", "2.3e+19"]);
}

#[test]
fn row_numbers_before_the_genes() {
    for (corner, first) in [
        ("", 0),
        ("", 1),
        ("Unnamed: 0", 0),
        ("index", 0),
        ("row.names", 1),
    ] {
        for (heading, names) in [
            ("gene_id", genes()),
            ("Gene", genes()),
            ("symbol", symbols()),
        ] {
            let gene = names[0].clone();
            let text = table(
                &[(corner, numbers(first)), (heading, names)],
                &SAMPLES,
                &counts(),
            );
            everywhere(&text, false, |text| {
                let matrix = read(text, |_| {});
                is_read(&matrix, &gene, &SAMPLES, 11.0);
                assert!(matrix.finding("row-numbers").unwrap().contains(heading));
                let asked = read(text, |options| {
                    options.gene_column = Some(heading.to_string());
                });
                is_read(&asked, &gene, &SAMPLES, 11.0);
            });
        }
        // A heading that says nothing.
        let text = table(
            &[(corner, numbers(first)), ("V1", genes())],
            &SAMPLES,
            &counts(),
        );
        everywhere(&text, false, |text| is_refused(text, &["--gene-column V1"]));
    }
    // Numbers that leave some out may be ids.
    let some = (0..ROWS).map(|row| (row * 3 + 2).to_string()).collect();
    let text = table(&[("", some), ("gene", genes())], &SAMPLES, &counts());
    everywhere(&text, false, |text| {
        is_refused(text, &["--gene-column gene"]);
    });
    // R's write.table of a table with a column of genes.
    let short =
        table(&[("x", numbers(1)), ("gene", genes())], &SAMPLES, &counts()).replace("x|", "");
    is_read(
        &read(&short.replace('|', "\t"), |_| {}),
        "ENSG00000000000",
        &SAMPLES,
        11.0,
    );
    // Names before names are no numbers.
    let text =
        table(&[("", genes()), ("symbol", symbols())], &SAMPLES, &counts()).replace('|', ",");
    is_read(&read(&text, |_| {}), "ENSG00000000000", &SAMPLES, 11.0);
    let by_name = read(&text, |options| {
        options.gene_column = Some("symbol".to_string());
    });
    is_read(&by_name, "SYM0", &SAMPLES, 11.0);
    let by_number = read(&text, |options| options.gene_column = Some("2".to_string()));
    is_read(&by_number, "SYM0", &SAMPLES, 11.0);
}

#[test]
fn genes_may_be_named_behind_the_samples() {
    let mut text = "S1\tS2\tgene\n".to_string();
    for row in 0..ROWS {
        text += &format!("{row}.5\t{}\tg{row}\n", row * 2);
    }
    text += "1\t2\t__no_feature\n";
    let matrix = read(&text, |options| {
        options.gene_column = Some("gene".to_string());
    });
    assert_eq!(
        (
            matrix.genes.len(),
            matrix.genes[59].as_str(),
            matrix.samples.len()
        ),
        (61, "g59", 2)
    );
    assert_eq!(matrix.values[118..122], [59.5, 118.0, 1.0, 2.0]);
    let dropped = read(&text, |options| {
        options.gene_column = Some("3".to_string());
        options.summary_rows = text_matrix::SummaryRows::Drop;
    });
    assert_eq!((dropped.genes.len(), dropped.values.len()), (60, 120));
    is_refused(&text, &["--gene-column gene"]);
    let unknown = said(read_as(
        &text,
        &options(|options| options.gene_column = Some("nobody".to_string())),
    ));
    assert!(
        unknown.contains("no column is called `nobody`") && unknown.contains("S1, S2, gene"),
        "{unknown}"
    );
}

#[test]
fn what_may_describe_genes_or_be_a_sample_is_refused() {
    for heading in ["GC", "pos", "bp", "Total"] {
        for (before, leading) in [("", 0), ("start\t", 1)] {
            let row = |gene: usize| {
                let start = if leading == 1 { "7\t" } else { "" };
                format!("SYM{gene}\t{start}{gene}\t1.5\t2.5\n")
            };
            let rows: String = (0..5).map(row).collect();
            let text = format!("gene\t{before}{heading}\tS1\tS2\n{rows}");
            let refused = said(read_as(&text, &ReadOptions::default()));
            let dropped = format!("--text-columns {} drops it", leading + 1);
            assert!(
                refused.contains(&dropped) && refused.contains(heading),
                "{refused}"
            );
            let samples =
                |columns| read(&text, |options| options.text_columns = Some(columns)).samples;
            assert_eq!(samples(leading + 1), ["S1", "S2"]);
            assert_eq!(samples(leading), [heading, "S1", "S2"]);
        }
        // Elsewhere, and alone, it is a sample.
        let last = read(&format!("gene\tS1\t{heading}\nSYM1\t1\t2\n"), |_| {});
        assert_eq!(last.samples, ["S1", heading]);
        let alone = read(&format!("gene\t{heading}\nSYM1\t1\n"), |_| {});
        assert_eq!(alone.samples, [heading]);
    }
}

#[test]
fn annotation_is_dropped_whatever_its_values_are() {
    let chromosomes: Vec<String> = (0..ROWS).map(|row| (row % 5 + 1).to_string()).collect();
    let starts: Vec<String> = (0..ROWS).map(|row| (row * 10).to_string()).collect();
    for headings in [
        ["chromosome", "start", "end"],
        ["Chr", "START", "Length"],
        ["entrez_id", "Strand", "gene_biotype"],
        ["Entrez_Gene_Id", "'start'", "Gene Length"],
        ["chrom", "txStart", "Länge"],
        ["merged_length", "n_exons", "TSS"],
        ["Chromosome/scaffold name", "Length (bp)", "percent GC"],
        ["HGNC", "position", "GWEIGHT"],
        ["n_cells", "n_cells_by_counts", "total_counts"],
    ] {
        let columns = [
            ("gene", symbols()),
            (headings[0], chromosomes.clone()),
            (headings[1], starts.clone()),
            (headings[2], starts.clone()),
        ];
        let text = table(&columns, &SAMPLES, &decimals());
        everywhere(&text, false, |text| {
            let matrix = read(text, |_| {});
            is_read(&matrix, "SYM0", &SAMPLES, -18.625);
            assert!(
                matrix
                    .finding("dropped-columns")
                    .unwrap()
                    .contains(headings[0])
            );
            assert_eq!(matrix.dialect.dropped_columns, headings);
            let all = read(text, |options| options.text_columns = Some(0));
            assert_eq!(all.samples.len(), 6);
        });
    }
    // Behind the samples as well, but not between them.
    let text = "gene\tS1\tS2\tlength\ng1\t1\t2\t300\ng2\t3\t4\t500\n";
    let matrix = read(text, |_| {});
    assert_eq!(
        (matrix.samples, matrix.values),
        (vec!["S1".into(), "S2".into()], vec![1.0, 2.0, 3.0, 4.0])
    );
    is_refused(
        "gene\tS1\tlength\tS2\ng1\t1\t300\t2\ng2\t3\t400\t4\n",
        &["`length`", "--text-columns 0"],
    );
    // Names that only resemble headings.
    let text = table(
        &[("gene_id", genes())],
        &["Chr1_KO", "End_1", "Length_2h"],
        &decimals(),
    );
    everywhere(&text, false, |text| {
        is_read(
            &read(text, |_| {}),
            "ENSG00000000000",
            &["Chr1_KO", "End_1", "Length_2h"],
            -18.625,
        );
    });
}

#[test]
fn regions_name_no_genes() {
    let bins = |headings: [&'static str; 3]| {
        let chromosomes = vec!["chr1".to_string(); ROWS];
        [
            (headings[0], chromosomes),
            (headings[1], numbers(100)),
            (headings[2], numbers(109)),
        ]
    };
    let text = table(
        &bins(["#'chr'", "'start'", "'end'"]),
        &["'S1.bam'", "'S2.bam'", "'S3.bam'"],
        &decimals(),
    );
    is_refused(
        &text.replace('|', "\t"),
        &["names no genes", "--gene-column"],
    );
    let mut columns = bins(["chrom", "start", "end"]).to_vec();
    columns.push(("gene", symbols()));
    let text = table(&columns, &SAMPLES, &counts()).replace('|', "\t");
    is_refused(&text, &["--gene-column gene"]);
    is_read(
        &read(&text, |options| options.gene_column = Some("gene".into())),
        "SYM0",
        &SAMPLES,
        11.0,
    );
}
