//! A table of numbers by paths that holds neither the paths nor, twice, their keys: of a million files it takes some megabytes.

use hashbrown::HashTable;
use sha2::{Digest, Sha256};

/// What a path is known by: half of its SHA-256 sum, which nobody can find two paths for.
pub(crate) type Key = [u64; 2];

/// The key of some texts.
pub(crate) fn key_of(texts: &[&[u8]]) -> Key {
    let mut sum = Sha256::new();
    for text in texts {
        sum.update((text.len() as u64).to_le_bytes());
        sum.update(text);
    }
    let sum: [u8; 32] = sum.finalize().into();
    let (words, _) = sum.as_chunks::<8>();
    [u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])]
}

/// Numbers by keys that lie elsewhere: `key` tells that of a number.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyTable(HashTable<u32>);

impl KeyTable {
    pub(crate) fn get(&self, wanted: Key, key: impl Fn(u32) -> Key) -> Option<u32> {
        self.0.find(wanted[0], |it| key(*it) == wanted).copied()
    }

    /// Puts a number in the place of the one with the same key, or adds it.
    pub(crate) fn set(&mut self, number: u32, key: impl Fn(u32) -> Key) {
        let wanted = key(number);
        match self.0.find_mut(wanted[0], |it| key(*it) == wanted) {
            Some(there) => *there = number,
            None => {
                self.0.insert_unique(wanted[0], number, |it| key(*it)[0]);
            }
        }
    }

    pub(crate) fn remove(&mut self, wanted: Key, key: impl Fn(u32) -> Key) {
        if let Ok(found) = self.0.find_entry(wanted[0], |it| key(*it) == wanted) {
            found.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_of_a_key_counts() {
        let keys: Vec<Key> = ["a", "b", "a"]
            .map(|path| key_of(&[path.as_bytes()]))
            .into();
        let key = |number: u32| keys[number as usize];
        let mut table = KeyTable::default();
        for number in 0..3 {
            table.set(number, key);
        }
        assert_eq!(table.get(keys[0], key), Some(2));
        assert_eq!(table.get(keys[1], key), Some(1));
        table.remove(keys[0], key);
        assert_eq!(table.get(keys[0], key), None);
    }

    #[test]
    fn texts_are_told_from_their_parts() {
        assert_ne!(key_of(&[b"ab", b"c"]), key_of(&[b"a", b"bc"]));
    }
}
