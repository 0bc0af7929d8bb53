//! Paths to candidates: the walk, its options and patterns, and the names that are never candidates.

pub(crate) mod candidate;
pub(crate) mod files_from;
pub(crate) mod options;
pub(crate) mod own_names;
pub(crate) mod patterns;
pub(crate) mod walk;
