//! How the names of a new file are stored, for readers other than h5py. Pure.
//!
//! Two options: fixed-length text, which PyTables can read, and names as dimension scales of `/expr`, by
//! which xarray selects.

use crate::model::layout::Axis;
pub(crate) use hdf5_format::element::StringType;
use serde::{Deserialize, Serialize};

/// The title of the dimension scales (the attribute NAME). xarray finds both, because it uses the names of
/// the datasets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScaleName {
    /// `dimnames`, which R's `h5readDimnames` expects. The constructor `HDF5Array` expects it, too, but
    /// counts axes from the other end than HDF5, and does not open a file that is not square.
    Dimnames,
    /// Like the dataset, as netCDF has it. `HDF5Array` opens the file, without names.
    Own,
}

impl ScaleName {
    pub const ALL: [ScaleName; 2] = [ScaleName::Dimnames, ScaleName::Own];

    /// The title of the scale of an axis.
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
    /// Dimension scales that are created and attached; `None`: only those of the old file.
    pub scales: Option<ScaleName>,
}

impl NamesForm {
    /// Variable text, no scales.
    pub fn is_default(&self) -> bool {
        *self == NamesForm::default()
    }
}
