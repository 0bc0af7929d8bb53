//! Folders that were opened a moment ago.
//!
//! Many small files of one folder are opened in a second, and on a network file system each opening of their folder is a request to
//! the server. A folder that is given to a file is kept by it until its commit in any case; here it is given to those as well
//! that begin within a second.

use crate::files::folder::Folder;
use crate::files::path_error::PathError;
use crate::files::rooted_path::RootedPath;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// After this time a folder is opened again.
const FRESH: Duration = Duration::from_secs(1);
/// Each takes two descriptors.
const MOST: usize = 8;

/// The folders that the files of a run have used last.
#[derive(Debug, Default)]
pub(crate) struct RecentFolders(Mutex<Vec<RecentFolder>>);

#[derive(Debug)]
struct RecentFolder {
    /// What the user named, the path from there, and whether links on it are followed.
    way: (PathBuf, PathBuf, bool),
    folder: Folder,
    since: Instant,
}

impl RecentFolders {
    /// Opens the folder of a file, or gives the one that was opened by the same way within the last second.
    pub(crate) fn folder_of(&self, file: &RootedPath) -> Result<Folder, PathError> {
        let (root, below) = file.split();
        let way = (
            root.to_path_buf(),
            below.to_path_buf(),
            file.follows_links(),
        );
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|it| it.since.elapsed() < FRESH);
        if let Some(recent) = all.iter().find(|it| it.way == way) {
            return Ok(recent.folder.clone());
        }
        drop(all);
        let folder = file.folder()?;
        let recent = RecentFolder {
            way,
            folder: folder.clone(),
            since: Instant::now(),
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push(recent);
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_is_opened_once_a_second_and_never_by_another_way() {
        let top = tempfile::tempdir().unwrap();
        let at = |name: &str| top.path().join(name);
        fs::create_dir(at("real")).unwrap();
        std::os::unix::fs::symlink("real", at("link")).unwrap();
        let recent = RecentFolders::default();
        let of = |name: &str, below, follow| {
            recent.folder_of(&RootedPath::new(&at(name), below, follow))
        };
        let first = of("real/a.h5", 2, false).unwrap();
        fs::rename(at("real"), at("gone")).unwrap();
        fs::create_dir(at("real")).unwrap();
        let again = of("real/b.h5", 2, false).unwrap();
        assert_eq!(first.identity().unwrap(), again.identity().unwrap());
        let named = of("real/b.h5", 1, false).unwrap();
        assert_ne!(first.identity().unwrap(), named.identity().unwrap());
        of("link/a.h5", 2, true).unwrap();
        of("link/a.h5", 2, false).unwrap_err();
        for it in &mut *recent.0.lock().unwrap() {
            it.since -= 2 * FRESH;
        }
        let later = of("real/a.h5", 2, false).unwrap();
        assert_eq!(later.identity().unwrap(), named.identity().unwrap());
        for number in 0..3 * MOST {
            fs::create_dir(at(&number.to_string())).unwrap();
            of(&format!("{number}/a.h5"), 1, false).unwrap();
        }
        assert!(recent.0.lock().unwrap().len() <= MOST);
    }
}
