//! The values of a matrix, in blocks, in any order and from any number of threads.

use crate::model::lint::EXAMPLES;
use crate::model::lint::issue::shown;
use crate::model::lint::value::Value;
use crate::model::record::finding::Finding;
use std::ops::Range;

/// Values that are examined together: few enough that a 32-bit count is safe and that what is read twice is
/// still in the cache.
const BLOCK: usize = 4096;

#[derive(Debug, Clone)]
pub(crate) struct ValueLint {
    columns: usize,
    /// Columns without a value so far, in order.
    hollow: Vec<usize>,
    values: u64,
    nan: u64,
    infinite: u64,
    negative: u64,
    /// Whether all values so far are whole numbers, as counts are.
    whole: bool,
    beyond: u64,
    /// Limit and name of the values that are beyond.
    precision: Option<(&'static str, &'static str)>,
}

impl ValueLint {
    /// For a matrix with that many columns.
    pub(crate) fn new(columns: usize) -> Self {
        ValueLint {
            columns,
            hollow: (0..columns).collect(),
            values: 0,
            nan: 0,
            infinite: 0,
            negative: 0,
            whole: true,
            beyond: 0,
            precision: None,
        }
    }

    /// Examines whole rows, one after another.
    pub(crate) fn see_rows<V: Value>(&mut self, values: &[V]) {
        self.see_tile(values, 0..self.columns);
    }

    /// Examines a tile: rows of the columns `across`, one after another. Values after the last complete row
    /// are counted, but belong to no column.
    pub(crate) fn see_tile<V: Value>(&mut self, values: &[V], across: Range<usize>) {
        for block in values.chunks(BLOCK) {
            self.count(block);
        }
        self.find_hollow(values, &across);
    }

    /// Leaves out columns that cannot be examined, so that they are not reported as empty.
    pub(crate) fn leave_out(&mut self, unseen: impl Fn(usize) -> bool) {
        self.hollow.retain(|column| !unseen(*column));
    }

    #[cfg(test)]
    pub(crate) fn nan(&self) -> u64 {
        self.nan
    }

    /// The findings, in a fixed order; `sample` knows the names of columns.
    pub(crate) fn findings(&self, sample: impl Fn(usize) -> String) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |code: &str, detail: String| {
            findings.push(Finding {
                code: code.to_string(),
                detail,
            });
        };
        // Without a row, no column has a value, and there is no finding.
        if !self.hollow.is_empty() && self.values > 0 {
            let examples: Vec<String> = self
                .hollow
                .iter()
                .take(EXAMPLES)
                .map(|column| shown(&sample(*column)))
                .collect();
            let subject = match self.hollow.len() {
                1 => "1 sample has".to_string(),
                n => format!("{n} samples have"),
            };
            add(
                "all-nan-samples",
                format!("{subject} no value, only NaN: {}", examples.join(", ")),
            );
        }
        let of_all = |n: u64| format!("{n} of {} values {}", self.values, is_or_are(n));
        if self.nan > 0 {
            add("nan-values", format!("{} NaN", of_all(self.nan)));
        }
        if self.infinite > 0 {
            add(
                "infinite-values",
                format!("{} infinite", of_all(self.infinite)),
            );
        }
        if self.whole && self.negative > 0 {
            add(
                "negative-counts",
                format!(
                    "all values are whole numbers, as counts are, but {} negative",
                    of_all(self.negative)
                ),
            );
        }
        if let (true, Some((limit, name))) = (self.whole, self.precision) {
            add(
                "inexact-counts",
                format!(
                    "{} beyond {limit}, where {name} no longer holds every one",
                    match self.beyond {
                        1 => format!("{} a whole number", of_all(1)),
                        n => format!("{} whole numbers", of_all(n)),
                    }
                ),
            );
        }
        findings
    }

    fn count<V: Value>(&mut self, block: &[V]) {
        let (mut nan, mut infinite, mut negative) = (0_u32, 0_u32, 0_u32);
        for value in block {
            nan += u32::from(value.is_nan());
            infinite += u32::from(value.is_infinite());
            negative += u32::from(value.is_negative());
        }
        self.values += block.len() as u64;
        self.nan += u64::from(nan);
        self.infinite += u64::from(infinite);
        self.negative += u64::from(negative);
        if !self.whole {
            return;
        }
        let (mut fractions, mut beyond) = (0_u32, 0_u32);
        for value in block {
            fractions += u32::from(!value.is_whole());
            beyond += u32::from(value.is_beyond());
        }
        self.whole = fractions == 0;
        self.beyond += u64::from(beyond);
        if beyond > 0 {
            self.precision = Some((V::LIMIT, V::NAME));
        }
    }

    /// Almost all columns have a value in the first row, so that later rows cost nothing.
    fn find_hollow<V: Value>(&mut self, values: &[V], across: &Range<usize>) {
        let first = self.hollow.partition_point(|column| *column < across.start);
        let end = self.hollow.partition_point(|column| *column < across.end);
        if first >= end {
            return;
        }
        let mut left = self.hollow[first..end].to_vec();
        for row in values.chunks_exact(across.len()) {
            left.retain(|column| row[column - across.start].is_nan());
            if left.is_empty() {
                break;
            }
        }
        self.hollow.splice(first..end, left);
    }
}

fn is_or_are(n: u64) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests;
