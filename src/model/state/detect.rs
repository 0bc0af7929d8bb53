//! Facts -> state, with a reason that a person understands. Pure.
//!
//! The questions are asked in a fixed order and the first one that settles the
//! state wins: is there a matrix, can this build carry the file, is the matrix
//! whole, do names exist, do the numbers agree, do the two copies agree.

pub(crate) mod named;

use crate::model::facts::display::{matrices_text, problem_text, shape_text};
use crate::model::facts::names::{Candidate, CountFact};
use crate::model::facts::{ExprFacts, Facts};
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use crate::model::state::State;
use crate::model::state::detect::named::named;
use hdf5_format::storage::Storage;

/// A state and the sentence that explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub state: State,
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
    let sought = facts.sought.as_deref().unwrap_or(layout::EXPR_PATH);
    if !facts.matrices.is_empty() {
        return Some(Judgement::new(
            State::Unsupported,
            format!("no {sought} in it, but {}", matrices_text(&facts.matrices)),
        ));
    }
    let reason = match (&facts.expr_is_instead, &facts.resembles) {
        (Some(what), _) => format!("{sought} is {what}, not a dataset"),
        (None, Some(what)) => format!("no {sought} in it: {what}"),
        (None, None) => format!("no {sought} in it"),
    };
    Some(Judgement::new(State::NotExpression, reason))
}

fn not_numbers(facts: &Facts) -> Option<Judgement> {
    let expr = facts.expr.as_ref().filter(|expr| !expr.numeric)?;
    Some(Judgement::new(
        State::Unsupported,
        format!(
            "{} is not a matrix of numbers, its elements are {}",
            expr.path(),
            expr.dtype
        ),
    ))
}

fn unsupported(facts: &Facts) -> Option<Judgement> {
    let first = facts.obstacles.first()?;
    let more = match facts.obstacles.len() {
        1 => String::new(),
        2 => "; another object cannot be carried over either".to_string(),
        n => format!("; {} other objects cannot be carried over either", n - 1),
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
            "{} has {}; a matrix of genes x samples has two dimensions",
            expr.path(),
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
            "{missing} of {} chunks of {} were never written; HDF5 reads them as the fill value",
            expr.chunks_expected,
            expr.path()
        )
    } else {
        format!(
            "the values of {} were never written; HDF5 reads them as the fill value",
            expr.path()
        )
    };
    Some(Judgement::new(State::Incomplete, reason))
}

fn nameless(facts: &Facts) -> Option<Judgement> {
    let expr = facts.expr.as_ref()?;
    let lost: Vec<Axis> = Axis::BOTH
        .into_iter()
        .filter(|axis| facts.axis(*axis).lists().next().is_none())
        .collect();
    if lost.is_empty() {
        return None;
    }
    let nothing = |axis: &Axis| {
        let axis = facts.axis(*axis);
        axis.candidates.is_empty() && axis.possible.is_empty()
    };
    let reason = if lost.len() == 2 && lost.iter().all(nothing) {
        format!(
            "{} is there, but gene_names and sample_names are nowhere",
            expr.path()
        )
    } else {
        let whys: Vec<String> = lost
            .into_iter()
            .map(|axis| why_nameless(facts, axis))
            .collect();
        format!("{} is there, but {}", expr.path(), whys.join(" and "))
    };
    let state = match facts.has_unwritten_names() {
        true => State::Incomplete,
        false => State::Nameless,
    };
    Some(Judgement::new(state, reason))
}

fn why_nameless(facts: &Facts, axis: Axis) -> String {
    let problems: Vec<String> = facts
        .axis(axis)
        .candidates
        .iter()
        .filter_map(|Candidate { place, names, .. }| {
            let what = problem_text(names.problem.as_ref()?);
            Some(format!("{place} {} {what}", place.is()))
        })
        .collect();
    let possible = facts.axis(axis).possible.first();
    match (problems.is_empty(), possible) {
        (false, _) => problems.join(" and "),
        (true, None) => format!("{} is nowhere", axis.names()),
        (true, Some(list)) => format!(
            "{} is nowhere, and nothing says whether {list} has the {} names",
            axis.names(),
            axis.noun()
        ),
    }
}

fn transposed(facts: &Facts) -> Option<Judgement> {
    let (genes, samples) = extents(facts.expr.as_ref()?);
    let swapped = |axis: Axis, length: u64| {
        facts
            .axis(axis)
            .lists()
            .all(|candidate| candidate.names.count == length)
    };
    if is_turned_by_scales(facts) {
        return Some(Judgement::new(
            State::Transposed,
            format!("{}, as dimension scales", scales_text(facts)),
        ));
    }
    if genes == samples || !swapped(Axis::Genes, samples) || !swapped(Axis::Samples, genes) {
        return None;
    }
    Some(Judgement::new(
        State::Transposed,
        format!(
            "{} is {genes} x {samples}, but there are {samples} gene names and {genes} sample names",
            facts
                .expr
                .as_ref()
                .map_or(layout::EXPR_PATH, ExprFacts::path)
        ),
    ))
}

/// Whether lists of a square matrix are dimension scales of the axes the other way round. Those of other matrices are
/// known by their lengths.
fn is_turned_by_scales(facts: &Facts) -> bool {
    let dimension = |axis: Axis| facts.axis(axis).lists().find_map(|list| list.dimension);
    let attached = Axis::BOTH.map(|axis| dimension(axis).map(|it| it != axis.index()));
    let is_named = Axis::BOTH.into_iter().any(|axis| facts.axis(axis).named);
    facts.is_square()
        && !is_named
        && attached.contains(&Some(true))
        && !attached.contains(&Some(false))
}

/// `the gene names (the dataset /gene) are attached to the columns of /expr`.
fn scales_text(facts: &Facts) -> String {
    let path = facts
        .expr
        .as_ref()
        .map_or(layout::EXPR_PATH, ExprFacts::path);
    let parts: Vec<String> = Axis::BOTH
        .into_iter()
        .filter_map(|axis| {
            let list = facts
                .axis(axis)
                .lists()
                .find(|list| list.dimension.is_some())?;
            let to = match list.dimension {
                Some(0) => "rows",
                _ => "columns",
            };
            Some(format!(
                "the {} names ({}) are attached to the {to} of {path}",
                axis.noun(),
                list.place
            ))
        })
        .collect();
    parts.join(" and ")
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
        count_agrees
            && facts
                .lists()
                .any(|candidate| candidate.names.count == length)
    });
    if agrees {
        return None;
    }
    let mut numbers = vec![format!("{} is {}", expr.path(), shape_text(&expr.shape))];
    for axis in Axis::BOTH {
        let facts = facts.axis(axis);
        match &facts.count {
            None => {}
            Some(CountFact::Value(n)) => numbers.push(format!("{} says {n}", axis.count())),
            Some(CountFact::Malformed(what)) => {
                numbers.push(format!("{} is {what}", axis.count()));
            }
        }
        for Candidate { place, names, .. } in facts.lists() {
            let holds = match place {
                NamesPlace::Numbered { .. } => "hold",
                _ => "holds",
            };
            numbers.push(format!("{place} {holds} {}", names.count));
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
    let places: Vec<&NamesPlace> = Axis::BOTH
        .into_iter()
        .filter(|axis| facts.axis(*axis).difference.is_some())
        .flat_map(|axis| facts.axis(axis).candidates.iter().map(|found| &found.place))
        .collect();
    let usual = places.iter().all(|place| {
        Axis::BOTH.into_iter().any(|axis| {
            **place == NamesPlace::legacy(layout::EXPR_PATH, axis)
                || **place == NamesPlace::current(axis)
        })
    });
    let between = if usual {
        "between attribute and dataset"
    } else {
        "between places that fit"
    };
    Some(Judgement::new(
        State::Conflict,
        format!("names differ {between}; {}", differences.join("; ")),
    ))
}

fn extents(expr: &ExprFacts) -> (u64, u64) {
    (expr.shape[0], expr.shape[1])
}

#[cfg(test)]
mod tests;
