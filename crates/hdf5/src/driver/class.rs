//! The description of a file driver, as HDF5 1.14 to 2.2 have it (`H5FDdevelop.h`). The bindings of the library have an
//! older one.

use crate::driver;
use hdf5_sys::h5::{haddr_t, herr_t, hsize_t};
use hdf5_sys::h5fd::{
    H5FD_FEAT_ACCUMULATE_METADATA, H5FD_FEAT_AGGREGATE_METADATA, H5FD_FEAT_AGGREGATE_SMALLDATA,
    H5FD_FEAT_DATA_SIEVE, H5FD_FEAT_DEFAULT_VFD_COMPATIBLE,
};
use hdf5_sys::h5i::hid_t;
use std::ffi::{c_char, c_int, c_uint, c_ulong, c_void};

/// `H5FD_CLASS_VERSION`.
const VERSION: c_uint = 1;
/// The library leaves the numbers from 256 to 511 to drivers of one program.
const NUMBER: c_int = 311;
/// `H5FD_MAXADDR`: what fits into the operating system's signed type.
const HIGHEST_ADDRESS: haddr_t = i64::MAX as haddr_t;
/// `H5F_CLOSE_WEAK`.
const CLOSE_WEAK: c_int = 1;
/// `H5FD_FLMAP_DICHOTOMY`: values and global heaps apart from other metadata.
const FREE_LISTS: [c_int; 7] = [1, 1, 1, 3, 3, 1, 1];
/// `H5FD_FEAT_SUPPORTS_SWMR_IO`, which the bindings lack.
const SWMR: c_uint = 0x1000;

/// What the library may do with such files.
pub(super) const FEATURES: c_ulong = (H5FD_FEAT_AGGREGATE_METADATA
    | H5FD_FEAT_ACCUMULATE_METADATA
    | H5FD_FEAT_DATA_SIEVE
    | H5FD_FEAT_AGGREGATE_SMALLDATA
    | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE
    | SWMR) as c_ulong;

/// A function that this driver lacks.
type Lacking = Option<unsafe extern "C" fn()>;
/// Reads or writes one range of addresses.
type Transfer<B> = unsafe extern "C" fn(*mut FileHead, c_int, hid_t, haddr_t, usize, B) -> herr_t;

/// `H5FD_class_t`.
#[repr(C)]
pub(super) struct Class {
    pub(super) version: c_uint,
    pub(super) value: c_int,
    pub(super) name: *const c_char,
    pub(super) highest_address: haddr_t,
    pub(super) close_degree: c_int,
    pub(super) terminate: Lacking,
    pub(super) superblock: [Lacking; 3],
    pub(super) access_size: usize,
    pub(super) access: [Lacking; 3],
    pub(super) transfer_size: usize,
    pub(super) transfer: [Lacking; 2],
    pub(super) open:
        Option<unsafe extern "C" fn(*const c_char, c_uint, hid_t, haddr_t) -> *mut FileHead>,
    pub(super) close: Option<unsafe extern "C" fn(*mut FileHead) -> herr_t>,
    pub(super) compare: Option<unsafe extern "C" fn(*const FileHead, *const FileHead) -> c_int>,
    pub(super) query: Option<unsafe extern "C" fn(*const FileHead, *mut c_ulong) -> herr_t>,
    pub(super) type_map: Lacking,
    pub(super) allocate: Lacking,
    pub(super) free: Lacking,
    pub(super) end_of_addresses: Option<unsafe extern "C" fn(*const FileHead, c_int) -> haddr_t>,
    pub(super) set_end_of_addresses:
        Option<unsafe extern "C" fn(*mut FileHead, c_int, haddr_t) -> herr_t>,
    pub(super) end_of_file: Option<unsafe extern "C" fn(*const FileHead, c_int) -> haddr_t>,
    pub(super) handle: Lacking,
    pub(super) read: Option<Transfer<*mut c_void>>,
    pub(super) write: Option<Transfer<*const c_void>>,
    pub(super) vectors_and_selections: [Lacking; 4],
    pub(super) flush: Lacking,
    pub(super) truncate: Option<unsafe extern "C" fn(*mut FileHead, hid_t, bool) -> herr_t>,
    pub(super) lock: Lacking,
    pub(super) unlock: Lacking,
    pub(super) delete: Lacking,
    pub(super) control: Lacking,
    pub(super) free_lists: [c_int; 7],
}

/// `H5FD_t`, which every file of a driver begins with. The library fills it.
#[repr(C)]
pub(super) struct FileHead {
    pub(super) driver: hid_t,
    pub(super) class: *const Class,
    pub(super) serial: c_ulong,
    pub(super) access_flags: c_uint,
    pub(super) features: c_ulong,
    pub(super) highest_address: haddr_t,
    pub(super) base: haddr_t,
    pub(super) threshold: hsize_t,
    pub(super) alignment: hsize_t,
    pub(super) is_paged: bool,
}

impl Default for FileHead {
    fn default() -> Self {
        FileHead {
            driver: 0,
            class: std::ptr::null(),
            serial: 0,
            access_flags: 0,
            features: 0,
            highest_address: 0,
            base: 0,
            threshold: 0,
            alignment: 0,
            is_paged: false,
        }
    }
}

/// The driver of this crate.
pub(super) fn descriptor_class() -> Class {
    Class {
        version: VERSION,
        value: NUMBER,
        name: c"descriptor".as_ptr(),
        highest_address: HIGHEST_ADDRESS,
        close_degree: CLOSE_WEAK,
        terminate: None,
        superblock: [None; 3],
        access_size: 0,
        access: [None; 3],
        transfer_size: 0,
        transfer: [None; 2],
        open: Some(driver::open),
        close: Some(driver::close),
        compare: Some(driver::compare),
        query: Some(driver::query),
        type_map: None,
        allocate: None,
        free: None,
        end_of_addresses: Some(driver::end_of_addresses),
        set_end_of_addresses: Some(driver::set_end_of_addresses),
        end_of_file: Some(driver::end_of_file),
        handle: None,
        read: Some(driver::read),
        write: Some(driver::write),
        vectors_and_selections: [None; 4],
        flush: None,
        truncate: Some(driver::truncate),
        lock: None,
        unlock: None,
        delete: None,
        control: None,
        free_lists: FREE_LISTS,
    }
}
