//! Everything that a file holds, in one fixed order.

use crate::error::Result;
use crate::file::File;
use crate::link::{Link, LinkTarget};
use crate::object::{Object, ObjectKind, Token};
use std::collections::HashMap;

/// One link of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Absolute path, as bytes; `/` is the root and comes first.
    pub path: Vec<u8>,
    /// The last part of the path, and where it leads.
    pub link: Link,
    /// The object, or the link that leads out of the file.
    pub node: Node,
}

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An object met for the first time.
    Object(ObjectKind),
    /// A further hard link to the object at that path.
    Again(Vec<u8>),
    /// A soft, external or user-defined link.
    Link,
}

/// All links of a file, parents before children, siblings in the order of their group.
#[derive(Debug, Default)]
pub struct Tree {
    /// One entry for each link, parents first.
    pub entries: Vec<Entry>,
    paths: HashMap<Token, Vec<u8>>,
    /// Objects that are asked for again and again. The library opens what is open already in a tenth of the time.
    kept: Vec<Object>,
    moved: Option<(Vec<u8>, Vec<u8>)>,
}

impl Tree {
    /// Lists a file. An object that is linked at one of the paths in `first` and elsewhere is known
    /// under that path, and stays open as long as this lives.
    pub fn of(file: &File, first: &[&[u8]]) -> Result<Self> {
        let mut tree = Tree::default();
        let root = file.root()?;
        tree.paths.insert(root.token()?, b"/".to_vec());
        tree.entries.push(Entry {
            path: b"/".to_vec(),
            link: Link {
                name: c"/".to_owned(),
                utf8: false,
                target: LinkTarget::Hard,
            },
            node: Node::Object(ObjectKind::Group),
        });
        for path in first {
            tree.know(&root, path)?;
        }
        tree.visit(root)?;
        Ok(tree)
    }

    /// The same file, of which the object at `from` is to stand at `to` in a new one.
    #[must_use]
    pub fn moving(mut self, from: &[u8], to: &[u8]) -> Self {
        self.moved = (from != to).then(|| (from.to_vec(), to.to_vec()));
        self
    }

    /// Where what stands at a path stands in the new file.
    pub fn new_path<'a>(&'a self, path: &'a [u8]) -> &'a [u8] {
        match &self.moved {
            Some((from, to)) if from == path => to,
            _ => path,
        }
    }

    /// The path under which an object is known in the new file.
    pub fn path_of(&self, token: Token) -> Option<&[u8]> {
        self.paths.get(&token).map(|path| self.new_path(path))
    }

    fn know(&mut self, root: &Object, path: &[u8]) -> Result<()> {
        if let Some(object) = root.at(path)? {
            let token = object.token()?;
            self.paths.entry(token).or_insert_with(|| path.to_vec());
            self.kept.push(object);
        }
        Ok(())
    }

    /// Depth first and without recursion: a hostile file may nest as deep as it likes.
    fn visit(&mut self, root: Object) -> Result<()> {
        let links = root.links()?;
        let mut open = vec![(Vec::new(), root, links.into_iter())];
        while let Some((parent, group, links)) = open.last_mut() {
            let Some(link) = links.next() else {
                open.pop();
                continue;
            };
            let mut path = parent.clone();
            path.push(b'/');
            path.extend_from_slice(link.name.as_bytes());
            if link.target != LinkTarget::Hard {
                self.push(path, link, Node::Link);
                continue;
            }
            let object = group.child(&link.name)?;
            let token = object.token()?;
            let known = self.paths.entry(token).or_insert_with(|| path.clone());
            if *known != path {
                let node = Node::Again(known.clone());
                self.push(path, link, node);
                continue;
            }
            let kind = object.kind()?;
            self.push(path.clone(), link, Node::Object(kind));
            if kind == ObjectKind::Group {
                let links = object.links()?.into_iter();
                open.push((path, object, links));
            }
        }
        Ok(())
    }

    fn push(&mut self, path: Vec<u8>, link: Link, node: Node) {
        self.entries.push(Entry { path, link, node });
    }
}
