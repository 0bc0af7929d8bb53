//! Length and SHA-256 of a whole file, read by its open descriptor.
//!
//! This identifies the bytes of a file. [`crate::model::digest`] identifies the values and names in it and
//! survives a rewrite.

use crate::model::digest::{Sum, hex, unhex};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::str::FromStr;
use thiserror::Error;

/// Bytes read at a time, into the stack: an allocation for each tiny file takes longer than its hash.
const BLOCK: usize = 16 << 10;

/// A SHA-256 sum; in JSON 64 lower-case hexadecimal digits, as `sha256sum` prints.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
pub struct Sha256Sum(pub Sum);

impl fmt::Display for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Sha256Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256Sum({self})")
    }
}

/// A text that is no SHA-256 sum.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a SHA-256 sum: {0:?}")]
pub struct SumSyntax(String);

impl FromStr for Sha256Sum {
    type Err = SumSyntax;

    fn from_str(text: &str) -> Result<Self, SumSyntax> {
        unhex(text)
            .map(Sha256Sum)
            .ok_or_else(|| SumSyntax(text.to_string()))
    }
}

impl From<Sha256Sum> for String {
    fn from(sum: Sha256Sum) -> String {
        sum.to_string()
    }
}

impl TryFrom<String> for Sha256Sum {
    type Error = SumSyntax;

    fn try_from(text: String) -> Result<Self, SumSyntax> {
        text.parse()
    }
}

/// What identifies the bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fingerprint {
    /// Length, in bytes.
    pub bytes: u64,
    /// SHA-256 of all bytes.
    pub sha256: Sha256Sum,
}

impl Fingerprint {
    /// Reads the whole file, in constant memory. The descriptor's position is
    /// neither used nor moved, so that threads can share it.
    pub fn of(file: &File) -> io::Result<Fingerprint> {
        let mut block = [0; BLOCK];
        let mut hasher = Sha256::new();
        let mut bytes = 0;
        loop {
            match file.read_at(&mut block, bytes) {
                Ok(0) => break,
                Ok(length) => {
                    hasher.update(&block[..length]);
                    bytes += length as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Fingerprint {
            bytes,
            sha256: Sha256Sum(hasher.finalize().into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const MILLION_A: &str = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn known_answers() {
        for (bytes, sum) in [(&b"abc"[..], ABC), (&vec![b'a'; 1_000_000], MILLION_A)] {
            let fingerprint = Fingerprint::of(&file(bytes)).unwrap();
            assert_eq!(fingerprint.bytes, bytes.len() as u64);
            assert_eq!(fingerprint.sha256.to_string(), sum);
        }
    }

    #[test]
    fn every_block_counts_and_the_position_stays() {
        let mut bytes = vec![7; 2 * BLOCK + 3];
        let mut before = file(&bytes);
        let sum = Fingerprint::of(&before).unwrap();
        assert_eq!(sum.bytes, before.stream_position().unwrap());
        for at in [0, BLOCK, 2 * BLOCK + 2] {
            bytes[at] ^= 1;
            assert_ne!(Fingerprint::of(&file(&bytes)).unwrap(), sum, "byte {at}");
            bytes[at] ^= 1;
        }
    }

    #[test]
    fn text_reads_back_and_other_text_does_not() {
        assert_eq!(ABC.parse::<Sha256Sum>().unwrap().to_string(), ABC);
        for text in ["", "ba78", &ABC.replace('b', "é"), &ABC.replace("ba", "+a")] {
            assert!(text.parse::<Sha256Sum>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Sha256Sum>("\"ba\"").is_err());
    }
}
