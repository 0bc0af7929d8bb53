//! Rows, names and values: what is read, what is reported, and what is an error with its line.

use crate::reading::{Matrix, PLAIN, is_plain, problems, read, read_as, refusal};
use text_matrix::{CommentOption, Duplicates, HeaderShape, ReadOptions, Trailing, ValueType};

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
    let told = |matrix: &Matrix| matrix.finding("empty-columns").map(str::to_string);
    assert!(
        told(&header)
            .unwrap()
            .contains("header ends in a separator")
    );

    let everywhere = is_plain("gene\tS1\tS2\t\r\ng1\t1\t2.5\t\r\ng2\t-3\t0\t\r\n");
    assert_eq!(everywhere.dialect.trailing, Trailing::Everywhere);
    assert_eq!(
        told(&everywhere).unwrap(),
        "1 empty column at the end was dropped"
    );
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
        let wish = ReadOptions {
            duplicates,
            ..ReadOptions::default()
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
    assert_eq!(matrix.summary.counts.missing, 20);
    assert_eq!(matrix.summary.counts.missing_by_sample, [20, 0]);
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
    assert_eq!(matrix.summary.counts.missing_by_sample, [0, 20]);
    let wish = ReadOptions {
        na: vec!["-".into(), "-9999".into()],
        ..ReadOptions::default()
    };
    let matrix = read_as("g\tS1\na\t-\nb\t-9999\nc\t-9999.0\nd\t-999\n", &wish).unwrap();
    assert_eq!(matrix.summary.counts.missing, 3);
}

#[test]
fn infinities() {
    let text = "g\tS1\na\tinf\nb\t-Inf\nc\t+INFINITY\nd\t-infinity\n";
    let matrix = read(text).unwrap();
    let infinite = f64::INFINITY;
    assert_eq!(matrix.values, [infinite, -infinite, infinite, -infinite]);
    assert_eq!(
        (
            matrix.summary.counts.infinite,
            matrix.summary.counts.overflowed
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
        let wish = ReadOptions {
            max_errors: limit,
            block_bytes: 1 << 17,
            ..ReadOptions::default()
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
    let wish = ReadOptions {
        block_bytes: 1 << 17,
        ..ReadOptions::default()
    };
    let wrong = problems(read_as(format!("gene\tS1\n{rows}z\t1\n"), &wish));
    let lines: Vec<u64> = wrong.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [7, 70_002, 100_001]);
}

#[test]
fn what_float32_cannot_hold_is_told() {
    let text = "g\tS1\na\t16777217\nb\t1e39\nc\t16777216\nd\t-1e300\ne\t1e-60\nf\t33554435.0\n";
    let matrix = read(text).unwrap();
    let counts = &matrix.summary.counts;
    assert_eq!(
        (counts.rounded_integers, counts.overflowed, counts.vanished),
        (2, 2, 1)
    );
    assert!(
        matrix
            .finding("rounded-counts")
            .unwrap()
            .contains("--dtype f64")
    );
    let wish = ReadOptions {
        values: ValueType::F64,
        ..ReadOptions::default()
    };
    let matrix = read_as(text, &wish).unwrap();
    assert!(matrix.summary.findings.is_empty());
    assert_eq!(matrix.values[..2], [16_777_217.0, 1e39]);
    assert_eq!(
        read_as("g\tS1\na\t1e999\n", &wish)
            .unwrap()
            .summary
            .counts
            .overflowed,
        1
    );
}

#[test]
fn the_wrong_separator_is_an_error() {
    for separator in [b',', b';'] {
        let wish = ReadOptions {
            separator: Some(separator),
            ..ReadOptions::default()
        };
        assert!(refusal(read_as(PLAIN, &wish)).contains("no "));
    }
    assert!(refusal(read("one\ntwo\nthree\n")).contains("nothing separates"));
    let contradictory = ReadOptions {
        separator: Some(b','),
        decimal: b',',
        ..ReadOptions::default()
    };
    assert!(refusal(read_as(PLAIN, &contradictory)).contains("the same"));
}

#[test]
fn empty_and_header_only() {
    let wish = ReadOptions {
        allow_empty: true,
        ..ReadOptions::default()
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
    let at_end = problems(read("gene\tS1\ng1\t1\ng2\tx\n\n\n"));
    assert_eq!((at_end.len(), at_end[0].line), (1, 3));
}

#[test]
fn comments() {
    is_plain(format!("# one\n# two\n{PLAIN}"));
    let header = read("# made by x\n#gene\tS1\tS2\ng1\t1\t2\n").unwrap();
    assert_eq!(header.samples, ["S1", "S2"]);
    assert!(matches!(&header.dialect.header, HeaderShape::Full { corner } if corner == "#gene"));
    let wish = ReadOptions {
        comment: CommentOption::Prefix("//".to_string()),
        ..ReadOptions::default()
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
