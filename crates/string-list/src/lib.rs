//! A list of byte strings in two allocations instead of one for each string.
//!
//! ```
//! use string_list::StringList;
//!
//! let mut names: StringList = ["TP53", "BRCA1"].into_iter().collect();
//! names.push(b"MYC");
//! assert_eq!(names.get(1), Some(&b"BRCA1"[..]));
//! assert_eq!(names.iter().map(<[u8]>::len).sum::<usize>(), 12);
//! ```

/// Byte strings in order. A million of them take their bytes and eight bytes each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StringList {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl StringList {
    /// An empty list with room for `count` strings; `None` if that much memory cannot be allocated.
    pub fn try_with_capacity(count: usize) -> Option<Self> {
        let mut ends = Vec::new();
        ends.try_reserve_exact(count).ok()?;
        Some(StringList {
            bytes: Vec::new(),
            ends,
        })
    }

    /// Number of strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The string at `index`, from 0.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }

    /// The strings, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + Clone {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |end| &self.bytes[std::mem::replace(&mut start, *end)..*end])
    }

    /// Appends a string.
    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }

    /// Appends the strings of `other`.
    pub fn append(&mut self, other: &StringList) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// Removes all strings and keeps the allocations.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Shrinks both allocations to what the strings need.
    pub fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for StringList {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut texts = StringList::default();
        texts.extend(all);
        texts
    }
}

impl<T: AsRef<[u8]>> Extend<T> for StringList {
    fn extend<I: IntoIterator<Item = T>>(&mut self, more: I) {
        for text in more {
            self.push(text.as_ref());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_in_order() {
        let texts: StringList = ["a", "", "γ-2", ""].into_iter().collect();
        let mut both = texts.clone();
        both.append(&texts);
        let once: [&[u8]; 4] = [b"a", b"", "γ-2".as_bytes(), b""];
        assert_eq!(both.iter().collect::<Vec<_>>(), [once, once].concat());
        let by_index: Vec<_> = (0..8).filter_map(|index| both.get(index)).collect();
        assert_eq!(by_index, both.iter().collect::<Vec<_>>());
        assert_eq!((both.len(), both.get(8)), (8, None));
        both.clear();
        assert!(both.is_empty() && both.get(0).is_none());
    }

    #[test]
    fn the_same_bytes_cut_elsewhere_are_others() {
        let cut = |texts: [&str; 2]| texts.into_iter().collect::<StringList>();
        assert_eq!(cut(["ab", "c"]), cut(["ab", "c"]));
        assert_ne!(cut(["ab", "c"]), cut(["a", "bc"]));
    }

    #[test]
    fn there_is_no_room_for_whatever_is_claimed() {
        assert!(StringList::try_with_capacity(usize::MAX).is_none());
    }
}
