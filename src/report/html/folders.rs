//! Bytes by folder, for a picture of at most some thousand folders, whatever the archive holds.

use std::collections::BTreeMap;

/// Folders beyond this number are counted with the folder that holds them.
const MOST: usize = 20_000;

/// A folder with all below it.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// One part of a path, `/` for an absolute one's first.
    pub(super) name: String,
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// Files that need a decision.
    pub(super) decisions: u64,
    /// In the order of their names.
    pub(super) folders: BTreeMap<String, Folder>,
}

#[derive(Debug, Default)]
pub(super) struct Folders {
    root: Folder,
    known: usize,
}

impl Folders {
    pub(super) fn add(&mut self, path: &str, bytes: u64, needs_decision: bool) {
        let mut folder = &mut self.root;
        folder.count(bytes, needs_decision);
        let Some(slash) = path.rfind('/') else {
            return;
        };
        let (first, parts) = match path[..slash].strip_prefix('/') {
            Some(parts) => (Some("/"), parts),
            None => (None, &path[..slash]),
        };
        let parts = parts.split('/').filter(|part| !part.is_empty());
        for part in first.into_iter().chain(parts) {
            if !folder.folders.contains_key(part) {
                if self.known == MOST {
                    return;
                }
                self.known += 1;
                let new = Folder {
                    name: part.to_string(),
                    ..Folder::default()
                };
                folder.folders.insert(part.to_string(), new);
            }
            let Some(next) = folder.folders.get_mut(part) else {
                return;
            };
            folder = next;
            folder.count(bytes, needs_decision);
        }
    }

    /// The deepest folder that holds all files, and its path with a slash at the end.
    pub(super) fn top(&self) -> (&Folder, String) {
        let (mut top, mut path) = (&self.root, String::new());
        while let Some(only) = top.folders.values().next()
            && only.files == top.files
        {
            top = only;
            path += &only.name;
            if only.name != "/" {
                path.push('/');
            }
        }
        (top, path)
    }
}

impl Folder {
    fn count(&mut self, bytes: u64, needs_decision: bool) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.decisions += u64::from(needs_decision);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_where_paths_part() {
        let mut folders = Folders::default();
        folders.add("/data/old/a/1.h5", 10, false);
        folders.add("/data/old/a/2.h5", 20, true);
        folders.add("/data/old//b/3.h5", 5, false);
        let (top, path) = folders.top();
        assert_eq!((path.as_str(), top.files, top.bytes), ("/data/old/", 3, 35));
        assert_eq!(top.folders["a"].bytes, 30);
        assert_eq!(top.folders["a"].decisions, 1);
        folders.add("c.h5", 1, false);
        assert_eq!(folders.top().1, "");
        assert_eq!(folders.top().0.files, 4);
    }

    #[test]
    fn folders_are_limited_and_no_byte_is_lost() {
        let mut folders = Folders::default();
        for number in 0..30_000 {
            folders.add(&format!("a/{number}/b/c.h5"), 1, false);
        }
        assert_eq!(folders.known, MOST);
        assert_eq!(folders.top().0.bytes, 30_000);
    }
}
