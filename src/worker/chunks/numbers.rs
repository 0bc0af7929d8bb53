//! Stored bytes -> the numbers that they are, block by block, for code that examines values. Pure.

use crate::model::lint::{Half, Value, ValueLint};
use h5::dtype::{Dtype, Order, TypeClass};
use std::ops::Range;

/// Numbers that are made in one go: they stay in the cache.
const BLOCK: usize = 16 << 10;

/// How a lint reads the elements of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Floats of this many bytes.
    Float(usize, Order),
    /// Signed integers of this many bytes.
    Signed(usize, Order),
    /// These cannot be suspicious: counts that cannot be negative, booleans, labels.
    Unremarkable,
    /// Bits that only the library can decode.
    Unknown(&'static str),
}

impl Numbers {
    /// How to read elements of this type.
    pub(crate) fn of(dtype: &Dtype) -> Self {
        let size = dtype.size;
        match dtype.kind {
            TypeClass::Integer { signed: false, .. } | TypeClass::Enumeration { .. } => {
                Numbers::Unremarkable
            }
            TypeClass::Integer { order, .. }
                if dtype.is_standard()
                    && (size == 1 || matches!(size, 2 | 4 | 8) && order != Order::None) =>
            {
                Numbers::Signed(size, order)
            }
            TypeClass::Float { order, .. } if dtype.is_standard() && order != Order::None => {
                Numbers::Float(size, order)
            }
            TypeClass::Integer { .. } => Numbers::Unknown("integers of an unusual layout"),
            _ => Numbers::Unknown("floats of an unusual layout"),
        }
    }

    /// Passes stored values, whole rows of the columns `across`, to a lint.
    pub(crate) fn show(self, bytes: &[u8], across: Range<usize>, lint: &mut ValueLint) {
        match self {
            Numbers::Float(2, order) => tell(bytes, order, across, lint, |bytes| {
                Half::from_bits(u16::from_le_bytes(bytes))
            }),
            Numbers::Float(4, order) => tell(bytes, order, across, lint, f32::from_le_bytes),
            Numbers::Float(_, order) => tell(bytes, order, across, lint, f64::from_le_bytes),
            Numbers::Signed(1, order) => tell(bytes, order, across, lint, i8::from_le_bytes),
            Numbers::Signed(2, order) => tell(bytes, order, across, lint, i16::from_le_bytes),
            Numbers::Signed(4, order) => tell(bytes, order, across, lint, i32::from_le_bytes),
            Numbers::Signed(_, order) => tell(bytes, order, across, lint, i64::from_le_bytes),
            Numbers::Unremarkable | Numbers::Unknown(_) => {}
        }
    }
}

fn tell<V: Value, const SIZE: usize>(
    bytes: &[u8],
    order: Order,
    across: Range<usize>,
    lint: &mut ValueLint,
    number: impl Fn([u8; SIZE]) -> V,
) {
    let row_bytes = across.len().max(1) * SIZE;
    let rows = (BLOCK / across.len().max(1)).max(1);
    let mut numbers = Vec::new();
    for block in bytes.chunks(rows * row_bytes) {
        let (items, _) = block.as_chunks::<SIZE>();
        numbers.clear();
        match order {
            Order::Big => numbers.extend(items.iter().map(|item| {
                let mut item = *item;
                item.reverse();
                number(item)
            })),
            _ => numbers.extend(items.iter().map(|item| number(*item))),
        }
        lint.see_tile(&numbers, across.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes of the findings about a matrix of two columns.
    fn codes(numbers: Numbers, bytes: &[u8]) -> Vec<String> {
        let mut lint = ValueLint::new(2);
        numbers.show(bytes, 0..2, &mut lint);
        let findings = lint.findings(|column| column.to_string());
        findings.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn floats_of_all_widths_and_orders_are_understood() {
        let nan_and_infinity = ["all-nan-samples", "nan-values", "infinite-values"];
        let single = [f32::NAN, 0.5, f32::NAN, f32::INFINITY];
        let double = single.map(f64::from);
        let half = [0x7e00_u16, 0x3800, 0x7e00, 0x7c00];
        let floats = Numbers::Float;
        for (size, order, bytes) in [
            (2, Order::Little, half.map(u16::to_le_bytes).concat()),
            (2, Order::Big, half.map(u16::to_be_bytes).concat()),
            (4, Order::Little, single.map(f32::to_le_bytes).concat()),
            (4, Order::Big, single.map(f32::to_be_bytes).concat()),
            (8, Order::Little, double.map(f64::to_le_bytes).concat()),
            (8, Order::Big, double.map(f64::to_be_bytes).concat()),
        ] {
            assert_eq!(
                codes(floats(size, order), &bytes),
                nan_and_infinity,
                "{size} {order:?}"
            );
        }
    }

    #[test]
    fn integers_of_all_widths_and_orders_are_understood() {
        for (size, little) in [
            (1, vec![0xfe]),
            (2, (-256_i16).to_le_bytes().to_vec()),
            (4, (-256_i32).to_le_bytes().to_vec()),
            (8, (-256_i64).to_le_bytes().to_vec()),
        ] {
            let bytes = [&vec![0; size][..], &little].concat();
            let found = codes(Numbers::Signed(size, Order::Little), &bytes);
            assert_eq!(found, ["negative-counts"], "{size}");
            let big: Vec<u8> = bytes.iter().rev().copied().collect();
            let found = codes(Numbers::Signed(size, Order::Big), &big);
            assert_eq!(found, ["negative-counts"], "{size}");
        }
        let found = codes(Numbers::Signed(2, Order::Little), &[0xff, 0x00, 0, 0]);
        assert!(found.is_empty(), "255 is not negative");
        let found = codes(Numbers::Signed(2, Order::Big), &[0xff, 0x00, 0, 0]);
        assert_eq!(found, ["negative-counts"], "and -256 is");
    }

    #[test]
    fn rows_wider_than_a_block_and_many_rows_are_counted_once() {
        for columns in [1, 3, BLOCK, BLOCK + 1] {
            let rows = 2 * BLOCK / columns + 1;
            let values = vec![f32::NAN; rows * columns];
            let bytes: Vec<u8> = values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            let mut lint = ValueLint::new(columns);
            Numbers::Float(4, Order::Little).show(&bytes, 0..columns, &mut lint);
            assert_eq!(lint.nan(), (rows * columns) as u64);
        }
    }
}
