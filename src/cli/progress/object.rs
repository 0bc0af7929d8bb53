//! `--progress json`: one object a second on stderr, one line each.

use crate::cli::progress::batch_progress::{BatchProgress, Numbers};
use crate::cli::progress::work::Work;
use crate::model::protocol::phase::Phase;
use crate::report::json;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Why an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A second has passed.
    Progress,
    /// The work is done or was interrupted.
    End,
}

/// A line of `--progress json`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum ProgressLine {
    /// Once a second.
    Progress(ProgressState),
    /// Once, after the last file.
    End(ProgressState),
    /// Something that belongs to no file.
    Warning { message: String },
}

/// How far the run is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProgressState {
    /// Wall time since the run began.
    elapsed_seconds: f64,
    /// Files to do; `null` while they are looked for.
    files: Option<u64>,
    /// Files that have a row.
    files_done: u64,
    /// Files of these that failed or were refused.
    files_not_done: u64,
    /// Bytes of all files.
    bytes: Option<u64>,
    /// Bytes of the files that are done, and of those in work their share.
    bytes_done: u64,
    /// Of the last half minute; `null` if the command does not read values.
    bytes_per_second: Option<u64>,
    /// An estimate; `null` while nothing is known.
    seconds_left: Option<u64>,
    /// The file that has been in work for the longest time, if that is more than ten seconds.
    slowest: Option<Slowest>,
}

/// A file in work.
#[derive(Debug, Serialize, JsonSchema)]
struct Slowest {
    /// As it is shown: characters that act on a terminal are spelled out.
    path: String,
    /// What its worker is doing.
    phase: String,
    /// Since it was begun.
    seconds: u64,
}

/// How far it is, as a line without its end.
pub(crate) fn line(kind: Kind, batch: &BatchProgress, started: Instant, now: Instant) -> String {
    let state = ProgressState::of(&batch.numbers(now), batch.slowest(now), started, now);
    text(&match kind {
        Kind::Progress => ProgressLine::Progress(state),
        Kind::End => ProgressLine::End(state),
    })
}

/// A warning as a line.
pub(crate) fn warning(message: &str) -> String {
    text(&ProgressLine::Warning {
        message: message.to_string(),
    })
}

fn text(line: &ProgressLine) -> String {
    json::text(line)
}

impl ProgressState {
    fn of(numbers: &Numbers, slowest: Option<&Work>, started: Instant, now: Instant) -> Self {
        let since = |then| now.saturating_duration_since(then);
        let tenths = u32::try_from(since(started).as_millis() / 100).unwrap_or(u32::MAX);
        ProgressState {
            elapsed_seconds: f64::from(tenths) / 10.0,
            files: numbers.files,
            files_done: numbers.files_done,
            files_not_done: numbers.not_done,
            bytes: numbers.bytes,
            bytes_done: numbers.bytes_done,
            bytes_per_second: numbers.bytes_per_second,
            seconds_left: numbers.left.as_ref().map(Duration::as_secs),
            slowest: slowest.map(|work| Slowest {
                path: work.path.clone(),
                phase: phase(work.phase),
                seconds: since(work.begun).as_secs(),
            }),
        }
    }
}

fn phase(phase: Phase) -> String {
    let word = serde_json::to_value(phase).ok();
    let word = word.as_ref().and_then(|word| word.as_str());
    word.unwrap_or_default().to_string()
}
