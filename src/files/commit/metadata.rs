//! Everything about a file except its bytes, from an original to its new file: owner, extended attributes
//! with the access control list, mode, times.
//!
//! What cannot be kept becomes a note, because only root may give files away; but nobody gets rights that the
//! original did not give. The times come last, because all other steps change them.
//!
//! A crash in between leaves a temporary file with some of it.

use crate::files::path_error::{AtPath, PathError};
use crate::files::platform::{NO_SUCH_ATTRIBUTE, copy_flags};
use rustix::fs::{
    Gid, Uid, XattrFlags, fchown, fgetxattr, fgetxattr_query, flistxattr, flistxattr_query,
    fremovexattr, fsetxattr,
};
use rustix::io::Errno;
use std::fs::{File, FileTimes, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

const SET_USER_ID: u32 = 0o4000;
const SET_GROUP_ID: u32 = 0o2000;
const ACCESS_LIST: &[u8] = b"system.posix_acl_access";
/// Attributes that sign the old bytes; they would be wrong for the new ones, and the kernel would refuse to
/// open the file.
const BOUND_TO_CONTENT: [&[u8]; 2] = [b"security.ima", b"security.evm"];

/// File capabilities: a program with them runs with rights of root, so they are treated as set-id bits are.
const CAPABILITIES: &[u8] = b"security.capability";

/// What could not be kept.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    /// The owner or the group, with its number: "owner 1000". In place, losing it is not acceptable.
    pub owner: Option<String>,
    /// All of it, one sentence each.
    pub notes: Vec<String>,
}

/// An open file with what it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inspected<'a> {
    pub file: &'a File,
    pub metadata: &'a Metadata,
}

/// Copies all metadata; `path` is that of the new file, for errors.
pub(crate) fn copy_metadata(original: &File, new: &File, path: &Path) -> Result<Lost, PathError> {
    let [old, given] = [(original, "inspect its original"), (new, "inspect it")]
        .map(|(file, action)| file.metadata().at(path, action));
    let inspected = |file, metadata| Inspected { file, metadata };
    copy_inspected(inspected(original, &old?), inspected(new, &given?), path)
}

/// The same of files that were inspected a moment ago: owner and group of the new one must still be those of its metadata.
pub(crate) fn copy_inspected(
    original: Inspected<'_>,
    new: Inspected<'_>,
    path: &Path,
) -> Result<Lost, PathError> {
    let (old, given) = (original.metadata, new.metadata);
    let (original, new) = (original.file, new.file);
    let mut notes = Vec::new();
    // Changing the owner clears set-id bits, so it comes before the mode.
    let owner = copy_owner(old, given, new, &mut notes).at(path, "set its owner")?;
    let list = copy_attributes(original, new, owner, &mut notes)
        .at(path, "copy the extended attributes of its original")?;
    let mode = mode_for(old.mode() & 0o7777, owner, &list);
    let mode = match mode & (SET_USER_ID | SET_GROUP_ID) {
        0 => mode,
        _ if may_set_id(old) => mode,
        set => {
            notes.push(format!(
                "its set-id bits {set:04o} were not kept: they are given only by an ordinary user to a file of their own"
            ));
            mode & !set
        }
    };
    match new.set_permissions(Permissions::from_mode(mode)) {
        // Its owner may always set it, unless the file system has no modes.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            notes.push(format!("its mode {mode:04o} could not be kept: {error}"));
        }
        other => other.at(path, "set its mode")?,
    }
    if mode & SET_GROUP_ID != 0 {
        let set = new.metadata().at(path, "inspect it")?.mode() & 0o7777;
        if set & SET_GROUP_ID == 0 {
            // A user who is not in the group may not set it, and gets no error.
            notes.push(format!(
                "its mode {mode:04o} could not be kept, it is {set:04o} now"
            ));
        }
    }
    if !copy_flags(original, new) {
        notes.push("its flags (chattr) could not be kept".to_string());
    }
    let times = old.accessed().and_then(|accessed| {
        let modified = old.modified()?;
        Ok(FileTimes::new()
            .set_accessed(accessed)
            .set_modified(modified))
    });
    times
        .and_then(|times| new.set_times(times))
        .at(path, "set its times")?;
    let owner = match owner {
        Owner {
            user_kept: false, ..
        } => Some(format!("owner {}", old.uid())),
        Owner {
            group_kept: false, ..
        } => Some(format!("group {}", old.gid())),
        _ => None,
    };
    Ok(Lost { owner, notes })
}

/// Root gives nobody a program that runs with rights of somebody else: the bytes of the new file come from whoever could write
/// to the original.
fn may_set_id(old: &Metadata) -> bool {
    let user = rustix::process::geteuid();
    !user.is_root() && old.uid() == user.as_raw()
}

/// The owner that the new file could get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Owner {
    user_kept: bool,
    group_kept: bool,
}

fn copy_owner(
    old: &Metadata,
    given: &Metadata,
    new: &File,
    notes: &mut Vec<String>,
) -> std::io::Result<Owner> {
    let (user, group) = (old.uid(), old.gid());
    let mut owner = Owner {
        user_kept: given.uid() == user,
        group_kept: given.gid() == group,
    };
    if !owner.group_kept {
        // Separately, because members of a group may do this without being root.
        owner.group_kept = allowed(fchown(new, None, Some(Gid::from_raw(group))))?;
    }
    if !owner.user_kept {
        owner.user_kept = allowed(fchown(new, Some(Uid::from_raw(user)), None))?;
    }
    if !owner.user_kept {
        let now = given.uid();
        notes.push(format!(
            "its owner {user} could not be kept, it is {now} now"
        ));
    }
    if !owner.group_kept {
        let now = given.gid();
        notes.push(format!(
            "its group {group} could not be kept, it is {now} now, with no more rights than others"
        ));
    }
    Ok(owner)
}

/// Whether the owner was changed; a missing permission is not an error, nor is a file system without owners.
fn allowed(changed: rustix::io::Result<()>) -> std::io::Result<bool> {
    match changed {
        Ok(()) => Ok(true),
        Err(Errno::PERM | Errno::ACCESS | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// What happened to an access control list.
#[derive(Debug, PartialEq, Eq)]
enum AccessList {
    /// The original has none.
    None,
    /// The new file has it.
    Kept,
    /// It could not be set; empty if it could not even be read.
    Lost(Vec<u8>),
}

/// The old mode, without the rights that it would give to the wrong users.
fn mode_for(old: u32, owner: Owner, list: &AccessList) -> u32 {
    let mut mode = old;
    if let AccessList::Lost(list) = list {
        // With an access control list, the group bits of the mode are the upper limit for all its entries;
        // without one, they are the rights of the group.
        mode &= !0o070 | (group_rights(list) << 3);
    }
    if !owner.user_kept {
        mode &= !SET_USER_ID;
    }
    if !owner.group_kept {
        mode &= !SET_GROUP_ID;
        // With a list these bits are its mask; the group's rights are in the list.
        if *list != AccessList::Kept {
            mode &= !0o070 | ((mode & 0o007) << 3);
        }
    }
    mode
}

/// The tag of the owning group in an access list.
const OWNING_GROUP: u16 = 0x04;
/// The tag of all other users.
const OTHERS: u16 = 0x20;

/// An access control list for a file whose group has changed: the group gets the rights of all others.
fn without_group(mut list: Vec<u8>) -> Vec<u8> {
    let is = |entry: &[u8], tag: u16| entry[..2] == tag.to_le_bytes();
    let Some(entries) = list.get_mut(4..) else {
        return list;
    };
    let others = entries.chunks_exact(8).find(|entry| is(entry, OTHERS));
    let others = others.map_or(0, |entry| entry[2]);
    for entry in entries.chunks_exact_mut(8) {
        if is(entry, OWNING_GROUP) {
            entry[2] &= others;
        }
    }
    list
}

/// What an access list gives to the owning group, 0 to 7. Layout from Linux's
/// `posix_acl_xattr.h`: a 4-byte version, then entries of 2 bytes tag, 2 bytes
/// rights, 4 bytes id, little-endian.
fn group_rights(list: &[u8]) -> u32 {
    let entries = list.get(4..).unwrap_or_default().chunks_exact(8);
    entries
        .filter(|entry| u16::from_le_bytes([entry[0], entry[1]]) == OWNING_GROUP)
        .map(|entry| u32::from(entry[2] & 0o7))
        .next()
        .unwrap_or(0)
}

/// Copies extended attributes, the access list last: it can take away the right to set others.
fn copy_attributes(
    original: &File,
    new: &File,
    owner: Owner,
    notes: &mut Vec<String>,
) -> rustix::io::Result<AccessList> {
    let names = attribute_names(original)?;
    let mut lost = Vec::new();
    for name in names.iter().filter(|name| *name != ACCESS_LIST) {
        if BOUND_TO_CONTENT.contains(&name.as_slice()) {
            lost.push(format!("{} (it signs the old bytes)", name.escape_ascii()));
            continue;
        }
        if name == CAPABILITIES {
            let why = "only a program needs them, and its bytes come from another file";
            lost.push(format!("{} ({why})", name.escape_ascii()));
            continue;
        }
        match copy_attribute(original, new, name) {
            Ok(()) => {}
            // The user's own: where they could be kept they must be.
            Err(error) if name.starts_with(b"user.") && error != Errno::OPNOTSUPP => {
                return Err(error);
            }
            Err(error) => lost.push(format!("{} ({error})", name.escape_ascii())),
        }
    }
    let has_list = |names: &[Vec<u8>]| names.iter().any(|name| name == ACCESS_LIST);
    let list = if has_list(&names) {
        copy_access_list(original, new, owner, &mut lost)
    } else {
        // A default access control list of the folder gave the new file additional rights.
        if has_list(&attribute_names(new)?) {
            fremovexattr(new, ACCESS_LIST)?;
        }
        AccessList::None
    };
    if !lost.is_empty() {
        let lost = lost.join(", ");
        notes.push(format!("extended attributes could not be kept: {lost}"));
    }
    Ok(list)
}

fn copy_access_list(
    original: &File,
    new: &File,
    owner: Owner,
    lost: &mut Vec<String>,
) -> AccessList {
    let list = match attribute(original, ACCESS_LIST) {
        // Removed since it was listed.
        Ok(None) => return AccessList::None,
        Ok(Some(list)) if !owner.group_kept => Ok(without_group(list)),
        Ok(Some(list)) => Ok(list),
        Err(error) => Err((error, Vec::new())),
    };
    let set = list.and_then(|list| {
        fsetxattr(new, ACCESS_LIST, &list, XattrFlags::empty()).map_err(|error| (error, list))
    });
    match set {
        Ok(()) => AccessList::Kept,
        Err((error, list)) => {
            lost.push(format!("{} ({error})", ACCESS_LIST.escape_ascii()));
            AccessList::Lost(list)
        }
    }
}

fn copy_attribute(original: &File, new: &File, name: &[u8]) -> rustix::io::Result<()> {
    match attribute(original, name)? {
        // The file system may have set it itself, a security label for one.
        Some(value) if attribute(new, name) == Ok(Some(value.clone())) => Ok(()),
        Some(value) => fsetxattr(new, name, &value, XattrFlags::empty()),
        // Removed since it was listed.
        None => Ok(()),
    }
}

fn attribute_names(file: &File) -> rustix::io::Result<Vec<Vec<u8>>> {
    let list = match sized(|| flistxattr_query(file), |buffer| flistxattr(file, buffer)) {
        Err(Errno::OPNOTSUPP) => return Ok(Vec::new()),
        other => other?,
    };
    let names = list.split(|byte| *byte == 0);
    Ok(names
        .filter(|name| !name.is_empty())
        .map(<[u8]>::to_vec)
        .collect())
}

fn attribute(file: &File, name: &[u8]) -> rustix::io::Result<Option<Vec<u8>>> {
    let read = sized(
        || fgetxattr_query(file, name),
        |buffer| fgetxattr(file, name, buffer),
    );
    match read {
        Ok(value) => Ok(Some(value)),
        Err(NO_SUCH_ATTRIBUTE) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Asks for a length, then for that many bytes, and repeats this if the length has changed.
fn sized(
    length: impl Fn() -> rustix::io::Result<usize>,
    read: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
) -> rustix::io::Result<Vec<u8>> {
    loop {
        let mut buffer = vec![0; length()?];
        if buffer.is_empty() {
            // With an empty buffer the system would say the length again.
            return Ok(buffer);
        }
        match read(&mut buffer) {
            Ok(filled) => {
                buffer.truncate(filled);
                return Ok(buffer);
            }
            // It has grown in between.
            Err(Errno::RANGE) => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
