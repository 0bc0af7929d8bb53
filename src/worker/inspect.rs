//! What is in a file: facts, without judgement.

pub(crate) mod copyability;
pub(crate) mod foreign;
pub(crate) mod heap_check;
mod index_check;
pub mod inventory;
pub(crate) mod lint;
pub(crate) mod marks;
pub(crate) mod matrices;
pub(crate) mod possible;

use crate::model::facts::names::{AxisFacts, Candidate};
use crate::model::facts::{ExprFacts, Facts, Obstacle, Remedy};
use crate::model::layout;
use crate::model::layout::{Axis, c_name};
use crate::model::names::place::last_part;
use crate::model::names::rules::Rules;
use crate::model::protocol::InspectRequest;
use crate::model::protocol::phase::Phase;
use crate::plain::{plain_answers, plain_facts};
use crate::worker::error::Result;
use crate::worker::inspect::copyability::{assess_copyability, in_the_way, lifted_elsewhere};
use crate::worker::inspect::marks::{mark, salvage_mark};
use crate::worker::names;
use crate::worker::names::index::NamesCache;
use crate::worker::names::place::{Matrix, listing};
use crate::worker::names::search::{FoundNames, find};
use crate::worker::serve::progress::ProgressSink;
use crate::worker::write::dimension_scales;
use h5::attribute::Attribute;
use h5::dataset::Dataset;
use h5::dataspace::Extent;
use h5::file::File;
use h5::link::LinkTarget;
use h5::object::{Object, ObjectKind};
use hdf5_format::storage::Storage;
use std::fs;

/// Looks at all that decides a file's state and its plan.
pub fn inspect(
    file: fs::File,
    request: &InspectRequest,
    report: &mut dyn ProgressSink,
) -> Result<Facts> {
    report.enter(Phase::Opening);
    if let Some(facts) = plain(&file, request) {
        return Ok(facts);
    }
    inspect_file(&File::open(file)?, request, report)
}

/// What a plain file says of itself: a long list of names takes the library ten times as long.
fn plain(file: &fs::File, request: &InspectRequest) -> Option<Facts> {
    if !plain_answers(&request.rules, request.charset) || request.lint.is_some() {
        return None;
    }
    plain_facts(file)
}

/// The same for a file that is small enough to be read as one piece.
pub fn inspect_small(
    file: fs::File,
    request: &InspectRequest,
    report: &mut dyn ProgressSink,
) -> Result<Facts> {
    report.enter(Phase::Opening);
    inspect_file(&File::open_whole(file)?, request, report)
}

fn inspect_file(
    file: &File,
    request: &InspectRequest,
    report: &mut dyn ProgressSink,
) -> Result<Facts> {
    report.enter(Phase::Listing);
    let root = file.root()?;
    let path = request.rules.matrix();
    let mut facts = Facts {
        user_block: file.user_block()?,
        mark: mark(&root)?,
        salvaged: salvage_mark(&root)?,
        root_links: root_links(&root)?,
        sought: request.rules.matrix.clone(),
        ..Facts::default()
    };
    let Some(expr) = find_matrix(&root, path, &mut facts)? else {
        if facts.obstacles.is_empty() {
            facts.foreign = foreign::recognise(file)?;
            facts.resembles = foreign::resembles(&root)?;
        }
        if facts.obstacles.is_empty() && facts.foreign.is_none() {
            report.enter(Phase::ReadingNames);
            facts.matrices = matrices::elsewhere(file, request.charset, report)?;
        }
        return Ok(facts);
    };
    let tree = listing(file, path)?;
    facts.expr = Some(ExprFacts {
        elsewhere: (path != layout::EXPR_PATH).then(|| path.to_string()),
        ..expr_facts(file, &expr)?
    });
    facts.expr_attributes = Attribute::names(expr.object())?
        .iter()
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    assess_copyability(file, &tree, path, &mut facts, report)?;
    facts.obstacles.extend(in_the_way(&root, &tree, path)?);
    facts.scales = dimension_scales::found(file, &tree, &root, &expr)?;
    report.enter(Phase::ReadingNames);
    let matrix = Matrix {
        file,
        tree: &tree,
        path,
        shape: extents(&facts),
        charset: request.charset,
        cache: &NamesCache::default(),
    };
    let found = find(matrix, &request.rules, report)?;
    for (axis, found) in Axis::BOTH.into_iter().zip(&found) {
        let mut axis_facts = axis_facts(&expr, axis, found, request)?;
        if axis_facts.lists().next().is_none() {
            axis_facts.possible = possible::lists(matrix, axis, report)?;
        }
        match axis {
            Axis::Genes => facts.genes = axis_facts,
            Axis::Samples => facts.samples = axis_facts,
        }
    }
    // Whoever names the matrix or the places of names knows what is in the file.
    if request.rules == Rules::default()
        && let Some(layout) = foreign::recognise_with_matrix(file, &facts)?
    {
        return Ok(Facts {
            foreign: Some(layout),
            user_block: facts.user_block,
            root_links: facts.root_links,
            ..Facts::default()
        });
    }
    facts.carried.attributes -= lifted_elsewhere(&facts, path);
    if let Some(budget) = request.lint {
        let samples = found[1].first().map(|list| &list.names);
        let texts = |lists: &[FoundNames]| {
            lists
                .first()
                .map(|list| list.names.texts.clone())
                .unwrap_or_default()
        };
        facts.value_oddities = lint::values(file, &expr, &facts, samples, budget, report)
            .map_err(|fault| fault.naming(&texts(&found[0]), &texts(&found[1])))?;
    }
    Ok(facts)
}

/// Genes and samples by the shape of the matrix.
fn extents(facts: &Facts) -> Option<[u64; 2]> {
    let shape = &facts.expr.as_ref()?.shape;
    <[u64; 2]>::try_from(&shape[..]).ok()
}

fn find_matrix(root: &Object, path: &str, facts: &mut Facts) -> Result<Option<Dataset>> {
    if let Some(object) = root.at(path.as_bytes())? {
        facts.expr_is_instead = Some(match object.kind()? {
            ObjectKind::Dataset => return Ok(Some(Dataset::new(object))),
            ObjectKind::Group => "a group".to_string(),
            ObjectKind::Datatype => "a committed datatype".to_string(),
        });
        return Ok(None);
    }
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    let Some(group) = root.at(above.as_bytes())? else {
        return Ok(None);
    };
    let name = c_name(last_part(path));
    if group.kind()? != ObjectKind::Group || !group.has_link(&name)? {
        return Ok(None);
    }
    let instead = match group.link(&name)?.target {
        LinkTarget::Hard => return Ok(None),
        LinkTarget::Soft(path) => format!("a soft link to {}", path.to_string_lossy()),
        LinkTarget::External { file, path } => format!(
            "an external link to {} in {}",
            path.to_string_lossy(),
            file.to_string_lossy()
        ),
        LinkTarget::UserDefined(class) => format!("a user-defined link of class {class}"),
    };
    facts.obstacles.push(Obstacle {
        object: path.to_string(),
        needs: format!("to be a dataset of this file, but it is {instead}"),
        remedy: Remedy::Unlink,
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

fn expr_facts(file: &File, expr: &Dataset) -> Result<ExprFacts> {
    let (dtype, extent, properties) = (expr.dtype()?, expr.extent()?, expr.properties()?);
    let shape = extent.shape().to_vec();
    let storage = properties.storage()?;
    let chunks = properties.chunks()?;
    let (chunks_expected, chunks_written) = match &chunks {
        _ if properties.is_external()? || storage == Storage::Virtual => (0, 0),
        Some(chunks) => {
            index_check::check(file, expr.object())?;
            let written = expr.stored_chunks()?.len() as u64;
            (ExprFacts::grid(&shape, chunks), written)
        }
        None => (
            u64::from(extent.elements() > 0),
            u64::from(expr.is_allocated()?),
        ),
    };
    let rewrite_chunks = match &chunks {
        Some(chunks) => {
            properties.has_unfiltered_edges()? || extent.possible_chunks(chunks) != *chunks
        }
        None => false,
    };
    Ok(ExprFacts {
        elsewhere: None,
        shape,
        dtype: dtype.numpy(),
        item_size: dtype.size as u64,
        numeric: dtype.is_numeric() && extent != Extent::Null,
        storage,
        chunks,
        rewrite_chunks,
        filters: properties.filters()?,
        stored_bytes: expr.stored_bytes(),
        chunks_expected,
        chunks_written,
    })
}

fn axis_facts(
    expr: &Dataset,
    axis: Axis,
    found: &[FoundNames],
    request: &InspectRequest,
) -> Result<AxisFacts> {
    let count = Attribute::find(expr.object(), &c_name(axis.count()))?
        .map(|attribute| names::count(&attribute))
        .transpose()?;
    let named = !request.rules.places(axis).is_empty();
    let difference = match found {
        [first, others @ ..] if !named => others.iter().find_map(|other| {
            first
                .names
                .difference(&other.names, [&first.place, &other.place])
        }),
        _ => None,
    };
    let issues = found
        .first()
        .map(|list| lint::names(&list.names, axis, request.lint.is_some()))
        .unwrap_or_default();
    let candidates = found.iter().map(|list| Candidate {
        place: list.place.clone(),
        names: list.names.facts(),
        dimension: list.dimension,
    });
    Ok(AxisFacts {
        count,
        candidates: candidates.collect(),
        named,
        difference,
        possible: Vec::new(),
        issues,
    })
}
