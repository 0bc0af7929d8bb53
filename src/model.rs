//! Pure data and decisions: no I/O, no HDF5, only std, serde and schemars.
//!
//! Data flows one way: [`facts`] (what a worker found) -> [`state`] -> [`plan`] (what to do, with reasons; for a worker a
//! recipe) -> [`record`] (the row of a report). [`names`] has the rules for lists of names, [`lint`] finds suspicious names and
//! values, [`estimate`] says what a migration would cost, [`protocol`] holds the messages between parent and workers.

pub(crate) mod digest;
pub(crate) mod estimate;
pub mod facts;
pub(crate) mod hint;
pub mod layout;
pub(crate) mod lint;
pub mod names;
pub mod plan;
pub mod protocol;
pub mod record;
pub(crate) mod salvage;
pub(crate) mod scheduler_variables;
pub(crate) mod shard;
pub(crate) mod shell;
pub mod state;
pub(crate) mod toy;
