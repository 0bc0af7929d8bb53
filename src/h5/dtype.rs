//! Element types: what they are, and one canonical spelling for each.
//!
//! Two types are the same here exactly when their spellings are equal; the
//! spelling goes into the digest, so it never changes (HDF5 file format
//! specification, IV.A.2.d).

use super::error::{H5Error, Result, count, done, id, size, yes};
use super::handle::Handle;
use crate::model::stored::text_type;
use hdf5_sys::h5::H5free_memory;
use hdf5_sys::h5t::{
    H5T_class_t, H5T_cset_t, H5T_order_t, H5T_sign_t, H5T_str_t, H5Tcopy, H5Tequal,
    H5Tget_array_dims2, H5Tget_array_ndims, H5Tget_class, H5Tget_cset, H5Tget_ebias, H5Tget_fields,
    H5Tget_inpad, H5Tget_member_name, H5Tget_member_offset, H5Tget_member_type,
    H5Tget_member_value, H5Tget_nmembers, H5Tget_norm, H5Tget_offset, H5Tget_order, H5Tget_pad,
    H5Tget_precision, H5Tget_sign, H5Tget_size, H5Tget_strpad, H5Tget_super, H5Tget_tag,
    H5Tis_variable_str,
};
use std::ffi::{CStr, c_char, c_void};
use std::fmt;

pub use crate::model::stored::Padding;

/// Nesting beyond this is a defect or an attack, not data; the library takes three times as long
/// for every two arrays in arrays.
const DEEPEST: usize = 16;

/// An element type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dtype {
    /// Bytes of one element in memory (pointers for variable-length data).
    pub size: usize,
    /// What it is.
    pub kind: Kind,
}

/// What an element is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer {
        /// Two's complement.
        signed: bool,
        /// Byte order.
        order: Order,
        /// Bits that count and where they start; padding is described by [`Kind::spelling`].
        layout: String,
    },
    /// A floating-point number.
    Float {
        /// Byte order.
        order: Order,
        /// Sign, exponent and mantissa.
        layout: String,
    },
    /// Text.
    Text(Text),
    /// Bits without meaning.
    Bitfield {
        /// Byte order and bits.
        layout: String,
    },
    /// Bytes without meaning.
    Opaque {
        /// What its writer called it.
        tag: Vec<u8>,
    },
    /// Fields.
    Compound(Vec<Member>),
    /// A pointer to an object of the file.
    ObjectReference,
    /// A pointer to a part of a dataset.
    RegionReference,
    /// Names for integers.
    Enumeration {
        /// The integers' type.
        base: Box<Dtype>,
        /// Name and value bytes of each.
        members: Vec<(Vec<u8>, Vec<u8>)>,
    },
    /// A sequence of any length.
    Sequence(Box<Dtype>),
    /// A small grid in each element.
    Array {
        /// Length of each dimension.
        shape: Vec<u64>,
        /// What it is a grid of.
        base: Box<Dtype>,
    },
    /// Something that this build does not carry.
    Other(&'static str),
}

/// A field of a compound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: Vec<u8>,
    /// Where it starts in the element.
    pub offset: usize,
    /// Its type.
    pub dtype: Dtype,
}

/// How text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// A pointer to text of any length, or bytes of a fixed length.
    pub variable: bool,
    /// What fills the end.
    pub padding: Padding,
    /// Declared character set.
    pub utf8: bool,
}

/// Byte order of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Least significant first.
    Little,
    /// Most significant first.
    Big,
    /// One byte, or an order that numpy does not have.
    None,
}

impl Dtype {
    /// Reads a type of the library. The sizes are those in memory.
    pub(super) fn of(dtype: &Handle) -> Result<Self> {
        read(dtype, 0)
    }

    /// Integer, float or enumeration: values that a matrix of numbers can hold.
    pub fn is_numeric(&self) -> bool {
        match &self.kind {
            Kind::Integer { .. } | Kind::Float { .. } => true,
            Kind::Enumeration { base, .. } => base.is_numeric(),
            _ => false,
        }
    }

    /// Whether this is an integer of whole bytes, or a float of IEEE 754 in 2, 4 or 8 bytes: what its
    /// bytes mean then follows from its size and order.
    pub fn is_standard(&self) -> bool {
        match &self.kind {
            Kind::Integer { layout, .. } => {
                layout.contains(&format!(" bits 0+{} ", self.size.saturating_mul(8)))
            }
            // Sign, exponent, mantissa; the highest bit of the mantissa is implied.
            Kind::Float { layout, .. } => match self.size {
                2 => layout.contains(" fields [15, 10, 5, 0, 10] bias 15 norm 0 "),
                4 => layout.contains(" fields [31, 23, 8, 0, 23] bias 127 norm 0 "),
                8 => layout.contains(" fields [63, 52, 11, 0, 52] bias 1023 norm 0 "),
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether elements hold pointers into the heap or to objects, so that bytes alone mean nothing.
    pub fn has_pointers(&self) -> bool {
        match &self.kind {
            Kind::Text(text) => text.variable,
            Kind::Sequence(_) | Kind::ObjectReference | Kind::RegionReference => true,
            Kind::Compound(members) => members.iter().any(|m| m.dtype.has_pointers()),
            Kind::Array { base, .. } => base.has_pointers(),
            _ => false,
        }
    }

    /// The first part of the type that this build cannot carry over.
    pub fn unsupported_part(&self) -> Option<&'static str> {
        match &self.kind {
            Kind::Other(what) => Some(what),
            Kind::Compound(members) => members.iter().find_map(|m| m.dtype.unsupported_part()),
            Kind::Sequence(base) | Kind::Array { base, .. } => base.unsupported_part(),
            _ => None,
        }
    }

    /// numpy's spelling for numbers (`<f4`), a description for everything else.
    pub fn numpy(&self) -> String {
        let order = |order: &Order| match order {
            Order::Little => '<',
            Order::Big => '>',
            Order::None => '|',
        };
        match &self.kind {
            Kind::Integer {
                signed, order: o, ..
            } => format!(
                "{}{}{}",
                order(o),
                if *signed { 'i' } else { 'u' },
                self.size
            ),
            Kind::Float { order: o, .. } => format!("{}f{}", order(o), self.size),
            Kind::Enumeration { base, members } if is_boolean(members) && base.size == 1 => {
                "|b1".to_string()
            }
            Kind::Enumeration { base, .. } => format!("enum of {}", base.numpy()),
            Kind::Text(text) => text.describe(self.size),
            Kind::Bitfield { .. } => format!("{}-byte bitfield", self.size),
            Kind::Opaque { .. } => format!("{} opaque bytes", self.size),
            Kind::Compound(_) => "compound".to_string(),
            Kind::ObjectReference => "object reference".to_string(),
            Kind::RegionReference => "region reference".to_string(),
            Kind::Sequence(base) => format!("variable-length list of {}", base.numpy()),
            Kind::Array { base, .. } => format!("array of {}", base.numpy()),
            Kind::Other(what) => (*what).to_string(),
        }
    }
}

impl Text {
    /// The word of the report: `vlen-utf8`, `fixed-ascii-11`, ...
    pub fn describe(self, size: usize) -> String {
        text_type(self.variable, self.utf8, size)
    }
}

/// h5py's spelling of booleans.
fn is_boolean(members: &[(Vec<u8>, Vec<u8>)]) -> bool {
    let names: Vec<&[u8]> = members.iter().map(|(name, _)| &name[..]).collect();
    names == [b"FALSE", &b"TRUE"[..]]
}

impl Dtype {
    /// Little-endian signed integers of 8 bytes, as counts are written.
    pub fn int64() -> Result<Dtype> {
        Dtype::of(&copy(*hdf5_sys::h5t::H5T_STD_I64LE)?)
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |name: &[u8]| name.escape_ascii().to_string();
        let size = self.size;
        match &self.kind {
            Kind::Integer { signed, layout, .. } => {
                write!(
                    f,
                    "{}{size}({layout})",
                    if *signed { "int" } else { "uint" }
                )
            }
            Kind::Float { layout, .. } => write!(f, "float{size}({layout})"),
            Kind::Text(text) => write!(f, "text({},{:?})", text.describe(size), text.padding),
            Kind::Bitfield { layout } => write!(f, "bits{size}({layout})"),
            Kind::Opaque { tag } => write!(f, "opaque{size}({})", bytes(tag)),
            Kind::Compound(members) => {
                write!(f, "compound{size}(")?;
                for member in members {
                    write!(
                        f,
                        "{}@{}:{};",
                        bytes(&member.name),
                        member.offset,
                        member.dtype
                    )?;
                }
                f.write_str(")")
            }
            Kind::ObjectReference => f.write_str("object-reference"),
            Kind::RegionReference => f.write_str("region-reference"),
            Kind::Enumeration { base, members } => {
                write!(f, "enum({base};")?;
                for (name, value) in members {
                    write!(f, "{}={};", bytes(name), value.escape_ascii())?;
                }
                f.write_str(")")
            }
            Kind::Sequence(base) => write!(f, "sequence({base})"),
            Kind::Array { shape, base } => write!(f, "array({shape:?}{base})"),
            Kind::Other(what) => write!(f, "other({what})"),
        }
    }
}

fn read(dtype: &Handle, depth: usize) -> Result<Dtype> {
    const WHAT: &str = "reading a datatype";
    let t = dtype.id();
    // SAFETY: `t` is an open datatype, here and in all calls below.
    let bytes = size(WHAT, || unsafe { H5Tget_size(t) })?;
    if depth > DEEPEST {
        let kind = Kind::Other("a type nested more than 16 deep");
        return Ok(Dtype { size: bytes, kind });
    }
    // SAFETY: see above.
    let kind = match unsafe { H5Tget_class(t) } {
        H5T_class_t::H5T_INTEGER => integer(t)?,
        H5T_class_t::H5T_FLOAT => float(t)?,
        H5T_class_t::H5T_STRING => Kind::Text(text(t)?),
        H5T_class_t::H5T_BITFIELD => Kind::Bitfield { layout: bits(t)? },
        H5T_class_t::H5T_OPAQUE => Kind::Opaque { tag: tag(t)? },
        H5T_class_t::H5T_COMPOUND => Kind::Compound(members(t, depth)?),
        H5T_class_t::H5T_REFERENCE => reference(t)?,
        H5T_class_t::H5T_ENUM => enumeration(t, depth)?,
        H5T_class_t::H5T_VLEN => Kind::Sequence(Box::new(base(t, depth)?)),
        H5T_class_t::H5T_ARRAY => array(t, depth)?,
        H5T_class_t::H5T_TIME => Kind::Other("a time type"),
        H5T_class_t::H5T_NO_CLASS => {
            return Err(H5Error::found(WHAT, "the library does not know its class"));
        }
        _ => Kind::Other("complex numbers"),
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

fn integer(t: i64) -> Result<Kind> {
    // SAFETY: an open integer type.
    let sign = unsafe { H5Tget_sign(t) };
    let signed = match sign {
        H5T_sign_t::H5T_SGN_NONE => false,
        H5T_sign_t::H5T_SGN_2 => true,
        _ => return Err(H5Error::found("reading an integer type", "unknown sign")),
    };
    // SAFETY: as above.
    let bytes = size("reading an integer type", || unsafe { H5Tget_size(t) })?;
    Ok(Kind::Integer {
        signed,
        order: if bytes == 1 { Order::None } else { order(t) },
        layout: bits(t)?,
    })
}

fn float(t: i64) -> Result<Kind> {
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
    Ok(Kind::Float {
        order: order(t),
        layout: format!(
            "{} fields {fields:?} bias {bias} norm {norm} inner {inner}",
            bits(t)?
        ),
    })
}

fn text(t: i64) -> Result<Text> {
    // SAFETY: an open string type.
    let variable = yes("reading a string type", || unsafe { H5Tis_variable_str(t) })?;
    // SAFETY: as above.
    let (padding, charset) = unsafe { (H5Tget_strpad(t), H5Tget_cset(t)) };
    Ok(Text {
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

fn reference(t: i64) -> Result<Kind> {
    let is = |predefined: i64| {
        // SAFETY: two open datatypes.
        yes("reading a reference type", || unsafe {
            H5Tequal(t, predefined)
        })
    };
    if is(*hdf5_sys::h5t::H5T_STD_REF_OBJ)? {
        Ok(Kind::ObjectReference)
    } else if is(*hdf5_sys::h5t::H5T_STD_REF_DSETREG)? {
        Ok(Kind::RegionReference)
    } else {
        Ok(Kind::Other("references of HDF5 1.12"))
    }
}

fn enumeration(t: i64, depth: usize) -> Result<Kind> {
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
    Ok(Kind::Enumeration {
        base: Box::new(base),
        members,
    })
}

fn array(t: i64, depth: usize) -> Result<Kind> {
    const WHAT: &str = "reading an array type";
    // SAFETY: an open array type.
    let rank = count(WHAT, || unsafe { H5Tget_array_ndims(t) })?;
    let mut shape = vec![0; rank];
    // SAFETY: as above, and the buffer holds `rank` lengths.
    count(WHAT, || unsafe {
        H5Tget_array_dims2(t, shape.as_mut_ptr())
    })?;
    Ok(Kind::Array {
        shape,
        base: Box::new(base(t, depth)?),
    })
}

/// A private copy of one of the library's predefined types.
pub(super) fn copy(predefined: i64) -> Result<Handle> {
    // SAFETY: an open datatype.
    id("copying a datatype", || unsafe { H5Tcopy(predefined) })
}
