//! TODO

pub(crate) mod convert;
pub(crate) mod copy_objects;
pub(crate) mod copy_values;
pub(crate) mod dimension_scales;
pub(crate) mod little_endian;
pub mod migrate;
pub(crate) mod new_matrix;
pub(crate) mod new_values;
pub(crate) mod parsed;
pub(crate) mod salvage;
pub(crate) mod sample;
pub(crate) mod text;
pub(crate) mod turned;
