//! h5lift lifts gene and sample names out of HDF5 attributes into datasets, for whole
//! archives at once.
//!
//! The parent process walks folders, locks, renames and reports; it never calls the HDF5 library.
//! Worker processes, which are the same binary with a hidden subcommand, read and write HDF5; they
//! rename nothing. Dependencies point down only:
//!
//! ```text
//! main
//!  └ cli ........ arguments -> settings; one file for each command; progress
//!     ├ jobs .... what runs when: queue, worker pool, the steps of one file
//!     │  ├ files . the file system, without HDF5: discovery, commit, ledger, undo, locks
//!     │  └ plain . facts of simple files, read without the HDF5 library
//!     └ report .. records -> bytes: terminal, json, tsv
//!
//!    worker .... serves requests: inspect, names, write, verify, chunks
//!
//!    model ..... pure data and decisions: facts, names, state, plan, protocol, record, lint, toy
//! ```
//!
//! [`jobs`] and [`worker`] meet only in [`model::protocol`]. Data flows one way: arguments ->
//! [`jobs::settings`] -> candidates ([`files::discover`]) -> [`model::facts`] -> [`model::state`] ->
//! [`model::plan`] -> worker -> verification -> [`files::commit`] -> [`model::record`] -> [`report`].
//! `audit` stops after the plan; `--dry-run` is `audit` with migrate's policy.
#![expect(
    missing_docs,
    reason = "only the integration tests use this library; names that say enough need no sentence"
)]

pub mod cli;
pub mod files;
pub mod jobs;
#[cfg(test)]
mod messages;
pub mod model;
pub mod plain;
pub(crate) mod report;
#[cfg(test)]
mod sentences;
pub mod worker;

/// Version of the HDF5 library inside; calls nothing of the library.
pub fn hdf5_version() -> String {
    h5::version()
}

/// The zlib beneath HDF5, or `None` if HDF5 is an installed one, which brings its own.
pub fn zlib_version() -> Option<String> {
    h5::zlib()
}

/// The features of this build: `static` if HDF5 and zlib-ng are inside.
pub fn features() -> Vec<String> {
    let features: &[&str] = if cfg!(feature = "static") {
        &["static"]
    } else {
        &[]
    };
    features.iter().map(ToString::to_string).collect()
}

/// Whether the HDF5 library inside has known faults that later versions do not have; calls nothing of the library.
pub fn hdf5_is_known_faulty() -> bool {
    h5::is_known_faulty()
}
