//! Many names in two allocations instead of one each.

/// Names in order. A million of them cost their letters and eight bytes each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    letters: String,
    ends: Vec<usize>,
}

impl Names {
    /// How many.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The name at `index`, from 0.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.letters.get(start..end)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// Adds one at the end.
    pub fn push(&mut self, name: &str) {
        self.letters.push_str(name);
        self.ends.push(self.letters.len());
    }

    /// Adds all of `other` at the end.
    pub fn append(&mut self, other: &Names) {
        let before = self.letters.len();
        self.letters.push_str(&other.letters);
        self.ends.extend(other.ends.iter().map(|end| before + end));
    }

    /// Forgets them all, but keeps the memory.
    pub fn clear(&mut self) {
        self.letters.clear();
        self.ends.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_in_order() {
        let mut names = Names::default();
        for name in ["a", "", "γ-2", ""] {
            names.push(name);
        }
        let mut both = names.clone();
        both.append(&names);
        let all: Vec<&str> = both.iter().collect();
        assert_eq!(all, ["a", "", "γ-2", "", "a", "", "γ-2", ""]);
        assert_eq!((both.len(), both.get(8)), (8, None));
        both.clear();
        assert!(both.is_empty() && both.get(0).is_none());
    }
}
