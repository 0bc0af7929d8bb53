//! Elements in memory: bytes, and what they point at.
//!
//! Numbers are plain bytes. Variable-length text, sequences and references are pointers, so equal elements of
//! two files have different bytes; [`Elements::canonical`] spells them in a form that depends on the content
//! only.

use crate::dtype::{Dtype, Member, Order, TypeClass};
use crate::error::{H5Error, Result, count};
use crate::file::File;
use crate::handle::{DEFAULT, Handle};
use crate::object::Token;
use crate::references;
use hdf5_format::element::unpadded;
use hdf5_sys::h5s::H5Sget_simple_extent_npoints;
use hdf5_sys::h5t::H5Treclaim;
use std::ffi::{CStr, c_char, c_void};

/// Elements that were read, with the memory that the library allocated for them.
#[derive(Debug)]
pub struct Elements {
    bytes: Vec<u8>,
    dtype: Dtype,
    memory_type: Handle,
    space: Handle,
}

/// Allocates what a header asks for, or says that it cannot.
pub(crate) fn zeroed(bytes: usize) -> Result<Vec<u8>> {
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(bytes).map_err(|_| {
        H5Error::found(
            "reading values",
            format!("they claim {bytes} bytes of memory"),
        )
    })?;
    buffer.resize(bytes, 0);
    Ok(buffer)
}

impl Elements {
    /// Space for all elements of a dataspace.
    pub(crate) fn room(dtype: Dtype, memory_type: Handle, space: Handle) -> Result<Self> {
        // SAFETY: an open dataspace.
        let elements = count("counting elements", || unsafe {
            H5Sget_simple_extent_npoints(space.id())
        })?;
        let bytes = elements.checked_mul(dtype.size).ok_or_else(|| {
            H5Error::found("reading values", format!("they claim {elements} elements"))
        })?;
        Ok(Elements {
            bytes: zeroed(bytes)?,
            dtype,
            memory_type,
            space,
        })
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut c_void {
        self.bytes.as_mut_ptr().cast()
    }

    pub(crate) fn as_ptr(&self) -> *const c_void {
        self.bytes.as_ptr().cast()
    }

    pub(crate) fn memory_type(&self) -> &Handle {
        &self.memory_type
    }

    pub(crate) fn space(&self) -> &Handle {
        &self.space
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes of plain elements; pointers have no meaning outside of this crate.
    pub fn plain_bytes(&self) -> Option<&[u8]> {
        (!self.dtype.has_pointers()).then_some(&self.bytes[..])
    }

    /// Each element as text without its padding, when they are text.
    pub fn texts(&self) -> Option<impl Iterator<Item = &[u8]>> {
        let TypeClass::Text(text) = &self.dtype.kind else {
            return None;
        };
        let elements = self.bytes.chunks_exact(self.dtype.size);
        Some(elements.map(|element| match text.variable {
            true => variable_text(element),
            false => unpadded(element, text.padding),
        }))
    }

    /// Whether each element is text of variable length that was never written (`NULL`), which [`Elements::texts`]
    /// shows as empty.
    pub fn unwritten(&self) -> impl Iterator<Item = bool> {
        let is_variable = matches!(&self.dtype.kind, TypeClass::Text(text) if text.variable);
        let elements = self.bytes.chunks_exact(self.dtype.size);
        elements.map(move |element| is_variable && read_word(element) == 0)
    }

    /// One field of each record as text without its padding, when it is text.
    pub fn field_texts(&self, field: &Member) -> Option<impl Iterator<Item = &[u8]>> {
        let TypeClass::Text(text) = &field.dtype.kind else {
            return None;
        };
        let end = field.offset.checked_add(field.dtype.size)?;
        if end > self.dtype.size {
            return None;
        }
        let (range, text) = (field.offset..end, *text);
        let records = self.bytes.chunks_exact(self.dtype.size);
        Some(records.map(move |record| match text.variable {
            true => variable_text(&record[range.clone()]),
            false => unpadded(&record[range.clone()], text.padding),
        }))
    }

    /// Calls `sink` with bytes that depend on the content only: lengths before sequences, the path
    /// from `name` and the selection for references.
    pub fn canonical(
        &self,
        file: &File,
        name: &dyn Fn(Token) -> Option<Vec<u8>>,
        sink: &mut dyn FnMut(&[u8]),
    ) -> Result<()> {
        if let Some(bytes) = self.plain_bytes() {
            sink(bytes);
            return Ok(());
        }
        let mut spell = Spell { file, name, sink };
        for element in self.bytes.chunks_exact(self.dtype.size) {
            spell.element(&self.dtype, element)?;
        }
        Ok(())
    }

    /// Puts two elements in each other's place.
    pub fn swap_two(&mut self) {
        let size = self.dtype.size;
        if self.bytes.len() == 2 * size {
            let (first, second) = self.bytes.split_at_mut(size);
            first.swap_with_slice(second);
        }
    }

    /// Swaps dimensions 0 and 1 in the back references of a dimension scale (`REFERENCE_LIST`), where they lead to an object
    /// that `is_turned` names.
    pub fn swap_dimensions(
        &mut self,
        file: &File,
        is_turned: &dyn Fn(Token) -> bool,
    ) -> Result<()> {
        let TypeClass::Compound(members) = &self.dtype.kind else {
            return Ok(());
        };
        let [reference, dimension] = &members[..] else {
            return Ok(());
        };
        let TypeClass::Integer { order, .. } = &dimension.dtype.kind else {
            return Ok(());
        };
        if reference.dtype.kind != TypeClass::ObjectReference {
            return Ok(());
        }
        for element in self.bytes.chunks_exact_mut(self.dtype.size) {
            let bytes = &element[reference.offset..][..reference.dtype.size];
            let Some(pointer) = references::pointer(file, &reference.dtype, bytes)? else {
                continue;
            };
            let number = &mut element[dimension.offset..][..dimension.dtype.size];
            let lowest = match order {
                Order::Big => number.last_mut(),
                Order::Little | Order::None => number.first_mut(),
            };
            if let (true, Some(lowest @ (0 | 1))) = (is_turned(pointer.token), lowest) {
                *lowest = 1 - *lowest;
            }
        }
        Ok(())
    }

    /// Turns references into `old` into references to the objects of `new` that `name` gives.
    pub fn retarget(
        &mut self,
        old: &File,
        new: &File,
        name: &dyn Fn(Token) -> Option<Vec<u8>>,
    ) -> Result<()> {
        if !self.dtype.has_pointers() {
            return Ok(());
        }
        let dtype = self.dtype.clone();
        for element in self.bytes.chunks_exact_mut(dtype.size) {
            retarget(&dtype, element, old, new, name)?;
        }
        Ok(())
    }
}

impl Drop for Elements {
    fn drop(&mut self) {
        if self.dtype.has_pointers() {
            hdf5::sync::sync(|| {
                // SAFETY: the buffer holds elements of exactly this type and number, whose memory
                // the library allocated (or zeros, which it takes for empty).
                unsafe {
                    H5Treclaim(
                        self.memory_type.id(),
                        self.space.id(),
                        DEFAULT,
                        self.bytes.as_mut_ptr().cast(),
                    )
                };
            });
        }
    }
}

fn variable_text(element: &[u8]) -> &[u8] {
    let pointer = read_word(element) as *const c_char;
    if pointer.is_null() {
        return b"";
    }
    // SAFETY: the library stored a NUL-terminated text here, which lives as long as `Elements`.
    unsafe { CStr::from_ptr(pointer) }.to_bytes()
}

/// The pointer-sized word at the start of an element.
fn read_word(element: &[u8]) -> usize {
    let mut word = [0_u8; size_of::<usize>()];
    word.copy_from_slice(&element[..size_of::<usize>()]);
    usize::from_ne_bytes(word)
}

/// Length and memory of a sequence (`hvl_t`).
fn sequence(element: &[u8]) -> (usize, *mut u8) {
    let length = read_word(element);
    let pointer = read_word(&element[size_of::<usize>()..]) as *mut u8;
    if pointer.is_null() {
        (0, pointer)
    } else {
        (length, pointer)
    }
}

struct Spell<'a> {
    file: &'a File,
    name: &'a dyn Fn(Token) -> Option<Vec<u8>>,
    sink: &'a mut dyn FnMut(&[u8]),
}

impl Spell<'_> {
    fn element(&mut self, dtype: &Dtype, element: &[u8]) -> Result<()> {
        if !dtype.has_pointers() {
            (self.sink)(element);
            return Ok(());
        }
        match &dtype.kind {
            TypeClass::Text(_) => self.counted(variable_text(element)),
            TypeClass::Sequence(base) => {
                let (length, pointer) = sequence(element);
                (self.sink)(&(length as u64).to_le_bytes());
                for index in 0..length {
                    // SAFETY: the library stored `length` elements of the base type here.
                    let item = unsafe {
                        std::slice::from_raw_parts(pointer.add(index * base.size), base.size)
                    };
                    self.element(base, item)?;
                }
            }
            TypeClass::Compound(members) => {
                for member in members {
                    self.element(
                        &member.dtype,
                        &element[member.offset..][..member.dtype.size],
                    )?;
                }
            }
            TypeClass::Array { base, .. } => {
                for item in element.chunks_exact(base.size) {
                    self.element(base, item)?;
                }
            }
            TypeClass::ObjectReference | TypeClass::RegionReference => {
                self.reference(dtype, element)?;
            }
            _ => (self.sink)(element),
        }
        Ok(())
    }

    fn counted(&mut self, bytes: &[u8]) {
        (self.sink)(&(bytes.len() as u64).to_le_bytes());
        (self.sink)(bytes);
    }

    fn reference(&mut self, dtype: &Dtype, element: &[u8]) -> Result<()> {
        let Some(pointer) = references::pointer(self.file, dtype, element)? else {
            self.counted(b"");
            return Ok(());
        };
        let path = references::path_of(self.name, pointer.token)?;
        self.counted(&path);
        if let Some(region) = &pointer.region {
            let selection = references::selection(region)?;
            self.counted(&selection);
        }
        Ok(())
    }
}

fn retarget(
    dtype: &Dtype,
    element: &mut [u8],
    old: &File,
    new: &File,
    name: &dyn Fn(Token) -> Option<Vec<u8>>,
) -> Result<()> {
    if !dtype.has_pointers() {
        return Ok(());
    }
    match &dtype.kind {
        TypeClass::Sequence(base) if base.has_pointers() => {
            let (length, pointer) = sequence(element);
            for index in 0..length {
                // SAFETY: the library stored `length` elements of the base type here, and nothing else holds
                // them.
                let item = unsafe {
                    std::slice::from_raw_parts_mut(pointer.add(index * base.size), base.size)
                };
                retarget(base, item, old, new, name)?;
            }
        }
        TypeClass::Compound(members) => {
            for member in members {
                let field = &mut element[member.offset..][..member.dtype.size];
                retarget(&member.dtype, field, old, new, name)?;
            }
        }
        TypeClass::Array { base, .. } => {
            for item in element.chunks_exact_mut(base.size) {
                retarget(base, item, old, new, name)?;
            }
        }
        TypeClass::ObjectReference | TypeClass::RegionReference => {
            if let Some(pointer) = references::pointer(old, dtype, element)? {
                let path = references::path_of(name, pointer.token)?;
                references::create(dtype, element, new, path, pointer.region.as_ref())?;
            }
        }
        _ => {}
    }
    Ok(())
}
