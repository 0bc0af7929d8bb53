//! TODO

pub(crate) mod lock_file;
pub(crate) mod run;
pub(crate) mod source;
