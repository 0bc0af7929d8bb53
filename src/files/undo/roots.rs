//! The folders below which `undo` and `purge` act.
//!
//! A ledger is text that anyone can write. So it does not decide where files are replaced or deleted: the user does, with `--root`,
//! or the ledger does for the very file in which the migration wrote it, with folders that are still the same.

use crate::files::checksum::Fingerprint;
use crate::files::folder::{Folder, Place, is_plain};
use crate::files::ledger::History;
use crate::files::path_error::PathError;
use crate::files::undo::file_check::{FileCheck, check_place};
use crate::files::undo::refusal::Refusal;
use crate::model::hint::Hint;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Open folders.
#[derive(Debug, Default)]
pub(crate) struct Roots(Vec<Root>);

#[derive(Debug)]
struct Root {
    folder: Folder,
    identity: (u64, u64),
}

/// Why the folders of a ledger are not used.
#[derive(Debug, Error)]
pub(crate) enum RootsError {
    /// It has none.
    #[error("{}: this ledger does not record the folders that it is about", ledger.display())]
    NotRecorded { ledger: PathBuf },
    /// It is a copy, or it came from elsewhere.
    #[error("{}: this ledger is not the file in which h5lift recorded its folders: it was copied, or came from elsewhere", ledger.display())]
    Copied { ledger: PathBuf },
    /// A folder was replaced, moved or mounted anew.
    #[error("{}: this folder is not the one that the ledger records", root.display())]
    Other { root: PathBuf },
    /// The system refused an operation.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl Hint for RootsError {
    fn hint(&self) -> String {
        let name =
            "name the folders below which it may replace and delete files: --root DIR (repeatable)";
        match self {
            RootsError::Path(error) => format!("{}; or {name}", error.hint()),
            _ => name.to_string(),
        }
    }
}

impl Roots {
    /// Those that the user named.
    pub(crate) fn named(paths: &[PathBuf]) -> Result<Roots, PathError> {
        let roots = paths.iter().map(|path| Root::open(path));
        Ok(Roots(roots.collect::<Result<_, _>>()?))
    }

    /// Those that a ledger records, if that is the file in which they were recorded and they are what they were.
    pub(crate) fn recorded(history: &History) -> Result<Roots, RootsError> {
        let ledger = || history.path().to_path_buf();
        if history.roots().is_empty() {
            return Err(RootsError::NotRecorded { ledger: ledger() });
        }
        if !history.is_at_home() {
            return Err(RootsError::Copied { ledger: ledger() });
        }
        let mut roots = Vec::new();
        for recorded in history.roots() {
            let root = Root::open(&recorded.path)?;
            if root.identity != (recorded.device, recorded.inode) {
                return Err(RootsError::Other {
                    root: recorded.path.clone(),
                });
            }
            roots.push(root);
        }
        Ok(Roots(roots))
    }

    /// Their paths, to be shown.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|root| root.folder.path())
    }

    /// Like [`Roots::place`], for a file whose folder was there a moment ago.
    pub(crate) fn existing(&self, path: &Path) -> Result<Place, Refusal> {
        self.place(path)?.ok_or_else(|| Refusal {
            path: path.to_path_buf(),
            cause: "its folder is not there any more".to_string(),
            hint: "run again when nothing else works in it".to_string(),
        })
    }

    /// What is under the name of a file of a ledger.
    pub(crate) fn check(
        &self,
        path: &Path,
        expected: &[Fingerprint],
    ) -> Result<FileCheck, Refusal> {
        match self.place(path)? {
            Some(place) => Ok(check_place(&place, expected)?),
            None => Ok(FileCheck::Missing),
        }
    }

    /// A file of a ledger, if it is below a root. `None`: its folder is not there.
    pub(crate) fn place(&self, path: &Path) -> Result<Option<Place>, Refusal> {
        let refuse = |cause: &str, hint: &str| Refusal {
            path: path.to_path_buf(),
            cause: cause.to_string(),
            hint: hint.to_string(),
        };
        let plain = path.strip_prefix("/").is_ok_and(is_plain);
        if !plain || path.file_name().is_none() {
            let hint =
                "h5lift writes absolute paths without `..`: somebody else has edited this ledger";
            return Err(refuse("its path is relative or leads up", hint));
        }
        let Some((root, below)) = self
            .0
            .iter()
            .find_map(|root| Some((root, root.below(path)?)))
        else {
            let hint = "if it may be replaced or deleted, add its folder: --root DIR";
            return Err(refuse("it is not below the folders of this run", hint));
        };
        match Place::below(&root.folder, &below) {
            Ok(place) => Ok(Some(place)),
            Err(error) if error.source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Root {
    fn open(path: &Path) -> Result<Root, PathError> {
        let folder = Folder::open(path)?;
        Ok(Root {
            identity: folder.identity()?,
            folder,
        })
    }

    /// The part of a path below this root, whatever the spelling of the part above it.
    fn below(&self, path: &Path) -> Option<PathBuf> {
        path.ancestors().skip(1).find_map(|above| {
            let is_root = above == self.folder.path()
                || fs::metadata(above).is_ok_and(|it| (it.dev(), it.ino()) == self.identity);
            is_root.then(|| path.strip_prefix(above).ok().map(Path::to_path_buf))?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_what_lies_below_a_root_has_a_place() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        fs::create_dir_all(at("root/sub")).unwrap();
        fs::create_dir(at("outside")).unwrap();
        for name in ["root/sub/x.h5", "outside/x.h5"] {
            fs::write(at(name), "").unwrap();
        }
        symlink("../outside", at("root/link")).unwrap();
        symlink("root", at("other-name")).unwrap();
        let roots = Roots::named(&[at("root")]).unwrap();
        for name in ["root/sub/x.h5", "other-name/sub/x.h5", "root/new.h5"] {
            let place = roots.place(&at(name)).unwrap().unwrap();
            assert_eq!(
                place.path(),
                at("root").join(
                    at(name)
                        .strip_prefix(top.path())
                        .unwrap()
                        .components()
                        .skip(1)
                        .collect::<PathBuf>()
                )
            );
        }
        for name in [
            "outside/x.h5",
            "root",
            "root/../outside/x.h5",
            "root/link/x.h5",
            "root/sub/..",
        ] {
            let refusal = roots.place(&at(name)).unwrap_err();
            assert!(!refusal.hint.is_empty(), "{name}");
        }
        assert!(roots.place(Path::new("root/sub/x.h5")).is_err());
        assert!(roots.place(&at("root/gone/x.h5")).unwrap().is_none());
    }
}
