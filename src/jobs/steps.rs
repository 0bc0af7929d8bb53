//! The steps of one file: open and inspect it, then write, verify and commit a new one.

pub(crate) mod convert;
pub(crate) mod current;
pub(crate) mod finished;
pub(crate) mod inspect;
pub mod migrate;
pub(crate) mod name_sources;
pub(crate) mod new_file;
pub(crate) mod prove;
pub(crate) mod sample;
pub(crate) mod source;
pub(crate) mod verify;
