//! Element types: what they are, and one canonical spelling for each.
//!
//! Two types are the same here exactly when their spellings are equal; the
//! spelling goes into the digest, so it never changes (HDF5 file format
//! specification, IV.A.2.d).

mod read;

use crate::error::Result;
use crate::handle::{Handle, id};
use hdf5_format::element::text_type;
use hdf5_sys::h5t::H5Tcopy;
use std::fmt;

pub use hdf5_format::element::Padding;

/// Type of the elements of a dataset or attribute, as the file stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dtype {
    /// Bytes of one element in memory (pointers for variable-length data).
    pub size: usize,
    /// What it is.
    pub kind: TypeClass,
}

/// Class of a datatype (`H5T_class_t`) with what distinguishes types of that class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeClass {
    /// `H5T_INTEGER`.
    Integer {
        /// Whether it is signed, in two's complement.
        signed: bool,
        /// Order of its bytes in the file.
        order: Order,
        /// Bits that count and where they start; padding is part of the spelling of the type.
        layout: String,
    },
    /// `H5T_FLOAT`.
    Float {
        /// Order of its bytes in the file.
        order: Order,
        /// Positions and lengths of sign, exponent and mantissa, and the exponent's bias, in words.
        layout: String,
    },
    /// `H5T_STRING`.
    Text(TextType),
    /// `H5T_BITFIELD`.
    Bitfield {
        /// Byte order, precision and offset, in words.
        layout: String,
    },
    /// `H5T_OPAQUE`.
    Opaque {
        /// What its writer called it.
        tag: Vec<u8>,
    },
    /// `H5T_COMPOUND`: its fields, in the order of the file.
    Compound(Vec<Member>),
    /// A pointer to an object of the file.
    ObjectReference,
    /// A pointer to a part of a dataset.
    RegionReference,
    /// `H5T_ENUM`.
    Enumeration {
        /// Integer type of the values.
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
    /// Name of the field; any bytes but NUL.
    pub name: Vec<u8>,
    /// Where it starts in the element.
    pub offset: usize,
    /// Type of the field.
    pub dtype: Dtype,
}

/// How a string is stored: fixed or variable length, padding, character set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextType {
    /// A pointer to text of any length, or bytes of a fixed length.
    pub variable: bool,
    /// What follows a text that is shorter than its field (`H5T_str_t`).
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
    pub(crate) fn of(dtype: &Handle) -> Result<Self> {
        read::read(dtype, 0)
    }

    /// Integer, float or enumeration: values that a matrix of numbers can hold.
    pub fn is_numeric(&self) -> bool {
        match &self.kind {
            TypeClass::Integer { .. } | TypeClass::Float { .. } => true,
            TypeClass::Enumeration { base, .. } => base.is_numeric(),
            _ => false,
        }
    }

    /// Whether this is an integer of whole bytes, or a float of IEEE 754 in 2, 4 or 8 bytes: what its
    /// bytes mean then follows from its size and order.
    pub fn is_standard(&self) -> bool {
        match &self.kind {
            TypeClass::Integer { layout, .. } => {
                layout.contains(&format!(" bits 0+{} ", self.size.saturating_mul(8)))
            }
            TypeClass::Float { layout, .. } => {
                ieee_fields(self.size).is_some_and(|fields| layout.contains(fields))
            }
            _ => false,
        }
    }

    /// Whether elements hold pointers into the heap or to objects, so that bytes alone mean nothing.
    pub fn has_pointers(&self) -> bool {
        match &self.kind {
            TypeClass::Text(text) => text.variable,
            TypeClass::Sequence(_) | TypeClass::ObjectReference | TypeClass::RegionReference => {
                true
            }
            TypeClass::Compound(members) => members.iter().any(|m| m.dtype.has_pointers()),
            TypeClass::Array { base, .. } => base.has_pointers(),
            _ => false,
        }
    }

    /// Whether elements refer to parts of datasets.
    pub fn has_regions(&self) -> bool {
        match &self.kind {
            TypeClass::RegionReference => true,
            TypeClass::Compound(members) => members.iter().any(|m| m.dtype.has_regions()),
            TypeClass::Sequence(base) | TypeClass::Array { base, .. } => base.has_regions(),
            _ => false,
        }
    }

    /// The first part of the type that this build cannot carry over.
    pub fn unsupported_part(&self) -> Option<&'static str> {
        match &self.kind {
            TypeClass::Other(what) => Some(what),
            TypeClass::Compound(members) => members.iter().find_map(|m| m.dtype.unsupported_part()),
            TypeClass::Sequence(base) | TypeClass::Array { base, .. } => base.unsupported_part(),
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
            TypeClass::Integer {
                signed, order: o, ..
            } => format!(
                "{}{}{}",
                order(o),
                if *signed { 'i' } else { 'u' },
                self.size
            ),
            TypeClass::Float { order: o, .. } => format!("{}f{}", order(o), self.size),
            TypeClass::Enumeration { base, members } if is_boolean(members) && base.size == 1 => {
                "|b1".to_string()
            }
            TypeClass::Enumeration { base, .. } => format!("enum of {}", base.numpy()),
            TypeClass::Text(text) => text.describe(self.size),
            TypeClass::Bitfield { .. } => format!("{}-byte bitfield", self.size),
            TypeClass::Opaque { .. } => format!("{} opaque bytes", self.size),
            TypeClass::Compound(_) => "compound".to_string(),
            TypeClass::ObjectReference => "object reference".to_string(),
            TypeClass::RegionReference => "region reference".to_string(),
            TypeClass::Sequence(base) => format!("variable-length list of {}", base.numpy()),
            TypeClass::Array { base, .. } => format!("array of {}", base.numpy()),
            TypeClass::Other(what) => (*what).to_string(),
        }
    }
}

impl TextType {
    /// The word of the report: `vlen-utf8`, `fixed-ascii-11`, ...
    pub fn describe(self, size: usize) -> String {
        text_type(self.variable, self.utf8, size)
    }
}

fn is_boolean(members: &[(Vec<u8>, Vec<u8>)]) -> bool {
    let names: Vec<&[u8]> = members.iter().map(|(name, _)| &name[..]).collect();
    names == [b"FALSE", &b"TRUE"[..]]
}

/// Sign, exponent and mantissa of IEEE 754 in this many bytes; the highest bit of the mantissa is implied.
fn ieee_fields(size: usize) -> Option<&'static str> {
    match size {
        2 => Some(" fields [15, 10, 5, 0, 10] bias 15 norm 0 "),
        4 => Some(" fields [31, 23, 8, 0, 23] bias 127 norm 0 "),
        8 => Some(" fields [63, 52, 11, 0, 52] bias 1023 norm 0 "),
        _ => None,
    }
}

/// The standard types, as [`Dtype::of`] reads them.
impl Dtype {
    /// An integer all of whose bits count, in two's complement where it is signed.
    pub fn integer(size: usize, signed: bool, big_endian: bool) -> Dtype {
        let kind = TypeClass::Integer {
            signed,
            order: match (size, big_endian) {
                (1, _) => Order::None,
                (_, false) => Order::Little,
                (_, true) => Order::Big,
            },
            layout: bits_of(size, big_endian),
        };
        Dtype { size, kind }
    }

    /// A number of IEEE 754; `None` for sizes that there are none of.
    pub fn float(size: usize, big_endian: bool) -> Option<Dtype> {
        let fields = ieee_fields(size)?;
        let kind = TypeClass::Float {
            order: match big_endian {
                false => Order::Little,
                true => Order::Big,
            },
            layout: format!("{}{fields}inner 0", bits_of(size, big_endian)),
        };
        Some(Dtype { size, kind })
    }

    /// Truth values as h5py writes them.
    pub fn boolean() -> Dtype {
        let members = [(&b"FALSE"[..], 0), (b"TRUE", 1)];
        let kind = TypeClass::Enumeration {
            base: Box::new(Dtype::integer(1, true, false)),
            members: members
                .map(|(name, value)| (name.to_vec(), vec![value]))
                .to_vec(),
        };
        Dtype { size: 1, kind }
    }
}

/// All bits of this many bytes.
fn bits_of(size: usize, big_endian: bool) -> String {
    format!(
        "order {} bits 0+{} pad 0 0",
        i32::from(big_endian),
        size.saturating_mul(8)
    )
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |name: &[u8]| name.escape_ascii().to_string();
        let size = self.size;
        match &self.kind {
            TypeClass::Integer { signed, layout, .. } => {
                write!(
                    f,
                    "{}{size}({layout})",
                    if *signed { "int" } else { "uint" }
                )
            }
            TypeClass::Float { layout, .. } => write!(f, "float{size}({layout})"),
            TypeClass::Text(text) => write!(f, "text({},{:?})", text.describe(size), text.padding),
            TypeClass::Bitfield { layout } => write!(f, "bits{size}({layout})"),
            TypeClass::Opaque { tag } => write!(f, "opaque{size}({})", bytes(tag)),
            TypeClass::Compound(members) => {
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
            TypeClass::ObjectReference => f.write_str("object-reference"),
            TypeClass::RegionReference => f.write_str("region-reference"),
            TypeClass::Enumeration { base, members } => {
                write!(f, "enum({base};")?;
                for (name, value) in members {
                    write!(f, "{}={};", bytes(name), value.escape_ascii())?;
                }
                f.write_str(")")
            }
            TypeClass::Sequence(base) => write!(f, "sequence({base})"),
            TypeClass::Array { shape, base } => write!(f, "array({shape:?}{base})"),
            TypeClass::Other(what) => write!(f, "other({what})"),
        }
    }
}

/// A private copy of one of the library's predefined types.
pub(crate) fn copy(predefined: i64) -> Result<Handle> {
    // SAFETY: an open datatype.
    id("copying a datatype", || unsafe { H5Tcopy(predefined) })
}
