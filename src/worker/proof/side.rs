//! A file of a proof: open, listed, with its matrix.

use crate::h5::attribute::read_text;
use crate::h5::dataset::Dataset;
use crate::h5::file::File;
use crate::h5::tree::Tree;
use crate::model::digest::ContentDigest;
use crate::model::layout::{self, Axis, c_name};
use crate::model::names_form::{NamesForm, StringType};
use crate::model::place::NamesPlace;
use crate::model::policy::Charset;
use crate::model::texts::Texts;
use crate::worker::fault::{Fault, Result};
use crate::worker::names::Names;
use crate::worker::place::{self, Checked, Matrix, listing};
use crate::worker::taken_names::usable;
use crate::worker::values::ValuesError;
use crate::worker::values::dataset_geometry::new_shape;
use std::fs;

/// An open file with a matrix.
#[derive(Debug)]
pub(super) struct Side {
    /// Its matrix.
    pub(super) expr: Dataset,
    /// All that it holds.
    pub(super) tree: Tree,
    /// The file, which is closed last.
    pub(super) file: File,
    /// Path of the matrix.
    pub(super) path: String,
    /// What was looked at already.
    pub(super) checked: Checked,
}

impl Side {
    /// Opens one of two files; errors say which.
    pub(super) fn open(file: fs::File, matrix: &str, which: &str) -> Result<Self> {
        let name = |fault: Fault| Fault {
            message: format!("the {which} file: {}", fault.message),
            ..fault
        };
        Side::read(file, matrix).map_err(name)
    }

    /// Opens a file that has a matrix at this path.
    pub(super) fn read(file: fs::File, matrix: &str) -> Result<Self> {
        let file = File::open(file)?;
        let tree = listing(&file, matrix)?;
        let expr = Dataset::new(file.object(matrix.as_bytes())?);
        Ok(Side {
            expr,
            tree,
            file,
            path: matrix.to_string(),
            checked: Checked::default(),
        })
    }

    /// The matrix, for a search of its names.
    pub(super) fn matrix(&self, shape: [u64; 2], charset: Charset) -> Matrix<'_> {
        Matrix {
            file: &self.file,
            tree: &self.tree,
            path: &self.path,
            shape: Some(shape),
            charset,
            checked: &self.checked,
        }
    }

    /// An error about values, with the names of the genes and samples that it concerns.
    pub(super) fn naming(&self, error: ValuesError) -> Fault {
        let fault = Fault::from(error);
        if fault.chunk.is_none() {
            return fault;
        }
        // The error is told in any case: names that cannot be had make it less precise.
        let names = |axis| -> Texts {
            let matrix = match new_shape(&self.expr, false) {
                Ok(shape) => self.matrix(shape, Charset::Utf8),
                Err(_) => return Texts::default(),
            };
            [
                NamesPlace::legacy(&self.path, axis),
                NamesPlace::current(axis),
            ]
            .iter()
            .find_map(|place| place::read(matrix, axis, place).ok().flatten())
            .map(|names| names.texts)
            .unwrap_or_default()
        };
        fault.naming(&names(Axis::Genes), &names(Axis::Samples))
    }

    /// The digest that the file carries.
    pub(super) fn stored_digest(&self) -> Result<Option<ContentDigest>> {
        let name = c_name(layout::MARK_DIGEST);
        read_text(&self.file.root()?, &name)?
            .map(|text| {
                text.parse()
                    .map_err(|error| Fault::mismatch(format!("{error}")))
            })
            .transpose()
    }

    /// The names in the root datasets: what counts in a new file.
    pub(super) fn current_names(&self, axis: Axis, types: &[StringType]) -> Result<Names> {
        let matrix = self.matrix(new_shape(&self.expr, false)?, Charset::Utf8);
        let legacy = NamesPlace::legacy(layout::EXPR_PATH, axis);
        if place::read(matrix, axis, &legacy)?.is_some() {
            return Err(Fault::mismatch(format!(
                "the new file still has the attribute {}",
                axis.names()
            )));
        }
        let dataset = place::read(matrix, axis, &NamesPlace::current(axis))?;
        let names = usable(dataset, axis).map_err(|fault| Fault::mismatch(fault.message))?;
        if !types.iter().any(|it| names.has_type(*it)) {
            let words: Vec<&str> = types.iter().map(|it| it.word()).collect();
            return Err(Fault::mismatch(format!(
                "/{} is not {}-length text of one dimension",
                axis.names(),
                words.join("- or ")
            )));
        }
        Ok(names)
    }
}

/// The types that names may have: the one that was asked for, or any; text of fixed length only beside
/// h5lift's mark.
pub(super) fn current_types(
    form: Option<NamesForm>,
    stored: Option<&ContentDigest>,
) -> Vec<StringType> {
    match (form, stored) {
        (Some(form), _) => vec![form.string_type],
        (None, Some(_)) => vec![StringType::Variable, StringType::Fixed],
        (None, None) => vec![StringType::Variable],
    }
}
