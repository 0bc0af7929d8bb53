//! What spreadsheets and printed tables look like.

use crate::reading::{PLAIN, is_plain, problems, read, read_as, refusal, said};
use text_matrix::{CommentOption, ReadOptions};

fn skipping(lines: u64) -> ReadOptions {
    ReadOptions {
        skip: lines,
        ..ReadOptions::default()
    }
}

#[test]
fn rows_of_separators_at_the_end_are_dropped_and_told() {
    for (separator, end) in [("\t", "\n"), (",", "\r\n"), (";", "\n"), ("|", "\n")] {
        for (rows, told) in [
            (1, "1 row of separators alone at the end was"),
            (3, "3 rows"),
        ] {
            let filler = format!("{}{end}", separator.repeat(2)).repeat(rows);
            let text = PLAIN.replace('\n', end).replace('\t', separator) + &filler;
            let matrix = is_plain(&text);
            assert!(matrix.finding("separator-rows").unwrap().contains(told));
            // Blank lines between them are no more than they are.
            is_plain(text.clone() + end + &filler);
            is_plain(text.trim_end());
        }
    }
    // Over several blocks.
    let long = PLAIN.to_string() + &"\t\t\n".repeat(400_000);
    let options = ReadOptions {
        block_bytes: 1 << 17,
        ..ReadOptions::default()
    };
    let matrix = read_as(&long, &options).unwrap();
    assert_eq!(matrix.genes.len(), 2);
    assert!(
        matrix
            .finding("separator-rows")
            .unwrap()
            .starts_with("400000 rows")
    );
    // A gene without values stays.
    let last = read(format!("{PLAIN}LAST\t\t\n")).unwrap();
    assert_eq!((last.genes.len(), last.summary.counts.missing), (3, 2));
    assert!(last.finding("separator-rows").is_none());
    // Between rows it is as wrong as a blank line.
    let within = problems(read(format!("{PLAIN}\t\t\ng3\t1\t2\n")));
    assert_eq!((within.len(), within[0].line), (1, 4));
}

#[test]
fn empty_columns_at_the_end_are_dropped_and_told() {
    for count in [2, 5] {
        let separators = "\t".repeat(count);
        let text = PLAIN.replace('\n', &format!("{separators}\n"));
        let matrix = is_plain(&text);
        assert!(
            matrix
                .finding("empty-columns")
                .unwrap()
                .starts_with(&count.to_string())
        );
        is_plain(PLAIN.replacen('\n', &format!("{separators}\n"), 1));
        let wrong = problems(read(text.replace("g2\t-3\t0\t", "g2\t-3\t0\t7")));
        assert_eq!((wrong[0].line, wrong[0].field), (3, 4));
    }
}

#[test]
fn a_title_is_refused_with_options_that_read_the_table() {
    let quoted = PLAIN.replace('\t', ",");
    for (title, text, skip) in [
        ("Table S1. Normalised expression\n", PLAIN, 1),
        ("Table S1. Normalised expression\n\n", PLAIN, 2),
        (
            "Table S1. Normalised expression,,\n,,\n",
            quoted.as_str(),
            2,
        ),
        ("\"Table S1, of two\"\n", quoted.as_str(), 1),
        ("Table S1\nTable S2\n", PLAIN, 2),
        ("\nTable S1\n", PLAIN, 2),
    ] {
        let text = format!("{title}{text}");
        let told = said(read(&text));
        assert!(
            told.contains(&format!("--skip {skip} ")) && told.contains("--comment Table"),
            "{told}"
        );
        for options in [
            skipping(skip),
            ReadOptions {
                comment: CommentOption::Prefix(
                    if title.starts_with('"') {
                        "\"Table"
                    } else {
                        "Table"
                    }
                    .to_string(),
                ),
                ..ReadOptions::default()
            },
        ] {
            let matrix = read_as(&text, &options).unwrap();
            assert_eq!(
                (matrix.samples, matrix.genes.len()),
                (vec!["S1".to_string(), "S2".to_string()], 2)
            );
        }
    }
    // R's heading of one sample is none.
    assert_eq!(read("S1\ng1\t1\ng2\t2\n").unwrap().samples, ["S1"]);
    assert!(refusal(read_as(PLAIN, &skipping(9))).contains("no table"));
}

#[test]
fn a_line_that_names_the_separator() {
    for (separator, line) in [
        (",", "sep=,\n"),
        (";", "sep=;\r\n"),
        ("\t", "sep=\t\n"),
        (",", "\"sep=,\"\n"),
        (",", "SEP=,,,\n"),
    ] {
        is_plain(format!("{line}{}", PLAIN.replace('\t', separator)));
    }
}

#[test]
fn blank_lines_before_the_heading() {
    is_plain(format!("\n{PLAIN}"));
    is_plain(format!(" \r\n\t\t\n# made by x\n\n{PLAIN}"));
}

#[test]
fn two_carriage_returns_are_one_line_end() {
    for text in [
        PLAIN.to_string(),
        "\"gene\",\"S1\",\"S2\"\n\"g1\",\"1\",\"2.5\"\n\"g2\",-3,\"0\"\n".to_string(),
    ] {
        let matrix = is_plain(text.replace('\n', "\r\r\n"));
        assert_eq!(matrix.samples[1], "S2");
    }
}

#[test]
fn numbers_that_look_like_numbers() {
    for (character, code) in [
        ('\u{A0}', "U+00A0"),
        ('\u{202F}', "U+202F"),
        ('\u{2013}', "U+2013"),
        ('\u{2212}', "U+2212"),
        ('\u{FEFF}', "U+FEFF"),
    ] {
        let wrong = problems(read(PLAIN.replace("2.5", &format!("{character}2.5"))));
        assert_eq!((wrong.len(), wrong[0].line, wrong[0].field), (1, 2, 3));
        assert!(wrong[0].message.contains(code), "{}", wrong[0].message);
        assert!(wrong[0].help.contains("sed"), "{}", wrong[0].help);
    }
}

#[test]
fn thousands_are_read_when_asked_for() {
    for (text, thousands, decimal) in [
        (
            "gene,S1,S2\ng1,\"1,234\",\"2,000.5\"\ng2,\"-12,345,678\",7\n",
            b',',
            b'.',
        ),
        (
            "gene\tS1\tS2\ng1\t1,234\t2,000.5\ng2\t-12,345,678\t7\n",
            b',',
            b'.',
        ),
        (
            "gene;S1;S2\ng1;1.234;2.000,5\ng2;-12.345.678;7\n",
            b'.',
            b',',
        ),
        (
            "gene\tS1\tS2\ng1\t1 234\t2 000.5\ng2\t-12 345 678\t7\n",
            b' ',
            b'.',
        ),
    ] {
        let options = ReadOptions {
            thousands: Some(thousands),
            decimal,
            ..ReadOptions::default()
        };
        let matrix = read_as(text, &options).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(matrix.values, [1234.0, 2000.5, -12_345_678.0, 7.0]);
        let asked = ReadOptions {
            decimal,
            ..ReadOptions::default()
        };
        let told = said(read_as(text, &asked));
        assert!(told.contains("--thousands"), "{told}");
    }
    let wrong = problems(read_as(
        "gene\tS1\ng1\t1,23\n",
        &ReadOptions {
            thousands: Some(b','),
            ..ReadOptions::default()
        },
    ));
    assert_eq!(wrong[0].line, 2);
    let same = ReadOptions {
        thousands: Some(b'.'),
        ..ReadOptions::default()
    };
    assert!(refusal(read_as(PLAIN, &same)).contains("cannot group thousands"));
}

#[test]
fn columns_that_are_aligned_with_blanks() {
    let rows = "g1        1.00    2.500\ng2       -3.00    0.000\n";
    for heading in [
        "gene   S1   S2",
        "gene S1 S2",
        "        S1       S2",
        "S1 S2",
        "  gene S1      S2  ",
    ] {
        for sep in [None, Some(b' ')] {
            let options = ReadOptions {
                separator: sep,
                ..ReadOptions::default()
            };
            let text = format!("{heading}\n{rows}");
            let matrix =
                read_as(&text, &options).unwrap_or_else(|error| panic!("{heading}: {error}"));
            assert_eq!(
                (matrix.samples.join(" "), matrix.genes.join(" ")),
                ("S1 S2".into(), "g1 g2".into()),
                "{heading}"
            );
            assert_eq!(matrix.values, [1.0, 2.5, -3.0, 0.0]);
            assert!(matrix.says("aligned"));
        }
    }
    // Blanks at the ends of lines, quotes, and short values that are read eight at a time.
    let wide: String = (0..30)
        .map(|row| format!("\"g {row}\"  {}  \r\n", format!("{row:>4} ").repeat(20)))
        .collect();
    let heading: String = (0..20).map(|sample| format!(" S{sample}")).collect();
    let matrix = read(format!("gene{heading}\n{wide}")).unwrap();
    assert_eq!(
        (matrix.genes[7].as_str(), matrix.samples.len()),
        ("g 7", 20)
    );
    assert!(
        matrix
            .values
            .chunks(20)
            .zip(0..)
            .all(|(row, number)| row.iter().all(|value| *value == f64::from(number)))
    );
    // A row that misses a value is short; no value moves into its place.
    let short = format!(
        "gene S1 S2\n{rows}{}g3        4.00         \n",
        rows.repeat(30)
    );
    let wrong = problems(read(&short));
    assert_eq!((wrong.len(), wrong[0].line), (1, 64));
    // Single blanks enclose what is missing, as before.
    let single = read("gene S1 S2\ng1 1 2.5\ng2 -3 \n").unwrap();
    assert_eq!(single.summary.counts.missing, 1);
}

#[test]
fn geo_tables_begin_at_their_mark() {
    let table = "\"ID_REF\"\t\"S1\"\t\"S2\"\n\"g1\"\t1\t2.5\n\"g2\"\t-3\t0\n";
    for lines in [
        "!Series_summary\t\"One line.\"\n",
        "!Series_summary\t\"First.\nSecond sentence of it.\"\n",
        "!Series_summary\t\"First\ta 1 2\nSecond\t3\t4\nThird\t5\t6\"\n",
        "!Series_summary\t\"gene\tS1\tS2\ng\t1\t2\"\n\n!Series_x\t\"\"\"open\n",
    ] {
        for (begin, end) in [
            ("!series_matrix_table_begin", "!series_matrix_table_end"),
            (
                "\"!series_matrix_table_begin\"",
                "\"!series_matrix_table_end\"",
            ),
            ("!Series_Matrix_Table_Begin", "!Series_Matrix_Table_End"),
            (
                "!series_matrix_table_begin\t\t",
                "!series_matrix_table_end\t\t",
            ),
        ] {
            let text = format!("!Series_title\t\"x\"\n{lines}{begin}\n{table}{end}\n");
            is_plain(&text);
            is_plain(text.replace('\n', "\r\n"));
            // More lines than one buffer holds.
            is_plain(text.replace(
                "!Series_title",
                &"!Series_note\t\"1\t2\nx\t3\t4\"\n".repeat(20_000),
            ));
        }
    }
}

#[test]
fn gct_sizes_and_rows_of_separators() {
    let table = "Name\tDescription\tS1\tS2\ng1\tTP53\t1\t2.5\ng2\tBRCA1\t-3\t0\n";
    is_plain(format!("#1.2\n2\t2\n{table}\t\t\t\n\t\t\t\n"));
    is_plain(format!("#1.2\t\t\t\n\t\t\t\n2\t2\t\t\n\t\t\t\n{table}"));
    for (sizes, part) in [
        ("3\t2", "claims 3 rows, and there are 2"),
        ("2\t3", "claims 3 samples, and the header names 2"),
    ] {
        let text = format!("#1.2\n{sizes}\n{table}");
        let told = refusal(read(&text));
        assert!(
            told.contains("size line") && told.contains(part) && told.contains("--skip 2"),
            "{told}"
        );
        let matrix = read_as(&text, &skipping(2)).unwrap();
        assert_eq!(
            (matrix.samples.len(), matrix.values),
            (2, vec![1.0, 2.5, -3.0, 0.0])
        );
    }
}
