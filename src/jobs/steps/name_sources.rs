//! Names for files that have lost theirs: which of the files that were given fits.

use crate::files::{Signature, sniff};
use crate::jobs::context::JobContext;
use crate::jobs::file_policy::FilePolicy;
use crate::jobs::pool::Pool;
use crate::jobs::pool::crash::WorkerCrash;
use crate::jobs::pool::input_pipe::open_input;
use crate::jobs::settings::WorkerSettings;
use crate::jobs::steps::source::OpenSource;
use crate::model::facts::Facts;
use crate::model::layout::Axis;
use crate::model::names::source::{Fit, Rescue, SourceNames, fit, lost_axes};
use crate::model::plan::orientation::is_turned;
use crate::model::plan::policy::Policy;
use crate::model::protocol::failure::FailureKind;
use crate::model::protocol::{Budget, CompareValuesRequest, NamesRead, ReadNamesRequest};
use crate::model::record::finding::Finding;
use std::fs::File;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// A file that was given for its names.
#[derive(Debug, Clone)]
pub struct NameSource {
    pub path: PathBuf,
    /// Whether it is HDF5.
    pub hdf5: bool,
    /// Path of its matrix, in HDF5.
    pub matrix: String,
    /// What it has.
    pub names: SourceNames,
    /// How they were read, where that is not plain.
    pub notes: Vec<String>,
}

/// Reads the names of a file that was given for them. The error says why it has none.
pub(crate) fn read(
    worker: &WorkerSettings,
    jobs: usize,
    policy: &Policy,
    pool: &Pool,
    path: &Path,
) -> Result<NameSource, String> {
    let unreadable = |error: std::io::Error| error.to_string();
    let kind = path.metadata().map_err(unreadable)?.file_type();
    if !kind.is_file() && !kind.is_fifo() {
        return Err("it is a device, not a file or a pipe".to_string());
    }
    let file = open_input(path, worker).map_err(unreadable)?;
    let hdf5 =
        kind.is_file() && matches!(sniff(&file).map_err(unreadable)?, Signature::Hdf5 { .. });
    let request = ReadNamesRequest {
        hdf5,
        rules: policy.rules.clone(),
        charset: policy.charset,
        budget: Budget {
            threads: worker.threads(jobs),
            bytes: worker.chunk_limit(),
        },
    };
    let reply = pool
        .take(0)
        .and_then(|mut lease| lease.ask(request, &[&file], &mut |_| {}));
    match reply {
        Ok(Ok(NamesRead { names, notes })) => Ok(NameSource {
            path: path.to_path_buf(),
            hdf5,
            matrix: policy.rules.matrix().to_string(),
            names,
            notes,
        }),
        Ok(Err(failure)) => Err(failure.message),
        Err(crash) => Err(crash.describe(worker.memory)),
    }
}

/// What the sources do for a file without names.
#[derive(Debug)]
pub(crate) enum Outside {
    /// They name what was lost.
    Rescued {
        /// Which names, from which files.
        rescue: Rescue,
        findings: Vec<Finding>,
    },
    /// They do not, and why.
    Lost(String),
}

/// Finds the sources whose names, and values where they have some, fit a file.
pub(crate) fn rescue(
    context: &JobContext<'_>,
    source: &OpenSource,
    facts: &Facts,
    file: FilePolicy<'_>,
) -> Result<Outside, WorkerCrash> {
    let (mut rescue, mut findings, mut whys) = (Rescue::default(), Vec::new(), Vec::new());
    for given in file.sources {
        let path = given.path.display().to_string();
        let (axes, how) = match fit(facts, &given.names, file.policy) {
            Fit::Names(axes) => (axes, "by their number alone"),
            Fit::IfValuesAgree(axes) => match disagreement(context, source, facts, file, given)? {
                None => (axes, "by their number and by all values"),
                Some(why) => {
                    whys.push(format!("{path}: {why}"));
                    continue;
                }
            },
            Fit::Nothing(why) => {
                let notes: String = given.notes.iter().map(|note| format!("; {note}")).collect();
                whys.push(format!("{path}: {why}{notes}"));
                continue;
            }
        };
        for axis in axes {
            if let Err(why) = rescue.take(axis, &path, &given.names) {
                return Ok(Outside::Lost(why));
            }
            let detail = format!("the {} names of {path} fit {how}", axis.noun());
            findings.push(Finding::new("names-given", detail));
        }
        for note in &given.notes {
            findings.push(Finding::new("list-of-names", format!("{path}: {note}")));
        }
    }
    let still_lost: Vec<&str> = lost_axes(facts)
        .into_iter()
        .filter(|axis| rescue.given.of(*axis).is_none())
        .map(Axis::names)
        .collect();
    if still_lost.is_empty() {
        return Ok(Outside::Rescued { rescue, findings });
    }
    let mut why = format!("no file that was given has {}", still_lost.join(" or "));
    if !whys.is_empty() {
        // One source is told of in full, a folder of them by the first few.
        whys.truncate(3);
        why = format!("{why}: {}", whys.join("; "));
    }
    Ok(Outside::Lost(why))
}

/// Where the values of a source are not those of the file.
fn disagreement(
    context: &JobContext<'_>,
    source: &OpenSource,
    facts: &Facts,
    file: FilePolicy<'_>,
    given: &NameSource,
) -> Result<Option<String>, WorkerCrash> {
    let matrix = facts.expr.as_ref().map_or("", |expr| expr.path());
    // Each worker reads it from its start: a descriptor of its own has a position of its own.
    let other = match File::open(&given.path) {
        Ok(other) => other,
        Err(error) => return Ok(Some(format!("it cannot be compared: {error}"))),
    };
    let request = CompareValuesRequest {
        matrix: matrix.to_string(),
        hdf5: given.hdf5,
        other_matrix: given.matrix.clone(),
        transpose: is_turned(facts, file.policy),
        budget: context.budget(),
    };
    Ok(match context.ask(request, &[&source.file, &other])? {
        Ok(()) => None,
        Err(failure) if failure.kind == FailureKind::Mismatch => Some(failure.message),
        Err(failure) => Some(format!("it cannot be compared: {}", failure.message)),
    })
}
