//! Who holds a lock, where the system tells.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The process that holds a `flock` on a file or folder: its number, its program and its user.
pub(crate) fn holder_of(metadata: &Metadata) -> Option<String> {
    // Other systems have no such file.
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let process = process_of(&locks, metadata.dev(), metadata.ino())?;
    let folder = Path::new("/proc").join(process.to_string());
    let program = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
    let user = std::fs::metadata(folder).map(|it| it.uid());
    let user = user
        .map(|user| format!(" of user {user}"))
        .unwrap_or_default();
    Some(format!("process {process} ({}){user}", program.trim()))
}

/// A line is `1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`: the process, then device and inode.
fn process_of(locks: &str, device: u64, inode: u64) -> Option<u32> {
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let place = format!("{major:02x}:{minor:02x}:{inode}");
    locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        match fields[..] {
            [_, "FLOCK", _, _, process, at, ..] if at == place => process.parse().ok(),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKS: &str = "\
1: POSIX  ADVISORY  WRITE 11 fe:01:1001 0 EOF
2: FLOCK  ADVISORY  READ 12 fe:01:1002 0 EOF
2: -> FLOCK  ADVISORY  WRITE 13 fe:01:1002 0 EOF
3: FLOCK  ADVISORY  WRITE 14 00:1f:1001 0 EOF
";

    #[test]
    fn a_line_is_found_by_device_and_inode() {
        let device = rustix::fs::makedev(0xfe, 1);
        assert_eq!(process_of(LOCKS, device, 1002), Some(12));
        assert_eq!(
            process_of(LOCKS, rustix::fs::makedev(0, 0x1f), 1001),
            Some(14)
        );
        assert_eq!(process_of(LOCKS, device, 1001), None, "not a flock");
        assert_eq!(process_of("", device, 1002), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_named_with_its_program() {
        use crate::files::locks::source::{Taken, take};
        let file = tempfile::tempfile().unwrap();
        let exclusive = rustix::fs::FlockOperation::NonBlockingLockExclusive;
        assert_eq!(take(&file, exclusive), Taken::Yes);
        if let Some(holder) = holder_of(&file.metadata().unwrap()) {
            assert!(
                holder.starts_with(&format!("process {} (", std::process::id())),
                "{holder}"
            );
        }
    }
}
