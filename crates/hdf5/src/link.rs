//! Names in groups, and their targets.

use crate::error::{H5Error, Result, done};
use crate::handle::{DEFAULT, Handle, id};
use hdf5_sys::h5::{H5_index_t, H5_iter_order_t, herr_t};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5l::{
    H5L_info2_t, H5L_type_t, H5Lget_info2, H5Lget_val, H5Literate2, H5Lunpack_elink_val,
};
use hdf5_sys::h5p::{H5P_CLS_LINK_CREATE, H5Pcreate, H5Pset_char_encoding};
use hdf5_sys::h5t::H5T_cset_t;
use std::ffi::{CStr, CString, c_char, c_void};

/// A name in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Name of the link, in whatever encoding it has.
    pub name: CString,
    /// Whether the name is declared to be UTF-8.
    pub utf8: bool,
    /// What the link refers to.
    pub target: LinkTarget,
}

impl Link {
    /// A hard link whose name is declared to be UTF-8, as h5py makes them.
    pub fn hard(name: &str) -> Link {
        Link {
            // A literal without a NUL; an empty name would find nothing.
            name: CString::new(name).unwrap_or_default(),
            utf8: true,
            target: LinkTarget::Hard,
        }
    }
}

/// What a link refers to (`H5L_type_t`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// To an object of this file.
    Hard,
    /// To a path of this file, which may not exist.
    Soft(CString),
    /// To a path of another file; never followed.
    External {
        /// Name of the other file as stored; never opened.
        file: CString,
        /// Path of the object in that file.
        path: CString,
    },
    /// To something that only its writer understands.
    UserDefined(i32),
}

/// Properties of a new link; missing groups on its path are not created.
pub(crate) fn link_properties(utf8: bool) -> Result<Handle> {
    // SAFETY: a class of property lists.
    let list = id("creating a property list", || unsafe {
        H5Pcreate(*H5P_CLS_LINK_CREATE)
    })?;
    encode_as(&list, utf8)?;
    Ok(list)
}

pub(crate) fn encode_as(list: &Handle, utf8: bool) -> Result<()> {
    let charset = if utf8 {
        H5T_cset_t::H5T_CSET_UTF8
    } else {
        H5T_cset_t::H5T_CSET_ASCII
    };
    // SAFETY: an open link or attribute creation property list.
    done("setting a name's encoding", || unsafe {
        H5Pset_char_encoding(list.id(), charset)
    })
}

/// All links of an open group, in this order.
pub(crate) fn links(group: hid_t, index: H5_index_t) -> Result<Vec<Link>> {
    let mut collector = Collector::default();
    let mut position = 0;
    // SAFETY: an open group; `collect` matches the callback's type and `collector` outlives the call.
    done("listing a group", || unsafe {
        H5Literate2(
            group,
            index,
            H5_iter_order_t::H5_ITER_INC,
            &mut position,
            Some(collect),
            (&raw mut collector).cast(),
        )
    })?;
    if let Some(error) = collector.failed {
        return Err(error);
    }
    Ok(collector.links)
}

#[derive(Default)]
struct Collector {
    links: Vec<Link>,
    failed: Option<H5Error>,
}

extern "C" fn collect(
    group: hid_t,
    name: *const c_char,
    _info: *const H5L_info2_t,
    data: *mut c_void,
) -> herr_t {
    // SAFETY: the library passes a NUL-terminated name and back what `links` gave it.
    let (name, collector) = unsafe { (CStr::from_ptr(name), &mut *data.cast::<Collector>()) };
    match link(group, name) {
        Ok(link) => {
            collector.links.push(link);
            0
        }
        Err(error) => {
            collector.failed = Some(error);
            // Stops the iteration without adding to the error stack.
            1
        }
    }
}

/// Reads a link of an open group.
pub(crate) fn link(group: hid_t, name: &CStr) -> Result<Link> {
    const WHAT: &str = "reading a link";
    let mut info = H5L_info2_t::default();
    // SAFETY: an open group and a NUL-terminated name; the variable outlives the call.
    done(WHAT, || unsafe {
        H5Lget_info2(group, name.as_ptr(), &mut info, DEFAULT)
    })?;
    let target = match info.type_ {
        H5L_type_t::H5L_TYPE_HARD => LinkTarget::Hard,
        // SAFETY: the field of a link that is not hard.
        H5L_type_t::H5L_TYPE_SOFT => soft(value(group, name, unsafe { *info.u.val_size() })?)?,
        H5L_type_t::H5L_TYPE_EXTERNAL => {
            // SAFETY: as above.
            external(&value(group, name, unsafe { *info.u.val_size() })?)?
        }
        other => LinkTarget::UserDefined(other as i32),
    };
    Ok(Link {
        name: name.to_owned(),
        utf8: info.cset == H5T_cset_t::H5T_CSET_UTF8,
        target,
    })
}

/// The bytes of a link that is not hard. Its length comes from the file: capped.
fn value(group: hid_t, name: &CStr, length: usize) -> Result<Vec<u8>> {
    const LONGEST: usize = 1 << 20;
    const WHAT: &str = "reading a link's target";
    if length > LONGEST {
        return Err(H5Error::found(WHAT, format!("it claims {length} bytes")));
    }
    let mut bytes = vec![0_u8; length];
    // SAFETY: the buffer has the stated length.
    done(WHAT, || unsafe {
        H5Lget_val(
            group,
            name.as_ptr(),
            bytes.as_mut_ptr().cast(),
            bytes.len(),
            DEFAULT,
        )
    })?;
    Ok(bytes)
}

fn soft(bytes: Vec<u8>) -> Result<LinkTarget> {
    CString::from_vec_with_nul(bytes)
        .map(LinkTarget::Soft)
        .map_err(|_| H5Error::found("reading a soft link", "its target is no text"))
}

fn external(bytes: &[u8]) -> Result<LinkTarget> {
    let (mut flags, mut file, mut path) = (0, std::ptr::null(), std::ptr::null());
    // SAFETY: the buffer has the stated length; the library checks that it holds two texts.
    done("reading an external link", || unsafe {
        H5Lunpack_elink_val(
            bytes.as_ptr().cast(),
            bytes.len(),
            &mut flags,
            &mut file,
            &mut path,
        )
    })?;
    // SAFETY: both point at NUL-terminated text inside of `bytes`.
    let (file, path) = unsafe { (CStr::from_ptr(file), CStr::from_ptr(path)) };
    Ok(LinkTarget::External {
        file: file.to_owned(),
        path: path.to_owned(),
    })
}
