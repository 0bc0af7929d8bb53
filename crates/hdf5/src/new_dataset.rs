//! Datasets that are made anew.

use crate::dataset::Dataset;
use crate::dataspace::{Extent, Hyperslab};
use crate::dtype;
use crate::error::{H5Error, Result, done};
use crate::handle::{DEFAULT, Handle, id};
use crate::link::{Link, link_properties};
use crate::object::Object;
use crate::retype::for_writing;
use crate::storage::Properties;
use hdf5_sys::h5d::{H5Dcreate2, H5Dwrite};
use hdf5_sys::h5t::{H5T_IEEE_F32LE, H5T_IEEE_F64LE};

/// A dataset to be created (`H5Dcreate2`).
#[derive(Debug)]
pub struct NewDataset<'a> {
    /// Its name in the group.
    pub link: &'a Link,
    /// Dataset whose type and extent it takes.
    pub like: &'a Dataset,
    /// Whether its dimensions are in the opposite order.
    pub transpose: bool,
    /// Layout, chunks, filters and fill value.
    pub properties: Properties,
    /// The committed datatype that it uses, if any.
    pub committed: Option<&'a Object>,
}

impl Dataset {
    /// Creates a dataset without values and attributes.
    pub fn create(group: &Object, new: &NewDataset<'_>) -> Result<Self> {
        let names = link_properties(new.link.utf8)?;
        let dtype = new.like.type_handle()?;
        let dtype = new.committed.map_or(&dtype, Object::handle);
        // Made anew: the dataspace of a file that shares object header messages refers to the heap of that file.
        let extent = new.like.extent()?;
        let space = match new.transpose {
            true => extent.transposed().create()?,
            false => extent.create()?,
        };
        create(
            group,
            new.link,
            dtype,
            &space,
            &names,
            new.properties.list().id(),
        )
    }

    /// Creates an empty matrix of little-endian floats of `item` bytes, 4 or 8.
    pub fn create_matrix(
        group: &Object,
        link: &Link,
        item: usize,
        shape: [u64; 2],
        properties: &Properties,
    ) -> Result<Self> {
        let dtype = float_type(item)?;
        let space = Extent::fixed(&shape).create()?;
        let names = link_properties(link.utf8)?;
        let list = properties.list().id();
        create(group, link, &dtype, &space, &names, list)
    }

    /// Writes a block of floats of `item` bytes through the library's filters.
    pub fn write_floats(&self, block: &Hyperslab, item: usize, bytes: &[u8]) -> Result<()> {
        let elements = block.elements().saturating_mul(item as u64);
        if elements != bytes.len() as u64 {
            return Err(H5Error::found("writing values", "their number is another"));
        }
        let dtype = float_type(item)?;
        let memory = Extent::fixed(&block.length).create()?;
        let space = self.space()?;
        block.select(&space)?;
        // SAFETY: the buffer holds the selected elements of this type.
        done("writing values", || unsafe {
            H5Dwrite(
                self.object().id(),
                dtype.id(),
                memory.id(),
                space.id(),
                DEFAULT,
                bytes.as_ptr().cast(),
            )
        })
    }
}

pub(crate) fn create(
    group: &Object,
    link: &Link,
    dtype: &Handle,
    space: &Handle,
    names: &Handle,
    creation: i64,
) -> Result<Dataset> {
    let fresh = for_writing(dtype)?;
    let dtype = fresh.as_ref().unwrap_or(dtype);
    let what = format!("creating the dataset {}", link.name.to_string_lossy());
    // SAFETY: open identifiers and a NUL-terminated name.
    let handle = id(&what, || unsafe {
        H5Dcreate2(
            group.id(),
            link.name.as_ptr(),
            dtype.id(),
            space.id(),
            names.id(),
            creation,
            DEFAULT,
        )
    })?;
    Ok(Dataset::new(Object::from_handle(handle)))
}

/// Little-endian IEEE floats, in the file and in memory.
fn float_type(item: usize) -> Result<Handle> {
    dtype::copy(match item {
        4 => *H5T_IEEE_F32LE,
        8 => *H5T_IEEE_F64LE,
        _ => return Err(H5Error::found("making a type", "no float has this size")),
    })
}
