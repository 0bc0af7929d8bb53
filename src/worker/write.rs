//! New files: of an old one (`migrate`) or of a text matrix (`convert`).
//!
//! | module | what it writes |
//! |---|---|
//! | [`migrate`], [`convert`] | a whole new file |
//! | [`new_matrix`], [`new_values`], [`text`], [`parsed`], [`turned`] | `/expr` and the names |
//! | [`copy_objects`], [`copy_values`], [`little_endian`] | everything else, as it was |
//! | [`dimension_scales`] | scales that name the axes |
//! | [`salvage`], [`sample`] | NaN for what cannot be decoded; the choice of an encoder |

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
