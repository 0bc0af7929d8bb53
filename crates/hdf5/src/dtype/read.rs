//! Element types as the library describes them.

use crate::dtype::{Dtype, Member, Order, Padding, TextType, TypeClass};
use crate::error::{H5Error, Result, count, done, size, yes};
use crate::handle::{Handle, id};
use hdf5_sys::h5::H5free_memory;
use hdf5_sys::h5t::{
    H5T_class_t, H5T_cset_t, H5T_order_t, H5T_sign_t, H5T_str_t, H5Tequal, H5Tget_array_dims2,
    H5Tget_array_ndims, H5Tget_class, H5Tget_cset, H5Tget_ebias, H5Tget_fields, H5Tget_inpad,
    H5Tget_member_name, H5Tget_member_offset, H5Tget_member_type, H5Tget_member_value,
    H5Tget_nmembers, H5Tget_norm, H5Tget_offset, H5Tget_order, H5Tget_pad, H5Tget_precision,
    H5Tget_sign, H5Tget_size, H5Tget_strpad, H5Tget_super, H5Tget_tag, H5Tis_variable_str,
};
use std::ffi::{CStr, c_char, c_void};

/// Nesting beyond this is a defect or an attack, not data; the library takes three times as long
/// for every two arrays in arrays.
const DEEPEST: usize = 16;

/// Reads a type that is nested so deep in others.
pub(crate) fn read(dtype: &Handle, depth: usize) -> Result<Dtype> {
    const WHAT: &str = "reading a datatype";
    let t = dtype.id();
    // SAFETY: `t` is an open datatype, here and in all calls below.
    let bytes = size(WHAT, || unsafe { H5Tget_size(t) })?;
    if depth > DEEPEST {
        let kind = TypeClass::Other("a type nested more than 16 deep");
        return Ok(Dtype { size: bytes, kind });
    }
    // SAFETY: see above.
    let kind = match unsafe { H5Tget_class(t) } {
        H5T_class_t::H5T_INTEGER => integer(t)?,
        H5T_class_t::H5T_FLOAT => float(t)?,
        H5T_class_t::H5T_STRING => TypeClass::Text(text(t)?),
        H5T_class_t::H5T_BITFIELD => TypeClass::Bitfield { layout: bits(t)? },
        H5T_class_t::H5T_OPAQUE => TypeClass::Opaque { tag: tag(t)? },
        H5T_class_t::H5T_COMPOUND => TypeClass::Compound(members(t, depth)?),
        H5T_class_t::H5T_REFERENCE => reference(t)?,
        H5T_class_t::H5T_ENUM => enumeration(t, depth)?,
        H5T_class_t::H5T_VLEN => TypeClass::Sequence(Box::new(base(t, depth)?)),
        H5T_class_t::H5T_ARRAY => array(t, depth)?,
        H5T_class_t::H5T_TIME => TypeClass::Other("a time type"),
        H5T_class_t::H5T_NO_CLASS => {
            return Err(H5Error::found(WHAT, "the library does not know its class"));
        }
        _ => TypeClass::Other("complex numbers"),
    };
    Ok(Dtype { size: bytes, kind })
}

fn base(t: i64, depth: usize) -> Result<Dtype> {
    // SAFETY: an open datatype with a parent.
    let base = id("reading a base type", || unsafe { H5Tget_super(t) })?;
    read(&base, depth + 1)
}

fn order(t: i64) -> Order {
    // SAFETY: an open datatype.
    match unsafe { H5Tget_order(t) } {
        H5T_order_t::H5T_ORDER_LE => Order::Little,
        H5T_order_t::H5T_ORDER_BE => Order::Big,
        _ => Order::None,
    }
}

/// Order, precision, offset and padding: the parts that all atomic types share.
fn bits(t: i64) -> Result<String> {
    const WHAT: &str = "reading the bits of a number";
    // SAFETY: an open atomic datatype.
    let (order, precision, offset) = unsafe {
        (
            H5Tget_order(t),
            size(WHAT, || H5Tget_precision(t))?,
            count(WHAT, || H5Tget_offset(t))?,
        )
    };
    let (mut low, mut high) = (
        hdf5_sys::h5t::H5T_pad_t::H5T_PAD_ZERO,
        hdf5_sys::h5t::H5T_pad_t::H5T_PAD_ZERO,
    );
    // SAFETY: as above, and the two variables outlive the call.
    done(WHAT, || unsafe { H5Tget_pad(t, &mut low, &mut high) })?;
    Ok(format!(
        "order {} bits {offset}+{precision} pad {} {}",
        order as i32, low as i32, high as i32
    ))
}

fn integer(t: i64) -> Result<TypeClass> {
    // SAFETY: an open integer type.
    let sign = unsafe { H5Tget_sign(t) };
    let signed = match sign {
        H5T_sign_t::H5T_SGN_NONE => false,
        H5T_sign_t::H5T_SGN_2 => true,
        _ => return Err(H5Error::found("reading an integer type", "unknown sign")),
    };
    // SAFETY: as above.
    let bytes = size("reading an integer type", || unsafe { H5Tget_size(t) })?;
    Ok(TypeClass::Integer {
        signed,
        order: if bytes == 1 { Order::None } else { order(t) },
        layout: bits(t)?,
    })
}

fn float(t: i64) -> Result<TypeClass> {
    const WHAT: &str = "reading a floating-point type";
    let mut fields = [0_usize; 5];
    let [sign, exponent, exponent_bits, mantissa, mantissa_bits] = &mut fields;
    // SAFETY: an open floating-point type; the variables outlive the call.
    done(WHAT, || unsafe {
        H5Tget_fields(t, sign, exponent, exponent_bits, mantissa, mantissa_bits)
    })?;
    // SAFETY: as above; a bias of 0 is an error of the library's.
    let bias = size(WHAT, || unsafe { H5Tget_ebias(t) })?;
    // SAFETY: as above.
    let (norm, inner) = unsafe { (H5Tget_norm(t) as i32, H5Tget_inpad(t) as i32) };
    Ok(TypeClass::Float {
        order: order(t),
        layout: format!(
            "{} fields {fields:?} bias {bias} norm {norm} inner {inner}",
            bits(t)?
        ),
    })
}

fn text(t: i64) -> Result<TextType> {
    // SAFETY: an open string type.
    let variable = yes("reading a string type", || unsafe { H5Tis_variable_str(t) })?;
    // SAFETY: as above.
    let (padding, charset) = unsafe { (H5Tget_strpad(t), H5Tget_cset(t)) };
    Ok(TextType {
        variable,
        padding: match padding {
            H5T_str_t::H5T_STR_NULLTERM => Padding::NullTerminated,
            H5T_str_t::H5T_STR_NULLPAD => Padding::NullPadded,
            H5T_str_t::H5T_STR_SPACEPAD => Padding::SpacePadded,
            _ => return Err(H5Error::found("reading a string type", "unknown padding")),
        },
        utf8: match charset {
            H5T_cset_t::H5T_CSET_ASCII => false,
            H5T_cset_t::H5T_CSET_UTF8 => true,
            _ => return Err(H5Error::found("reading a string type", "unknown charset")),
        },
    })
}

/// Copies text that the library allocated, and frees it.
fn take_text(what: &str, text: *mut c_char) -> Result<Vec<u8>> {
    if text.is_null() {
        return Err(H5Error::found(what, "the library has no text for it"));
    }
    // SAFETY: the library returned a NUL-terminated string that the caller owns.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes().to_vec();
    // SAFETY: as above.
    done(what, || unsafe { H5free_memory(text.cast::<c_void>()) })?;
    Ok(bytes)
}

fn tag(t: i64) -> Result<Vec<u8>> {
    // SAFETY: an open opaque type.
    take_text("reading an opaque tag", unsafe { H5Tget_tag(t) })
}

fn member_count(t: i64) -> Result<u32> {
    // SAFETY: an open compound or enumeration.
    let members = count("reading members", || unsafe { H5Tget_nmembers(t) })?;
    u32::try_from(members).map_err(|_| H5Error::found("reading members", "too many"))
}

fn members(t: i64, depth: usize) -> Result<Vec<Member>> {
    (0..member_count(t)?)
        .map(|index| {
            // SAFETY: an open compound with more than `index` members, in all three calls.
            let name = take_text("reading a field", unsafe { H5Tget_member_name(t, index) })?;
            // SAFETY: as above.
            let dtype = id("reading a field", || unsafe {
                H5Tget_member_type(t, index)
            })?;
            Ok(Member {
                name,
                // SAFETY: as above.
                offset: unsafe { H5Tget_member_offset(t, index) },
                dtype: read(&dtype, depth + 1)?,
            })
        })
        .collect()
}

fn reference(t: i64) -> Result<TypeClass> {
    let is = |predefined: i64| {
        // SAFETY: two open datatypes.
        yes("reading a reference type", || unsafe {
            H5Tequal(t, predefined)
        })
    };
    if is(*hdf5_sys::h5t::H5T_STD_REF_OBJ)? {
        Ok(TypeClass::ObjectReference)
    } else if is(*hdf5_sys::h5t::H5T_STD_REF_DSETREG)? {
        Ok(TypeClass::RegionReference)
    } else {
        Ok(TypeClass::Other("references of HDF5 1.12"))
    }
}

fn enumeration(t: i64, depth: usize) -> Result<TypeClass> {
    let base = base(t, depth)?;
    let members = (0..member_count(t)?)
        .map(|index| {
            // SAFETY: an open enumeration with more than `index` members.
            let name = take_text("reading a member", unsafe { H5Tget_member_name(t, index) })?;
            let mut value = vec![0_u8; base.size];
            // SAFETY: as above, and the buffer holds one element of the base type.
            done("reading a member", || unsafe {
                H5Tget_member_value(t, index, value.as_mut_ptr().cast())
            })?;
            Ok((name, value))
        })
        .collect::<Result<_>>()?;
    Ok(TypeClass::Enumeration {
        base: Box::new(base),
        members,
    })
}

fn array(t: i64, depth: usize) -> Result<TypeClass> {
    const WHAT: &str = "reading an array type";
    // SAFETY: an open array type.
    let rank = count(WHAT, || unsafe { H5Tget_array_ndims(t) })?;
    let mut shape = vec![0; rank];
    // SAFETY: as above, and the buffer holds `rank` lengths.
    count(WHAT, || unsafe {
        H5Tget_array_dims2(t, shape.as_mut_ptr())
    })?;
    Ok(TypeClass::Array {
        shape,
        base: Box::new(base(t, depth)?),
    })
}
