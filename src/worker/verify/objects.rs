//! Names, and everything else but the values of `/expr`: what the new file must have of the old one.

use crate::model::digest::ContentDigest;
use crate::model::facts::names::CountFact;
use crate::model::layout::{Axis, c_name};
use crate::model::plan::recipe::{GivenNames, Recipe};
use crate::model::protocol::CompareRequest;
use crate::model::protocol::failure::FailureKind;
use crate::worker::chunks::dataset_geometry::new_shape;
use crate::worker::digest;
use crate::worker::error::{Result, WorkerError};
use crate::worker::inspect::inventory::{Change, Inventory};
use crate::worker::names;
use crate::worker::names::Names;
use crate::worker::names::resolve;
use crate::worker::names::search::{FoundNames, find};
use crate::worker::serve::progress::ProgressSink;
use crate::worker::verify::against_digest::differing;
use crate::worker::verify::open_file::{OpenFile, current_types};
use crate::worker::write::dimension_scales;
use h5::attribute::Attribute;
use hdf5_format::filter::FilterFacts;
use string_list::StringList;

pub(crate) fn compare_objects(
    job: &CompareRequest,
    old: &OpenFile,
    new: &OpenFile,
    transpose: bool,
    stored: Option<&ContentDigest>,
    report: &mut dyn ProgressSink,
) -> Result<()> {
    let is_gzip = new
        .expr
        .properties()?
        .filters()?
        .iter()
        .any(|f| f.id == FilterFacts::DEFLATE);
    if !is_gzip && new.expr.extent()?.elements() > 0 {
        return Err(WorkerError::mismatch("/expr of the new file is not gzip"));
    }
    let types = current_types(job.form(), stored);
    let names = [
        new.current_names(Axis::Genes, &types)?,
        new.current_names(Axis::Samples, &types)?,
    ];
    let shape = new_shape(&old.expr, transpose)?;
    let change = match &job.recipe {
        Some(recipe) => {
            compare_names(recipe, old, shape, &names)?;
            Change::of(recipe, shape)
        }
        None => {
            let found = find(old.matrix(shape, job.charset), &job.rules, report)?;
            allowed_change(&job.given, old, new, transpose, &found, &names)?
        }
    };
    let sums = names
        .each_ref()
        .map(|names| digest::names_sum(names.texts.iter()));
    let mut old_objects = Inventory::of(&old.file, &old.tree, &change, report)?;
    let new_objects = Inventory::of(&new.file, &new.tree, &Change::none(), report)?;
    let scales = match job.form() {
        Some(form) => form.scales,
        None => dimension_scales::added(&old_objects, &new_objects),
    };
    if let Some(name) = scales {
        old_objects.expect(&dimension_scales::attributes(name));
    }
    let differences = old_objects.differences(&new_objects);
    if !differences.is_empty() {
        let shown: Vec<&str> = differences.iter().take(3).map(String::as_str).collect();
        let more = differences.len() - shown.len();
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        return Err(WorkerError::mismatch(format!("{}{more}", shown.join("; "))));
    }
    if let Some(stored) = stored {
        let found = ContentDigest {
            genes: sums[0],
            samples: sums[1],
            rest: new_objects.sum(),
            ..*stored
        };
        differing(stored, &found)?;
    }
    Ok(())
}

/// Holds the new names against those that the recipe takes.
fn compare_names(
    recipe: &Recipe,
    old: &OpenFile,
    shape: [u64; 2],
    names: &[Names; 2],
) -> Result<()> {
    let matrix = old.matrix(shape, recipe.charset);
    // What was written was read through the library: two readers that share nothing must have read the same.
    let expected = match resolve::plain_file_names(matrix, recipe) {
        Some(expected) => expected,
        None => {
            let [genes, samples] = Axis::BOTH.map(|axis| resolve::of_axis(matrix, axis, recipe));
            [genes?, samples?]
        }
    };
    for (axis, (expected, new)) in Axis::BOTH.into_iter().zip(expected.iter().zip(names)) {
        if *expected != new.texts {
            return Err(different_names(axis, expected, new));
        }
    }
    Ok(())
}

/// The next step where the old file alone does not say what the names are.
const LOST_NAMES: &str = "give the options that the migration had for names: --names-from, --genes-from, --samples-from or --encoding";

/// What a new file may lack or have besides, when its recipe is not known: attributes whose names
/// it holds, and counts that were missing or those of the other axis.
fn allowed_change(
    given: &GivenNames,
    old: &OpenFile,
    new: &OpenFile,
    transpose: bool,
    found: &[Vec<FoundNames>; 2],
    names: &[Names; 2],
) -> Result<Change> {
    let mut change = Change {
        transpose,
        matrix: old.path.clone(),
        ..Change::default()
    };
    for ((axis, found), new_names) in Axis::BOTH.into_iter().zip(found).zip(names) {
        let given: Option<StringList> = given.of(axis).map(|names| names.iter().collect());
        let usable: Vec<&StringList> = match &given {
            Some(names) => vec![names],
            None => (found.iter())
                .filter(|list| list.names.problem.is_none())
                .map(|list| &list.names.texts)
                .collect(),
        };
        let Some(first) = usable.first() else {
            let message = format!("the old file has no usable {}", axis.names());
            return Err(WorkerError::new(FailureKind::Unsupported, message).with_help(LOST_NAMES));
        };
        // When two copies differ, either will do.
        if !usable.contains(&&new_names.texts) {
            return Err(different_names(axis, first, new_names));
        }
        for list in found {
            let (object, attributes) = list.place.attributes();
            let dropped = attributes
                .iter()
                .map(|name| (object.to_string(), name.clone()));
            change.dropped.extend(dropped);
        }
        if let Some(length) = new_count(axis, old, new, transpose)? {
            change.counts.push((axis, length));
        }
    }
    Ok(change)
}

/// The count of an axis, where the new file has the right one and the old file none, or a wrong one
/// because its axes are swapped.
fn new_count(axis: Axis, old: &OpenFile, new: &OpenFile, transpose: bool) -> Result<Option<i64>> {
    let count = |opened: &OpenFile| {
        Attribute::find(opened.expr.object(), &c_name(axis.count()))?
            .map(|attribute| names::count(&attribute))
            .transpose()
    };
    let (before, after) = (count(old)?, count(new)?);
    let length = i64::try_from(new_shape(&new.expr, false)?[axis.index()]).unwrap_or(i64::MAX);
    let is_right = after == Some(CountFact::Value(length));
    Ok((before != after && is_right && (before.is_none() || transpose)).then_some(length))
}

fn different_names(axis: Axis, old: &StringList, new: &Names) -> WorkerError {
    let index = old
        .iter()
        .zip(new.texts.iter())
        .position(|(old, new)| old != new);
    WorkerError::mismatch(match index {
        Some(index) => format!(
            "/{} differs from the old file at name {}",
            axis.names(),
            index + 1
        ),
        None => format!(
            "/{} holds {} names, the old file {}",
            axis.names(),
            new.texts.len(),
            old.len()
        ),
    })
}
