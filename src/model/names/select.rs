//! Which of a file's names the new one gets, and what happens to the others.

use crate::model::facts::display::problem_text;
use crate::model::facts::names::{Candidate, NamesProblem};
use crate::model::facts::{ExprFacts, Facts};
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use crate::model::plan::policy::{Charset, Policy, Preference};
use crate::model::plan::{Plan, hint, refuse};
use crate::model::state::State;

/// Whether the dataset holds the selected names as the new layout stores them.
pub(crate) fn keeps_dataset(
    facts: &Facts,
    axis: Axis,
    source: &NamesPlace,
    charset: Charset,
) -> bool {
    let facts = facts.axis(axis);
    let current = NamesPlace::current(axis);
    facts.at(&current).is_some_and(|dataset| {
        dataset.names.is_current_type()
            && charset == Charset::Utf8
            && (*source == current || (!facts.named && facts.difference.is_none()))
    })
}

/// The place from which names are taken: the preferred one, else the first, if its names can be used.
pub(crate) fn choose(
    facts: &Facts,
    axis: Axis,
    length: u64,
    policy: &Policy,
    transposed: bool,
) -> Result<NamesPlace, Plan> {
    let lists: Vec<&Candidate> = facts.axis(axis).lists().collect();
    let wanted = |found: &&&Candidate| match policy.prefer {
        Some(Preference::Attributes) => found.place.is_attribute(),
        Some(Preference::Datasets) => !found.place.is_attribute(),
        None => true,
    };
    let Some(chosen) = lists.iter().find(wanted).or(lists.first()) else {
        return Err(refuse(hint(State::Nameless)));
    };
    if let Some(problem) = &chosen.names.problem {
        return Err(Plan::Refuse {
            message: Some(format!(
                "{} {} {}",
                chosen.place,
                chosen.place.is(),
                problem_text(problem)
            )),
            hint: match problem {
                NamesProblem::NotUtf8 { .. } => {
                    "if these names are ISO 8859-1, say --encoding latin1".to_string()
                }
                NamesProblem::ContainsNul { .. } => {
                    "HDF5 cannot store such a name: give all of this axis with --names-from, a list or a matrix"
                        .to_string()
                }
                _ => hint(State::Nameless).to_string(),
            },
        });
    }
    if chosen.names.count != length {
        let fits_as_it_is = facts
            .expr
            .as_ref()
            .is_some_and(|expr| expr.shape.get(axis.index()) == Some(&chosen.names.count));
        return Err(Plan::Refuse {
            message: Some(format!(
                "{} holds {} names, but {}{} has {length} {}s",
                chosen.place,
                chosen.names.count,
                facts
                    .expr
                    .as_ref()
                    .map_or(layout::EXPR_PATH, ExprFacts::path),
                if transposed { ", transposed," } else { "" },
                axis.noun()
            )),
            hint: match (transposed && fits_as_it_is, policy.prefer) {
                (true, _) => "leave out --transpose: the names fit the matrix as it is",
                (false, Some(_)) => "prefer the other copy",
                (false, None) => "name lists of other lengths with --genes-from and --samples-from",
            }
            .to_string(),
        });
    }
    Ok(chosen.place.clone())
}

/// All attributes that held names, used or not: any that stayed would contradict the new file or repeat it.
pub(crate) fn dropped(facts: &Facts, matrix: &str) -> Vec<(String, String)> {
    let mut dropped = Vec::new();
    for axis in Axis::BOTH {
        for Candidate { place, .. } in &facts.axis(axis).candidates {
            let (object, names) = place.attributes();
            dropped.extend(names.iter().map(|name| (object.to_string(), name.clone())));
        }
    }
    let legacy = |name: &String| Axis::BOTH.into_iter().any(|axis| axis.names() == name);
    for name in facts.expr_attributes.iter().filter(|name| legacy(name)) {
        dropped.push((matrix.to_string(), name.clone()));
    }
    dropped.sort();
    dropped.dedup();
    dropped
}
