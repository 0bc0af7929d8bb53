//! The names that a recipe takes.

use super::fault::{Fault, Result};
use super::names::Names;
use super::place::{self, Matrix};
use crate::format::plain_names;
use crate::model::failure::FailureKind;
use crate::model::in_words::problem_text;
use crate::model::layout::{self, Axis};
use crate::model::place::NamesPlace;
use crate::model::policy::Charset;
use crate::model::recipe::Recipe;
use crate::model::texts::Texts;

/// The names that a recipe takes: from its place in the old file, or those that were given.
pub fn of_axis(matrix: Matrix<'_>, axis: Axis, recipe: &Recipe) -> Result<Texts> {
    match recipe.names.of(axis) {
        NamesPlace::Given { .. } => {
            let given = recipe.given.of(axis).unwrap_or_default();
            Ok(given.iter().collect())
        }
        place => usable(place::read(matrix, axis, place)?, axis).map(|names| names.texts),
    }
}

/// Names that can be taken, or why not: the file may have changed since it was planned.
pub fn usable(names: Option<Names>, axis: Axis) -> Result<Names> {
    let unusable = |why: String| {
        Fault::new(
            FailureKind::Unsupported,
            format!("{} cannot be taken: {why}", axis.names()),
        )
    };
    let names = names.ok_or_else(|| unusable("they are not where they were".to_string()))?;
    match &names.problem {
        None => Ok(names),
        Some(problem) => Err(unusable(problem_text(problem))),
    }
}

/// The names of both axes of a *plain* file, past the library, where a recipe takes them from where the layouts have
/// them.
pub fn plainly(matrix: Matrix<'_>, recipe: &Recipe) -> Option<[Texts; 2]> {
    if recipe.charset != Charset::Utf8 || matrix.path != layout::EXPR_PATH {
        return None;
    }
    let places = Axis::BOTH.map(|axis| recipe.names.of(axis));
    plain_names(matrix.file.descriptor(), places)
}
