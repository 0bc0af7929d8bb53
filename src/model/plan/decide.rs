//! Facts + state + policy -> what to do, with reasons. Pure.
//!
//! No other code decides whether a file is touched.

use crate::model::facts::names::CountFact;
use crate::model::facts::{Facts, Remedy, ScaleFacts};
use crate::model::layout::Axis;
use crate::model::names::form::StringType;
use crate::model::names::requested::{has_requested_form, requested_form};
use crate::model::names::select::{choose, dropped, keeps_dataset};
use crate::model::plan::nameless;
use crate::model::plan::new_storage;
use crate::model::plan::new_storage::new_shape;
use crate::model::plan::orientation::is_turned;
use crate::model::plan::policy::{NamesPlaces, Policy};
use crate::model::plan::recipe::{GivenNames, Recipe};
use crate::model::plan::steps::steps;
use crate::model::plan::{Plan, hint, refuse};
use crate::model::state::State;
use crate::model::state::detect::{Judgement, judge};

/// Decides what happens to a file.
pub fn decide(facts: &Facts, judgement: &Judgement, policy: &Policy) -> Plan {
    match judgement.state {
        State::Legacy | State::Hybrid if is_of_r_and_square(facts) && !policy.transpose => {
            Plan::Refuse {
                message: Some(
                    "R writes matrices transposed, and a square matrix does not show whether it is"
                        .to_string(),
                ),
                hint: "use --transpose if genes are its columns, or name the places with --genes-from and --samples-from"
                    .to_string(),
            }
        }
        State::Legacy | State::Hybrid => migrate(facts, policy),
        State::Conflict => match policy.prefer {
            Some(_) => migrate(facts, policy),
            None => refuse(
                "look at both with `h5lift show`, then decide with --prefer attributes or --prefer datasets",
            ),
        },
        State::Transposed if policy.transpose => migrate(facts, policy),
        State::Incomplete if facts.has_unwritten_names() => refuse(
            "the writer was interrupted: make the file again from its source, or give the names with --names-from",
        ),
        State::Incomplete if policy.allow_missing_chunks => incomplete(facts, policy),
        State::Current => current(facts, policy),
        State::NotExpression | State::Foreign | State::NotHdf5 => Plan::Skip,
        State::Nameless => refuse(&nameless::hint(facts)),
        State::Unsupported if remedy(facts) == Some(Remedy::Repack) => refuse(
            "`h5repack -l CONTI OLD NEW`, where all these files are, writes the values into one",
        ),
        State::Unsupported if remedy(facts) == Some(Remedy::Unlink) => refuse(
            "in a copy of the file, put the dataset in the place of the link (in h5py: \
             del f[LINK], then f.copy(TARGET, LINK)), or remove the link",
        ),
        State::Unsupported if remedy(facts) == Some(Remedy::Plugin) && needs_szip(facts) => refuse(
            "with an HDF5 that was built with szip (libaec), as most packages of it are, \
             `h5repack -f GZIP=4` writes a file that every HDF5 reads",
        ),
        State::Unsupported if remedy(facts) == Some(Remedy::Plugin) => refuse(
            "on a machine with its plugin (Python's hdf5plugin has Blosc, bzip2, Zstandard, LZ4, bitshuffle and others), \
             `h5repack -f GZIP=4` writes a file that every HDF5 reads",
        ),
        State::Unsupported if !facts.matrices.is_empty() => {
            refuse("choose one with --matrix PATH; it becomes /expr of the new file")
        }
        state => refuse(hint(state)),
    }
}

fn remedy(facts: &Facts) -> Option<Remedy> {
    facts.obstacles.first().map(|obstacle| obstacle.remedy)
}

/// Whether the first thing that is missing is the filter of HDF5 that not every build has, and that is no plugin.
fn needs_szip(facts: &Facts) -> bool {
    let first = facts.obstacles.first();
    first.is_some_and(|obstacle| obstacle.needs.ends_with("(4)"))
}

/// What a file with missing chunks is otherwise.
fn incomplete(facts: &Facts, policy: &Policy) -> Plan {
    let mut whole = facts.clone();
    if let Some(expr) = &mut whole.expr {
        expr.chunks_written = expr.chunks_expected;
    }
    decide_instead(facts, judge(&whole), policy)
}

/// Decides what happens to a file if something that it lacks is supplied, or is not needed. Its own reason is
/// what it lacks, so a refusal reports what else is wrong.
pub fn decide_completed(whole: &Facts, policy: &Policy) -> Plan {
    decide_instead(whole, judge(whole), policy)
}

/// `judgement` is of the file with what it lacks.
fn decide_instead(facts: &Facts, judgement: Judgement, policy: &Policy) -> Plan {
    match decide(facts, &judgement, policy) {
        Plan::Refuse { message, hint } => Plan::Refuse {
            message: Some(message.unwrap_or(judgement.reason)),
            hint,
        },
        plan => plan,
    }
}

fn is_of_r_and_square(facts: &Facts) -> bool {
    let of_r = |axis| {
        let facts = facts.axis(axis);
        !facts.named
            && facts
                .lists()
                .next()
                .is_some_and(|found| found.place.is_of_r())
    };
    facts.is_square() && Axis::BOTH.into_iter().all(of_r)
}

fn current(facts: &Facts, policy: &Policy) -> Plan {
    let stored_anew = policy.recompress && facts.expr.as_ref().is_some_and(|expr| !expr.is_gzip());
    let lacks = !missing_counts(facts, policy).is_empty() || !has_requested_form(facts, policy);
    // A file that h5lift wrote has been turned already, if it had to be.
    let turned = facts.mark.is_none() && facts.is_square() && is_turned(facts, policy);
    if stored_anew || lacks || turned {
        return migrate_turned(facts, policy, turned);
    }
    Plan::Skip
}

fn missing_counts(facts: &Facts, policy: &Policy) -> Vec<Axis> {
    let is_missing = |axis: &Axis| policy.set_counts && facts.axis(*axis).count.is_none();
    Axis::BOTH.into_iter().filter(is_missing).collect()
}

fn migrate(facts: &Facts, policy: &Policy) -> Plan {
    migrate_turned(facts, policy, is_turned(facts, policy))
}

fn migrate_turned(facts: &Facts, policy: &Policy, transpose: bool) -> Plan {
    let Some(expr) = &facts.expr else {
        return Plan::Skip;
    };
    if transpose && expr.shape.contains(&0) {
        return Plan::Refuse {
            message: Some("a matrix without values has nothing to transpose".into()),
            hint: hint(State::Inconsistent).to_string(),
        };
    }
    if let (true, Some(object)) = (transpose, &facts.regions) {
        return Plan::Refuse {
            message: Some(format!(
                "{object} refers to parts of datasets, which would be others of a transposed matrix"
            )),
            hint:
                "remove these references in a copy, or transpose it with the program that wrote it"
                    .to_string(),
        };
    }
    if let Some(refusal) = scales_in_the_way(facts, policy) {
        return refusal;
    }
    let form = requested_form(facts, policy);
    // In a transposed file the lists have the right names; only the matrix is the other way round.
    let shape = new_shape(expr, transpose);
    let mut chosen = Vec::new();
    for axis in Axis::BOTH {
        let length = shape[axis.index()];
        match choose(facts, axis, length, policy, transpose) {
            Ok(place) => chosen.push(place),
            Err(refusal) => return refusal,
        }
    }
    let [genes, samples] = &chosen[..] else {
        return Plan::Skip;
    };
    let names = NamesPlaces {
        genes: genes.clone(),
        samples: samples.clone(),
    };
    let recipe = Recipe {
        matrix: expr.path().to_string(),
        kept_datasets: Axis::BOTH
            .into_iter()
            // Fixed-length text may be wider than necessary; its width is known once it is rewritten.
            .filter(|_| form.string_type == StringType::Variable)
            .filter(|axis| keeps_dataset(facts, *axis, names.of(*axis), policy.charset))
            .collect(),
        names,
        given: GivenNames::default(),
        dropped: dropped(facts, expr.path()),
        transpose,
        missing_chunks: policy.allow_missing_chunks,
        counts: counts(facts, policy, shape, transpose),
        charset: policy.charset,
        form,
        storage: new_storage::choose(expr, policy, transpose),
        // Lost chunks are reported by their rows and columns in the old file.
        salvage: policy.salvage && !transpose,
    };
    let steps = steps(facts, expr, &recipe);
    Plan::Migrate {
        recipe: Box::new(recipe),
        steps,
    }
}

/// Requested counts, and those that a transposed matrix makes wrong.
fn counts(facts: &Facts, policy: &Policy, shape: [u64; 2], transpose: bool) -> Vec<Axis> {
    let mut counts = missing_counts(facts, policy);
    if transpose {
        counts.extend(Axis::BOTH.into_iter().filter(|axis| {
            let length = shape[axis.index()];
            match facts.axis(*axis).count {
                Some(CountFact::Value(n)) => u64::try_from(n) != Ok(length),
                _ => false,
            }
        }));
    }
    counts
}

/// Existing scales, or attributes in the place of theirs, are never replaced.
fn scales_in_the_way(facts: &Facts, policy: &Policy) -> Option<Plan> {
    match (&facts.scales, policy.scales) {
        (ScaleFacts::Others(what), Some(_)) => Some(Plan::Refuse {
            message: Some(format!("names cannot become dimension scales: {what}")),
            hint: "leave out --dimension-scales: what is there is carried over".to_string(),
        }),
        _ => None,
    }
}
