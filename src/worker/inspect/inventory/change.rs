//! What happens to an old file, besides its values and names.

use crate::model::layout;
use crate::model::layout::{Axis, c_name};
use crate::model::plan::recipe::Recipe;
use crate::worker::inspect::marks::is_mark;
use h5::attribute::Attribute;
use h5::dimension_scale::{DIMENSION_LABELS, DIMENSION_LIST, REFERENCE_LIST};
use h5::elements::Elements;
use h5::error::Result;
use h5::file::File;
use h5::object::Object;
use h5::tree::Tree;
use std::collections::HashSet;
use std::ffi::CStr;

/// Whether an attribute of a matrix has one element for each of its dimensions.
pub(crate) fn is_of_dimensions(name: &CStr) -> bool {
    name == DIMENSION_LIST || name == DIMENSION_LABELS
}

/// What happens to an old file, besides its values and names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Attributes that the new file does without, by object and name.
    pub dropped: HashSet<(String, String)>,
    /// Counts that the new file has instead of the old ones.
    pub counts: Vec<(Axis, i64)>,
    /// Rows become columns.
    pub transpose: bool,
    /// Path of the matrix.
    pub matrix: String,
}

impl Change {
    /// Nothing but h5lift's marks is left out.
    pub fn none() -> Self {
        Change {
            matrix: layout::EXPR_PATH.to_string(),
            ..Change::default()
        }
    }

    /// What a recipe makes of a matrix with these extents in the new file.
    pub fn of(recipe: &Recipe, shape: [u64; 2]) -> Self {
        let count = |axis: &Axis| {
            let length = i64::try_from(shape[axis.index()]).unwrap_or(i64::MAX);
            (*axis, length)
        };
        Change {
            dropped: recipe.dropped.iter().cloned().collect(),
            counts: recipe.counts.iter().map(count).collect(),
            transpose: recipe.transpose,
            matrix: recipe.matrix.clone(),
        }
    }

    /// Whether the new file lacks an attribute, or gets a new one.
    pub fn leaves_out(&self, path: &[u8], name: &CStr) -> bool {
        if is_mark(path, name) {
            return true;
        }
        let (Ok(path), Ok(name)) = (std::str::from_utf8(path), name.to_str()) else {
            return false;
        };
        let is_new_count =
            path == self.matrix && self.counts.iter().any(|(axis, _)| axis.count() == name);
        is_new_count
            || (!self.dropped.is_empty()
                && self.dropped.contains(&(path.to_string(), name.to_string())))
    }

    /// Gives the elements of an attribute the values that they have once the matrix is transposed: dimension scales and
    /// labels stay with their axes.
    pub fn turn_scales(
        &self,
        file: &File,
        tree: &Tree,
        path: &[u8],
        name: &CStr,
        elements: &mut Elements,
    ) -> Result<()> {
        if !self.transpose {
            return Ok(());
        }
        if path == self.matrix.as_bytes() && is_of_dimensions(name) {
            elements.swap_two();
        } else if name == REFERENCE_LIST {
            let is_matrix = |token| tree.path_of(token) == Some(layout::EXPR_PATH.as_bytes());
            elements.swap_dimensions(file, &is_matrix)?;
        }
        Ok(())
    }

    /// Writes the new counts.
    pub fn write_counts(&self, expr: &Object) -> Result<()> {
        for (axis, value) in &self.counts {
            Attribute::create_integer(expr, &c_name(axis.count()), *value)?;
        }
        Ok(())
    }
}
