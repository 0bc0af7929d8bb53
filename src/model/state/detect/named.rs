//! Which layout a file has whose names are there and fit.

use crate::model::facts::display::{problem_text, shape_text};
use crate::model::facts::names::Candidate;
use crate::model::facts::{ExprFacts, Facts};
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::form::StringType;
use crate::model::names::place::NamesPlace;
use crate::model::names::requested::has_type;
use crate::model::state::State;
use crate::model::state::detect::Judgement;

/// Both axes have names that fit: which layout is it?
pub(crate) fn named(facts: &Facts) -> Judgement {
    let matrix = facts
        .expr
        .as_ref()
        .map_or(layout::EXPR_PATH, ExprFacts::path);
    let lifted: Vec<Axis> = Axis::BOTH
        .into_iter()
        .filter(|axis| must_be_lifted(facts, *axis))
        .collect();
    if !lifted.is_empty() {
        return Judgement::new(State::Legacy, lifted_from(facts, matrix, &lifted));
    }
    if matrix != layout::EXPR_PATH {
        return Judgement::new(State::Legacy, format!("the matrix is {matrix}, not /expr"));
    }
    let twice: Vec<Axis> = Axis::BOTH
        .into_iter()
        .filter(|axis| facts.axis(*axis).candidates.iter().any(is_attribute))
        .collect();
    if !twice.is_empty() {
        let datasets = match twice.len() {
            1 => "a dataset",
            _ => "datasets",
        };
        return Judgement::new(
            State::Hybrid,
            format!(
                "{} and {datasets}, equal",
                lifted_from(facts, matrix, &twice)
            ),
        );
    }
    match (undecodable_datasets(facts), odd_datasets(facts)) {
        (None, None) => Judgement::new(State::Current, "names are datasets"),
        (Some(undecodable), _) => Judgement::new(State::Legacy, undecodable),
        (None, Some(odd)) => Judgement::new(
            State::Legacy,
            format!("{odd}, not variable-length text of one dimension"),
        ),
    }
}

fn is_attribute(candidate: &Candidate) -> bool {
    candidate.place.is_attribute()
}

/// Whether the names of an axis are not where the current layout has them.
fn must_be_lifted(facts: &Facts, axis: Axis) -> bool {
    let facts = facts.axis(axis);
    let current = facts.at(&NamesPlace::current(axis));
    !current.is_some_and(Candidate::is_list)
        || facts
            .lists()
            .next()
            .is_some_and(|first| facts.named && first.place != NamesPlace::current(axis))
}

/// `gene_names and sample_names are attributes of /expr`, or where else they are.
fn lifted_from(facts: &Facts, matrix: &str, axes: &[Axis]) -> String {
    let first = |axis: Axis| {
        let attribute = facts.axis(axis).lists().find(|found| is_attribute(found));
        attribute.or_else(|| facts.axis(axis).lists().next())
    };
    let usual = |axis: &Axis| {
        first(*axis).is_some_and(|found| {
            found.names.joined.is_none() && found.place == NamesPlace::legacy(matrix, *axis)
        })
    };
    if axes.iter().all(usual) {
        let names: Vec<&str> = axes.iter().map(|axis| axis.names()).collect();
        let are = match axes.len() {
            1 => "is an attribute",
            _ => "are attributes",
        };
        return format!("{} {are} of {matrix}", names.join(" and "));
    }
    let places: Vec<String> = axes
        .iter()
        .filter_map(|axis| {
            let found = first(*axis)?;
            let joined = match found.names.joined {
                Some(list) if list.is_bracketed() => format!(" (one string, {list})"),
                Some(separators) => format!(" (one string, names between {separators})"),
                None => String::new(),
            };
            Some(format!(
                "the {} names are {}{joined}",
                axis.noun(),
                found.place
            ))
        })
        .collect();
    places.join(" and ")
}

/// Root datasets that hold the names, but not as UTF-8.
fn undecodable_datasets(facts: &Facts) -> Option<String> {
    let undecodable = Axis::BOTH.into_iter().filter_map(|axis| {
        let names = &facts.axis(axis).at(&NamesPlace::current(axis))?.names;
        match &names.problem {
            Some(problem) => Some(format!("/{} is {}", axis.names(), problem_text(problem))),
            None => (names.recoded).then(|| format!("/{} is not UTF-8", axis.names())),
        }
    });
    let undecodable: Vec<String> = undecodable.collect();
    (!undecodable.is_empty()).then(|| undecodable.join(" and "))
}

/// Root datasets that hold the names, but not as the current layout stores them.
fn odd_datasets(facts: &Facts) -> Option<String> {
    let odd: Vec<String> = Axis::BOTH
        .into_iter()
        .filter_map(|axis| {
            let names = &facts.axis(axis).at(&NamesPlace::current(axis))?.names;
            let is_current = [StringType::Variable, StringType::Fixed]
                .into_iter()
                .any(|string_type| has_type(facts, axis, string_type));
            (!is_current).then(|| {
                let what = match names.joined {
                    Some(_) => "one string".to_string(),
                    None => format!("{} of shape {}", names.text_type, shape_text(&names.shape)),
                };
                format!("/{} is {what}", axis.names())
            })
        })
        .collect();
    (!odd.is_empty()).then(|| odd.join(" and "))
}
