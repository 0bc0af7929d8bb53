//! Files and bytes by folder, for at most some thousand folders, whatever the archive holds. Pure.

use crate::model::record::Record;
use crate::report::quantity;
use crate::report::words::deed;
use std::collections::BTreeMap;

/// Folders beyond this number are counted with the folder that holds them.
const MOST: usize = 20_000;

/// A folder with all below it.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// One part of a path, `/` for an absolute one's first.
    pub(crate) name: String,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// Files that need a decision.
    pub(crate) decisions: u64,
    /// Files by what was done with them, or would be.
    pub(crate) deeds: BTreeMap<&'static str, u64>,
    /// In the order of their names.
    pub(crate) folders: BTreeMap<String, Folder>,
}

#[derive(Debug, Default)]
pub(crate) struct Folders {
    root: Folder,
    known: usize,
}

impl Folders {
    pub(crate) fn add(&mut self, record: &Record, needs_decision: bool) {
        self.count(&record.path, record.bytes, deed(record), needs_decision);
    }

    /// The same from the parts of a row.
    pub(crate) fn count(
        &mut self,
        path: &str,
        bytes: u64,
        deed: &'static str,
        needs_decision: bool,
    ) {
        let mut folder = &mut self.root;
        folder.count(bytes, deed, needs_decision);
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
            folder.count(bytes, deed, needs_decision);
        }
    }

    pub(crate) fn files(&self) -> u64 {
        self.root.files
    }

    /// The deepest folder that holds all files, and its path with a slash at the end.
    pub(crate) fn top(&self) -> (&Folder, String) {
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

/// Folders that are counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// The path with a slash at the end; of several folders, how many they are.
    pub(crate) path: String,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) deeds: BTreeMap<&'static str, u64>,
}

impl Folders {
    /// At most `most` parts that together hold each file once, in the order of their paths; the largest folders are
    /// divided as far as that number allows.
    pub(crate) fn parts(&self, most: usize) -> Vec<Part> {
        let (top, path) = self.top();
        let mut parts = vec![(path, top)];
        let mut whole = Vec::new();
        // The one with the most files that can be divided.
        while let Some(at) = (0..parts.len())
            .filter(|at| !parts[*at].1.folders.is_empty())
            .max_by_key(|at| parts[*at].1.files)
        {
            let (path, folder) = parts.swap_remove(at);
            let own = folder.own(&path);
            let pieces = folder.folders.len() + usize::from(own.files > 0);
            let others = parts.len() + whole.len();
            // A folder for each file says no more than the folder above them.
            if folder.files < 2 * pieces as u64 {
                whole.push(folder.part(&path));
                continue;
            }
            if others + pieces > most {
                whole.push(match others {
                    0 => return folder.largest(&path, most),
                    _ => folder.part(&path),
                });
                continue;
            }
            whole.extend(Some(own).filter(|own| own.files > 0));
            for below in folder.folders.values() {
                parts.push((below.path(&path), below));
            }
        }
        whole.extend(parts.iter().map(|(path, folder)| folder.part(path)));
        whole.sort_by(|a, b| a.path.cmp(&b.path));
        whole
    }
}

impl Folder {
    fn count(&mut self, bytes: u64, deed: &'static str, needs_decision: bool) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        self.decisions += u64::from(needs_decision);
        *self.deeds.entry(deed).or_default() += 1;
    }

    fn path(&self, parent: &str) -> String {
        match self.name.as_str() {
            "/" => "/".to_string(),
            name => format!("{parent}{name}/"),
        }
    }

    fn part(&self, path: &str) -> Part {
        Part {
            path: path.to_string(),
            files: self.files,
            bytes: self.bytes,
            deeds: self.deeds.clone(),
        }
    }

    /// The files that are in the folder itself.
    fn own(&self, path: &str) -> Part {
        let mut own = self.part(path);
        for below in self.folders.values() {
            own.files -= below.files;
            own.bytes = own.bytes.saturating_sub(below.bytes);
            for (deed, files) in &below.deeds {
                let left = own.deeds.entry(deed).or_default();
                *left = left.saturating_sub(*files);
            }
        }
        own.deeds.retain(|_, files| *files > 0);
        own
    }

    /// The folders with the most files, and the others together.
    fn largest(&self, path: &str, most: usize) -> Vec<Part> {
        let mut below: Vec<&Folder> = self.folders.values().collect();
        below.sort_by_key(|folder| std::cmp::Reverse(folder.files));
        let own = Some(self.own(path)).filter(|own| own.files > 0);
        let shown = most.saturating_sub(1 + usize::from(own.is_some()));
        let (large, small) = below.split_at(shown.min(below.len()));
        let mut rest = Part {
            path: format!("{} more folders", quantity::count(small.len() as u64)),
            ..Part::default()
        };
        for folder in small {
            rest.files += folder.files;
            rest.bytes = rest.bytes.saturating_add(folder.bytes);
            for (deed, files) in &folder.deeds {
                *rest.deeds.entry(deed).or_default() += files;
            }
        }
        let mut parts: Vec<Part> = large.iter().map(|it| it.part(&it.path(path))).collect();
        parts.extend(own);
        parts.sort_by(|a, b| a.path.cmp(&b.path));
        parts.push(rest);
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn folders(paths: &[(&str, u64)]) -> Folders {
        let mut folders = Folders::default();
        for (path, files) in paths {
            for number in 0..*files {
                folders.count(&format!("{path}{number}.h5"), 10, "skip", false);
            }
        }
        folders
    }

    fn shown(parts: &[Part]) -> Vec<(&str, u64)> {
        parts
            .iter()
            .map(|part| (part.path.as_str(), part.files))
            .collect()
    }

    #[test]
    fn the_top_is_where_paths_part() {
        let mut folders = Folders::default();
        folders.count("/data/old/a/1.h5", 10, "skip", false);
        folders.count("/data/old/a/2.h5", 20, "refuse", true);
        folders.count("/data/old//b/3.h5", 5, "skip", false);
        let (top, path) = folders.top();
        assert_eq!((path.as_str(), top.files, top.bytes), ("/data/old/", 3, 35));
        assert_eq!(top.folders["a"].bytes, 30);
        assert_eq!(top.folders["a"].decisions, 1);
        folders.add(&sample::current("c.h5"), false);
        assert_eq!(folders.top().1, "");
        assert_eq!(folders.top().0.files, 4);
        assert_eq!(
            folders.top().0.deeds,
            BTreeMap::from([("refuse", 1), ("skip", 3)])
        );
    }

    #[test]
    fn folders_are_limited_and_no_byte_is_lost() {
        let mut folders = Folders::default();
        for number in 0..30_000 {
            folders.count(&format!("a/{number}/b/c.h5"), 1, "skip", false);
        }
        assert_eq!(folders.known, MOST);
        assert_eq!(folders.top().0.bytes, 30_000);
        let parts = folders.parts(20);
        assert!(parts.len() <= 20);
        assert_eq!(parts.iter().map(|part| part.files).sum::<u64>(), 30_000);
    }

    #[test]
    fn parts_go_as_deep_as_there_is_room() {
        let folders = folders(&[("a/x/", 40), ("a/y/", 20), ("a/", 3), ("b/c/d/", 7)]);
        assert_eq!(shown(&folders.parts(1)), [("2 more folders", 70)]);
        assert_eq!(shown(&folders.parts(2)), [("a/", 63), ("b/c/d/", 7)]);
        assert_eq!(
            shown(&folders.parts(20)),
            [("a/", 3), ("a/x/", 40), ("a/y/", 20), ("b/c/d/", 7)]
        );
    }

    #[test]
    fn the_largest_folders_have_a_line_and_the_others_share_one() {
        let names: Vec<String> = (10..50).map(|n| format!("all/{n}/")).collect();
        let paths: Vec<(&str, u64)> = names.iter().map(String::as_str).zip(1..).collect();
        let parts = folders(&paths).parts(4);
        assert_eq!(
            shown(&parts),
            [
                ("all/47/", 38),
                ("all/48/", 39),
                ("all/49/", 40),
                ("37 more folders", 703)
            ]
        );
        assert_eq!(parts[3].deeds, BTreeMap::from([("skip", 703)]));
        assert_eq!(parts[3].bytes, 7030);
    }
}
