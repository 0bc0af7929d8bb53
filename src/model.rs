//! Pure data and judgement: no I/O, no HDF5, nothing but std and serde.
//!
//! Data flows one way: [`facts`] (what a worker saw) -> [`detect`] (the state)
//! -> [`decide`] (what to do, with reasons; for a worker a [`recipe`]) -> [`record`] (the row of a report).
//! [`lint`] looks for odd names and values. [`message`] holds what parent and workers say to each other.

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
