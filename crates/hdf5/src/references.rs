//! Object and region references of the kinds that HDF5 has had since 1.4.
//!
//! A reference is an address (HDF5 file format specification, IV.A.2.d, class 7), so it means
//! nothing in another file: it is followed here and created anew there.

use crate::dtype::{Dtype, TypeClass};
use crate::error::{H5Error, Result, count, done};
use crate::file::File;
use crate::handle::{DEFAULT, Handle, id};
use crate::object::{Object, Token};
use hdf5_sys::h5r::{H5R_type_t, H5Rcreate, H5Rdereference2, H5Rget_region};
use hdf5_sys::h5s::{
    H5S_sel_type, H5Sget_select_elem_npoints, H5Sget_select_elem_pointlist,
    H5Sget_select_hyper_blocklist, H5Sget_select_hyper_nblocks, H5Sget_select_type,
    H5Sget_simple_extent_ndims,
};
use std::ffi::CString;

/// Where a reference leads: an object, and the selection of a region in it.
pub(crate) struct Pointer {
    pub(crate) token: Token,
    pub(crate) region: Option<Handle>,
}

/// The path under which an object is known.
pub(crate) fn path_of(name: &dyn Fn(Token) -> Option<Vec<u8>>, token: Token) -> Result<Vec<u8>> {
    name(token).ok_or_else(|| {
        H5Error::found(
            "following a reference",
            "it leads to an object that no link of the file leads to",
        )
    })
}

/// Where a reference leads; `None` when it is empty.
pub(crate) fn pointer(file: &File, dtype: &Dtype, element: &[u8]) -> Result<Option<Pointer>> {
    if element.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let class = reference_class(dtype);
    let location = file.handle().id();
    // SAFETY: an open file and an element of this class of reference.
    let object = id("following a reference", || unsafe {
        H5Rdereference2(location, DEFAULT, class, element.as_ptr().cast())
    })?;
    let region = match dtype.kind {
        // SAFETY: as above.
        TypeClass::RegionReference => Some(id("reading a region", || unsafe {
            H5Rget_region(location, class, element.as_ptr().cast())
        })?),
        _ => None,
    };
    let token = Object::from_handle(object).token()?;
    Ok(Some(Pointer { token, region }))
}

fn reference_class(dtype: &Dtype) -> H5R_type_t {
    match dtype.kind {
        TypeClass::RegionReference => H5R_type_t::H5R_DATASET_REGION1,
        _ => H5R_type_t::H5R_OBJECT1,
    }
}

/// The blocks or points that a selection consists of: `H5Sencode` would also spell how it was made.
pub(crate) fn selection(space: &Handle) -> Result<Vec<u8>> {
    const WHAT: &str = "reading a region";
    const MOST_NUMBERS: usize = 1 << 27;
    let space = space.id();
    // SAFETY: an open dataspace, in all calls; each buffer holds as many numbers as are asked for.
    let numbers = unsafe {
        let rank = count(WHAT, || H5Sget_simple_extent_ndims(space))?;
        let all = |items: usize, each: usize| {
            items
                .checked_mul(each * rank)
                .filter(|numbers| *numbers <= MOST_NUMBERS)
                .ok_or_else(|| H5Error::found(WHAT, format!("it claims {items} parts")))
        };
        match H5Sget_select_type(space) {
            H5S_sel_type::H5S_SEL_HYPERSLABS => {
                let blocks = count(WHAT, || H5Sget_select_hyper_nblocks(space))?;
                let mut numbers = vec![0; all(blocks, 2)?];
                done(WHAT, || {
                    H5Sget_select_hyper_blocklist(space, 0, blocks as u64, numbers.as_mut_ptr())
                })?;
                numbers
            }
            H5S_sel_type::H5S_SEL_POINTS => {
                let points = count(WHAT, || H5Sget_select_elem_npoints(space))?;
                let mut numbers = vec![0; all(points, 1)?];
                done(WHAT, || {
                    H5Sget_select_elem_pointlist(space, 0, points as u64, numbers.as_mut_ptr())
                })?;
                numbers
            }
            other => vec![other as u64],
        }
    };
    Ok(numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect())
}

/// Overwrites an element with a reference to an object of `file`, or to a region in it.
pub(crate) fn create(
    dtype: &Dtype,
    element: &mut [u8],
    file: &File,
    path: Vec<u8>,
    region: Option<&Handle>,
) -> Result<()> {
    const WHAT: &str = "creating a reference";
    let path = CString::new(path).map_err(|_| H5Error::found(WHAT, "its path contains a NUL"))?;
    let space = region.map_or(-1, Handle::id);
    // SAFETY: the element has the size of this class of reference; the path is NUL-terminated.
    done(WHAT, || unsafe {
        H5Rcreate(
            element.as_mut_ptr().cast(),
            file.handle().id(),
            path.as_ptr(),
            reference_class(dtype),
            space,
        )
    })
}
