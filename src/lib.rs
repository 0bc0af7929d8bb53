//! h5lift lifts gene and sample names out of HDF5 attributes into datasets, for whole
//! archives at once.
//!
//! Two halves that never touch: a parent that owns the file system and never calls HDF5, and
//! worker processes that own HDF5 and never rename anything. Arrows point down only:
//!
//! ```text
//! main
//!  └ cli ........ what was typed -> settings; progress; one short file for each command
//!     ├ batch ... who does what and when: lanes, worker pool, deadlines
//!     │  ├ archive ... the file system: walk, locks, temporary files, commit
//!     │  └ format .... small plain files, from bytes to facts
//!     └ report .. rows -> bytes: table, json, tsv
//!
//!    worker .... serves requests: inspect, migrate, convert, compare
//!     ├ h5 ..... the only room that names HDF5, and the only unsafe code
//!     ├ matrix . text matrices: tables of names and numbers, read as streams
//!     ├ codec .. bytes to bytes: deflate, shuffle, fletcher32, lzf; sums of rows
//!     └ format . what of the file format is read without HDF5: heaps on which HDF5 would loop, and plain
//!                files, for which HDF5 takes ten times as long. Bytes in, facts out: all in safe code,
//!                bounded by the length of the file, so that the parent may use it as well
//!
//!    model ..... pure data and judgement, known to all: names of the layouts, facts,
//!                state, plan, messages, the row of a report, what is odd about content
//! ```
//!
//! [`batch`] and [`worker`] meet only in [`model::message`]. Data flows one way: arguments ->
//! [`batch::settings`] -> candidates ([`archive::walk`]) -> [`model::facts`] ->
//! [`model::state`] -> [`model::plan`] -> worker -> proof -> [`archive::commit()`] ->
//! [`model::record`] -> [`report`]. `audit` stops after the plan, and `--dry-run` is `audit` with
//! migrate's policy.

pub mod archive;
pub mod batch;
pub mod cli;
pub mod codec;
pub mod format;
pub mod h5;
pub mod matrix;
pub mod model;
pub mod report;
pub mod worker;

/// Version of the HDF5 library inside; asking for it calls nothing of the library.
pub fn hdf5_version() -> String {
    h5::version()
}
