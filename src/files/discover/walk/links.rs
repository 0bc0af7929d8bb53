//! Symbolic links: ignored and counted, or followed after all folders are done.

use crate::files::discover::walk::{Place, Walk, canonical};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) place: Place,
    pub(crate) named: bool,
}

#[derive(Debug)]
pub(crate) struct LinkToFile {
    pub(crate) link: Link,
    pub(crate) canonical: PathBuf,
    pub(crate) metadata: Metadata,
}

impl Walk {
    pub(crate) fn visit_link(&mut self, name: &OsStr, place: Place) {
        let takes = self.patterns.takes(name, &place.relative);
        let enters = self.patterns.enters(name, &place.relative);
        if self.follow_symlinks && (takes || enters) {
            self.links.push_back(Link {
                place,
                named: false,
            });
        } else if let Ok(target) = fs::metadata(&place.path) {
            // Only the count depends on this, so a broken link is not an error.
            if (takes && target.is_file()) || (enters && target.is_dir()) {
                self.symlinks_passed_over += 1;
            }
        }
    }

    pub(crate) fn follow(&mut self, link: Link) {
        let Link { place, named } = link;
        let looked =
            fs::metadata(&place.path).and_then(|metadata| Ok((metadata, canonical(&place.path)?)));
        let (metadata, canonical) = match looked {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let hint = "remove the link, or put back what it points to";
                return self.problem(&place.path, "a symbolic link to nothing", hint);
            }
            Err(error) if Errno::from_io_error(&error) == Some(Errno::LOOP) => {
                return self.loops(&place.path);
            }
            Err(error) => return self.unreadable(&place.path, &error),
        };
        let name = place.path.file_name().unwrap_or_default();
        if metadata.is_dir() {
            if self.patterns.enters(name, &place.relative) {
                self.enter_link(place, canonical);
            }
        } else if named || (metadata.is_file() && self.patterns.takes(name, &place.relative)) {
            self.links_to_files.push_back(LinkToFile {
                link: Link { place, named },
                canonical,
                metadata,
            });
        }
    }

    fn enter_link(&mut self, place: Place, canonical: PathBuf) {
        if leads_back(&place, &canonical) {
            self.loops(&place.path);
        } else if !self.entered.contains(&canonical) {
            self.enter(place, canonical);
        }
    }

    pub(crate) fn loops(&mut self, path: &Path) {
        let hint = "remove the link, or leave it out with --exclude";
        self.problem(path, "a symbolic link that leads back to itself", hint);
    }
}

/// Whether entering the target of this link would lead to the link again: the target contains the link, or is
/// one of the folders on its path.
fn leads_back(link: &Place, target: &Path) -> bool {
    let on_the_way = link.relative.components().count();
    link.path
        .ancestors()
        .skip(1)
        .take(on_the_way)
        .filter_map(|folder| match folder.as_os_str().is_empty() {
            true => canonical(Path::new(".")).ok(),
            false => canonical(folder).ok(),
        })
        .any(|folder| folder.starts_with(target))
}
