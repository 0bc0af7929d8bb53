//! Pure data and decisions: no I/O, no HDF5, only std and serde.
//!
//! Data flows one way: [`facts`] (what a worker saw) -> [`detect`] (the state) -> [`decide`] (what to do,
//! with reasons; for a worker a [`recipe`]) -> [`record`] (the row of a report). [`lint`] looks for
//! suspicious names and values. [`message`] holds the protocol between parent and workers.

pub(crate) mod digest;
pub mod facts;
pub mod layout;
pub(crate) mod lint;
pub mod names;
pub mod plan;
pub mod protocol;
pub mod record;
pub(crate) mod salvage;
pub mod state;
pub(crate) mod toy;
