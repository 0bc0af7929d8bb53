//! The inventory of a file as the library reads it.

use crate::model::layout::canonical_paths;
use crate::model::protocol::failure::FailureKind;
use crate::worker::digest;
use crate::worker::error::{Result, WorkerError};
use crate::worker::inspect::inventory::unwritten::{is_mostly_unwritten, written_blocks};
use crate::worker::inspect::inventory::{
    Change, Inventory, attribute_key, counted, path_text, spell_extent, spell_fill,
};
use crate::worker::serve::progress::ProgressSink;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dataspace::{Hyperslab, blocks};
use h5::file::File;
use h5::link::LinkTarget;
use h5::object::{Object, ObjectKind, Token};
use h5::tree::{Entry, Node, Tree};
use sha2::{Digest, Sha256};
use std::os::unix::fs::FileExt;

/// Elements are read in blocks of about so many bytes.
const BLOCK_BYTES: u64 = 4 << 20;
/// The same where chunks are so tall that each would be decoded for many blocks.
const LARGEST_BLOCK: u64 = 32 << 20;

impl Inventory {
    /// Reads a whole file but for the values of `/expr`, the names, and what a new file does without.
    pub fn of(
        file: &File,
        tree: &Tree,
        change: &Change,
        report: &mut dyn ProgressSink,
    ) -> Result<Self> {
        let mut inventory = Inventory::default();
        inventory.user_block(file)?;
        for entry in &tree.entries {
            inventory.entry(file, tree, entry, change, report)?;
        }
        inventory.counts(change);
        Ok(inventory)
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
        report: &mut dyn ProgressSink,
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
            ObjectKind::Group => self.add(format!("the group {shown}"), hasher),
            ObjectKind::Datatype => {
                hasher.update(object.dtype()?.to_string());
                self.add(format!("the committed datatype {shown}"), hasher);
            }
            // Names are compared as text: their old storage is what a migration changes.
            ObjectKind::Dataset if is_names => {}
            ObjectKind::Dataset => {
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
        report: &mut dyn ProgressSink,
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
            let mut elements = attribute.read()?;
            change.turn_scales(file, tree, &entry.path, &name, &mut elements)?;
            elements.canonical(file, &namer(tree), &mut |bytes| hasher.update(bytes))?;
            self.add(attribute_key(shown, &name), hasher);
        }
        Ok(())
    }
}

/// The bytes before the HDF5 file proper.
pub(crate) fn user_block(file: &File) -> Result<Vec<u8>> {
    let length = usize::try_from(file.user_block()?).unwrap_or(usize::MAX);
    if length == 0 {
        return Ok(Vec::new());
    }
    // A user block is a power of two that the superblock follows; the file is longer than it.
    if length as u64 > file.length() {
        return Err(WorkerError::new(
            FailureKind::Source,
            format!("the user block claims {length} bytes"),
        ));
    }
    let mut bytes = vec![0; length];
    file.descriptor()
        .read_exact_at(&mut bytes, 0)
        .map_err(|error| {
            WorkerError::new(
                FailureKind::Source,
                format!("reading the user block: {error}"),
            )
        })?;
    Ok(bytes)
}

/// The path under which a tree knows an object, for references and committed types.
pub(crate) fn namer(tree: &Tree) -> impl Fn(Token) -> Option<Vec<u8>> + '_ {
    |token| tree.path_of(token).map(<[u8]>::to_vec)
}

fn spell_target(hasher: &mut Sha256, target: &LinkTarget) {
    match target {
        LinkTarget::Hard => hasher.update("hard"),
        LinkTarget::Soft(path) => {
            hasher.update("soft");
            counted(hasher, path.to_bytes());
        }
        LinkTarget::External { file, path } => {
            hasher.update("external");
            counted(hasher, file.to_bytes());
            counted(hasher, path.to_bytes());
        }
        LinkTarget::UserDefined(class) => hasher.update(format!("class {class}")),
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

fn spell_values(
    hasher: &mut Sha256,
    file: &File,
    tree: &Tree,
    dataset: &Dataset,
    report: &mut dyn ProgressSink,
) -> Result<()> {
    let item = dataset.dtype()?.size as u64;
    let extent = dataset.extent()?;
    if extent.elements() == 0 {
        return Ok(());
    }
    let is_mostly_unwritten = is_mostly_unwritten(file, dataset)?;
    let blocks: Box<dyn Iterator<Item = Hyperslab>> = if is_mostly_unwritten {
        Box::new(written_blocks(dataset)?.into_iter())
    } else {
        let chunk = dataset.properties()?.chunks()?;
        let most = elements_together(extent.shape(), chunk.as_deref(), item);
        Box::new(blocks(extent.shape(), most))
    };
    for block in blocks {
        if is_mostly_unwritten {
            // All else is the fill value.
            for position in &block.start {
                hasher.update(position.to_le_bytes());
            }
        }
        let elements = dataset.read(&block)?;
        elements.canonical(file, &namer(tree), &mut |bytes| hasher.update(bytes))?;
        report.advance(block.elements() * item);
    }
    Ok(())
}

/// Elements that are read together: whole rows of chunks where memory allows it, as each block decodes all chunks
/// that it touches.
fn elements_together(shape: &[u64], chunk: Option<&[u64]>, item: u64) -> u64 {
    let (usual, most) = (BLOCK_BYTES / item.max(1), LARGEST_BLOCK / item.max(1));
    let ([length, others @ ..], Some([height, ..])) = (shape, chunk) else {
        return usual;
    };
    let row = others.iter().fold(1_u64, |row, n| row.saturating_mul(*n));
    match (*height.min(length)).saturating_mul(row) {
        0 => usual,
        rows if rows <= usual => usual / rows * rows,
        rows => rows.min(most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_decoded_once_as_far_as_memory_allows() {
        let usual = BLOCK_BYTES / 4;
        let together = |shape: &[u64], chunk| elements_together(shape, chunk, 4);
        assert_eq!(together(&[400_000, 50], None), usual);
        // One row of chunks and a half would fit.
        assert_eq!(together(&[400_000, 50], Some(&[12_500, 2])), 12_500 * 50);
        assert_eq!(
            together(&[400_000, 50], Some(&[1_000, 50])),
            20 * 1_000 * 50
        );
        assert_eq!(together(&[400_000, 50], Some(&[30_000, 50])), 30_000 * 50);
        assert_eq!(
            together(&[400_000, 50], Some(&[400_000, 1])),
            LARGEST_BLOCK / 4
        );
        // Chunks may be larger than what they are chunks of.
        assert_eq!(together(&[10, 10], Some(&[64, 64])), usual / 100 * 100);
        assert_eq!(together(&[7], Some(&[3])), usual / 3 * 3);
        assert_eq!(together(&[], None), usual);
        assert_eq!(together(&[5, 0], Some(&[1, 1])), usual);
        assert_eq!(
            together(&[u64::MAX, 9], Some(&[u64::MAX, 1])),
            LARGEST_BLOCK / 4
        );
    }
}
