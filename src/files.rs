//! The file system, without HDF5: nothing here reads more of a file than its first few bytes, except to hash or copy it.
//!
//! What happens to one file, in the order of the modules:
//!
//! 1. [`file_roles`] compares what is read with what is written. [`discover`] finds a file and says what belongs to h5lift
//!    itself; [`commit::destination`] decides where its new file goes, before anything is touched.
//! 2. [`source`] opens it, [`signature`] reads its first bytes, [`locks`] excludes writers that lock and keeps two runs apart,
//!    [`stat_snapshot`] records its identity.
//! 3. [`commit::space`] checks the free space. [`commit::temporary`] creates the file that workers write and verify;
//!    `commit::write_back` writes it to the disk meanwhile; `commit::leftovers` removes what a crash left.
//! 4. [`mod@commit`] puts it in place: metadata is copied, the original is kept, a rename swaps the two. [`ledger`] records it,
//!    before and after, with a [`checksum`] of both files.
//! 5. Later, [`mod@undo`] puts the original back, or [`undo::purge`] deletes it, each after a check of the files.
//!
//! [`folder`] opens folders and [`rooted_path`] finds the way to them: below what the user named, everything is relative to open
//! folders and follows no link. [`path_error`] is the error about a path, and `platform` holds all that differs between systems.
//!
//! Nothing here is async, nothing keeps state between files, and only the walk holds more than one path at a time.

pub(crate) mod checksum;
pub(crate) mod commit;
pub(crate) mod discover;
pub(crate) mod file_roles;
pub(crate) mod folder;
#[cfg(test)]
pub(crate) mod frozen;
pub(crate) mod ledger;
pub(crate) mod locks;
pub(crate) mod path_error;
pub(crate) mod platform;
pub(crate) mod recent_folders;
pub(crate) mod rooted_path;
pub(crate) mod signature;
pub(crate) mod source;
pub(crate) mod stat_snapshot;
pub(crate) mod threads;
pub(crate) mod undo;

pub(crate) use crate::files::checksum::Fingerprint;
pub use crate::files::commit::backup::Backup;
pub(crate) use crate::files::commit::destination::{Destination, plan_outputs, rivals};
pub(crate) use crate::files::commit::destination_error::DestinationError;
pub(crate) use crate::files::commit::error::CommitError;
pub(crate) use crate::files::commit::leftovers::remove_leftovers;
pub(crate) use crate::files::commit::new_folders::PermissionSource;
pub use crate::files::commit::output::Output;
pub(crate) use crate::files::commit::second_name::{link_output, output_holds};
pub(crate) use crate::files::commit::temporary::{Temporary, ordinary_mode};
pub(crate) use crate::files::commit::{Commit, Committed, Original, commit};
pub(crate) use crate::files::discover::candidate::Candidate;
pub use crate::files::discover::candidate::WalkItem;
pub use crate::files::discover::options::WalkOptions;
pub(crate) use crate::files::discover::options::{Sought, UsageProblem};
pub(crate) use crate::files::discover::patterns::text_stem;
pub use crate::files::discover::walk::Walk;
pub(crate) use crate::files::file_roles::{FileRoles, RoleConflict};
pub(crate) use crate::files::folder::Folder;
pub(crate) use crate::files::ledger::{Begun, History, Ledger, LedgerError, LedgerTrust, NewFile};
pub use crate::files::locks::run::RunLock;
pub use crate::files::locks::source::FileLocking;
pub(crate) use crate::files::locks::source::{SourceLock, lock_source};
pub(crate) use crate::files::path_error::{PathError, is_lack_of_resources};
pub(crate) use crate::files::platform::own_program;
pub(crate) use crate::files::signature::{Signature, sniff};
pub(crate) use crate::files::source::{
    fetch_ends, fetch_start, folder_of, open_candidate, open_source, open_with_snapshot,
};
pub(crate) use crate::files::stat_snapshot::StatSnapshot;
pub(crate) use crate::files::undo::decision::UndoAction;
pub(crate) use crate::files::undo::purge::{PurgeProof, PurgeStep, plan_purge};
pub(crate) use crate::files::undo::refusal::{Refusal, StepError};
pub(crate) use crate::files::undo::roots::Roots;
pub(crate) use crate::files::undo::{UndoStep, plan_undo};
