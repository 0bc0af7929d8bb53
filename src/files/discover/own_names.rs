//! The names of h5lift's own files, by which it recognises them.
//!
//! Only the name is checked. [`crate::files::commit::temporary`] decides whether a temporary file may be
//! removed, and needs its lock for that.

use crate::files::locks::owner::NameTag;
use crate::files::locks::run::LOCK_NAME;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Suffix of an original that is kept beside the new file.
pub(crate) const BACKUP_SUFFIX: &str = ".h5lift-orig";

pub(crate) const TEMPORARY_PREFIX: &str = ".h5lift-";
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";
/// Hexadecimal digits of the number of a temporary file.
const TEMPORARY_DIGITS: usize = 16;
const LEDGER_SUFFIX: &str = ".jsonl";

/// The name of a temporary file of this process with this number.
pub(crate) fn temporary_name(number: u64) -> String {
    temporary_name_of(NameTag::this(), number)
}

/// The name of a temporary file of this owner.
pub(crate) fn temporary_name_of(owner: NameTag, number: u64) -> String {
    format!("{TEMPORARY_PREFIX}{owner}-{number:016x}{TEMPORARY_SUFFIX}")
}

/// Who made a temporary file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TemporaryOwner {
    Process(NameTag),
    /// An older version, which wrote no more than a number.
    Unnamed,
}

/// Who made a file, if it has exactly the name of one of h5lift's temporary files.
pub(crate) fn temporary_owner(name: &OsStr) -> Option<TemporaryOwner> {
    let name = name.to_str()?;
    let name = name.strip_prefix(TEMPORARY_PREFIX)?;
    let name = name.strip_suffix(TEMPORARY_SUFFIX)?;
    let (owner, digits) = match name.rsplit_once('-') {
        Some((tag, digits)) => (TemporaryOwner::Process(NameTag::parse(tag)?), digits),
        None => (TemporaryOwner::Unnamed, name),
    };
    let is_number = digits.len() == TEMPORARY_DIGITS
        && digits
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_number.then_some(owner)
}

/// Whether this is exactly the name of one of h5lift's temporary files.
pub(crate) fn is_temporary_name(name: &OsStr) -> bool {
    temporary_owner(name).is_some()
}

/// Whether an original is kept under this name. Suffixes that the user chose are not known here;
/// [`crate::files::commit::destination`] makes sure that they end in nothing that a walk takes.
pub(crate) fn is_backup_name(name: &OsStr) -> bool {
    name.as_bytes().ends_with(BACKUP_SUFFIX.as_bytes())
}

/// Whether a ledger, or any other file of JSON lines, has this name.
pub(crate) fn is_ledger_name(name: &OsStr) -> bool {
    name.as_bytes().ends_with(LEDGER_SUFFIX.as_bytes())
}

/// Whether a walk skips this name, whatever the user included.
pub(crate) fn is_own_name(name: &OsStr) -> bool {
    let is_lock = name.as_bytes().starts_with(LOCK_NAME.as_bytes());
    is_temporary_name(name) || is_backup_name(name) || is_ledger_name(name) || is_lock
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_names_are_exact() {
        assert!(is_temporary_name(OsStr::new(&temporary_name(0))));
        assert!(is_temporary_name(OsStr::new(&temporary_name(u64::MAX))));
        assert_eq!(
            temporary_owner(OsStr::new(&temporary_name(7))),
            Some(TemporaryOwner::Process(NameTag::this()))
        );
        let old = OsStr::new(".h5lift-0123456789abcdef.tmp");
        assert_eq!(temporary_owner(old), Some(TemporaryOwner::Unnamed));
        for other in [
            ".h5lift-0123456789abcde.tmp",
            ".h5lift-0123456789abcdef0.tmp",
            ".h5lift-0123456789ABCDEF.tmp",
            ".h5lift-0123456789abcdeg.tmp",
            "h5lift-0123456789abcdef.tmp",
            ".h5lift-0123456789abcdef.tmp.h5",
            ".h5lift-.tmp",
        ] {
            assert!(!is_temporary_name(OsStr::new(other)), "{other}");
        }
    }

    #[test]
    fn backups_and_ledgers_are_own_and_data_is_not() {
        assert!(is_own_name(OsStr::new("a.h5.h5lift-orig")));
        assert!(is_own_name(OsStr::new("run.jsonl")));
        assert!(is_own_name(OsStr::new(".h5lift-lock.3-of-16")));
        assert!(!is_own_name(OsStr::new("a.h5")));
        assert!(!is_own_name(OsStr::new("h5lift-orig.h5")));
    }
}
