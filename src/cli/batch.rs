//! A command over many files: candidates, the batch, its rows.

pub(crate) mod collect;
pub(crate) mod job;
pub(crate) mod leftovers;
pub(crate) mod open_files;
pub(crate) mod roles;
pub(crate) mod text;
