//! Lists that are filled without a branch: whether something belongs in one is as good as random.

/// Items of a list at the most: values of a block.
pub(super) const MOST: usize = 1 << 14;

/// Some of a block's values, or what becomes of them.
#[derive(Debug)]
pub(super) struct List<T> {
    items: Box<[T; MOST]>,
    count: usize,
}

impl<T: Copy + Default> Default for List<T> {
    fn default() -> Self {
        List {
            items: Box::new([T::default(); MOST]),
            count: 0,
        }
    }
}

impl<T> List<T> {
    /// What is in it.
    #[inline(always)]
    pub(super) fn items(&self) -> &[T] {
        &self.items[..self.count.min(MOST)]
    }

    /// Forgets what was in it, and has `fill` put something else into it.
    #[inline(always)]
    pub(super) fn refill(&mut self, fill: impl FnOnce(&mut Filling<'_, T>)) {
        // The count stays in a register meanwhile.
        let mut filling = Filling {
            items: &mut self.items,
            count: 0,
        };
        fill(&mut filling);
        self.count = filling.count;
    }
}

/// A list that is being filled.
#[derive(Debug)]
pub(super) struct Filling<'a, T> {
    items: &'a mut [T; MOST],
    count: usize,
}

impl<T> Filling<'_, T> {
    /// Adds an item: one is always written, and only counted where it belongs in the list.
    #[inline(always)]
    pub(super) fn push_if(&mut self, item: T, belongs: bool) {
        self.items[self.count % MOST] = item;
        self.count += usize::from(belongs);
    }

    /// Adds an item.
    #[inline(always)]
    pub(super) fn push(&mut self, item: T) {
        self.push_if(item, true);
    }
}
