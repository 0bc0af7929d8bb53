//! Why a finished file was not put in place, and what to do about it.
//!
//! Only the errors; when each of them arises is in [`mod@crate::files::commit`].

use crate::files::path_error::PathError;
use crate::files::platform::Flag;
use crate::files::source::folder_of;
use crate::model::hint::Hint;
use crate::model::shell::for_shell;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why nothing was put in place, with one exception: [`CommitError::NotDurable`].
#[derive(Debug, Error)]
pub(crate) enum CommitError {
    /// Another process wrote to the original during the work.
    #[error("{}: {change} while h5lift worked on it", path.display())]
    SourceChanged { path: PathBuf, change: String },
    /// In place, and the name is a link.
    #[error("{}: it is a symbolic link to {}", path.display(), target.display())]
    SymbolicLink { path: PathBuf, target: PathBuf },
    /// In place, and the file has other names, which would keep the old content.
    #[error("{}: the file has {links} names (hard links), and only this one would change", path.display())]
    HardLinks { path: PathBuf, links: u64 },
    /// In place, and the new file would belong to another user.
    #[error("{}: its {owner} cannot be kept by this user, so it would not be the same file", path.display())]
    Owner {
        path: PathBuf,
        /// "owner 1000" or "group 100".
        owner: String,
    },
    /// `chattr` keeps the name from being replaced.
    #[error("{}: it is {}, so nothing can be replaced", path.display(), flag.word())]
    Flagged {
        /// The file, or its folder.
        path: PathBuf,
        flag: Flag,
    },
    /// The name of the backup is taken.
    #[error("{}: the original cannot be kept as {}, which is already there", original.display(), backup.display())]
    BackupExists {
        /// The file to be replaced.
        original: PathBuf,
        backup: PathBuf,
    },
    /// The destination is taken.
    #[error("{}: it is already there", path.display())]
    Exists { path: PathBuf },
    /// The destination is something that is never replaced.
    #[error("{}: it is {kind}, which is not replaced", path.display())]
    NotAFile {
        path: PathBuf,
        /// A folder, a symbolic link, ...
        kind: &'static str,
    },
    /// The file system cannot protect a file that appears meanwhile.
    #[error("{}: it cannot be put in place without the risk of replacing another file: {source}", path.display())]
    NoSafeRename { path: PathBuf, source: io::Error },
    /// The file system, or the kernel's protection of the files of others, allows no second name.
    #[error("{}: the file cannot be linked to it: {source}", path.display())]
    NoLink { path: PathBuf, source: io::Error },
    /// The temporary file is not what its name leads to.
    #[error("{}: something removed or replaced this temporary file", path.display())]
    TemporaryLost { path: PathBuf },
    /// It failed, and the backup could not be taken back.
    #[error("{cause}; and the backup is left behind: {left}")]
    BackupLeft {
        cause: Box<CommitError>,
        /// Why the backup is still there.
        left: PathError,
    },
    /// The new file is in place, but a power cut may still undo that.
    #[error("{}: the new file is in place, but not safely on the disk: {source}", output.display())]
    NotDurable {
        output: PathBuf,
        /// Where the original is kept.
        backup: Option<PathBuf>,
        source: PathError,
    },
    /// The system refused an operation.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Hint for CommitError {
    fn hint(&self) -> String {
        match self {
            CommitError::SourceChanged { .. } => "run again when nothing writes to it".to_string(),
            CommitError::SymbolicLink { path, target } => {
                // A relative link is resolved from its folder.
                let target = folder_of(path).join(target);
                let target = target.strip_prefix(".").unwrap_or(&target);
                format!(
                    "name the file itself, {}, or use --out-dir",
                    target.display()
                )
            }
            CommitError::Owner { .. } => {
                "use --out-dir, or run as root, which can keep owner and group".to_string()
            }
            CommitError::Flagged { path, flag } => {
                let path = for_shell(&path.to_string_lossy());
                format!("{} {path}, or use --out-dir", flag.lifted_by())
            }
            CommitError::HardLinks { .. } => {
                "use --out-dir, or copy it first so that it has only one name".to_string()
            }
            CommitError::BackupExists { .. } => {
                "move it away, or choose another --backup-suffix or --backup-dir".to_string()
            }
            CommitError::Exists { .. } => "use --overwrite to replace it".to_string(),
            CommitError::NotAFile { .. } => "choose another destination".to_string(),
            CommitError::NoSafeRename { .. } => {
                "choose another disk, or use --overwrite when nothing else writes there".to_string()
            }
            CommitError::NoLink { .. } => "use --if-current copy".to_string(),
            CommitError::TemporaryLost { .. } => {
                "run again, and keep clean-up jobs away from the destination".to_string()
            }
            CommitError::BackupLeft { left, .. } => {
                format!(
                    "compare {} with the original before you remove it",
                    left.path.display()
                )
            }
            CommitError::NotDurable { .. } => {
                "check the disk, then run h5lift verify on it".to_string()
            }
            CommitError::Path(error) => error.hint(),
        }
    }
}
