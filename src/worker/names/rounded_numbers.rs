//! Numbers of two types, held against each other as the narrower one has them.

use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{Result, WorkerError};
use h5::dtype::{Dtype, Order, TypeClass};

pub(crate) struct Numbers {
    pub(crate) item: usize,
    kind: NumberKind,
    order: Order,
}

#[derive(Clone, Copy)]
enum NumberKind {
    Float,
    Signed,
    Unsigned,
}

impl Numbers {
    /// Of a type whose values can be compared.
    pub(crate) fn of(dtype: &Dtype) -> Result<Self> {
        let unknown = || {
            let why = format!("values of type {} are not compared", dtype.numpy());
            WorkerError::new(FailureKind::Unsupported, why)
        };
        let (kind, order) = match &dtype.kind {
            TypeClass::Float { order, .. } if matches!(dtype.size, 4 | 8) => {
                (NumberKind::Float, *order)
            }
            TypeClass::Integer { signed, order, .. } if matches!(dtype.size, 1 | 2 | 4 | 8) => {
                let kind = match signed {
                    true => NumberKind::Signed,
                    false => NumberKind::Unsigned,
                };
                (kind, *order)
            }
            _ => return Err(unknown()),
        };
        if !dtype.is_standard() {
            return Err(unknown());
        }
        Ok(Numbers {
            item: dtype.size,
            kind,
            order,
        })
    }

    pub(crate) fn values<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = f64> + 'a {
        bytes.chunks_exact(self.item).map(|item| self.value(item))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond 2^53 neighbours are equal here, which never turns one list into another"
    )]
    fn value(&self, item: &[u8]) -> f64 {
        let mut wide = [0_u8; 8];
        wide[..item.len()].copy_from_slice(item);
        if self.order == Order::Big {
            wide[..item.len()].reverse();
        }
        let bits = u64::from_le_bytes(wide);
        let unused = 64 - 8 * u32::try_from(item.len()).unwrap_or(8);
        match (self.kind, item.len()) {
            (NumberKind::Float, 4) => {
                f64::from(f32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]]))
            }
            (NumberKind::Float, _) => f64::from_bits(bits),
            (NumberKind::Signed, _) => (bits.cast_signed() << unused >> unused) as f64,
            (NumberKind::Unsigned, _) => bits as f64,
        }
    }

    /// The position of the first value that is another one. Both are held against each other as the
    /// narrower type has them: a float32 is the float64 that it was rounded from.
    pub(crate) fn hold(
        &self,
        ours: &[u8],
        theirs: impl Iterator<Item = f64>,
    ) -> std::result::Result<(), u64> {
        let narrow = matches!((self.kind, self.item), (NumberKind::Float, 4));
        let pairs = self.values(ours).zip(theirs);
        for (position, (a, b)) in pairs.enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "rounded as the matrix was")]
            let same = match narrow {
                true => a == f64::from(b as f32),
                false => a == b || a == f64::from(b as f32),
            };
            if !(same || a.is_nan() && b.is_nan()) {
                return Err(position as u64);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_size_and_order() {
        let value = |kind, order, bytes: &[u8]| {
            let numbers = Numbers {
                item: bytes.len(),
                kind,
                order,
            };
            numbers.value(bytes)
        };
        use NumberKind::{Float, Signed, Unsigned};
        assert_eq!(value(Float, Order::Little, &1.5_f32.to_le_bytes()), 1.5);
        assert_eq!(value(Float, Order::Big, &(-2.5_f64).to_be_bytes()), -2.5);
        assert_eq!(value(Signed, Order::Big, &(-3_i16).to_be_bytes()), -3.0);
        assert_eq!(value(Signed, Order::Little, &[0xff]), -1.0);
        assert_eq!(value(Unsigned, Order::Little, &[0xff]), 255.0);
    }

    #[test]
    fn a_float32_is_the_number_that_it_was_rounded_from() {
        let numbers = Numbers {
            item: 4,
            kind: NumberKind::Float,
            order: Order::Little,
        };
        let ours: Vec<u8> = [0.1_f32, f32::NAN]
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        assert_eq!(numbers.hold(&ours, [0.1, f64::NAN].into_iter()), Ok(()));
        assert_eq!(numbers.hold(&ours, [0.1, 0.0].into_iter()), Err(1));
        assert_eq!(numbers.hold(&ours, [0.101, f64::NAN].into_iter()), Err(0));
    }
}
