//! When files were done, and when the slowest of them were in work.

use crate::report::html::charts::{percent, shortened, svg};
use crate::report::html::overview::{SPANS, Timeline};
use crate::report::html::{html, tone_of_deed};
use crate::report::quantity;
use std::time::Duration;

const HEIGHT: u64 = 64;
const ROW: usize = 20;
/// Per cent of the width before the first bar.
const LEFT: u64 = 46;

/// Files done over the time of the run.
pub(in crate::report::html) fn curve(timeline: &Timeline) -> String {
    let most = timeline.done.iter().copied().max().unwrap_or(0).max(1);
    let spans = spans(timeline);
    let mut drawn = String::new();
    for (span, done) in (0_u64..).zip(&timeline.done).take(spans) {
        if *done == 0 {
            continue;
        }
        let height = (done * HEIGHT).div_ceil(most);
        drawn += &format!(
            "<rect class=\"work\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{height}\"><title>{}</title></rect>",
            percent(span, spans as u64),
            HEIGHT - height,
            percent(1, spans as u64),
            quantity::counted(*done, "file"),
        );
    }
    let end = quantity::duration(timeline.end);
    drawn += &format!(
        "<text class=\"axis\" x=\"0\" y=\"80\">0 s</text>\
         <text class=\"axis value\" x=\"100%\" y=\"80\">{end}</text>"
    );
    let title = format!(
        "Files done over {end}, at most {} in {}",
        quantity::count(most),
        quantity::duration(timeline.span)
    );
    svg("curve", 86, &title, &drawn)
}

/// Columns up to the end of the run.
fn spans(timeline: &Timeline) -> usize {
    let span = timeline.span.as_nanos().max(1);
    let spans = usize::try_from(timeline.end.as_nanos() / span + 1);
    spans.unwrap_or(SPANS).min(SPANS)
}

/// The slowest files, each with a bar from its start to its end.
pub(in crate::report::html) fn slowest(timeline: &Timeline) -> String {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let end = milliseconds(timeline.end).max(1);
    let mut drawn = String::new();
    for (row, slow) in timeline.slowest.iter().enumerate() {
        let y = row * ROW;
        let (started, took) = (
            milliseconds(slow.timing.started),
            milliseconds(slow.timing.took).max(end / 250),
        );
        let took_text = quantity::duration(slow.timing.took);
        drawn += &format!(
            "<svg x=\"0\" y=\"{y}\" width=\"32%\" height=\"{ROW}\"><text class=\"value\" x=\"100%\" y=\"14\">{}</text>\
             <title>{}</title></svg>\
             <text class=\"value\" x=\"{LEFT}%\" dx=\"-10\" y=\"{}\">{took_text}</text>\
             <svg x=\"{LEFT}%\" y=\"{y}\" width=\"{}%\" height=\"{ROW}\"><line class=\"rule\" x1=\"0\" x2=\"100%\" \
             y1=\"10\" y2=\"10\"/><rect class=\"{}\" x=\"{}\" y=\"5\" width=\"{}\" height=\"10\">\
             <title>{}, {}: {took_text}</title></rect></svg>",
            html(&shortened(&slow.path, 48)),
            html(&slow.path),
            y + 14,
            100 - LEFT,
            tone_of_deed(slow.deed),
            percent(started, end),
            percent(took, end),
            html(&slow.path),
            quantity::bytes(slow.bytes),
        );
    }
    let title = match timeline.slowest.first() {
        Some(first) => format!(
            "The slowest files; the slowest, {}, took {}",
            first.path,
            quantity::duration(first.timing.took)
        ),
        None => "The slowest files: none".to_string(),
    };
    svg("slowest", timeline.slowest.len() * ROW, &title, &drawn)
}
