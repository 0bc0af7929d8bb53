//! TODO

pub(crate) mod collect;
pub(crate) mod job;
pub(crate) mod leftovers;
pub(crate) mod text;
