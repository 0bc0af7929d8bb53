//! Opening and creating files.
//!
//! The library gets open descriptors and no paths, by a file driver of this crate: it opens nothing itself.

use crate::driver::{Backing, NAME, opening, use_in};
use crate::error::{H5Error, Result, done, yes};
use crate::group::copy_orders;
use crate::handle::{DEFAULT, Handle, id};
use crate::link::{Link, link_properties};
use crate::object::{Object, untimed};
use crate::retype::without_encoding;
use hdf5_sys::h5ac::{H5AC__CURR_CACHE_CONFIG_VERSION, H5AC_cache_config_t};
use hdf5_sys::h5f::{
    H5F_ACC_RDONLY, H5F_ACC_TRUNC, H5F_close_degree_t, H5F_libver_t, H5F_scope_t, H5Fcreate,
    H5Fflush, H5Fget_create_plist, H5Fopen,
};
use hdf5_sys::h5g::H5Gget_create_plist;
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5l::H5Lcreate_hard;
use hdf5_sys::h5p::{
    H5P_CLS_FILE_ACCESS, H5P_CLS_FILE_CREATE, H5Pcreate, H5Pget_mdc_config, H5Pget_userblock,
    H5Pset_cache, H5Pset_fclose_degree, H5Pset_libver_bounds, H5Pset_mdc_config, H5Pset_userblock,
};
use hdf5_sys::h5t::{H5Tcommit_anon, H5Tget_create_plist};
use std::ffi::{CStr, CString};
use std::fs;
use std::sync::{Arc, OnceLock};

/// An open HDF5 file.
#[derive(Debug)]
pub struct File {
    handle: Handle,
    backing: Backing,
}

impl File {
    /// Reads an HDF5 file; a descriptor that is open read-only keeps it so.
    pub fn open(descriptor: fs::File) -> Result<Self> {
        File::open_backing(Backing::of(descriptor)?)
    }

    /// Reads an HDF5 file as one piece first; the library gets it from memory.
    pub fn open_whole(descriptor: fs::File) -> Result<Self> {
        File::open_backing(Backing::image(descriptor)?)
    }

    fn open_backing(backing: Backing) -> Result<Self> {
        let access = reading_properties()?;
        let handle = id("opening the file", || {
            opening(&backing, || unsafe {
                // SAFETY: a NUL-terminated name and an open property list.
                H5Fopen(NAME.as_ptr(), H5F_ACC_RDONLY, access)
            })
        })?;
        Ok(File { handle, backing })
    }

    /// Overwrites a file that exists with an empty HDF5 file that HDF5 1.8 and later can open.
    /// User block length and the root's order of links and attributes are those of `like`, if any.
    pub fn create(descriptor: fs::File, like: Option<&File>) -> Result<Self> {
        let access = writing_properties()?;
        let creation = creation_properties(like)?;
        let backing = Backing::of(descriptor)?;
        let handle = id("creating the file", || {
            opening(&backing, || unsafe {
                // SAFETY: a NUL-terminated name and two open property lists.
                H5Fcreate(NAME.as_ptr(), H5F_ACC_TRUNC, creation.id(), access)
            })
        })?;
        Ok(File { handle, backing })
    }

    /// The descriptor beneath, for reading stored bytes without the library.
    pub fn descriptor(&self) -> &fs::File {
        self.backing.descriptor()
    }

    /// All bytes of a file that was read as one piece.
    pub fn image(&self) -> Option<&Vec<u8>> {
        self.backing.bytes()
    }

    /// Length of the file in bytes, as it was when it was opened.
    pub fn length(&self) -> u64 {
        self.backing.length()
    }

    /// Length of the user block in bytes.
    pub fn user_block(&self) -> Result<u64> {
        // SAFETY: an open file.
        let creation = id("reading file properties", || unsafe {
            H5Fget_create_plist(self.handle.id())
        })?;
        let mut bytes = 0;
        // SAFETY: an open property list; the variable outlives the call.
        done("reading the user block", || unsafe {
            H5Pget_userblock(creation.id(), &mut bytes)
        })?;
        Ok(bytes)
    }

    /// The root group, opened anew at each call.
    pub fn root(&self) -> Result<Object> {
        Object::open(&self.handle, c"/")
    }

    /// The object at an absolute path.
    pub fn object(&self, path: &[u8]) -> Result<Object> {
        let path = CString::new(path)
            .map_err(|_| H5Error::found("opening an object", "its path contains a NUL"))?;
        Object::open(&self.handle, &path)
    }

    /// Gives the object at a path a further name, in this group.
    pub fn link_again(&self, path: &CStr, group: &Object, link: &Link) -> Result<()> {
        let names = link_properties(link.utf8)?;
        // SAFETY: open identifiers and NUL-terminated names.
        done("creating a hard link", || unsafe {
            H5Lcreate_hard(
                self.handle.id(),
                path.as_ptr(),
                group.id(),
                link.name.as_ptr(),
                names.id(),
                DEFAULT,
            )
        })
    }

    /// Commits a copy of a datatype without a name; [`Object::link_object`] gives it one.
    pub fn commit_anonymously(&self, like: &Object) -> Result<Object> {
        let dtype = without_encoding(like.handle())?;
        // SAFETY: an open committed datatype.
        let creation = id("reading a datatype's properties", || unsafe {
            H5Tget_create_plist(like.id())
        })?;
        untimed(&creation)?;
        // SAFETY: open identifiers.
        done("committing a datatype", || unsafe {
            H5Tcommit_anon(self.handle.id(), dtype.id(), creation.id(), DEFAULT)
        })?;
        Ok(Object::from_handle(dtype))
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Writes everything and closes; only after this is the file complete.
    pub fn close(self) -> Result<Arc<fs::File>> {
        // SAFETY: an open file.
        done("flushing the file", || unsafe {
            H5Fflush(self.handle.id(), H5F_scope_t::H5F_SCOPE_GLOBAL)
        })?;
        self.handle.close("closing the file")?;
        Ok(self.backing.into_descriptor())
    }

    /// Whether the library can apply a filter.
    pub fn has_filter(filter: u32) -> Result<bool> {
        let filter = i32::try_from(filter).unwrap_or(-1);
        // SAFETY: any number may be asked for.
        yes("asking for a filter", || unsafe {
            hdf5_sys::h5z::H5Zfilter_avail(filter)
        })
    }
}

/// Slots of the table that the library makes for each chunked dataset that is opened, and the bytes of chunks
/// that it keeps (`H5Pset_cache`).
const CACHED_CHUNKS: usize = 521;
const CACHE_BYTES: usize = 1 << 20;
/// Bytes of metadata that the library keeps at first (`H5Pset_mdc_config`).
const METADATA_BYTES: usize = 512 << 10;

/// How originals are opened: without library version bounds. The high bound is checked in reading as well, so that
/// a bound of 1.8 refuses each file that has a file-space strategy, which HDF5 1.10 introduced.
///
/// The list stays for the life of the process: creating it takes as long as opening a file with it.
fn reading_properties() -> Result<hid_t> {
    static SHARED: OnceLock<hid_t> = OnceLock::new();
    shared(&SHARED, access_properties)
}

/// How new files are created: in the format of HDF5 1.8, which checksums its object headers and holds attributes of
/// any size. Pinned: the library's default changed in HDF5 2.0.
fn writing_properties() -> Result<hid_t> {
    static SHARED: OnceLock<hid_t> = OnceLock::new();
    shared(&SHARED, writing_list)
}

pub(crate) fn writing_list() -> Result<Handle> {
    let access = access_properties()?;
    // SAFETY: an open file access property list.
    done("setting library version bounds", || unsafe {
        H5Pset_libver_bounds(
            access.id(),
            H5F_libver_t::H5F_LIBVER_V18,
            H5F_libver_t::H5F_LIBVER_V18,
        )
    })?;
    Ok(access)
}

fn shared(list: &OnceLock<hid_t>, create: impl FnOnce() -> Result<Handle>) -> Result<hid_t> {
    match list.get() {
        Some(list) => Ok(*list),
        None => {
            let created = create()?.keep();
            Ok(*list.get_or_init(|| created))
        }
    }
}

/// What reading and writing have in common.
fn access_properties() -> Result<Handle> {
    // SAFETY: a class of property lists.
    let access = id("creating a property list", || unsafe {
        H5Pcreate(*H5P_CLS_FILE_ACCESS)
    })?;
    use_in(&access)?;
    // The default before HDF5 2.0, for which files were chunked. Eight times as much is memory that is touched
    // for the first time at each chunk: values are read chunk by chunk, and none of them twice.
    // SAFETY: an open file access property list, in all calls.
    done("limiting the cache of chunks", || unsafe {
        H5Pset_cache(access.id(), 0, CACHED_CHUNKS, CACHE_BYTES, 0.75)
    })?;
    limit_metadata(&access)?;
    // A forgotten handle would keep the file open unnoticed; strong closes all of them. SAFETY: as above.
    done("setting the close degree", || unsafe {
        H5Pset_fclose_degree(access.id(), H5F_close_degree_t::H5F_CLOSE_STRONG)
    })?;
    Ok(access)
}

/// The cache of metadata begins small, and grows where too little is found in it. It counts bytes of the file: a node
/// of a chunk index takes eight times as much in memory, and a new index fills one node after the other.
fn limit_metadata(access: &Handle) -> Result<()> {
    const WHAT: &str = "limiting the cache of metadata";
    let mut config = H5AC_cache_config_t {
        version: H5AC__CURR_CACHE_CONFIG_VERSION,
        ..H5AC_cache_config_t::default()
    };
    // SAFETY: an open file access property list; the configuration says its version and outlives the call.
    done(WHAT, || unsafe {
        H5Pget_mdc_config(access.id(), &mut config)
    })?;
    config.set_initial_size = 1;
    config.initial_size = METADATA_BYTES;
    config.min_size = METADATA_BYTES;
    // SAFETY: as above.
    done(WHAT, || unsafe { H5Pset_mdc_config(access.id(), &config) })
}

pub(crate) fn creation_properties(like: Option<&File>) -> Result<Handle> {
    // SAFETY: a class of property lists.
    let creation = id("creating a property list", || unsafe {
        H5Pcreate(*H5P_CLS_FILE_CREATE)
    })?;
    untimed(&creation)?;
    let Some(like) = like else {
        return Ok(creation);
    };
    let user_block = like.user_block()?;
    if user_block > 0 {
        // SAFETY: an open file creation property list.
        done("setting the user block", || unsafe {
            H5Pset_userblock(creation.id(), user_block)
        })?;
    }
    let root = like.root()?;
    // SAFETY: an open group.
    let old = id("reading group properties", || unsafe {
        H5Gget_create_plist(root.id())
    })?;
    copy_orders(&old, &creation)?;
    Ok(creation)
}
