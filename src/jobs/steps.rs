//! The steps of one file: open and inspect it, then write, verify and commit a new one.

pub(crate) mod convert;
pub(crate) mod finished;
pub(crate) mod inspect;
pub mod migrate;
pub(crate) mod name_source;
pub(crate) mod prove;
pub(crate) mod rewrite;
pub(crate) mod source;
pub(crate) mod sources;
pub(crate) mod verify;
