//! Locks on originals, on folders of a run, and files that stand for a lock.

pub(crate) mod folder_lock;
pub(crate) mod holder;
pub(crate) mod lock_file;
pub(crate) mod owner;
pub(crate) mod run;
pub(crate) mod source;
