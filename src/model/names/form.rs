//! How the names of a new file are stored, for the sake of readers other than h5py. Pure.
//!
//! Two wishes: text of fixed length, which PyTables can read, and names as dimension scales of
//! `/expr`, by which xarray selects.

use crate::model::layout::Axis;
pub(crate) use hdf5_format::element::StringType;
use serde::{Deserialize, Serialize};

/// What the dimension scales are called (the attribute NAME). Both are found by xarray, which goes by
/// the names of the datasets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScaleName {
    /// `dimnames`, for which R's `h5readDimnames` looks. The constructor `HDF5Array` looks for it, too,
    /// but counts axes from the other end than HDF5, and does not open a file that is not square.
    Dimnames,
    /// Like the dataset, as netCDF has it. `HDF5Array` opens the file, without names.
    Own,
}

impl ScaleName {
    /// All there are.
    pub const ALL: [ScaleName; 2] = [ScaleName::Dimnames, ScaleName::Own];

    /// What the scale of an axis is called.
    pub fn of(self, axis: Axis) -> &'static str {
        match self {
            ScaleName::Dimnames => "dimnames",
            ScaleName::Own => axis.names(),
        }
    }
}

/// How a new file has its names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesForm {
    /// The type of the datasets.
    pub string_type: StringType,
    /// Dimension scales that are made and attached; `None`: none that the old file has not.
    pub scales: Option<ScaleName>,
}

impl NamesForm {
    /// Variable text, no scales.
    pub fn is_default(&self) -> bool {
        *self == NamesForm::default()
    }
}
