//! One line of a ledger: a JSON object whose last key is a checksum of the rest.
//!
//! `sum` is the first 16 hexadecimal digits of the SHA-256 of
//! the line as it would be without that key. To check a ledger in Python:
//!
//! ```python
//! import hashlib, json
//! for line in open("run.jsonl", "rb"):
//!     entry = line[:-27] + b"}"          # without ,"sum":"................"} and newline
//!     assert hashlib.sha256(entry).hexdigest()[:16] == json.loads(line)["sum"]
//! ```
//!
//! A line is ASCII: other characters are written as `\uXXXX`, so that a hostile file name does no harm in a
//! terminal or an editor.

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use sha2::{Digest, Sha256};
use std::io;
use std::io::Write;

const BEFORE_SUM: &[u8] = b",\"sum\":\"";
const AFTER_SUM: &[u8] = b"\"}";
/// Bytes of the SHA-256 that are kept.
const SUM_BYTES: usize = 8;
const SEAL: usize = BEFORE_SUM.len() + 2 * SUM_BYTES + AFTER_SUM.len();

/// The line of an entry, which must be an object with at least one key. Ends
/// with a newline.
pub(crate) fn seal(entry: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    entry.serialize(&mut Serializer::with_formatter(&mut line, Ascii))?;
    let sum = sum_of(&line);
    // The closing brace comes back behind the sum.
    line.pop();
    line.extend_from_slice(BEFORE_SUM);
    line.extend_from_slice(sum.as_bytes());
    line.extend_from_slice(AFTER_SUM);
    line.push(b'\n');
    Ok(line)
}

/// The entry of a line, newline included, when the line is whole and undamaged.
pub(crate) fn unseal(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.strip_suffix(b"\n")?;
    let (entry, seal) = line.split_at_checked(line.len().checked_sub(SEAL)?)?;
    let sum = seal.strip_prefix(BEFORE_SUM)?.strip_suffix(AFTER_SUM)?;
    let entry = [entry, b"}"].concat();
    (sum == sum_of(&entry).as_bytes()).then_some(entry)
}

fn sum_of(entry: &[u8]) -> String {
    crate::model::digest::hex(&Sha256::digest(entry)[..SUM_BYTES])
}

struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| !c.is_ascii() || c == '\x7f') {
            let (plain, odd) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut characters = odd.chars();
            if let Some(character) = characters.next() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_line_is_checked_as_the_module_says() {
        let line = seal(&json!({"id": 1})).unwrap();
        // printf '{"id":1}' | sha256sum
        assert_eq!(line, b"{\"id\":1,\"sum\":\"037c9214eef74cc3\"}\n");
        assert_eq!(unseal(&line).unwrap(), b"{\"id\":1}");
        assert_eq!(&[&line[..line.len() - 27], b"}"].concat(), b"{\"id\":1}");
    }

    #[test]
    fn any_other_byte_is_noticed() {
        let line = seal(&json!({"id": 1, "path": "a.h5"})).unwrap();
        for at in 0..line.len() {
            let mut other = line.clone();
            other[at] ^= 1;
            assert_eq!(unseal(&other), None, "byte {at}");
            assert_eq!(unseal(&line[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn odd_text_is_ascii_and_reads_back() {
        let text = "a\nb\t\"\\ \u{7f}\u{9b}\u{202e}é🧬\0";
        let line = seal(&json!({ "path": text })).unwrap();
        assert!(
            line.iter()
                .all(|byte| (b' '..=b'~').contains(byte) || *byte == b'\n')
        );
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        let value: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(value["path"], text);
    }
}
