//! The reason of each state that facts lead to, and each finding about names and values, as `tests/cmd/sentences.txt` has them.
//! `SNAPSHOTS=overwrite cargo test --lib sentences` writes the file again; the difference is what a reviewer has to read.

use crate::model::facts::display::problem_text;
use crate::model::facts::names::{CountFact, NamesProblem, Unit};
use crate::model::facts::sample::{list, matrix};
use crate::model::facts::{ExprFacts, Facts, MatrixElsewhere, Obstacle, Remedy};
use crate::model::layout::Axis;
use crate::model::lint::gene_id::samples_like_genes;
use crate::model::lint::issue::{IssueCounts, NameIssue};
use crate::model::lint::name_lint::NameLint;
use crate::model::lint::value_lint::ValueLint;
use crate::model::names::joined::Notation;
use crate::model::names::place::NamesPlace;
use crate::model::record::finding::Finding;
use crate::model::record::findings::findings;
use crate::model::state::detect::judge;
use hdf5_format::storage::Storage;

#[test]
fn reasons_and_findings_are_those_of_the_snapshot() {
    let sections = [
        reasons(),
        problems_of_names(),
        findings_of_names(),
        other_findings(),
    ];
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/sentences.txt");
    let expected = snapbox::Data::read_from(file.as_ref(), None);
    snapbox::assert_data_eq!(sections.join("\n"), expected.raw());
}

/// What makes other facts of those of an empty file, or of a matrix of 3 genes and 2 samples.
type Change = fn(&mut Facts);

fn reasons() -> String {
    let without_matrix: [Change; 8] = [
        |_| {},
        |it| it.sought = Some("/counts".into()),
        |it| it.expr_is_instead = Some("a group".into()),
        |it| it.resembles = Some("a netCDF-4 file".into()),
        |it| it.foreign = Some("an AnnData file (h5ad)".into()),
        |it| it.matrices = vec![elsewhere(None)],
        |it| it.matrices = vec![elsewhere(Some(Axis::Samples)); 2],
        |it| it.matrices = vec![elsewhere(None); 9],
    ];
    let with_matrix: [Change; 36] = [
        |it| expr(it).numeric = false,
        |it| it.obstacles = obstacles(1),
        |it| it.obstacles = obstacles(2),
        |it| it.obstacles = obstacles(4),
        |it| expr(it).shape = vec![],
        |it| expr(it).shape = vec![6],
        |it| expr(it).shape = vec![3, 2, 1],
        |it| expr(it).chunks_expected = 2,
        |it| {
            expr(it).storage = Storage::Chunked;
            expr(it).chunks_expected = 6;
        },
        // Names that are nowhere, or no lists.
        |_| {},
        |it| genes(it, attribute(Axis::Genes)),
        |it| it.genes.possible = vec![dataset("/labels")],
        |it| {
            genes(it, attribute(Axis::Genes));
            it.genes.candidates[0].names.problem = Some(NamesProblem::Pickle);
        },
        |it| {
            genes(it, numbered());
            it.genes.candidates[0].names.problem = Some(NamesProblem::Pickle);
        },
        |it| {
            names(it, dataset("/gene_names"), dataset("/sample_names"));
            it.genes.candidates[0].names.problem = Some(never_written(3));
        },
        // Numbers that do not fit.
        |it| {
            names(it, attribute(Axis::Genes), attribute(Axis::Samples));
            (
                it.genes.candidates[0].names.count,
                it.samples.candidates[0].names.count,
            ) = (2, 3);
        },
        |it| {
            names(it, dataset("/gene"), dataset("/sample"));
            expr(it).shape = vec![2, 2];
            it.genes.candidates[0].dimension = Some(1);
            it.samples.candidates[0].dimension = Some(0);
        },
        |it| {
            names(it, numbered(), dataset("/sample_names"));
            it.genes.count = Some(CountFact::Value(4));
            it.samples.count = Some(CountFact::Malformed(
                "of type str, not one whole number".into(),
            ));
        },
        // Copies that differ.
        |it| {
            names(it, attribute(Axis::Genes), attribute(Axis::Samples));
            genes(it, dataset("/gene_names"));
            it.genes.difference = Some("1 of 3 differ".into());
        },
        |it| {
            names(it, attribute(Axis::Genes), attribute(Axis::Samples));
            genes(it, dataset("/rows"));
            it.genes.difference = Some("1 of 3 differ".into());
        },
        // Names that are there and fit.
        |it| names(it, dataset("/gene_names"), dataset("/sample_names")),
        |it| names(it, attribute(Axis::Genes), attribute(Axis::Samples)),
        |it| names(it, dataset("/gene_names"), attribute(Axis::Samples)),
        |it| names(it, dataset("/rows"), attribute(Axis::Samples)),
        |it| names(it, numbered(), dataset("/sample_names")),
        |it| {
            names(it, attribute(Axis::Genes), dataset("/sample_names"));
            it.genes.candidates[0].names.joined = Some(Notation::Json);
        },
        |it| {
            names(it, attribute(Axis::Genes), dataset("/sample_names"));
            it.genes.candidates[0].names.joined = Some(Notation::Comma);
        },
        |it| {
            names(it, attribute(Axis::Genes), attribute(Axis::Samples));
            genes(it, dataset("/gene_names"));
            it.samples
                .candidates
                .push(list(dataset("/sample_names"), 2));
        },
        |it| {
            names(it, attribute(Axis::Genes), dataset("/sample_names"));
            genes(it, dataset("/gene_names"));
        },
        |it| {
            names(it, dataset("/gene_names"), dataset("/sample_names"));
            expr(it).elsewhere = Some("/counts".into());
        },
        |it| {
            names(it, dataset("/gene_names"), dataset("/sample_names"));
            it.genes.candidates[0].names.text_type = "int64".into();
        },
        |it| {
            names(it, dataset("/gene_names"), dataset("/sample_names"));
            it.genes.candidates[0].names.shape = vec![3, 1];
            it.samples.candidates[0].names.shape = vec![1, 2];
        },
        |it| {
            names(it, dataset("/gene_names"), dataset("/sample_names"));
            it.genes.candidates[0].names.joined = Some(Notation::Tab);
        },
        |it| names(it, field(), dataset("/sample_names")),
        |it| names(it, given(), dataset("/sample_names")),
        |it| {
            names(it, attribute(Axis::Genes), dataset("/sample_names"));
            it.genes.candidates[0].place = NamesPlace::Attribute {
                object: "/".into(),
                name: "gene_names".into(),
            };
        },
    ];
    let without = without_matrix.map(|change| (Facts::default(), change));
    let with = with_matrix.map(|change| (matrix(3, 2), change));
    let lines: String = without
        .into_iter()
        .chain(with)
        .map(|(mut facts, change)| {
            change(&mut facts);
            let judgement = judge(&facts);
            format!("{}: {}\n", judgement.state, judgement.reason)
        })
        .collect();
    format!("# Reasons of states\n\n{lines}")
}

fn problems_of_names() -> String {
    let all = [
        NamesProblem::NotText {
            dtype: "<f8".into(),
        },
        NamesProblem::OneString { parts: vec![] },
        NamesProblem::OneString {
            parts: vec![(Notation::Comma, 4), (Notation::Python, 1)],
        },
        NamesProblem::Ambiguous {
            ways: vec![Notation::Tab, Notation::Bar],
        },
        NamesProblem::Pickle,
        NamesProblem::PartMissing {
            name: "gene_names1".into(),
        },
        NamesProblem::NotAList { shape: vec![3, 4] },
        never_written(3),
        never_written(1),
        NamesProblem::NeverWritten {
            missing: 1,
            of: 2,
            unit: Unit::Chunks,
        },
        NamesProblem::Table { fields: vec![] },
        NamesProblem::Table {
            fields: vec!["id".into(), "symbol".into()],
        },
        NamesProblem::Quantity {
            attribute: "units".into(),
        },
        NamesProblem::NotUtf8 {
            index: 1,
            offset: 2,
            shown: "M\\xfcller".into(),
        },
        NamesProblem::ContainsNul { index: 1 },
    ];
    let lines =
        all.map(|problem| format!("the dataset /gene_names is {}\n", problem_text(&problem)));
    format!("# Problems of lists of names\n\n{}", lines.concat())
}

fn findings_of_names() -> String {
    let mut found = Vec::new();
    for axis in Axis::BOTH {
        for issue in NameIssue::ALL {
            let mut counts = IssueCounts::default();
            for name in ["A", "B"] {
                counts.add(name);
                found.extend(counts.finding(issue, axis));
            }
        }
        let mut lint = NameLint::new(axis);
        ["gene_0", "gene_1"]
            .into_iter()
            .for_each(|name| lint.see(name));
        found.extend(lint.findings());
    }
    let like_genes = ["TP53", "MYC", "ACTB"];
    found.extend(samples_like_genes(
        ["S1"].into_iter(),
        like_genes.into_iter(),
    ));
    format!("# Findings about names\n\n{}", told(&found))
}

fn other_findings() -> String {
    let mut facts = matrix(3, 2);
    let mut found = findings(&facts);
    facts.genes.count = Some(CountFact::Malformed(
        "of type str, not one whole number".into(),
    ));
    facts.samples.count = Some(CountFact::Value(2));
    found.extend(findings(&facts));
    for values in [
        &[f32::NAN, 1.5, f32::NAN, f32::INFINITY][..],
        &[f32::NAN; 4],
        &[-1.0, 33_554_432.0, 2.0, 3.0],
        &[-1.0, 33_554_432.0, -2.0, 67_108_864.0],
    ] {
        let mut lint = ValueLint::new(2);
        lint.see_rows(values);
        found.extend(lint.findings(|column| format!("S{column}")));
    }
    format!("# Other findings\n\n{}", told(&found))
}

fn told(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|it| format!("{}: {}\n", it.code, it.detail))
        .collect()
}

fn expr(facts: &mut Facts) -> &mut ExprFacts {
    facts.expr.as_mut().unwrap()
}

fn elsewhere(lacks: Option<Axis>) -> MatrixElsewhere {
    MatrixElsewhere {
        path: "/brain/expr".into(),
        shape: vec![20, 8],
        lacks,
    }
}

fn obstacles(count: usize) -> Vec<Obstacle> {
    let obstacle = Obstacle {
        object: "/layers/raw".into(),
        needs: "the filter blosc (32001)".into(),
        remedy: Remedy::Plugin,
    };
    vec![obstacle; count]
}

fn never_written(missing: u64) -> NamesProblem {
    NamesProblem::NeverWritten {
        missing,
        of: 3,
        unit: Unit::Names,
    }
}

/// Adds names that fit a matrix of 3 genes and 2 samples.
fn names(facts: &mut Facts, of_genes: NamesPlace, of_samples: NamesPlace) {
    genes(facts, of_genes);
    facts.samples.candidates.push(list(of_samples, 2));
}

fn genes(facts: &mut Facts, place: NamesPlace) {
    facts.genes.candidates.push(list(place, 3));
}

fn attribute(axis: Axis) -> NamesPlace {
    NamesPlace::legacy("/expr", axis)
}

fn dataset(path: &str) -> NamesPlace {
    NamesPlace::Dataset { path: path.into() }
}

fn numbered() -> NamesPlace {
    NamesPlace::Numbered {
        object: "/expr".into(),
        names: vec!["gene_names0".into(), "gene_names1".into()],
    }
}

fn field() -> NamesPlace {
    NamesPlace::Field {
        path: "/genes".into(),
        field: "symbol".into(),
    }
}

fn given() -> NamesPlace {
    NamesPlace::Given {
        source: "names.tsv".into(),
    }
}
