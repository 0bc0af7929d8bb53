//! The closing lines: counts, sizes, and the next step.

pub(crate) mod next;

use crate::model::plan::policy::Verification;
use crate::model::record::Record;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::report::Report;
use crate::model::state::State;
use crate::report::notes::wrapped;
use crate::report::quantity;
use crate::report::style as paint;
use crate::report::style::{Painter, Tone};
use std::time::Duration;

const LABEL: usize = 9;

/// The closing lines of a table.
pub(crate) fn lines(report: &Report, width: Option<usize>, painter: Painter) -> String {
    let mut closing = Closing {
        text: first_line(report) + "\n",
        width,
        painter,
    };
    closing.counts("states", &states(report));
    if report.summary.by_outcome.is_empty() {
        closing.counts("plan", &actions(report));
    } else {
        closing.counts("outcome", &outcomes(report));
    }
    if let Some(sizes) = sizes(&report.files) {
        closing.counts("size", &[(sizes, Tone::Plain)]);
    }
    for (n, step) in next::steps(report).iter().enumerate() {
        closing.sentence(if n == 0 { "next" } else { "" }, step);
    }
    closing.text
}

fn first_line(report: &Report) -> String {
    let mut line = quantity::counted(report.summary.files, "file");
    if report.summary.files > 0 {
        line += &format!(", {}", quantity::bytes(report.summary.bytes));
    }
    if let Ok(elapsed) = Duration::try_from_secs_f64(report.elapsed_seconds) {
        line += &format!(", in {}", quantity::duration(elapsed));
    }
    line
}

type Counted = (String, Tone);

fn states(report: &Report) -> Vec<Counted> {
    let by_state = &report.summary.by_state;
    let counted = |state: State| {
        let count = by_state.get(&state)?;
        // The action for a state depends on the policy; the rows have it.
        let row = report.files.iter().find(|row| row.state == state);
        let action = row.map_or(Action::Skip, |row| row.plan.action);
        Some((
            format!("{} {state}", quantity::count(*count)),
            paint::state(state, action),
        ))
    };
    State::ALL.into_iter().filter_map(counted).collect()
}

fn actions(report: &Report) -> Vec<Counted> {
    let counted = |(action, count): (&Action, &u64)| {
        let (deed, tone) = match action {
            Action::Migrate => ("to migrate", Tone::Work),
            Action::Convert => ("to convert", Tone::Work),
            Action::Skip => ("to skip", Tone::Plain),
            Action::Refuse => ("to refuse", Tone::Bad),
        };
        (format!("{} {deed}", quantity::count(*count)), tone)
    };
    report.summary.by_action.iter().map(counted).collect()
}

fn outcomes(report: &Report) -> Vec<Counted> {
    let counted = |(outcome, count): (&Outcome, &u64)| {
        let mut text = format!("{} {}", quantity::count(*count), outcome.word());
        if is_new_file(*outcome) {
            text += proof(&report.files);
        }
        let tone = match outcome {
            Outcome::Migrated | Outcome::Verified | Outcome::Converted => Tone::Good,
            Outcome::Skipped => Tone::Plain,
            Outcome::Salvaged | Outcome::Refused | Outcome::Failed => Tone::Bad,
        };
        (text, tone)
    };
    report.summary.by_outcome.iter().map(counted).collect()
}

fn is_new_file(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Migrated | Outcome::Salvaged | Outcome::Converted
    )
}

/// The level of verification of the migrated files, if it is the same for all.
fn proof(files: &[Record]) -> &'static str {
    let mut levels = files
        .iter()
        .filter(|row| row.outcome.is_some_and(is_new_file))
        .map(|row| row.verified);
    let first = levels.next().flatten();
    match first {
        Some(level) if levels.all(|other| other == Some(level)) => match level {
            Verification::Full => " and verified in full",
            Verification::Fast => " and verified fast",
            Verification::None => ", not verified",
        },
        _ => "",
    }
}

/// Bytes before and after, of the files that were rewritten.
fn sizes(files: &[Record]) -> Option<String> {
    let rewritten = files
        .iter()
        .filter_map(|row| Some((row.bytes, row.bytes_after?)));
    let (before, after) =
        rewritten.reduce(|a, b| (a.0.saturating_add(b.0), a.1.saturating_add(b.1)))?;
    let change = quantity::change(before, after).map_or(String::new(), |text| format!(" ({text})"));
    Some(format!(
        "{} -> {}{change}",
        quantity::bytes(before),
        quantity::bytes(after)
    ))
}

struct Closing {
    text: String,
    width: Option<usize>,
    painter: Painter,
}

impl Closing {
    fn label(&mut self, label: &str) {
        let text = if label.is_empty() {
            String::new()
        } else {
            format!("{label}:")
        };
        let padding = " ".repeat(LABEL.saturating_sub(text.len()));
        self.text.push_str(&self.painter.paint(Tone::Quiet, &text));
        self.text.push_str(&padding);
    }

    /// Several counts, commas between them, broken only after a comma.
    fn counts(&mut self, label: &str, counts: &[Counted]) {
        if counts.is_empty() {
            return;
        }
        self.label(label);
        let mut column = LABEL;
        for (n, (text, tone)) in counts.iter().enumerate() {
            let comma = if n + 1 < counts.len() { "," } else { "" };
            let length = text.len() + comma.len();
            if n > 0 && self.width.is_some_and(|width| column + 1 + length > width) {
                self.text.push('\n');
                self.label("");
                column = LABEL;
            } else if n > 0 {
                self.text.push(' ');
                column += 1;
            }
            self.text.push_str(&self.painter.paint(*tone, text));
            self.text.push_str(comma);
            column += length;
        }
        self.text.push('\n');
    }

    fn sentence(&mut self, label: &str, sentence: &str) {
        // A command stays in one piece, to be copied.
        let width = self.width.filter(|_| !sentence.contains(": h5lift "));
        for (n, line) in wrapped(sentence, LABEL, width).into_iter().enumerate() {
            self.label(if n == 0 { label } else { "" });
            self.text.push_str(line);
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn plain(report: &Report) -> String {
        lines(report, Some(100), Painter { colour: false })
    }

    #[test]
    fn an_audit_names_the_next_command() {
        let report = sample::report(
            "audit",
            vec![sample::legacy("a.h5"), sample::hybrid("b.h5")],
        );
        assert_eq!(
            plain(&report),
            "2 files, 57.3 MiB, in 1.2 s\n\
             states:  1 legacy, 1 hybrid\n\
             plan:    2 to migrate\n\
             next:    2 files would be migrated: h5lift migrate archive --out-dir NEW\n"
        );
    }

    #[test]
    fn a_command_can_be_pasted_whatever_the_roots_are() {
        let mut report = sample::report("audit", vec![sample::legacy("a.h5")]);
        report.roots = vec!["my data/it's".into(), "-x".into()];
        assert!(plain(&report).ends_with(
            "1 file would be migrated: h5lift migrate 'my data/it'\\''s' ./-x --out-dir NEW\n"
        ));
        report.roots = vec!["x".into(); 40];
        assert!(plain(&report).ends_with("h5lift migrate PATH... --out-dir NEW\n"));
    }

    #[test]
    fn a_dry_run_says_how_to_mean_it() {
        let report = sample::report("migrate", vec![sample::legacy("a.h5")]);
        assert!(
            plain(&report).ends_with("1 file would be migrated: run it again without --dry-run\n")
        );
    }

    #[test]
    fn a_migration_says_what_became_of_the_files() {
        assert_eq!(
            plain(&sample::migration()),
            "5 files, 1.3 GiB, in 1.2 s\n\
             states:  3 legacy, 1 current, 1 nameless\n\
             outcome: 2 migrated and verified in full, 1 skipped, 1 refused, 1 failed\n\
             size:    76.3 MiB -> 40.1 MiB (1.90x smaller)\n\
             next:    1 file failed and is unchanged; the lines under it say why\n         \
             1 file cannot be migrated as it is; the help under it says what to do\n"
        );
    }

    #[test]
    fn kept_originals_are_mentioned() {
        let mut row = sample::migrated("a.h5");
        row.backup = Some("a.h5.orig".into());
        let text = plain(&sample::report("migrate", vec![row]));
        assert!(
            text.ends_with("next:    1 original kept; `backup` in the JSON report says where\n")
        );
    }

    #[test]
    fn nothing_and_nothing_to_do() {
        let none = sample::report("audit", vec![]);
        assert_eq!(
            plain(&none),
            "0 files, in 1.2 s\n\
             next:    h5lift looks for .h5, .hdf5, .hdf and .he5; --include GLOB takes other names\n"
        );
        let done = sample::report("audit", vec![sample::current("a.h5")]);
        assert!(plain(&done).ends_with("next:    nothing has to be done\n"));
    }
}
