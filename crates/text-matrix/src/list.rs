//! A list of names, one per line: not a matrix.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::encoding::Text;
use crate::options::EncodingOption;
use crate::problem::MatrixError;
use crate::source;
use crate::stream::{LEAST_ROOM, Stream};

/// More text than any list of names has.
const MOST_BYTES: usize = 1 << 30;

/// The names in a file that may be compressed; `None` when its first line has several fields, and
/// so is that of a matrix.
///
/// # Errors
/// The file cannot be read, is no text, has a blank line between names, or never ends.
pub fn read_list(file: File) -> Result<Option<Vec<String>>, MatrixError> {
    let source = source::open(file, Arc::new(AtomicU64::new(0)))?;
    let mut text = Text::new(source.stream, EncodingOption::Auto)?;
    let first = text.first_bytes();
    let first_line = first.split(|byte| *byte == b'\n').next().unwrap_or(first);
    if first_line.iter().any(|byte| b"\t,;".contains(byte)) || first_line.starts_with(b"#1.") {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    loop {
        let before = bytes.len();
        if before > MOST_BYTES {
            return Err(MatrixError::refused(
                "the list of names does not end",
                "give a matrix, or a list with one name a line",
            ));
        }
        bytes.resize(before + LEAST_ROOM, 0);
        let read = text.read(&mut bytes[before..])?;
        bytes.truncate(before + read);
        if read == 0 {
            break;
        }
    }
    names(bytes).map(Some)
}

fn names(bytes: Vec<u8>) -> Result<Vec<String>, MatrixError> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        MatrixError::refused(
            format!("line {} of the list is not UTF-8", line + 1),
            "convert it to UTF-8, for example with iconv",
        )
    })?;
    let lines: Vec<&str> = text.trim_end_matches(['\n', '\r']).lines().collect();
    if lines.is_empty() {
        return Err(MatrixError::refused(
            "there is nothing in it",
            "give a matrix, or a list with one name a line",
        ));
    }
    if let Some(blank) = lines.iter().position(|line| line.trim().is_empty()) {
        return Err(MatrixError::refused(
            format!("line {} of the list is blank", blank + 1),
            "give one name a line; a name cannot be left out",
        ));
    }
    // R quotes each line of a list that it writes.
    let unquoted: Option<Vec<&str>> = lines
        .iter()
        .map(|line| line.strip_prefix('"')?.strip_suffix('"'))
        .collect();
    let names = unquoted.unwrap_or(lines);
    Ok(names.into_iter().map(str::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    fn list(bytes: &[u8]) -> Result<Option<Vec<String>>, MatrixError> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        read_list(file)
    }

    #[test]
    fn one_name_a_line() {
        let expected = Some(vec!["TP53".to_string(), "HLA-A 1".to_string()]);
        for text in [
            "TP53\nHLA-A 1",
            "TP53\r\nHLA-A 1\r\n",
            "\"TP53\"\n\"HLA-A 1\"\n\n",
        ] {
            assert_eq!(list(text.as_bytes()).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_of_several_fields_is_a_matrix() {
        for text in ["gene\tS1\nA\t1\n", "gene,S1\n", "#1.2\n3\t2\n"] {
            assert_eq!(list(text.as_bytes()).unwrap(), None, "{text:?}");
        }
    }

    #[test]
    fn what_would_shift_the_names_is_an_error() {
        assert!(list(b"TP53\n\nBRCA1\n").is_err());
        assert!(list(b"").is_err());
        assert!(list(b"TP53\nFr\xe9d\n").is_err());
    }
}
