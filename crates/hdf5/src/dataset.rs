//! Datasets: reading and writing them by block or by stored chunk.

use crate::dataspace::{Extent, Hyperslab};
use crate::dtype::Dtype;
use crate::elements::Elements;
use crate::error::{H5Error, Result, done};
use crate::handle::{DEFAULT, Handle, id};
use crate::object::Object;
use crate::storage::Properties;
use hdf5_sys::h5::HADDR_UNDEF;
use hdf5_sys::h5d::{
    H5D_space_status_t, H5Dget_offset, H5Dget_space, H5Dget_space_status, H5Dget_storage_size,
    H5Dget_type, H5Dread, H5Dwrite, H5Dwrite_chunk,
};
use std::cell::OnceCell;

/// An open dataset (`H5Oopen`), closed when dropped.
#[derive(Debug)]
pub struct Dataset {
    object: Object,
    properties: OnceCell<Properties>,
}

/// Reads blocks of plain elements through the library's filters.
#[derive(Debug)]
pub struct PlainReader<'a> {
    dataset: &'a Dataset,
    item: usize,
    dtype: Handle,
    space: Handle,
}

impl PlainReader<'_> {
    /// Reads a block into exactly its bytes.
    pub fn read(&self, block: &Hyperslab, bytes: &mut [u8]) -> Result<()> {
        const WHAT: &str = "reading values";
        let expected = crate::dataspace::block_elements(block)?.checked_mul(self.item);
        if expected != Some(bytes.len()) {
            return Err(H5Error::found(WHAT, "the buffer does not fit the block"));
        }
        if bytes.is_empty() {
            return Ok(());
        }
        block.select(&self.space)?;
        let memory = Extent::fixed(&block.length).create()?;
        // SAFETY: the buffer has space for the selected elements in the dataset's own type.
        done(WHAT, || unsafe {
            H5Dread(
                self.dataset.object.id(),
                self.dtype.id(),
                memory.id(),
                self.space.id(),
                DEFAULT,
                bytes.as_mut_ptr().cast(),
            )
        })
    }
}

impl Dataset {
    /// Takes an object that is a dataset.
    pub fn new(object: Object) -> Self {
        Dataset {
            object,
            properties: OnceCell::new(),
        }
    }

    /// The dataset as an object, for its attributes.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// The object that it is.
    pub fn into_object(self) -> Object {
        self.object
    }

    /// Element type, with sizes in memory.
    pub fn dtype(&self) -> Result<Dtype> {
        Dtype::of(&self.type_handle()?)
    }

    /// Length and greatest length of each dimension (`H5Dget_space`).
    pub fn extent(&self) -> Result<Extent> {
        Extent::of(&self.space()?)
    }

    /// Its storage properties, which the library assembles at the first request.
    pub fn properties(&self) -> Result<&Properties> {
        if let Some(known) = self.properties.get() {
            return Ok(known);
        }
        let properties = Properties::of_dataset(self.object.handle())?;
        Ok(self.properties.get_or_init(|| properties))
    }

    /// The fill value's bytes, when the writer set one.
    pub fn fill_value(&self) -> Result<Option<Vec<u8>>> {
        let dtype = self.type_handle()?;
        let size = Dtype::of(&dtype)?.size;
        self.properties()?.fill_value(&dtype, size)
    }

    /// The committed datatype that it uses, if it uses one.
    pub fn committed_type(&self) -> Result<Option<Object>> {
        crate::storage::committed(self.type_handle()?)
    }

    /// Bytes that its values take in the file.
    pub fn stored_bytes(&self) -> u64 {
        // SAFETY: an open dataset. 0 means "none" as well as "could not look"; it decides nothing.
        hdf5::sync::sync(|| unsafe { H5Dget_storage_size(self.object.id()) })
    }

    /// Whether storage for the values exists at all.
    pub fn is_allocated(&self) -> Result<bool> {
        let mut status = H5D_space_status_t::H5D_SPACE_STATUS_NOT_ALLOCATED;
        // SAFETY: an open dataset; the variable outlives the call.
        done("looking for a dataset's storage", || unsafe {
            H5Dget_space_status(self.object.id(), &mut status)
        })?;
        Ok(status != H5D_space_status_t::H5D_SPACE_STATUS_NOT_ALLOCATED)
    }

    /// Position of contiguous values in the file, in bytes.
    pub fn offset(&self) -> Option<u64> {
        // SAFETY: an open dataset. Undefined as well as failed mean: read through the library.
        let offset = hdf5::sync::sync(|| unsafe { H5Dget_offset(self.object.id()) });
        (offset != HADDR_UNDEF).then_some(offset)
    }

    /// Prepares for reading many blocks of plain elements.
    pub fn plain_reader(&self) -> Result<PlainReader<'_>> {
        let dtype = self.type_handle()?;
        Ok(PlainReader {
            dataset: self,
            item: Dtype::of(&dtype)?.size,
            dtype,
            space: self.space()?,
        })
    }

    /// Reads a block of elements of any type.
    pub fn read(&self, block: &Hyperslab) -> Result<Elements> {
        self.read_as(self.dtype()?, block)
    }

    /// The same for callers that have the element type already.
    pub fn read_as(&self, dtype: Dtype, block: &Hyperslab) -> Result<Elements> {
        let space = Extent::fixed(&block.length).create()?;
        let mut elements = Elements::room(dtype, self.type_handle()?, space)?;
        if elements.is_empty() {
            return Ok(elements);
        }
        let space = self.space()?;
        block.select(&space)?;
        let (memory_type, memory) = (elements.memory_type().id(), elements.space().id());
        let buffer = elements.as_mut_ptr();
        // SAFETY: the buffer has space for the selected elements of this type.
        done("reading values", || unsafe {
            H5Dread(
                self.object.id(),
                memory_type,
                memory,
                space.id(),
                DEFAULT,
                buffer,
            )
        })?;
        Ok(elements)
    }

    /// Writes what [`Dataset::read`] read from the same block of another dataset.
    pub fn write(&self, block: &Hyperslab, elements: &Elements) -> Result<()> {
        if elements.is_empty() {
            return Ok(());
        }
        let space = self.space()?;
        block.select(&space)?;
        // SAFETY: the elements were read with this type and number.
        done("writing values", || unsafe {
            H5Dwrite(
                self.object.id(),
                elements.memory_type().id(),
                elements.space().id(),
                space.id(),
                DEFAULT,
                elements.as_ptr(),
            )
        })
    }

    /// Writes one chunk as it is stored, bypassing the library's filters.
    pub fn write_chunk(&self, start: &[u64], filter_mask: u32, bytes: &[u8]) -> Result<()> {
        // SAFETY: `start` has a number for each dimension; the buffer has the stated length.
        done("writing a chunk", || unsafe {
            H5Dwrite_chunk(
                self.object.id(),
                DEFAULT,
                filter_mask,
                start.as_ptr(),
                bytes.len(),
                bytes.as_ptr().cast(),
            )
        })
    }

    pub(crate) fn type_handle(&self) -> Result<Handle> {
        // SAFETY: an open dataset.
        id("reading a dataset's type", || unsafe {
            H5Dget_type(self.object.id())
        })
    }

    pub(crate) fn space(&self) -> Result<Handle> {
        // SAFETY: an open dataset.
        id("reading a dataset's shape", || unsafe {
            H5Dget_space(self.object.id())
        })
    }

    /// Releases the dataset and says whether that worked.
    pub fn close(self) -> Result<()> {
        self.object.close("closing a dataset")
    }
}
