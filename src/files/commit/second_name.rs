//! An output that is another name of its original, or a copy of it.

use crate::files::commit::error::CommitError;
use crate::files::commit::new_folders::{PermissionSource, in_folder};
use crate::files::commit::output::Output;
use crate::files::commit::sync_folders;
use crate::files::commit::temporary::random_number;
use crate::files::discover::own_names::temporary_name;
use crate::files::folder::Place;
use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::{link_unnamed, no_hard_links};
use crate::files::rooted_path::RootedPath;
use crate::files::stat_snapshot::StatSnapshot;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

/// Whether the output is there, as another name of an original or with its length and modification time.
pub(crate) fn output_holds(output: &Output, original: &StatSnapshot) -> Result<bool, PathError> {
    let Some(place) = output.rooted().existing_place()? else {
        return Ok(false);
    };
    let there = place.stat().at(place.path(), "inspect it")?;
    if !there.is_some_and(|there| there.is_file()) {
        return Ok(false);
    }
    let there = StatSnapshot::of(&place.open()?).at(place.path(), "inspect it")?;
    let is_alike = (there.bytes, there.modified) == (original.bytes, original.modified);
    Ok(there.same_file(original) || is_alike)
}

/// Gives the original, which is open as `file`, the name of the output, and makes the folder when it is missing.
pub(crate) fn link_output(
    file: &File,
    original: &RootedPath,
    output: &Output,
    like: PermissionSource<'_>,
) -> Result<(), CommitError> {
    output.check()?;
    let path = output.path();
    let ((name, place), mut folders) = in_folder(&output.rooted(), like, |folder| {
        let place = output.place_in(folder);
        let name = match place.stat().at(path, "inspect it")? {
            Some(_) => folder.at(OsStr::new(&temporary_name(random_number()))),
            None => place.clone(),
        };
        link(file, original, &name).at(name.path(), "link the original to it")?;
        Ok(Some((name, place)))
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
    let is_replaced = name.name() != place.name();
    if is_replaced && let Err(error) = name.rename(&place) {
        // The error of the rename is the one to report.
        let _ = name.remove();
        return Err(error).at(path, "put the link in place")?;
    }
    Ok(sync_folders(&place, &folders.keep(), &mut Vec::new())?)
}

fn link(file: &File, original: &RootedPath, name: &Place) -> io::Result<()> {
    match link_unnamed(file, name) {
        // Without /proc, by the name of the original.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let original = original.place().map_err(|error| error.source)?;
            original.link(name)?;
            let file = file.metadata()?;
            let identity = (file.dev(), file.ino());
            match name.leads_to(identity)? {
                true => Ok(()),
                false => {
                    name.remove()?;
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
    use std::fs;

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
        let original = RootedPath::named(&folder.path().join("a.h5"));
        let output = |overwrite| Output::named(folder.path().join("new/a.h5"), overwrite);
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
