//! The content digest that h5lift leaves in the root of a file it wrote.
//!
//! Four SHA-256 sums in one line of text, so that a later mismatch says what was damaged. `docs/digest.md`
//! defines how each is computed; the worker computes the sums, here is only the text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Rows whose leaves share one node of the values' tree.
pub(crate) const ROWS_PER_NODE: u64 = 1024;
const SCHEMA: &str = "h5lift-digest/1";

pub(crate) type Sum = [u8; 32];

/// Sums of the whole content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
pub struct ContentDigest {
    /// Values of `/expr`.
    pub values: Sum,
    pub genes: Sum,
    pub samples: Sum,
    /// Everything else except h5lift's own marks.
    pub rest: Sum,
}

impl ContentDigest {
    /// The differences between two digests as text; empty if they are equal.
    pub fn differences(&self, other: &ContentDigest) -> Vec<&'static str> {
        [
            (self.values != other.values, "values of /expr"),
            (self.genes != other.genes, "gene names"),
            (self.samples != other.samples, "sample names"),
            (
                self.rest != other.rest,
                "attributes, types or other objects",
            ),
        ]
        .into_iter()
        .filter_map(|(differs, what)| differs.then_some(what))
        .collect()
    }
}

/// A digest text that h5lift did not write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a digest of h5lift: {0:?}")]
pub struct DigestSyntax(String);

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{SCHEMA} values={} genes={} samples={} rest={}",
            hex(&self.values),
            hex(&self.genes),
            hex(&self.samples),
            hex(&self.rest)
        )
    }
}

impl FromStr for ContentDigest {
    type Err = DigestSyntax;

    fn from_str(text: &str) -> Result<Self, DigestSyntax> {
        let syntax = || DigestSyntax(text.to_string());
        let mut words = text.split(' ');
        if words.next() != Some(SCHEMA) {
            return Err(syntax());
        }
        let mut sum = |key: &str| -> Result<Sum, DigestSyntax> {
            words
                .next()
                .and_then(|word| word.strip_prefix(key)?.strip_prefix('='))
                .and_then(unhex)
                .ok_or_else(syntax)
        };
        let digest = ContentDigest {
            values: sum("values")?,
            genes: sum("genes")?,
            samples: sum("samples")?,
            rest: sum("rest")?,
        };
        match words.next() {
            None => Ok(digest),
            Some(_) => Err(syntax()),
        }
    }
}

impl From<ContentDigest> for String {
    fn from(digest: ContentDigest) -> String {
        digest.to_string()
    }
}

impl TryFrom<String> for ContentDigest {
    type Error = DigestSyntax;
    fn try_from(text: String) -> Result<Self, DigestSyntax> {
        text.parse()
    }
}

/// The sum of a values tree: of its nodes, one after the other.
pub(crate) fn values_root(nodes: &[Sum]) -> Sum {
    let mut hasher = Sha256::new();
    for node in nodes {
        hasher.update(node);
    }
    hasher.finalize().into()
}

/// Lists of sums in JSON, as hexadecimal text.
pub(crate) mod sums {
    use super::{Sum, hex, unhex};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes each sum as text.
    pub(crate) fn serialize<S: Serializer>(
        sums: &Option<Vec<Sum>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let texts = |sums: &Vec<Sum>| sums.iter().map(|sum| hex(sum)).collect::<Vec<String>>();
        sums.as_ref().map(texts).serialize(serializer)
    }

    /// Reads what [`serialize`] wrote.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<Sum>>, D::Error> {
        let Some(texts) = Option::<Vec<String>>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let sum = |text: &String| unhex(text).ok_or_else(|| D::Error::custom("not a SHA-256 sum"));
        texts.iter().map(sum).collect::<Result<_, _>>().map(Some)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend([digit(byte >> 4), digit(*byte)]);
    }
    text
}

pub(crate) fn unhex(text: &str) -> Option<Sum> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16)?).ok();
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut sum = Sum::default();
    if pairs.len() != sum.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in sum.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> ContentDigest {
        ContentDigest {
            values: [1; 32],
            genes: [2; 32],
            samples: [0xab; 32],
            rest: [4; 32],
        }
    }

    #[test]
    fn text_reads_back() {
        assert_eq!(digest().to_string().parse(), Ok(digest()));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "h5lift-digest/2 values=00",
            &digest().to_string()[..100],
            &format!("{} more=1", digest()),
        ] {
            assert!(text.parse::<ContentDigest>().is_err(), "{text}");
        }
    }

    #[test]
    fn differences_are_named() {
        let mut other = digest();
        other.genes[3] ^= 1;
        assert_eq!(digest().differences(&other), ["gene names"]);
    }
}
