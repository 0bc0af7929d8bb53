//! Lists that are filled without a branch: whether something belongs in one is as good as random.

/// Some of a block's values, or what happens to them.
#[derive(Debug, Default)]
pub(crate) struct BranchlessVec<T> {
    items: Vec<T>,
    count: usize,
}

impl<T: Copy + Default> BranchlessVec<T> {
    #[inline(always)]
    pub(crate) fn items(&self) -> &[T] {
        &self.items[..self.count]
    }

    /// Forgets what was in it, and has `fill` put other items into it, `most` at the most.
    #[inline(always)]
    pub(crate) fn refill(&mut self, most: usize, fill: impl FnOnce(&mut Filling<'_, T>)) {
        // One more is written, if only to be left out.
        if self.items.len() <= most {
            self.items.resize(most + 1, T::default());
        }
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
pub(crate) struct Filling<'a, T> {
    items: &'a mut [T],
    count: usize,
}

impl<T> Filling<'_, T> {
    /// Adds an item: one is always written, and only counted where it belongs in the list.
    #[inline(always)]
    pub(crate) fn push_if(&mut self, item: T, belongs: bool) {
        self.items[self.count] = item;
        self.count += usize::from(belongs);
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, item: T) {
        self.push_if(item, true);
    }
}
