//! Where a file may have lists of names, by their usual names: listed once for all matrices of the file.

use crate::model::layout::Axis;
use crate::model::names::place::last_part;
use crate::model::names::rules::{OTHERS, OWN};
use crate::worker::error::Result;
use crate::worker::names::place::{Matrix, is_inside};
use crate::worker::serve::progress::ProgressSink;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dtype::Dtype;
use h5::object::ObjectKind;
use h5::tree::{Node, Tree};
use plain_hdf5::NamesIn;
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ffi::CString;
use std::rc::Rc;

/// What was learned about the lists of a file, kept for all requests of the same file.
#[derive(Debug, Default)]
pub struct NamesCache {
    /// Objects whose heaps were checked.
    pub(crate) checked: RefCell<HashSet<(String, NamesIn)>>,
    datasets: OnceCell<HashMap<&'static str, Vec<String>>>,
    groups: OnceCell<Vec<Rc<Holder>>>,
    holders: RefCell<HashMap<String, Rc<Holder>>>,
    outlines: RefCell<HashMap<(String, String), Option<Outline>>>,
    fits: RefCell<HashMap<(String, u64), bool>>,
}

/// An object that has attributes called like lists of names.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) path: String,
    /// The names of its attributes.
    pub(crate) attributes: Vec<CString>,
}

/// Type and shape of a list, known without reading it.
#[derive(Debug, Clone)]
pub(crate) struct Outline {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<u64>,
    /// Whether reading it opens no other file.
    pub(crate) inside: bool,
}

impl NamesCache {
    /// Paths of all datasets whose last part is this name, in the order of the listing.
    pub(crate) fn datasets_called(&self, tree: &Tree, name: &str) -> &[String] {
        let datasets = self.datasets.get_or_init(|| datasets_by_name(tree));
        datasets.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// All groups with attributes called like lists of names.
    pub(crate) fn groups(
        &self,
        matrix: Matrix<'_>,
        report: &mut dyn ProgressSink,
    ) -> Result<&[Rc<Holder>]> {
        if let Some(groups) = self.groups.get() {
            return Ok(groups);
        }
        let mut groups = Vec::new();
        for entry in &matrix.tree.entries {
            if entry.node != Node::Object(ObjectKind::Group) {
                continue;
            }
            let Ok(path) = std::str::from_utf8(&entry.path) else {
                continue;
            };
            report.live();
            let holder = self.holder(matrix, path)?;
            if !holder.attributes.is_empty() {
                groups.push(holder);
            }
        }
        Ok(self.groups.get_or_init(|| groups))
    }

    /// An object with its attributes that are called like lists of names, or like a numbered part of one.
    pub(crate) fn holder(&self, matrix: Matrix<'_>, path: &str) -> Result<Rc<Holder>> {
        if let Some(known) = self.holders.borrow().get(path) {
            return Ok(Rc::clone(known));
        }
        let object = matrix.file.object(path.as_bytes())?;
        let mut attributes = Attribute::sorted_names(&object)?;
        attributes.retain(|name| is_called_like_names(name.to_bytes()));
        let holder = Rc::new(Holder {
            path: path.to_string(),
            attributes,
        });
        self.holders
            .borrow_mut()
            .insert(path.to_string(), Rc::clone(&holder));
        Ok(holder)
    }

    /// Type and shape of an attribute; `None` if there is none.
    pub(crate) fn attribute(
        &self,
        path: &str,
        name: &str,
        find: impl FnOnce() -> Result<Option<Attribute>>,
    ) -> Result<Option<Outline>> {
        self.outline((path, name), || {
            let Some(attribute) = find()? else {
                return Ok(None);
            };
            Ok(Some(Outline {
                dtype: attribute.dtype()?,
                shape: attribute.extent()?.shape().to_vec(),
                inside: true,
            }))
        })
    }

    /// Type and shape of a dataset.
    pub(crate) fn dataset(
        &self,
        path: &str,
        open: impl FnOnce() -> Result<Dataset>,
    ) -> Result<Option<Outline>> {
        self.outline((path, ""), || {
            let dataset = open()?;
            Ok(Some(Outline {
                dtype: dataset.dtype()?,
                shape: dataset.extent()?.shape().to_vec(),
                inside: is_inside(&dataset)?,
            }))
        })
    }

    fn outline(
        &self,
        (path, attribute): (&str, &str),
        read: impl FnOnce() -> Result<Option<Outline>>,
    ) -> Result<Option<Outline>> {
        let key = (path.to_string(), attribute.to_string());
        if let Some(known) = self.outlines.borrow().get(&key) {
            return Ok(known.clone());
        }
        let outline = read()?;
        self.outlines.borrow_mut().insert(key, outline.clone());
        Ok(outline)
    }

    /// Whether what stands at a place is a list of so many names, decided once.
    pub(crate) fn fits(
        &self,
        place: String,
        length: u64,
        decide: impl FnOnce() -> Result<bool>,
    ) -> Result<bool> {
        let key = (place, length);
        if let Some(known) = self.fits.borrow().get(&key) {
            return Ok(*known);
        }
        let fits = decide()?;
        self.fits.borrow_mut().insert(key, fits);
        Ok(fits)
    }
}

/// All names that lists are called by.
fn usual_names() -> impl Iterator<Item = &'static str> {
    let spellings = OWN.iter().chain(&OTHERS);
    spellings.flat_map(|spelling| Axis::BOTH.map(|axis| spelling.of(axis)))
}

fn datasets_by_name(tree: &Tree) -> HashMap<&'static str, Vec<String>> {
    let mut datasets: HashMap<&'static str, Vec<String>> = HashMap::new();
    for entry in &tree.entries {
        if entry.node != Node::Object(ObjectKind::Dataset) {
            continue;
        }
        if let Ok(path) = std::str::from_utf8(&entry.path)
            && let Some(name) = usual_names().find(|name| *name == last_part(path))
        {
            datasets.entry(name).or_default().push(path.to_string());
        }
    }
    datasets
}

fn is_called_like_names(attribute: &[u8]) -> bool {
    usual_names().any(|name| {
        attribute
            .strip_prefix(name.as_bytes())
            .is_some_and(|rest| rest.iter().all(|it| *it == b'_' || it.is_ascii_digit()))
    })
}
