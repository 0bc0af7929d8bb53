use super::*;
use crate::model::shell::acts_on_display;
use crate::model::state::State;
use crate::report::sample;

fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

#[test]
fn a_current_file() {
    let record = sample::current("new/a.h5");
    let details = ShowDetails {
        datasets: strings(&["expr", "gene_names", "sample_names"]),
        expr_attributes: strings(&["n_genes", "n_samples"]),
        raw_bytes: Some(40_000_000),
        mark: Some(Mark {
            conversion: None,
            digest: "h5lift-digest/1 values=01 genes=02 samples=03 rest=04".into(),
            version: Some("0.1.0".into()),
        }),
        carried: Carried {
            attributes: 2,
            groups: 1,
            ..Carried::default()
        },
        user_block: 0,
    };
    assert_eq!(
        file(&record, &details, &TableStyle::default()),
        "\
Datasets: ['expr', 'gene_names', 'sample_names']
Expression attrs: ['n_genes', 'n_samples']
Genes: 20000
First gene: FBgn0000001
Samples: 500
First sample: s1

File:         new/a.h5
State:        current, names are datasets
Size:         19.2 MiB (20,100,000 bytes)
Modified:     2026-02-13T10:00:00Z
Matrix:       /expr of 20000 genes x 500 samples, <f4
Storage:      chunked, 1250 x 32
Filters:      shuffle, gzip
Stored:       19.0 MiB of 38.1 MiB raw (2.01x smaller)
Gene names:   20,000 in dataset, vlen-utf8: FBgn0000001, FBgn0000002, FBgn0000003 ... FBgn0020000
Sample names: 500 in dataset, vlen-utf8: s1, s2, s3 ... s500
Also holds:   2 attributes, 1 group
Written by:   h5lift 0.1.0
Digest:       h5lift-digest/1
              values=01
              genes=02
              samples=03
              rest=04
Plan:         skip
"
    );
}

#[test]
fn a_file_that_lost_its_names() {
    let mut record = sample::refused("archive/d.h5");
    record.outcome = None;
    record.expr = sample::legacy("x").expr;
    let details = ShowDetails {
        datasets: strings(&["expr"]),
        expr_attributes: strings(&["n_genes", "n_samples"]),
        ..ShowDetails::default()
    };
    assert_eq!(
        file(&record, &details, &TableStyle::default()),
        "\
Datasets: ['expr']
Expression attrs: ['n_genes', 'n_samples']
Genes: no names
Samples: no names

File:    archive/d.h5
State:   nameless, /expr is there, but gene_names is nowhere
Size:    1.2 GiB (1,288,490,188 bytes)
Matrix:  /expr of 20000 genes x 500 samples, <f4
Storage: chunked, 1250 x 32
Filters: shuffle, gzip
Stored:  19.0 MiB
Digest:  none, h5lift did not write this file
Plan:    refuse
Help:    the names are not in this file: keep it, and give them with --names-from, a matrix or a list
"
    );
}

#[test]
fn a_file_without_a_matrix_says_so_in_few_lines() {
    let record = sample::skipped("r.h5", State::NotExpression, "no /expr in it");
    let details = ShowDetails {
        datasets: strings(&["corr"]),
        ..ShowDetails::default()
    };
    assert!(file(&record, &details, &TableStyle::default()).starts_with(
        "Datasets: ['corr']\n\nFile:   r.h5\nState:  not-expression, no /expr in it\n"
    ));
}

#[test]
fn lists_are_spelled_as_python_spells_them() {
    for (items, list) in [
        (vec![], "[]"),
        (vec!["a b"], "['a b']"),
        (vec!["it's"], "[\"it's\"]"),
        (vec!["'\""], "['\\'\"']"),
        (
            vec!["a\\b\n\x1b\u{9b}\u{202e}\u{e0041}"],
            "['a\\\\b\\n\\x1b\\x9b\\u202e\\U000e0041']",
        ),
        (vec!["样本"], "['样本']"),
    ] {
        assert_eq!(python::list(&strings(&items)), list);
    }
}

#[test]
fn nothing_from_the_file_acts_on_the_terminal() {
    let details = ShowDetails {
        datasets: strings(&["\x1b[2J"]),
        expr_attributes: strings(&["\u{202e}"]),
        mark: Some(Mark {
            conversion: None,
            digest: "\x07 \x08".into(),
            version: Some("\u{9b}".into()),
        }),
        ..ShowDetails::default()
    };
    for mut record in sample::every_row() {
        record.reason = "\x1b]0;x\x07".into();
        record.expr = sample::legacy("x").expr;
        if let Some(expr) = &mut record.expr {
            expr.dtype = "\x1b".into();
            expr.filters = strings(&["\x1b"]);
        }
        record.genes = Some(NamesRecord {
            source: "dataset".into(),
            place: None,
            count: 9,
            text_type: "\x1b".into(),
            first: strings(&["\n"]),
            last: Some("\r".into()),
        });
        let text = file(&record, &details, &TableStyle::default());
        assert!(
            !text.replace('\n', "").contains(acts_on_display),
            "{text:?}"
        );
        assert!(!text.contains("\n\n\n"));
    }
}
