//! An output that is another name of its original, or a copy of it.

use crate::files::commit::error::CommitError;
use crate::files::commit::new_folders::{PermissionSource, in_folder};
use crate::files::commit::output::Output;
use crate::files::commit::sync_folders;
use crate::files::commit::temporary::{leads_to, random_number};
use crate::files::discover::own_names::temporary_name;
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::{link_unnamed, no_hard_links};
use crate::files::source::folder_of;
use crate::files::stat_snapshot::StatSnapshot;
use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;

/// Whether the output is there, as another name of an original or with its length and modification time.
pub(crate) fn output_holds(output: &Output, original: &StatSnapshot) -> Result<bool, PathError> {
    let path = output.path();
    let there = match fs::symlink_metadata(path) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error).at(path, "inspect it"),
    };
    let is_file = there.is_file();
    let there = StatSnapshot::from(&there);
    let is_same = (there.device, there.inode) == (original.device, original.inode);
    let is_alike = (there.bytes, there.modified) == (original.bytes, original.modified);
    Ok(is_file && (is_same || is_alike))
}

/// Gives the original, which is open as `file`, the name of the output, and makes the folder when it is missing.
pub(crate) fn link_output(
    file: &File,
    original: &Path,
    output: &Output,
    like: PermissionSource<'_>,
) -> Result<(), CommitError> {
    output.check()?;
    let path = output.path();
    let is_replaced = path.symlink_metadata().is_ok();
    let folder = folder_of(path);
    let (name, mut folders) = in_folder(folder, like, || {
        let name = match is_replaced {
            true => folder.join(temporary_name(random_number())),
            false => path.to_path_buf(),
        };
        link(file, original, &name).at(&name, "link the original to it")?;
        Ok(Some(name))
    })
    .map_err(|error| match error.source.kind() {
        io::ErrorKind::AlreadyExists => CommitError::Exists {
            path: path.to_path_buf(),
        },
        _ if no_hard_links(&error.source) => CommitError::NoLink {
            path: path.to_path_buf(),
            source: error.source,
        },
        _ => error.into(),
    })?;
    if is_replaced && let Err(error) = fs::rename(&name, path) {
        // The error of the rename is the one to report.
        let _ = fs::remove_file(&name);
        return Err(error).at(path, "put the link in place")?;
    }
    Ok(sync_folders(path, &folders.keep(), &mut Vec::new())?)
}

fn link(file: &File, original: &Path, name: &Path) -> io::Result<()> {
    match link_unnamed(file, name) {
        // Without /proc, by the name of the original.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::hard_link(original, name)?;
            match leads_to(name, file)? {
                true => Ok(()),
                false => {
                    fs::remove_file(name)?;
                    Err(io::Error::other("the original was replaced meanwhile"))
                }
            }
        }
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> (tempfile::TempDir, File, StatSnapshot) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.h5"), "bytes").unwrap();
        let file = File::open(folder.path().join("a.h5")).unwrap();
        let snapshot = StatSnapshot::of(&file).unwrap();
        (folder, file, snapshot)
    }

    #[test]
    fn a_link_is_made_in_a_new_folder_and_over_an_old_file() {
        let (folder, file, snapshot) = files();
        let original = folder.path().join("a.h5");
        let output = |overwrite| Output::Elsewhere {
            path: folder.path().join("new/a.h5"),
            overwrite,
        };
        assert!(!output_holds(&output(false), &snapshot).unwrap());
        link_output(
            &file,
            &original,
            &output(false),
            PermissionSource::default(),
        )
        .unwrap();
        assert!(output_holds(&output(false), &snapshot).unwrap());
        let again = link_output(
            &file,
            &original,
            &output(false),
            PermissionSource::default(),
        );
        assert!(matches!(again, Err(CommitError::Exists { .. })));

        fs::remove_file(folder.path().join("new/a.h5")).unwrap();
        fs::write(folder.path().join("new/a.h5"), "other").unwrap();
        assert!(!output_holds(&output(true), &snapshot).unwrap());
        link_output(&file, &original, &output(true), PermissionSource::default()).unwrap();
        assert!(output_holds(&output(true), &snapshot).unwrap());
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
    }
}
