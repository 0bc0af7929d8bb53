//! Who does what and when: files to lanes, requests to workers, verdicts to rows.
//!
//! The parent's half: it owns the file system and never calls HDF5. A [`lane`] is one of
//! the files in work at a time, of which `--jobs` compute while the others wait for the disk
//! ([`cores`]); it opens its [`source`], takes worker processes from a [`pool`] and asks them, with a
//! deadline, for facts ([`look`]), a new file and its proof ([`migrate`]).
//! What happens on the way is told as [`event`]s and nothing else.

pub mod context;
pub(crate) mod error;
pub mod event;
pub mod interrupt;
pub mod pool;
pub mod queue;
pub mod settings;
pub mod steps;
pub mod target;
