//! Everything that a file holds besides values of `/expr` and names, as sums to compare.
//!
//! Storage (chunks, filters, positions, versions of the format) is left out: two files with
//! equal inventories hold the same content. An item is a key that a person understands and
//! the SHA-256 sum of its canonical spelling.

mod plain;

use crate::h5::attribute::Attribute;
use crate::h5::dataset::Dataset;
use crate::h5::dataspace::{Extent, blocks};
use crate::h5::dtype::Dtype;
use crate::h5::file::File;
use crate::h5::link::Target;
use crate::h5::object::{Kind, Object, Token};
use crate::h5::tree::{Entry, Node, Tree};
use crate::model::digest::Sum;
use crate::model::layout::{self, Axis, c_name, canonical_paths};
use crate::model::recipe::Recipe;
use crate::worker::digest;
use crate::worker::dimension_scales::Spelled;
use crate::worker::fault::{Fault, Result};
use crate::worker::marks::is_mark;
use crate::worker::progress::Report;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashSet};
use std::ffi::CStr;
use std::os::unix::fs::FileExt;

/// Elements are read in blocks of about so many bytes.
const BLOCK_BYTES: u64 = 4 << 20;

/// What becomes of an old file, besides its values and names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Attributes that the new file does without, by object and name.
    pub dropped: HashSet<(String, String)>,
    /// Counts that the new file has instead of the old ones.
    pub counts: Vec<(Axis, i64)>,
    /// Rows become columns.
    pub transpose: bool,
    /// Path of the matrix.
    pub matrix: String,
}

impl Change {
    /// Nothing but h5lift's marks is left out.
    pub fn none() -> Self {
        Change {
            matrix: layout::EXPR_PATH.to_string(),
            ..Change::default()
        }
    }

    /// What a recipe makes of a matrix with these extents in the new file.
    pub fn of(recipe: &Recipe, shape: [u64; 2]) -> Self {
        let count = |axis: &Axis| {
            let length = i64::try_from(shape[axis.index()]).unwrap_or(i64::MAX);
            (*axis, length)
        };
        Change {
            dropped: recipe.dropped.iter().cloned().collect(),
            counts: recipe.counts.iter().map(count).collect(),
            transpose: recipe.transpose,
            matrix: recipe.matrix.clone(),
        }
    }

    /// Whether the new file does without an attribute, or gets it anew.
    pub fn leaves_out(&self, path: &[u8], name: &CStr) -> bool {
        if is_mark(path, name) {
            return true;
        }
        let (Ok(path), Ok(name)) = (std::str::from_utf8(path), name.to_str()) else {
            return false;
        };
        let is_new_count =
            path == self.matrix && self.counts.iter().any(|(axis, _)| axis.count() == name);
        is_new_count
            || (!self.dropped.is_empty()
                && self.dropped.contains(&(path.to_string(), name.to_string())))
    }

    /// Writes the new counts.
    pub fn write_counts(&self, expr: &Object) -> crate::h5::error::Result<()> {
        for (axis, value) in &self.counts {
            Attribute::create_integer(expr, &c_name(axis.count()), *value)?;
        }
        Ok(())
    }
}

/// Keys and sums of all that a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    items: BTreeMap<String, Sum>,
}

impl Inventory {
    /// Reads a whole file but for the values of `/expr`, the names, and what a new file does without.
    pub fn of(file: &File, tree: &Tree, change: &Change, report: &mut dyn Report) -> Result<Self> {
        let mut inventory = Inventory::default();
        inventory.user_block(file)?;
        for entry in &tree.entries {
            inventory.entry(file, tree, entry, change, report)?;
        }
        inventory.counts(change);
        Ok(inventory)
    }

    /// The counts that the new file gets, as [`Attribute::create_integer`] writes them.
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

    /// The sum of everything.
    pub fn sum(&self) -> Sum {
        let mut hasher = Sha256::new();
        for (key, sum) in &self.items {
            counted(&mut hasher, key.as_bytes());
            hasher.update(sum);
        }
        hasher.finalize().into()
    }

    /// What differs from another inventory, in words; empty when nothing does.
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

    /// Adds attributes that are expected to be there and that nobody has read.
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

    fn user_block(&mut self, file: &File) -> Result<()> {
        let bytes = user_block(file)?;
        if !bytes.is_empty() {
            self.items
                .insert("the user block".to_string(), digest::sum(&bytes));
        }
        Ok(())
    }

    fn entry(
        &mut self,
        file: &File,
        tree: &Tree,
        entry: &Entry,
        change: &Change,
        report: &mut dyn Report,
    ) -> Result<()> {
        let path = tree.new_path(&entry.path);
        let shown = path_text(path);
        let mut hasher = Sha256::new();
        counted(&mut hasher, path);
        hasher.update([u8::from(entry.link.utf8)]);
        let kind = match &entry.node {
            Node::Link => {
                spell_target(&mut hasher, &entry.link.target);
                self.add(format!("the link {shown}"), hasher);
                return Ok(());
            }
            Node::Again(first) => {
                counted(&mut hasher, tree.new_path(first));
                self.add(format!("the hard link {shown}"), hasher);
                return Ok(());
            }
            Node::Object(kind) => *kind,
        };
        let object = file.object(&entry.path)?;
        if let Some(comment) = object.comment()? {
            counted(&mut hasher, comment.to_bytes());
        }
        let is_names = canonical_paths()[1..].contains(&path);
        self.attributes(file, tree, &shown, entry, &object, change, report)?;
        match kind {
            Kind::Group => self.add(format!("the group {shown}"), hasher),
            Kind::Datatype => {
                hasher.update(object.dtype()?.to_string());
                self.add(format!("the committed datatype {shown}"), hasher);
            }
            // Names are compared as text: their old storage is what a migration changes.
            Kind::Dataset if is_names => {}
            Kind::Dataset => {
                let dataset = Dataset::new(object);
                let is_matrix = path == canonical_paths()[0];
                let transposed = is_matrix && change.transpose;
                spell_dataset(&mut hasher, tree, &dataset, transposed)?;
                if !is_matrix {
                    spell_values(&mut hasher, file, tree, &dataset, report)?;
                }
                self.add(format!("the dataset {shown}"), hasher);
            }
        }
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "an object of a file, and what becomes of it"
    )]
    fn attributes(
        &mut self,
        file: &File,
        tree: &Tree,
        shown: &str,
        entry: &Entry,
        object: &Object,
        change: &Change,
        report: &mut dyn Report,
    ) -> Result<()> {
        for name in Attribute::names(object)? {
            if change.leaves_out(&entry.path, &name) {
                continue;
            }
            report.live();
            let attribute = Attribute::open(object, &name)?;
            let mut hasher = Sha256::new();
            counted(&mut hasher, tree.new_path(&entry.path));
            counted(&mut hasher, name.to_bytes());
            hasher.update([u8::from(attribute.has_utf8_name()?)]);
            counted(&mut hasher, attribute.dtype()?.to_string().as_bytes());
            committed(&mut hasher, tree, attribute.committed_type()?)?;
            spell_extent(&mut hasher, &attribute.extent()?);
            attribute
                .read()?
                .canonical(file, &namer(tree), &mut |bytes| {
                    hasher.update(bytes);
                })?;
            self.add(attribute_key(shown, &name), hasher);
        }
        Ok(())
    }
}

fn path_text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

fn attribute_key(path: &str, name: &CStr) -> String {
    format!("the attribute {} of {path}", name.to_string_lossy())
}

/// As [`Inventory::attributes`] spells an attribute with a type of its own.
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

/// The bytes before the HDF5 file proper.
pub fn user_block(file: &File) -> Result<Vec<u8>> {
    let length = usize::try_from(file.user_block()?).unwrap_or(usize::MAX);
    // A user block is a power of two that the superblock follows; the file is longer than it.
    let in_file = file.descriptor().metadata().map_or(0, |m| m.len());
    if length as u64 > in_file {
        return Err(Fault::new(
            crate::model::message::FailureKind::Source,
            format!("the user block claims {length} bytes"),
        ));
    }
    let mut bytes = vec![0; length];
    file.descriptor()
        .read_exact_at(&mut bytes, 0)
        .map_err(|error| {
            Fault::new(
                crate::model::message::FailureKind::Source,
                format!("reading the user block: {error}"),
            )
        })?;
    Ok(bytes)
}

/// The path under which a tree knows an object, for references and committed types.
pub fn namer(tree: &Tree) -> impl Fn(Token) -> Option<Vec<u8>> + '_ {
    |token| tree.path_of(token).map(<[u8]>::to_vec)
}

fn counted(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn spell_target(hasher: &mut Sha256, target: &Target) {
    match target {
        Target::Hard => hasher.update("hard"),
        Target::Soft(path) => {
            hasher.update("soft");
            counted(hasher, path.to_bytes());
        }
        Target::External { file, path } => {
            hasher.update("external");
            counted(hasher, file.to_bytes());
            counted(hasher, path.to_bytes());
        }
        Target::UserDefined(class) => hasher.update(format!("class {class}")),
    }
}

fn committed(hasher: &mut Sha256, tree: &Tree, dtype: Option<Object>) -> Result<()> {
    if let Some(dtype) = dtype {
        let path = tree.path_of(dtype.token()?).unwrap_or(b"?");
        counted(hasher, path);
    }
    Ok(())
}

fn spell_dataset(
    hasher: &mut Sha256,
    tree: &Tree,
    dataset: &Dataset,
    transposed: bool,
) -> Result<()> {
    let dtype = dataset.dtype()?;
    counted(hasher, dtype.to_string().as_bytes());
    committed(hasher, tree, dataset.committed_type()?)?;
    let extent = match (dataset.extent()?, transposed) {
        (extent, true) => extent.transposed(),
        (extent, false) => extent,
    };
    spell_extent(hasher, &extent);
    if !dtype.has_pointers() {
        spell_fill(hasher, dataset.fill_value()?.as_deref());
    }
    Ok(())
}

fn spell_extent(hasher: &mut Sha256, extent: &Extent) {
    counted(hasher, format!("{extent:?}").as_bytes());
}

fn spell_fill(hasher: &mut Sha256, fill: Option<&[u8]>) {
    counted(hasher, format!("{fill:?}").as_bytes());
}

fn spell_values(
    hasher: &mut Sha256,
    file: &File,
    tree: &Tree,
    dataset: &Dataset,
    report: &mut dyn Report,
) -> Result<()> {
    let item = dataset.dtype()?.size as u64;
    let extent = dataset.extent()?;
    if extent.elements() == 0 {
        return Ok(());
    }
    for block in blocks(extent.shape(), BLOCK_BYTES / item.max(1)) {
        let elements = dataset.read(&block)?;
        elements.canonical(file, &namer(tree), &mut |bytes| hasher.update(bytes))?;
        report.advance(block.elements() * item);
    }
    Ok(())
}
