//! The input of `--files-from`: paths, one a line or separated by NUL.
//!
//! Only bytes become paths here; [`crate::files::discover::walk`] says which of them exist.
//! There are no comments and no quoting: every byte belongs to the name.

use std::ffi::OsString;
use std::io;
use std::io::{BufRead, Read};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// Sixteen times what Linux takes as a path.
const LONGEST_PATH: u64 = 64 << 10;
/// As a device such as `/dev/zero` has, and no list.
const MOST_EMPTY: u64 = 1 << 20;

/// What stands between two paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// A line end, `\n` or `\r\n`. A name that itself ends in a carriage return
    /// needs [`Separator::Nul`]; lists that were edited on Windows are commoner.
    Newline,
    /// A zero byte (`-0`): any name can be given.
    Nul,
}

/// Reads all paths; empty entries are skipped, order and repeats are kept.
pub(crate) fn read_paths(
    mut input: impl BufRead,
    separator: Separator,
) -> io::Result<Vec<PathBuf>> {
    let byte = match separator {
        Separator::Newline => b'\n',
        Separator::Nul => 0,
    };
    let (mut paths, mut empty) = (Vec::new(), 0);
    for number in 1_u64.. {
        let mut entry = Vec::new();
        let mut bounded = (&mut input).take(LONGEST_PATH);
        if bounded.read_until(byte, &mut entry)? == 0 {
            break;
        }
        if entry.last() == Some(&byte) {
            entry.pop();
        } else if entry.len() as u64 == LONGEST_PATH {
            let cause =
                format!("entry {number} is longer than {LONGEST_PATH} bytes, and no path is");
            return Err(io::Error::new(io::ErrorKind::InvalidData, cause));
        }
        empty = if entry.is_empty() { empty + 1 } else { 0 };
        if empty == MOST_EMPTY {
            let cause = format!("there are {MOST_EMPTY} empty entries in a row");
            return Err(io::Error::new(io::ErrorKind::InvalidData, cause));
        }
        if separator == Separator::Newline && entry.last() == Some(&b'\r') {
            entry.pop();
        }
        if !entry.is_empty() {
            paths.push(PathBuf::from(OsString::from_vec(entry)));
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    fn read(input: &[u8], separator: Separator) -> Vec<Vec<u8>> {
        let paths = read_paths(input, separator).unwrap();
        paths
            .iter()
            .map(|path| path.as_os_str().as_bytes().to_vec())
            .collect()
    }

    #[test]
    fn lines_with_any_end_and_any_bytes() {
        let input = b"a.h5\n\nb c.h5\r\n  #d\ncaf\xe9.h5\nlast";
        assert_eq!(
            read(input, Separator::Newline),
            [&b"a.h5"[..], b"b c.h5", b"  #d", b"caf\xe9.h5", b"last"]
        );
    }

    #[test]
    fn nul_keeps_newlines_and_carriage_returns() {
        let input = b"a\nb.h5\0\0c\r\0";
        assert_eq!(read(input, Separator::Nul), [&b"a\nb.h5"[..], b"c\r"]);
    }

    #[test]
    fn what_has_no_end_is_an_error() {
        for (input, separator) in [
            (io::repeat(0), Separator::Newline),
            (io::repeat(0), Separator::Nul),
            (io::repeat(b'a'), Separator::Nul),
        ] {
            let error = read_paths(io::BufReader::new(input), separator).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        }
    }

    #[test]
    fn nothing_gives_nothing() {
        assert!(read(b"", Separator::Newline).is_empty());
        assert!(read(b"\0", Separator::Nul).is_empty());
    }
}
