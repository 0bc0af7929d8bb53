//! TODO

pub(crate) mod form;
pub(crate) mod joined;
pub(crate) mod list;
pub(crate) mod place;
pub(crate) mod requested;
pub mod rules;
pub(crate) mod select;
pub(crate) mod source;
