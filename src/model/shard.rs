//! One of N parts of a tree, so that N machines share the work without talking to each other.
//!
//! By default the hash of a file's path decides, so that files that are added or removed move no other. The path is
//! the one below the root in which the file was found; for a file that was given itself, it is the path as given. In
//! Python, with the bytes of that path:
//!
//! ```python
//! import hashlib
//! shard = int.from_bytes(hashlib.sha256(path).digest()[:8], "big") % n + 1
//! ```
//!
//! `slice` deals the files out in the order of the walk, one to each shard in turn: even for few files, but an added
//! file moves those after it.

pub(crate) mod estimate;
pub(crate) mod scheduler;

use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// What decides to which shard a file belongs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Split {
    /// The hash of its path.
    #[default]
    Hash,
    /// Its place in the walk.
    Slice,
}

/// Shard `number` of `count`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    split: Split,
    number: u64,
    count: u64,
}

/// What [`Shard::new`] refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("shard {number} of {count}: shards are counted from 1 to the number of shards")]
pub(crate) struct NoSuchShard {
    number: u64,
    count: u64,
}

/// Not the text of a shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShardTextError {
    /// Another form.
    #[error("expected K/N, such as 3/16, slice:K/N, auto or auto/N")]
    Form,
    /// Numbers that do not fit.
    #[error(transparent)]
    Number(#[from] NoSuchShard),
}

impl Shard {
    /// Of numbers in 1..=count.
    pub(crate) fn new(split: Split, number: u64, count: u64) -> Result<Self, NoSuchShard> {
        match (1..=count).contains(&number) {
            true => Ok(Shard {
                split,
                number,
                count,
            }),
            false => Err(NoSuchShard { number, count }),
        }
    }

    /// From 1.
    pub(crate) fn number(self) -> u64 {
        self.number
    }

    pub(crate) fn count(self) -> u64 {
        self.count
    }

    /// What decides.
    pub(crate) fn split(self) -> Split {
        self.split
    }

    /// Whether a file belongs to it. `path` is described above; `index` is the place of the file in the walk, from 0.
    pub(crate) fn holds(self, path: &[u8], index: usize) -> bool {
        let of = match self.split {
            Split::Hash => shard_of(path, self.count),
            Split::Slice => index as u64 % self.count + 1,
        };
        of == self.number
    }
}

/// The shard of a path, from 1.
fn shard_of(path: &[u8], count: u64) -> u64 {
    let sum = Sha256::digest(path);
    let first = sum.iter().take(8);
    first.fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte)) % count + 1
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.split {
            Split::Hash => "",
            Split::Slice => SLICE,
        };
        write!(f, "{prefix}{}/{}", self.number, self.count)
    }
}

const SLICE: &str = "slice:";
const HASH: &str = "hash:";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardChoice {
    Given(Shard),
    /// The one that the scheduler's variables name.
    Auto {
        /// What decides.
        split: Split,
        /// How many there are, where the scheduler does not say it.
        count: Option<u64>,
    },
}

impl FromStr for ShardChoice {
    type Err = ShardTextError;

    fn from_str(text: &str) -> Result<Self, ShardTextError> {
        let (split, rest) = match text.strip_prefix(SLICE) {
            Some(rest) => (Split::Slice, rest),
            None => (Split::Hash, text.strip_prefix(HASH).unwrap_or(text)),
        };
        if rest == AUTO {
            return Ok(ShardChoice::Auto { split, count: None });
        }
        let (number, count) = rest.split_once('/').ok_or(ShardTextError::Form)?;
        let count = digits(count).ok_or(ShardTextError::Form)?;
        if number == AUTO {
            // No shard is in 1..=0.
            Shard::new(split, count, count)?;
            let count = Some(count);
            return Ok(ShardChoice::Auto { split, count });
        }
        let number = digits(number).ok_or(ShardTextError::Form)?;
        Ok(ShardChoice::Given(Shard::new(split, number, count)?))
    }
}

const AUTO: &str = "auto";

/// A number without a sign.
fn digits(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_documented_one() {
        // int.from_bytes(hashlib.sha256(path).digest()[:8], "big") % n + 1
        for (path, expected) in [
            (&b"a.h5"[..], [1, 1, 7, 431]),
            (b"batch-1/a.h5", [1, 2, 12, 76]),
            ("batch-1/caf\u{e9}.h5".as_bytes(), [1, 1, 3, 803]),
            (b"batch-1/caf\xe9.h5", [1, 2, 6, 918]),
        ] {
            assert_eq!(
                [1, 2, 16, 1000].map(|count| shard_of(path, count)),
                expected
            );
        }
    }

    #[test]
    fn every_file_is_in_one_shard_and_added_files_move_none() {
        let path = |number: usize| format!("batch-{}/sample {number}.h5", number % 7).into_bytes();
        let held = |split, count, path: &[u8], index| {
            let shards = (1..=count).map(|number| Shard::new(split, number, count).unwrap());
            let held: Vec<u64> = shards
                .filter(|shard| shard.holds(path, index))
                .map(Shard::number)
                .collect();
            assert_eq!(held.len(), 1, "{count} shards");
            held[0]
        };
        for count in 1..=1000 {
            for index in 0..40 {
                let path = path(index);
                let before = held(Split::Hash, count, &path, index);
                held(Split::Slice, count, &path, index);
                // A tenth more files before it in the walk.
                assert_eq!(
                    held(Split::Hash, count, &path, index + index / 10 + 1),
                    before
                );
            }
        }
    }

    #[test]
    fn shards_are_about_equal() {
        let mut files = [0_u64; 16];
        for number in 0..16_000 {
            let path = format!("{number}.h5");
            files[usize::try_from(shard_of(path.as_bytes(), 16)).unwrap() - 1] += 1;
        }
        assert!(
            files.iter().all(|files| (850..1150).contains(files)),
            "{files:?}"
        );
        let slice = |number| Shard::new(Split::Slice, number, 3).unwrap();
        let sizes =
            [1, 2, 3].map(|number| (0..10).filter(|at| slice(number).holds(b"", *at)).count());
        assert_eq!(sizes, [4, 3, 3]);
    }

    #[test]
    fn texts_are_read_strictly() {
        let given = |split, number, count| {
            Ok(ShardChoice::Given(
                Shard::new(split, number, count).unwrap(),
            ))
        };
        let auto = |split, count| Ok(ShardChoice::Auto { split, count });
        assert_eq!("3/16".parse(), given(Split::Hash, 3, 16));
        assert_eq!("hash:3/16".parse(), given(Split::Hash, 3, 16));
        assert_eq!("slice:16/16".parse(), given(Split::Slice, 16, 16));
        assert_eq!("auto".parse(), auto(Split::Hash, None));
        assert_eq!("slice:auto/4".parse(), auto(Split::Slice, Some(4)));
        for text in [
            "", "3", "+3/16", "3/ 16", "a/b", "auto/", "3/16/2", "rest:1/2", "/",
        ] {
            let read: Result<ShardChoice, _> = text.parse();
            assert_eq!(read, Err(ShardTextError::Form), "{text}");
        }
        for text in ["0/16", "17/16", "0/0", "auto/0"] {
            let read: Result<ShardChoice, _> = text.parse();
            assert!(matches!(read, Err(ShardTextError::Number(_))), "{text}");
        }
        let shard = Shard::new(Split::Slice, 3, 16).unwrap();
        assert_eq!(shard.to_string().parse(), given(Split::Slice, 3, 16));
    }
}
