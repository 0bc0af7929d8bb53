//! The lines of the live display, as text: a bar, and below it one line for each slot.
//!
//! Every line is shorter than the terminal and their number stays the same while a batch runs:
//! nothing wraps, nothing jumps.

use crate::cli::progress::batch_progress::BatchProgress;
use crate::cli::progress::phrase::sentence;
use crate::cli::progress::work::Work;
use crate::model::protocol::phase::Phase;
use crate::report::quantity;
use crate::report::shorten::middle;
use std::time::{Duration, Instant};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Width of the sentence beside the bar in the normal case.
const SENTENCE: usize = 68;
const SHORTEST_BAR: usize = 8;
const LONGEST_BAR: usize = 30;
/// More lines than this are not read.
const MOST_SLOTS: usize = 16;
const PHASE: usize = 17;
/// A worker without a heartbeat for longer than this is mentioned.
const SILENT: Duration = Duration::from_secs(10);

/// The lines, without a newline at the end, for a terminal of `rows` x `columns`.
pub(crate) fn lines(batch: &BatchProgress, rows: usize, columns: usize, now: Instant) -> String {
    // Not the last column: some terminals wrap when it is written to.
    let width = columns.saturating_sub(1);
    let Some(files) = batch.files() else {
        return cut(&sentence(&batch.phrases(now)), width);
    };
    let mut lines = vec![overall(batch, width, now)];
    let slots = batch.slots();
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    let available = rows.saturating_sub(3).min(MOST_SLOTS);
    let used = slots.len().min(files);
    let shown = if used > available {
        available.saturating_sub(1)
    } else {
        used
    };
    for work in &slots[..shown] {
        lines.push(
            work.as_ref()
                .map_or(String::new(), |work| slot(work, width, now)),
        );
    }
    if shown < used && available > 0 {
        let more = slots[shown..].iter().flatten().count();
        let more = quantity::counted(u64::try_from(more).unwrap_or(u64::MAX), "more file");
        lines.push(cut(&format!("  and {more}"), width));
    }
    lines.join("\n")
}

/// `[===>     ]  120 of 300 files, 1.2 GiB of 4.0 GiB, 85.7 MiB/s, 33 s left`; what does
/// not fit is left out, the most dispensable phrase first.
fn overall(batch: &BatchProgress, width: usize, now: Instant) -> String {
    let places = width
        .saturating_sub(SENTENCE)
        .clamp(SHORTEST_BAR, LONGEST_BAR);
    let bar = bar(batch.thousandths(), places);
    let mut phrases = batch.phrases(now);
    for phrase in &mut phrases {
        // A number that changes is recognisable as an estimate.
        if let Some(short) = phrase.text.strip_prefix("about ") {
            phrase.text = short.to_string();
        }
    }
    loop {
        let line = format!("{bar}  {}", sentence(&phrases));
        if line.width() <= width || phrases.len() < 2 {
            return cut(&line, width);
        }
        let dispensable = phrases.iter().map(|phrase| phrase.about).min();
        phrases.retain(|phrase| Some(phrase.about) != dispensable);
    }
}

fn bar(thousandths: u64, places: usize) -> String {
    let filled = usize::try_from(thousandths).unwrap_or(1000) * places / 1000;
    let head = usize::from(thousandths > 0 && filled < places);
    format!(
        "[{}{}{}]",
        "=".repeat(filled),
        ">".repeat(head),
        " ".repeat(places - filled - head)
    )
}

/// `  writing values     12.5 MiB  ...study-01/expression.h5`.
fn slot(work: &Work, width: usize, now: Instant) -> String {
    let done = if work.counts_rows() {
        quantity::counted(work.done, "row")
    } else if work.done > 0 {
        quantity::bytes(work.done)
    } else {
        String::new()
    };
    let mut line = format!("  {:<PHASE$}  {done:>8}  ", phase(work.phase));
    let silent = now.saturating_duration_since(work.heard);
    let in_work = now.saturating_duration_since(work.begun);
    let remark = if silent >= SILENT {
        format!("  (silent for {})", quantity::estimate(silent))
    } else if in_work >= SILENT {
        format!("  ({})", quantity::estimate(in_work))
    } else {
        String::new()
    };
    let available = width.saturating_sub(line.width() + remark.width());
    line += &middle(&work.path, available);
    cut(&(line + &remark), width)
}

/// The phase in few words: an error message has more space than a column.
pub(crate) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Starting => "starting",
        Phase::Opening => "opening",
        Phase::Listing => "listing objects",
        Phase::ReadingNames => "reading names",
        Phase::ReadingValues => "reading values",
        Phase::WritingValues => "writing values",
        Phase::CarryingOver => "carrying over",
        Phase::Closing => "closing",
        Phase::ComparingObjects => "comparing objects",
        Phase::ComparingValues => "comparing values",
        Phase::ReadingText => "reading text",
    }
}

fn cut(line: &str, width: usize) -> String {
    let mut used = 0;
    line.chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::event::Event;
    use std::path::PathBuf;

    fn batch(slots: usize, path: &str, begun: Instant) -> BatchProgress {
        let mut batch = BatchProgress::new(slots);
        let path = PathBuf::from(path);
        let mut take = |event: Event<'_>| batch.take(&event, begun);
        take(Event::Started {
            files: 300,
            bytes: 4 << 30,
        });
        for slot in 0..slots {
            take(Event::FileStarted {
                slot,
                path: &path,
                bytes: 1 << 30,
            });
        }
        take(Event::FileProgress {
            slot: 0,
            phase: Phase::WritingValues,
            done: 1 << 29,
        });
        batch
    }

    #[test]
    fn a_bar_and_a_line_for_each_slot() {
        let begun = Instant::now();
        let batch = batch(2, "archive/study-01/expression.h5", begun);
        assert_eq!(
            lines(&batch, 24, 80, begun + Duration::from_secs(4)),
            "\
[>          ]  0 of 300 files, 256 MiB of 4.0 GiB, 64.0 MiB/s, 1 min 00 s left
  writing values      512 MiB  archive/study-01/expression.h5
  starting                     archive/study-01/expression.h5"
        );
    }

    #[test]
    fn a_silent_worker_is_told() {
        let begun = Instant::now();
        let batch = batch(1, "a.h5", begun);
        let text = lines(&batch, 24, 80, begun + Duration::from_secs(42));
        assert!(text.ends_with("  a.h5  (silent for 42 s)"), "{text}");
    }

    #[test]
    fn a_file_that_takes_long_says_how_long() {
        let begun = Instant::now();
        let mut batch = batch(1, "a.h5", begun);
        let now = begun + Duration::from_secs(42);
        batch.take(
            &Event::FileProgress {
                slot: 0,
                phase: Phase::WritingValues,
                done: 1 << 29,
            },
            now,
        );
        let text = lines(&batch, 24, 80, now);
        assert!(text.ends_with("  a.h5  (42 s)"), "{text}");
    }

    #[test]
    fn no_line_reaches_the_last_column_and_their_number_is_steady() {
        let begun = Instant::now();
        for path in ["a.h5", &"样本/ü".repeat(40), &"x".repeat(300)] {
            let mut batch = batch(3, path, begun);
            for columns in 1..120 {
                let text = lines(&batch, 24, columns, begun + Duration::from_secs(20));
                assert_eq!(text.split('\n').count(), 4);
                for line in text.split('\n') {
                    assert!(line.width() < columns, "{columns}: {line}");
                }
            }
            let record = crate::model::record::Record::new(
                "a".as_ref(),
                1,
                crate::model::state::State::Legacy,
                String::new(),
            );
            batch.take(
                &Event::FileDone {
                    slot: Some(1),
                    record: &record,
                },
                begun,
            );
            assert_eq!(lines(&batch, 24, 80, begun).split('\n').count(), 4);
        }
    }

    #[test]
    fn many_slots_and_few_rows() {
        let begun = Instant::now();
        let batch = batch(64, "a.h5", begun);
        let text = lines(&batch, 50, 80, begun);
        assert_eq!(text.split('\n').count(), 1 + MOST_SLOTS);
        assert!(text.ends_with("\n  and 49 more files"), "{text}");
        for rows in 0..12 {
            let lines = lines(&batch, rows, 80, begun).split('\n').count();
            assert!(lines == 1 || lines < rows, "{lines} of {rows}");
        }
    }

    #[test]
    fn bars() {
        assert_eq!(bar(0, 10), "[          ]");
        assert_eq!(bar(1, 10), "[>         ]");
        assert_eq!(bar(500, 10), "[=====>    ]");
        assert_eq!(bar(999, 10), "[=========>]");
        assert_eq!(bar(1000, 10), "[==========]");
    }

    #[test]
    fn bytes_give_way_before_failures() {
        let begun = Instant::now();
        let mut batch = batch(1, "a.h5", begun);
        let mut record = crate::model::record::Record::new(
            "a".as_ref(),
            1,
            crate::model::state::State::Legacy,
            String::new(),
        );
        record.outcome = Some(crate::model::record::outcome::Outcome::Failed);
        let record = &record;
        batch.take(
            &Event::FileDone {
                slot: Some(0),
                record,
            },
            begun,
        );
        let first_line = |columns| {
            let text = lines(&batch, 24, columns, begun + Duration::from_secs(4));
            text.lines().next().unwrap().to_string()
        };
        assert_eq!(
            first_line(80),
            "[==>        ]  1 of 300 files, 1 not done, 256 MiB/s, 12 s left"
        );
        assert_eq!(first_line(45), "[==>     ]  1 of 300 files, 1 not done");
    }
}
