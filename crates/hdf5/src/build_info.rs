//! Which libraries this build contains.

/// Version of the HDF5 library that this build was compiled for, `2.2.0` for instance. Calls nothing of the library.
pub fn version() -> String {
    let version = hdf5::HDF5_VERSION;
    format!("{}.{}.{}", version.major, version.minor, version.micro)
}

/// Whether HDF5 is older than 2.1, which corrected faults that damaged files can reach.
pub fn is_known_faulty() -> bool {
    let version = hdf5::HDF5_VERSION;
    (version.major, version.minor) < (2, 1)
}

/// The zlib beneath HDF5, `zlib-ng 2.3.3` for instance, or `None` if it is the one of an installed HDF5.
pub fn zlib() -> Option<String> {
    #[cfg(feature = "static")]
    return Some(linked_zlib());
    #[cfg(not(feature = "static"))]
    return None;
}

/// zlib-ng says `1.3.1.zlib-ng` in the place of zlib's own version.
#[cfg(feature = "static")]
fn linked_zlib() -> String {
    // SAFETY: the function returns a constant string that ends in a zero byte.
    let version = unsafe { std::ffi::CStr::from_ptr(libz_sys::zlibVersion()) };
    version.to_string_lossy().into_owned()
}
