//! Paths for `--files-from`: one a line, or separated by NUL.

use crate::model::record::Record;
use crate::report::escape;

/// What ends a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// A line end.
    Newline,
    /// A zero byte, which no path can hold.
    Nul,
}

/// The path of a row with its end. The error is the path as it is shown, if it cannot be told from two paths.
pub(crate) fn entry(record: &Record, separator: Separator) -> Result<Vec<u8>, String> {
    let mut bytes = escape::path_bytes(record);
    match separator {
        Separator::Nul => bytes.push(0),
        // A list may have Windows line ends, so a reader takes a return at the end of a line for one of these.
        Separator::Newline if bytes.contains(&b'\n') || bytes.ends_with(b"\r") => {
            return Err(escape::path(record).into_owned());
        }
        Separator::Newline => bytes.push(b'\n'),
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn paths_are_their_bytes() {
        let odd = sample::latin1(b"caf\xe9.h5");
        assert_eq!(entry(&odd, Separator::Newline).unwrap(), b"caf\xe9.h5\n");
        let plain = sample::legacy("a b.h5");
        assert_eq!(entry(&plain, Separator::Nul).unwrap(), b"a b.h5\0");
    }

    #[test]
    fn a_line_end_in_a_path_needs_nul() {
        for path in ["a\nb.h5", "a.h5\r"] {
            let record = sample::legacy(path);
            assert!(entry(&record, Separator::Newline).is_err());
            assert!(entry(&record, Separator::Nul).unwrap().ends_with(b"\0"));
        }
    }
}
