//! Extents of datasets and attributes, and selections in them.

use crate::error::{Result, count, done, index};
use crate::handle::{Handle, id};
use hdf5_format::storage::possible_chunks;
use hdf5_sys::h5::hsize_t;
use hdf5_sys::h5s::{
    H5S_NULL, H5S_SELECT_SET, H5S_UNLIMITED, H5Screate, H5Screate_simple,
    H5Sget_simple_extent_dims, H5Sget_simple_extent_ndims, H5Sget_simple_extent_type,
    H5Sselect_hyperslab, H5Sselect_none,
};
use std::ptr;

/// The extent of a dataset or attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// No element at all (`H5S_NULL`).
    Null,
    /// One element (no dimension) or a grid; `None` in `maximum` is unlimited.
    Grid {
        /// Length of each dimension.
        shape: Vec<u64>,
        /// Length that each dimension may grow to.
        maximum: Vec<Option<u64>>,
    },
}

impl Extent {
    /// A grid that cannot grow.
    pub fn fixed(shape: &[u64]) -> Self {
        Extent::Grid {
            shape: shape.to_vec(),
            maximum: shape.iter().map(|n| Some(*n)).collect(),
        }
    }

    /// Length of each dimension; empty for a scalar and for nothing.
    pub fn shape(&self) -> &[u64] {
        match self {
            Extent::Null => &[],
            Extent::Grid { shape, .. } => shape,
        }
    }

    /// Product of the dimensions, `u64::MAX` if it overflows; 1 for a scalar.
    pub fn elements(&self) -> u64 {
        match self {
            Extent::Null => 0,
            Extent::Grid { shape, .. } => shape.iter().fold(1, |n, d| n.saturating_mul(*d)),
        }
    }

    /// The chunk shape nearest to `chunks` that a new dataset of this extent may have.
    pub fn possible_chunks(&self, chunks: &[u64]) -> Vec<u64> {
        match self {
            Extent::Null => chunks.to_vec(),
            Extent::Grid { maximum, .. } => possible_chunks(chunks, maximum),
        }
    }

    /// The same with its dimensions in the opposite order.
    #[must_use]
    pub fn transposed(self) -> Self {
        match self {
            Extent::Null => Extent::Null,
            Extent::Grid {
                mut shape,
                mut maximum,
            } => {
                shape.reverse();
                maximum.reverse();
                Extent::Grid { shape, maximum }
            }
        }
    }

    pub(crate) fn of(space: &Handle) -> Result<Self> {
        let space = space.id();
        // SAFETY: `space` is an open dataspace.
        let class = unsafe { H5Sget_simple_extent_type(space) };
        if class == H5S_NULL {
            return Ok(Extent::Null);
        }
        // SAFETY: as above.
        let rank = count("reading a dataspace", || unsafe {
            H5Sget_simple_extent_ndims(space)
        })?;
        let mut shape: Vec<hsize_t> = vec![0; rank];
        let mut maximum: Vec<hsize_t> = vec![0; rank];
        // SAFETY: both buffers hold `rank` lengths.
        count("reading a dataspace", || unsafe {
            H5Sget_simple_extent_dims(space, shape.as_mut_ptr(), maximum.as_mut_ptr())
        })?;
        let maximum = maximum
            .into_iter()
            .map(|n| (n != H5S_UNLIMITED).then_some(n))
            .collect();
        Ok(Extent::Grid { shape, maximum })
    }

    pub(crate) fn create(&self) -> Result<Handle> {
        match self {
            // SAFETY: no arguments but a class.
            Extent::Null => id("creating a dataspace", || unsafe { H5Screate(H5S_NULL) }),
            Extent::Grid { shape, maximum } => {
                let maximum: Vec<hsize_t> =
                    maximum.iter().map(|n| n.unwrap_or(H5S_UNLIMITED)).collect();
                let rank = i32::try_from(shape.len()).unwrap_or(i32::MAX);
                // SAFETY: both arrays hold `rank` lengths.
                id("creating a dataspace", || unsafe {
                    H5Screate_simple(rank, shape.as_ptr(), maximum.as_ptr())
                })
            }
        }
    }
}

/// A block of elements: where it starts and how long it is in each dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hyperslab {
    /// First element in each dimension.
    pub start: Vec<u64>,
    /// Elements in each dimension.
    pub length: Vec<u64>,
}

impl Hyperslab {
    /// Product of its lengths.
    pub fn elements(&self) -> u64 {
        self.length.iter().product()
    }

    pub(crate) fn select(&self, space: &Handle) -> Result<()> {
        // SAFETY: an open dataspace.
        if self.length.is_empty() {
            return Ok(());
        }
        let space = space.id();
        if self.elements() == 0 {
            // SAFETY: an open dataspace.
            return done("selecting nothing", || unsafe { H5Sselect_none(space) });
        }
        // SAFETY: both arrays hold as many lengths as the dataspace has dimensions.
        done("selecting a hyperslab", || unsafe {
            H5Sselect_hyperslab(
                space,
                H5S_SELECT_SET,
                self.start.as_ptr(),
                ptr::null(),
                self.length.as_ptr(),
                ptr::null(),
            )
        })
    }
}

/// Cuts a grid into blocks of at most `most` elements, in row-major order, so that any dataset
/// can be read in bounded memory. Lazy: a header may claim any number of them.
pub fn blocks(shape: &[u64], most: u64) -> impl Iterator<Item = Hyperslab> + use<> {
    let shape = shape.to_vec();
    let length = block_length(&shape, most);
    let mut next = (!shape.contains(&0)).then(|| vec![0; shape.len()]);
    std::iter::from_fn(move || {
        let start = next.take()?;
        let block = Hyperslab {
            length: (0..shape.len())
                .map(|axis| length[axis].min(shape[axis] - start[axis]))
                .collect(),
            start: start.clone(),
        };
        next = following(start, &shape, &length);
        Some(block)
    })
}

/// Whole trailing dimensions while they fit; the first that does not is cut.
fn block_length(shape: &[u64], most: u64) -> Vec<u64> {
    let mut length = vec![1; shape.len()];
    let mut elements: u64 = 1;
    for axis in (0..shape.len()).rev() {
        let fits = (most.max(1) / elements).max(1).min(shape[axis]);
        length[axis] = fits;
        elements = elements.saturating_mul(fits);
        if fits < shape[axis] {
            break;
        }
    }
    length
}

fn following(mut start: Vec<u64>, shape: &[u64], length: &[u64]) -> Option<Vec<u64>> {
    let axis = (0..shape.len())
        .rev()
        .find(|axis| start[*axis] + length[*axis] < shape[*axis])?;
    start[axis] += length[axis];
    start[axis + 1..].fill(0);
    Some(start)
}

/// Elements of a block as an index, or an error that names the size.
pub(crate) fn block_elements(block: &Hyperslab) -> Result<usize> {
    index("reading a block", block.elements())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_every_element_once_and_stay_small() {
        for shape in [vec![7, 5], vec![3, 4, 5], vec![1], vec![10], vec![2, 1, 9]] {
            for most in [1, 2, 4, 7, 100] {
                let mut seen = std::collections::BTreeSet::new();
                for block in blocks(&shape, most) {
                    assert!(
                        block.elements() <= most.max(1),
                        "{shape:?} {most} {block:?}"
                    );
                    for flat in 0..block.elements() {
                        let mut rest = flat;
                        let mut index = vec![0; shape.len()];
                        for axis in (0..shape.len()).rev() {
                            index[axis] = block.start[axis] + rest % block.length[axis];
                            rest /= block.length[axis];
                        }
                        assert!(seen.insert(index));
                    }
                }
                assert_eq!(seen.len() as u64, shape.iter().product::<u64>());
            }
        }
    }

    #[test]
    fn a_scalar_is_one_block_and_nothing_is_none() {
        assert_eq!(blocks(&[], 10).count(), 1);
        assert_eq!(blocks(&[0, 5], 10).count(), 0);
    }
}
