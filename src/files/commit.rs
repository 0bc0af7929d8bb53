//! Puts a finished, verified file in place.
//!
//! Under the destination's name there is always either what was there before or the whole new file. What a crash (a
//! power cut, `kill -9`) leaves:
//!
//! | after | under the name | beside it |
//! |---|---|---|
//! | copy metadata, sync, compare | old, or nothing | the temporary file |
//! | keep the original | old | the temporary file; the original's second name, or its whole copy |
//! | swap | new (after a power cut possibly still old) | the kept original |
//! | sync the folder | new | the kept original |
//!
//! The next run continues from each line: [`crate::files::commit::leftovers`] removes leftover temporary files, and a backup
//! that is the original is recognised. On a file system that needs a hard link to avoid replacing (see `platform`), a crash
//! during the swap can also leave the temporary name of the new file.
//!
//! Verification is not part of it. Callers commit what a second process has read back, and write "done" to the ledger
//! afterwards.

pub(crate) mod backup;
pub(crate) mod delivery;
pub(crate) mod destination;
pub(crate) mod destination_error;
pub(crate) mod error;
pub(crate) mod future_path;
pub(crate) mod leftovers;
pub(crate) mod metadata;
pub(crate) mod new_folders;
pub(crate) mod output;
pub(crate) mod second_name;
pub(crate) mod space;
pub(crate) mod temporary;
pub(crate) mod write_back;

use crate::files::commit::backup::{BackupState, KeptOriginal};
use crate::files::commit::error::CommitError;
use crate::files::commit::metadata::{Inspected, copy_inspected};
use crate::files::commit::new_folders::PermissionSource;
use crate::files::commit::output::Output;
use crate::files::commit::temporary::{Temporary, ordinary_mode};
use crate::files::folder::Place;
use crate::files::locks::run::RunLock;
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::sync_folder;
use crate::files::rooted_path::RootedPath;
use crate::files::stat_snapshot::StatSnapshot;
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// The file that a new one was made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Original<'a> {
    /// Where it was found.
    pub path: &'a RootedPath,
    /// Whether its name is a link, which was followed.
    pub symlink: bool,
    /// As it was read.
    pub file: &'a File,
    /// What it was when the work began.
    pub snapshot: &'a StatSnapshot,
}

/// A finished file that is to be put in place.
#[derive(Debug, Clone)]
pub(crate) struct Commit<'a> {
    pub output: Output,
    /// Gives its metadata, if it is unchanged. `None` for a file that was not made from an HDF5 file: that becomes an
    /// ordinary new file.
    pub original: Option<Original<'a>>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Committed {
    pub output: PathBuf,
    pub bytes: u64,
    /// Where the original is kept.
    pub backup: Option<PathBuf>,
    /// What could not be done completely; one sentence each.
    pub notes: Vec<String>,
}

/// The steps, in order; a watcher is called before each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CommitStep {
    Dress,
    Sync,
    Compare,
    Keep,
    CompareAgain,
    Swap,
    SyncFolder,
}

/// Puts a finished file in place. A failure before the swap leaves everything unchanged.
pub(crate) fn commit(
    request: &Commit<'_>,
    temporary: Temporary,
    run: &RunLock,
) -> Result<Committed, CommitError> {
    commit_watched(request, temporary, run, &mut |_| Ok(()))
}

/// The watcher lets tests stop the process, or change files, at each step.
fn commit_watched(
    request: &Commit<'_>,
    mut temporary: Temporary,
    run: &RunLock,
    watch: &mut dyn FnMut(CommitStep) -> Result<(), CommitError>,
) -> Result<Committed, CommitError> {
    let place = request.output.place_in(temporary.folder());
    request.output.check_at(&place)?;
    watch(CommitStep::Dress)?;
    let mut notes = request.dress(&temporary)?;
    // Bytes and metadata together; the bytes of a large file have been synced while it was read back.
    watch(CommitStep::Sync)?;
    temporary.sync()?;
    let bytes = temporary.bytes()?;
    // Until the swap is done, no other run replaces anything in the same folder.
    let folder_lock = run.lock_folder(place.folder())?;
    watch(CommitStep::Compare)?;
    request.check_unchanged(&place, run, StatSnapshot::difference)?;
    check_in_place(&temporary)?;
    watch(CommitStep::Keep)?;
    let mut kept = request.keep_original(&place, run)?;
    let swapped = make_durable(kept.as_ref(), &mut notes)
        .and_then(|()| watch(CommitStep::CompareAgain))
        .and_then(|()| request.check_kept(&place, kept.as_ref(), run))
        .and_then(|()| watch(CommitStep::Swap))
        .and_then(|()| request.swap(&mut temporary, &place));
    if let Err(cause) = swapped {
        return Err(take_back(&place, kept, cause));
    }
    drop(folder_lock);
    let output = request.output.path().to_path_buf();
    let backup = kept.as_mut().map(|kept| kept.stay(&mut notes));
    watch(CommitStep::SyncFolder)?;
    match sync_folders(&place, &temporary.take_folders(), &mut notes) {
        Ok(()) => Ok(Committed {
            output,
            bytes,
            backup,
            notes,
        }),
        Err(source) => Err(CommitError::NotDurable {
            output,
            backup,
            source,
        }),
    }
}

impl Commit<'_> {
    /// Gives the temporary file its final metadata.
    fn dress(&self, temporary: &Temporary) -> Result<Vec<String>, CommitError> {
        let path = temporary.path();
        match &self.original {
            Some(original) => {
                // Of the very file that was read: whatever has its name by now says nothing about these bytes. What was changed
                // while it was copied is noticed, too.
                let metadata = original.check_open_file()?;
                let old = Inspected {
                    file: original.file,
                    metadata: &metadata,
                };
                let new = Inspected {
                    file: temporary.file(),
                    metadata: temporary.created(),
                };
                let lost = copy_inspected(old, new, path)?;
                original.check_open_file()?;
                match (&self.output, lost.owner) {
                    (Output::InPlace { .. }, Some(owner)) => Err(CommitError::Owner {
                        path: original.path.path().to_path_buf(),
                        owner,
                    }),
                    _ => Ok(lost.notes),
                }
            }
            None => {
                let mode = ordinary_mode(temporary.folder())?;
                let rights = Permissions::from_mode(mode);
                temporary
                    .file()
                    .set_permissions(rights)
                    .at(path, "set its mode")?;
                Ok(Vec::new())
            }
        }
    }

    /// Opens the original again, which makes a file server report its current state.
    fn check_unchanged(
        &self,
        place: &Place,
        run: &RunLock,
        difference: fn(&StatSnapshot, &StatSnapshot) -> Option<String>,
    ) -> Result<(), CommitError> {
        let Some(original) = &self.original else {
            return Ok(());
        };
        let (_, now) = match &self.output {
            Output::InPlace { .. } => place.open_with_snapshot()?,
            Output::Elsewhere { .. } => {
                let recent = &run.recent_folders;
                original.path.open_in(recent, original.symlink)?
            }
        };
        original.check_same(&now, difference)
    }

    fn keep_original(
        &self,
        place: &Place,
        run: &RunLock,
    ) -> Result<Option<KeptOriginal>, CommitError> {
        let Output::InPlace { relative, .. } = &self.output else {
            return Ok(None);
        };
        let original = place.path();
        let Some(metadata) = place.stat().at(original, "inspect it")? else {
            return Err(io::Error::from(io::ErrorKind::NotFound)).at(original, "inspect it")?;
        };
        let Some((backup, state)) = self.output.backup_state(place, metadata)? else {
            return Ok(None);
        };
        let like = self.output.rooted();
        let like = PermissionSource::of(&like, relative, Some(&run.new_folders));
        let kept = match state {
            BackupState::Linked => KeptOriginal::found(backup.place()?, true),
            BackupState::Copied => KeptOriginal::found(backup.place()?, false),
            BackupState::Free | BackupState::Taken => match backup::keep(place, &backup, like) {
                Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(CommitError::BackupExists {
                        original: original.to_path_buf(),
                        backup: backup.path().to_path_buf(),
                    });
                }
                kept => kept?,
            },
        };
        Ok(Some(kept))
    }

    /// A copy takes minutes, and a link is made by name: compare again.
    fn check_kept(
        &self,
        place: &Place,
        kept: Option<&KeptOriginal>,
        run: &RunLock,
    ) -> Result<(), CommitError> {
        match (&self.original, kept) {
            (Some(original), Some(kept)) if kept.linked => {
                let beyond = StatSnapshot::difference_beyond_links;
                let there = kept.place.stat().at(kept.place.path(), "inspect it")?;
                let Some(there) = there else {
                    let gone = io::Error::from(io::ErrorKind::NotFound);
                    return Err(gone).at(kept.place.path(), "inspect it")?;
                };
                original.check_same(&there.snapshot(), beyond)?;
                self.check_unchanged(place, run, beyond)
            }
            _ if matches!(self.output, Output::InPlace { .. }) => {
                self.check_unchanged(place, run, StatSnapshot::difference)
            }
            // The original stays (--overwrite replaces an output only), and no time has passed since the comparison before.
            _ => Ok(()),
        }
    }

    fn swap(&self, temporary: &mut Temporary, place: &Place) -> Result<(), CommitError> {
        let destination = place.path();
        let replace = match &self.output {
            Output::InPlace { .. } => true,
            Output::Elsewhere { overwrite, .. } => *overwrite,
        };
        temporary.let_readers_in();
        match temporary.rename_to(place, replace) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(CommitError::Exists {
                    path: destination.to_path_buf(),
                })
            }
            Err(source) if source.kind() == io::ErrorKind::Unsupported => {
                Err(CommitError::NoSafeRename {
                    path: destination.to_path_buf(),
                    source,
                })
            }
            renamed => Ok(renamed.at(destination, "put the new file in place")?),
        }
    }
}

fn take_back(original: &Place, kept: Option<KeptOriginal>, cause: CommitError) -> CommitError {
    match kept.map(|kept| kept.undo(original)) {
        Some(Err(left)) => CommitError::BackupLeft {
            cause: Box::new(cause),
            left,
        },
        Some(Ok(())) | None => cause,
    }
}

impl Original<'_> {
    /// The file that was read must be what it was then.
    fn check_open_file(&self) -> Result<Metadata, CommitError> {
        let metadata = self.file.metadata().at(self.path.path(), "inspect it")?;
        self.check_same(&StatSnapshot::from(&metadata), StatSnapshot::difference)?;
        Ok(metadata)
    }

    /// A file must be the one that was read, and what it was then.
    fn check_same(
        &self,
        now: &StatSnapshot,
        difference: fn(&StatSnapshot, &StatSnapshot) -> Option<String>,
    ) -> Result<(), CommitError> {
        match difference(self.snapshot, now) {
            Some(change) => Err(CommitError::SourceChanged {
                path: self.path.path().to_path_buf(),
                change,
            }),
            None => Ok(()),
        }
    }
}

fn check_in_place(temporary: &Temporary) -> Result<(), CommitError> {
    match temporary.is_in_place()? {
        true => Ok(()),
        false => Err(CommitError::TemporaryLost {
            path: temporary.path().to_path_buf(),
        }),
    }
}

fn make_durable(kept: Option<&KeptOriginal>, notes: &mut Vec<String>) -> Result<(), CommitError> {
    match kept {
        Some(kept) => Ok(sync_folders(&kept.place, kept.new_folders(), notes)?),
        None => Ok(()),
    }
}

/// Syncs the name of a file, and those of the folders made for it.
pub(crate) fn sync_folders(
    file: &Place,
    new: &[Place],
    notes: &mut Vec<String>,
) -> Result<(), PathError> {
    for place in new.iter().chain([file]) {
        sync_folder_of(place, notes)?;
    }
    Ok(())
}

/// Syncs the folder that a name is in.
pub(crate) fn sync_folder_of(place: &Place, notes: &mut Vec<String>) -> Result<(), PathError> {
    let folder = place.folder();
    if !sync_folder(folder).at(folder.path(), "sync this folder")? {
        notes.push(format!(
            "{}: this folder cannot be synced, so a power cut within seconds may undo the change",
            folder.path().display()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
