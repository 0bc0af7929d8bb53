//! What is in a file: facts, without judgement.

use super::dimension_scales;
use super::fault::Result;
use super::foreign;
use super::lint;
use super::matrices;
use super::names;
use super::place::{Checked, Matrix, listing};
use super::progress::Report;
use super::search::{Found, find};
use crate::format::{plain_answers, plain_facts};
use crate::h5::attribute::{Attribute, read_text};
use crate::h5::dataset::Dataset;
use crate::h5::dataspace::Extent;
use crate::h5::file::File;
use crate::h5::object::{Kind, Object, Target};
use crate::h5::storage::Properties;
use crate::h5::tree::{Entry, Node, Tree};
use crate::model::facts::{
    AxisFacts, Candidate, Carried, ExprFacts, Facts, Mark, Obstacle, Storage,
};
use crate::model::layout::{self, Axis};
use crate::model::message::{Phase, Reading};
use crate::model::policy::Charset;
use crate::model::rules::Rules;
use std::ffi::{CStr, CString};
use std::fs;

/// Values beyond this are a defect or an attack: reading all of them would never end.
const MOST_BYTES: u64 = 1 << 40;

/// How a file is looked at.
#[derive(Debug)]
pub struct Looking<'a> {
    /// Where matrix and names are looked for.
    pub rules: &'a Rules,
    /// How names are decoded.
    pub charset: Charset,
    /// Ask for all that is odd about names and values, and read the values for it like this.
    pub lint: Option<Reading>,
}

/// Looks at all that decides a file's state and its plan.
pub fn inspect(file: fs::File, looking: &Looking<'_>, report: &mut dyn Report) -> Result<Facts> {
    report.enter(Phase::Opening);
    if let Some(facts) = plain(&file, looking) {
        return Ok(facts);
    }
    look_at(&File::open(file)?, looking, report)
}

/// What a plain file says of itself: a long list of names takes the library ten times as long.
fn plain(file: &fs::File, looking: &Looking<'_>) -> Option<Facts> {
    if !plain_answers(looking.rules, looking.charset) || looking.lint.is_some() {
        return None;
    }
    plain_facts(file)
}

/// The same for a file that is small enough to be read as one piece, on a thread that can open nothing.
pub fn inspect_small(
    file: fs::File,
    looking: &Looking<'_>,
    report: &mut dyn Report,
) -> Result<Facts> {
    report.enter(Phase::Opening);
    look_at(&File::open_whole(file)?, looking, report)
}

fn look_at(file: &File, looking: &Looking<'_>, report: &mut dyn Report) -> Result<Facts> {
    report.enter(Phase::Listing);
    let root = file.root()?;
    let path = looking.rules.matrix();
    let mut facts = Facts {
        user_block: file.user_block()?,
        mark: mark(&root)?,
        salvaged: salvage_mark(&root)?,
        root_links: root_links(&root)?,
        sought: looking.rules.matrix.clone(),
        ..Facts::default()
    };
    let Some(expr) = find_matrix(&root, path, &mut facts)? else {
        if facts.obstacles.is_empty() {
            facts.foreign = foreign::recognise(file)?;
            facts.resembles = foreign::resembles(&root)?;
        }
        if facts.obstacles.is_empty() && facts.foreign.is_none() {
            report.enter(Phase::ReadingNames);
            facts.matrices = matrices::elsewhere(file, looking)?;
        }
        return Ok(facts);
    };
    let tree = listing(file, path)?;
    facts.expr = Some(ExprFacts {
        elsewhere: (path != layout::EXPR_PATH).then(|| path.to_string()),
        ..expr_facts(&expr)?
    });
    facts.expr_attributes = Attribute::names(expr.object())?
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    survey(file, &tree, path, &mut facts, report)?;
    facts.obstacles.extend(in_the_way(&root, &tree, path)?);
    facts.scales = dimension_scales::found(file, &tree, &root, &expr)?;
    report.enter(Phase::ReadingNames);
    let matrix = Matrix {
        file,
        tree: &tree,
        path,
        shape: extents(&facts),
        charset: looking.charset,
        checked: &Checked::default(),
    };
    let found = find(matrix, looking.rules)?;
    for (axis, found) in Axis::BOTH.into_iter().zip(&found) {
        let axis_facts = axis_facts(&expr, axis, found, looking)?;
        match axis {
            Axis::Genes => facts.genes = axis_facts,
            Axis::Samples => facts.samples = axis_facts,
        }
    }
    facts.carried.attributes -= lifted_elsewhere(&facts, path);
    if let Some(reading) = looking.lint {
        let samples = found[1].first().map(|list| &list.names);
        let texts = |lists: &[Found]| {
            lists
                .first()
                .map(|list| list.names.texts.clone())
                .unwrap_or_default()
        };
        facts.value_oddities = lint::values(file, &expr, &facts, samples, reading, report)
            .map_err(|fault| fault.naming(&texts(&found[0]), &texts(&found[1])))?;
    }
    Ok(facts)
}

/// Genes and samples by the shape of the matrix.
fn extents(facts: &Facts) -> Option<[u64; 2]> {
    let shape = &facts.expr.as_ref()?.shape;
    <[u64; 2]>::try_from(&shape[..]).ok()
}

/// Attributes with names that were counted as carried over, because only the search knows them.
fn lifted_elsewhere(facts: &Facts, matrix: &str) -> u64 {
    let mut lifted: Vec<(&str, &String)> = Axis::BOTH
        .into_iter()
        .flat_map(|axis| &facts.axis(axis).candidates)
        .flat_map(|found| {
            let (object, names) = found.place.attributes();
            names.iter().map(move |name| (object, name))
        })
        .filter(|(object, name)| *object != matrix || !is_legacy_names(name.as_bytes()))
        .collect();
    lifted.sort_unstable();
    lifted.dedup();
    lifted.len() as u64
}

/// What stands where the new file needs to put something else.
fn in_the_way(root: &Object, tree: &Tree, matrix: &str) -> Result<Vec<Obstacle>> {
    let mut obstacles = Vec::new();
    let mut add = |object: &str, needs: &str| {
        obstacles.push(Obstacle {
            object: object.to_string(),
            needs: needs.to_string(),
        });
    };
    for axis in Axis::BOTH {
        let (name, path) = (c_name(axis.names()), format!("/{}", axis.names()));
        if !root.has_link(&name)? {
            continue;
        }
        if root.link(&name)?.target != Target::Hard {
            add(
                &path,
                "to be a dataset of this file, but it is a link to somewhere else",
            );
        } else if root.child(&name)?.kind()? != Kind::Dataset {
            add(&path, "to be a dataset, but it is none");
        }
    }
    if matrix == layout::EXPR_PATH {
        return Ok(obstacles);
    }
    if root.has_link(&c_name(layout::EXPR))? {
        add(
            layout::EXPR_PATH,
            &format!("to be free for {matrix}, which becomes /expr"),
        );
    }
    for entry in &tree.entries {
        if let Target::Soft(target) = &entry.link.target
            && target.to_bytes().ends_with(tail(matrix).as_bytes())
        {
            let shown = String::from_utf8_lossy(&entry.path);
            add(
                &shown,
                &format!("{matrix}, to which it leads, to stay there"),
            );
        }
    }
    Ok(obstacles)
}

/// The last part of a path.
fn tail(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Paths of the current layout.
pub fn canonical_paths() -> [&'static [u8]; 3] {
    [b"/expr", b"/gene_names", b"/sample_names"]
}

/// A name of the layout, as the library wants it.
pub fn c_name(name: &str) -> CString {
    // The layout's names are literals without NUL; an empty name would find nothing.
    CString::new(name).unwrap_or_default()
}

fn find_matrix(root: &Object, path: &str, facts: &mut Facts) -> Result<Option<Dataset>> {
    if let Some(object) = root.at(path.as_bytes())? {
        facts.expr_is_instead = Some(match object.kind()? {
            Kind::Dataset => return Ok(Some(Dataset::new(object))),
            Kind::Group => "a group".to_string(),
            Kind::Datatype => "a committed datatype".to_string(),
        });
        return Ok(None);
    }
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    let Some(group) = root.at(above.as_bytes())? else {
        return Ok(None);
    };
    let name = c_name(tail(path));
    if group.kind()? != Kind::Group || !group.has_link(&name)? {
        return Ok(None);
    }
    let instead = match group.link(&name)?.target {
        Target::Hard => return Ok(None),
        Target::Soft(path) => format!("a soft link to {}", path.to_string_lossy()),
        Target::External { file, path } => format!(
            "an external link to {} in {}",
            path.to_string_lossy(),
            file.to_string_lossy()
        ),
        Target::UserDefined(class) => format!("a user-defined link of class {class}"),
    };
    facts.obstacles.push(Obstacle {
        object: path.to_string(),
        needs: format!("to be a dataset of this file, but it is {instead}"),
    });
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

/// What a salvage has left in the root, if there ever was one.
pub fn salvage_mark(root: &Object) -> Result<Option<String>> {
    Ok(read_text(root, &c_name(layout::MARK_SALVAGED))?)
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
        Some(chunks) => (
            ExprFacts::grid(&shape, chunks),
            expr.stored_chunks()?.len() as u64,
        ),
        None => (
            u64::from(extent.elements() > 0),
            u64::from(expr.is_allocated()?),
        ),
    };
    Ok(ExprFacts {
        elsewhere: None,
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

/// Counts what is carried over, and finds what cannot be.
fn survey(
    file: &File,
    tree: &Tree,
    matrix: &str,
    facts: &mut Facts,
    report: &mut dyn Report,
) -> Result<()> {
    let mut carried = Carried::default();
    for entry in &tree.entries {
        let is_layout = is_layout(tree.new_path(&entry.path));
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
            }
        }
        let mut object = file.object(&entry.path)?;
        if entry.node == Node::Object(Kind::Dataset) {
            let dataset = Dataset::new(object);
            facts.obstacles.extend(dataset_obstacle(entry, &dataset)?);
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
    let dtype = dataset.dtype()?;
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
    Ok(missing_filter(properties)?.map(|filter| obstacle(entry, filter)))
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
    report: &mut dyn Report,
) -> Result<u64> {
    let mut carried = 0;
    for name in Attribute::sorted_names(object)? {
        let of_layout = is_matrix && is_legacy_names(name.to_bytes());
        if of_layout || is_mark(&entry.path, &name) {
            continue;
        }
        report.live();
        carried += u64::from(!(is_matrix && is_count(&name)));
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

/// h5lift's marks, which each new file gets anew.
pub fn is_mark(path: &[u8], name: &CStr) -> bool {
    let is = |mark: &str| name.to_bytes() == mark.as_bytes();
    path == b"/" && layout::MARKS.into_iter().any(is)
}

/// The objects of the current layout.
fn is_layout(path: &[u8]) -> bool {
    canonical_paths().contains(&path)
}

fn is_legacy_names(name: &[u8]) -> bool {
    Axis::BOTH
        .into_iter()
        .any(|axis| name == axis.names().as_bytes())
}

fn is_count(name: &CStr) -> bool {
    Axis::BOTH
        .into_iter()
        .any(|axis| name.to_bytes() == axis.count().as_bytes())
}

fn axis_facts(
    expr: &Dataset,
    axis: Axis,
    found: &[Found],
    looking: &Looking<'_>,
) -> Result<AxisFacts> {
    let count = Attribute::find(expr.object(), &c_name(axis.count()))?
        .map(|attribute| names::count(&attribute))
        .transpose()?;
    let named = !looking.rules.places(axis).is_empty();
    let difference = match found {
        [first, others @ ..] if !named => others.iter().find_map(|other| {
            first
                .names
                .difference(&other.names, [&first.place, &other.place])
        }),
        _ => None,
    };
    let oddities = found
        .first()
        .map(|list| lint::names(&list.names, axis, looking.lint.is_some()))
        .unwrap_or_default();
    let candidates = found.iter().map(|list| Candidate {
        place: list.place.clone(),
        names: list.names.facts(),
    });
    Ok(AxisFacts {
        count,
        candidates: candidates.collect(),
        named,
        difference,
        oddities,
    })
}
