//! Facts and the states that they make.

use super::*;
use crate::model::facts::names::NamesProblem;
use crate::model::facts::sample::{list, matrix};
use crate::model::facts::{Obstacle, Remedy};

fn attribute(axis: Axis, count: u64) -> Candidate {
    list(NamesPlace::legacy(layout::EXPR_PATH, axis), count)
}

fn dataset(axis: Axis, count: u64) -> Candidate {
    list(NamesPlace::current(axis), count)
}

fn legacy(rows: u64, columns: u64) -> Facts {
    let mut facts = matrix(rows, columns);
    facts.genes.candidates.push(attribute(Axis::Genes, rows));
    facts
        .samples
        .candidates
        .push(attribute(Axis::Samples, columns));
    facts
}

fn state(facts: &Facts) -> State {
    judge(facts).state
}

#[test]
fn names_in_attributes_are_legacy() {
    assert_eq!(state(&legacy(3, 2)), State::Legacy);
}

#[test]
fn equal_copies_are_hybrid_and_different_ones_a_conflict() {
    let mut facts = legacy(3, 2);
    facts.genes.candidates.push(dataset(Axis::Genes, 3));
    facts.samples.candidates.push(dataset(Axis::Samples, 2));
    assert_eq!(state(&facts), State::Hybrid);
    facts.samples.difference = Some("name 1 is \"a\" there and \"b\" here".into());
    assert_eq!(state(&facts), State::Conflict);
}

#[test]
fn one_axis_only_in_attributes_makes_the_file_legacy() {
    let mut facts = legacy(3, 2);
    facts.genes.candidates.push(dataset(Axis::Genes, 3));
    assert_eq!(state(&facts), State::Legacy);
}

#[test]
fn datasets_alone_are_current_only_as_text_of_one_dimension() {
    let mut facts = matrix(3, 2);
    facts.genes.candidates.push(dataset(Axis::Genes, 3));
    facts.samples.candidates.push(dataset(Axis::Samples, 2));
    assert_eq!(state(&facts), State::Current);
    facts.genes.candidates[0].names.text_type = "fixed-ascii-11".into();
    assert_eq!(state(&facts), State::Legacy);
}

#[test]
fn no_names_on_one_axis_is_nameless_and_says_which() {
    let mut facts = legacy(3, 2);
    facts.samples.candidates.clear();
    let judgement = judge(&facts);
    assert_eq!(judgement.state, State::Nameless);
    assert_eq!(
        judgement.reason,
        "/expr is there, but sample_names is nowhere"
    );
}

#[test]
fn something_that_is_no_list_of_names_is_not_believed() {
    let mut facts = legacy(3, 2);
    facts.genes.candidates[0].names.problem = Some(NamesProblem::OneString { parts: vec![] });
    let judgement = judge(&facts);
    assert_eq!(judgement.state, State::Nameless);
    assert!(
        judgement
            .reason
            .contains("the attribute gene_names is one string")
    );
}

#[test]
fn lengths_the_other_way_round_are_transposed_but_never_in_a_square() {
    let mut facts = matrix(3, 2);
    facts.genes.candidates.push(attribute(Axis::Genes, 2));
    facts.samples.candidates.push(attribute(Axis::Samples, 3));
    assert_eq!(state(&facts), State::Transposed);
    assert_eq!(state(&legacy(4, 4)), State::Legacy);
}

#[test]
fn numbers_that_disagree_are_all_named() {
    let mut facts = legacy(3, 2);
    facts.genes.count = Some(CountFact::Value(3));
    facts.samples.count = Some(CountFact::Value(-1));
    let judgement = judge(&facts);
    assert_eq!(judgement.state, State::Inconsistent);
    assert_eq!(
        judgement.reason,
        "/expr is 3 x 2, n_genes says 3, the attribute gene_names holds 3, \
         n_samples says -1, the attribute sample_names holds 2"
    );
}

#[test]
fn a_copy_of_the_wrong_length_beside_one_that_fits_is_a_conflict() {
    let mut facts = legacy(3, 2);
    facts.genes.candidates.push(dataset(Axis::Genes, 7));
    facts.genes.difference = Some("3 names there, 7 here".into());
    assert_eq!(state(&facts), State::Conflict);
}

#[test]
fn what_cannot_be_carried_beats_what_the_names_say() {
    let mut facts = legacy(3, 2);
    facts.obstacles.push(Obstacle {
        object: "/layers/raw".into(),
        needs: "the filter blosc (32001)".into(),
        remedy: Remedy::Plugin,
    });
    assert_eq!(state(&facts), State::Unsupported);
}

#[test]
fn missing_chunks_are_counted() {
    let mut facts = legacy(3, 2);
    let expr = facts.expr.as_mut().unwrap();
    expr.storage = Storage::Chunked;
    expr.chunks_expected = 6;
    expr.chunks_written = 4;
    let judgement = judge(&facts);
    assert_eq!(judgement.state, State::Incomplete);
    assert!(judgement.reason.starts_with("2 of 6 chunks"));
}

#[test]
fn no_matrix_is_foreign_only_when_recognised() {
    let mut facts = Facts::default();
    assert_eq!(state(&facts), State::NotExpression);
    facts.resembles = Some("a netCDF-4 file".into());
    assert_eq!(judge(&facts).reason, "no /expr in it: a netCDF-4 file");
    facts.foreign = Some("an AnnData file (h5ad)".into());
    assert_eq!(state(&facts), State::Foreign);
}

#[test]
fn undecodable_names_still_count_as_names() {
    let mut facts = legacy(3, 2);
    facts.genes.candidates[0].names.problem = Some(NamesProblem::NotUtf8 {
        index: 1,
        offset: 2,
        shown: "Fr\u{fffd}d".into(),
    });
    assert_eq!(state(&facts), State::Legacy);
}
