//! TODO

pub(crate) mod choices;
pub(crate) mod migrate;
pub(crate) mod name_sources;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod rules;
pub(crate) mod text;
