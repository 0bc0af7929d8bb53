//! For tests: a folder in which nothing can be created, renamed or removed, not even by root if the file
//! system has immutable folders.

use std::fs;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub(crate) struct Frozen {
    folder: PathBuf,
}

impl Frozen {
    /// `None` when this user can write there all the same.
    pub(crate) fn folder(folder: &Path) -> Option<Frozen> {
        let frozen = Frozen {
            folder: folder.to_path_buf(),
        };
        fs::set_permissions(folder, Permissions::from_mode(0o555)).unwrap();
        set_immutable(folder, true);
        let probe = folder.join("probe");
        match fs::write(&probe, "") {
            Ok(()) => {
                fs::remove_file(probe).unwrap();
                None
            }
            Err(_) => Some(frozen),
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        set_immutable(&self.folder, false);
        fs::set_permissions(&self.folder, Permissions::from_mode(0o755)).unwrap();
    }
}

/// Does what it can; a probe finds out whether that worked.
#[cfg(target_os = "linux")]
fn set_immutable(folder: &Path, immutable: bool) {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};
    let folder = fs::File::open(folder).unwrap();
    if let Ok(mut flags) = ioctl_getflags(&folder) {
        flags.set(IFlags::IMMUTABLE, immutable);
        let _ = ioctl_setflags(&folder, flags);
    }
}

#[cfg(not(target_os = "linux"))]
fn set_immutable(_: &Path, _: bool) {}
