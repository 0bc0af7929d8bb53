//! A recipe as sentences, for reports.

use crate::model::facts::display::shape_text;
use crate::model::facts::{ExprFacts, Facts};
use crate::model::layout;
use crate::model::layout::Axis;
use crate::model::names::form::StringType;
use crate::model::names::place::NamesPlace;
use crate::model::plan::new_storage::new_shape;
use crate::model::plan::recipe::{NewStorage, Recipe};
use hdf5_format::storage::Storage;

/// One step for each object that is written, and one for everything that is carried over.
pub(crate) fn steps(facts: &Facts, expr: &ExprFacts, recipe: &Recipe) -> Vec<String> {
    let shape = new_shape(expr, recipe.transpose);
    let fixed = match recipe.form.string_type {
        StringType::Variable => "",
        StringType::Fixed => ", as fixed-length text",
    };
    let mut steps = vec![expr_step(expr, recipe)];
    for axis in Axis::BOTH {
        let names = counted(shape[axis.index()], "name");
        let what = format!("/{} ({names})", axis.names());
        let place = recipe.names.of(axis);
        steps.push(if recipe.kept_datasets.contains(&axis) {
            format!("copy {what} as it is")
        } else if *place == NamesPlace::legacy(layout::EXPR_PATH, axis) {
            format!(
                "write {what} from the attribute of {}{fixed}",
                layout::EXPR_PATH
            )
        } else if *place == NamesPlace::current(axis) {
            format!(
                "rewrite {what} as {}-length text",
                recipe.form.string_type.word()
            )
        } else {
            format!("write {what} from {place}{fixed}")
        });
    }
    if let Some(name) = recipe.form.scales {
        let [genes, samples] = Axis::BOTH.map(|axis| (axis.names(), name.of(axis)));
        steps.push(format!(
            "attach /{} and /{} to {} as dimension scales called {}",
            genes.0,
            samples.0,
            layout::EXPR_PATH,
            match genes.1 == samples.1 {
                true => genes.1.to_string(),
                false => format!("{} and {}", genes.1, samples.1),
            }
        ));
    }
    for axis in &recipe.counts {
        steps.push(format!(
            "set {} of {} to {}",
            axis.count(),
            layout::EXPR_PATH,
            shape[axis.index()]
        ));
    }
    steps.extend(dropped_steps(&recipe.dropped));
    steps.extend(carried_step(facts));
    steps
}

fn dropped_steps(dropped: &[(String, String)]) -> Vec<String> {
    let mut objects: Vec<&str> = dropped.iter().map(|(object, _)| object.as_str()).collect();
    objects.dedup();
    objects
        .into_iter()
        .map(|object| {
            let names: Vec<&str> = dropped
                .iter()
                .filter(|(of, _)| of == object)
                .map(|(_, name)| name.as_str())
                .collect();
            let noun = match names.len() {
                1 => "attribute",
                _ => "attributes",
            };
            format!("leave out the {noun} {} of {object}", names.join(" and "))
        })
        .collect()
}

fn expr_step(expr: &ExprFacts, recipe: &Recipe) -> String {
    let mut what = format!("{} {} {}", expr.path(), shape_text(&expr.shape), expr.dtype);
    if expr.path() != layout::EXPR_PATH {
        what += &format!(" (to {})", layout::EXPR_PATH);
    }
    let missing = expr.chunks_expected.saturating_sub(expr.chunks_written);
    if missing > 0 && expr.storage == Storage::Chunked {
        what += &format!(" (without its {})", counted(missing, "missing chunk"));
    }
    if recipe.transpose {
        what += ", transposed";
    }
    match &recipe.storage {
        NewStorage::Verbatim => format!(
            "copy {what}: its gzip chunks ({}) stay as they are",
            expr.chunks_written
        ),
        NewStorage::Empty => format!("copy {what}: it holds no values"),
        NewStorage::Reencode { chunks, level, .. } => {
            format!(
                "rewrite {what} as gzip {level} in chunks of {}",
                shape_text(chunks)
            )
        }
    }
}

fn counted(n: u64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn carried_step(facts: &Facts) -> Option<String> {
    let parts: Vec<String> = facts
        .carried
        .kinds()
        .map(|(n, noun)| counted(n, noun))
        .chain(
            (facts.user_block > 0).then(|| format!("a user block of {} bytes", facts.user_block)),
        )
        .collect();
    (!parts.is_empty()).then(|| format!("carry over {}", parts.join(", ")))
}
