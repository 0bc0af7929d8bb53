//! What was counted while values were read, and what the user should know of it.

/// Counts of values that are not what they were in the text, or that are not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueCounts {
    /// Missing values: `NA`, an empty field and the like, read as NaN.
    pub missing: u64,
    /// Infinities that the text spells out.
    pub infinite: u64,
    /// Numbers too large for the type of the values, read as infinities.
    pub overflowed: u64,
    /// Numbers other than 0 that are too small for the type, read as 0.
    pub vanished: u64,
    /// Whole numbers above 2^24 that float32 cannot hold, rounded.
    pub rounded_integers: u64,
    /// Missing values of each sample; empty when there are none at all.
    pub missing_by_sample: Vec<u64>,
}

impl ValueCounts {
    pub(crate) fn miss(&mut self, sample: usize, samples: usize) {
        self.missing += 1;
        if self.missing_by_sample.is_empty() {
            self.missing_by_sample.resize(samples, 0);
        }
        self.missing_by_sample[sample] += 1;
    }

    pub(crate) fn add(&mut self, other: &ValueCounts) {
        self.missing += other.missing;
        self.infinite += other.infinite;
        self.overflowed += other.overflowed;
        self.vanished += other.vanished;
        self.rounded_integers += other.rounded_integers;
        if self.missing_by_sample.is_empty() {
            self.missing_by_sample.clone_from(&other.missing_by_sample);
        } else {
            for (mine, theirs) in self
                .missing_by_sample
                .iter_mut()
                .zip(&other.missing_by_sample)
            {
                *mine += theirs;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up() {
        let mut one = ValueCounts::default();
        let mut two = ValueCounts::default();
        two.miss(1, 3);
        one.add(&two);
        one.add(&ValueCounts::default());
        two.miss(2, 3);
        one.add(&two);
        assert_eq!((one.missing, one.missing_by_sample), (3, vec![0, 2, 1]));
    }
}
