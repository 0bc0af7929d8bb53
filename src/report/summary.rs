//! The closing lines: counts, sizes, and the next step.

pub(crate) mod next;

use crate::model::estimate::Estimate;
use crate::model::record::Record;
use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::report::Report;
use crate::model::state::State;
use crate::report::notes::wrapped;
use crate::report::style;
use crate::report::style::{Painter, Tone};
use crate::report::{quantity, words};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

const LABEL: usize = 9;

/// What the closing lines say of all rows besides the sums of the report.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    /// What is done about the first row of each state. It depends on the policy.
    actions: BTreeMap<State, Action>,
    /// Bytes before and after, of the files that were rewritten.
    rewritten: Option<(u64, u64)>,
    /// Levels of verification of new files.
    levels: BTreeSet<Option<&'static str>>,
    /// Originals that were kept.
    kept: u64,
    /// Outputs that were made of files that need nothing.
    provided: u64,
    /// Files of each finding.
    findings: BTreeMap<String, u64>,
}

impl Totals {
    pub(crate) fn add(&mut self, record: &Record) {
        self.actions
            .entry(record.state)
            .or_insert(record.plan.action);
        if let Some(after) = record.bytes_after {
            let sums = self.rewritten.get_or_insert((0, 0));
            sums.0 = sums.0.saturating_add(record.bytes);
            sums.1 = sums.1.saturating_add(after);
        }
        if record.outcome.is_some_and(is_new_file) {
            self.levels.insert(record.verified.map(words::verification));
        }
        self.kept += u64::from(record.backup.is_some());
        self.provided += u64::from(record.provided);
        for finding in &record.findings {
            *self.findings.entry(finding.code.clone()).or_default() += 1;
        }
    }

    /// The level of verification of the new files, if it is the same for all.
    fn proof(&self) -> &'static str {
        let mut levels = self.levels.iter();
        match (levels.next(), levels.next()) {
            (Some(Some("full")), None) => " and verified in full",
            (Some(Some("fast")), None) => " and verified fast",
            (Some(Some("none")), None) => ", not verified",
            _ => "",
        }
    }

    fn sizes(&self) -> Option<String> {
        let (before, after) = self.rewritten?;
        let change =
            quantity::change(before, after).map_or(String::new(), |text| format!(" ({text})"));
        Some(format!(
            "{} -> {}{change}",
            quantity::bytes(before),
            quantity::bytes(after)
        ))
    }

    fn findings(&self) -> Vec<Counted> {
        let counted =
            |(code, files): (&String, &u64)| format!("{} {code}", quantity::count(*files));
        self.findings
            .iter()
            .map(|finding| (counted(finding), Tone::Plain))
            .collect()
    }
}

/// What the work would cost, and how that is known.
pub(crate) fn estimated(estimate: &Estimate) -> [(&'static str, String); 3] {
    let range = match (estimate.bytes_after_least, estimate.bytes_after_most) {
        (Some(least), Some(most)) if least < most => {
            format!(" ({} to {})", quantity::bytes(least), quantity::bytes(most))
        }
        (Some(_), Some(_)) => String::new(),
        _ => " (too few files to say how exactly)".to_string(),
    };
    let seconds = Duration::try_from_secs_f64(estimate.seconds).unwrap_or(Duration::MAX);
    [
        (
            "size",
            format!(
                "{} now, about {} after{range}",
                quantity::bytes(estimate.bytes),
                quantity::bytes(estimate.bytes_after)
            ),
        ),
        (
            "time",
            format!(
                "about {} with -j {}, and the disk's time to write",
                quantity::estimate(seconds),
                estimate.jobs
            ),
        ),
        (
            "sample",
            format!(
                "{} of {} to migrate, {} of their values",
                quantity::count(estimate.sampled_files),
                quantity::counted(estimate.files, "file"),
                quantity::bytes(estimate.sampled_bytes)
            ),
        ),
    ]
}

/// The one line of a run that found nothing to do; `None` if there is more to say.
pub(crate) fn nothing_done(report: &Report, totals: &Totals) -> Option<String> {
    let summary = &report.summary;
    if !report.problems.is_empty() {
        return None;
    }
    if summary.files == 0 {
        return Some(format!("no files: {}\n", next::endings(&report.command)));
    }
    let skipped = summary.outcome(Outcome::Skipped);
    if skipped < summary.files || summary.by_state.keys().any(|it| !it.is_skipped()) {
        return None;
    }
    let states: Vec<String> = summary
        .by_state
        .iter()
        .map(|(state, files)| format!("{} {state}", quantity::count(*files)))
        .collect();
    let files = format!("{} ({})", first_line(report), states.join(", "));
    Some(match totals.provided {
        0 => format!("nothing to do: {files}\n"),
        made => format!(
            "nothing to migrate: {files}; {} made as --if-current says\n",
            quantity::counted(made, "output")
        ),
    })
}

/// The closing lines of a table. `findings`: whether no row has told them.
pub(crate) fn lines(
    report: &Report,
    totals: &Totals,
    findings: bool,
    width: Option<usize>,
    painter: Painter,
) -> String {
    let mut closing = Closing {
        text: first_line(report) + "\n",
        width,
        painter,
    };
    closing.counts("states", &states(report, totals));
    if report.summary.by_outcome.is_empty() {
        closing.counts("plan", &actions(report));
    } else {
        closing.counts("outcome", &outcomes(report, totals));
    }
    if let Some(sizes) = totals.sizes() {
        closing.counts("size", &[(sizes, Tone::Plain)]);
    }
    if let Some(estimate) = &report.estimate {
        for (label, text) in estimated(estimate) {
            closing.sentence(label, &text);
        }
    }
    if findings {
        closing.counts("notes", &totals.findings());
    }
    for (n, step) in next::steps(report, totals.kept).iter().enumerate() {
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

fn states(report: &Report, totals: &Totals) -> Vec<Counted> {
    let by_state = &report.summary.by_state;
    let counted = |state: State| {
        let count = by_state.get(&state)?;
        let action = totals.actions.get(&state).copied().unwrap_or(Action::Skip);
        Some((
            format!("{} {state}", quantity::count(*count)),
            style::state(state, action),
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

fn outcomes(report: &Report, totals: &Totals) -> Vec<Counted> {
    let counted = |(outcome, count): (&Outcome, &u64)| {
        let mut text = format!("{} {}", quantity::count(*count), outcome.word());
        if is_new_file(*outcome) {
            text += totals.proof();
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
        let lines = match sentence.find(": h5lift ") {
            // A command stays in one piece, to be copied.
            Some(colon)
                if self
                    .width
                    .is_some_and(|width| LABEL + sentence.width() > width) =>
            {
                let (before, command) = sentence.split_at(colon + 2);
                vec![before.trim_end(), command]
            }
            Some(_) => vec![sentence],
            None => wrapped(sentence, LABEL, self.width),
        };
        for (n, line) in lines.into_iter().enumerate() {
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
        let mut totals = Totals::default();
        report.files.iter().for_each(|record| totals.add(record));
        lines(report, &totals, true, Some(100), Painter { colour: false })
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
    fn a_command_that_does_not_fit_has_a_line_of_its_own() {
        let report = sample::report("audit", vec![sample::legacy("a.h5")]);
        let narrow = lines(
            &report,
            &Totals::default(),
            true,
            Some(60),
            Painter { colour: false },
        );
        assert!(
            narrow.ends_with(
                "next:    1 file would be migrated:\n         h5lift migrate archive --out-dir NEW\n"
            ),
            "{narrow}"
        );
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
        let totals = Totals::default();
        let none = sample::report("audit", vec![]);
        assert_eq!(
            nothing_done(&none, &totals).unwrap(),
            "no files: h5lift looks for .h5, .hdf5, .hdf and .he5; --include GLOB takes other names\n"
        );
        let done = sample::report("audit", vec![sample::current("a.h5")]);
        assert!(plain(&done).ends_with("next:    nothing has to be done\n"));
        assert_eq!(nothing_done(&done, &totals), None);
        let mut row = sample::current("a.h5");
        row.outcome = Some(Outcome::Skipped);
        let mut skipped = sample::report("migrate", vec![row.clone(), row]);
        assert_eq!(
            nothing_done(&skipped, &totals).unwrap(),
            "nothing to do: 2 files, 38.3 MiB, in 1.2 s (2 current)\n"
        );
        let mut provided = sample::current("a.h5");
        provided.provided = true;
        let mut made = Totals::default();
        made.add(&provided);
        assert_eq!(
            nothing_done(&skipped, &made).unwrap(),
            "nothing to migrate: 2 files, 38.3 MiB, in 1.2 s (2 current); 1 output made as --if-current says\n"
        );
        skipped.problems = sample::audit().problems;
        assert_eq!(nothing_done(&skipped, &totals), None);
        assert_eq!(nothing_done(&sample::migration(), &totals), None);
    }
}
