//! Attributes: listing, reading, and writing the same again elsewhere.

use crate::dataspace::Extent;
use crate::dtype::Dtype;
use crate::elements::Elements;
use crate::error::{H5Error, Result, done, yes};
use crate::file::File;
use crate::handle::{DEFAULT, Handle, id};
use crate::link::encode_as;
use crate::names::{CTexts, variable_text_type};
use crate::object::Object;
use crate::retype::for_writing;
use crate::storage::tracks_attribute_order;
use hdf5_sys::h5::{H5_index_t, H5_iter_order_t, herr_t};
use hdf5_sys::h5a::{
    H5A_info_t, H5Acreate2, H5Aexists, H5Aget_info, H5Aget_space, H5Aget_type, H5Aiterate2,
    H5Aopen, H5Aread, H5Awrite,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5P_CLS_ATTRIBUTE_CREATE, H5Pcreate};
use hdf5_sys::h5t::{H5T_NATIVE_INT64, H5T_STD_I64LE, H5T_cset_t};
use std::ffi::{CStr, CString, c_char, c_void};

/// An open attribute (`H5Aopen`), closed when dropped.
#[derive(Debug)]
pub struct Attribute {
    handle: Handle,
}

impl Attribute {
    /// The attribute of this name, or `None` when the library says that there is none.
    pub fn find(object: &Object, name: &CStr) -> Result<Option<Self>> {
        // SAFETY: an open object and a NUL-terminated name.
        let exists = yes("looking for an attribute", || unsafe {
            H5Aexists(object.id(), name.as_ptr())
        })?;
        exists.then(|| Attribute::open(object, name)).transpose()
    }

    /// The attribute of this name, which must exist.
    pub fn open(object: &Object, name: &CStr) -> Result<Self> {
        let what = format!("opening the attribute {}", name.to_string_lossy());
        // SAFETY: an open object and a NUL-terminated name.
        let handle = id(&what, || unsafe {
            H5Aopen(object.id(), name.as_ptr(), DEFAULT)
        })?;
        Ok(Attribute { handle })
    }

    /// Names of all attributes, in the order of creation where the object remembers it.
    pub fn names(object: &Object) -> Result<Vec<CString>> {
        Attribute::names_by(
            object,
            match tracks_attribute_order(object)? {
                true => H5_index_t::H5_INDEX_CRT_ORDER,
                false => H5_index_t::H5_INDEX_NAME,
            },
        )
    }

    /// Names of all attributes, sorted: the object's properties need not be copied for that.
    pub fn sorted_names(object: &Object) -> Result<Vec<CString>> {
        Attribute::names_by(object, H5_index_t::H5_INDEX_NAME)
    }

    fn names_by(object: &Object, index: H5_index_t) -> Result<Vec<CString>> {
        let mut names: Vec<CString> = Vec::new();
        let mut position = 0;
        // SAFETY: an open object; `collect` matches the callback's type and `names` outlives the call.
        done("listing attributes", || unsafe {
            H5Aiterate2(
                object.id(),
                index,
                H5_iter_order_t::H5_ITER_INC,
                &mut position,
                Some(collect),
                (&raw mut names).cast(),
            )
        })?;
        Ok(names)
    }

    /// Type of its elements (`H5Aget_type`).
    pub fn dtype(&self) -> Result<Dtype> {
        Dtype::of(&self.type_handle()?)
    }

    /// Its dataspace: scalar, null, or the length of each dimension (`H5Aget_space`).
    pub fn extent(&self) -> Result<Extent> {
        Extent::of(&self.space()?)
    }

    /// Whether the name is declared to be UTF-8.
    pub fn has_utf8_name(&self) -> Result<bool> {
        let mut info = H5A_info_t::default();
        // SAFETY: an open attribute; the variable outlives the call.
        done("reading an attribute", || unsafe {
            H5Aget_info(self.handle.id(), &mut info)
        })?;
        Ok(info.cset == H5T_cset_t::H5T_CSET_UTF8)
    }

    /// The committed datatype that it uses, if it uses one.
    pub fn committed_type(&self) -> Result<Option<Object>> {
        crate::storage::committed(self.type_handle()?)
    }

    /// Reads all elements; nothing for a null dataspace.
    pub fn read(&self) -> Result<Elements> {
        self.read_as(self.dtype()?)
    }

    /// The same for callers that have the element type already.
    pub fn read_as(&self, dtype: Dtype) -> Result<Elements> {
        let mut elements = Elements::room(dtype, self.type_handle()?, self.space()?)?;
        if elements.is_empty() {
            return Ok(elements);
        }
        let memory_type = elements.memory_type().id();
        let buffer = elements.as_mut_ptr();
        // SAFETY: the buffer has space for all elements of this type.
        done("reading an attribute", || unsafe {
            H5Aread(self.handle.id(), memory_type, buffer)
        })?;
        Ok(elements)
    }

    /// Writes an attribute like `like` with these elements; `committed` stands for its type.
    pub fn create_like(
        object: &Object,
        name: &CStr,
        like: &Attribute,
        committed: Option<&Object>,
        elements: &Elements,
    ) -> Result<()> {
        let dtype = like.type_handle()?;
        let dtype = committed.map_or(&dtype, Object::handle);
        let space = like.extent()?.create()?;
        let attribute = create(object, name, dtype, &space, like.has_utf8_name()?)?;
        if !elements.is_empty() {
            // SAFETY: the elements were read with this type and extent.
            done("writing an attribute", || unsafe {
                H5Awrite(
                    attribute.id(),
                    elements.memory_type().id(),
                    elements.as_ptr(),
                )
            })?;
        }
        attribute.close("closing an attribute")
    }

    /// Writes one text of variable length in UTF-8.
    pub fn create_text(object: &Object, name: &CStr, text: &str) -> Result<()> {
        const WHAT: &str = "writing an attribute";
        let text = CString::new(text).map_err(|_| H5Error::found(WHAT, "it contains a NUL"))?;
        let dtype = variable_text_type()?;
        let space = Extent::fixed(&[]).create()?;
        let attribute = create(object, name, &dtype, &space, false)?;
        let pointer = text.as_ptr();
        // SAFETY: one pointer to NUL-terminated text is one element of this type.
        done(WHAT, || unsafe {
            H5Awrite(attribute.id(), dtype.id(), (&raw const pointer).cast())
        })?;
        attribute.close("closing an attribute")
    }

    /// Writes one number, an `int64` as h5py makes of a Python integer.
    pub fn create_integer(object: &Object, name: &CStr, value: i64) -> Result<()> {
        let (file_type, memory_type) = (
            crate::dtype::copy(*H5T_STD_I64LE)?,
            crate::dtype::copy(*H5T_NATIVE_INT64)?,
        );
        let space = Extent::fixed(&[]).create()?;
        let attribute = create(object, name, &file_type, &space, false)?;
        // SAFETY: one number of this type.
        done("writing an attribute", || unsafe {
            H5Awrite(attribute.id(), memory_type.id(), (&raw const value).cast())
        })?;
        attribute.close("closing an attribute")
    }

    /// Writes a list of names, as old files have them: variable-length UTF-8.
    pub fn create_names(object: &Object, name: &CStr, names: &[impl AsRef<[u8]>]) -> Result<()> {
        const WHAT: &str = "writing an attribute";
        let texts = CTexts::of(names)?;
        let pointers = texts.pointers();
        let dtype = variable_text_type()?;
        let space = Extent::fixed(&[names.len() as u64]).create()?;
        let attribute = create(object, name, &dtype, &space, false)?;
        if !pointers.is_empty() {
            // SAFETY: one pointer to NUL-terminated text for each element; `texts` outlives the call.
            done(WHAT, || unsafe {
                H5Awrite(attribute.id(), dtype.id(), pointers.as_ptr().cast())
            })?;
        }
        attribute.close("closing an attribute")
    }

    fn type_handle(&self) -> Result<Handle> {
        // SAFETY: an open attribute.
        id("reading an attribute's type", || unsafe {
            H5Aget_type(self.handle.id())
        })
    }

    fn space(&self) -> Result<Handle> {
        // SAFETY: an open attribute.
        id("reading an attribute's shape", || unsafe {
            H5Aget_space(self.handle.id())
        })
    }
}

pub(crate) fn create(
    object: &Object,
    name: &CStr,
    dtype: &Handle,
    space: &Handle,
    utf8: bool,
) -> Result<Handle> {
    // SAFETY: a class of property lists.
    let creation = id("creating a property list", || unsafe {
        H5Pcreate(*H5P_CLS_ATTRIBUTE_CREATE)
    })?;
    encode_as(&creation, utf8)?;
    let fresh = for_writing(dtype)?;
    let dtype = fresh.as_ref().unwrap_or(dtype);
    let what = format!("creating the attribute {}", name.to_string_lossy());
    // SAFETY: open identifiers and a NUL-terminated name.
    id(&what, || unsafe {
        H5Acreate2(
            object.id(),
            name.as_ptr(),
            dtype.id(),
            space.id(),
            creation.id(),
            DEFAULT,
        )
    })
}

unsafe extern "C" fn collect(
    _object: hid_t,
    name: *const c_char,
    _info: *const H5A_info_t,
    data: *mut c_void,
) -> herr_t {
    // SAFETY: the library passes a NUL-terminated name and back what `names` gave it.
    let (name, names) = unsafe { (CStr::from_ptr(name), &mut *data.cast::<Vec<CString>>()) };
    names.push(name.to_owned());
    0
}

/// Whether text in an attribute of a file can be read as one value.
pub fn read_text(object: &Object, name: &CStr) -> Result<Option<String>> {
    let Some(attribute) = Attribute::find(object, name)? else {
        return Ok(None);
    };
    if attribute.extent()?.elements() != 1 {
        return Ok(None);
    }
    let elements = attribute.read()?;
    let text = elements.texts().and_then(|mut texts| texts.next());
    Ok(text.and_then(|text| String::from_utf8(text.to_vec()).ok()))
}

/// Copies all attributes of an object except those that `leave_out` names. `change` may change the elements of each before
/// they are written; `copied` is called for each.
pub fn copy_all(
    old: (&File, &Object),
    new: (&File, &Object),
    name: &dyn Fn(crate::object::Token) -> Option<Vec<u8>>,
    leave_out: &dyn Fn(&CStr) -> bool,
    change: &dyn Fn(&CStr, &mut Elements) -> Result<()>,
    copied: &mut dyn FnMut(),
) -> Result<()> {
    for attribute_name in Attribute::names(old.1)? {
        if leave_out(&attribute_name) {
            continue;
        }
        let attribute = Attribute::open(old.1, &attribute_name)?;
        let mut elements = attribute.read()?;
        change(&attribute_name, &mut elements)?;
        elements.retarget(old.0, new.0, name)?;
        let committed = crate::storage::counterpart(attribute.committed_type()?, new.0, name)?;
        Attribute::create_like(
            new.1,
            &attribute_name,
            &attribute,
            committed.as_ref(),
            &elements,
        )?;
        copied();
    }
    Ok(())
}
