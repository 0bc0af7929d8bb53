//! Carries over everything that a file holds besides `/expr` and the names.
//!
//! Objects are copied one by one with calls that are checked, not with `H5Ocopy`: that one
//! zeroes references between files, duplicates what is linked twice, and crashes on more hostile
//! files. Order: committed datatypes without names, then all links in the order in which each
//! group lists them, then attributes and values that may refer to any object.

use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::form::StringType;
use crate::model::protocol::failure::FailureKind;
use crate::worker::error::{OfOutput, Result, WorkerError};
use crate::worker::inspect::inventory::unwritten::is_mostly_unwritten;
use crate::worker::inspect::inventory::{Change, namer};
use crate::worker::serve::progress::ProgressSink;
use crate::worker::write::copy_values as carried_values;
use h5::attribute::copy_all;
use h5::dataset::Dataset;
use h5::file::File;
use h5::link::Link;
use h5::new_dataset::NewDataset;
use h5::object::{Object, ObjectKind, Token};
use h5::storage::Properties;
use h5::tree::{Entry, Node, Tree};
use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::rc::Rc;
use string_list::StringList;

/// The names of an axis as the new file gets them.
#[derive(Debug)]
pub(crate) enum NewNames {
    /// The old dataset is copied like any other.
    AsTheyAre,
    /// A new dataset of these.
    Written(Rc<StringList>),
}

/// What stands in the new file for the three objects of the layout.
#[derive(Debug)]
pub(crate) struct Layout {
    /// How the new `/expr` is stored.
    pub expr: Option<Properties>,
    pub genes: NewNames,
    pub samples: NewNames,
    /// The type of names that are written.
    pub string_type: StringType,
}

/// Two files, one of them new.
#[derive(Debug)]
pub(crate) struct ObjectCopier<'a> {
    old: &'a File,
    new: &'a File,
    tree: &'a Tree,
    change: &'a Change,
    committed: HashMap<Token, Object>,
    layout: Layout,
}

impl<'a> ObjectCopier<'a> {
    /// Carries from `old`, listed in `tree`, into the empty `new`, but for what is to `change`.
    pub(crate) fn new(
        old: &'a File,
        tree: &'a Tree,
        new: &'a File,
        change: &'a Change,
        layout: Layout,
    ) -> Self {
        ObjectCopier {
            old,
            new,
            tree,
            change,
            committed: HashMap::new(),
            layout,
        }
    }

    /// Makes every object and every link, and the values of datasets that refer to nothing.
    /// `/expr` stays empty.
    pub(crate) fn structure(&mut self, report: &mut dyn ProgressSink) -> Result<()> {
        let tree = self.tree;
        for entry in &tree.entries {
            if entry.node == Node::Object(ObjectKind::Datatype) {
                let old = self.old.object(&entry.path)?;
                let copy = self.new.commit_anonymously(&old).of_output()?;
                self.committed.insert(old.token()?, copy);
            }
        }
        let (later, now): (Vec<&Entry>, Vec<&Entry>) = tree
            .entries
            .iter()
            .skip(1)
            .partition(|entry| self.is_for_later(entry));
        for entry in now.into_iter().chain(later) {
            self.link(entry, report)?;
        }
        self.missing_names()
    }

    /// A further name for an object of the layout may be listed before the object itself.
    fn is_for_later(&self, entry: &Entry) -> bool {
        match &entry.node {
            Node::Again(first) => layout::is_canonical(self.tree.new_path(first)),
            _ => false,
        }
    }

    fn parent(&self, path: &[u8]) -> Result<Object> {
        let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let parent = if end == 0 { b"/" } else { &path[..end] };
        self.new.object(parent).of_output()
    }

    fn link(&mut self, entry: &Entry, report: &mut dyn ProgressSink) -> Result<()> {
        let path = self.tree.new_path(&entry.path);
        let parent = self.parent(path)?;
        let link = &renamed(&entry.link, path);
        match &entry.node {
            Node::Link => parent.create_link(link).of_output(),
            Node::Again(first) => {
                let first = CString::new(self.tree.new_path(first)).unwrap_or_default();
                self.new.link_again(&first, &parent, link).of_output()
            }
            Node::Object(ObjectKind::Group) => {
                let old = self.old.object(&entry.path)?;
                parent.create_group(link, &old).of_output()?;
                Ok(())
            }
            Node::Object(ObjectKind::Datatype) => {
                let token = self.old.object(&entry.path)?.token()?;
                match self.committed.get(&token) {
                    Some(copy) => parent.link_object(copy, link).of_output(),
                    None => Err(lost_type()),
                }
            }
            Node::Object(ObjectKind::Dataset) => self.dataset(entry, link, &parent, report),
        }
    }

    fn dataset(
        &mut self,
        entry: &Entry,
        link: &Link,
        parent: &Object,
        report: &mut dyn ProgressSink,
    ) -> Result<()> {
        let old = Dataset::new(self.old.object(&entry.path)?);
        if entry.path == self.change.matrix.as_bytes()
            && let Some(properties) = self.layout.expr.take()
        {
            self.create_like(&old, parent, link, properties, self.change.transpose)?
                .close()
                .of_output()?;
            return Ok(());
        }
        if let Some(names) = self.new_names(&entry.path) {
            let string_type = self.layout.string_type;
            Dataset::create_names(parent, link, names.iter(), string_type).of_output()?;
            return Ok(());
        }
        let (properties, extent) = (old.properties()?, old.extent()?);
        let properties = match is_mostly_unwritten(self.old, &old)? {
            // What was never written stays so, whatever the file says of when to allocate it.
            true => properties.for_copy_unallocated(&extent)?,
            false => properties.for_copy(&extent)?,
        };
        let new = self.create_like(&old, parent, link, properties, false)?;
        if !old.dtype()?.has_pointers() {
            self.values(&old, &new, report)?;
        }
        new.close().of_output()
    }

    /// The names that replace the dataset at a path, if they do.
    fn new_names(&self, path: &[u8]) -> Option<&StringList> {
        Axis::BOTH
            .into_iter()
            .find(|axis| path.strip_prefix(b"/") == Some(axis.names().as_bytes()))
            .and_then(|axis| match self.names(axis) {
                NewNames::AsTheyAre => None,
                NewNames::Written(names) => Some(&**names),
            })
    }

    fn names(&self, axis: Axis) -> &NewNames {
        match axis {
            Axis::Genes => &self.layout.genes,
            Axis::Samples => &self.layout.samples,
        }
    }

    /// Names that had no dataset in the old file.
    fn missing_names(&self) -> Result<()> {
        let root = self.new.root().of_output()?;
        for axis in Axis::BOTH {
            let link = Link::hard(axis.names());
            if let NewNames::Written(names) = self.names(axis)
                && !root.has_link(&link.name).of_output()?
            {
                let string_type = self.layout.string_type;
                Dataset::create_names(&root, &link, names.iter(), string_type).of_output()?;
            }
        }
        Ok(())
    }

    fn create_like(
        &self,
        old: &Dataset,
        parent: &Object,
        link: &Link,
        properties: Properties,
        transpose: bool,
    ) -> Result<Dataset> {
        let committed = match old.committed_type()? {
            None => None,
            Some(dtype) => Some(self.committed.get(&dtype.token()?).ok_or_else(lost_type)?),
        };
        Dataset::create(
            parent,
            &NewDataset {
                link,
                like: old,
                transpose,
                properties,
                committed,
            },
        )
        .of_output()
    }

    fn values(&self, old: &Dataset, new: &Dataset, report: &mut dyn ProgressSink) -> Result<()> {
        carried_values::copy((self.old, old), (self.new, new), self.tree, report)
    }

    /// Copies attributes, comments, and the values that refer to other objects.
    pub(crate) fn contents(&self, report: &mut dyn ProgressSink) -> Result<()> {
        for entry in &self.tree.entries {
            let Node::Object(kind) = entry.node else {
                continue;
            };
            let old = self.old.object(&entry.path)?;
            let new = self
                .new
                .object(self.tree.new_path(&entry.path))
                .of_output()?;
            if let Some(comment) = old.comment()? {
                new.set_comment(&comment).of_output()?;
            }
            let leave_out = |name: &CStr| self.change.leaves_out(&entry.path, name);
            copy_all(
                (self.old, &old),
                (self.new, &new),
                &namer(self.tree),
                &leave_out,
                &|name, elements| {
                    let change = self.change;
                    change.turn_scales(self.old, self.tree, &entry.path, name, elements)
                },
                &mut || report.live(),
            )?;
            if kind == ObjectKind::Dataset && self.new_names(&entry.path).is_none() {
                let (old, new) = (Dataset::new(old), Dataset::new(new));
                if old.dtype()?.has_pointers() {
                    self.values(&old, &new, report)?;
                }
            }
        }
        Ok(())
    }
}

/// A link that gets the last part of a path as its name.
fn renamed(link: &Link, path: &[u8]) -> Link {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    Link {
        // Paths are made of names without NUL.
        name: CString::new(name).unwrap_or_else(|_| link.name.clone()),
        ..link.clone()
    }
}

fn lost_type() -> WorkerError {
    WorkerError::new(
        FailureKind::Unsupported,
        "a committed datatype is used to which no link of the file leads",
    )
}
