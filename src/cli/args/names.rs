//! How new files store their names, for readers other than h5py.

use crate::model::names::form::{NamesForm, ScaleName, StringType};
use clap::{Args, ValueEnum};

/// Both are for readers other than h5py.
#[derive(Debug, Args)]
#[command(next_help_heading = "New files")]
pub(crate) struct NamesOptions {
    /// Attach the names to /expr as HDF5 dimension scales, for xarray; they are called NAME [default NAME: dimnames]
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "dimnames"
    )]
    dimension_scales: Option<ScaleOption>,
    /// Text type of the names [default: variable]
    #[arg(long, value_name = "TYPE")]
    string_type: Option<StringTypeOption>,
}

/// `--dimension-scales`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ScaleOption {
    /// For R's h5readDimnames; HDF5Array() cannot open such a file
    Dimnames,
    /// Like the datasets, as netCDF does; HDF5Array() opens it without names
    Own,
}

/// `--string-type`.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum StringTypeOption {
    /// Of any length
    Variable,
    /// As long as the longest name, padded with NULs, for PyTables
    Fixed,
}

impl NamesOptions {
    /// The title of the scales, if there are to be any.
    pub(crate) fn scales(&self) -> Option<ScaleName> {
        self.dimension_scales.map(|name| match name {
            ScaleOption::Dimnames => ScaleName::Dimnames,
            ScaleOption::Own => ScaleName::Own,
        })
    }

    /// The type of the names, if one was requested.
    pub(crate) fn string_type(&self) -> Option<StringType> {
        self.string_type.map(|string_type| match string_type {
            StringTypeOption::Variable => StringType::Variable,
            StringTypeOption::Fixed => StringType::Fixed,
        })
    }

    /// For a file that is not made from another one.
    pub(crate) fn form(&self) -> NamesForm {
        NamesForm {
            string_type: self.string_type().unwrap_or_default(),
            scales: self.scales(),
        }
    }
}
