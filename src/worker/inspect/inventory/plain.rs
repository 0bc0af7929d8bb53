//! The inventory of a plain file, read without the library: the same sums as through the library.

use crate::model::layout::canonical_paths;
use crate::worker::inspect::inventory::change::is_of_dimensions;
use crate::worker::inspect::inventory::{
    Change, Inventory, Spelled, counted, path_text, spell_extent, spell_fill,
};
use h5::dataspace::Extent;
use h5::dtype;
use h5::dtype::{Dtype, Padding};
use plain_hdf5::plain::{
    Datatype, PlainAttribute, PlainClass, PlainContent, PlainDataset, PlainElements, PlainExtent,
    PlainValue,
};
use sha2::{Digest, Sha256};
use std::ffi::CString;

impl Inventory {
    /// Spells all that [`Inventory::of`] would read; `None` where a type has no spelling here.
    pub fn of_plain(content: &PlainContent, change: &Change) -> Option<Self> {
        let mut inventory = Inventory::default();
        inventory.add("the group /".to_string(), head(b"/", false));
        inventory.plain_attributes(b"/", &content.attributes, change)?;
        for dataset in &content.datasets {
            inventory.plain_dataset(dataset, change)?;
        }
        inventory.counts(change);
        Some(inventory)
    }

    fn plain_dataset(&mut self, dataset: &PlainDataset, change: &Change) -> Option<()> {
        let path = [b"/", &dataset.name[..]].concat();
        self.plain_attributes(&path, &dataset.attributes, change)?;
        let [expr, names @ ..] = canonical_paths();
        if names.contains(&&path[..]) {
            return Some(());
        }
        let mut hasher = head(&path, dataset.utf8_name);
        let dtype = dtype(dataset.datatype)?;
        counted(&mut hasher, dtype.to_string().as_bytes());
        let extent = match (extent(&dataset.extent), path == expr && change.transpose) {
            (extent, true) => extent.transposed(),
            (extent, false) => extent,
        };
        spell_extent(&mut hasher, &extent);
        if !dtype.has_pointers() {
            spell_fill(&mut hasher, dataset.fill.as_deref());
        }
        if let PlainElements::Read(value) = &dataset.elements {
            hasher.update(canonical(value));
        }
        self.add(format!("the dataset {}", path_text(&path)), hasher);
        Some(())
    }

    fn plain_attributes(
        &mut self,
        path: &[u8],
        attributes: &[PlainAttribute],
        change: &Change,
    ) -> Option<()> {
        for attribute in attributes {
            let name = CString::new(&attribute.name[..]).ok()?;
            if change.leaves_out(path, &name) {
                continue;
            }
            if change.transpose && is_of_dimensions(&name) {
                return None;
            }
            self.expect(&[Spelled {
                path,
                name: &name,
                utf8_name: attribute.utf8_name,
                dtype: dtype(attribute.datatype)?,
                extent: extent(&attribute.extent),
                value: canonical(&attribute.value),
            }]);
        }
        Some(())
    }
}

/// How an object's own spelling begins.
fn head(path: &[u8], utf8_name: bool) -> Sha256 {
    let mut hasher = Sha256::new();
    counted(&mut hasher, path);
    hasher.update([u8::from(utf8_name)]);
    hasher
}

/// As [`h5::elements::Elements::canonical`] spells elements.
fn canonical(value: &PlainValue) -> Vec<u8> {
    match value {
        PlainValue::Bytes(bytes) => bytes.clone(),
        PlainValue::Texts(texts) => {
            let mut spelled = Vec::new();
            for text in texts.iter() {
                spelled.extend((text.len() as u64).to_le_bytes());
                spelled.extend(text);
            }
            spelled
        }
    }
}

fn extent(plain: &PlainExtent) -> Extent {
    Extent::Grid {
        shape: plain.shape.clone(),
        maximum: plain.maximum.clone(),
    }
}

fn dtype(plain: Datatype) -> Option<Dtype> {
    let size = plain.size;
    let text = |variable, padding, utf8| Dtype {
        size,
        kind: dtype::TypeClass::Text(dtype::TextType {
            variable,
            padding,
            utf8,
        }),
    };
    match plain.kind {
        PlainClass::Integer { signed, big_endian } => {
            Some(Dtype::integer(size, signed, big_endian))
        }
        PlainClass::Float { big_endian } => Dtype::float(size, big_endian),
        PlainClass::FixedText { padding, utf8 } => Some(text(false, padding, utf8)),
        PlainClass::VariableText { utf8 } => Some(text(true, Padding::NullTerminated, utf8)),
        PlainClass::Boolean => Some(Dtype::boolean()),
    }
}
