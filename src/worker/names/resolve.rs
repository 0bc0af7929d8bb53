//! The names that a recipe takes.

use crate::model::facts::display::problem_text;
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::place::NamesPlace;
use crate::model::plan::policy::Charset;
use crate::model::plan::recipe::Recipe;
use crate::model::protocol::failure::FailureKind;
use crate::plain::plain_names;
use crate::worker::error::{Result, WorkerError};
use crate::worker::names::Names;
use crate::worker::names::place;
use crate::worker::names::place::Matrix;
use plain_hdf5::FileOf;
use string_list::StringList;

/// The names that a recipe takes: from its place in the old file, or those that were given.
pub(crate) fn of_axis(matrix: Matrix<'_>, axis: Axis, recipe: &Recipe) -> Result<StringList> {
    match recipe.names.of(axis) {
        NamesPlace::Given { .. } => {
            let given = recipe.given.of(axis).unwrap_or_default();
            Ok(given.iter().collect())
        }
        place => usable(place::read(matrix, axis, place)?, axis).map(|names| names.texts),
    }
}

/// Names that can be taken, or why not: the file may have changed since it was planned.
pub(crate) fn usable(names: Option<Names>, axis: Axis) -> Result<Names> {
    let unusable = |why: String| {
        WorkerError::new(
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
pub(crate) fn plain_file_names(matrix: Matrix<'_>, recipe: &Recipe) -> Option<[StringList; 2]> {
    if recipe.charset != Charset::Utf8 || matrix.path != layout::EXPR_PATH {
        return None;
    }
    let places = Axis::BOTH.map(|axis| recipe.names.of(axis));
    let file = FileOf {
        file: matrix.file.descriptor(),
        bytes: matrix.file.length(),
    };
    plain_names(&file, places)
}
