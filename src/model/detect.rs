//! Facts -> state, with a reason that a person understands. Pure.
//!
//! The questions are asked in a fixed order and the first one that settles the
//! state wins: is there a matrix, can this build carry the file, is the matrix
//! whole, do names exist, do the numbers agree, do the two copies agree.

use super::facts::{AxisFacts, CountFact, ExprFacts, Facts, NamesFacts, NamesProblem, Storage};
use super::layout::Axis;
use super::state::State;

/// A state and the sentence that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The state.
    pub state: State,
    /// Why, in words.
    pub reason: String,
}

impl Judgement {
    /// A state with its reason.
    pub fn new(state: State, reason: impl Into<String>) -> Self {
        Judgement {
            state,
            reason: reason.into(),
        }
    }
}

/// Judges a file that the library could read.
pub fn judge(facts: &Facts) -> Judgement {
    not_numbers(facts)
        .or_else(|| unsupported(facts))
        .or_else(|| without_matrix(facts))
        .or_else(|| matrix_shape(facts))
        .or_else(|| never_written(facts))
        .or_else(|| nameless(facts))
        .or_else(|| transposed(facts))
        .or_else(|| inconsistent(facts))
        .or_else(|| conflict(facts))
        .unwrap_or_else(|| named(facts))
}

fn without_matrix(facts: &Facts) -> Option<Judgement> {
    if facts.expr.is_some() {
        return None;
    }
    if let Some(foreign) = &facts.foreign {
        return Some(Judgement::new(State::Foreign, foreign.clone()));
    }
    let reason = match &facts.expr_is_instead {
        Some(what) => format!("/expr is {what}, not a dataset"),
        None => "no /expr in it".to_string(),
    };
    Some(Judgement::new(State::NotExpression, reason))
}

fn not_numbers(facts: &Facts) -> Option<Judgement> {
    let expr = facts.expr.as_ref().filter(|expr| !expr.numeric)?;
    Some(Judgement::new(
        State::Unsupported,
        format!(
            "/expr is not a matrix of numbers, its elements are {}",
            expr.dtype
        ),
    ))
}

fn unsupported(facts: &Facts) -> Option<Judgement> {
    let first = facts.obstacles.first()?;
    let more = match facts.obstacles.len() {
        1 => String::new(),
        2 => ", and another object needs more, too".to_string(),
        n => format!(", and {} other objects need more, too", n - 1),
    };
    Some(Judgement::new(
        State::Unsupported,
        format!("{} needs {}{more}", first.object, first.needs),
    ))
}

fn matrix_shape(facts: &Facts) -> Option<Judgement> {
    let expr = facts.expr.as_ref()?;
    if expr.shape.len() == 2 {
        return None;
    }
    Some(Judgement::new(
        State::Inconsistent,
        format!(
            "/expr has {}; a matrix of genes x samples has two dimensions",
            match expr.shape.len() {
                0 => "no dimension".to_string(),
                1 => format!("one dimension of {}", expr.shape[0]),
                n => format!("{n} dimensions, {}", shape_text(&expr.shape)),
            }
        ),
    ))
}

fn never_written(facts: &Facts) -> Option<Judgement> {
    let expr = facts.expr.as_ref()?;
    let missing = expr.chunks_expected.saturating_sub(expr.chunks_written);
    if missing == 0 {
        return None;
    }
    let reason = if expr.storage == Storage::Chunked {
        format!(
            "{missing} of {} chunks of /expr were never written; HDF5 reads them as the fill value",
            expr.chunks_expected
        )
    } else {
        "the values of /expr were never written; HDF5 reads them as the fill value".to_string()
    };
    Some(Judgement::new(State::Incomplete, reason))
}

/// The names of an axis that can be believed to be its names.
fn candidates(axis: &AxisFacts) -> impl Iterator<Item = &NamesFacts> {
    [&axis.attribute, &axis.dataset]
        .into_iter()
        .flatten()
        .filter(|names| is_list(names))
}

fn is_list(names: &NamesFacts) -> bool {
    names.problem.as_ref().is_none_or(NamesProblem::is_list)
}

fn nameless(facts: &Facts) -> Option<Judgement> {
    let lost: Vec<Axis> = Axis::BOTH
        .into_iter()
        .filter(|axis| candidates(facts.axis(*axis)).next().is_none())
        .collect();
    if lost.is_empty() {
        return None;
    }
    let reason = if lost.len() == 2
        && lost
            .iter()
            .all(|axis| places(facts.axis(*axis)).count() == 0)
    {
        "/expr is there, but gene_names and sample_names are nowhere".to_string()
    } else {
        let whys: Vec<String> = lost
            .into_iter()
            .map(|axis| why_nameless(facts, axis))
            .collect();
        format!("/expr is there, but {}", whys.join(" and "))
    };
    Some(Judgement::new(State::Nameless, reason))
}

fn why_nameless(facts: &Facts, axis: Axis) -> String {
    let problems: Vec<String> = places(facts.axis(axis))
        .filter_map(|(place, names)| {
            let what = problem_text(names.problem.as_ref()?);
            Some(format!("the {place} {} is {what}", axis.names()))
        })
        .collect();
    if problems.is_empty() {
        format!("{} is nowhere", axis.names())
    } else {
        problems.join(" and ")
    }
}

/// Where an axis has something of the right name, with what it is.
fn places(axis: &AxisFacts) -> impl Iterator<Item = (&'static str, &NamesFacts)> {
    [
        axis.attribute.as_ref().map(|names| ("attribute", names)),
        axis.dataset.as_ref().map(|names| ("dataset", names)),
    ]
    .into_iter()
    .flatten()
}

/// A problem with a list of names, as the end of a sentence.
pub fn problem_text(problem: &NamesProblem) -> String {
    match problem {
        NamesProblem::NotText { dtype } => format!("of type {dtype}, not text"),
        NamesProblem::OneString => "one string, not a list of names".to_string(),
        NamesProblem::NotAList { shape } => {
            format!("an array of shape {}, not a list", shape_text(shape))
        }
        NamesProblem::NotUtf8 {
            index,
            offset,
            shown,
        } => {
            format!("not UTF-8: name {index} ({shown}) has an undecodable byte at offset {offset}")
        }
        NamesProblem::ContainsNul { index } => {
            format!("not storable as text: name {index} contains a NUL byte")
        }
    }
}

fn transposed(facts: &Facts) -> Option<Judgement> {
    let (genes, samples) = extents(facts.expr.as_ref()?);
    let swapped =
        |axis: Axis, length: u64| candidates(facts.axis(axis)).all(|names| names.count == length);
    if genes == samples || !swapped(Axis::Genes, samples) || !swapped(Axis::Samples, genes) {
        return None;
    }
    Some(Judgement::new(
        State::Transposed,
        format!(
            "/expr is {genes} x {samples}, but there are {samples} gene names and {genes} sample names"
        ),
    ))
}

fn inconsistent(facts: &Facts) -> Option<Judgement> {
    let expr = facts.expr.as_ref()?;
    let agrees = Axis::BOTH.into_iter().all(|axis| {
        let length = expr.shape[axis.index()];
        let facts = facts.axis(axis);
        let count_agrees = match &facts.count {
            None => true,
            Some(CountFact::Value(n)) => u64::try_from(*n) == Ok(length),
            Some(CountFact::Malformed(_)) => false,
        };
        // Two copies of which one fits are a conflict, which the user can decide.
        count_agrees && candidates(facts).any(|names| names.count == length)
    });
    if agrees {
        return None;
    }
    let mut numbers = vec![format!("/expr is {}", shape_text(&expr.shape))];
    for axis in Axis::BOTH {
        let facts = facts.axis(axis);
        match &facts.count {
            None => {}
            Some(CountFact::Value(n)) => numbers.push(format!("{} says {n}", axis.count())),
            Some(CountFact::Malformed(what)) => {
                numbers.push(format!("{} is {what}", axis.count()));
            }
        }
        for (place, names) in places(facts).filter(|(_, names)| is_list(names)) {
            numbers.push(format!(
                "the {place} {} holds {}",
                axis.names(),
                names.count
            ));
        }
    }
    Some(Judgement::new(State::Inconsistent, numbers.join(", ")))
}

fn conflict(facts: &Facts) -> Option<Judgement> {
    let differences: Vec<String> = Axis::BOTH
        .into_iter()
        .filter_map(|axis| {
            let difference = facts.axis(axis).difference.as_ref()?;
            Some(format!("{}: {difference}", axis.names()))
        })
        .collect();
    if differences.is_empty() {
        return None;
    }
    Some(Judgement::new(
        State::Conflict,
        format!(
            "names differ between attribute and dataset; {}",
            differences.join("; ")
        ),
    ))
}

/// Both axes have names that fit: which layout is it?
fn named(facts: &Facts) -> Judgement {
    let in_attributes: Vec<Axis> = Axis::BOTH
        .into_iter()
        .filter(|axis| facts.axis(*axis).attribute.is_some())
        .collect();
    let lists = |axes: &[Axis]| -> String {
        let names: Vec<&str> = axes.iter().map(|axis| axis.names()).collect();
        names.join(" and ")
    };
    let plural = |axes: &[Axis]| {
        if axes.len() == 1 {
            "is an attribute"
        } else {
            "are attributes"
        }
    };

    let only_there: Vec<Axis> = in_attributes
        .iter()
        .copied()
        .filter(|axis| !facts.axis(*axis).dataset.as_ref().is_some_and(is_list))
        .collect();
    if !only_there.is_empty() {
        return Judgement::new(
            State::Legacy,
            format!("{} {} of /expr", lists(&only_there), plural(&only_there)),
        );
    }
    if !in_attributes.is_empty() {
        return Judgement::new(
            State::Hybrid,
            format!(
                "{} {} of /expr and datasets, equal",
                lists(&in_attributes),
                plural(&in_attributes)
            ),
        );
    }
    let odd: Vec<String> = Axis::BOTH
        .into_iter()
        .filter_map(|axis| {
            let names = facts.axis(axis).dataset.as_ref()?;
            (!names.is_current_type()).then(|| {
                format!(
                    "/{} is {} of shape {}",
                    axis.names(),
                    names.text_type,
                    shape_text(&names.shape)
                )
            })
        })
        .collect();
    if odd.is_empty() {
        Judgement::new(State::Current, "names are datasets")
    } else {
        Judgement::new(
            State::Legacy,
            format!(
                "{}, not variable-length text of one dimension",
                odd.join(" and ")
            ),
        )
    }
}

fn extents(expr: &ExprFacts) -> (u64, u64) {
    (expr.shape[0], expr.shape[1])
}

/// `20000 x 500`, or `(scalar)`.
pub fn shape_text(shape: &[u64]) -> String {
    if shape.is_empty() {
        return "(scalar)".to_string();
    }
    let numbers: Vec<String> = shape.iter().map(u64::to_string).collect();
    numbers.join(" x ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Obstacle;

    fn names(count: u64) -> NamesFacts {
        NamesFacts {
            count,
            shape: vec![count],
            text_type: "vlen-utf8".into(),
            problem: None,
            first: vec![],
            last: None,
        }
    }

    fn facts(rows: u64, columns: u64) -> Facts {
        Facts {
            expr: Some(ExprFacts {
                shape: vec![rows, columns],
                dtype: "<f4".into(),
                item_size: 4,
                numeric: true,
                chunks_expected: 1,
                chunks_written: 1,
                ..ExprFacts::default()
            }),
            ..Facts::default()
        }
    }

    fn legacy(rows: u64, columns: u64) -> Facts {
        let mut facts = facts(rows, columns);
        facts.genes.attribute = Some(names(rows));
        facts.samples.attribute = Some(names(columns));
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
        facts.genes.dataset = Some(names(3));
        facts.samples.dataset = Some(names(2));
        assert_eq!(state(&facts), State::Hybrid);
        facts.samples.difference = Some("name 1 is \"a\" there and \"b\" here".into());
        assert_eq!(state(&facts), State::Conflict);
    }

    #[test]
    fn one_axis_only_in_attributes_makes_the_file_legacy() {
        let mut facts = legacy(3, 2);
        facts.genes.dataset = Some(names(3));
        assert_eq!(state(&facts), State::Legacy);
    }

    #[test]
    fn datasets_alone_are_current_only_as_text_of_one_dimension() {
        let mut facts = facts(3, 2);
        facts.genes.dataset = Some(names(3));
        facts.samples.dataset = Some(names(2));
        assert_eq!(state(&facts), State::Current);
        facts.genes.dataset.as_mut().unwrap().text_type = "fixed-ascii-11".into();
        assert_eq!(state(&facts), State::Legacy);
    }

    #[test]
    fn no_names_on_one_axis_is_nameless_and_says_which() {
        let mut facts = legacy(3, 2);
        facts.samples.attribute = None;
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
        facts.genes.attribute.as_mut().unwrap().problem = Some(NamesProblem::OneString);
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
        let mut facts = facts(3, 2);
        facts.genes.attribute = Some(names(2));
        facts.samples.attribute = Some(names(3));
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
        facts.genes.dataset = Some(names(7));
        facts.genes.difference = Some("3 names there, 7 here".into());
        assert_eq!(state(&facts), State::Conflict);
    }

    #[test]
    fn what_cannot_be_carried_beats_what_the_names_say() {
        let mut facts = legacy(3, 2);
        facts.obstacles.push(Obstacle {
            object: "/layers/raw".into(),
            needs: "the filter blosc (32001)".into(),
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
        facts.foreign = Some("an AnnData file (h5ad)".into());
        assert_eq!(state(&facts), State::Foreign);
    }

    #[test]
    fn undecodable_names_still_count_as_names() {
        let mut facts = legacy(3, 2);
        facts.genes.attribute.as_mut().unwrap().problem = Some(NamesProblem::NotUtf8 {
            index: 1,
            offset: 2,
            shown: "Fr\u{fffd}d".into(),
        });
        assert_eq!(state(&facts), State::Legacy);
    }
}
