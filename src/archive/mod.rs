//! The file system, and no HDF5: nothing here knows what is inside of a file
//! beyond its first few bytes.
//!
//! What happens to one file, in the order of the modules:
//!
//! 1. [`files_from`] and [`walk`] find it; [`destination`] says where its new
//!    file will be, before anything is touched.
//! 2. [`source`] opens it, [`signature`] reads its first bytes, [`lock`] keeps
//!    polite writers away, [`stamp`] remembers what it was.
//!    [`run_lock`] sees to it that two runs do not meet.
//! 3. [`space`] asks whether there is room; [`temporary`] makes the file that
//!    the workers write and prove, `write_back` brings it to the disk meanwhile;
//!    `leftovers` removes what a crash left of one.
//! 4. [`order`] says what is to be put where, and what is refused; [`mod@commit`] puts it in place: [`metadata`] is copied, [`backup`] keeps
//!    the original, a rename swaps the two. [`ledger`] remembers it, before and
//!    after, with a [`checksum`] of both files.
//! 5. Another day [`undo`] puts the original back, or [`purge`] deletes it, each
//!    after looking at what is there (`evidence`); [`refusal`] says why not.
//!
//! [`own_names`] tells h5lift's files from the user's, [`path_error`] is the
//! error about a path, and `platform` is all that differs between systems.
//!
//! Nothing here is async, nothing keeps state between files, and only
//! [`walk`] holds more than one path at a time.

pub mod backup;
pub mod candidate;
pub mod checksum;
pub mod commit;
pub mod commit_error;
pub mod destination;
pub mod destination_error;
mod evidence;
pub mod files_from;
#[cfg(test)]
mod frozen;
mod future_path;
pub mod ledger;
mod leftovers;
pub mod lock;
mod lock_file;
pub mod metadata;
pub mod new_folders;
pub mod order;
pub mod own_names;
pub mod path_error;
pub mod patterns;
pub mod platform;
pub mod purge;
mod put_back;
pub mod refusal;
pub mod run_lock;
pub mod signature;
pub mod source;
pub mod space;
pub mod stamp;
pub mod temporary;
pub mod undo;
mod undo_decision;
pub mod walk;
pub mod walk_options;
mod write_back;

pub use backup::Backup;
pub use candidate::{Candidate, Found};
pub use checksum::{Fingerprint, Sha256Sum};
pub use commit::{Committed, commit};
pub use commit_error::CommitError;
pub use destination::{Destination, plan_outputs};
pub use destination_error::DestinationError;
pub use ledger::{Begun, History, Ledger, LedgerError, NewFile};
pub use leftovers::remove_leftovers;
pub use lock::{FileLocking, SourceLock, lock_source};
pub use new_folders::Counterpart;
pub use order::{Order, Original};
pub use path_error::PathError;
pub use patterns::text_stem;
pub use purge::{Proof, PurgeStep, plan_purge};
pub use refusal::{Refusal, StepError};
pub use run_lock::RunLock;
pub use signature::{Signature, sniff};
pub use source::{
    fetch_ends, fetch_start, open_candidate, open_source, open_with_stamp, way_to_source,
};
pub use stamp::{Moment, Stamp};
pub use temporary::Temporary;
pub use undo::{UndoStep, plan_undo};
pub use undo_decision::Undo;
pub use walk::Walk;
pub use walk_options::{Sought, UsageProblem, WalkOptions};
