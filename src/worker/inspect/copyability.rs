//! What is carried over into a new file, and what prevents it.

use crate::model::facts::{Carried, Facts, Obstacle, Remedy};
use crate::model::layout;
use crate::model::layout::{Axis, c_name};
use crate::model::names::place::last_part;
use crate::worker::error::Result;
use crate::worker::inspect::marks::is_mark;
use crate::worker::serve::progress::ProgressSink;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dtype::Dtype;
use h5::file::File;
use h5::link::LinkTarget;
use h5::object::{Object, ObjectKind};
use h5::storage::Properties;
use h5::tree::{Entry, Node, Tree};
use hdf5_format::storage::Storage;

/// Values beyond this are a defect or an attack: reading all of them would never end.
const MOST_BYTES: u64 = 1 << 40;

/// Counts what is carried over, and finds what cannot be.
pub(crate) fn assess_copyability(
    file: &File,
    tree: &Tree,
    matrix: &str,
    facts: &mut Facts,
    report: &mut dyn ProgressSink,
) -> Result<()> {
    let mut carried = Carried::default();
    for entry in &tree.entries {
        let is_layout = layout::is_canonical(tree.new_path(&entry.path));
        match &entry.node {
            Node::Link => {
                carried.links += 1;
                if let LinkTarget::UserDefined(class) = entry.link.target {
                    facts.obstacles.push(obstacle(
                        entry,
                        format!("a user-defined link of class {class}"),
                    ));
                }
                continue;
            }
            Node::Again(_) => {
                carried.links += 1;
                continue;
            }
            Node::Object(ObjectKind::Group) => carried.groups += u64::from(entry.path != b"/"),
            Node::Object(ObjectKind::Datatype) => carried.datatypes += 1,
            Node::Object(ObjectKind::Dataset) => {
                carried.datasets += u64::from(!is_layout);
            }
        }
        let mut object = file.object(&entry.path)?;
        if entry.node == Node::Object(ObjectKind::Dataset) {
            let dataset = Dataset::new(object);
            let dtype = dataset.dtype()?;
            note_regions(facts, entry, &dtype);
            let obstacle = dataset_obstacle(entry, &dataset, &dtype)?;
            facts.obstacles.extend(obstacle);
            object = dataset.into_object();
        }
        let is_matrix = entry.path == matrix.as_bytes();
        carried.attributes += attributes(&object, entry, is_matrix, facts, report)?;
    }
    facts.carried = carried;
    Ok(())
}

fn obstacle(entry: &Entry, needs: impl Into<String>) -> Obstacle {
    Obstacle {
        object: String::from_utf8_lossy(&entry.path).into_owned(),
        needs: needs.into(),
        remedy: Remedy::Rewrite,
    }
}

fn dataset_obstacle(entry: &Entry, dataset: &Dataset, dtype: &Dtype) -> Result<Option<Obstacle>> {
    let properties = dataset.properties()?;
    if properties.is_external()? {
        return Ok(Some(
            obstacle(entry, "external storage: its values lie in other files").with(Remedy::Repack),
        ));
    }
    if properties.storage()? == Storage::Virtual {
        return Ok(Some(
            obstacle(
                entry,
                "the datasets that its values lie in: it is a virtual dataset",
            )
            .with(Remedy::Repack),
        ));
    }
    if let Some(part) = dtype.unsupported_part() {
        return Ok(Some(obstacle(entry, part)));
    }
    let item = dtype.size as u64;
    if dataset.extent()?.elements().saturating_mul(item) > MOST_BYTES {
        return Ok(Some(obstacle(
            entry,
            "more than a tebibyte of memory addresses",
        )));
    }
    Ok(missing_filter(properties)?.map(|filter| obstacle(entry, filter).with(Remedy::Plugin)))
}

fn note_regions(facts: &mut Facts, entry: &Entry, dtype: &Dtype) {
    if dtype.has_regions() && facts.regions.is_none() {
        facts.regions = Some(String::from_utf8_lossy(&entry.path).into_owned());
    }
}

fn missing_filter(properties: &Properties) -> Result<Option<String>> {
    Ok(properties
        .filters()?
        .into_iter()
        .find(|filter| !filter.available)
        .map(|filter| {
            let name = if filter.name.is_empty() {
                "without a name".to_string()
            } else {
                filter.name
            };
            format!("the filter {name} ({})", filter.id)
        }))
}

/// Counts the attributes that are carried over, and finds those that cannot be.
fn attributes(
    object: &Object,
    entry: &Entry,
    is_matrix: bool,
    facts: &mut Facts,
    report: &mut dyn ProgressSink,
) -> Result<u64> {
    let mut carried = 0;
    for name in Attribute::sorted_names(object)? {
        let of_layout = is_matrix && layout::is_names(name.to_bytes());
        if of_layout || is_mark(&entry.path, &name) {
            continue;
        }
        report.live();
        carried += u64::from(!(is_matrix && layout::is_count(name.to_bytes())));
        let attribute = Attribute::open(object, &name)?;
        let dtype = attribute.dtype()?;
        note_regions(facts, entry, &dtype);
        if let Some(part) = dtype.unsupported_part() {
            let shown = name.to_string_lossy();
            facts
                .obstacles
                .push(obstacle(entry, format!("{part} (attribute {shown})")));
        }
    }
    Ok(carried)
}

/// Attributes with names that were counted as carried over, because only the search knows them.
pub(crate) fn lifted_elsewhere(facts: &Facts, matrix: &str) -> u64 {
    let mut lifted: Vec<(&str, &String)> = Axis::BOTH
        .into_iter()
        .flat_map(|axis| &facts.axis(axis).candidates)
        .flat_map(|found| {
            let (object, names) = found.place.attributes();
            names.iter().map(move |name| (object, name))
        })
        .filter(|(object, name)| *object != matrix || !layout::is_names(name.as_bytes()))
        .collect();
    lifted.sort_unstable();
    lifted.dedup();
    lifted.len() as u64
}

/// An object in the place of one that the new file needs.
pub(crate) fn in_the_way(root: &Object, tree: &Tree, matrix: &str) -> Result<Vec<Obstacle>> {
    let mut obstacles = Vec::new();
    let mut add = |object: &str, needs: &str, remedy| {
        obstacles.push(Obstacle {
            object: object.to_string(),
            needs: needs.to_string(),
            remedy,
        });
    };
    for axis in Axis::BOTH {
        let (name, path) = (c_name(axis.names()), format!("/{}", axis.names()));
        if !root.has_link(&name)? {
            continue;
        }
        if root.link(&name)?.target != LinkTarget::Hard {
            add(
                &path,
                "to be a dataset of this file, but it is a link to somewhere else",
                Remedy::Unlink,
            );
        } else if root.child(&name)?.kind()? != ObjectKind::Dataset {
            add(&path, "to be a dataset, but it is not", Remedy::Rewrite);
        }
    }
    if matrix == layout::EXPR_PATH {
        return Ok(obstacles);
    }
    if root.has_link(&c_name(layout::EXPR))? {
        add(
            layout::EXPR_PATH,
            &format!("to be free for {matrix}, which becomes /expr"),
            Remedy::Unlink,
        );
    }
    for entry in &tree.entries {
        if let LinkTarget::Soft(target) = &entry.link.target
            && target.to_bytes().ends_with(last_part(matrix).as_bytes())
        {
            let shown = String::from_utf8_lossy(&entry.path);
            add(
                &shown,
                &format!("{matrix}, to which it leads, to stay there"),
                Remedy::Unlink,
            );
        }
    }
    Ok(obstacles)
}
