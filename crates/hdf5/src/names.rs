//! Lists of names as datasets and as C has text.

use crate::dataset::Dataset;
use crate::dataspace::{Extent, Hyperslab};
use crate::dtype;
use crate::elements::zeroed;
use crate::error::{H5Error, Result, done};
use crate::handle::{DEFAULT, Handle, id};
use crate::link::{Link, link_properties};
use crate::new_dataset;
use crate::object::{Object, untimed};
use hdf5_format::element::StringType;
use hdf5_sys::h5d::H5Dwrite;
use hdf5_sys::h5p::{H5P_CLS_DATASET_CREATE, H5Pcreate};
use hdf5_sys::h5t::{
    H5T_C_S1, H5T_VARIABLE, H5T_cset_t, H5T_str_t, H5Tset_cset, H5Tset_size, H5Tset_strpad,
};
use std::ffi::{c_char, c_void};

/// Names that are written together: the memory for them is a few megabytes.
const PART: usize = 1 << 17;

impl Dataset {
    /// Creates a list of names: UTF-8, one dimension, contiguous.
    pub fn create_names<N: AsRef<[u8]>>(
        group: &Object,
        link: &Link,
        names: impl ExactSizeIterator<Item = N> + Clone,
        string_type: StringType,
    ) -> Result<Self> {
        match string_type {
            StringType::Variable => {
                let list = List::create(group, link, variable_text_type()?, names.len())?;
                list.in_parts(names, |part, at| {
                    let texts = CTexts::of(part)?;
                    // SAFETY: a pointer to NUL-terminated text for each element; `texts` outlives the call.
                    unsafe { list.write(&at, texts.pointers().as_ptr().cast()) }
                })?;
                Ok(list.dataset)
            }
            StringType::Fixed => {
                let longest = names.clone().map(|name| name.as_ref().len()).max();
                // HDF5 has no text of no bytes.
                let width = longest.unwrap_or(0).max(1);
                let list = List::create(group, link, fixed_text_type(width)?, names.len())?;
                list.in_parts(names, |part, at| {
                    let mut padded = zeroed(width.saturating_mul(part.len()))?;
                    for (room, name) in padded.chunks_exact_mut(width).zip(part) {
                        let name = without_nul(name.as_ref())?;
                        room[..name.len()].copy_from_slice(name);
                    }
                    // SAFETY: `width` bytes for each element.
                    unsafe { list.write(&at, padded.as_ptr().cast()) }
                })?;
                Ok(list.dataset)
            }
        }
    }
}

/// A contiguous dataset of one dimension.
struct List {
    dataset: Dataset,
    dtype: Handle,
    length: usize,
}

impl List {
    fn create(group: &Object, link: &Link, dtype: Handle, length: usize) -> Result<Self> {
        let space = Extent::fixed(&[length as u64]).create()?;
        let link_list = link_properties(link.utf8)?;
        // SAFETY: a class of property lists.
        let creation = id("creating a property list", || unsafe {
            H5Pcreate(*H5P_CLS_DATASET_CREATE)
        })?;
        untimed(&creation)?;
        Ok(List {
            dataset: new_dataset::create(group, link, &dtype, &space, &link_list, creation.id())?,
            dtype,
            length,
        })
    }

    /// Passes on some of the elements at a time, and their positions.
    fn in_parts<N>(
        &self,
        mut elements: impl Iterator<Item = N>,
        mut write: impl FnMut(&[N], Hyperslab) -> Result<()>,
    ) -> Result<()> {
        for start in (0..self.length).step_by(PART) {
            let part: Vec<N> = elements.by_ref().take(PART).collect();
            let at = Hyperslab {
                start: vec![start as u64],
                length: vec![part.len() as u64],
            };
            write(&part, at)?;
        }
        Ok(())
    }

    /// # Safety
    ///
    /// `elements` points to as many elements of the type as the block has.
    unsafe fn write(&self, at: &Hyperslab, elements: *const c_void) -> Result<()> {
        let memory = Extent::fixed(&at.length).create()?;
        let space = self.dataset.space()?;
        at.select(&space)?;
        // SAFETY: the caller guarantees the elements.
        done("writing names", || unsafe {
            H5Dwrite(
                self.dataset.object().id(),
                self.dtype.id(),
                memory.id(),
                space.id(),
                DEFAULT,
                elements,
            )
        })
    }
}

/// Names as C has text, one after the other.
pub(crate) struct CTexts {
    bytes: Vec<u8>,
    starts: Vec<usize>,
}

impl CTexts {
    pub(crate) fn of(names: &[impl AsRef<[u8]>]) -> Result<Self> {
        let length = names.iter().map(|name| name.as_ref().len() + 1).sum();
        let mut texts = CTexts {
            bytes: Vec::with_capacity(length),
            starts: Vec::with_capacity(names.len()),
        };
        for name in names {
            texts.starts.push(texts.bytes.len());
            texts.bytes.extend_from_slice(without_nul(name.as_ref())?);
            texts.bytes.push(0);
        }
        Ok(texts)
    }

    /// A pointer to each of them, as long as they live.
    pub(crate) fn pointers(&self) -> Vec<*const c_char> {
        let text = |start: &usize| self.bytes[*start..].as_ptr().cast();
        self.starts.iter().map(text).collect()
    }
}

/// A name, unless a NUL is in it: no reader would see what is behind.
fn without_nul(name: &[u8]) -> Result<&[u8]> {
    match memchr::memchr(0, name) {
        None => Ok(name),
        Some(_) => Err(H5Error::found("writing names", "one contains a NUL")),
    }
}

/// `h5py.string_dtype()`: variable length, UTF-8.
pub(crate) fn variable_text_type() -> Result<Handle> {
    text_type(H5T_VARIABLE)
}

/// `h5py.string_dtype("utf-8", width)`: this many bytes, UTF-8, padded with NULs.
fn fixed_text_type(width: usize) -> Result<Handle> {
    let dtype = text_type(width)?;
    // SAFETY: a private copy of a string type.
    done("making a text type", || unsafe {
        H5Tset_strpad(dtype.id(), H5T_str_t::H5T_STR_NULLPAD)
    })?;
    Ok(dtype)
}

fn text_type(size: usize) -> Result<Handle> {
    let dtype = dtype::copy(*H5T_C_S1)?;
    // SAFETY: a private copy of a string type, in both calls.
    done("making a text type", || unsafe {
        H5Tset_size(dtype.id(), size)
    })?;
    // SAFETY: as above.
    done("making a text type", || unsafe {
        H5Tset_cset(dtype.id(), H5T_cset_t::H5T_CSET_UTF8)
    })?;
    Ok(dtype)
}
