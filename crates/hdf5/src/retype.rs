//! Datatypes for files that HDF5 1.8 can open.
//!
//! A file written by a later HDF5 can hold compounds, enumerations and arrays in the encoding of
//! 1.12 (version 4 of the datatype message; HDF5 file format specification, IV.A.2.d). The
//! library refuses to write such a type under the bounds of 1.8, though nothing in it is new. Made
//! again from its parts it has no encoding yet, and gets that of the file.

use crate::dtype::{Dtype, TypeClass};
use crate::error::{H5Error, Result, done, yes};
use crate::handle::{Handle, encoded, id};
use hdf5_sys::h5t::{
    H5T_class_t, H5Tarray_create2, H5Tcommitted, H5Tcreate, H5Tencode, H5Tenum_create,
    H5Tenum_insert, H5Tget_member_type, H5Tget_super, H5Tinsert, H5Tvlen_create,
};
use std::ffi::CString;

const WHAT: &str = "making a datatype";

/// The same type, without the encoding of the file that it came from. `None` for one that is
/// committed: as an object of the new file it has its encoding already.
pub(crate) fn for_writing(dtype: &Handle) -> Result<Option<Handle>> {
    // SAFETY: an open datatype.
    match yes(WHAT, || unsafe { H5Tcommitted(dtype.id()) })? {
        true => Ok(None),
        false => without_encoding(dtype).map(Some),
    }
}

/// The same type, neither committed nor encoded.
pub(crate) fn without_encoding(dtype: &Handle) -> Result<Handle> {
    rebuild(dtype, &Dtype::of(dtype)?)
}

fn rebuild(old: &Handle, dtype: &Dtype) -> Result<Handle> {
    let t = old.id();
    // SAFETY: `t` is an open datatype of the class that `dtype` states, in all calls below; names are
    // NUL-terminated and values as long as the base type.
    unsafe {
        match &dtype.kind {
            TypeClass::Compound(members) => {
                let new = id(WHAT, || H5Tcreate(H5T_class_t::H5T_COMPOUND, dtype.size))?;
                for (index, member) in (0..).zip(members) {
                    let part = id(WHAT, || H5Tget_member_type(t, index))?;
                    let part = rebuild(&part, &member.dtype)?;
                    let name = c_name(&member.name)?;
                    done(WHAT, || {
                        H5Tinsert(new.id(), name.as_ptr(), member.offset, part.id())
                    })?;
                }
                Ok(new)
            }
            TypeClass::Enumeration { base, members } => {
                let base = parent(old, base)?;
                let new = id(WHAT, || H5Tenum_create(base.id()))?;
                for (name, value) in members {
                    let name = c_name(name)?;
                    done(WHAT, || {
                        H5Tenum_insert(new.id(), name.as_ptr(), value.as_ptr().cast())
                    })?;
                }
                Ok(new)
            }
            TypeClass::Sequence(base) => {
                let base = parent(old, base)?;
                id(WHAT, || H5Tvlen_create(base.id()))
            }
            TypeClass::Array { shape, base } => {
                let base = parent(old, base)?;
                let rank = u32::try_from(shape.len())
                    .map_err(|_| H5Error::found(WHAT, "it has too many dimensions"))?;
                id(WHAT, || H5Tarray_create2(base.id(), rank, shape.as_ptr()))
            }
            _ => detached(old),
        }
    }
}

/// The same type, not stored in a file: a copy (`H5Tcopy`) of a type that the file keeps as a shared object header message
/// refers to the heap of that file, and a dataset that is created with it cannot be opened.
fn detached(dtype: &Handle) -> Result<Handle> {
    // SAFETY: an open datatype, and a buffer of that length.
    let encoded = encoded(WHAT, |buffer, length| unsafe {
        H5Tencode(dtype.id(), buffer, length)
    })?;
    // SAFETY: what the library has just encoded.
    id(WHAT, || unsafe { decode(&encoded) })
}

/// The HDF5 that is built from source has no deprecated functions.
#[cfg(feature = "static")]
unsafe fn decode(encoded: &[u8]) -> i64 {
    // SAFETY: as the caller says.
    unsafe { hdf5_sys::h5t::H5Tdecode2(encoded.as_ptr().cast(), encoded.len()) }
}

/// An installed one may be older than `H5Tdecode2`.
#[cfg(not(feature = "static"))]
unsafe fn decode(encoded: &[u8]) -> i64 {
    // SAFETY: as the caller says.
    unsafe { hdf5_sys::h5t::H5Tdecode1(encoded.as_ptr().cast()) }
}

fn parent(old: &Handle, dtype: &Dtype) -> Result<Handle> {
    // SAFETY: an open datatype with a parent.
    let base = id(WHAT, || unsafe { H5Tget_super(old.id()) })?;
    rebuild(&base, dtype)
}

fn c_name(name: &[u8]) -> Result<CString> {
    CString::new(name).map_err(|_| H5Error::found(WHAT, "a name in it contains a NUL"))
}
