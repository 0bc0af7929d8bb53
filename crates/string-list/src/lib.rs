//! Many texts in two allocations instead of one each.

/// Bytes of texts, in order. A million of them cost their letters and eight bytes each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StringList {
    letters: Vec<u8>,
    ends: Vec<usize>,
}

impl StringList {
    /// Space for this many; `None` if there is no memory for them.
    pub fn try_with_capacity(count: usize) -> Option<Self> {
        let mut ends = Vec::new();
        ends.try_reserve_exact(count).ok()?;
        Some(StringList {
            letters: Vec::new(),
            ends,
        })
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text at `index`, from 0.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.letters.get(start..end)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + Clone {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |end| &self.letters[std::mem::replace(&mut start, *end)..*end])
    }

    /// Adds one at the end.
    pub fn push(&mut self, text: &[u8]) {
        self.letters.extend_from_slice(text);
        self.ends.push(self.letters.len());
    }

    /// Adds all of `other` at the end.
    pub fn append(&mut self, other: &StringList) {
        let before = self.letters.len();
        self.letters.extend_from_slice(&other.letters);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// Forgets them all, but keeps the memory.
    pub fn clear(&mut self) {
        self.letters.clear();
        self.ends.clear();
    }

    /// Gives back the memory that growing has taken beyond them.
    pub fn shrink(&mut self) {
        self.letters.shrink_to_fit();
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
    fn the_same_letters_cut_elsewhere_are_others() {
        let cut = |texts: [&str; 2]| texts.into_iter().collect::<StringList>();
        assert_eq!(cut(["ab", "c"]), cut(["ab", "c"]));
        assert_ne!(cut(["ab", "c"]), cut(["a", "bc"]));
    }

    #[test]
    fn there_is_no_room_for_whatever_is_claimed() {
        assert!(StringList::try_with_capacity(usize::MAX).is_none());
    }
}
