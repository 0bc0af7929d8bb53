//! Facts + state + policy -> what to do, with reasons. Pure.
//!
//! `audit` prints this and stops; `migrate` carries it out. There is no other
//! place that decides whether a file is touched.

use super::chunking;
use super::detect::{Judgement, problem_text, shape_text};
use super::facts::{ExprFacts, Facts, FilterFacts};
use super::layout::{self, Axis};
use super::policy::{Charset, Chunks, NamesSource, NamesSources, Policy, Shuffle};
use super::state::State;
use serde::{Deserialize, Serialize};

/// What will happen to a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// Rewrite it.
    Migrate {
        /// How.
        recipe: Recipe,
        /// The same in words.
        steps: Vec<String>,
    },
    /// Leave it, and that is fine.
    Skip,
    /// Leave it, and somebody has to decide.
    Refuse {
        /// What stands in the way when the state alone does not say it.
        message: Option<String>,
        /// The next step.
        hint: String,
    },
}

/// Everything that a worker needs to know to write the new file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Where the names come from.
    pub names: NamesSources,
    /// Axes whose dataset is what the new layout wants already: it is copied as it is stored.
    pub kept_datasets: Vec<Axis>,
    /// How their bytes are decoded.
    pub charset: Charset,
    /// How `/expr` is stored.
    pub storage: NewStorage,
}

/// How the new `/expr` is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NewStorage {
    /// Chunks and pipeline as they are; every chunk is still decoded once.
    Verbatim,
    /// There is not one value: storage as it is (HDF5 cannot chunk what may not grow from nothing).
    Empty,
    /// Decoded and encoded anew.
    Recode {
        /// Lengths of a chunk.
        chunks: Vec<u64>,
        /// Deflate level, 0-9.
        level: u8,
        /// Shuffle before deflate.
        shuffle: Shuffle,
        /// Append a checksum to each chunk, because the old ones had one.
        fletcher32: bool,
    },
}

/// Decides what happens to a file.
pub fn decide(facts: &Facts, judgement: &Judgement, policy: &Policy) -> Plan {
    match judgement.state {
        State::Legacy | State::Hybrid => migrate(facts, policy),
        State::Conflict => match policy.prefer {
            Some(_) => migrate(facts, policy),
            None => refuse(
                "look at both with `h5lift show`, then decide with --prefer attributes or --prefer datasets",
            ),
        },
        State::Current => current(facts, policy),
        State::NotExpression | State::Foreign | State::NotHdf5 => Plan::Skip,
        State::Nameless if has_names_in_another_form(facts) => {
            refuse("keep this file: names may be in it, but not as a list that h5lift can read")
        }
        state => refuse(hint(state)),
    }
}

fn has_names_in_another_form(facts: &Facts) -> bool {
    Axis::BOTH.into_iter().any(|axis| {
        let facts = facts.axis(axis);
        [&facts.attribute, &facts.dataset]
            .into_iter()
            .flatten()
            .any(|names| names.problem.is_some())
    })
}

/// The next step for a state that `migrate` refuses.
pub fn hint(state: State) -> &'static str {
    match state {
        State::Nameless => {
            "the names are not in this file: keep it, and look for the matrix that it was made from"
        }
        State::Inconsistent => {
            "compare with the matrix that it was made from; one of these numbers is wrong"
        }
        State::Transposed => {
            "transpose it where it was written (genes are rows), then run h5lift again"
        }
        State::Unsupported => {
            "rewrite that object with the program that wrote it, without what is missing here"
        }
        State::Incomplete => "the writer was interrupted: make the file again from its source",
        State::Busy => {
            "wait until its writer is done; if the writer died, `h5clear -s` clears the mark"
        }
        State::Damaged => "restore it from a backup; h5lift has not changed it",
        State::NotHdf5 => "look at what it really is; h5lift reads HDF5 files only",
        _ => "nothing has to be done",
    }
}

fn refuse(hint: &str) -> Plan {
    Plan::Refuse {
        message: None,
        hint: hint.to_string(),
    }
}

fn current(facts: &Facts, policy: &Policy) -> Plan {
    match &facts.expr {
        Some(expr) if policy.recompress && !expr.is_gzip() => migrate(facts, policy),
        _ => Plan::Skip,
    }
}

fn migrate(facts: &Facts, policy: &Policy) -> Plan {
    let Some(expr) = &facts.expr else {
        return Plan::Skip;
    };
    let names = NamesSources {
        genes: source(facts, Axis::Genes, policy),
        samples: source(facts, Axis::Samples, policy),
    };
    if let Some(refusal) = unusable_names(facts, expr, names) {
        return refusal;
    }
    let recipe = Recipe {
        names,
        kept_datasets: Axis::BOTH
            .into_iter()
            .filter(|axis| keeps_dataset(facts, *axis, names.of(*axis), policy.charset))
            .collect(),
        charset: policy.charset,
        storage: storage(expr, policy),
    };
    let steps = steps(facts, expr, &recipe);
    Plan::Migrate { recipe, steps }
}

/// Whether the dataset holds the chosen names as the new layout stores them.
fn keeps_dataset(facts: &Facts, axis: Axis, source: NamesSource, charset: Charset) -> bool {
    let facts = facts.axis(axis);
    facts.dataset.as_ref().is_some_and(|dataset| {
        dataset.is_current_type()
            && dataset.problem.is_none()
            && charset == Charset::Utf8
            && (source == NamesSource::Dataset || facts.difference.is_none())
    })
}

/// The copy of the names that is taken: the preferred one, else the attribute, where it is a list.
fn source(facts: &Facts, axis: Axis, policy: &Policy) -> NamesSource {
    let is_list = |names: &Option<super::facts::NamesFacts>| {
        names.as_ref().is_some_and(|names| {
            names
                .problem
                .as_ref()
                .is_none_or(super::facts::NamesProblem::is_list)
        })
    };
    let facts = facts.axis(axis);
    match (is_list(&facts.attribute), is_list(&facts.dataset)) {
        (true, true) => policy.prefer.unwrap_or(NamesSource::Attribute),
        (false, true) => NamesSource::Dataset,
        _ => NamesSource::Attribute,
    }
}

fn unusable_names(facts: &Facts, expr: &ExprFacts, sources: NamesSources) -> Option<Plan> {
    for axis in Axis::BOTH {
        let place = sources.of(axis);
        let names = match place {
            NamesSource::Attribute => facts.axis(axis).attribute.as_ref(),
            NamesSource::Dataset => facts.axis(axis).dataset.as_ref(),
        }?;
        if let Some(problem) = &names.problem {
            return Some(Plan::Refuse {
                message: Some(format!(
                    "the {} {} is {}",
                    place.word(),
                    axis.names(),
                    problem_text(problem)
                )),
                hint: match problem {
                    super::facts::NamesProblem::NotUtf8 { .. } => {
                        "if these names are ISO 8859-1, say --encoding latin1".to_string()
                    }
                    _ => hint(State::Nameless).to_string(),
                },
            });
        }
        let length = expr.shape[axis.index()];
        if names.count != length {
            return Some(Plan::Refuse {
                message: Some(format!(
                    "the {} {} holds {} names, but /expr has {length} {}s",
                    place.word(),
                    axis.names(),
                    names.count,
                    axis.noun()
                )),
                hint: "prefer the other copy".to_string(),
            });
        }
    }
    None
}

fn storage(expr: &ExprFacts, policy: &Policy) -> NewStorage {
    if expr.shape.contains(&0) {
        return NewStorage::Empty;
    }
    let chunks = chunking::choose(expr, policy.chunks);
    if expr.chunks.as_ref() == Some(&chunks) && pipeline_fits(&expr.filters, policy.shuffle) {
        return NewStorage::Verbatim;
    }
    NewStorage::Recode {
        chunks,
        level: policy.gzip_level,
        shuffle: policy.shuffle,
        fletcher32: expr.filters.iter().any(|f| f.id == FilterFacts::FLETCHER32),
    }
}

/// `[shuffle] deflate [fletcher32]`, the pipelines that every reader has.
fn pipeline_fits(filters: &[FilterFacts], shuffle: Shuffle) -> bool {
    let ids: Vec<u32> = filters.iter().map(|f| f.id).collect();
    let rest = match ids.strip_prefix(&[FilterFacts::SHUFFLE]) {
        Some(_) if shuffle == Shuffle::Off => return false,
        Some(rest) => rest,
        None if shuffle == Shuffle::On => return false,
        None => &ids[..],
    };
    matches!(
        rest,
        [FilterFacts::DEFLATE] | [FilterFacts::DEFLATE, FilterFacts::FLETCHER32]
    )
}

fn steps(facts: &Facts, expr: &ExprFacts, recipe: &Recipe) -> Vec<String> {
    let mut steps = vec![expr_step(expr, &recipe.storage)];
    for axis in Axis::BOTH {
        let what = format!("/{} ({} names)", axis.names(), expr.shape[axis.index()]);
        steps.push(match recipe.names.of(axis) {
            _ if recipe.kept_datasets.contains(&axis) => format!("copy {what} as it is"),
            NamesSource::Attribute => {
                format!("write {what} from the attribute of {}", layout::EXPR_PATH)
            }
            NamesSource::Dataset => format!("rewrite {what} as variable-length text"),
        });
    }
    let dropped: Vec<&str> = Axis::BOTH
        .into_iter()
        .filter(|axis| facts.axis(*axis).attribute.is_some())
        .map(Axis::names)
        .collect();
    if !dropped.is_empty() {
        steps.push(format!(
            "leave out the {} {} of {}",
            if dropped.len() == 1 {
                "attribute"
            } else {
                "attributes"
            },
            dropped.join(" and "),
            layout::EXPR_PATH
        ));
    }
    steps.extend(carried_step(facts));
    steps
}

fn expr_step(expr: &ExprFacts, storage: &NewStorage) -> String {
    let what = format!(
        "{} {} {}",
        layout::EXPR_PATH,
        shape_text(&expr.shape),
        expr.dtype
    );
    match storage {
        NewStorage::Verbatim => format!(
            "copy {what}: its gzip chunks ({}) stay as they are",
            expr.chunks_written
        ),
        NewStorage::Empty => format!("copy {what}: it holds no values"),
        NewStorage::Recode { chunks, level, .. } => {
            format!(
                "rewrite {what} as gzip {level} in chunks of {}",
                shape_text(chunks)
            )
        }
    }
}

fn carried_step(facts: &Facts) -> Option<String> {
    let carried = facts.carried;
    let parts: Vec<String> = [
        (carried.attributes, "attribute"),
        (carried.groups, "group"),
        (carried.datasets, "dataset"),
        (carried.links, "link"),
        (carried.datatypes, "committed datatype"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, noun)| format!("{n} {noun}{}", if n == 1 { "" } else { "s" }))
    .chain((facts.user_block > 0).then(|| format!("a user block of {} bytes", facts.user_block)))
    .collect();
    (!parts.is_empty()).then(|| format!("carry over {}", parts.join(", ")))
}

/// Chunk choice from the command line: `auto`, `keep` or `RxC`.
impl std::str::FromStr for Chunks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || -> Option<Chunks> {
            let (rows, columns) = text.split_once(['x', 'X', ','])?;
            let rows: u64 = rows.trim().parse().ok().filter(|n| *n > 0)?;
            let columns: u64 = columns.trim().parse().ok().filter(|n| *n > 0)?;
            Some(Chunks::Shape(rows, columns))
        };
        match text {
            "auto" => Ok(Chunks::Auto),
            "keep" => Ok(Chunks::Keep),
            _ => shape().ok_or_else(|| {
                "expected auto, keep, or genes x samples of one chunk such as 512x64".to_string()
            }),
        }
    }
}
