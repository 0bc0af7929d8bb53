//! What runs when: files to jobs, requests to workers, replies to rows.
//!
//! This is the parent process: it owns the file system and never calls HDF5. The [`queue`] has as many files in
//! work as `--jobs` says and more when new files wait for the disk; [`queue::semaphore`] limits the threads that
//! compute. The [`steps`] of one file open it, take worker processes from the [`pool`] and send them requests with
//! a deadline: for facts, for a new file, for its verification. Progress is reported as [`event`]s.

pub mod context;
pub(crate) mod error;
pub mod event;
pub(crate) mod file_policy;
pub mod interrupt;
pub mod pool;
pub mod queue;
pub mod settings;
pub mod steps;
