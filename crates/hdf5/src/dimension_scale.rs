//! Dimension scales, as the HDF5 Dimension Scale Specification has them: plain attributes, so that
//! the library's high-level part is not needed.
//!
//! Types and sizes are those of `H5DSset_scale` and `H5DSattach_scale` of HDF5 2.

use crate::attribute::create;
use crate::dataspace::Extent;
use crate::dtype;
use crate::dtype::{Dtype, TypeClass};
use crate::error::{Result, done};
use crate::file::File;
use crate::handle::{Handle, id};
use crate::object::Object;
use crate::references;
use hdf5_sys::h5a::H5Awrite;
use hdf5_sys::h5t::{
    H5T_C_S1, H5T_STD_REF_OBJ, H5T_STD_U32LE, H5T_class_t, H5Tcreate, H5Tinsert, H5Tset_size,
    H5Tvlen_create, hvl_t,
};
use std::ffi::CStr;

/// Marks a dataset as a scale; its value is [`SCALE`].
pub const CLASS: &CStr = c"CLASS";
/// What a scale is called.
pub const NAME: &CStr = c"NAME";
/// Where a scale is attached: datasets and their dimensions.
pub const REFERENCE_LIST: &CStr = c"REFERENCE_LIST";
/// The scales of each dimension of a dataset.
pub const DIMENSION_LIST: &CStr = c"DIMENSION_LIST";
/// What each dimension of a dataset is called.
pub const DIMENSION_LABELS: &CStr = c"DIMENSION_LABELS";
/// The class of a scale.
pub const SCALE: &CStr = c"DIMENSION_SCALE";

/// Bytes of a reference to an object.
const REFERENCE: usize = 8;
/// Bytes of an element of [`REFERENCE_LIST`], a C structure with its padding.
pub const BACK_REFERENCE: usize = 16;

/// A dataset that becomes the scale of one dimension.
#[derive(Debug)]
pub struct Scale<'a> {
    /// Its path.
    pub path: &'a [u8],
    /// What the scale is called.
    pub name: &'a CStr,
}

/// Makes each dataset a scale and attaches it to the dimension of `matrix` with its index.
pub fn attach_scales(file: &File, matrix: &[u8], scales: &[Scale<'_>]) -> Result<()> {
    for (dimension, scale) in (0_u32..).zip(scales) {
        let object = file.object(scale.path)?;
        write_text(&object, CLASS, SCALE)?;
        write_text(&object, NAME, scale.name)?;
        write_back_reference(&object, reference(file, matrix)?, dimension)?;
        object.close("closing a dimension scale")?;
    }
    let references: Vec<_> = scales
        .iter()
        .map(|scale| reference(file, scale.path))
        .collect::<Result<_>>()?;
    write_list(&file.object(matrix)?, references)
}

fn reference(file: &File, path: &[u8]) -> Result<[u8; REFERENCE]> {
    let dtype = Dtype {
        size: REFERENCE,
        kind: TypeClass::ObjectReference,
    };
    let mut element = [0; REFERENCE];
    references::create(&dtype, &mut element, file, path.to_vec(), None)?;
    Ok(element)
}

/// Text as the library's high-level part writes it: ASCII of a fixed length with a NUL at its end.
fn write_text(object: &Object, name: &CStr, text: &CStr) -> Result<()> {
    let bytes = text.to_bytes_with_nul();
    let dtype = dtype::copy(*H5T_C_S1)?;
    // SAFETY: a private copy of a string type.
    done("making a text type", || unsafe {
        H5Tset_size(dtype.id(), bytes.len())
    })?;
    // SAFETY: one text of exactly this size.
    unsafe { write(object, name, &dtype, &[], bytes.as_ptr().cast()) }
}

fn write_back_reference(scale: &Object, matrix: [u8; REFERENCE], dimension: u32) -> Result<()> {
    const WHAT: &str = "making a compound type";
    // SAFETY: a class and a size.
    let dtype = id(WHAT, || unsafe {
        H5Tcreate(H5T_class_t::H5T_COMPOUND, BACK_REFERENCE)
    })?;
    // SAFETY: the compound has space for both fields, here and below.
    done(WHAT, || unsafe {
        H5Tinsert(dtype.id(), c"dataset".as_ptr(), 0, *H5T_STD_REF_OBJ)
    })?;
    // SAFETY: as above.
    done(WHAT, || unsafe {
        H5Tinsert(dtype.id(), c"dimension".as_ptr(), REFERENCE, *H5T_STD_U32LE)
    })?;
    let mut element = [0_u8; BACK_REFERENCE];
    element[..REFERENCE].copy_from_slice(&matrix);
    element[REFERENCE..][..4].copy_from_slice(&dimension.to_le_bytes());
    // SAFETY: one element of this type.
    unsafe { write(scale, REFERENCE_LIST, &dtype, &[1], element.as_ptr().cast()) }
}

/// One scale for each dimension.
fn write_list(matrix: &Object, mut scales: Vec<[u8; REFERENCE]>) -> Result<()> {
    // SAFETY: an open datatype.
    let dtype = id("making a sequence type", || unsafe {
        H5Tvlen_create(*H5T_STD_REF_OBJ)
    })?;
    let sequences: Vec<hvl_t> = scales
        .iter_mut()
        .map(|reference| hvl_t {
            len: 1,
            p: reference.as_mut_ptr().cast(),
        })
        .collect();
    let shape = [sequences.len() as u64];
    // SAFETY: as many sequences, each of one reference; `scales` outlives the call.
    unsafe {
        write(
            matrix,
            DIMENSION_LIST,
            &dtype,
            &shape,
            sequences.as_ptr().cast(),
        )
    }
}

/// Writes a new attribute.
///
/// # Safety
///
/// `elements` points to as many elements of the type as the shape has.
unsafe fn write(
    object: &Object,
    name: &CStr,
    dtype: &Handle,
    shape: &[u64],
    elements: *const std::ffi::c_void,
) -> Result<()> {
    let space = Extent::fixed(shape).create()?;
    let attribute = create(object, name, dtype, &space, false)?;
    // SAFETY: the caller guarantees the elements.
    done("writing an attribute", || unsafe {
        H5Awrite(attribute.id(), dtype.id(), elements)
    })?;
    attribute.close("closing an attribute")
}
