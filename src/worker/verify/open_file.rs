//! A file of a proof: open, listed, with its matrix.

use crate::model::digest::ContentDigest;
use crate::model::layout;
use crate::model::layout::{Axis, c_name};
use crate::model::names::form::{NamesForm, StringType};
use crate::model::names::place::NamesPlace;
use crate::model::plan::policy::Charset;
use crate::model::protocol::failure::FailureKind;
use crate::worker::chunks::ValuesError;
use crate::worker::chunks::dataset_geometry::new_shape;
use crate::worker::error::{Result, WorkerError};
use crate::worker::names::Names;
use crate::worker::names::index::NamesCache;
use crate::worker::names::place;
use crate::worker::names::place::{Matrix, listing};
use crate::worker::names::resolve::usable;
use h5::attribute::read_text;
use h5::dataset::Dataset;
use h5::file::File;
use h5::object::ObjectKind;
use h5::tree::Tree;
use std::fs;
use string_list::StringList;

/// An open file with a matrix.
#[derive(Debug)]
pub(crate) struct OpenFile {
    pub(crate) expr: Dataset,
    pub(crate) tree: Tree,
    /// The file, which is closed last.
    pub(crate) file: File,
    pub(crate) path: String,
    /// What was looked at already.
    pub(crate) cache: NamesCache,
}

/// The matrix. A file without one is not damaged; h5lift has not written it.
fn dataset(file: &File, matrix: &str) -> Result<Dataset> {
    if let Some(object) = file.root()?.at(matrix.as_bytes())?
        && object.kind()? == ObjectKind::Dataset
    {
        return Ok(Dataset::new(object));
    }
    let message = format!("there is no dataset {matrix} in it");
    Err(WorkerError::new(FailureKind::Unsupported, message)
        .with_help("`h5lift audit` says what is in it"))
}

impl OpenFile {
    /// Opens one of two files; errors say which.
    pub(crate) fn open(file: fs::File, matrix: &str, which: &str) -> Result<Self> {
        let name = |error: WorkerError| WorkerError {
            message: format!("the {which} file: {}", error.message),
            ..error
        };
        OpenFile::read(file, matrix).map_err(name)
    }

    /// Opens a file that has a matrix at this path.
    pub(crate) fn read(file: fs::File, matrix: &str) -> Result<Self> {
        let file = File::open(file)?;
        let expr = dataset(&file, matrix)?;
        let tree = listing(&file, matrix)?;
        Ok(OpenFile {
            expr,
            tree,
            file,
            path: matrix.to_string(),
            cache: NamesCache::default(),
        })
    }

    /// The matrix, for a search of its names.
    pub(crate) fn matrix(&self, shape: [u64; 2], charset: Charset) -> Matrix<'_> {
        Matrix {
            file: &self.file,
            tree: &self.tree,
            path: &self.path,
            shape: Some(shape),
            charset,
            cache: &self.cache,
        }
    }

    /// An error about values, with the names of the genes and samples that it concerns.
    pub(crate) fn naming(&self, error: ValuesError) -> WorkerError {
        let error = WorkerError::from(error);
        if error.chunk.is_none() {
            return error;
        }
        // The error is told in any case: names that cannot be had make it less precise.
        let names = |axis| -> StringList {
            let matrix = match new_shape(&self.expr, false) {
                Ok(shape) => self.matrix(shape, Charset::Utf8),
                Err(_) => return StringList::default(),
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
        error.naming(&names(Axis::Genes), &names(Axis::Samples))
    }

    /// The digest that the file carries.
    pub(crate) fn stored_digest(&self) -> Result<Option<ContentDigest>> {
        let name = c_name(layout::MARK_DIGEST);
        read_text(&self.file.root()?, &name)?
            .map(|text| {
                text.parse()
                    .map_err(|error| WorkerError::mismatch(format!("{error}")))
            })
            .transpose()
    }

    /// The names in the root datasets: what counts in a new file.
    pub(crate) fn current_names(&self, axis: Axis, types: &[StringType]) -> Result<Names> {
        let matrix = self.matrix(new_shape(&self.expr, false)?, Charset::Utf8);
        let legacy = NamesPlace::legacy(layout::EXPR_PATH, axis);
        if place::read(matrix, axis, &legacy)?.is_some() {
            return Err(WorkerError::mismatch(format!(
                "the new file still has the attribute {}",
                axis.names()
            )));
        }
        let dataset = place::read(matrix, axis, &NamesPlace::current(axis))?;
        let names = usable(dataset, axis).map_err(|error| WorkerError::mismatch(error.message))?;
        if !types.iter().any(|it| names.has_type(*it)) {
            let words: Vec<&str> = types.iter().map(|it| it.word()).collect();
            return Err(WorkerError::mismatch(format!(
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
pub(crate) fn current_types(
    form: Option<NamesForm>,
    stored: Option<&ContentDigest>,
) -> Vec<StringType> {
    match (form, stored) {
        (Some(form), _) => vec![form.string_type],
        (None, Some(_)) => vec![StringType::Variable, StringType::Fixed],
        (None, None) => vec![StringType::Variable],
    }
}
