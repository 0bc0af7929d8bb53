//! One module for each command: its options, and what it does with them.

pub(crate) mod audit;
pub(crate) mod convert;
pub(crate) mod licenses;
pub(crate) mod manual;
pub(crate) mod migrate;
pub(crate) mod plan;
pub(crate) mod purge;
pub(crate) mod report;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod toy;
pub(crate) mod undo;
pub(crate) mod verify;
pub(crate) mod version;
pub(crate) mod worker;
