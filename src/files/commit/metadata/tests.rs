//! Metadata between real files. Cases that need root, or a user who is not root, are tested on the pure
//! function that decides.

use super::*;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const BOTH: Owner = Owner {
    user_kept: true,
    group_kept: true,
};

fn pair() -> (TempDir, File, File, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    for path in [&old, &new] {
        std::fs::write(path, "x").unwrap();
    }
    let open = |path: &PathBuf| File::options().read(true).write(true).open(path).unwrap();
    let files = (open(&old), open(&new));
    (folder, files.0, files.1, new)
}

fn set(file: &File, name: &str, value: &[u8]) -> rustix::io::Result<()> {
    fsetxattr(file, name, value, XattrFlags::empty())
}

#[test]
fn mode_and_times_to_the_nanosecond() {
    let (_folder, old, new, path) = pair();
    let modified = SystemTime::UNIX_EPOCH + Duration::new(1_500_000_000, 123_456_789);
    let accessed = SystemTime::UNIX_EPOCH + Duration::new(1_600_000_000, 987_654_321);
    let times = FileTimes::new()
        .set_accessed(accessed)
        .set_modified(modified);
    // Root gives set-id bits to no file.
    let kept = match rustix::process::geteuid().is_root() {
        true => 0o1777,
        false => 0o7777,
    };
    for mode in [0o444, 0o640, 0o600, 0o6750] {
        old.set_permissions(Permissions::from_mode(mode)).unwrap();
        old.set_times(times).unwrap();
        let notes = copy_metadata(&old, &new, &path).unwrap().notes;
        assert_eq!(notes.len(), usize::from(mode & kept != mode), "{notes:?}");
        let copied = new.metadata().unwrap();
        assert_eq!(copied.mode() & 0o7777, mode & kept);
        assert_eq!(copied.modified().unwrap(), modified);
        assert_eq!(copied.accessed().unwrap(), accessed);
    }
}

#[test]
fn extended_attributes_of_any_name_and_length() {
    let (_folder, old, new, path) = pair();
    if set(&old, "user.origin", b"GEO").is_err() {
        return eprintln!("skipped: no extended attributes here");
    }
    set(&old, "user.empty", b"").unwrap();
    set(&old, "user.bytes\u{e9}", &[0, 255, 0]).unwrap();
    set(&old, "user.long", &[7; 2000]).unwrap();
    set(&new, "user.long", b"other").unwrap();
    assert_eq!(copy_metadata(&old, &new, &path).unwrap().notes, [""; 0]);
    let read = |name: &str| attribute(&new, name.as_bytes()).unwrap().unwrap();
    assert_eq!(read("user.origin"), b"GEO");
    assert_eq!(read("user.empty"), b"");
    assert_eq!(read("user.bytes\u{e9}"), [0, 255, 0]);
    assert_eq!(read("user.long"), [7; 2000]);
    assert_eq!(attribute(&new, b"user.none").unwrap(), None);
}

/// Owner rw-, user 12345 r--, group r--, mask r--, others ---.
fn list_with_group(group: u8) -> Vec<u8> {
    let none = [0xff; 4];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in [
        (1, 6, none),
        (2, 4, 12345_u32.to_le_bytes()),
        (4, group, none),
        (16, 4, none),
        (32, 0, none),
    ] {
        list.extend([tag, 0, rights, 0]);
        list.extend(id);
    }
    list
}

#[cfg(target_os = "linux")]
#[test]
fn access_lists_are_carried_and_inherited_ones_removed() {
    let (_folder, old, new, path) = pair();
    let list = list_with_group(0);
    if set(&old, "system.posix_acl_access", &list).is_err() {
        return eprintln!("skipped: no access lists here");
    }
    assert_eq!(copy_metadata(&old, &new, &path).unwrap().notes, [""; 0]);
    assert_eq!(attribute(&new, ACCESS_LIST).unwrap().unwrap(), list);
    assert_eq!(new.metadata().unwrap().mode() & 0o777, 0o640);

    fremovexattr(&old, ACCESS_LIST).unwrap();
    old.set_permissions(Permissions::from_mode(0o644)).unwrap();
    copy_metadata(&old, &new, &path).unwrap();
    assert_eq!(attribute(&new, ACCESS_LIST).unwrap(), None);
    assert_eq!(new.metadata().unwrap().mode() & 0o777, 0o644);
}

#[test]
fn a_lost_access_list_gives_the_group_no_more_than_it_had() {
    assert_eq!(
        mode_for(0o640, BOTH, &AccessList::Lost(list_with_group(0).to_vec())),
        0o600
    );
    assert_eq!(
        mode_for(0o660, BOTH, &AccessList::Lost(list_with_group(4).to_vec())),
        0o640
    );
    assert_eq!(
        mode_for(0o640, BOTH, &AccessList::Lost(b"?".to_vec())),
        0o600
    );
    assert_eq!(mode_for(0o640, BOTH, &AccessList::None), 0o640);
}

#[test]
fn a_lost_owner_takes_the_set_id_bits_and_the_groups_rights_along() {
    let owner = |user_kept, group_kept| Owner {
        user_kept,
        group_kept,
    };
    assert_eq!(
        mode_for(0o6755, owner(false, true), &AccessList::None),
        0o2755
    );
    assert_eq!(
        mode_for(0o6755, owner(true, false), &AccessList::None),
        0o4755
    );
    assert_eq!(
        mode_for(0o0640, owner(true, false), &AccessList::None),
        0o0600
    );
    // The group's bits of a file with a list are the list's mask.
    assert_eq!(
        mode_for(0o0640, owner(true, false), &AccessList::Kept),
        0o0640
    );
    assert_eq!(
        mode_for(0o0664, owner(false, false), &AccessList::None),
        0o0644
    );
    assert_eq!(mode_for(0o6775, BOTH, &AccessList::None), 0o6775);
}

#[test]
fn root_keeps_owners_and_others_are_told() {
    let (_folder, old, new, path) = pair();
    let (user, group) = (Uid::from_raw(12345), Gid::from_raw(54321));
    if fchown(&old, Some(user), Some(group)).is_err() {
        return eprintln!("skipped: only root can give a file away");
    }
    assert_eq!(copy_metadata(&old, &new, &path).unwrap().notes, [""; 0]);
    let copied = new.metadata().unwrap();
    assert_eq!((copied.uid(), copied.gid()), (12345, 54321));
}

#[test]
fn not_to_be_allowed_is_no_error_and_a_broken_disk_is() {
    assert!(allowed(Ok(())).unwrap());
    assert!(!allowed(Err(Errno::PERM)).unwrap());
    assert!(allowed(Err(Errno::IO)).is_err());
}

#[test]
fn attributes_that_vouch_for_old_bytes_are_noted_not_copied() {
    let (_folder, old, new, path) = pair();
    if set(&old, "security.ima", b"\x01hash").is_err() {
        return eprintln!("skipped: only root can set security attributes");
    }
    let notes = copy_metadata(&old, &new, &path).unwrap().notes;
    assert_eq!(
        notes,
        ["extended attributes could not be kept: security.ima (it signs the old bytes)"]
    );
    assert_eq!(attribute(&new, b"security.ima").unwrap(), None);
}

/// A memory disk that is another device; user attributes came to it with Linux 6.6.
#[cfg(target_os = "linux")]
#[test]
fn another_disk_keeps_them_or_names_them() {
    let (_folder, old, _, _) = pair();
    let Ok(elsewhere) = tempfile::NamedTempFile::new_in("/dev/shm") else {
        return eprintln!("skipped: no /dev/shm");
    };
    if set(&old, "user.origin", b"GEO").is_err() {
        return eprintln!("skipped: no extended attributes here");
    }
    let notes = copy_metadata(&old, elsewhere.as_file(), elsewhere.path())
        .unwrap()
        .notes;
    match attribute(elsewhere.as_file(), b"user.origin") {
        Ok(Some(value)) => assert!(value == b"GEO" && notes.is_empty()),
        _ => assert!(notes[0].contains("user.origin"), "{notes:?}"),
    }
}

#[test]
fn another_group_gets_from_a_list_what_everybody_gets() {
    let entry = |tag: u16, rights: u16| {
        let id = u32::MAX.to_le_bytes();
        [&tag.to_le_bytes()[..], &rights.to_le_bytes(), &id].concat()
    };
    let list = |group: u16| {
        let entries = [
            entry(0x01, 6),
            entry(0x02, 5),
            entry(0x04, group),
            entry(0x10, 7),
        ];
        [&2_u32.to_le_bytes()[..], &entries.concat(), &entry(0x20, 4)].concat()
    };
    assert_eq!(without_group(list(6)), list(4));
    assert_eq!(without_group(b"?".to_vec()), b"?");
}
