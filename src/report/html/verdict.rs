//! The sentence on top of a page.

use crate::model::record::outcome::{Action, Outcome};
use crate::model::record::report::Report;
use crate::report::html::overview::Overview;
use crate::report::quantity::{count, counted};

/// The sentence, and its colour.
pub(super) fn verdict(report: &Report, overview: &Overview) -> (String, &'static str) {
    let (sentence, tone) = if report.summary.files == 0 {
        ("No file was found.".to_string(), "work")
    } else if report.summary.by_outcome.is_empty() {
        before_the_work(report)
    } else {
        after_the_work(report, overview)
    };
    match report.problems.len() {
        0 => (sentence, tone),
        1 => (format!("{sentence} One path could not be read."), "bad"),
        n => {
            let paths = counted(u64::try_from(n).unwrap_or(u64::MAX), "path");
            (format!("{sentence} {paths} could not be read."), "bad")
        }
    }
}

fn before_the_work(report: &Report) -> (String, &'static str) {
    let files = report.summary.files;
    let number = |action| report.summary.by_action.get(&action).copied().unwrap_or(0);
    let refused = number(Action::Refuse);
    let (ahead, done) = match number(Action::Convert) {
        0 => (number(Action::Migrate), "migrated"),
        texts => (texts, "converted"),
    };
    let of_all = of_all(ahead, files);
    match (ahead, refused) {
        (0, 0) => (
            format!("Nothing has to be done for {}.", all(files)),
            "good",
        ),
        (0, n) => (format!("{} before {}.", need(n), can_go_on(n, done)), "bad"),
        (_, 0) => (
            format!("{of_all} can be {done}. No file needs a decision."),
            "work",
        ),
        (_, n) => (format!("{of_all} can be {done}. {} first.", need(n)), "bad"),
    }
}

fn after_the_work(report: &Report, overview: &Overview) -> (String, &'static str) {
    let summary = &report.summary;
    let files = summary.files;
    let number = |outcome| summary.outcome(outcome);
    let mut parts = Vec::new();
    for (outcome, word) in [
        (Outcome::Migrated, "migrated"),
        (Outcome::Converted, "converted"),
        (Outcome::Verified, "verified"),
    ] {
        let done = number(outcome);
        if done > 0 {
            let verb = if done == 1 { "was" } else { "were" };
            parts.push(format!("{} {verb} {word}", of_all(done, files)));
        }
    }
    let done = number(Outcome::Migrated) + number(Outcome::Converted) + number(Outcome::Salvaged);
    let in_full = overview.verified.get("full").copied().unwrap_or(0);
    if done > 0
        && in_full == done
        && let Some(last) = parts.last_mut()
    {
        *last += if done == 1 {
            " and verified in full"
        } else {
            ", each verified in full"
        };
    }
    let bad: Vec<String> = [
        (Outcome::Salvaged, "salvaged with losses"),
        (Outcome::Refused, "refused"),
        (Outcome::Failed, "failed"),
    ]
    .into_iter()
    .filter(|(outcome, _)| number(*outcome) > 0)
    .map(|(outcome, word)| match (number(outcome), outcome) {
        (n, Outcome::Failed) => format!("{} {word}", count(n)),
        (1, _) => format!("1 was {word}"),
        (n, _) => format!("{} were {word}", count(n)),
    })
    .collect();
    let undone = files - summary.by_outcome.values().sum::<u64>().min(files);
    let mut sentence = match parts.is_empty() {
        true if bad.is_empty() => format!("Nothing was left to do for {}.", all(files)),
        true => format!("Of {}, {}.", counted(files, "file"), bad.join(", ")),
        false if bad.is_empty() => {
            format!("{}; none was refused and none failed.", parts.join("; "))
        }
        false => format!("{}; {}.", parts.join("; "), bad.join(", ")),
    };
    if undone > 0 {
        sentence += &format!(
            " {} not done.",
            match undone {
                1 => "1 file was".to_string(),
                n => format!("{} files were", count(n)),
            }
        );
    }
    let tone = match bad.is_empty() && undone == 0 {
        true => "good",
        false => "bad",
    };
    (sentence, tone)
}

/// `2 of 5 files`, `All 5 files`, `The file`.
fn of_all(part: u64, files: u64) -> String {
    match (part, files) {
        (1, 1) => "The file".to_string(),
        _ if part == files => format!("All {}", counted(files, "file")),
        _ => format!("{} of {}", count(part), counted(files, "file")),
    }
}

fn all(files: u64) -> String {
    match files {
        1 => "the one file".to_string(),
        n => format!("any of the {}", counted(n, "file")),
    }
}

fn need(files: u64) -> String {
    match files {
        1 => "1 file needs a decision".to_string(),
        n => format!("{} files need a decision", count(n)),
    }
}

fn can_go_on(files: u64, done: &str) -> String {
    match files {
        1 => format!("it can be {done}"),
        _ => format!("they can be {done}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn sentence(report: &Report) -> String {
        let mut overview = Overview::default();
        for record in &report.files {
            overview.add(record, None);
        }
        verdict(report, &overview).0
    }

    #[test]
    fn a_sentence_for_each_kind_of_run() {
        let of = |command, files| sentence(&sample::report(command, files));
        assert_eq!(
            sentence(&sample::migration()),
            "2 of 5 files were migrated, each verified in full; 1 was refused, 1 failed."
        );
        assert_eq!(
            sentence(&sample::audit()),
            "3 of 1,211 files can be migrated. 2 files need a decision first. One path could not be read."
        );
        assert_eq!(of("audit", vec![]), "No file was found.");
        assert_eq!(
            of("audit", vec![sample::current("a.h5")]),
            "Nothing has to be done for the one file."
        );
        assert_eq!(
            of("audit", vec![sample::legacy("a.h5")]),
            "The file can be migrated. No file needs a decision."
        );
        assert_eq!(
            of(
                "migrate",
                vec![sample::migrated("a.h5"), sample::migrated("b.h5")]
            ),
            "All 2 files were migrated, each verified in full; none was refused and none failed."
        );
        let mut skipped = sample::current("a.h5");
        skipped.outcome = Some(Outcome::Skipped);
        assert_eq!(
            of("migrate", vec![skipped, sample::legacy("b.h5")]),
            "Nothing was left to do for any of the 2 files. 1 file was not done."
        );
        assert_eq!(
            of("migrate", vec![sample::refused("a.h5")]),
            "Of 1 file, 1 was refused."
        );
    }
}
