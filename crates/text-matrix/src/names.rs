//! Names of genes, as a text has them.

use string_list::StringList;

/// Names in order, all of them UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(StringList);

impl Names {
    /// Number of names.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name at `index`, from 0.
    pub fn get(&self, index: usize) -> Option<&str> {
        self.0.get(index).map(text)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.iter().map(text)
    }

    /// Adds one at the end.
    pub fn push(&mut self, name: &str) {
        self.0.push(name.as_bytes());
    }

    /// Adds all of `other` at the end.
    pub fn append(&mut self, other: &Names) {
        self.0.append(&other.0);
    }

    /// Forgets them all, but keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// What was pushed as text is text.
fn text(name: &[u8]) -> &str {
    std::str::from_utf8(name).unwrap_or_default()
}
