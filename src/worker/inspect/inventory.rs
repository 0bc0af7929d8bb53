//! Everything in a file except values of `/expr` and names, as sums to compare.
//!
//! Storage (chunks, filters, positions, versions of the format) is left out: two files with equal inventories
//! have the same content. An item is a readable key and the SHA-256 sum of its canonical spelling.

pub(crate) mod change;
pub(crate) mod library;
pub(crate) mod plain;
pub(crate) mod unwritten;

pub use crate::worker::inspect::inventory::change::Change;
pub(crate) use crate::worker::inspect::inventory::library::{namer, user_block};

use crate::model::digest::Sum;
use crate::model::layout;
use crate::model::layout::c_name;
use h5::dataspace::Extent;
use h5::dtype::Dtype;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::CStr;

/// An attribute as an inventory spells it.
#[derive(Debug)]
pub struct Spelled<'a> {
    /// The object that has it.
    pub path: &'a [u8],
    pub name: &'a CStr,
    /// Character set of the name.
    pub utf8_name: bool,
    pub dtype: Dtype,
    pub extent: Extent,
    /// Its value, as [`h5::elements::Elements::canonical`] spells it.
    pub value: Vec<u8>,
}

/// Keys and sums of all that a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    items: BTreeMap<String, Sum>,
}

impl Inventory {
    /// The counts that the new file gets, as [`h5::attribute::Attribute::create_integer`] writes them.
    fn counts(&mut self, change: &Change) {
        for (axis, value) in &change.counts {
            self.expect(&[Spelled {
                path: layout::EXPR_PATH.as_bytes(),
                name: &c_name(axis.count()),
                utf8_name: false,
                dtype: Dtype::integer(8, true, false),
                extent: Extent::fixed(&[]),
                value: value.to_le_bytes().to_vec(),
            }]);
        }
    }

    pub fn sum(&self) -> Sum {
        let mut hasher = Sha256::new();
        for (key, sum) in &self.items {
            counted(&mut hasher, key.as_bytes());
            hasher.update(sum);
        }
        hasher.finalize().into()
    }

    /// The differences from another inventory as text; empty if there are none.
    pub fn differences(&self, new: &Inventory) -> Vec<String> {
        let lost = self
            .items
            .iter()
            .filter_map(|(key, sum)| match new.items.get(key) {
                None => Some(format!("{key} is missing in the new file")),
                Some(other) if other != sum => Some(format!("{key} differs")),
                Some(_) => None,
            });
        let added = new
            .items
            .keys()
            .filter(|key| !self.items.contains_key(*key))
            .map(|key| format!("{key} is only in the new file"));
        lost.chain(added).collect()
    }

    /// Adds attributes that are expected and were not read.
    pub fn expect(&mut self, attributes: &[Spelled<'_>]) {
        for attribute in attributes {
            let key = attribute_key(&path_text(attribute.path), attribute.name);
            self.add(key, spelled(attribute));
        }
    }

    /// Whether it holds exactly this attribute.
    pub fn holds(&self, attribute: &Spelled<'_>) -> bool {
        let key = attribute_key(&path_text(attribute.path), attribute.name);
        let sum: Sum = spelled(attribute).finalize().into();
        self.items.get(&key) == Some(&sum)
    }

    /// Whether it holds an attribute of this name.
    pub fn has_attribute(&self, path: &[u8], name: &CStr) -> bool {
        self.items
            .contains_key(&attribute_key(&path_text(path), name))
    }

    fn add(&mut self, key: String, hasher: Sha256) {
        self.items.insert(key, hasher.finalize().into());
    }
}

fn path_text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

fn attribute_key(path: &str, name: &CStr) -> String {
    format!("the attribute {} of {path}", name.to_string_lossy())
}

/// As [`Inventory::of`] spells an attribute with a type of its own.
fn spelled(attribute: &Spelled<'_>) -> Sha256 {
    let mut hasher = Sha256::new();
    counted(&mut hasher, attribute.path);
    counted(&mut hasher, attribute.name.to_bytes());
    hasher.update([u8::from(attribute.utf8_name)]);
    counted(&mut hasher, attribute.dtype.to_string().as_bytes());
    spell_extent(&mut hasher, &attribute.extent);
    hasher.update(&attribute.value);
    hasher
}

fn counted(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn spell_extent(hasher: &mut Sha256, extent: &Extent) {
    counted(hasher, format!("{extent:?}").as_bytes());
}

fn spell_fill(hasher: &mut Sha256, fill: Option<&[u8]>) {
    counted(hasher, format!("{fill:?}").as_bytes());
}
