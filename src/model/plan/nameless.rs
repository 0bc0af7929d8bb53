//! The next step for a file without names: what was seen that may be the names, and the option that takes it. Pure.

use crate::model::facts::Facts;
use crate::model::facts::names::{AxisFacts, Candidate, NamesProblem};
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use crate::model::plan;
use crate::model::state::State;

/// How to rescue a file without names.
pub(crate) fn hint(facts: &Facts) -> String {
    let lost: Vec<Axis> = Axis::BOTH
        .into_iter()
        .filter(|axis| facts.axis(*axis).lists().next().is_none())
        .collect();
    let steps: Vec<String> = lost
        .iter()
        .flat_map(|axis| steps(*axis, facts.axis(*axis)))
        .collect();
    if steps.is_empty() {
        return plan::hint(State::Nameless).to_string();
    }
    format!(
        "{}; or give the names with --names-from, a matrix or a list",
        steps.join("; ")
    )
}

fn steps(axis: Axis, facts: &AxisFacts) -> Vec<String> {
    let unread = facts.candidates.iter().filter(|list| !list.is_list());
    let mut steps: Vec<String> = unread.flat_map(|list| of_candidate(axis, list)).collect();
    let is_named = |step: &String, place: &NamesPlace| {
        let is_typed = |typed| step.split([' ', ',']).any(|word| word == typed);
        step.contains(&place.to_string()) || place.typed().is_some_and(is_typed)
    };
    let is_new = |place: &&NamesPlace| !steps.iter().any(|step| is_named(step, place));
    let possible: Vec<String> = facts
        .possible
        .iter()
        .filter(is_new)
        .filter_map(|place| {
            Some(format!(
                "if {place} has the {} names, say {} {}",
                axis.noun(),
                option(axis),
                place.typed()?
            ))
        })
        .collect();
    steps.extend(possible);
    steps
}

/// What to do with something that is called like names and is no list of them.
fn of_candidate(axis: Axis, candidate: &Candidate) -> Vec<String> {
    let place = &candidate.place;
    match (&candidate.names.problem, place) {
        (Some(NamesProblem::Table { fields }), NamesPlace::Dataset { path })
            if !fields.is_empty() =>
        {
            let fields = fields.iter().filter_map(|field| {
                let place = NamesPlace::Field {
                    path: path.clone(),
                    field: field.clone(),
                };
                Some(format!("{} {}", option(axis), place.typed()?))
            });
            vec![format!(
                "say which field of {place} has the {} names: {}",
                axis.noun(),
                fields.collect::<Vec<_>>().join(", or ")
            )]
        }
        (Some(NamesProblem::NeverWritten { .. }) | None, _) => Vec::new(),
        (Some(NamesProblem::Quantity { .. }), _) => {
            let option = place
                .typed()
                .map(|typed| format!("{} {typed}", option(axis)));
            let step = option.map(|option| {
                format!(
                    "if the numbers of {place} are the {} names, say {option}",
                    axis.noun()
                )
            });
            step.into_iter().collect()
        }
        _ => vec![format!(
            "{place} may hold the {} names, but not as a list that h5lift can read: if they are elsewhere in the file, \
             say where with {} PLACE",
            axis.noun(),
            option(axis)
        )],
    }
}

fn option(axis: Axis) -> &'static str {
    match axis {
        Axis::Genes => "--genes-from",
        Axis::Samples => "--samples-from",
    }
}
