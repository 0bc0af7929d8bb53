//! How objects are stored: creation properties, committed types, filters.

use crate::dataspace::Extent;
use crate::error::{H5Error, Result, count, done, yes};
use crate::file::File;
use crate::handle::{DEFAULT, Handle, encoded, id};
use crate::object::{Object, ObjectKind, Token, untimed};
use hdf5_format::filter::FilterFacts;
use hdf5_format::storage::Storage;
use hdf5_sys::h5d::{H5D_alloc_time_t, H5D_fill_value_t, H5D_layout_t, H5Dget_create_plist};
use hdf5_sys::h5g::H5Gget_create_plist;
use hdf5_sys::h5p::{
    H5P_CLS_DATASET_CREATE, H5P_CRT_ORDER_TRACKED, H5Pcreate, H5Pdecode, H5Pencode2,
    H5Pfill_value_defined, H5Pget_attr_creation_order, H5Pget_chunk, H5Pget_chunk_opts,
    H5Pget_external_count, H5Pget_fill_value, H5Pget_filter2, H5Pget_layout, H5Pget_nfilters,
    H5Premove_filter, H5Pset_alloc_time, H5Pset_chunk, H5Pset_deflate, H5Pset_filter,
    H5Pset_fletcher32, H5Pset_layout, H5Pset_shuffle,
};
use hdf5_sys::h5t::{H5Tcommitted, H5Tget_create_plist};
use hdf5_sys::h5z::{H5Z_FILTER_ALL, H5Z_FLAG_OPTIONAL};

/// Creation properties of a dataset.
#[derive(Debug)]
pub struct Properties {
    list: Handle,
}

/// The filters that a new `/expr` is written with, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filters {
    /// Group the bytes of equal significance first.
    pub shuffle: bool,
    /// Deflate level, 0-9.
    pub level: u8,
    /// Whether each chunk ends with a Fletcher-32 checksum.
    pub fletcher32: bool,
}

/// How the chunks of a matrix that was no HDF5 file before are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip, which every HDF5 reads.
    Gzip(Filters),
    /// LZF, which h5py and PyTables read.
    Lzf,
}

impl Properties {
    /// Of a new dataset in one block.
    pub fn contiguous() -> Result<Self> {
        // SAFETY: a class of property lists.
        let list = id("creating a property list", || unsafe {
            H5Pcreate(*H5P_CLS_DATASET_CREATE)
        })?;
        untimed(&list)?;
        Ok(Properties { list })
    }

    /// Of a new dataset in chunks.
    pub fn chunked(chunks: &[u64], compression: Compression) -> Result<Self> {
        let properties = Properties::contiguous()?;
        match compression {
            Compression::Gzip(filters) => properties.set_stored_as(chunks, filters)?,
            Compression::Lzf => {
                properties.set_chunks(chunks)?;
                // SAFETY: an open dataset creation property list; the filter fills in its own
                // parameters when the dataset is made.
                done("setting lzf", || unsafe {
                    H5Pset_filter(
                        properties.list.id(),
                        i32::try_from(FilterFacts::LZF).unwrap_or(-1),
                        H5Z_FLAG_OPTIONAL,
                        0,
                        std::ptr::null(),
                    )
                })?;
            }
        }
        Ok(properties)
    }

    pub(crate) fn of_dataset(dataset: &Handle) -> Result<Self> {
        // SAFETY: an open dataset.
        let list = id("reading a dataset's properties", || unsafe {
            H5Dget_create_plist(dataset.id())
        })?;
        Ok(Properties { list })
    }

    pub(crate) fn list(&self) -> &Handle {
        &self.list
    }

    /// Layout class (`H5Pget_layout`).
    pub fn storage(&self) -> Result<Storage> {
        // SAFETY: an open dataset creation property list.
        match unsafe { H5Pget_layout(self.list.id()) } {
            H5D_layout_t::H5D_COMPACT => Ok(Storage::Compact),
            H5D_layout_t::H5D_CONTIGUOUS => Ok(Storage::Contiguous),
            H5D_layout_t::H5D_CHUNKED => Ok(Storage::Chunked),
            H5D_layout_t::H5D_LAYOUT_ERROR => Err(H5Error::found(
                "reading a dataset's layout",
                "the library does not know it",
            )),
            _ => Ok(Storage::Virtual),
        }
    }

    /// Lengths of a chunk, when chunked.
    pub fn chunks(&self) -> Result<Option<Vec<u64>>> {
        if self.storage()? != Storage::Chunked {
            return Ok(None);
        }
        // The library allows 32 dimensions (`H5S_MAX_RANK`).
        let mut chunks = vec![0; 32];
        // SAFETY: the buffer holds 32 lengths.
        let rank = count("reading a chunk shape", || unsafe {
            H5Pget_chunk(self.list.id(), 32, chunks.as_mut_ptr())
        })?;
        chunks.truncate(rank);
        Ok(Some(chunks))
    }

    /// Whether the values lie in other files.
    pub fn is_external(&self) -> Result<bool> {
        // SAFETY: an open dataset creation property list.
        let files = count("looking for external storage", || unsafe {
            H5Pget_external_count(self.list.id())
        })?;
        Ok(files > 0)
    }

    /// Whether chunks at the edges are stored without filters (HDF5 1.10).
    pub fn has_unfiltered_edges(&self) -> Result<bool> {
        if self.storage()? != Storage::Chunked {
            return Ok(false);
        }
        let mut options = 0;
        // SAFETY: an open list of a chunked dataset; the variable outlives the call.
        done("reading chunk options", || unsafe {
            H5Pget_chunk_opts(self.list.id(), &mut options)
        })?;
        Ok(options != 0)
    }

    /// The filters, in the order in which a writer applies them.
    pub fn filters(&self) -> Result<Vec<FilterFacts>> {
        // SAFETY: an open dataset creation property list.
        let filters = count("counting filters", || unsafe {
            H5Pget_nfilters(self.list.id())
        })?;
        (0..filters).map(|index| self.filter(index)).collect()
    }

    fn filter(&self, index: usize) -> Result<FilterFacts> {
        let (mut flags, mut config) = (0, 0);
        let mut parameters = vec![0; 64];
        let mut filled = parameters.len();
        let mut name = vec![0_u8; 256];
        let position = u32::try_from(index).unwrap_or(u32::MAX);
        // SAFETY: all buffers are as long as they are said to be.
        let filter = count("reading a filter", || unsafe {
            H5Pget_filter2(
                self.list.id(),
                position,
                &mut flags,
                &mut filled,
                parameters.as_mut_ptr(),
                name.len() - 1,
                name.as_mut_ptr().cast(),
                &mut config,
            )
        })?;
        parameters.truncate(filled);
        let filter = u32::try_from(filter).unwrap_or(u32::MAX);
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(0);
        let written = String::from_utf8_lossy(&name[..end]).into_owned();
        Ok(FilterFacts {
            id: filter,
            name: FilterFacts::known_name(filter).map_or(written, str::to_string),
            parameters,
            available: File::has_filter(filter)?,
        })
    }

    /// The fill value's bytes, when the writer set one of plain bytes.
    pub fn fill_value(&self, dtype: &Handle, item_size: usize) -> Result<Option<Vec<u8>>> {
        let mut status = H5D_fill_value_t::H5D_FILL_VALUE_DEFAULT;
        // SAFETY: an open list; the variable outlives the call.
        done("looking for a fill value", || unsafe {
            H5Pfill_value_defined(self.list.id(), &mut status)
        })?;
        if status != H5D_fill_value_t::H5D_FILL_VALUE_USER_DEFINED {
            return Ok(None);
        }
        let mut value = crate::elements::zeroed(item_size)?;
        // SAFETY: the buffer holds one element of this type.
        done("reading the fill value", || unsafe {
            H5Pget_fill_value(self.list.id(), dtype.id(), value.as_mut_ptr().cast())
        })?;
        Ok(Some(value))
    }

    /// A copy that knows nothing of the file: one by `H5Pcopy` of a list with messages that the file shares refers to its heap.
    fn copied(&self) -> Result<Self> {
        const WHAT: &str = "copying a property list";
        // SAFETY: an open property list, and a buffer of that length.
        let encoded = encoded(WHAT, |buffer, length| unsafe {
            H5Pencode2(self.list.id(), buffer, length, DEFAULT)
        })?;
        // SAFETY: what the library has just encoded.
        let list = id(WHAT, || unsafe { H5Pdecode(encoded.as_ptr().cast()) })?;
        Ok(Properties { list })
    }

    /// The same properties for a copy of this extent whose bytes do not depend on the time.
    pub fn for_copy(&self, extent: &Extent) -> Result<Self> {
        let copy = self.copied()?;
        match (self.storage()?, self.chunks()?) {
            (_, Some(chunks)) => copy.set_chunks(&extent.possible_chunks(&chunks))?,
            (Storage::Compact, None) => copy.set_layout(H5D_layout_t::H5D_COMPACT)?,
            (_, None) => copy.set_layout(H5D_layout_t::H5D_CONTIGUOUS)?,
        }
        untimed(&copy.list)?;
        Ok(copy)
    }

    /// The same for a copy whose storage is allocated only where values are written.
    pub fn for_copy_unallocated(&self, extent: &Extent) -> Result<Self> {
        let copy = self.for_copy(extent)?;
        let when = match copy.storage()? {
            Storage::Chunked => H5D_alloc_time_t::H5D_ALLOC_TIME_INCR,
            Storage::Compact => return Ok(copy),
            Storage::Contiguous | Storage::Virtual => H5D_alloc_time_t::H5D_ALLOC_TIME_LATE,
        };
        // SAFETY: an open dataset creation property list.
        done("setting the allocation time", || unsafe {
            H5Pset_alloc_time(copy.list.id(), when)
        })?;
        Ok(copy)
    }

    /// A list that comes from a dataset remembers the version of its layout message, which may be
    /// newer than the new file allows; setting the layout anew forgets it.
    fn set_layout(&self, layout: H5D_layout_t) -> Result<()> {
        // SAFETY: an open dataset creation property list.
        done("setting the layout", || unsafe {
            H5Pset_layout(self.list.id(), layout)
        })
    }

    fn set_chunks(&self, chunks: &[u64]) -> Result<()> {
        self.set_layout(H5D_layout_t::H5D_CONTIGUOUS)?;
        let rank = i32::try_from(chunks.len()).unwrap_or(i32::MAX);
        // SAFETY: an open dataset creation property list; `chunks` holds `rank` lengths.
        done("setting the chunk shape", || unsafe {
            H5Pset_chunk(self.list.id(), rank, chunks.as_ptr())
        })
    }

    /// The same properties without chunks and filters; the fill value and the attribute order of the old file
    /// stay.
    pub fn stored_as(&self, chunks: &[u64], filters: Filters) -> Result<Self> {
        let copy = self.copied()?;
        copy.set_stored_as(chunks, filters)?;
        Ok(copy)
    }

    fn set_stored_as(&self, chunks: &[u64], filters: Filters) -> Result<()> {
        let list = self.list.id();
        self.set_chunks(chunks)?;
        // SAFETY: an open dataset creation property list, in all calls.
        unsafe {
            // Fails when there is no filter to remove, hence the question first.
            if count("counting filters", || H5Pget_nfilters(list))? > 0 {
                done("removing filters", || {
                    H5Premove_filter(list, H5Z_FILTER_ALL)
                })?;
            }
            done("setting the allocation time", || {
                H5Pset_alloc_time(list, H5D_alloc_time_t::H5D_ALLOC_TIME_INCR)
            })?;
            if filters.shuffle {
                done("setting shuffle", || H5Pset_shuffle(list))?;
            }
            done("setting gzip", || {
                H5Pset_deflate(list, u32::from(filters.level))
            })?;
            if filters.fletcher32 {
                done("setting fletcher32", || H5Pset_fletcher32(list))?;
            }
        }
        untimed(&self.list)
    }
}

/// Whether an object remembers the order in which its attributes were made.
pub(crate) fn tracks_attribute_order(object: &Object) -> Result<bool> {
    let object_id = object.id();
    let kind = object.kind()?;
    // SAFETY: an open object of the kind that the call is for.
    let list = id("reading an object's properties", || unsafe {
        match kind {
            ObjectKind::Group => H5Gget_create_plist(object_id),
            ObjectKind::Dataset => H5Dget_create_plist(object_id),
            ObjectKind::Datatype => H5Tget_create_plist(object_id),
        }
    })?;
    let mut flags = 0;
    // SAFETY: an open object creation property list; the variable outlives the call.
    done("reading an object's properties", || unsafe {
        H5Pget_attr_creation_order(list.id(), &mut flags)
    })?;
    Ok(flags & H5P_CRT_ORDER_TRACKED != 0)
}

/// The type as an object of its own, when it is committed.
pub(crate) fn committed(dtype: Handle) -> Result<Option<Object>> {
    // SAFETY: an open datatype.
    let is_committed = yes("reading a datatype", || unsafe { H5Tcommitted(dtype.id()) })?;
    Ok(is_committed.then(|| Object::from_handle(dtype)))
}

/// The committed datatype of the new file that stands for one of the old file.
pub(crate) fn counterpart(
    old: Option<Object>,
    new: &File,
    name: &dyn Fn(Token) -> Option<Vec<u8>>,
) -> Result<Option<Object>> {
    let Some(old) = old else {
        return Ok(None);
    };
    let path = name(old.token()?).ok_or_else(|| {
        H5Error::found(
            "copying a committed datatype",
            "no link of the file leads to it",
        )
    })?;
    new.object(&path).map(Some)
}
