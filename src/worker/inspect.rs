//! What is in a file: facts, without judgement.

use super::fault::Result;
use super::foreign;
use super::lint;
use super::names::{self, Names};
use super::preflight::check_names;
use super::progress::Report;
use crate::h5::attribute::{Attribute, read_text};
use crate::h5::dataset::Dataset;
use crate::h5::dataspace::Extent;
use crate::h5::file::File;
use crate::h5::object::{Kind, Object, Target};
use crate::h5::storage::Properties;
use crate::h5::tree::{Entry, Node, Tree};
use crate::model::facts::{AxisFacts, Carried, ExprFacts, Facts, Mark, Obstacle, Storage};
use crate::model::layout::{self, Axis};
use crate::model::message::{Phase, Reading};
use crate::model::policy::Charset;
use std::ffi::{CStr, CString};
use std::fs;

/// Values beyond this are a defect or an attack: reading all of them would never end.
const MOST_BYTES: u64 = 1 << 40;

/// Looks at all that decides its state and its plan; with `lint`, for all that is odd about names
/// and values, too.
pub fn inspect(
    file: fs::File,
    charset: Charset,
    lint: Option<Reading>,
    report: &mut dyn Report,
) -> Result<Facts> {
    report.enter(Phase::Opening);
    let file = File::open(file)?;
    report.enter(Phase::Listing);
    let root = file.root()?;
    let mut facts = Facts {
        user_block: file.user_block()?,
        mark: mark(&root)?,
        root_links: root_links(&root)?,
        ..Facts::default()
    };
    let Some(expr) = find_expr(&root, &mut facts)? else {
        if facts.obstacles.is_empty() {
            facts.foreign = foreign::recognise(&file)?;
        }
        return Ok(facts);
    };
    let tree = Tree::of(&file, &canonical_paths())?;
    facts.expr = Some(expr_facts(&expr)?);
    facts.expr_attributes = Attribute::names(expr.object())?
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    survey(&file, &tree, &mut facts, report)?;
    report.enter(Phase::ReadingNames);
    check_names(&file, &root, &expr)?;
    let obstacles = &mut facts.obstacles;
    let genes = AxisNames::read(&root, &expr, Axis::Genes, charset, obstacles)?;
    let samples = AxisNames::read(&root, &expr, Axis::Samples, charset, obstacles)?;
    facts.genes = genes.facts(&expr, lint.is_some())?;
    facts.samples = samples.facts(&expr, lint.is_some())?;
    if let Some(reading) = lint {
        facts.value_oddities = lint::values(&file, &expr, &facts, samples.list(), reading, report)?;
    }
    Ok(facts)
}

/// Paths under which the objects that h5lift knows are always known, whatever else links to them.
pub fn canonical_paths() -> [&'static [u8]; 3] {
    [b"/expr", b"/gene_names", b"/sample_names"]
}

/// A name of the layout, as the library wants it.
pub fn c_name(name: &str) -> CString {
    // The layout's names are literals without NUL; an empty name would find nothing.
    CString::new(name).unwrap_or_default()
}

fn find_expr(root: &Object, facts: &mut Facts) -> Result<Option<Dataset>> {
    let name = c_name(layout::EXPR);
    if !root.has_link(&name)? {
        return Ok(None);
    }
    let instead = match root.link(&name)?.target {
        Target::Hard => {
            let object = root.child(&name)?;
            match object.kind()? {
                Kind::Dataset => return Ok(Some(Dataset::new(object))),
                Kind::Group => "a group".to_string(),
                Kind::Datatype => "a committed datatype".to_string(),
            }
        }
        Target::Soft(path) => format!("a soft link to {}", path.to_string_lossy()),
        Target::External { file, path } => format!(
            "an external link to {} in {}",
            path.to_string_lossy(),
            file.to_string_lossy()
        ),
        Target::UserDefined(class) => format!("a user-defined link of class {class}"),
    };
    if instead.contains("link") {
        facts.obstacles.push(Obstacle {
            object: layout::EXPR_PATH.to_string(),
            needs: format!("to be a dataset of this file, but it is {instead}"),
        });
    }
    facts.expr_is_instead = Some(instead);
    Ok(None)
}

/// The first names of the root, as many as a person would read.
fn root_links(root: &Object) -> Result<Vec<String>> {
    let mut names: Vec<String> = root
        .links()?
        .iter()
        .take(100)
        .map(|link| link.name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

fn mark(root: &Object) -> Result<Option<Mark>> {
    let digest = read_text(root, &c_name(layout::MARK_DIGEST))?;
    let version = read_text(root, &c_name(layout::MARK_VERSION))?;
    let conversion = read_text(root, &c_name(layout::MARK_CONVERSION))?;
    Ok(digest.map(|digest| Mark {
        digest,
        version,
        conversion,
    }))
}

fn expr_facts(expr: &Dataset) -> Result<ExprFacts> {
    let (dtype, extent, properties) = (expr.dtype()?, expr.extent()?, expr.properties()?);
    let shape = extent.shape().to_vec();
    let storage = properties.storage()?;
    let chunks = properties.chunks()?;
    let (chunks_expected, chunks_written) = match &chunks {
        _ if properties.is_external()? || storage == Storage::Virtual => (0, 0),
        Some(chunks) => (grid(&shape, chunks), expr.stored_chunks()?.len() as u64),
        None => (
            u64::from(extent.elements() > 0),
            u64::from(expr.is_allocated()?),
        ),
    };
    Ok(ExprFacts {
        shape,
        dtype: dtype.numpy(),
        item_size: dtype.size as u64,
        numeric: dtype.is_numeric() && extent != Extent::Null,
        storage,
        chunks,
        filters: properties.filters()?,
        stored_bytes: expr.stored_bytes(),
        chunks_expected,
        chunks_written,
    })
}

/// Chunks that a shape needs.
fn grid(shape: &[u64], chunks: &[u64]) -> u64 {
    shape.iter().zip(chunks).fold(1, |n: u64, (length, chunk)| {
        n.saturating_mul(length.div_ceil((*chunk).max(1)))
    })
}

/// Counts what is carried over, and finds what cannot be.
fn survey(file: &File, tree: &Tree, facts: &mut Facts, report: &mut dyn Report) -> Result<()> {
    let mut carried = Carried::default();
    for entry in &tree.entries {
        let is_layout = canonical_paths().contains(&&entry.path[..]);
        match &entry.node {
            Node::Link => {
                carried.links += 1;
                if let Target::UserDefined(class) = entry.link.target {
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
            Node::Object(Kind::Group) => carried.groups += u64::from(entry.path != b"/"),
            Node::Object(Kind::Datatype) => carried.datatypes += 1,
            Node::Object(Kind::Dataset) => {
                carried.datasets += u64::from(!is_layout);
                let dataset = Dataset::new(file.object(&entry.path)?);
                facts.obstacles.extend(dataset_obstacle(entry, &dataset)?);
            }
        }
        let object = file.object(&entry.path)?;
        carried.attributes += attributes(&object, entry, facts, report)?;
    }
    facts.carried = carried;
    Ok(())
}

fn obstacle(entry: &Entry, needs: impl Into<String>) -> Obstacle {
    Obstacle {
        object: String::from_utf8_lossy(&entry.path).into_owned(),
        needs: needs.into(),
    }
}

fn dataset_obstacle(entry: &Entry, dataset: &Dataset) -> Result<Option<Obstacle>> {
    let properties = dataset.properties()?;
    if properties.is_external()? {
        return Ok(Some(obstacle(
            entry,
            "external storage: its values lie in other files",
        )));
    }
    if properties.storage()? == Storage::Virtual {
        return Ok(Some(obstacle(
            entry,
            "other files: it is a virtual dataset",
        )));
    }
    if let Some(part) = dataset.dtype()?.unsupported_part() {
        return Ok(Some(obstacle(entry, part)));
    }
    let item = dataset.dtype()?.size as u64;
    if dataset.extent()?.elements().saturating_mul(item) > MOST_BYTES {
        return Ok(Some(obstacle(
            entry,
            "more than a tebibyte of memory addresses",
        )));
    }
    Ok(missing_filter(&properties)?.map(|filter| obstacle(entry, filter)))
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
    facts: &mut Facts,
    report: &mut dyn Report,
) -> Result<u64> {
    let mut carried = 0;
    for name in Attribute::names(object)? {
        if is_left_out(&entry.path, &name) {
            continue;
        }
        report.live();
        carried += u64::from(!is_count(&entry.path, &name));
        let attribute = Attribute::open(object, &name)?;
        if let Some(part) = attribute.dtype()?.unsupported_part() {
            let shown = name.to_string_lossy();
            facts
                .obstacles
                .push(obstacle(entry, format!("{part} (attribute {shown})")));
        }
    }
    Ok(carried)
}

/// Attributes that a migration replaces: names on `/expr`, h5lift's marks on the root.
pub fn is_left_out(path: &[u8], name: &CStr) -> bool {
    let is = |text: &str| name.to_bytes() == text.as_bytes();
    match path {
        b"/" => is(layout::MARK_DIGEST) || is(layout::MARK_VERSION) || is(layout::MARK_CONVERSION),
        b"/expr" => Axis::BOTH.into_iter().any(|axis| is(axis.names())),
        _ => false,
    }
}

fn is_count(path: &[u8], name: &CStr) -> bool {
    path == b"/expr"
        && Axis::BOTH
            .into_iter()
            .any(|axis| name.to_bytes() == axis.count().as_bytes())
}

/// Both copies of the names of an axis.
struct AxisNames {
    axis: Axis,
    attribute: Option<Names>,
    dataset: Option<Names>,
}

impl AxisNames {
    fn read(
        root: &Object,
        expr: &Dataset,
        axis: Axis,
        charset: Charset,
        obstacles: &mut Vec<Obstacle>,
    ) -> Result<Self> {
        Ok(AxisNames {
            axis,
            attribute: attribute_names(expr, axis, charset)?,
            dataset: dataset_names(root, axis, charset, obstacles)?,
        })
    }

    /// The copy that a report shows.
    fn list(&self) -> Option<&Names> {
        self.attribute.as_ref().or(self.dataset.as_ref())
    }

    fn facts(&self, expr: &Dataset, lint: bool) -> Result<AxisFacts> {
        let count = Attribute::find(expr.object(), &c_name(self.axis.count()))?
            .map(|attribute| names::count(&attribute))
            .transpose()?;
        let difference = match (&self.attribute, &self.dataset) {
            (Some(attribute), Some(dataset)) => attribute.difference(dataset),
            _ => None,
        };
        let oddities = self
            .list()
            .map(|names| lint::names(names, self.axis, lint))
            .unwrap_or_default();
        Ok(AxisFacts {
            count,
            attribute: self.attribute.as_ref().map(Names::facts),
            dataset: self.dataset.as_ref().map(Names::facts),
            difference,
            oddities,
        })
    }
}

/// The names in the attribute of `/expr`, if it has one.
pub fn attribute_names(expr: &Dataset, axis: Axis, charset: Charset) -> Result<Option<Names>> {
    Attribute::find(expr.object(), &c_name(axis.names()))?
        .map(|attribute| Names::in_attribute(&attribute, charset))
        .transpose()
}

/// The names in the root dataset, if there is one; anything else of that name is an obstacle.
pub fn dataset_names(
    root: &Object,
    axis: Axis,
    charset: Charset,
    obstacles: &mut Vec<Obstacle>,
) -> Result<Option<Names>> {
    let name = c_name(axis.names());
    if !root.has_link(&name)? {
        return Ok(None);
    }
    let object = match root.link(&name)?.target {
        Target::Hard => root.child(&name)?,
        _ => {
            obstacles.push(Obstacle {
                object: format!("/{}", axis.names()),
                needs: "to be a dataset of this file, but it is a link to somewhere else"
                    .to_string(),
            });
            return Ok(None);
        }
    };
    if object.kind()? != Kind::Dataset {
        obstacles.push(Obstacle {
            object: format!("/{}", axis.names()),
            needs: "to be a dataset, but it is none".to_string(),
        });
        return Ok(None);
    }
    let dataset = Dataset::new(object);
    let properties = dataset.properties()?;
    // Reading these would open other files; the survey has already named the obstacle.
    if properties.is_external()? || properties.storage()? == Storage::Virtual {
        return Ok(None);
    }
    Ok(Some(Names::in_dataset(&dataset, charset)?))
}
