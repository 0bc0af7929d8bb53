//! The lines below rows: why a row needs a decision, what to do, and what is unusual about the file.

use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::{NamesRecord, Record, WrittenAs};
use crate::model::state::State;
use crate::report::style::{Painter, Tone};
use crate::report::{escape, places, quantity};
use unicode_width::UnicodeWidthStr;

/// Whether a user has to decide about this file.
pub(crate) fn needs_attention(record: &Record) -> bool {
    match record.outcome {
        Some(outcome) => outcome.is_failure(),
        None => record.plan.action == Action::Refuse || record.error.is_some(),
    }
}

/// Why a file failed, was refused, or has its state.
pub(crate) fn cause(record: &Record) -> String {
    match &record.error {
        Some(error) => error.message.clone(),
        None if record.plan.action == Action::Refuse && !record.plan.steps.is_empty() => {
            record.plan.steps.join("; ")
        }
        None => record.reason.clone(),
    }
}

/// What to do about it.
pub(crate) fn help(record: &Record) -> Option<&str> {
    let of_error = record
        .error
        .as_ref()
        .and_then(|error| error.hint.as_deref());
    of_error.or(record.plan.hint.as_deref())
}

/// The help that belongs to several rows.
pub(crate) fn help_line(help: &str, width: Option<usize>, painter: Painter) -> String {
    let mut notes = NoteLines {
        text: String::new(),
        indent: "",
        width,
        painter,
    };
    notes.add("help: ", Tone::Label, help);
    notes.text
}

/// Plain text below something, so many columns further in.
pub(crate) fn indented(text: &str, by: usize, width: Option<usize>, painter: Painter) -> String {
    let mut notes = NoteLines {
        text: String::new(),
        indent: if by > 2 { "    " } else { "  " },
        width,
        painter,
    };
    notes.add("", Tone::Plain, text);
    notes.text
}

/// The lines under a row; every row gets its reason and its details when `verbose`.
pub(crate) fn lines(
    record: &Record,
    verbose: bool,
    width: Option<usize>,
    painter: Painter,
) -> String {
    let mut notes = NoteLines {
        text: String::new(),
        indent: "  ",
        width,
        painter,
    };
    let places = record.error.as_ref().map_or(&[][..], |error| &error.places);
    if !places.is_empty() {
        notes.text += &places::render(&record.path, places, width, painter.colour);
    } else if needs_attention(record) {
        notes.add("", Tone::Plain, &cause(record));
    } else if record.state == State::Text
        && record.plan.action != Action::Skip
        && (verbose || record.outcome.is_none())
    {
        // How it was read is what the user has to agree with.
        notes.add("read as: ", Tone::Label, &record.reason);
        for (label, names) in [("genes: ", &record.genes), ("samples: ", &record.samples)] {
            if let Some(names) = names {
                notes.add(label, Tone::Label, &some_names(names));
            }
        }
    } else if verbose {
        notes.add("", Tone::Quiet, &record.reason);
    }
    for finding in &record.findings {
        notes.add("note: ", Tone::Label, &finding.detail);
    }
    if verbose {
        for step in steps(record) {
            notes.add("- ", Tone::Quiet, step);
        }
        if let Some(written) = &record.written_as {
            notes.add("", Tone::Quiet, &written_as(written));
        }
        notes.place("new file: ", record.output.as_deref());
        notes.place("original kept: ", record.backup.as_deref());
    }
    notes.text
}

/// `2,000: G1, G2, G3, G4, G5, ... G2000`.
fn some_names(names: &NamesRecord) -> String {
    let mut text = format!(
        "{}: {}",
        quantity::count(names.count),
        names.first.join(", ")
    );
    match &names.last {
        Some(last) if names.count > names.first.len() as u64 => text += &format!(", ... {last}"),
        _ => {}
    }
    text
}

/// The steps of a plan that has not been carried out.
fn steps(record: &Record) -> impl Iterator<Item = &String> {
    let is_ahead = record.plan.action == Action::Migrate && record.outcome.is_none();
    record.plan.steps.iter().filter(move |_| is_ahead)
}

/// `gzip 4 by libdeflate, shuffled, in chunks of 1250 x 32`.
pub(crate) fn written_as(written: &WrittenAs) -> String {
    let chunks = crate::model::facts::display::shape_text(&written.chunks);
    let shuffled = if written.shuffle { ", shuffled" } else { "" };
    match written.level {
        Some(level) => format!(
            "gzip {level} by {}{shuffled}, in chunks of {chunks}",
            written.encoder
        ),
        None if written.encoder == "contiguous" => "one block, not compressed".to_string(),
        None if written.encoder != "verbatim" => {
            format!("{}{shuffled}, in chunks of {chunks}", written.encoder)
        }
        None => format!("values copied as they were{shuffled}, in chunks of {chunks}"),
    }
}

/// Whether this row deserves a line of its own among many like it.
pub(crate) fn is_quiet(record: &Record) -> bool {
    record.plan.action == Action::Skip
        && matches!(record.outcome, None | Some(Outcome::Skipped))
        && record.state.is_skipped()
        && record.findings.is_empty()
        && record.error.is_none()
}

struct NoteLines {
    text: String,
    indent: &'static str,
    width: Option<usize>,
    painter: Painter,
}

impl NoteLines {
    fn add(&mut self, label: &str, tone: Tone, text: &str) {
        let text = escape::for_terminal(text);
        let indent = self.indent.len() + label.width();
        for (n, line) in wrapped(&text, indent, self.width).into_iter().enumerate() {
            if n == 0 {
                self.text.push_str(self.indent);
                self.text.push_str(&self.painter.paint(tone, label));
            } else {
                self.text.push_str(&" ".repeat(indent));
            }
            let body = match tone {
                Tone::Quiet => Tone::Quiet,
                _ => Tone::Plain,
            };
            self.text.push_str(&self.painter.paint(body, line));
            self.text.push('\n');
        }
    }

    /// A path, which is never broken.
    fn place(&mut self, label: &str, path: Option<&str>) {
        if let Some(path) = path {
            let label = self.painter.paint(Tone::Quiet, label);
            let path = escape::for_terminal(path);
            let indent = self.indent;
            self.text += &format!("{indent}{label}{path}\n");
        }
    }
}

/// Breaks text at spaces so that each line, indented, fits; longer words are left whole.
pub(crate) fn wrapped(text: &str, indent: usize, width: Option<usize>) -> Vec<&str> {
    let Some(available) = width.map(|width| width.saturating_sub(indent).max(20)) else {
        return vec![text];
    };
    let mut lines = Vec::new();
    let mut rest = text;
    while rest.width() > available {
        let mut end = None;
        for (at, _) in rest.match_indices(' ') {
            if end.is_some() && rest[..at].width() > available {
                break;
            }
            end = Some(at);
        }
        let Some(end) = end else { break };
        lines.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(' ');
    }
    lines.push(rest);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    const PLAIN: Painter = Painter { colour: false };

    #[test]
    fn a_refusal_says_why() {
        let row = sample::refusal("a.h5", State::Damaged, "truncated file: 96 of 4096 bytes");
        assert_eq!(
            lines(&row, false, None, PLAIN),
            "  truncated file: 96 of 4096 bytes\n"
        );
    }

    #[test]
    fn the_plans_own_reason_beats_the_states() {
        let mut row = sample::refusal("a.h5", State::Legacy, "names are attributes");
        row.plan.steps = vec!["the attribute gene_names is not UTF-8".into()];
        assert_eq!(cause(&row), "the attribute gene_names is not UTF-8");
    }

    #[test]
    fn a_row_without_trouble_has_no_lines_unless_asked() {
        let row = sample::legacy("a.h5");
        assert_eq!(lines(&row, false, None, PLAIN), "");
        assert_eq!(
            lines(&row, true, None, PLAIN),
            "  gene_names and sample_names are attributes of /expr\n  \
             - copy /expr 20000 x 500 <f4: its 256 gzip chunks stay as they are\n  \
             - write /gene_names (20000 names) from the attribute of /expr\n  \
             - leave out the attributes gene_names and sample_names of /expr\n"
        );
        assert_eq!(
            lines(&sample::migrated("a.h5"), true, None, PLAIN),
            "  gene_names and sample_names are attributes of /expr\n  \
             gzip 4 by libdeflate, shuffled, in chunks of 1250 x 32\n  \
             new file: new/a.h5\n"
        );
    }

    #[test]
    fn lines_break_at_spaces_and_hang() {
        let row = sample::refused("a.h5");
        assert_eq!(
            lines(&row, false, Some(30), PLAIN),
            "  /expr is there, but\n  gene_names is nowhere\n"
        );
        assert_eq!(
            help_line(help(&row).unwrap(), Some(50), PLAIN),
            "help: the names are not in this file: keep it, and\n      \
             give them with --names-from, a matrix or a\n      list\n"
        );
    }

    #[test]
    fn wrapping_loses_nothing() {
        let text = "a/very/long/path/that/fits/nowhere/at/all.h5 and then some  more words here";
        for width in 20..90 {
            let lines = wrapped(text, 2, Some(width));
            assert_eq!(lines.join(" ").replace("  ", " "), text.replace("  ", " "));
        }
        assert_eq!(wrapped("", 2, Some(20)), [""]);
    }

    #[test]
    fn what_a_file_says_is_escaped() {
        let row = sample::refusal("a.h5", State::Unsupported, "/\x1b[2J needs\nlzf");
        let text = lines(&row, false, None, PLAIN);
        assert!(text.starts_with("  /\\x1b[2J needs\\nlzf\n"), "{text}");
    }
}
