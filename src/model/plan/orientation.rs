//! Whether `--transpose` turns a matrix. Pure.

use crate::model::facts::Facts;
use crate::model::layout::Axis;
use crate::model::plan::policy::Policy;

/// Whether rows of the matrix become columns of the new one.
///
/// With `--transpose`, every matrix is turned whose places of names the user named, and every square one. Of others the
/// lengths of the lists say which way round they lie: those whose lists fit as they are stay as they are, so that one run
/// can take an archive in which only some files are transposed.
pub(crate) fn is_turned(facts: &Facts, policy: &Policy) -> bool {
    policy.transpose && (names_places(policy) || facts.is_square() || !fits_as_it_is(facts))
}

/// Genes and samples of the matrix as the new file has it.
pub(crate) fn turned_shape(facts: &Facts, policy: &Policy) -> Option<[u64; 2]> {
    let [rows, columns] = <[u64; 2]>::try_from(&facts.expr.as_ref()?.shape[..]).ok()?;
    Some(match is_turned(facts, policy) {
        true => [columns, rows],
        false => [rows, columns],
    })
}

fn names_places(policy: &Policy) -> bool {
    Axis::BOTH
        .into_iter()
        .any(|axis| !policy.rules.places(axis).is_empty())
}

fn fits_as_it_is(facts: &Facts) -> bool {
    let Some(expr) = &facts.expr else {
        return false;
    };
    Axis::BOTH.into_iter().any(|axis| {
        let length = expr.shape.get(axis.index());
        facts
            .axis(axis)
            .lists()
            .any(|list| Some(&list.names.count) == length)
    })
}
